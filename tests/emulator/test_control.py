"""The control API, over HTTP as another process would use it."""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from pulumi_poe.emulator import (
    ACCOUNT_1,
    ACCOUNT_2,
    API_KEY_1,
    API_KEY_2,
    Emulator,
    Fault,
    Options,
)
from pulumi_poe.emulator.control import _is_on_this_machine

ClientOf = Callable[..., httpx.Client]

BOT = {"handle": "Acme", "description": "", "is_private": True}


@pytest.fixture
def control(poe: Emulator, client_of: ClientOf) -> httpx.Client:
    """A client without a key."""
    client = client_of(poe)
    del client.headers["Authorization"]
    client.headers["Content-Type"] = "application/json"
    client.base_url = httpx.URL(f"{poe.url}/local-poe/")
    return client


def answer(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def message(response: httpx.Response) -> str:
    assert response.status_code == 400
    text: str = response.json()["error"]["message"]
    return text


# Reset.


def test_a_reset_leaves_nothing(poe: Emulator, control: httpx.Client, mine: httpx.Client) -> None:
    poe.options.reserve_deleted_handles = math.inf
    for handle in ("Acme", "Gone"):
        mine.post("/bots", json={"handle": handle})
    mine.delete("/bots/Gone")
    poe.faults.add(Fault(status=500))
    assert answer(control.post("reset", json={})) == (200, {})
    assert (poe.bots(), poe.requests, list(poe.faults), poe.options) == ([], [], [], Options())
    # The handle is free, also for whoever reserves deleted ones.
    poe.options.reserve_deleted_handles = math.inf
    assert mine.post("/bots", json={"handle": "Gone"}).status_code == 201


def test_a_reset_brings_the_options_of_the_start_back(client_of: ClientOf) -> None:
    options = Options(latency=0.01)
    with Emulator(options=options) as poe:
        poe.options.latency = 5
        poe.options.patch_merge = "shallow"
        client_of(poe).post("/local-poe/reset", json={})
        assert poe.options is options
        assert poe.options == Options(latency=0.01)


def test_a_reset_forgets_what_counts_for_the_limit(client_of: ClientOf) -> None:
    with Emulator(options=Options(requests_per_minute=1)) as poe:
        client = client_of(poe)
        assert [client.get("/bots").status_code for _ in range(2)] == [200, 429]
        client.post("/local-poe/reset", json={})
        assert client.get("/bots").status_code == 200


@pytest.mark.parametrize("wait", [{"hold": True}, {"delay": 30.0}])
def test_a_request_that_was_held_leaves_nothing_behind_after_a_reset(
    poe: Emulator, control: httpx.Client, mine: httpx.Client, wait: dict[str, Any]
) -> None:
    fault = poe.faults.add(Fault("POST", "/bots", **wait))
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(mine.post, "/bots", json={"handle": "Acme"})
        fault.wait_until_met(5)
        control.post("reset", json={})
        assert held.result(5).status_code == 201
    assert (poe.bots(), poe.requests) == ([], [])


def test_a_reset_from_python_is_the_same(poe: Emulator, mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme"})
    poe.options.latency = 5
    poe.reset()
    assert (poe.bots(), poe.requests, poe.options) == ([], [], Options())


def test_a_stopped_emulator_cannot_be_reset() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        Emulator().reset()


def test_a_reset_leaves_no_thread(client_of: ClientOf) -> None:
    threads = threading.active_count()
    with Emulator() as poe:
        client_of(poe).post("/local-poe/reset", json={})
    assert threading.active_count() == threads


# Bots.


def test_seeded_bots_belong_to_the_first_account(poe: Emulator, control: httpx.Client) -> None:
    assert answer(control.put("bots", json={"bots": [{"handle": "Acme"}, {"handle": "Beta"}]})) == (200, {})
    assert poe.bots(API_KEY_1) == [BOT, {**BOT, "handle": "Beta"}]


def test_an_account_can_be_named(poe: Emulator, control: httpx.Client) -> None:
    control.put("bots", json={"account": ACCOUNT_2, "bots": [{"handle": "Acme"}]})
    assert poe.bots(API_KEY_2) == [BOT]


def test_a_seeded_bot_is_stored_as_it_is(poe: Emulator, control: httpx.Client) -> None:
    bot = {**BOT, "later_field": [1], "api_bot_settings": {"api_type": "new_kind", "api_key": "sk-canary"}}
    control.put("bots", json={"bots": [bot]})
    assert poe.bots() == [bot]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "bots: "),
        ([], "Input should be an object"),
        ({"bots": [], "acount": "x"}, "acount: "),
        ({"bots": [], "account": "nobody"}, "account: "),
        ({"bots": [{}]}, "bots.0.handle: "),
        ({"bots": [{"handle": "Acme"}, {"handle": "-_."}]}, "bots.1.handle: "),
        ({"bots": [{"handle": 1}]}, "bots.0.handle: "),
        ({"bots": [{"handle": "Acme", "is_private": "yes"}]}, "bots.0.is_private: "),
        ({"bots": [{"handle": "Acme", "api_bot_settings": "sk-canary"}]}, "bots.0.api_bot_settings: "),
    ],
)
def test_a_seed_that_is_wrong_is_refused_whole(poe: Emulator, control: httpx.Client, body: object, named: str) -> None:
    said = message(control.put("bots", json=body))
    assert said.startswith(named)
    assert "sk-canary" not in said
    assert poe.bots() == []


