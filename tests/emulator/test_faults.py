"""Each way in which the local Poe misbehaves on demand, on real sockets."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from pulumi_poe.emulator import API_KEY_1, Emulator, Fault

ClientOf = Callable[..., httpx.Client]

CREATE = {"handle": "Live-Bot"}
PAGE = "<html><title>502 Bad Gateway</title></html>"


def handles(poe: Emulator) -> list[str]:
    return [bot["handle"] for bot in poe.bots()]


def connected(poe: Emulator) -> socket.socket:
    host, port = poe.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=5)


@pytest.fixture
def poe() -> Iterator[Emulator]:
    """One that may be called by the name that the raw requests here have."""
    with Emulator(allowed_hosts=["poe"]) as emulator:
        yield emulator


def raw_request(method: str = "POST", path: str = "/bots", body: object = CREATE) -> bytes:
    content = json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: poe\r\nAuthorization: Bearer {API_KEY_1}\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def all_bytes(client: socket.socket) -> bytes:
    """What comes, until the other side closes."""
    received = b""
    while data := client.recv(65536):
        received += data
    return received


def whole_answer(client: socket.socket) -> bytes:
    """What comes, until a JSON object has ended."""
    received = b""
    while not received.endswith(b"}"):
        received += client.recv(65536)
    return received


def asked_with_raw_bytes(poe: Emulator, request: bytes) -> bytes:
    with connected(poe) as client:
        client.sendall(request)
        return all_bytes(client)


def in_background(call: Callable[..., httpx.Response], *args: Any, **kwargs: Any) -> Future[httpx.Response]:
    with_thread = ThreadPoolExecutor(1)
    try:
        return with_thread.submit(call, *args, **kwargs)
    finally:
        with_thread.shutdown(wait=False)


def eventually(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


# Which requests it meets.


@pytest.mark.parametrize(
    ("fault", "method", "path", "meets"),
    [
        (Fault(status=500), "GET", "/bots", True),
        (Fault(status=500), "GET", "/nowhere", True),
        (Fault("GET", status=500), "GET", "/bots", True),
        (Fault("get", status=500), "GET", "/bots", True),
        (Fault("POST", status=500), "GET", "/bots", False),
        (Fault(path="/bots", status=500), "GET", "/bots", True),
        (Fault(path="/bots", status=500), "GET", "/bots?x=1", True),
        (Fault(path="/bots", status=500), "GET", "/bots/Live-Bot", False),
        (Fault(path="/bots/A%20B", status=500), "GET", "/bots/A%20B", True),
        (Fault(path="/bots/Live-Bot", status=500), "GET", "/bots/live-bot", False),
        (Fault(handle="livebot", status=500), "GET", "/bots/Live-Bot", True),
        (Fault(handle="Live-Bot", status=500), "GET", "/bots/live_bot", True),
        (Fault(handle="A B", status=500), "GET", "/bots/a%20b", True),
        (Fault(handle="Live-Bot", status=500), "GET", "/bots", False),
        (Fault(handle="Live-Bot", status=500), "GET", "/bots/Other", False),
        (Fault("POST", "/bots", "Live-Bot", status=500), "DELETE", "/bots/Live-Bot", False),
    ],
)
def test_a_fault_meets_a_request_that_has_all_it_names(
    poe: Emulator, mine: httpx.Client, fault: Fault, method: str, path: str, meets: bool
) -> None:
    mine.post("/bots", json=CREATE)
    poe.faults.add(fault)
    assert (mine.request(method, path).status_code == 500) is meets
    assert fault.met == meets


@pytest.mark.parametrize(("body", "meets"), [(CREATE, True), ({"handle": "live_bot"}, True), ({"handle": "X"}, False)])
def test_a_handle_is_looked_for_in_the_body_of_a_post(
    poe: Emulator, mine: httpx.Client, body: dict[str, str], meets: bool
) -> None:
    poe.faults.add(Fault(handle="Live-Bot", status=500))
    assert mine.post("/bots", json=body).status_code == (500 if meets else 201)


@pytest.mark.parametrize("content", [b"{malformed", b"[]", b'{"handle": 1}', b""])
def test_a_post_that_names_no_bot_has_no_handle(poe: Emulator, mine: httpx.Client, content: bytes) -> None:
    poe.faults.add(Fault(handle="Live-Bot", status=500))
    assert mine.post("/bots", content=content).status_code == 400


def test_a_fault_meets_one_request_unless_told_otherwise(poe: Emulator, mine: httpx.Client) -> None:
    poe.faults.add(Fault(status=500))
    assert [mine.get("/bots").status_code for _ in range(3)] == [500, 200, 200]


@pytest.mark.parametrize(
    ("skip", "times", "statuses"),
    [
        (0, 2, [500, 500, 200, 200]),
        (1, 1, [200, 500, 200, 200]),
        (2, None, [200, 200, 500, 500]),
        (0, None, [500, 500, 500, 500]),
    ],
)
def test_skip_and_times_say_which_of_the_matching_requests(
    poe: Emulator, mine: httpx.Client, skip: int, times: int | None, statuses: list[int]
) -> None:
    poe.faults.add(Fault("GET", status=500, skip=skip, times=times))
    for status in statuses:
        mine.delete("/bots/Other")  # matches nothing, so counts for nothing
        assert mine.get("/bots").status_code == status


def test_the_first_fault_that_matches_is_met_alone(poe: Emulator, mine: httpx.Client) -> None:
    first, second = poe.faults.add(Fault(status=500)), poe.faults.add(Fault(status=503))
    assert mine.get("/bots").status_code == 500
    assert (first.met, second.met) == (1, 0)
    assert mine.get("/bots").status_code == 503


def test_a_request_that_passes_one_fault_may_meet_the_next(poe: Emulator, mine: httpx.Client) -> None:
    poe.faults.add(Fault(status=500, skip=1))
    poe.faults.add(Fault(status=503))
    assert [mine.get("/bots").status_code for _ in range(3)] == [503, 500, 200]


def test_a_removed_fault_meets_nobody(poe: Emulator, mine: httpx.Client) -> None:
    first, second = poe.faults.add(Fault(status=500)), poe.faults.add(Fault(status=503))
    poe.faults.remove(first)
    poe.faults.remove(first)
    assert list(poe.faults) == [second]
    assert mine.get("/bots").status_code == 503


def test_cleared_faults_meet_nobody(poe: Emulator, mine: httpx.Client) -> None:
    poe.faults.add(Fault(status=500))
    poe.faults.clear()
    assert (len(poe.faults), mine.get("/bots").status_code) == (0, 200)


def test_a_fault_that_was_met_stays_listed(poe: Emulator, mine: httpx.Client) -> None:
    fault = poe.faults.add(Fault(status=500))
    mine.get("/bots")
    assert [(each, each.met) for each in poe.faults] == [(fault, 1)]


def test_faults_are_kept_across_a_restart(client_of: ClientOf) -> None:
    poe = Emulator()
    poe.faults.add(Fault(status=500))
    with poe:
        pass
    with poe:
        assert client_of(poe).get("/bots").status_code == 500


def test_a_fault_comes_before_a_wrong_key(poe: Emulator, mine: httpx.Client) -> None:
    poe.faults.add(Fault(status=503))
    assert mine.get("/bots", headers={"Authorization": "Bearer wrong"}).status_code == 503


def test_many_requests_at_once_meet_a_fault_no_more_than_its_times(poe: Emulator, mine: httpx.Client) -> None:
    fault = poe.faults.add(Fault(status=500, times=7))
    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda _: mine.get("/bots").status_code, range(30)))
    assert (statuses.count(500), fault.met) == (7, 7)


# A status.


@pytest.mark.parametrize("status", [200, 204, 302, 304, 400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504, 524])
def test_any_status_can_be_answered(poe: Emulator, mine: httpx.Client, status: int) -> None:
    poe.faults.add(Fault(status=status))
    response = mine.get("/bots")
    assert (response.status_code, response.content) == (status, b"")
    assert mine.get("/bots").status_code == 200


@pytest.mark.parametrize(
    ("body", "content", "content_type"),
    [
        (PAGE, PAGE.encode(), "text/html; charset=utf-8"),
        (b"\xff\x00", b"\xff\x00", "text/html; charset=utf-8"),
        ("", b"", "text/html; charset=utf-8"),
        ({"error": {"message": "no"}}, b'{"error": {"message": "no"}}', "application/json"),
        (["é"], b'["\\u00e9"]', "application/json"),
        (False, b"false", "application/json"),
        (None, b"", None),
    ],
)
def test_a_body_is_json_unless_it_is_text(
    poe: Emulator, mine: httpx.Client, body: object, content: bytes, content_type: str | None
) -> None:
    poe.faults.add(Fault(status=502, body=body))
    response = mine.get("/bots")
    assert (response.content, response.headers.get("Content-Type")) == (content, content_type)


def test_a_content_type_can_be_given(poe: Emulator, mine: httpx.Client) -> None:
    poe.faults.add(Fault(status=200, body='{"bots": [', content_type="application/json"))
    response = mine.get("/bots")
    assert (response.text, response.headers["Content-Type"]) == ('{"bots": [', "application/json")


def test_headers_win_over_those_of_the_answer(poe: Emulator, mine: httpx.Client) -> None:
    poe.faults.add(Fault(status=429, body={}, headers={"content-type": "text/plain", "X-Proxy": "yes"}))
    headers = mine.get("/bots").headers
    assert (headers.get_list("Content-Type"), headers["X-Proxy"]) == (["text/plain"], "yes")


@pytest.mark.parametrize("value", ["2", "Tue, 01 Jan 2030 00:00:00 GMT"])
def test_retry_after_may_be_seconds_or_a_date(poe: Emulator, mine: httpx.Client, value: str) -> None:
    poe.faults.add(Fault(status=503, headers={"Retry-After": value}))
    assert mine.get("/bots").headers["Retry-After"] == value


@pytest.mark.parametrize(("moment", "stored"), [("before", []), ("after", ["Live-Bot"])])
def test_a_status_comes_before_or_after_the_write(
    poe: Emulator, mine: httpx.Client, moment: Any, stored: list[str]
) -> None:
    poe.faults.add(Fault(status=500, moment=moment))
    assert mine.post("/bots", json=CREATE).status_code == 500
    assert handles(poe) == stored


# A dropped connection.


@pytest.mark.parametrize(("moment", "stored"), [("before", []), ("after", ["Live-Bot"])])
def test_a_dropped_connection_is_closed_without_a_byte(poe: Emulator, moment: Any, stored: list[str]) -> None:
    poe.faults.add(Fault(drop=True, moment=moment))
    assert asked_with_raw_bytes(poe, raw_request()) == b""
    assert handles(poe) == stored


def test_a_connection_can_be_dropped_after_an_earlier_answer_on_it(poe: Emulator) -> None:
    poe.faults.add(Fault("GET", drop=True))
    with connected(poe) as client:
        client.sendall(raw_request())
        assert b"201 Created" in whole_answer(client)
        client.sendall(raw_request("GET"))
        assert all_bytes(client) == b""


def test_a_dropped_connection_takes_no_other_with_it(poe: Emulator) -> None:
    poe.faults.add(Fault("GET", drop=True))
    with connected(poe) as other:
        asked_with_raw_bytes(poe, raw_request("GET"))
        other.sendall(raw_request())
        assert b"201 Created" in whole_answer(other)


def test_to_a_client_a_drop_is_a_protocol_error(poe: Emulator, mine: httpx.Client) -> None:
    poe.faults.add(Fault(drop=True))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        mine.get("/bots")


# A truncated body.


def test_a_truncated_answer_has_the_length_of_the_whole(poe: Emulator) -> None:
    poe.faults.add(Fault(truncate=5))
    head, _, body = asked_with_raw_bytes(poe, raw_request()).partition(b"\r\n\r\n")
    whole = json.dumps({"create_bot_status": "success"}).encode()
    assert head.startswith(b"HTTP/1.1 201 Created")
    assert f"content-length: {len(whole)}".encode() in head.lower()
    assert body == whole[:5]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_truncated_answer_of_poe_comes_after_the_write(poe: Emulator, mine: httpx.Client, moment: Any) -> None:
    poe.faults.add(Fault(truncate=5, moment=moment))
    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        mine.post("/bots", json=CREATE)
    assert handles(poe) == ["Live-Bot"]


@pytest.mark.parametrize(("moment", "stored"), [("before", []), ("after", ["Live-Bot"])])
def test_a_body_of_ones_own_can_be_truncated(poe: Emulator, moment: Any, stored: list[str]) -> None:
    poe.faults.add(Fault(status=502, body=PAGE, truncate=6, moment=moment))
    head, _, body = asked_with_raw_bytes(poe, raw_request()).partition(b"\r\n\r\n")
    assert (head.split(b"\r\n")[0], body) == (b"HTTP/1.1 502 Bad Gateway", b"<html>")
    assert f"content-length: {len(PAGE)}".encode() in head.lower()
    assert handles(poe) == stored


@pytest.mark.parametrize("size", [0, 1_000])
def test_a_body_is_never_longer_than_it_is(poe: Emulator, size: int) -> None:
    poe.faults.add(Fault(truncate=size))
    body = asked_with_raw_bytes(poe, raw_request("GET")).partition(b"\r\n\r\n")[2]
    assert body == b'{"bots": []}'[:size]


# Waiting.


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_slow_answer_is_the_normal_one(poe: Emulator, mine: httpx.Client, moment: Any) -> None:
    poe.faults.add(Fault(delay=0.1, moment=moment))
    started = time.monotonic()
    assert mine.post("/bots", json=CREATE).status_code == 201
    assert time.monotonic() - started >= 0.1
    assert handles(poe) == ["Live-Bot"]


@pytest.mark.parametrize(("moment", "stored"), [("before", []), ("after", ["Live-Bot"])])
@pytest.mark.parametrize("wait", [{"delay": 30.0}, {"hold": True}])
def test_a_wait_comes_before_or_after_the_write(
    poe: Emulator, mine: httpx.Client, wait: dict[str, Any], moment: Any, stored: list[str]
) -> None:
    fault = poe.faults.add(Fault("POST", moment=moment, **wait))
    answer = in_background(mine.post, "/bots", json=CREATE)
    fault.wait_until_met(5)
    assert (handles(poe), answer.done()) == (stored, False)
    fault.release()
    assert answer.result(5).status_code == 201
    assert handles(poe) == ["Live-Bot"]


@pytest.mark.parametrize(
    ("fault", "while_held", "in_the_end"),
    [
        (Fault(hold=True, status=500), [], []),
        (Fault(hold=True, status=500, moment="after"), ["Live-Bot"], ["Live-Bot"]),
        (Fault(hold=True, drop=True), [], []),
        (Fault(hold=True, drop=True, moment="after"), ["Live-Bot"], ["Live-Bot"]),
        (Fault(hold=True, truncate=1), [], ["Live-Bot"]),
        (Fault(hold=True, truncate=1, moment="after"), ["Live-Bot"], ["Live-Bot"]),
    ],
)
def test_a_wait_comes_before_what_else_goes_wrong(
    poe: Emulator, fault: Fault, while_held: list[str], in_the_end: list[str]
) -> None:
    poe.faults.add(fault)
    with connected(poe) as client:
        client.sendall(raw_request())
        fault.wait_until_met(5)
        assert handles(poe) == while_held
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(5)
        fault.release()
        # An answer that is whole leaves the connection open.
        assert client.recv(65536)[:9] == (b"" if fault.drop else b"HTTP/1.1 ")
    assert handles(poe) == in_the_end


@pytest.mark.parametrize("by", ["release", "remove", "clear", "release all", "stop"])
def test_a_held_request_is_let_go(poe: Emulator, mine: httpx.Client, by: str) -> None:
    fault = poe.faults.add(Fault(hold=True))
    answer = in_background(mine.post, "/bots", json=CREATE)
    fault.wait_until_met(5)
    match by:
        case "release":
            fault.release()
        case "remove":
            poe.faults.remove(fault)
        case "clear":
            poe.faults.clear()
        case "release all":
            poe.faults.release()
        case "stop":
            poe.stop()
    assert answer.result(5).status_code == 201


def test_all_that_a_fault_holds_are_let_go_at_once(poe: Emulator, mine: httpx.Client) -> None:
    fault = poe.faults.add(Fault(hold=True, times=None))
    answers = [in_background(mine.get, "/bots") for _ in range(3)]
    eventually(lambda: fault.met == 3)
    fault.release()
    assert [each.result(5).status_code for each in answers] == [200] * 3


def test_a_fault_that_was_released_holds_nobody(poe: Emulator, mine: httpx.Client) -> None:
    fault = poe.faults.add(Fault(hold=True, times=None))
    fault.release()
    assert mine.get("/bots", timeout=2).status_code == 200
    assert fault.met == 1


def test_others_go_on_while_one_is_held(poe: Emulator, mine: httpx.Client) -> None:
    fault = poe.faults.add(Fault(hold=True))
    held = in_background(mine.get, "/bots")
    fault.wait_until_met(5)
    assert mine.get("/bots", timeout=2).status_code == 200
    fault.release()
    held.result(5)


@pytest.mark.parametrize(
    ("fault", "stored"),
    [
        (Fault(hold=True), ["Live-Bot"]),
        (Fault(hold=True, truncate=1), ["Live-Bot"]),
        (Fault(hold=True, drop=True), []),
        (Fault(hold=True, status=500), []),
    ],
)
def test_a_client_that_is_gone_changes_nothing(
    poe: Emulator, caplog: pytest.LogCaptureFixture, fault: Fault, stored: list[str]
) -> None:
    poe.faults.add(fault)
    with connected(poe) as client:
        client.sendall(raw_request())
        fault.wait_until_met(5)
    time.sleep(0.02)
    fault.release()
    eventually(lambda: len(poe.requests) == 1)
    assert handles(poe) == stored
    poe.stop()
    assert caplog.text == ""


# Waiting for a request.


def test_waiting_for_a_request_that_does_not_come_ends_in_time(poe: Emulator) -> None:
    fault = poe.faults.add(Fault())
    started = time.monotonic()
    with pytest.raises(TimeoutError, match="no request"):
        fault.wait_until_met(0.05)
    assert 0.05 <= time.monotonic() - started < 2


def test_waiting_ends_as_soon_as_the_request_has_come(poe: Emulator, mine: httpx.Client) -> None:
    fault = poe.faults.add(Fault("POST"))
    timer = threading.Timer(0.05, lambda: mine.post("/bots", json=CREATE))
    timer.start()
    fault.wait_until_met(5)
    fault.wait_until_met(0)
    timer.join()


def test_a_request_is_met_only_once_it_has_been_read(poe: Emulator) -> None:
    fault = poe.faults.add(Fault(drop=True))
    with connected(poe) as client:
        request = raw_request()
        client.sendall(request[:-1])
        with pytest.raises(TimeoutError):
            fault.wait_until_met(0.05)
        client.sendall(request[-1:])
        fault.wait_until_met(5)


# The record.


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault(status=503), 503),
        (Fault(status=503, moment="after"), 503),
        (Fault(drop=True), None),
        (Fault(drop=True, moment="after"), None),
        (Fault(truncate=1), 201),
        (Fault(status=502, truncate=0), 502),
        (Fault(delay=0.01), 201),
        (Fault(delay=0.01, moment="after"), 201),
    ],
)
def test_a_request_that_met_a_fault_is_recorded_once(poe: Emulator, fault: Fault, status: int | None) -> None:
    poe.faults.add(fault)
    with connected(poe) as client:
        client.sendall(raw_request())
        client.recv(65536)
    poe.stop()
    assert [(each.method, each.path, each.status, each.body, each.fault) for each in poe.requests] == [
        ("POST", "/bots", status, CREATE, True)
    ]


def test_a_request_that_met_no_fault_is_recorded_as_such(poe: Emulator, mine: httpx.Client) -> None:
    poe.faults.add(Fault("POST", status=503))
    mine.get("/bots")
    assert [each.fault for each in poe.requests] == [False]


def test_once_a_fault_after_the_write_is_met_the_request_is_recorded(poe: Emulator, mine: httpx.Client) -> None:
    fault = poe.faults.add(Fault(hold=True, moment="after"))
    answer = in_background(mine.get, "/bots")
    fault.wait_until_met(5)
    assert [each.status for each in poe.requests] == [200]
    fault.release()
    answer.result(5)


# What makes no sense.


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"moment": "later"}, "moment"),
        ({"skip": -1}, "skip"),
        ({"times": 0}, "times"),
        ({"delay": -0.1}, "delay"),
        ({"truncate": -1}, "truncate"),
        ({"status": 99}, "status"),
        ({"status": 600}, "status"),
        ({"body": {}}, "body"),
        ({"headers": {"Retry-After": "1"}}, "headers"),
        ({"content_type": "text/html"}, "content_type"),
        ({"drop": True, "status": 500}, "drop"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Fault(**fields)


def test_nothing_is_logged_whatever_goes_wrong(poe: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    for fault in (Fault(drop=True), Fault(truncate=1), Fault(status=500), Fault(status=502, body=PAGE, truncate=3)):
        poe.faults.add(fault)
        with connected(poe) as client:
            client.sendall(raw_request())
            client.recv(65536)
    poe.stop()
    assert caplog.text == ""
