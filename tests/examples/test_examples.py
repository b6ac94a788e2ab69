"""Every example is run as its README says, and its preview is clean without a key."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pulumi
import pytest
from ports import free_port
from pydantic import BaseModel
from stacks import POE_KEY, StackFactory

from pulumi_poe import testing
from pulumi_poe.core.bot import model
from pulumi_poe.emulator import Emulator

ROOT = Path(__file__).parents[2]
# Those of the native plugin are run by tests/languages.
EXAMPLES = sorted(
    folder
    for folder in (ROOT / "examples").iterdir()
    if folder.is_dir() and folder.name[0].isalpha() and not folder.name.startswith("native-")
)

BASE_URL = {"self-hosted": "http://127.0.0.1:"}
"""What those begin with that are not at a public address."""


def copied(example: Path, tmp_path: Path) -> Path:
    return shutil.copytree(example, tmp_path / example.name, ignore=shutil.ignore_patterns("__pycache__"))


def handle_of(example: Path) -> str:
    """What a user of the example would choose: short enough for a stack's name, and a bot's of a family, behind it."""
    return f"T-{example.name}"[:10]


def commands_of(page: Path) -> list[list[str]]:
    """The commands of a page's shell blocks, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(), flags=re.DOTALL)
    lines = [line.split("#")[0].split() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_a_whole_project(example: Path) -> None:
    assert {"Pulumi.yaml", "README.md", "__main__.py"} <= {file.name for file in example.iterdir()}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_previews_cleanly_without_a_key(example: Path, tmp_path: Path, new_stack: StackFactory) -> None:
    stack = new_stack(folder=copied(example, tmp_path)).init().config("handle", handle_of(example))
    if example.name in BASE_URL:  # Poe itself can't reach it, and the preview says so
        stack.environment["POE_API_URL"] = "http://127.0.0.1:1"

    run = stack.preview("--diff").succeeded()

    assert "to create" in run.output
    assert not re.search("warning|error|Traceback", run.output, flags=re.IGNORECASE)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_has_no_handle_of_its_own_for_all_its_users_to_collide_on(
    example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(example))
    config = {"baseUrl": "https://llm.example.com/v1", "inputPrice": "1", "outputPrice": "1"}

    with pytest.raises(pulumi.ConfigMissingError, match="project:handle"):
        testing.run(lambda: runpy.run_path(str(example / "__main__.py")), config=config)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_commands_of_an_examples_readme_work(
    example: Path, tmp_path: Path, new_stack: StackFactory, poe: Emulator
) -> None:
    stack = new_stack(folder=copied(example, tmp_path))
    commands = commands_of(example / "README.md")
    # Most READMEs have a key for Poe itself; here it goes to the local Poe by way of the stack's config.
    has_key = any(command[-1] == "poe:apiKey" for command in commands)
    stack.environment["POE_API_KEY"] = "not-used" if has_key else POE_KEY
    for _, *command in commands:
        if command == ["up"]:
            stack.config("poe:apiUrl", poe.url)
            if example.name == "self-hosted":
                stack.config("port", str(free_port()))  # another test may have the usual one
            command += ["--yes"]
        answers = {"handle": handle_of(example), "poe:apiKey": POE_KEY, "endpointKey": "sk-endpoint"}
        typed = answers.get(command[-1])
        stack.pulumi(*command, typed=typed, check=True)

    bots = poe.bots()
    assert bots
    for bot in bots:
        assert bot["handle"].startswith(handle_of(example))
        assert bot["api_bot_settings"]["base_url"].startswith(BASE_URL.get(example.name, "https://"))
    stack.preview("--refresh", "--expect-no-changes").succeeded()
    stack.destroy().succeeded()
    assert poe.bots() == []


def test_the_readmes_program_is_the_quickstart() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)

    assert program == (ROOT / "examples/quickstart/__main__.py").read_text()


def test_the_shell_commands_of_readme_and_docs_are_those_that_tests_run() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    run_by_tests = {
        "make up": "test_make.py",
        "make desk": "test_desk.py",
        "make test": "CI",
        "pulumi config set handle": "here",
        "pulumi config set --secret poe:apiKey": "here",
        "pulumi up": "here",
    }

    commands = {" ".join(command) for page in pages for command in commands_of(page)}

    assert commands == set(run_by_tests)


def test_the_local_poe_serves_a_stack_for_the_length_of_a_command(new_stack: StackFactory, tmp_path: Path) -> None:
    stack = new_stack(folder=copied(ROOT / "examples/quickstart", tmp_path)).init().config("handle", "T-quickstart")
    command = ["pulumi-poe", "emulator", "--", "pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]

    done = subprocess.run(command, cwd=stack.folder, env=stack.environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 created" in done.stdout


def test_the_program_of_the_page_on_bots_previews_cleanly(new_stack: StackFactory) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/bot.md").read_text(), flags=re.DOTALL)

    run = new_stack().program(program).init().preview("--diff").succeeded()

    assert not re.search("warning|error|Traceback", run.output, flags=re.IGNORECASE)


def test_the_programs_of_the_page_on_families_preview_cleanly(new_stack: StackFactory) -> None:
    programs = re.findall(r"```python\n(.*?)```", (ROOT / "docs/families.md").read_text(), flags=re.DOTALL)
    stack = new_stack().init()

    for program in programs:
        run = stack.program(program).preview("--diff").succeeded()
        assert not re.search("warning|error|Traceback", run.output, flags=re.IGNORECASE)


def test_the_page_on_bots_names_every_property_and_every_kind_of_control() -> None:
    page = (ROOT / "docs/bot.md").read_text()
    kinds = [kind for kind in vars(model).values() if isinstance(kind, type) and issubclass(kind, BaseModel)]
    names = {name for kind in kinds for name in kind.model_fields} | set(model.KINDS)

    assert [name for name in sorted(names) if not re.search(rf"`[a-z_\[\].]*\b{name}`|`\.{name}`", page)] == []
