"""What the engine asks of an endpoint, on real sockets."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from endpoints import ENDPOINT_KEY, Endpoint

from pulumi_poe.core import machine
from pulumi_poe.core.endpoint import operations
from pulumi_poe.core.errors import EndpointError, OwnFaultError
from pulumi_poe.core.values.unknown import UNKNOWN


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint(key=ENDPOINT_KEY) as running:
        yield running
    machine.begin_anew()


def declared(endpoint: Endpoint, **more: Any) -> dict[str, Any]:
    return {"base_url": endpoint.url, "model_name": "m", "api_key": ENDPOINT_KEY, "wait": 0, **more}


def test_a_check_asks_nothing(endpoint: Endpoint) -> None:
    checked = operations.check(declared(endpoint, checks=["usge"], triggers=UNKNOWN), {})
    assert len(checked.mistakes) == 1
    assert checked.inputs == declared(endpoint, checks=["usge"], triggers=UNKNOWN)
    assert endpoint.requests == []


def test_what_has_not_changed_is_not_judged_again(endpoint: Endpoint) -> None:
    before = declared(endpoint, model_name="")
    assert operations.check({**before, "wait": 0.0}, before).mistakes == []
    assert operations.check({**before, "wait": 1}, before).mistakes == ["model_name: must not be empty"]


def test_that_poe_does_not_reach_it_is_said_of_the_bot_and_not_twice(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    assert operations.check(declared(endpoint), {}).mistakes == []
    assert caplog.messages == []


def test_no_password_is_said_that_stands_in_an_address(caplog: pytest.LogCaptureFixture) -> None:
    url = "http://me:canary-pw@127.0.0.1:1/v1?token=canary-pw"
    checked = operations.check({"base_url": url, "model_name": "m"}, {})
    assert len(checked.mistakes) == 2
    with pytest.raises(EndpointError) as raised:
        operations.create({"base_url": url, "model_name": "m"})
    assert str(raised.value).startswith("create endpoint http://127.0.0.1:1/v1: base_url: must not have ")
    assert "canary-pw" not in f"{checked.mistakes} {raised.value} {caplog.messages}"


def test_what_was_unknown_in_the_check_is_judged_before_anything_is_asked(endpoint: Endpoint) -> None:
    for wrong in ({"base_url": "http://llm.example.com/v1"}, {"api_key": "k\n"}, {"checks": ["all"]}, {"base_url": 7}):
        with pytest.raises(EndpointError, match="Nothing was sent"):
            operations.create(declared(endpoint, **wrong))
    assert endpoint.requests == []


def test_what_is_recorded_is_what_was_declared(endpoint: Endpoint) -> None:
    whole = declared(endpoint, triggers=[1], checks=["completion"], api_type=None)
    record = operations.create(whole)
    assert record == {name: value for name, value in whole.items() if value is not None}
    assert operations.read(record) == record
    assert operations.differing(whole, record) == []


def test_only_what_was_proven_is_proven_again(endpoint: Endpoint) -> None:
    before = operations.create(declared(endpoint))
    endpoint.requests.clear()
    after = operations.update(before, declared(endpoint, wait=5, checks=["reachable"]))
    assert endpoint.requests == []
    assert after["checks"] == ["reachable"]
    operations.update(before, declared(endpoint, triggers=["new"]))
    assert endpoint.asked == ["/models", "/chat/completions", "/chat/completions"]


def test_a_failure_is_one_line_that_says_what_was_asked_what_came_back_and_what_to_do(endpoint: Endpoint) -> None:
    endpoint.usage = False
    with pytest.raises(EndpointError) as raised:
        operations.create(declared(endpoint))
    assert str(raised.value) == (
        f"create endpoint {endpoint.url}: /chat/completions reports no prompt_tokens and completion_tokens "
        "(asked once). Poe charges users by these. Report usage, and in a stream in its last chunk, "
        "as 'stream_options' asks for it. Poe was sent nothing, and the state is as it was."
    )


def test_a_wrong_key_is_not_shown(endpoint: Endpoint) -> None:
    endpoint.answering = lambda _path, _body: (403, "no sk-wrong-canary")
    with pytest.raises(EndpointError) as raised:
        operations.create(declared(endpoint, api_key="sk-wrong-canary"))
    assert "sk-wrong-canary" not in str(raised.value)


def test_a_time_of_the_programs_own_ends_the_wait(endpoint: Endpoint) -> None:
    endpoint.status = 503
    before = machine.monotonic()
    with pytest.raises(EndpointError, match=r"asked [23] times in [12] s"):
        operations.create(declared(endpoint, wait=60), timeout=1.5)
    assert machine.monotonic() - before < 5


def test_a_warning_is_said_once_in_all_rounds(endpoint: Endpoint, caplog: pytest.LogCaptureFixture) -> None:
    endpoint.models = ["n"]
    rounds: list[str] = []

    def answering(path: str, _: Any) -> tuple[int, str] | None:
        rounds.append(path)
        return None if path.endswith("models") or rounds.count(path) > 2 else (503, "loading")

    endpoint.answering = answering
    operations.create(declared(endpoint, wait=30))
    assert rounds.count("/v1/models") == 3
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings == [
        f"endpoint {endpoint.url}: the endpoint does not list 'm'. Is it spelled as the endpoint has it?"
    ]


def test_an_endpoint_can_not_be_imported() -> None:
    with pytest.raises(EndpointError, match="can't be imported"):
        operations.read({})


def test_a_fault_of_ours_is_one_line(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "examined", lambda *_: 1 / 0)
    with pytest.raises(OwnFaultError, match=r"create endpoint .*: a fault of pulumi-poe itself: ZeroDivisionError"):
        operations.create(declared(endpoint))
