"""Whatever Poe, or something that stands in for it, answers: no crash, no loss, no key to anybody else."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from canaries import assert_no_key_was_seen
from programs import ONE_BOT, many_bots
from stacks import Stack

from pulumi_poe.emulator import Emulator, Fault

pytestmark = pytest.mark.both_shells

WRONG_VALUES: list[Any] = [None, True, 7, -1.5, "text", "", [], [[]], {}, {"a": {"b": []}}, [None], "\ud800"]


def listed(*bots: object) -> Fault:
    return Fault(method="GET", path="/bots", times=None, status=200, body={"bots": list(bots)})


@pytest.fixture
def live(stack: Stack) -> Stack:
    """A stack with one bot."""
    stack.holding(ONE_BOT)
    return stack


def the_bot(poe: Emulator) -> dict[str, Any]:
    """As Poe answers it."""
    (bot,) = poe.bots()
    del bot["api_bot_settings"]["api_key"]
    return bot


def test_a_list_of_ten_thousand_bots_of_all_kinds(live: Stack, poe: Emulator) -> None:
    others = [{"handle": f"Other-{number}", "description": "x" * 200, "is_private": True} for number in range(10_000)]
    settings = {"model_name": "m", "pricing": {"prompt": "0.1"}}
    poe.faults.add(
        listed(*others[:5000], the_bot(poe), *[{**bot, "api_bot_settings": settings} for bot in others[5000:]])
    )

    live.preview("--refresh", "--expect-no-changes").succeeded()


def test_what_is_no_bot_in_a_list_is_passed_over(live: Stack, poe: Emulator) -> None:
    poe.faults.add(listed(*WRONG_VALUES, *[{"handle": value} for value in WRONG_VALUES], {}, the_bot(poe)))

    live.preview("--refresh", "--expect-no-changes").succeeded()


def test_of_bots_that_differ_in_spelling_only_the_very_same_is_read(live: Stack, poe: Emulator) -> None:
    bot = the_bot(poe)
    odd = [{**bot, "handle": handle, "description": "another"} for handle in ("live-bot", "LIVEBOT", "Live.Bot")]
    poe.faults.add(listed(*odd, bot, *odd))

    live.preview("--refresh", "--expect-no-changes").succeeded()


def test_values_of_wrong_types_are_drift_and_no_crash(stack: Stack, poe: Emulator) -> None:
    """Each bot of the list has another one."""
    names = ("description", "is_private", "api_bot_settings", "parameter_controls")
    stack.holding(many_bots(len(WRONG_VALUES)))
    wrong = [{"handle": f"Many-{number}", **dict.fromkeys(names, value)} for number, value in enumerate(WRONG_VALUES)]
    fault = poe.faults.add(listed(*wrong))
    stack.refresh().succeeded()
    poe.faults.remove(fault)

    assert len(stack.bots()) == len(WRONG_VALUES)
    stack.up("--refresh", "--skip-preview").succeeded()
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_an_answer_that_is_no_list_makes_no_bot_vanish(live: Stack, poe: Emulator) -> None:
    """All of them one after another are tests/test_provider.py's; here it is what a person sees of some."""
    for body in ("", "[[]]", json.dumps({"bots": {"a": {}}}), json.dumps({"error": "no"})):
        fault = poe.faults.add(Fault(method="GET", path="/bots", times=None, status=200, body=body))
        run = live.refresh(POE_ATTEMPTS="2").failed()
        assert "read bot 'Live-Bot'" in run.output
        assert run.tracebacks == []
        poe.faults.remove(fault)

    assert list(live.bots()) == ["live"]


def test_what_poe_says_moves_no_cursor_and_fakes_no_line(stack: Stack, poe: Emulator) -> None:
    said = "no\x1b[2J\x9b1m\r\nerror: Poe: all is well\u202e"
    poe.faults.add(Fault(method="POST", path="/bots", status=400, body={"error": {"message": said}}))

    run = stack.program(ONE_BOT).up().failed()

    assert "Poe answered 400 Bad Request: no\ufffd[2J\ufffd1m error: Poe: all is well\ufffd" in run.output
    assert [line for line in run.output.splitlines() if not line.replace("\t", "").isprintable()] == []


