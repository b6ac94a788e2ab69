"""The dynamic shell, called as the engine's plugin calls it, without the engine."""

from __future__ import annotations

import base64
import importlib
import json
import logging
import pickle
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.output import Unknown

from pulumi_poe import provider as shell
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.preview import Preview
from pulumi_poe.core.lifecycle.record import FINGERPRINT
from pulumi_poe.core.lifecycle.session import forget_sessions
from pulumi_poe.core.poe.client import PoeClient
from pulumi_poe.core.poe.settings import Settings
from pulumi_poe.emulator import API_KEY_1, Emulator
from pulumi_poe.provider import DECLARED_BY, BotProvider
from pulumi_poe.spelling import to_pulumi

BOT: dict[str, Any] = {
    "handle": "Acme-Bot",
    "is_private": False,
    "api_bot_settings": {"api_key": "ENDPOINT-CANARY", "context_size": 5},
}
OF_THE_SHELL = {"__provider": "pickled"}
RELEASED = {
    "0.1.0": "gASVKgAAAAAAAACME3B1bHVtaV9wb2UucHJvdmlkZXKUjAtCb3RQcm92aWRlcpSTlCmBlC4=",
}
"""What the state of every user of a release holds as the provider. Never changes; a rename needs a shim."""

SECRET = "4dabf18193072939515e22adb298388d"
"""By this name the engine knows a secret."""

Configured = Callable[..., BotProvider]


class SlowConfig(Config):
    """Takes a moment for each value, so that calls of several threads meet."""

    def get(self, key: str) -> Any:
        time.sleep(0.002)
        return super().get(key)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting comes from the shell in which the tests run."""
    for name in ("POE_API_KEY", "POE_API_URL", "POE_ADOPT", "POE_MISSING_IS_GONE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def poe() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def no_bots(poe: Emulator, configured: Configured) -> Iterator[None]:
    yield
    for bot in poe.bots(API_KEY_1):
        configured().delete(bot["handle"], bot)
    poe.requests.clear()


@pytest.fixture
def configured(poe: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Configured]:
    """Makes providers of new plugin processes: ``configured()``, or ``configured(apiKey="other")``."""
    clients: list[PoeClient] = []
    make_client = PoeClient.__init__

    def make_and_note(client: PoeClient, settings: Settings, **named: Any) -> None:
        make_client(client, settings, **named)
        clients.append(client)

    def make(kind: type[Config] = Config, **config: str | None) -> BotProvider:
        values = {"apiUrl": poe.url, "apiKey": API_KEY_1, **config}
        forget_sessions()
        provider = BotProvider()
        provider.configure(ConfigureRequest(kind({f"poe:{key}": value for key, value in values.items()}, "project")))
        return provider

    monkeypatch.setattr(PoeClient, "__init__", make_and_note)
    yield make
    for client in clients:
        client._http.close()  # an open connection is an error of pytest's


@pytest.fixture
def provider(configured: Configured) -> BotProvider:
    return configured()


def news(bot: dict[str, Any] = BOT, *, name: str = "mine", adopt: object = False) -> dict[str, Any]:
    """What the engine has check look at."""
    return {**OF_THE_SHELL, **bot, "adopt": adopt, DECLARED_BY: {"name": name, "number": 1.0}}


def seen_by_the_engine(bag: dict[str, Any] | None) -> dict[str, Any]:
    """What the engine makes of it, and gives back: what is marked as a secret is plain again."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return plain(value["value"]) if SECRET in value else {name: plain(inner) for name, inner in value.items()}
        return value

    return {name: plain(value) for name, value in (bag or {}).items()}


def as_shown(call: Callable[[], object]) -> str:
    """What the SDK sends the engine when a call of the provider fails."""
    try:
        call()
    except Exception:
        return traceback.format_exc()
    raise AssertionError("did not fail")


# --- in the state of every user ---------------------------------------------------------------------


def test_the_provider_is_known_by_this_module_and_name() -> None:
    assert getattr(importlib.import_module("pulumi_poe.provider"), "BotProvider") is BotProvider  # noqa: B009 -- as a state names it


@pytest.mark.parametrize("release", RELEASED)
def test_the_provider_in_a_state_of_any_release_loads(release: str) -> None:
    loaded = pickle.loads(base64.b64decode(RELEASED[release]))  # noqa: S301 -- our own
    assert isinstance(loaded, BotProvider)


def test_the_provider_is_stored_by_reference_and_so_is_small() -> None:
    stored = base64.b64decode(serialize_provider(BotProvider()))
    assert b"pulumi_poe.provider" in stored
    assert len(stored) <= 60


def test_the_provider_is_no_secret_in_the_state() -> None:
    assert not BotProvider().serialize_as_secret_always


