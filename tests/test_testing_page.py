"""The page "Testing your program" is a project whose tests pass as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "docs/testing.md").read_text()
FILES = dict(re.findall(r"^`(\w+\.py)`:\n\n```python\n(.*?)```", PAGE, flags=re.DOTALL | re.MULTILINE))


def test_every_snippet_of_the_page_is_a_file_of_the_project() -> None:
    assert len(FILES) == PAGE.count("```python")


def test_the_tests_of_the_page_pass_without_a_key_and_a_network(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\n\ndef refuse(*_): raise AssertionError('network')\n\nsocket.socket.connect = refuse\n"
    )
    (command,) = re.findall(r"```console\n\$ python (.*?)\n```", PAGE)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("POE_", "PULUMI_"))}

    done = subprocess.run(
        [sys.executable, *command.split(), "-q", "-W", "error"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(re.findall(r'^def test_', PAGE, flags=re.MULTILINE)) + 1} passed" in done.stdout
    assert done.stderr == ""
