"""The core's own pages say what is so: which module decides what, and what its examples give. No rule is off unsaid."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
from pathlib import Path

import pytest

import pulumi_poe
from pulumi_poe.core.poe import settings

PACKAGE = Path(pulumi_poe.__file__).parent
SOURCES = [
    file
    for folder in ("pulumi_poe", "tests", "benchmarks", "tools", "examples")
    for file in sorted((PACKAGE.parent / folder).glob("**/*.py"))
]
ROOMS = [
    "core.values",
    "core.bot",
    "core.bot.rules",
    "core.endpoint",
    "core.poe",
    "core.lifecycle",
    "program",
    "dynamic",
    "native",
    "chat",
    "emulator.chat",
    "emulator.chat.page",
]
MODULES = sorted(
    ".".join(file.relative_to(PACKAGE).with_suffix("").parts)
    for file in PACKAGE.glob("core/**/*.py")
    if file.stem != "__init__"
)
WITH_EXAMPLES = [*MODULES, *(f"chat.{file.stem}" for file in sorted(PACKAGE.glob("chat/[a-z]*.py")))]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_each_of_its_modules_decides(room: str) -> None:
    package = importlib.import_module(f"pulumi_poe.{room}")
    listed = re.findall(r"^``(\w+)/?``", package.__doc__ or "", flags=re.MULTILINE)
    assert sorted(listed) == sorted(file.stem for file in Path(package.__path__[0]).glob("[a-z]*"))


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_in_a_modules_docstrings_give_what_they_say(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"pulumi_poe.{name}")).failed == 0


@pytest.mark.parametrize("file", sorted(PACKAGE.glob("core/lifecycle/*.py")), ids=lambda file: file.stem)
def test_no_module_of_the_lifecycle_is_longer_than_can_be_read_at_once(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= 250


@pytest.mark.parametrize("file", sorted(PACKAGE.glob("core/lifecycle/[a-z]*.py")), ids=lambda file: file.stem)
def test_a_module_of_the_lifecycle_begins_with_the_question_that_it_answers(file: Path) -> None:
    assert "?" in file.read_text().splitlines()[0]


def test_every_module_of_the_core_has_a_test_file() -> None:
    tests = {
        path.relative_to(PACKAGE.parent / "tests").as_posix() for path in PACKAGE.parent.glob("tests/core/**/*.py")
    }
    # The rules have one table for all of them.
    names = {"core.bot.rules" if name.startswith("core.bot.rules.") else name for name in MODULES}
    expected = {"/".join((*name.split(".")[:-1], f"test_{name.split('.')[-1]}.py")) for name in names}
    assert sorted(expected - tests) == []


def test_the_page_on_configuration_lists_every_setting() -> None:
    listed = re.findall(r"``(POE_\w+)``", settings.__doc__ or "")
    page = (PACKAGE.parent / "docs/installation-configuration.md").read_text()
    assert re.findall(r"^\| (?:`.*` )?\| `(POE_\w+)` \|", page, flags=re.MULTILINE) == listed


def test_every_promise_on_reliability_names_a_test_that_there_is() -> None:
    page = (PACKAGE.parent / "docs/reliability.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| promise", "| ---"))]
    for row in rows:
        (file, test) = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)` \|$", row)[0]
        assert f"def {test}(" in (PACKAGE.parent / file).read_text(), row


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_a_module_speaks_the_dialect_of_all(file: Path) -> None:
    """Within the package imports are relative; arguments are described by ``:param``, in every docstring."""
    source = file.read_text()
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) and not node.level]
    assert [node.module for node in imports if (node.module or "").partition(".")[0] == "pulumi_poe"] == []
    assert re.findall(r"^\s*(?:Args|Returns|Raises|Example):$", source, flags=re.MULTILINE) == []


def test_whatever_turns_a_lint_rule_off_says_why_beside_it() -> None:
    off = re.compile(r"# (?:noqa\b(?!: [A-Z0-9, ]+ -- \S)|type: ignore\b(?!\[[a-z, -]+\]  # \S))")
    unsaid = [
        f"{file.relative_to(PACKAGE.parent)}:{number}"
        for file in SOURCES
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if off.search(line)
    ]
    assert unsaid == []


def test_whatever_turns_a_lint_rule_off_for_files_says_why_beside_it() -> None:
    settings_of_ruff = (PACKAGE.parent / "pyproject.toml").read_text().partition("[tool.ruff.lint]")[2]
    ignoring = re.sub(r"^select = .*$", "", settings_of_ruff.partition("[tool.mypy]")[0], flags=re.MULTILINE)
    rules = [line for line in ignoring.splitlines() if re.search(r'"[A-Z]+\d+"', line)]
    assert len(rules) > 10
    assert [line for line in rules if not re.search(r"# \S", line)] == []