def test_bots_are_shown_by_account_without_their_keys(poe: Emulator, control: httpx.Client) -> None:
    poe.seed(API_KEY_1, {**BOT, "api_bot_settings": {"api_key": "sk-canary", "model_name": "m"}})
    response = control.get("bots")
    shown = {ACCOUNT_1: [{**BOT, "api_bot_settings": {"model_name": "m"}}], ACCOUNT_2: []}
    assert answer(response) == (200, {"bots": shown})
    assert "sk-canary" not in response.text


# The log.


def test_the_log_is_shown_without_keys(poe: Emulator, control: httpx.Client, mine: httpx.Client) -> None:
    before = time.monotonic()
    mine.post("/bots", json={"handle": "A B", "api_bot_settings": {"api_key": "sk-canary", "model_name": "m"}})
    poe.faults.add(Fault(drop=True))
    with pytest.raises(httpx.RemoteProtocolError):
        mine.get("/bots/A%20B")
    response = control.get("requests")
    first, second = response.json()["requests"]
    assert before <= first.pop("received") <= second.pop("received")
    body = {"handle": "A B", "api_bot_settings": {"model_name": "m"}}
    assert first == {"method": "POST", "path": "/bots", "status": 201, "body": body, "fault": False}
    assert second == {"method": "GET", "path": "/bots/A%20B", "status": None, "body": None, "fault": True}
    assert "sk-canary" not in response.text
    assert API_KEY_1 not in response.text


def test_the_log_can_be_emptied(poe: Emulator, control: httpx.Client, mine: httpx.Client) -> None:
    mine.get("/bots")
    assert answer(control.delete("requests")) == (200, {})
    assert poe.requests == []


def test_control_requests_are_in_no_log_and_meet_no_fault_and_no_limit(poe: Emulator, control: httpx.Client) -> None:
    fault = poe.faults.add(Fault(drop=True, times=None))
    poe.options.requests_per_minute = 1
    poe.options.latency = 30
    poe.options.not_enabled_status = 404
    responses = [control.get("requests", timeout=2) for _ in range(5)]
    assert [answer(response) for response in responses] == [(200, {"requests": []})] * 5
    assert (fault.met, "x-ratelimit-limit-requests" in responses[0].headers) == (0, False)


# Faults.

NO_FAULT: dict[str, Any] = {
    "method": None,
    "path": None,
    "handle": None,
    "skip": 0,
    "times": 1,
    "moment": "before",
    "delay": 0.0,
    "hold": False,
    "status": None,
    "headers": {},
    "body": None,
    "content_type": None,
    "drop": False,
    "truncate": None,
    "met": 0,
}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"method": "POST", "path": "/bots", "handle": "Acme", "skip": 1, "times": None, "moment": "after"},
        {"delay": 0.5, "hold": True, "truncate": 3},
        {"delay": 1},
        {"drop": True, "times": 2},
        {"status": 503, "headers": {"Retry-After": "1"}, "body": {"error": {"message": "no"}}},
        {"status": 502, "body": "<html>", "content_type": "text/plain"},
    ],
)
def test_a_queued_fault_has_the_fields_that_were_sent(
    poe: Emulator, control: httpx.Client, fields: dict[str, Any]
) -> None:
    assert answer(control.post("faults", json=fields)) == (201, {**NO_FAULT, **fields})
    assert answer(control.get("faults")) == (200, {"faults": [{**NO_FAULT, **fields}]})
    (fault,) = poe.faults
    assert {name: getattr(fault, name) for name in NO_FAULT} == {**NO_FAULT, **fields}


