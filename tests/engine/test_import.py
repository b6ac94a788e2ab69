"""Existing bots under Pulumi, without touching them."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import by_hand
import pytest
from command import COMMAND
from full_example import FULL_EXAMPLE
from hand_made import hand_made, not_api_bots, refused, unknown
from stacks import POE_KEY, Stack

from pulumi_poe.core.bot import comparing
from pulumi_poe.core.bot.fields import API_KEY
from pulumi_poe.core.values.trees import Path as Path_
from pulumi_poe.core.values.trees import overlay, without
from pulumi_poe.emulator import Emulator

IMPORT = ["import", "--yes", "--generate-code=false", "--protect=false", "--file"]


EDITS: dict[Path_, Any] = {
    ("description",): "edited",
    ("is_private",): True,
    ("api_bot_settings", "model_name"): "another/model",
    ("api_bot_settings", "base_url"): "https://elsewhere.example.com/v1",
    ("api_bot_settings", "context_size"): 300_000,
    ("api_bot_settings", "max_input_tokens"): None,
    ("api_bot_settings", "input_modalities"): ["text"],
    ("api_bot_settings", "pricing", "prompt"): "0.0000005",
    ("api_bot_settings", "pricing", "context_pricing", "tiers"): [{"min_tokens": 1, "prompt": "0.000001"}],
    ("parameter_controls", "sections"): [{"controls": [{"control": "divider"}]}],
}
"""What somebody may do to a bot on poe.com: a place, and its new value, or None for none."""


def at_path(path: Path_, value: Any) -> Any:
    return {path[0]: at_path(path[1:], value)} if path else value


def pulumi_poe_import(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in the project's folder."""
    return subprocess.run(
        [*COMMAND, "import", *arguments], cwd=stack.folder, env=stack.environment, capture_output=True, text=True
    )


