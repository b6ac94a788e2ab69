"""`pulumi-poe` itself."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from pulumi_poe.cli import COMMANDS
from pulumi_poe.cli.common import telling
from pulumi_poe.emulator import Emulator, Fault

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


# The flags of `emulator` are made from the options of the local Poe, which it loads anyway.
@pytest.mark.parametrize("command", ["", *(command for command in COMMANDS if command != "emulator")])
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


# --- text of others ---------------------------------------------------------------------------------

EVIL = "\x1b[2J\x9b1m\u202e\r\nEVIL\u2028EVIL\x7f"
EVIL_BOT = {
    "handle": f"Evil{EVIL}",
    "description": EVIL,
    EVIL: EVIL,
    "api_bot_settings": {"model_name": EVIL, "base_url": f"https://x\u202e.example.com/{EVIL}", EVIL: [EVIL]},
    "parameter_controls": {"api_version": "2", "sections": [{"name": EVIL, "controls": [{"control": EVIL}]}]},
}


def lines_that_can_not_be_shown(*outputs: str) -> list[str]:
    """Those with what moves the cursor, and those that somebody else began."""
    lines = [line for output in outputs for line in output.split("\n")]
    return [line for line in lines if not line.isprintable() or line.startswith("EVIL")]


@pytest.fixture
def evil(poe: Emulator) -> Emulator:
    # Half a character can't be seeded, but it can be answered.
    bots = [EVIL_BOT, {**EVIL_BOT, "handle": f"Half{EVIL}", "description": "\ud800"}]
    poe.faults.add(Fault(method="GET", path="/bots", times=None, status=200, body={"bots": bots}))
    return poe


@pytest.mark.parametrize(
    "command",
    [
        ["bots"],
        ["bots", "--json"],
        ["show", EVIL_BOT["handle"]],
        ["show", EVIL_BOT["handle"], "--json"],
        ["show", EVIL],
        ["doctor"],
        ["doctor", "--json"],
        ["doctor", EVIL],
        ["import", EVIL, "--out", "nowhere"],
        ["doctor", "--endpoint-key-env", f"NO{EVIL}"],
    ],
    ids=lambda command: " ".join(command)[:20].partition("\x1b")[0],
)
@pytest.mark.usefixtures("evil")
def test_text_of_others_can_neither_move_the_cursor_nor_fake_a_line(call: Run, command: list[str]) -> None:
    _, output, errors = call(*command)
    assert lines_that_can_not_be_shown(output, errors) == []
    assert output.isascii() or "--json" not in command


def test_what_is_said_while_it_takes_a_while_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")

    with telling("Asking") as tell:
        tell("Asking x\u202e\x9b1m")

    assert "Asking x\ufffd\ufffd1m" in terminal.getvalue()
    assert "\u202e" not in terminal.getvalue()


@pytest.mark.usefixtures("evil")
def test_what_an_import_says_and_writes_can_be_shown(call: Run, tmp_path: Path) -> None:
    out = tmp_path / f"out{EVIL}"

    code, output, errors = call("import", "--all", "--out", str(out))

    assert code == 0
    written = [file.read_text("utf-8") for file in out.iterdir()]
    assert lines_that_can_not_be_shown(output, errors, *written) == []


@pytest.mark.usefixtures("evil")
def test_a_file_that_exists_is_named_on_one_line(call: Run, tmp_path: Path) -> None:
    (tmp_path / EVIL).mkdir()
    (tmp_path / EVIL / "bots.py").write_text("mine")

    code, _, errors = call("import", "--all", "--out", str(tmp_path / EVIL))

    assert code == 1
    assert lines_that_can_not_be_shown(errors) == []


def test_what_poe_says_is_on_one_line_of_the_error(call: Run, poe: Emulator) -> None:
    poe.faults.add(Fault(times=None, status=400, body={"error": {"message": EVIL}}))
    for command in ("bots", "doctor"):
        _, output, errors = call(command)
        assert lines_that_can_not_be_shown(output, errors) == []
        assert "Poe answered 400 Bad Request: \ufffd[2J\ufffd1m\ufffd EVIL EVIL\ufffd" in output + errors


def test_what_pulumi_says_is_on_one_line_of_the_error(
    call: Run, poe: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text("#!/bin/sh\nprintf 'error: no\\033[2J\\nEVIL' >&2\nexit 1\n")
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    poe.seed(poe.api_key, {"handle": "Acme"})

    _, _, errors = call("diff", "Acme")

    assert errors == ("Error: `pulumi stack export` failed: no\ufffd[2J EVIL. Run this in the project's folder.\n")


@pytest.mark.parametrize(
    "arguments",
    [["--database", f"/dev/null/{EVIL}"], ["--host", "x\x1b[2J"], ["--", EVIL], ["--", f"/dev/null/{EVIL}"]],
)
def test_what_the_emulator_can_not_use_is_named_on_one_line(call: Run, arguments: list[str]) -> None:
    code, _, errors = call("emulator", *arguments)
    assert code != 0
    assert lines_that_can_not_be_shown(errors) == []
