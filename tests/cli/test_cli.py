"""`pulumi-poe` itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

Run = Callable[..., tuple[int, str, str]]


def test_help_names_the_commands(call: Run) -> None:
    code, output, _ = call("--help")
    assert code == 0
    assert "emulator" in output


def test_help_imports_nothing_slow(run: Run) -> None:
    program = (
        "import sys; from pulumi_poe.cli import main\n"
        "try: main(['emulator', '--help'])\n"
        "finally: print('imported:', {'starlette', 'uvicorn', 'pydantic'} & set(sys.modules))"
    )
    _, output, _ = run(program=[sys.executable, "-c", program])
    assert "imported: set()" in output


def test_version_is_that_of_the_package(call: Run) -> None:
    assert call("--version") == (0, f"pulumi-poe, version {version('pulumi-poe')}\n", "")


def test_an_unknown_command_is_wrong_usage(call: Run) -> None:
    code, _, errors = call("emulate")
    assert code == 2
    assert "No such command" in errors


def test_it_is_installed_as_pulumi_poe(run: Run) -> None:
    script = Path(sys.executable).with_name("pulumi-poe")
    assert run("--version", program=[str(script)])[0] == 0