def test_a_queued_fault_is_met(control: httpx.Client, mine: httpx.Client) -> None:
    control.post("faults", json={"status": 502, "body": "<html>Bad Gateway</html>"})
    response = mine.get("/bots")
    assert (response.status_code, response.text) == (502, "<html>Bad Gateway</html>")
    assert control.get("faults").json()["faults"][0]["met"] == 1


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"stauts": 500}, "stauts: "),
        ({"met": 1}, "met: "),
        ({"status": "500"}, "status: "),
        ({"status": 99}, "status: "),
        ({"times": 0}, "times: "),
        ({"times": 1.5}, "times: "),
        ({"delay": "1"}, "delay: "),
        ({"delay": -1}, "skip, delay "),
        ({"drop": 1}, "drop: "),
        ({"moment": "later"}, "moment: "),
        ({"headers": {"Retry-After": 1}, "status": 503}, "headers.Retry-After: "),
        ({"body": "sk-canary"}, "headers, body "),
        ({"method": 1, "path": 2}, "method: Input should be a valid string; path: "),
        ([], "Input should be an object"),
    ],
)
def test_a_fault_that_is_wrong_is_refused_and_what_is_wrong_is_named(
    poe: Emulator, control: httpx.Client, body: object, named: str
) -> None:
    said = message(control.post("faults", json=body))
    assert said.startswith(named)
    assert "sk-canary" not in said
    assert list(poe.faults) == []


@pytest.mark.parametrize("content", [b"", b"{malformed", b"\xff"])
def test_a_body_that_is_no_json_is_refused(control: httpx.Client, content: bytes) -> None:
    assert "JSON" in message(control.post("faults", content=content))


def test_faults_can_be_removed(poe: Emulator, control: httpx.Client) -> None:
    poe.faults.add(Fault(status=500))
    assert answer(control.delete("faults")) == (200, {})
    assert list(poe.faults) == []


@pytest.mark.parametrize(("method", "path"), [("POST", "faults/release"), ("DELETE", "faults")])
def test_held_requests_can_be_released(
    poe: Emulator, control: httpx.Client, mine: httpx.Client, method: str, path: str
) -> None:
    control.post("faults", json={"hold": True})
    (fault,) = poe.faults
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(mine.get, "/bots")
        fault.wait_until_met(5)
        assert answer(control.request(method, path)) == (200, {})
        assert held.result(5).status_code == 200


def test_a_fault_of_python_is_shown_without_keys(poe: Emulator, control: httpx.Client) -> None:
    poe.faults.add(Fault(status=200, body={"api_bot_settings": {"api_key": "sk-canary", "model_name": "m"}}))
    poe.faults.add(Fault(status=200, body=b"\xffpage"))
    shown = [fault["body"] for fault in control.get("faults").json()["faults"]]
    assert shown == [{"api_bot_settings": {"model_name": "m"}}, "\ufffdpage"]


# Options.

DEFAULTS = {
    "latency": 0.0,
    "patch_merge": "deep",
    "foreign_post_status": 400,
    "foreign_put_status": 400,
    "foreign_edit_status": 403,
    "materialise_defaults": False,
    "normalise_prices": False,
    "dropped_fields": [],
    "reserve_deleted_handles": 0.0,
    "not_enabled_status": None,
    "refuse_unknown_fields": False,
    "keep_unknown_fields": None,
    "requests_per_minute": None,
    "retry_after": "seconds",
    "clock_speed": 1.0,
    "strict_chat": False,
}


