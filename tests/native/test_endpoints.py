"""An endpoint in the native shell, under an engine that the tests play."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc  # type: ignore[import-untyped]  # a part of the SDK
import pytest
from endpoints import ENDPOINT_KEY, Endpoint
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]  # a part of the SDK

from pulumi_poe.native.endpoints import is_endpoint
from pulumi_poe.native.servicer import AT_ONCE
from tests.native.conftest import NOT_KNOWN, SECRET, URN, Plugin, refusal

OURS = URN.replace("index:Bot", "index:Endpoint")
KEY = {**SECRET, "value": ENDPOINT_KEY}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint(key=ENDPOINT_KEY) as running:
        yield running


def declared(endpoint: Endpoint, **more: Any) -> dict[str, Any]:
    return {"baseUrl": endpoint.url, "modelName": "m", "apiKey": ENDPOINT_KEY, "wait": 0, **more}


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("poe:index:Endpoint", True),
        ("acme:index:Team$poe:index:Endpoint", True),
        ("poe:index:Bot", False),
        ("poe:index:Endpoint$poe:index:Bot", False),
    ],
)
def test_an_endpoint_is_known_by_its_type(type_: str, expected: bool) -> None:
    assert is_endpoint(f"urn:pulumi:dev::project::{type_}::poe:index:Endpoint") is expected


def outputs(inputs: dict[str, Any]) -> dict[str, Any]:
    """In which null is what is not declared: what is missing, YAML's host takes for not known yet in a preview."""
    names = ("apiType", "supportedFeatures", "inputModalities", "wait", "checks", "triggers")
    return {**dict.fromkeys(names), **inputs}


def test_an_endpoints_life(plugin: Plugin, endpoint: Endpoint) -> None:
    inputs, mistakes = plugin.check(declared(endpoint, triggers={"own_key": 1}), urn=OURS)
    assert mistakes == []
    assert inputs == declared(endpoint, apiKey=KEY, triggers={"own_key": 1})
    assert plugin.create(inputs, preview=True, urn=OURS) == ("", outputs(inputs))
    assert endpoint.requests == []

    id_, record = plugin.create(inputs, urn=OURS)
    assert record == outputs(inputs)
    assert len(endpoint.requests) == 3
    assert plugin.read(id_, record, urn=OURS) == (id_, record, inputs)
    assert plugin.diff(id_, record, inputs, urn=OURS).changes == 1

    news = declared(endpoint, triggers={"own_key": 2})
    of_another = plugin.diff(id_, record, {**news, "baseUrl": "https://llm.example.com/v1"}, urn=OURS)
    assert list(of_another.diffs) == sorted(of_another.detailedDiff) == ["baseUrl", "triggers"]
    difference = plugin.diff(id_, record, news, urn=OURS)
    assert {path: one.kind for path, one in difference.detailedDiff.items()} == {"triggers": 4}
    assert list(difference.replaces) == []
    assert plugin.update(id_, record, news, preview=True, urn=OURS)["triggers"] == {"own_key": 2}
    assert len(endpoint.requests) == 3
    assert plugin.update(id_, record, news, urn=OURS)["apiKey"] == KEY
    assert len(endpoint.requests) == 6
    plugin.delete(id_, record, urn=OURS)
    assert len(endpoint.requests) == 6


def test_it_needs_no_settings(fresh: Plugin, endpoint: Endpoint) -> None:
    plugin = fresh.begin(requestTimeout="soon")
    _, record = plugin.up(declared(endpoint), urn=OURS)
    assert record["baseUrl"] == endpoint.url


def test_mistakes_are_said_by_pulumis_names(plugin: Plugin, endpoint: Endpoint) -> None:
    _, mistakes = plugin.check({"base_url": endpoint.url, "modelName": "m", "apiType": "chat", "baseUlr": 1}, urn=OURS)
    assert mistakes == [
        "base_url: is spelt 'baseUrl' here",
        "apiType: must be 'chat_completions_api' or 'responses_api'",
        "baseUlr: there is no such property; did you mean 'baseUrl'?",
    ]


def test_what_is_unknown_stays_so(plugin: Plugin, endpoint: Endpoint) -> None:
    inputs, mistakes = plugin.check(declared(endpoint, baseUrl=NOT_KNOWN, apiKey=NOT_KNOWN), urn=OURS)
    assert mistakes == []
    assert (inputs["baseUrl"], inputs["apiKey"]) == (NOT_KNOWN, NOT_KNOWN)


def test_a_record_of_the_dynamic_shell_moves_over_and_nothing_is_asked(plugin: Plugin, endpoint: Endpoint) -> None:
    dynamic = {"__provider": "p", "base_url": endpoint.url, "model_name": "m", "api_key": ENDPOINT_KEY, "wait": 0}
    assert plugin.diff("id", dynamic, declared(endpoint), urn=OURS).changes == 2
    assert plugin.update("id", dynamic, declared(endpoint), urn=OURS) == outputs(declared(endpoint, apiKey=KEY))
    _, properties, _ = plugin.read("id", dynamic, urn=OURS)
    assert properties == {**dynamic, "api_key": KEY}
    assert endpoint.requests == []


def test_an_endpoint_can_not_be_imported(plugin: Plugin) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        plugin.read("anything", urn=OURS)
    assert refusal(raised).startswith("an endpoint can't be imported: ")


def test_a_failure_is_one_line_by_pulumis_names(plugin: Plugin, endpoint: Endpoint) -> None:
    endpoint.key = "another"
    with pytest.raises(grpc.RpcError) as raised:
        plugin.create(declared(endpoint), urn=OURS)
    assert "it refuses the key (asked once). Set apiKey to the endpoint's own key" in refusal(raised)


def test_a_fault_of_ours_in_a_check_is_one_line(
    plugin: Plugin, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulumi_poe.core.endpoint import operations

    monkeypatch.setattr(operations, "check", lambda *_: 1 / 0)
    (mistake,) = plugin.check(declared(endpoint), urn=OURS)[1]
    assert "a fault of pulumi-poe itself" in mistake


def test_who_waits_takes_nobodys_turn_tells_it_under_the_resource_and_ends_with_the_run(
    plugin: Plugin, endpoint: Endpoint
) -> None:
    endpoint.status = 503
    waiting = 2 * AT_ONCE
    with ThreadPoolExecutor(waiting) as pool:
        ended = [
            pool.submit(plugin.create, declared(endpoint, wait=300), urn=f"{OURS}-{number}")
            for number in range(waiting)
        ]
        begun = time.monotonic()
        plugin.up({"handle": "Other-Bot"})
        assert time.monotonic() - begun < 10
        told = threading.Event()
        while not any("waiting, 1" in said for _, said in plugin.engine.shown):
            assert not told.wait(0.1)
            assert time.monotonic() - begun < 30
        plugin.stub.Cancel(Empty())
        for future in ended:
            assert "the run was ended while this was waited for" in str(future.exception(10))
    assert {urn for urn, said in plugin.engine.shown if "waiting, 1" in said} <= {
        f"{OURS}-{number}" for number in range(waiting)
    }


def test_a_time_of_the_programs_own_ends_the_wait(plugin: Plugin, endpoint: Endpoint) -> None:
    endpoint.status = 503
    begun = time.monotonic()
    with pytest.raises(grpc.RpcError):
        plugin.create(declared(endpoint, wait=300), urn=OURS, timeout=1.0)
    assert time.monotonic() - begun < 10
