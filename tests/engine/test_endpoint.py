"""An endpoint that is declared: asked before its bot is written, and never in a preview."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from canaries import ENDPOINT_KEY, NEXT_ENDPOINT_KEY, assert_no_key_was_seen
from endpoints import Endpoint
from ports import free_port
from processes import interrupt, under_way
from stacks import Stack

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

ALL_ASKED = ["/models", "/chat/completions", "/chat/completions"]


def program(url: str, *, key: str = ENDPOINT_KEY, more: str = "", bot: str = "") -> str:
    """An endpoint, and a bot that it serves."""
    return f"""
endpoint = pulumi_poe.Endpoint("serving", base_url={url!r}, model_name="m", api_key={key!r}{more})
Bot("live", handle="Live-Bot", api_bot_settings={{
    "base_url": endpoint.base_url, "model_name": endpoint.model_name, "api_key": endpoint.api_key}}{bot})
"""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint(key=ENDPOINT_KEY) as running:
        yield running


@contextmanager
def later(seconds: float, port: int, **how: object) -> Iterator[Endpoint]:
    """An endpoint that comes up after a while."""
    made = Endpoint(port=port, **how)  # type: ignore[arg-type]  # whatever it takes
    is_over = threading.Event()

    def serve() -> None:
        if not is_over.wait(seconds):
            with made:
                is_over.wait()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield made
    finally:
        is_over.set()
        thread.join()


def test_a_bot_is_written_once_its_endpoint_answers_and_the_wait_is_told(stack: Stack, poe: Emulator) -> None:
    port = free_port()
    with later(13, port, key=ENDPOINT_KEY) as endpoint:
        stack.program(program(f"http://127.0.0.1:{port}/v1"))
        begun = time.monotonic()
        run = stack.up().succeeded()
        assert time.monotonic() - begun > 12
        assert endpoint.asked == ALL_ASKED
    assert f"endpoint http://127.0.0.1:{port}/v1: waiting, 10 of 300 s: /models can't be reached" in run.output
    (bot,) = poe.bots()
    assert bot["api_bot_settings"]["base_url"] == f"http://127.0.0.1:{port}/v1"
    assert_no_key_was_seen(stack)


def test_nothing_is_asked_but_where_something_is_to_be_proven(stack: Stack, poe: Emulator, endpoint: Endpoint) -> None:
    def requests() -> list[str]:
        asked = endpoint.asked
        endpoint.requests.clear()
        return asked

    stack.program(program(endpoint.url))
    stack.preview().succeeded()
    assert requests() == []
    stack.up("--skip-preview=false").succeeded()
    assert requests() == ALL_ASKED
    poe.requests.clear()
    for command in (stack.up, stack.preview):
        command("--expect-no-changes").succeeded()
    stack.refresh().succeeded()
    stack.preview("--refresh", "--expect-no-changes").succeeded()
    assert requests() == []

    stack.program(program(endpoint.url, more=", triggers=['v2']"))
    preview = stack.preview("--diff").succeeded()
    assert "Live-Bot" not in preview.output
    assert requests() == []
    up = stack.up().succeeded()
    assert requests() == ALL_ASKED
    assert "1 updated" in up.output

    stack.program(program(endpoint.url, more=", triggers=['v2'], wait=7, checks=['reachable']"))
    assert "1 updated" in stack.up().succeeded().output
    assert requests() == []
    stack.up("--expect-no-changes").succeeded()
    assert {request.method for request in poe.requests} <= {"GET"}

    stack.destroy().succeeded()
    assert requests() == []
    assert poe.bots() == []
    assert_no_key_was_seen(stack)


def test_a_failed_update_leaves_the_bot_and_the_record_as_they_were(
    stack: Stack, poe: Emulator, endpoint: Endpoint
) -> None:
    stack.program(program(endpoint.url)).up().succeeded()
    bots, before = poe.bots(), stack.endpoints()["serving"]
    poe.requests.clear()

    with Endpoint(status=503) as broken:
        stack.program(program(broken.url, key=NEXT_ENDPOINT_KEY, more=", wait=1"))
        run = stack.up().failed()
        (error,) = run.errors
        assert f"update endpoint {broken.url}: /chat/completions answers 503: " in error
        assert "Poe was sent nothing, and the state is as it was." in error
        assert run.tracebacks == []

    after = stack.endpoints()["serving"]
    assert {name: after["outputs"][name] for name in after["outputs"]}.keys() == before["outputs"].keys()
    assert after["outputs"]["base_url"] == endpoint.url
    assert poe.bots() == bots
    assert {request.method for request in poe.requests} <= {"GET"}
    stack.program(program(endpoint.url)).up("--expect-no-changes", "--skip-preview").succeeded()
    assert_no_key_was_seen(stack)


def test_ctrl_c_ends_the_wait(stack: Stack, poe: Emulator) -> None:
    with Endpoint(status=503) as broken:
        stack.program(program(broken.url))
        begun = time.monotonic()
        with under_way(stack, "up", "--yes", "--skip-preview") as running:
            while not broken.requests:
                assert time.monotonic() - begun < 60
                time.sleep(0.05)
            running.end(interrupt)
        assert time.monotonic() - begun < 30
    assert "the run was ended while this was waited for" in stack.runs[-1].output
    assert stack.endpoints() == {}
    assert poe.bots() == []


def test_five_endpoints_that_are_waited_for_keep_no_other_bot_waiting(stack: Stack, poe: Emulator) -> None:
    with Endpoint(status=503) as broken:
        waiting = "".join(
            f"pulumi_poe.Endpoint('e{number}', base_url={broken.url!r}, model_name='m', wait=300)\n"
            for number in range(5)
        )
        stack.program(f"{waiting}Bot('other', handle='Other-Bot')\n")
        begun = time.monotonic()
        with under_way(stack, "up", "--yes", "--skip-preview") as running:
            while not poe.bots():
                assert time.monotonic() - begun < 60
                time.sleep(0.05)
            running.end(interrupt)
        assert time.monotonic() - begun < 60
    assert stack.runs[-1].output.count("the run was ended while this was waited for") >= 5