def test_all_options_are_shown(control: httpx.Client) -> None:
    assert answer(control.get("options")) == (200, DEFAULTS)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Options()),
        ({"latency": 1, "patch_merge": "shallow"}, Options(latency=1, patch_merge="shallow")),
        ({"dropped_fields": ["a.b", "c"]}, Options(dropped_fields=("a.b", "c"))),
        ({"requests_per_minute": 500}, Options(requests_per_minute=500)),
        ({"reserve_deleted_handles": 1.5}, Options(reserve_deleted_handles=1.5)),
    ],
)
def test_some_options_can_be_changed(
    poe: Emulator, control: httpx.Client, changes: dict[str, Any], expected: Options
) -> None:
    assert answer(control.patch("options", json=changes)) == (200, {**DEFAULTS, **changes})
    assert poe.options == expected


@pytest.mark.parametrize("forever", ["inf", "Infinity"])
def test_for_good_is_a_string_since_json_has_no_infinity(poe: Emulator, control: httpx.Client, forever: str) -> None:
    shown = control.patch("options", json={"reserve_deleted_handles": forever}).json()
    assert (poe.options.reserve_deleted_handles, shown["reserve_deleted_handles"]) == (math.inf, "Infinity")


def test_an_option_that_is_not_sent_stays(poe: Emulator, control: httpx.Client) -> None:
    poe.options.normalise_prices = True
    control.patch("options", json={"latency": 0.0})
    assert poe.options.normalise_prices


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"latnecy": 1}, "latnecy: "),
        ({"latency": "1"}, "latency: "),
        ({"latency": -1}, "latency: "),
        ({"foreign_post_status": 404}, "foreign_post_status: "),
        ({"materialise_defaults": 1}, "materialise_defaults: "),
        ({"dropped_fields": "a"}, "dropped_fields: "),
        ({"requests_per_minute": 0}, "requests_per_minute: "),
        ({"clock_speed": 0}, "clock_speed: "),
        ({"patch_merge": "shallow", "latency": None}, "latency: "),
        ([], "Input should be an object"),
    ],
)
def test_options_that_are_wrong_are_refused_whole(
    poe: Emulator, control: httpx.Client, changes: object, named: str
) -> None:
    assert message(control.patch("options", json=changes)).startswith(named)
    assert poe.options == Options()


# Who is served.


@pytest.mark.parametrize(
    ("client", "served"),
    [
        (("127.0.0.1", 1), True),
        (("127.1.2.3", 1), True),
        (("::1", 1), True),
        (("::ffff:127.0.0.1", 1), True),
        (("192.168.1.2", 1), False),
        (("::ffff:192.168.1.2", 1), False),
        (("fe80::1%eth0", 1), False),
        (None, False),
    ],
)
def test_only_this_machine_is_served(client: tuple[str, int] | None, served: bool) -> None:
    assert _is_on_this_machine(client) is served


def test_another_machine_is_answered_403(client_of: ClientOf) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing, but tells this machine's own address
        except OSError:
            pytest.skip("no network here")
        own = probe.getsockname()[0]
    with Emulator(host="0.0.0.0") as poe:  # noqa: S104 -- this is what is tested
        client = client_of(poe)
        client.base_url = httpx.URL(poe.url.replace("127.0.0.1", own))
        response = client.get("/local-poe/bots")
        assert response.status_code == 403
        assert "this machine" in response.json()["error"]["message"]
        assert client.get("/bots").status_code == 200


@pytest.mark.parametrize("origin", ["https://example.com", "http://127.0.0.1:8787", "null", ""])
def test_a_web_page_is_answered_403(poe: Emulator, control: httpx.Client, origin: str) -> None:
    poe.seed(API_KEY_1, BOT)
    response = control.post("reset", headers={"Origin": origin})
    assert response.status_code == 403
    assert "web pages" in response.json()["error"]["message"]
    assert poe.bots() == [BOT]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "nowhere", 404), ("GET", "bots/", 404), ("GET", "reset", 405)]
)
def test_what_is_not_there_is_said(control: httpx.Client, method: str, path: str, status: int) -> None:
    assert control.request(method, path).status_code == status


def test_a_bot_may_be_called_as_the_control_api(poe: Emulator, mine: httpx.Client) -> None:
    assert mine.post("/bots", json={"handle": "local-poe"}).status_code == 201
    assert mine.get("/bots/local-poe").status_code == 200
    assert len(poe.requests) == 2