def imported(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Do all that the command says, and then what it writes it says."""
    done = pulumi_poe_import(stack, *arguments, "--out", ".")
    assert done.returncode == 0, done.stderr
    for command in re.findall(r"^  pulumi (import .*)$", done.stdout, flags=re.MULTILINE):
        stack.pulumi(*command.split(), check=True)
    stack.program("import bots")
    return done


def writes(poe: Emulator) -> list[str]:
    return [f"{request.method} {request.path}" for request in poe.requests if request.method != "GET"]


@pytest.fixture
def full(poe: Emulator) -> dict[str, Any]:
    poe.seed(poe.api_key, FULL_EXAMPLE)
    return FULL_EXAMPLE


def test_one_bot_is_imported_into_an_empty_stack_and_previews_unchanged(
    stack: Stack, poe: Emulator, full: dict[str, Any]
) -> None:
    imported(stack, "acme.reasoner")

    assert list(stack.bots()) == ["acme-reasoner"]
    stack.preview("--expect-no-changes").succeeded()
    stack.preview("--refresh", "--expect-no-changes").succeeded()
    stack.up().succeeded()
    assert writes(poe) == []
    assert poe.bots() == [full]


@pytest.mark.long
def test_a_hundred_bots_of_all_kinds_are_imported_preview_unchanged_and_are_repaired_after_ten_edits_by_hand(
    stack: Stack, poe: Emulator
) -> None:
    to_edit = [{**FULL_EXAMPLE, "handle": f"Edited-{number}"} for number in range(len(EDITS))]
    for bot in [*to_edit, *hand_made(100 - len(to_edit)), *not_api_bots()]:
        poe.seed(poe.api_key, bot)
    before = poe.bots()

    done = imported(stack, "--all")

    assert len(stack.bots()) == 100
    assert "Left out, because --all takes API bots only: 'Prompt-0', 'Prompt-1'" in done.stdout
    stack.preview("--expect-no-changes").succeeded()
    stack.preview("--refresh", "--expect-no-changes").succeeded()
    assert writes(poe) == []
    assert poe.bots() == before
    for name in ("bots.py", "import.json"):
        text = (stack.folder / name).read_text()
        assert POE_KEY not in text
        assert "canary" not in text

    for bot, (path, value) in zip(to_edit, EDITS.items(), strict=True):
        edited = overlay(at_path(path, value), bot) if value is not None else without(bot, [path])
        poe.seed(poe.api_key, edited)
    assert stack.preview("--refresh", "--expect-no-changes").exit_code == 7
    run = stack.up("--refresh", "--skip-preview").succeeded()

    assert f"{len(EDITS)} updated" in run.output
    assert [comparing.differing(bot, wanted) for bot, wanted in zip(poe.bots(), before, strict=True)] == [[]] * len(
        before
    )
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_an_edit_after_an_import_changes_that_and_nothing_else(stack: Stack, poe: Emulator) -> None:
    # Of what this package refuses, that which Poe takes: a PATCH sends it again as it is.
    taken_by_poe = ("Refused-Url", "Refused-Tokens", "Large-Number", "New-Field", "New-Setting", "New-Key")
    for bot in [*refused(), *unknown()]:
        if bot["handle"] in taken_by_poe:
            poe.seed(poe.api_key, {"description": "before", **bot})
    imported(stack, "--all")
    program = stack.folder / "bots.py"
    before = {bot["handle"]: bot for bot in poe.bots()}

    program.write_text(re.sub(r'description="[^"]*"', 'description="after"', program.read_text()))
    stack.up().succeeded()

    for bot in poe.bots():
        assert comparing.differing(bot, before[bot["handle"]]) == [("description",)]
        assert bot["description"] == "after"
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_the_key_is_the_only_change_once_it_is_set(stack: Stack, poe: Emulator, full: dict[str, Any]) -> None:
    done = imported(stack, "--all")
    (key,) = re.findall(r"^  pulumi config set --secret (\S+)", done.stdout, flags=re.MULTILINE)

    run = stack.config(key, "sk-new", secret=True).preview("--diff").succeeded()

    changed = re.findall(r"^\s*[~+-] +(\w+): (.*)$", run.output, flags=re.MULTILINE)
    assert [name for name, _ in changed if name not in ("api_bot_settings",)] == ["api_key"]
    assert "1 to update" in run.output
    stack.up().succeeded()
    (bot,) = poe.bots()
    assert comparing.differing(bot, full) == [API_KEY]
    assert bot["api_bot_settings"]["api_key"] == "sk-new"
    assert "sk-new" not in json.dumps(stack.export())


def test_a_bot_that_is_deleted_by_hand_after_an_import_is_proven_gone(
    stack: Stack, poe: Emulator, full: dict[str, Any]
) -> None:
    imported(stack, full["handle"])
    by_hand.delete(poe, full["handle"])

    stack.refresh().succeeded()
    assert stack.bots() == {}


def test_a_named_bot_that_is_no_api_bot_is_protected_by_the_state_and_by_the_program(
    stack: Stack, poe: Emulator, full: dict[str, Any]
) -> None:
    poe.seed(poe.api_key, not_api_bots()[0])

    imported(stack, "prompt-0", full["handle"])

    assert {name: bot.get("protect", False) for name, bot in stack.bots().items()} == {
        "prompt-0": True,
        "acme-reasoner": False,
    }
    stack.preview("--expect-no-changes").succeeded()
    run = stack.destroy().failed()
    assert "protected" in run.output
    assert "Prompt-0" in [bot["handle"] for bot in poe.bots()]


def test_a_second_import_leaves_out_what_the_stack_has(stack: Stack, poe: Emulator) -> None:
    poe.seed(poe.api_key, FULL_EXAMPLE)
    imported(stack, "--all")
    poe.seed(poe.api_key, {"handle": "Acme.Reasoner2", "api_bot_settings": {"model_name": "m"}})

    done = pulumi_poe_import(stack, "--all", "--out", "more", "--stack", "dev")

    assert done.returncode == 0, done.stderr
    assert "Left out, because already in the stack: 'Acme-Reasoner'." in done.stdout
    assert "Wrote 1 bot to more." in done.stdout
    assert "--protect=false --stack dev" in done.stdout
    (stack.folder / "more/bots.py").rename(stack.folder / "more_bots.py")
    stack.pulumi(
        "import", "--file", "more/import.json", "--yes", "--generate-code=false", "--protect=false", check=True
    )
    stack.program("import bots, more_bots").preview("--expect-no-changes").succeeded()
    assert len(stack.bots()) == 2


def test_the_same_file_is_not_imported_twice(stack: Stack, full: dict[str, Any]) -> None:
    imported(stack, full["handle"])
    before = stack.bots()

    stack.pulumi(*IMPORT, "import.json")

    assert list(stack.bots()) == list(before)
    stack.preview("--expect-no-changes").succeeded()


def test_nothing_is_left_to_import_where_the_stack_has_all(stack: Stack, full: dict[str, Any]) -> None:
    imported(stack, full["handle"])

    done = pulumi_poe_import(stack, "--all", "--out", "more", "--stack", "dev")

    assert done.returncode == 0
    assert "There is nothing to import; no file was written." in done.stdout
    assert not (stack.folder / "more").exists()


def test_a_stack_that_is_not_there_is_one_line(stack: Stack, full: dict[str, Any]) -> None:
    done = pulumi_poe_import(stack, full["handle"], "--out", "more", "--stack", "nowhere")

    assert done.returncode == 1
    assert "no stack named 'nowhere' found" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_program_is_as_ruff_leaves_it(stack: Stack, poe: Emulator, tmp_path: Path) -> None:
    for bot in hand_made(120):
        poe.seed(poe.api_key, bot)
    assert pulumi_poe_import(stack, "--all", "--out", "out").returncode == 0

    program = tmp_path / "project/out/bots.py"

    for check in (["check", "--select", "E4,E7,E9,F,I,UP,B"], ["format", "--check", "--diff"]):
        done = subprocess.run(
            ["ruff", *check, "--isolated", str(program)],
            cwd=tmp_path,
            env=stack.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout
    tree = ast.parse(program.read_text())
    targets = [ast.unparse(node.targets[0]) for node in tree.body if isinstance(node, ast.Assign)]
    assert len(targets) == len(set(targets))


def test_a_type_checker_accepts_the_program(stack: Stack, poe: Emulator, tmp_path: Path) -> None:
    for bot in hand_made(60):
        poe.seed(poe.api_key, bot)
    assert pulumi_poe_import(stack, "--all", "--out", "out").returncode == 0

    command = [sys.executable, "-m", "mypy", "--strict", "bots.py"]
    done = subprocess.run(command, cwd=tmp_path / "project/out", capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
