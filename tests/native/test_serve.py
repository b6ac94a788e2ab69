"""The plugin's process: what it prints, what it is given, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import grpc  # type: ignore[import-untyped]  # a part of the SDK
import pytest
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]  # a part of the SDK
from pulumi.runtime.proto import provider_pb2_grpc

from pulumi_poe.native import serve

ROOT = Path(__file__).parents[2]


def start(*arguments: str, code: str | None = None) -> subprocess.Popen[str]:
    command = ["-m", "pulumi_poe.native"] if code is None else ["-c", textwrap.dedent(code)]
    return subprocess.Popen(
        [sys.executable, *command, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str, str]:
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    return process.returncode, out, err


@pytest.fixture
def port() -> Iterator[int]:
    """One that somebody has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def version_at(port: int) -> str:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        return str(provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(Empty(), timeout=10).version)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_port_is_all_of_standard_output(number: int) -> None:
    process = start("--logtostderr", "-v=9", "127.0.0.1:1")
    assert process.stdout
    port = int(process.stdout.readline())
    assert version_at(port) == "0.1.0"
    assert ended(process, number) == (0, "", "")


def test_whatever_prints_does_not_reach_standard_output() -> None:
    process = start(
        code="""
        import os
        from pulumi_poe.native import servicer, serve
        def printing(*_):
            print("printed", flush=True)
            os.write(1, b"written\\n")
            return "1.0.0"
        servicer.metadata.version = printing
        serve.main(["127.0.0.1:1"])
        """
    )
    assert process.stdout
    assert version_at(int(process.stdout.readline())) == "1.0.0"
    code, out, err = ended(process)
    assert (code, out) == (0, "")
    assert sorted(err.split()) == ["printed", "written"]


def test_started_by_hand_it_says_what_it_is() -> None:
    done = subprocess.run([sys.executable, "-m", "pulumi_poe.native"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("pulumi-resource-poe is pulumi-poe's plugin for Pulumi's engine")
    assert len(done.stderr.splitlines()) == 1


def test_asked_for_help_it_says_the_same_and_that_is_no_error() -> None:
    process = start("--help")
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, f"{serve.MANUAL}\n", "")


@pytest.mark.parametrize("given", [["--prot", "7000"], ["serve"], ["-v=9"], ["--verbose", "--port", "7000"]])
def test_an_unknown_option_is_one_line(given: list[str]) -> None:
    process = start(*given)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert err == f"pulumi-resource-poe: there is no option {given[0]!r}. --help says what this is.\n"


@pytest.mark.parametrize("given", [[], ["seven"], ["-1"], ["65536"], ["7000", "--verbose"], ["7000", "7001"]])
def test_what_is_no_port_is_one_line(given: list[str]) -> None:
    process = start("--port", *given)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert err == "pulumi-resource-poe: --port takes a number from 0 to 65535, and nothing comes after it.\n"


def test_a_port_that_is_taken_is_one_line(port: int) -> None:
    process = start("--port", str(port))
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (1, "")
    assert err == (f"pulumi-resource-poe: port {port} is taken. Choose another one, or 0 for any that is free.\n")


def test_it_ends_when_the_engine_was_killed() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", "import subprocess, sys, time\n"
         "p = subprocess.Popen([sys.executable, '-m', 'pulumi_poe.native', '127.0.0.1:1'])\n"
         "print(p.pid, flush=True)\ntime.sleep(60)"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert parent.stdout
    plugin = int(parent.stdout.readline())
    parent.stdout.readline()  # it listens
    parent.kill()
    parent.communicate(timeout=20)
    ends = time.monotonic() + 20
    while _runs(plugin):
        assert time.monotonic() < ends
        time.sleep(0.05)


def _runs(process: int) -> bool:
    """Whether it does anything; nobody may have asked for its exit code."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        if Path("/proc").exists():
            return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_running_server_has_any_port() -> None:
    running, port = serve.server(provider_pb2_grpc.ResourceProviderServicer())
    assert port > 0
    running.stop(None).wait()