# --- errors -----------------------------------------------------------------------------------------


def test_an_error_is_shown_as_one_line(configured: Configured) -> None:
    shown = as_shown(lambda: configured(apiKey=None).create(BOT))
    assert shown.startswith("Poe: create bot 'Acme-Bot': no Poe API key is set")
    assert shown.count("\n") == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda provider: provider.create(BOT),
        lambda provider: provider.read("Acme-Bot", BOT),
        lambda provider: provider.update("Acme-Bot", BOT, {**BOT, "is_private": True}),
        lambda provider: provider.delete("Acme-Bot", BOT),
    ],
    ids=["create", "read", "update", "delete"],
)
def test_errors_of_every_operation_are_one_line(configured: Configured, call: Any) -> None:
    assert as_shown(lambda: call(configured(apiKey="wrong"))).count("\n") == 1


def test_tracebacks_are_as_before_once_an_error_was_shown(configured: Configured) -> None:
    as_shown(lambda: configured(apiKey=None).create(BOT))
    assert not hasattr(sys, "tracebacklimit")


def test_a_traceback_limit_that_was_set_before_is_set_again(configured: Configured) -> None:
    sys.tracebacklimit = 7
    try:
        as_shown(lambda: configured(apiKey=None).create(BOT))
        assert getattr(sys, "tracebacklimit", None) == 7
    finally:
        vars(sys).pop("tracebacklimit", None)


def test_an_error_that_is_shown_twice_leaves_tracebacks_as_before(configured: Configured) -> None:
    with pytest.raises(Exception, match="no Poe API key") as raised:
        configured(apiKey=None).create(BOT)
    assert str(raised.value) == str(raised.value)
    assert not hasattr(sys, "tracebacklimit")


def test_errors_of_several_threads_at_once_are_one_line_each(configured: Configured) -> None:
    provider = configured(apiKey=None)
    together = threading.Barrier(8, timeout=5)

    def show(number: int) -> str:
        try:
            provider.create({**BOT, "handle": f"Bot-{number}"})
        except Exception:
            together.wait()  # all are on their way
            return traceback.format_exc()
        raise AssertionError("did not fail")

    with ThreadPoolExecutor(8) as threads:
        for number, shown in enumerate(threads.map(show, range(8))):
            assert shown.startswith(f"Poe: create bot 'Bot-{number}': no Poe API key is set")
            assert shown.count("\n") == 1
    assert not hasattr(sys, "tracebacklimit")


@pytest.mark.parametrize("method", ["create", "diff"])
def test_a_bug_is_shown_in_one_line_with_its_place_and_without_a_value(
    provider: BotProvider, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("CANARY")

    monkeypatch.setattr(Operations, method, fail)
    shown = as_shown(lambda: provider.create(BOT) if method == "create" else provider.diff("a", BOT, BOT))
    assert shown.startswith("Poe: a fault of pulumi-poe itself: KeyError in provider.py, line ")
    assert shown.count("\n") == 1
    assert "CANARY" not in shown


def test_a_bug_in_a_check_is_shown_in_the_preview_as_a_fault_of_our_own(
    provider: BotProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("CANARY")

    monkeypatch.setattr(Preview, "_mistakes", fail)
    (failure,) = provider.check({}, BOT).failures
    assert "a fault of pulumi-poe itself: KeyError" in failure.reason
    assert "CANARY" not in failure.reason


def test_no_key_is_in_what_is_shown(configured: Configured) -> None:
    assert "WRONG-CANARY" not in as_shown(lambda: configured(apiKey="WRONG-CANARY").create(BOT))


# --- configure and check ----------------------------------------------------------------------------


def test_wrong_settings_are_said_by_the_first_call_that_needs_them(configured: Configured) -> None:
    provider = configured(requestTimeout="soon")
    (failure,) = provider.check({}, news()).failures
    assert failure.reason == "poe:requestTimeout is not a number of seconds above 0. Use one such as 30."


def test_however_the_provider_was_pickled_a_process_has_one_registry(configured: Configured, poe: Emulator) -> None:
    of_the_program = configured()
    of_the_state = BotProvider()
    of_the_state.configure(ConfigureRequest(Config({"poe:apiUrl": poe.url, "poe:apiKey": API_KEY_1}, "project")))
    of_the_program.check({}, news(adopt=True))
    created = of_the_program.create({**OF_THE_SHELL, **BOT})
    assert created.outs is not None
    of_the_state.delete("Acme-Bot", created.outs)
    assert [bot["handle"] for bot in poe.bots(API_KEY_1)] == ["Acme-Bot"]


def test_threads_that_call_at_once_share_one_session(configured: Configured) -> None:
    provider = configured(SlowConfig)
    start = threading.Barrier(4, timeout=5)

    def bots(_: int) -> Operations:
        start.wait()
        return provider._bots()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(bots, range(4)))) == 1


