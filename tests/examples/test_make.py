"""`make up` and its companions, on a checkout of their own."""

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
def make(tmp_path: Path, engine: Path) -> Callable[[str], str]:
    """Runs make in a copy of the checkout that has this virtual environment already."""
    for name in WHAT_IS_RUN:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, tmp_path / name)
    (tmp_path / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (tmp_path / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    (tmp_path / ".venv/.ready").touch()
    port = free_port()
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(engine), os.environ["PATH"]]),
        "PULUMI_POE_PORT": str(port),
        # A key of the user's shell must not matter.
        "POE_API_KEY": "of-the-shell",
    }

    def run(target: str) -> str:
        done = subprocess.run(["make", target], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, "the local Poe is still running"
        return done.stdout

    return run


@pytest.mark.long
def test_make_up_creates_the_quickstart_and_changes_nothing_the_second_time(make: Callable[[str], str]) -> None:
    first = make("up")
    second = make("up")

    assert "Bot Local-Quickstart" in first
    assert "https://poe.com/Local-Quickstart" in first
    assert "What to try next" in first
    assert "Nothing changed." in second
    assert "2 unchanged" in make("preview")
    assert "Nothing changed." in make("refresh")
    assert "are gone" in make("down")
    assert "nothing to take down" in make("down")
