"""The `pulumi-poe` command, as a real process and, where no process is needed, called in this one."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from chatting import Making, talking_bot
from command import COMMAND
from talking_endpoint import TalkingEndpoint

from pulumi_poe.cli import main
from pulumi_poe.emulator import Emulator

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(autouse=True)
def signals_are_not_ignored() -> Iterator[None]:
    """Where tests run under nohup or in the background, they inherit ignored signals, and so would the command."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `pulumi-poe ARGUMENTS…`, and ends it after the test."""
    processes: list[subprocess.Popen[str]] = []

    def start_process(
        *arguments: str, program: list[str] = COMMAND, environment: Mapping[str, str] = {}, **options: Any
    ) -> subprocess.Popen[str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("POE_")}
        process = subprocess.Popen(
            [*program, *arguments],
            env={**kept, "PYTHONUNBUFFERED": "1", **environment},
            text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )
        processes.append(process)
        return process

    yield start_process
    for process in processes:
        # SIGTERM, so that it removes its temporary database.
        process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@pytest.fixture
def run(start: Start) -> Callable[..., tuple[int, str, str]]:
    """Runs `pulumi-poe ARGUMENTS…` to its end: exit code, output, error output."""

    def run_process(*arguments: str, **options: Any) -> tuple[int, str, str]:
        process = start(*arguments, **options)
        output, errors = process.communicate(timeout=20)
        return process.returncode, output, errors

    return run_process


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Calls `pulumi-poe ARGUMENTS…` in this process, which is quicker: exit code, output, error output."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    handlers = {number: signal.getsignal(number) for number in numbers}

    def call_main(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments, prog_name="pulumi-poe")
        output, errors = capfd.readouterr()
        code = ended.value.code or 0
        assert isinstance(code, int)
        return code, output, errors

    yield call_main
    for number, handler in handlers.items():
        signal.signal(number, handler)


ACME: dict[str, Any] = {
    "handle": "Acme-Reasoner",
    "is_private": False,
    "new_field": "kept",
    "api_bot_settings": {
        "model_name": "acme/reasoner-2",
        "base_url": "https://llm.example.com/v1",
        "api_key": "sk-canary",
        "pricing": {
            "prompt": "0.0000004",
            "completion": "0.0000016",
            "context_pricing": {"tiers": [{"min_tokens": 1, "prompt": "0.0000009"}]},
        },
    },
}


@pytest.fixture
def poe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    for name in [name for name in os.environ if name.startswith("POE_")]:
        monkeypatch.delenv(name)
    with Emulator() as emulator:
        monkeypatch.setenv("POE_API_URL", emulator.url)
        monkeypatch.setenv("POE_API_KEY", emulator.api_key)
        yield emulator


@pytest.fixture
def acme(poe: Emulator) -> Emulator:
    poe.seed(poe.api_key, ACME)
    poe.seed(poe.api_key, {"handle": "Prompt-Bot", "description": "by\nhand\x1b[31m"})
    return poe


@pytest.fixture
def bot(poe: Emulator, endpoint: TalkingEndpoint) -> Making:
    """Puts a bot in: `bot("Acme-Bot", is_private=True)`, of another account with `key`."""

    def make(handle: str = "Acme-Bot", key: str = poe.api_key, **of: Any) -> None:
        poe.seed(key, talking_bot(endpoint, handle, **of))

    return make
