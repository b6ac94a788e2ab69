"""The list that all bots share, under every fault and every answer that is no list: each operation in this process.

tests/faults shows of some of them what a person sees.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from poes_faults import CASES
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from stacks import POE_KEY

from pulumi_poe.core import machine
from pulumi_poe.core.lifecycle.session import forget_sessions
from pulumi_poe.core.poe.client import PoeClient
from pulumi_poe.dynamic.errors import OneLineError
from pulumi_poe.emulator import Emulator, Fault
from pulumi_poe.provider import BotProvider

BOT: dict[str, Any] = {"handle": "Live-Bot", "description": "first", "api_bot_settings": {"model_name": "m"}}
NO_LISTS: list[Any] = [
    None, True, 7, -1.5, "text", "", [], [[]], {}, {"a": {"b": []}}, [None], "\ud800", {"bots": 7}, {"bots": {"a": {}}},
    {"error": "no"},
]  # fmt: skip

Operation = Callable[[BotProvider, dict[str, Any]], object]
WITHOUT_A_TIMEOUT = [name for name, case in CASES.items() if "delay" not in case.kind.what]
"""A timeout takes its time: tests/core/poe/test_client.py and tests/faults have it."""

OPERATIONS: dict[str, Operation] = {
    "create": lambda provider, _: provider.create({**BOT, "handle": "New-Bot"}),
    "update": lambda provider, state: provider.update("Live-Bot", state, {**BOT, "description": "second"}),
    "read": lambda provider, state: provider.read("Live-Bot", state),
}
HANDLES = {"create": "New-Bot", "update": "Live-Bot", "read": "Live-Bot"}


@pytest.fixture(scope="module")
def poe() -> Iterator[Emulator]:
    with Emulator(accounts={"ours": POE_KEY}) as emulator:
        yield emulator


@pytest.fixture
def new_provider(poe: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], BotProvider]]:
    """Makes the provider of a new plugin process. Whoever waits there has waited at once."""
    clients: list[PoeClient] = []
    waited = [0.0]
    me = threading.get_ident()

    def sleep(seconds: float) -> None:
        if threading.get_ident() == me:
            waited[0] += seconds
        else:
            time.sleep(seconds)

    make_client = PoeClient.__init__

    def make_and_note(client: PoeClient, *given: Any, **named: Any) -> None:
        make_client(client, *given, **named)
        clients.append(client)

    def make() -> BotProvider:
        settings = {"apiUrl": poe.url, "apiKey": POE_KEY, "attempts": "2"}
        forget_sessions()
        provider = BotProvider()
        provider.configure(ConfigureRequest(Config({f"poe:{name}": value for name, value in settings.items()}, "p")))
        return provider

    for name in ("POE_API_KEY", "POE_API_URL", "POE_ADOPT", "POE_MISSING_IS_GONE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(machine, "sleep", sleep)
    monkeypatch.setattr(machine, "monotonic", lambda: time.monotonic() + waited[0])
    monkeypatch.setattr(PoeClient, "__init__", make_and_note)
    yield make
    poe.faults.clear()
    for bot in poe.bots():
        make().delete(bot["handle"], bot)
    for client in clients:
        client._http.close()  # an open connection is an error of pytest's


@pytest.fixture
def state(new_provider: Callable[[], BotProvider], poe: Emulator) -> dict[str, Any]:
    """What the state has of a bot that is there."""
    outputs = dict(new_provider().create(BOT).outs or {})
    assert [bot["handle"] for bot in poe.bots()] == ["Live-Bot"]
    return outputs


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("case", WITHOUT_A_TIMEOUT)
def test_what_passes_is_done_and_all_else_changes_nothing_and_is_told(
    new_provider: Callable[[], BotProvider], state: dict[str, Any], poe: Emulator, case: str, operation: str
) -> None:
    it = CASES[case]
    before = poe.bots()
    fault = poe.faults.add(Fault(method="GET", path="/bots", times=it.times, **it.kind.what))

    if it.passes:
        OPERATIONS[operation](new_provider(), state)
    else:
        with pytest.raises(OneLineError) as raised:
            OPERATIONS[operation](new_provider(), state)
        assert str(raised.value).startswith(f"{operation} bot {HANDLES[operation]!r}: ")
        assert it.kind.says in str(raised.value)
        assert poe.bots() == before
    assert fault.met


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("body", NO_LISTS, ids=json.dumps)
def test_an_answer_that_is_no_list_changes_nothing(
    new_provider: Callable[[], BotProvider], state: dict[str, Any], poe: Emulator, body: Any, operation: str
) -> None:
    before = poe.bots()
    raw = "" if body == "" else json.dumps(body)
    poe.faults.add(Fault(method="GET", path="/bots", times=None, status=200, body=raw))

    with pytest.raises(OneLineError) as raised:
        OPERATIONS[operation](new_provider(), state)

    assert str(raised.value).startswith(f"{operation} bot {HANDLES[operation]!r}: ")
    assert poe.bots() == before
