"""Projects in every language that has a package of the native plugin, made of the examples."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from native import ROOT, TYPE
from stacks import Run, Stack

from tools import sdks
from tools.engine import install

PARVER = "parver==1.0.1.post0"
"""What the generated Python package needs beside `pulumi`."""

TRIMMED = "-trimpath -modcacherw"
"""Without folders, what Go compiled for one project is good for the next; and a cache of ours can be removed."""

DESCRIPTION = "Thinks before it answers."
"""Of the bot of the examples."""


@dataclass(frozen=True)
class Language:
    """A language of programs.

    :param program: the file with the program.
    """

    name: str
    program: str

    @property
    def example(self) -> Path:
        """The complete project in this language."""
        return ROOT / f"examples/native-{self.name}"

    def __str__(self) -> str:
        return self.name


YAML = Language("yaml", "Pulumi.yaml")
TYPESCRIPT = Language("typescript", "index.ts")
GO = Language("go", "main.go")
PYTHON = Language("python", "__main__.py")
LANGUAGES = (YAML, TYPESCRIPT, GO, PYTHON)


@dataclass(frozen=True)
class Prepared:
    """What projects need: the generated packages, and those of others.

    :param root: has `sdk`, as a checkout has it after `make sdks`, and `examples` with what they depend on.
    """

    root: Path

    @property
    def sdk(self) -> Path:
        return self.root / "sdk"

    def example(self, language: Language) -> Path:
        return self.root / "examples" / language.example.name


def prepare(root: Path, go: install.Go) -> None:
    """Generate the packages, and install what the examples depend on, as their READMEs say."""
    sdks.write(root / "sdk")
    for language in LANGUAGES:
        copied(language.example, root / "examples" / language.example.name)
    sdks.npm(root / "examples" / TYPESCRIPT.example.name, "install")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    pip += ["--target", str(root / "python")]
    for what in ([PARVER], ["--no-deps", str(root / "sdk/python")]):  # pulumi is here already
        install.run([*pip, *what], f"installing {what[-1]}", seconds=install.PIP_SECONDS)
    # This writes go.sum, so not read-only; and it compiles the SDK, which takes a minute where it was not done before.
    changing = install.Go(go.command, {**go.env, "GOFLAGS": f"-mod=mod {TRIMMED}"})
    changing.output(root / "examples" / GO.example.name, "mod", "tidy")
    changing.output(root / "examples" / GO.example.name, "build", "-o", os.devnull, ".")


def copied(folder: Path, to: Path) -> Path:
    """Copy a project without what its tools left in it."""
    leave = shutil.ignore_patterns("node_modules", "package-lock.json", "__pycache__", "Pulumi.*.yaml")
    return Path(shutil.copytree(folder, to, ignore=leave))


class Project:
    """A project in one language, with the program of its example until another one is written."""

    def __init__(self, language: Language, prepared: Prepared, folder: Path, make: Callable[[Path], Stack]) -> None:
        self.language = language
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "sdk").symlink_to(prepared.sdk)  # where the example looks for it
        example = prepared.example(language)
        self.folder = copied(example, folder / "examples" / example.name)
        if (example / "node_modules").exists():
            (self.folder / "node_modules").symlink_to(example / "node_modules")
        self.stack = make(self.folder)
        self.stack.pulumi("stack", "init", "dev", check=True)

    @property
    def text(self) -> str:
        return (self.folder / self.language.program).read_text()

    def write(self, text: str) -> Project:
        """Write the program."""
        (self.folder / self.language.program).write_text(text)
        return self

    def replace(self, old: str, new: str) -> Project:
        """Change the program in one place."""
        assert self.text.count(old) == 1, old
        return self.write(self.text.replace(old, new))

    def bot(self) -> dict[str, Any]:
        """The state of the only bot."""
        (found,) = self.resources(TYPE)
        return found

    def resources(self, kind: str) -> list[dict[str, Any]]:
        """The state of all resources of one type."""
        resources = self.stack.export()["deployment"].get("resources", [])
        return [one for one in resources if one["type"] == kind]


def environment(prepared: Prepared, go: install.Go) -> Mapping[str, str]:
    """What the hosts need in each command."""
    names = ("GOPATH", "GOCACHE", "GOTOOLCHAIN", "GOROOT", "GOMODCACHE", "CGO_ENABLED", "GOWORK")
    of_go = {name: go.env[name] for name in names if name in go.env}
    return {**of_go, "GOFLAGS": TRIMMED, "PYTHONPATH": str(prepared.root / "python")}


def steps(run: Run) -> str:
    """What the engine says that it did."""
    return " ".join(re.findall(r"^ +([-+~=]*\s?\d+ .*)$", run.output.partition("Resources:")[2], flags=re.MULTILINE))
