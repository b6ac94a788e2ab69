"""A checkout of one's own, and make in it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ports import free_port

ROOT = Path(__file__).parents[2]
WHAT_IS_RUN = ["Makefile", "Pulumi.yaml", "pyproject.toml", "examples", "tools"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout that has this virtual environment already."""
    for name in WHAT_IS_RUN:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, tmp_path / name)
    (tmp_path / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (tmp_path / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    (tmp_path / ".venv/.ready").touch()
    return tmp_path


@pytest.fixture
def make_environment(engine: Path) -> dict[str, str]:
    """What make is told there."""
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(engine), os.environ["PATH"]]),
        "PULUMI_POE_PORT": str(free_port()),
        # A key of the user's shell must not matter.
        "POE_API_KEY": "of-the-shell",
    }


@pytest.fixture
def make(checkout: Path, make_environment: dict[str, str]) -> Callable[[str], str]:
    """Runs make there, which leaves no local Poe behind."""

    def run(target: str) -> str:
        done = subprocess.run(["make", target], cwd=checkout, env=make_environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        with socket.socket() as probe:
            port = int(make_environment["PULUMI_POE_PORT"])
            assert probe.connect_ex(("127.0.0.1", port)) != 0, "the local Poe is still running"
        return done.stdout

    return run