def test_of_threads_that_declare_one_handle_at_once_one_is_let_pass(configured: Configured) -> None:
    provider = configured(SlowConfig)
    start = threading.Barrier(4, timeout=5)

    def mistakes(number: int) -> int:
        start.wait()
        return len(provider.check({}, news(name=f"resource {number}")).failures)

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(mistakes, range(4))) == [0, 1, 1, 1]


def test_check_keeps_what_is_only_for_it_out_of_the_inputs(provider: BotProvider) -> None:
    assert seen_by_the_engine(provider.check({}, news(adopt=True)).inputs) == {**OF_THE_SHELL, **BOT}


def test_check_names_the_resource_that_declares_a_handle_too(provider: BotProvider) -> None:
    assert provider.check({}, news(name="first")).failures == []
    (failure,) = provider.check({}, news(name="second")).failures
    assert "the resource 'first'" in failure.reason


def test_a_failure_names_no_property_because_the_engine_would_print_its_value(provider: BotProvider) -> None:
    wrong = {**BOT, "is_private": "no", "api_bot_settings": {"api_key": 5}}
    failures = provider.check({}, news(wrong)).failures
    assert [failure.property for failure in failures] == ["", ""]
    assert [failure.reason.split(":")[0] for failure in failures] == ["is_private", "api_bot_settings.api_key"]


def test_values_that_are_unknown_yet_pass(provider: BotProvider) -> None:
    unknown = {"handle": Unknown(), "is_private": Unknown(), "api_bot_settings": {"api_key": Unknown()}}
    assert provider.check({}, news(unknown)).failures == []


def test_a_whole_number_is_one_although_the_engine_sends_a_float(provider: BotProvider) -> None:
    floats = {"api_bot_settings": {"context_size": 5.0, "input_modalities": ["text"]}}
    assert provider.check({}, news({**BOT, **floats})).failures == []


def test_adopt_lets_the_create_take_a_bot_over(provider: BotProvider, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {**BOT, "is_private": True})
    assert provider.check({}, news(adopt=True)).failures == []
    created = provider.create({**OF_THE_SHELL, **BOT})
    assert created.outs is not None
    assert "adopt" not in created.outs
    assert poe.bots(API_KEY_1)[0]["is_private"] is False


