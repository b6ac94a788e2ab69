"""`pulumi-poe` itself."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from pulumi_poe.cli import COMMANDS
from pulumi_poe.emulator import Emulator

SLOW = {"starlette", "uvicorn", "pydantic", "pulumi", "httpx", "rich"}

Run = Callable[..., tuple[int, str, str]]


def test_help_names_the_commands(call: Run) -> None:
    code, output, _ = call("--help")
    assert code == 0
    assert [name for name in COMMANDS if f"  {name} " not in output] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_examples_and_exit_codes(call: Run, command: str) -> None:
    code, output, _ = call(command, "--help")
    assert code == 0
    assert "Examples:\n    pulumi-poe" in output
    assert "Exit codes:\n" in output
    assert f"usage: pulumi-poe {command}" in output.lower()


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_imports_nothing_slow(run: Run, command: str) -> None:
    program = (
        "import sys; from pulumi_poe.cli import main\n"
        f"try: main({[*command.split(), '--help']})\n"
        f"finally: print('imported:', {SLOW} & set(sys.modules))"
    )
    _, output, _ = run(program=[sys.executable, "-c", program])
    assert "imported: set()" in output


def test_help_is_quick(run: Run) -> None:
    def quickest(program: list[str]) -> float:
        def seconds() -> float:
            begun = time.perf_counter()
            run(program=program)
            return time.perf_counter() - begun

        return min(seconds() for _ in range(5))

    script = Path(sys.executable).with_name("pulumi-poe")
    assert quickest([str(script), "--help"]) - quickest([sys.executable, "-c", "pass"]) < 0.25


def test_version_is_that_of_the_package(call: Run) -> None:
    assert call("--version") == (0, f"pulumi-poe, version {version('pulumi-poe')}\n", "")


def test_an_unknown_command_is_wrong_usage(call: Run) -> None:
    code, _, errors = call("emulate")
    assert code == 2
    assert "No such command" in errors


def test_it_is_installed_as_pulumi_poe(run: Run) -> None:
    script = Path(sys.executable).with_name("pulumi-poe")
    assert run("--version", program=[str(script)])[0] == 0


def test_it_runs_as_a_module_and_says_so_in_its_usage(run: Run) -> None:
    module = [sys.executable, "-W", "error", "-m", "pulumi_poe"]
    assert run("--version", program=module) == (0, f"pulumi-poe, version {version('pulumi-poe')}\n", "")
    assert run("show", "--help", program=module)[1].startswith("Usage: python -m pulumi_poe show [OPTIONS] HANDLE\n")


# --- what can go wrong in all of them ---------------------------------------------------------------


@pytest.mark.parametrize(
    "command", [["bots"], ["show", "Acme"], ["doctor"], ["import", "--all", "--out", "nowhere"], ["bots", "--json"]]
)
@pytest.mark.usefixtures("poe")
def test_without_a_key_the_error_says_where_it_comes_from(
    call: Run, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.delenv("POE_API_KEY")

    code, output, errors = call(*command)

    assert (code, output) == (1, "")
    assert errors.startswith("Error: no Poe API key is set. Set POE_API_KEY in the environment")
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize("command", [["bots"], ["show", "Acme"], ["import", "--all", "--out", "nowhere"]])
@pytest.mark.usefixtures("poe")
def test_a_key_that_poe_refuses_is_one_line_and_not_shown(
    call: Run, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("POE_API_KEY", "wrong-canary")

    code, _, errors = call(*command)

    assert code == 1
    assert "Poe answered 401" in errors
    assert "wrong-canary" not in errors
    assert len(errors.splitlines()) == 1


def test_where_poe_can_not_be_reached_the_error_says_so(
    call: Run, poe: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    poe.stop()
    monkeypatch.setenv("POE_OPERATION_TIMEOUT", "0.5")

    code, _, errors = call("bots")

    assert code == 1
    assert errors.startswith("Error: list bots: ")
    assert "can't be reached" in errors
