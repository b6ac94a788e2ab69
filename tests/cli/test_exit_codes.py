"""How every command of `pulumi-poe` ends: by Ctrl-C, and where its output can't be written."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from endpoints import served_by

from pulumi_poe.cli import COMMANDS
from pulumi_poe.emulator import Emulator, Fault

Run = Callable[..., tuple[int, str, str]]
Start = Callable[..., "subprocess.Popen[str]"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals and uses /dev/full")

MODULE = [sys.executable, "-m", "pulumi_poe"]
FULL = Path("/dev/full")
HELPS = [["--help"], ["--version"], *([command, "--help"] for command in COMMANDS)]
needs_a_full_disk = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")


def settings_of(poe: Emulator) -> dict[str, str]:
    return {"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key, "PYTHONUNBUFFERED": ""}


def interrupted(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Ctrl-C, which must end it long before anything times out."""
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert time.monotonic() - begun < 5
    return process.returncode, output, errors.strip()


# --- Ctrl-C -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["bots"], ["show", "Acme"], ["doctor"], ["import", "--all", "--out", "out"]])
def test_ctrl_c_while_poe_is_asked_exits_130_without_a_word(
    start: Start, poe: Emulator, tmp_path: Path, command: list[str]
) -> None:
    asked = poe.faults.add(Fault("GET", "/bots", hold=True))
    process = start(*command, environment=settings_of(poe), cwd=tmp_path)
    asked.wait_until_met(20)

    assert interrupted(process) == (130, "", "")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_a_request_waits_to_be_sent_again_exits_130(start: Start, poe: Emulator) -> None:
    refused = poe.faults.add(Fault("GET", "/bots", status=503, headers={"Retry-After": "60"}, times=None))
    process = start("bots", environment=settings_of(poe))
    refused.wait_until_met(20)

    assert interrupted(process) == (130, "", "")


def test_ctrl_c_while_the_state_is_read_exits_130(start: Start, poe: Emulator, tmp_path: Path) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text(f"#!/bin/sh\ntouch {tmp_path}/begun\nexec sleep 60\n")
    pulumi.chmod(0o755)
    environment = {**settings_of(poe), "PATH": f"{tmp_path}:/bin:/usr/bin"}
    process = start("diff", "Acme", program=MODULE, environment=environment)
    while not (tmp_path / "begun").exists():
        time.sleep(0.01)

    assert interrupted(process) == (130, "", "")


def test_ctrl_c_while_endpoints_are_asked_exits_130_and_waits_for_none(start: Start, poe: Emulator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        poe.seed(poe.api_key, served_by(f"http://127.0.0.1:{silent.getsockname()[1]}/v1", "Silent-Bot"))
        process = start("doctor", environment=settings_of(poe))
        connection, _ = silent.accept()
        with connection:
            assert interrupted(process) == (130, "", "")


# --- output that can't be written -------------------------------------------------------------------


@needs_a_full_disk
@pytest.mark.parametrize(
    "command", [*HELPS, ["bots"], ["bots", "--json"], ["show", "Acme-Reasoner"], ["doctor", "Nobody"]]
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_one_line_and_exits_1(run: Run, acme: Emulator, command: list[str], unbuffered: str) -> None:
    environment = {**settings_of(acme), "PYTHONUNBUFFERED": unbuffered}
    with FULL.open("w") as full:
        code, _, errors = run(*command, environment=environment, stdout=full)

    assert (code, errors) == (1, "Error: can't write the output: No space left on device\n")


@needs_a_full_disk
@pytest.mark.parametrize("command", [["bots", "--no-such-option"], ["show", "Nobody"], ["bots"]])
def test_where_errors_can_not_be_written_the_exit_code_still_tells(
    run: Run, acme: Emulator, command: list[str]
) -> None:
    with FULL.open("w") as full:
        code, _, _ = run(*command, environment=settings_of(acme), stdout=full, stderr=full)

    assert code in (1, 2)


@needs_a_full_disk
def test_the_local_poe_does_not_serve_where_it_can_not_say_so(run: Run) -> None:
    with FULL.open("w") as full:
        code, _, errors = run("emulator", "--port", "0", stdout=full)

    assert (code, errors) == (1, "Error: can't write the output: No space left on device\n")


@pytest.mark.parametrize(
    "command", [*HELPS, ["bots"], ["bots", "--json"], ["show", "Acme-Reasoner"], ["doctor", "Nobody"]]
)
def test_a_pipe_that_nobody_reads_is_quiet(start: Start, acme: Emulator, command: list[str]) -> None:
    process = start(*command, environment=settings_of(acme))
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None

    assert process.stderr.read() == ""
    process.wait(20)


@pytest.mark.parametrize("closed", [1, 2])
@pytest.mark.parametrize(("command", "expected"), [(["bots"], 0), (["bots", "--json"], 0), (["doctor", "Nobody"], 1)])
def test_a_closed_output_is_no_error(run: Run, acme: Emulator, command: list[str], expected: int, closed: int) -> None:
    closing = ["sh", "-c", f'exec "$@" {closed}>&-', "sh", *MODULE]
    code, _, errors = run(*command, program=closing, environment=settings_of(acme))

    assert (code, errors) == (expected, "")
