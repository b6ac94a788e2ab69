"""What the tests of the tools share: fake commands that are real processes, on a PATH that holds nothing else."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

Fake = Callable[..., Path]


@pytest.fixture
def fake() -> Fake:
    """Return a function that writes a command whose body is Python, and which notes down that it was started."""

    def write(folder: Path, name: str, body: str = "") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        source = folder / f"{name}.py"
        noted = f"""\
            import json, os, sys, time
            from pathlib import Path
            with open({str(folder / name)!r} + ".started", "a") as file:
                file.write(json.dumps(sys.argv[1:]) + "\\n")
        """
        source.write_text(textwrap.dedent(noted) + textwrap.dedent(body))
        command = folder / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "{source}" "$@"\n')
        command.chmod(0o755)
        return command

    return write


def started(command: Path) -> list[str]:
    """Return the arguments of every start of a fake command, one JSON list each."""
    log = command.with_name(f"{command.name}.started")
    return log.read_text().splitlines() if log.exists() else []
