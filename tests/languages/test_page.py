"""Every program of docs/languages.md makes its bot, with the package that the page's commands install."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest
from canaries import ENDPOINT_KEY, assert_no_key_was_seen
from languages import GO, LANGUAGES, PYTHON, TYPESCRIPT, Language, Prepared, Project
from native import ROOT

from pulumi_poe.emulator import Emulator

PAGE = (ROOT / "docs/languages.md").read_text()
SECTIONS = {heading.lower(): text for heading, text in re.findall(r"^## (\w+)\n(.*?)(?=^## )", PAGE, re.M | re.S)}


def fences(text: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES, ids=str)
def test_the_program_of_the_page_makes_its_bot(
    new_project: Callable[[Language], Project],
    prepared: Prepared,
    poe: Emulator,
    tmp_path: Path,
    language: Language,
) -> None:
    project = new_project(language)
    (program,) = fences(SECTIONS[language.name], language.name)
    project.write(program.replace("name: my-bots", "name: native-yaml"))  # whose stack there is
    as_before_the_commands(project, prepared, tmp_path)
    for block in fences(SECTIONS[language.name], "console"):
        for line in block.splitlines():
            command = line.removeprefix("$ ")
            done = subprocess.run(
                ["sh", "-c", command], cwd=project.folder, env=project.stack.environment, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    project.stack.preview("--diff").succeeded()
    project.stack.up().succeeded()
    (bot,) = poe.bots()
    assert bot["handle"] == "Acme-Reasoner"
    assert bot["api_bot_settings"]["api_key"] == ENDPOINT_KEY
    assert bot["api_bot_settings"]["pricing"]["completion"] == "0.0000016"
    project.stack.up("--expect-no-changes", "--skip-preview").succeeded()
    assert_no_key_was_seen(project.stack)


def as_before_the_commands(project: Project, prepared: Prepared, tmp_path: Path) -> None:
    """Leave in the project what a person's has who begins with the page: all but this package."""
    (project.folder.parent / "pulumi-poe").mkdir()
    (project.folder.parent / "pulumi-poe/sdk").symlink_to(prepared.sdk)
    if project.language is TYPESCRIPT:
        (project.folder / "node_modules").unlink()
        about = project.folder / "package.json"
        about.write_text(re.sub(r',\s+"pulumi-poe-native": "[^"]*"', "", about.read_text()))
    if project.language is GO:
        about = project.folder / "go.mod"
        about.write_text(re.sub(r"^.*pulumi-poe/sdk/go.*\n", "", about.read_text(), flags=re.MULTILINE))
        (project.folder / "go.sum").unlink()
    if project.language is PYTHON:
        venv = tmp_path / "venv"
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, timeout=300)
        # It has pulumi already, without a copy.
        (packages,) = venv.glob("lib/python*/site-packages")
        (packages / "of_the_tests.pth").write_text(sysconfig.get_path("purelib"))
        path = project.stack.environment["PATH"]
        project.stack.environment |= {"PATH": f"{venv / 'bin'}{os.pathsep}{path}", "VIRTUAL_ENV": str(venv)}
        del project.stack.environment["PYTHONPATH"]


def test_the_page_says_which_command_writes_the_packages_and_there_is_one() -> None:
    assert "`make sdks`" in PAGE
    (recipe,) = re.findall(r"^sdks: .*\n\t@(.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert recipe == "$(BIN)/python -m tools.sdks"


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
def test_the_readme_of_an_example_has_the_commands_of_the_quickstart(language: Language) -> None:
    (commands,) = fences((language.example / "README.md").read_text(), "sh")
    (of_the_quickstart,) = fences((ROOT / "examples/quickstart/README.md").read_text(), "sh")
    assert commands.endswith(of_the_quickstart)