@pytest.mark.parametrize("status", [200, 404, 500])
def test_an_answer_of_fifty_megabytes(live: Stack, poe: Emulator, status: int) -> None:
    poe.faults.add(Fault(method="GET", path="/bots", times=None, status=status, body="x" * 50_000_000))

    run = live.refresh(POE_ATTEMPTS="2").failed()

    assert len(run.output) < 5000
    assert list(live.bots()) == ["live"]


def test_fifty_megabytes_of_bots_are_read(live: Stack, poe: Emulator) -> None:
    long = {"handle": "Long-Bot", "description": "x" * 50_000_000, "is_private": True}
    poe.faults.add(listed(long, the_bot(poe)))

    live.preview("--refresh", "--expect-no-changes").succeeded()


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Another host, and the headers of whoever comes there."""
    visits: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_any(self) -> None:
            visits.append(dict(self.headers.items()))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"bots": []}')

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_any  # noqa: N815 -- names of http.server

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/bots", visits
        server.shutdown()


def test_the_key_does_not_follow_a_redirect(
    live: Stack, poe: Emulator, stranger: tuple[str, list[dict[str, str]]]
) -> None:
    url, visits = stranger
    live.program(ONE_BOT.replace("first", "second"))
    # tests/core/poe/test_client.py has each of these in each kind of request.
    for status, command in (
        (301, live.refresh),
        (302, live.up),
        (303, live.destroy),
        (307, live.refresh),
        (308, live.up),
    ):
        fault = poe.faults.add(Fault(times=None, status=status, headers={"Location": url}, body="moved"))
        assert "a redirect, which the key does not follow" in command().failed().output
        poe.faults.remove(fault)
    assert visits == []
    assert list(live.bots()) == ["live"]
    assert_no_key_was_seen(live)


def test_a_handle_in_the_state_reaches_no_other_path(live: Stack, poe: Emulator) -> None:
    """No program can declare such a handle; a state that somebody edited can have it."""
    poe.requests.clear()
    handles = ("../usage", "..", "a/../../x", "Live-Bot?x=1", "Live-Bot#x", "%2e%2e", "Live Bot\n")
    state = live.export()
    (bot,) = live.bots().values()
    for number, handle in enumerate(handles):
        properties = {**bot["outputs"], "handle": handle, "__fingerprint": "of nobody"}
        another = {**bot, "urn": f"{bot['urn']}-{number}", "id": handle, "outputs": properties}
        another["inputs"] = {**bot["inputs"], "handle": handle}
        state["deployment"]["resources"].append(another)
    state["deployment"]["resources"] = [one for one in state["deployment"]["resources"] if one["urn"] != bot["urn"]]
    live.pulumi("stack", "import", "--force", typed=json.dumps(state), check=True)

    for run in (live.refresh("--skip-preview", "--diff"), live.destroy("--skip-preview", "--continue-on-error")):
        for handle in handles:
            assert repr(handle)[1:-1].strip() in run.failed().output or handle.strip() in run.output

    assert len(poe.requests) > 1
    for request in poe.requests:
        assert request.path == "/bots" or (request.path.startswith("/bots/") and request.path.count("/") == 2)
    assert [bot["handle"] for bot in poe.bots()] == ["Live-Bot"]


def test_a_handle_that_would_have_to_be_escaped_is_refused_in_the_preview(stack: Stack, poe: Emulator) -> None:
    # tests/core/bot/test_checks.py has more of them.
    for handle in ("../usage", "Bot%41"):
        assert "handle: " in stack.program(ONE_BOT.replace("Live-Bot", handle)).preview().failed().output

    assert {request.path for request in poe.requests} <= {"/bots"}