def test_an_adopt_that_is_unknown_yet_is_no_mistake(provider: BotProvider, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    assert provider.check({}, news(adopt=Unknown())).failures == []


def test_an_sdk_that_hides_what_is_recorded_is_told(
    configured: Configured, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Of its own, because a provider that is the first to show the log keeps it from others.
    monkeypatch.setattr(logging.getLogger("pulumi_poe"), "handlers", [caplog.handler])
    shell._warn_of_an_old_sdk.cache_clear()
    monkeypatch.setattr("pulumi.runtime.rpc.deserialize_properties", lambda *_: {})
    configured()
    assert "pip install --upgrade 'pulumi>=3.235'" in caplog.text
    shell._warn_of_an_old_sdk.cache_clear()


# --- the endpoint's key ------------------------------------------------------------------------------

MARKED = {SECRET: "1b47061264138c4ac30d75fd1eb44270", "value": "ENDPOINT-CANARY"}


def key_of(bag: dict[str, Any] | None) -> object:
    assert bag is not None
    return bag["api_bot_settings"]["api_key"]


def test_whatever_check_create_update_and_read_return_the_endpoints_key_is_a_secret(provider: BotProvider) -> None:
    created = provider.create(BOT).outs
    plain = seen_by_the_engine(created)
    read = provider.read("Acme-Bot", plain)
    bags = {
        "check": provider.check({}, news()).inputs,
        "create": created,
        "update": provider.update("Acme-Bot", plain, {**BOT, "is_private": True}).outs,
        "read": read.outs,
        "read, inputs": read.inputs,
    }
    assert {call: key_of(bag) for call, bag in bags.items()} == dict.fromkeys(bags, MARKED)


def test_a_key_that_is_wrong_is_a_secret_all_the_same(provider: BotProvider) -> None:
    inputs = provider.check({}, news({**BOT, "api_bot_settings": {"api_key": 5}})).inputs
    assert key_of(inputs) == {**MARKED, "value": 5}


@pytest.mark.parametrize("settings", [None, "text", [], {}, {"api_key": None}])
def test_where_there_is_no_key_nothing_is_marked(provider: BotProvider, settings: object) -> None:
    assert provider.check({}, news({**BOT, "api_bot_settings": settings})).inputs["api_bot_settings"] == settings


# --- the operations ---------------------------------------------------------------------------------


def test_the_id_is_the_handle_as_it_is_declared(provider: BotProvider) -> None:
    assert provider.create({**OF_THE_SHELL, **BOT}).id == "Acme-Bot"


def test_the_outputs_are_what_is_declared_and_a_fingerprint(provider: BotProvider) -> None:
    outs = seen_by_the_engine(provider.create({**OF_THE_SHELL, **BOT}).outs)
    assert {name: value for name, value in outs.items() if name != FINGERPRINT} == BOT


def test_no_change_is_no_change(provider: BotProvider) -> None:
    outs = seen_by_the_engine(provider.create(BOT).outs)
    found = provider.diff("Acme-Bot", {**OF_THE_SHELL, **outs}, {**OF_THE_SHELL, **BOT})
    assert found.changes is False
    assert found.replaces == []


def test_for_a_change_the_engine_shows_the_properties(provider: BotProvider) -> None:
    found = provider.diff("Acme-Bot", BOT, {**BOT, "is_private": True})
    assert found.changes is None
    assert found.replaces == []


def test_another_handle_replaces(provider: BotProvider) -> None:
    assert provider.diff("Acme-Bot", BOT, {**BOT, "handle": "Other"}).replaces == ["handle"]


def test_read_gives_inputs_without_what_is_recorded_beside_them(provider: BotProvider) -> None:
    outs = seen_by_the_engine(provider.create(BOT).outs)
    found = provider.read("Acme-Bot", {**OF_THE_SHELL, **outs})
    assert found.id == "Acme-Bot"
    assert seen_by_the_engine(found.outs) == outs
    assert seen_by_the_engine(found.inputs) == BOT


def test_half_a_character_that_poe_answers_is_read_as_one_that_the_engine_can_be_told(
    configured: Configured, poe: Emulator
) -> None:
    declared = {"handle": "Acme-Bot", "description": "d", "extra": {"made": ["d", {"by": "d"}]}}
    outs = seen_by_the_engine(configured().create(declared).outs)
    poe.seed(API_KEY_1, {"handle": "Acme-Bot", "description": "a \ud83d b", "made": ["\udc00 é 🤖"]})
    found = configured().read("Acme-Bot", outs)
    assert found.outs is not None
    assert found.inputs is not None
    assert found.outs["description"] == "a \ufffd b"
    assert found.inputs["extra"]["made"] == ["\ufffd é 🤖"]
    json.dumps(found.outs, ensure_ascii=False).encode()


def test_a_bot_that_is_gone_is_read_as_nothing(provider: BotProvider) -> None:
    outs = seen_by_the_engine(provider.create(BOT).outs)
    other = provider.diff("Acme-Bot", {**OF_THE_SHELL, **outs}, BOT)
    assert other.changes is False
    provider.check({}, news())
    provider.delete("Acme-Bot", outs)
    assert provider.read("Acme-Bot", outs).id is None


def test_update_gives_the_new_outputs(provider: BotProvider, poe: Emulator) -> None:
    outs = seen_by_the_engine(provider.create(BOT).outs)
    updated = provider.update("Acme-Bot", outs, {**OF_THE_SHELL, **BOT, "is_private": True}).outs or {}
    assert updated["is_private"] is True
    assert poe.bots(API_KEY_1)[0]["is_private"] is True
    assert "__provider" not in updated


def test_a_state_of_the_native_shell_is_understood_and_written_anew(provider: BotProvider, poe: Emulator) -> None:
    outs = seen_by_the_engine(provider.create(BOT).outs)
    of_native = to_pulumi(outs)
    inputs = {name: value for name, value in of_native.items() if not name.startswith("_")}
    assert "apiBotSettings" in of_native
    poe.requests.clear()
    assert provider.check(inputs, news()).failures == []
    difference = provider.diff("Acme-Bot", of_native, {**OF_THE_SHELL, **BOT})
    assert (difference.changes, difference.replaces) == (None, [])  # the engine sees the one that the SDK adds
    updated = seen_by_the_engine(provider.update("Acme-Bot", of_native, {**OF_THE_SHELL, **BOT}).outs)
    assert updated == {**outs, "__resource": "mine"}
    assert [request.method for request in poe.requests] == []


def test_what_a_program_misspells_is_no_word_of_the_native_shells(provider: BotProvider) -> None:
    (failure,) = provider.check({}, {**news(), "isPrivate": True}).failures
    assert "isPrivate" in failure.reason


def test_floats_of_the_engine_are_sent_to_poe_as_whole_numbers(provider: BotProvider, poe: Emulator) -> None:
    provider.create({"handle": "Acme-Bot", "api_bot_settings": {"context_size": 5.0}})
    assert '"context_size": 5}' in repr(poe.requests[-1].body).replace("'", '"')
