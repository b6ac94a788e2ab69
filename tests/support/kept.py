"""What many tests begin with, made once by the real thing and kept on disk: so that a test pays for what it tests.

Kept is what pip lists, a new stack, how a setting is encrypted, and a stack whose program is up. Each is kept under a
digest of all that it depends on: the CLI and its language host, the installed packages, the sources of pulumi_poe, and
what the test says. If one of these changes, it is made anew, by the command that a person would run.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import os
import shlex
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PIP_LISTS = {"packages": "-m pip list --format json", "packages-and-places": "-m pip list -v --format json"}
"""What the language host asks Python in every command: today's, and that of the Go modules. The answer takes a third of
the time of an `up` that changes nothing."""

DAYS = 7
"""What was not used for so long is removed."""


class Kept:
    """A folder of results, each by a digest of what it depends on. Processes may share it.

    :param folder: where they are kept.
    :param engine: the folder of the CLI.
    :param commands: a folder for the front of PATH, with a Python that answers the host's question for packages.
    """

    def __init__(self, folder: Path, engine: Path, commands: Path) -> None:
        self.commands = commands
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.engine = _digest(*_files(engine, "pulumi", "pulumi-language-python*", "pulumi-resource-pulumi-python"))
        self.packages = _digest(sys.executable, *_files(Path(sysconfig.get_path("purelib")), "*.dist-info"))
        texts = [*_texts(ROOT / "pulumi_poe", "**/*.py"), *_texts(ROOT / "pulumi_poe", "**/*.json")]
        self.sources = _digest(*texts, *_texts(Path(__file__).parent, "*.py"))
        for file in folder.iterdir():
            if time.time() - file.stat().st_mtime > DAYS * 24 * 3600:
                file.unlink(missing_ok=True)
        self._write_commands()

    def get(self, name: str, *depends_on: str, make: Callable[[], Any]) -> Any:
        """Return what ``make`` returned when it was last called for the same, in JSON. Only one process makes it."""
        file = self._folder / f"{name}-{_digest(*depends_on)}.json"
        if not file.exists():
            with _locked(file.with_suffix(".lock")):
                if not file.exists():
                    unfinished = file.with_suffix(".unfinished")
                    unfinished.write_text(json.dumps(make()))
                    unfinished.replace(file)
        os.utime(file)
        return json.loads(file.read_text())

    def _write_commands(self) -> None:
        """Everything but that question goes to the real Python, under its real name."""

        def listed(question: str) -> str:
            command = [sys.executable, *question.split()]
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout

        answers = ""
        for name, question in PIP_LISTS.items():
            answer = self.commands / f"{name}.json"
            answer.write_text(self.get(name, self.packages, question, make=functools.partial(listed, question)))
            answers += f'if [ "$*" = "{question}" ]; then exec cat {shlex.quote(str(answer))}; fi\n'
        for name in ("python", "python3"):
            command = self.commands / name
            command.write_text(f'#!/bin/sh\n{answers}exec {shlex.quote(sys.executable)} "$@"\n')
            command.chmod(0o755)


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _files(folder: Path, *patterns: str) -> Iterator[str]:
    """Files and folders, each with what changes when it is written."""
    for file in sorted(file for pattern in patterns for file in folder.glob(pattern)):
        state = file.stat()
        yield f"{file} {state.st_size} {state.st_mtime_ns}"


def _texts(folder: Path, pattern: str) -> Iterator[str]:
    for file in sorted(folder.glob(pattern)):
        yield str(file)
        yield file.read_text()


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
