"""The dynamic shell of an endpoint, as the SDK calls it."""

from __future__ import annotations

import base64
import logging
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from endpoints import ENDPOINT_KEY, Endpoint
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.output import Unknown

from pulumi_poe.core import machine
from pulumi_poe.dynamic.errors import OneLineError
from pulumi_poe.endpoint_provider import EndpointProvider
from pulumi_poe.spelling import to_pulumi
from pulumi_poe.tokens import NATIVE_ENDPOINT_TYPE, PICKLED, SECRET

RELEASED = {
    "0.1.0": "gASVOAAAAAAAAACMHHB1bHVtaV9wb2UuZW5kcG9pbnRfcHJvdmlkZXKUjBBFbmRwb2ludFByb3ZpZGVylJOUKYGULg==",
}
"""What the state of every user of a release holds as the provider. Never changes; a rename needs a shim."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint(key=ENDPOINT_KEY) as running:
        yield running
    machine.begin_anew()


@pytest.fixture
def provider() -> Iterator[EndpointProvider]:
    made = EndpointProvider()
    logger = logging.getLogger("pulumi_poe")
    made.configure(ConfigureRequest(Config({"poe:logLevel": "warning"}, "project")))
    assert logger.level == logging.WARNING
    yield made
    for handler in [*logger.handlers]:
        logger.removeHandler(handler)
    logger.propagate = True
    logger.setLevel(logging.NOTSET)


def news(endpoint: Endpoint, **more: Any) -> dict[str, Any]:
    """What the engine has check look at."""
    declared = {"base_url": endpoint.url, "model_name": "m", "api_key": ENDPOINT_KEY, "wait": 0.0}
    return {PICKLED: "pickled", **declared, **more}


@pytest.mark.parametrize("release", RELEASED)
def test_the_provider_in_a_state_of_any_release_loads(release: str) -> None:
    assert isinstance(pickle.loads(base64.b64decode(RELEASED[release])), EndpointProvider)  # noqa: S301 -- our own
    assert serialize_provider(EndpointProvider()) == RELEASED[release]


def test_the_provider_is_no_secret_in_the_state() -> None:
    assert not EndpointProvider().serialize_as_secret_always


def test_settings_that_bots_can_not_use_are_no_matter_of_an_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POE_API_URL", "http://not.of.this.machine")
    EndpointProvider().configure(ConfigureRequest(Config({"poe:requestTimeout": "soon"}, "project")))
    assert logging.getLogger("pulumi_poe").level == logging.INFO


def test_the_key_is_a_secret_in_whatever_the_state_gets(provider: EndpointProvider, endpoint: Endpoint) -> None:
    secret = {**SECRET, "value": ENDPOINT_KEY}
    checked = provider.check({}, news(endpoint, triggers=[1.0, {"a": None}]))
    assert checked.failures == []
    assert checked.inputs == {**news(endpoint), "triggers": [1, {"a": None}], "api_key": secret, "wait": 0}
    created = provider.create(news(endpoint))
    assert created.outs is not None
    assert created.outs["api_key"] == secret
    updated = provider.update(created.id, created.outs, news(endpoint, triggers=2.0))
    assert updated.outs is not None
    assert updated.outs["api_key"] == secret
    read = provider.read(created.id, news(endpoint)).outs
    assert read is not None
    assert read["api_key"] == secret


def test_mistakes_have_no_property_whose_value_the_engine_would_print(
    provider: EndpointProvider, endpoint: Endpoint
) -> None:
    failures = provider.check({}, news(endpoint, wait=-1.0, base_ulr="x", checks=["usge"])).failures
    assert [failure.property for failure in failures] == ["", "", ""]


def test_what_is_unknown_stays_so(provider: EndpointProvider, endpoint: Endpoint) -> None:
    unknown = Unknown()
    checked = provider.check({}, news(endpoint, base_url=unknown, api_key=unknown, triggers=[unknown]))
    assert checked.failures == []
    assert isinstance(checked.inputs["base_url"], Unknown)
    assert isinstance(checked.inputs["api_key"], Unknown)
    assert isinstance(checked.inputs["triggers"][0], Unknown)
    assert provider.diff("id", news(endpoint), news(endpoint, base_url=unknown)).changes is None


def test_a_diff_lets_the_engine_show_what_changed_and_replaces_nothing(
    provider: EndpointProvider, endpoint: Endpoint
) -> None:
    before = news(endpoint, input_modalities=["text", "image"])
    assert provider.diff("id", before, {**before, "input_modalities": ["image", "text"]}).changes is False
    for changed in ({"base_url": "https://other.example.com"}, {"wait": 5.0}, {"triggers": ["a"]}):
        difference = provider.diff("id", before, {**before, **changed})
        assert (difference.changes, difference.replaces) == (None, [])


def test_a_record_of_the_native_shell_is_written_anew_and_nothing_is_asked(
    provider: EndpointProvider, endpoint: Endpoint
) -> None:
    declared = news(endpoint)
    native = to_pulumi({name: value for name, value in declared.items() if name != PICKLED}, NATIVE_ENDPOINT_TYPE)
    assert provider.diff("id", native, declared).changes is None
    outs = provider.update("id", native, declared).outs
    assert outs is not None
    assert outs["base_url"] == endpoint.url
    assert endpoint.requests == []


def test_an_error_is_one_line(provider: EndpointProvider, endpoint: Endpoint) -> None:
    endpoint.status = 500
    with pytest.raises(OneLineError) as raised:
        provider.create(news(endpoint))
    assert str(raised.value).startswith(f"create endpoint {endpoint.url}: /chat/completions answers 500: ")


def test_there_is_nothing_to_delete(provider: EndpointProvider, endpoint: Endpoint) -> None:
    provider.delete("id", news(endpoint))
    assert endpoint.requests == []


def test_a_fault_of_ours_in_a_check_is_one_line(
    provider: EndpointProvider, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulumi_poe.core.endpoint import operations

    monkeypatch.setattr(operations, "check", lambda *_: 1 / 0)
    (failure,) = provider.check({}, news(endpoint)).failures
    assert "a fault of pulumi-poe itself" in failure.reason
