"""What the tests keep, so that they need not make it each time, is what the commands would make."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kept import PIP_LISTS, Kept
from programs import ONE_BOT
from stacks import POE_KEY, Stack, StackFactory

from pulumi_poe.core.poe import fingerprint
from pulumi_poe.emulator import Emulator


def as_is(resource: dict[str, Any]) -> dict[str, Any]:
    """Without what is another each time: when it was made, and what is encrypted or salted."""
    another_each_time = ("created", "modified", "provider", "sourcePosition", "stackTrace")
    text = json.dumps({name: value for name, value in resource.items() if name not in another_each_time})
    stripped: dict[str, Any] = json.loads(
        text, object_hook=lambda found: {k: v for k, v in found.items() if k not in ("ciphertext", "__fingerprint")}
    )
    return stripped


@pytest.mark.parametrize("question", PIP_LISTS.values())
def test_the_packages_that_the_host_is_told_are_those_that_pip_lists(what_is_kept: Kept, question: str) -> None:
    told, listed = (
        json.loads(subprocess.run([python, *question.split()], check=True, capture_output=True, text=True).stdout)
        for python in (what_is_kept.commands / "python3", sys.executable)
    )

    assert told == listed


def test_another_question_is_answered_by_the_real_python(what_is_kept: Kept) -> None:
    command = [
        str(what_is_kept.commands / "python"),
        "-c",
        "import sys; print(sys.executable, sys.argv[1:])",
        "a b",
        "$c",
    ]

    done = subprocess.run(command, check=True, capture_output=True, text=True)

    assert done.stdout == f"{sys.executable} {['a b', '$c']}\n"


def test_a_result_is_made_anew_when_what_it_depends_on_changes(tmp_path: Path, engine: Path) -> None:
    (tmp_path / "commands").mkdir()
    kept = Kept(tmp_path / "kept", engine, commands=tmp_path / "commands")
    made: list[str] = []

    def make(by: str) -> str:
        made.append(by)
        return by

    for by in ("a", "a", "b", "a"):
        assert kept.get("thing", by, make=partial(make, by)) == by

    assert made == ["a", "b"]


def test_a_stack_and_its_settings_are_as_the_cli_makes_them(new_stack: StackFactory) -> None:
    stack = new_stack().program("").init()
    stack.config("plain", "1_000").config("poe:apiUrl", "https://a.example").config("poe:apiKey", "é 'k\"", secret=True)

    settings = json.loads(stack.pulumi("config", "--show-secrets", "--json", check=True).stdout)

    assert {name: (one["value"], one["secret"]) for name, one in settings.items()} == {
        "tested:plain": ("1_000", False),
        "poe:apiUrl": ("https://a.example", False),
        "poe:apiKey": ("é 'k\"", True),
    }
    assert "dev*" in stack.pulumi("stack", "ls", check=True).output
    exported = json.loads(stack.pulumi("stack", "export", check=True).stdout)
    assert exported["deployment"] == stack.export()["deployment"]


def test_a_stack_that_holds_a_program_is_as_after_an_up(
    stack: Stack, new_stack: StackFactory, poe: Emulator, tmp_path: Path
) -> None:
    stack.program(ONE_BOT).up().succeeded()
    bots, state = poe.bots(), stack.bots()
    stack.destroy().succeeded()
    copied = new_stack(folder=tmp_path / "copied", poe=poe, POE_API_URL=poe.url, POE_API_KEY=POE_KEY).init()

    copied.holding(ONE_BOT)

    assert poe.bots() == bots
    assert {name: as_is(one) for name, one in copied.bots().items()} == {
        name: as_is(one) for name, one in state.items()
    }
    assert fingerprint.matches(copied.bots()["live"]["outputs"]["__fingerprint"], poe.url, POE_KEY)
    exported = json.loads(copied.pulumi("stack", "export", check=True).stdout)
    assert exported["deployment"]["resources"] == copied.export()["deployment"]["resources"]
    copied.preview("--refresh", "--expect-no-changes").succeeded()
