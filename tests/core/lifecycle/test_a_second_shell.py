"""A shell translates and decides nothing: one for an engine that is not Pulumi's leads a bot through its whole life."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_poe.core.bot.fields import with_secrets
from pulumi_poe.core.errors import PoeError, as_poe_error
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.record import properties
from pulumi_poe.core.lifecycle.registry import Resource
from pulumi_poe.core.lifecycle.session import Session
from pulumi_poe.core.poe.settings import Settings
from pulumi_poe.core.values.numbers import in_each, whole
from pulumi_poe.core.values.unknown import UNKNOWN
from pulumi_poe.emulator import API_KEY_1, Emulator

Bag = dict[str, Any]
NOT_KNOWN = "<not known>"


class Secret:
    """How this engine knows a secret."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Shell:
    """An engine with a state by URNs, and the shell for it."""

    def __init__(self, poe: Emulator) -> None:
        self._settings = Settings(api_url=poe.url, api_key=API_KEY_1)
        self.state: dict[str, tuple[str, Bag]] = {}
        self.shown: list[str] = []

    def up(self, program: dict[str, Bag], *, preview: bool = False) -> None:
        bots, self.shown = Operations(Session(self._settings)), []
        checked = {urn: self._check(bots, urn, declared) for urn, declared in program.items()}
        for urn, inputs in checked.items():
            self._step(bots, urn, inputs, preview)
        for urn in [urn for urn in self.state if urn not in program]:
            self._delete(bots, urn, preview)

    def refresh(self) -> None:
        bots = Operations(Session(self._settings))
        for urn, (id_, record) in list(self.state.items()):
            found = bots.read(id_, to_core(record))
            if found is None:
                del self.state[urn]
            else:
                self.state[urn] = (id_, to_engine(found))

    def _check(self, bots: Operations, urn: str, declared: Bag) -> Bag:
        before = properties(to_core(self.state[urn][1])) if urn in self.state else {}
        found = bots.check(to_core(declared), before=before, resource=Resource(urn))
        if found.mistakes:
            raise ValueError("; ".join(found.mistakes))
        return to_engine(found.inputs)

    def _step(self, bots: Operations, urn: str, inputs: Bag, preview: bool) -> None:
        if urn not in self.state:
            self.shown.append(f"create {urn}")
            if not preview:
                created = bots.create(to_core(inputs))
                self.state[urn] = (created.id, to_engine(created.record))
            return
        id_, record = self.state[urn]
        difference = bots.diff(id_, to_core(record), to_core(inputs))
        if difference.changed:
            self.shown.append(f"update {urn}: {', '.join('.'.join(path) for path in difference.paths)}")
            if not preview:
                self.state[urn] = (id_, to_engine(bots.update(id_, to_core(record), to_core(inputs))))

    def _delete(self, bots: Operations, urn: str, preview: bool) -> None:
        self.shown.append(f"delete {urn}")
        if not preview:
            id_, record = self.state[urn]
            bots.delete(id_, to_core(record))
            del self.state[urn]


def to_core(bag: Bag) -> Bag:
    def leaf(value: Any) -> Any:
        plain = value.value if isinstance(value, Secret) else value
        return UNKNOWN if plain == NOT_KNOWN else whole(plain)

    return dict(in_each(leaf, bag))


def to_engine(bag: Bag) -> Bag:
    return dict(in_each(lambda leaf: NOT_KNOWN if leaf is UNKNOWN else leaf, with_secrets(bag, Secret)))


URN = "urn:dev::project::poe:index:Bot::reasoner"
BOT: Bag = {
    "handle": "Acme-Bot",
    "api_bot_settings": {"model_name": "m", "api_key": "ENDPOINT-CANARY", "context_size": 4096.0},
}


@pytest.fixture
def shell(poe: Emulator) -> Shell:
    return Shell(poe)


def test_a_preview_shows_what_an_up_does_and_sends_nothing(shell: Shell, poe: Emulator) -> None:
    shell.up({URN: {**BOT, "description": NOT_KNOWN}}, preview=True)
    assert shell.shown == [f"create {URN}"]
    assert [request.method for request in poe.requests] == ["GET"]
    shell.up({URN: BOT})
    assert shell.shown == [f"create {URN}"]
    shell.up({URN: BOT})
    assert shell.shown == []


def test_a_change_is_shown_by_its_leaves_and_made(shell: Shell, poe: Emulator) -> None:
    shell.up({URN: BOT})
    shell.up({URN: {**BOT, "description": "new"}})
    assert shell.shown == [f"update {URN}: description"]
    assert [bot["description"] for bot in poe.bots()] == ["new"]


def test_an_edit_on_poe_is_read_and_set_back(shell: Shell, poe: Emulator) -> None:
    shell.up({URN: {**BOT, "description": "ours"}})
    poe.seed(API_KEY_1, {**poe.bots()[0], "description": "by hand"})
    shell.refresh()
    shell.up({URN: {**BOT, "description": "ours"}})
    assert shell.shown == [f"update {URN}: description"]


def test_a_secret_is_one_in_the_state_and_in_no_text(shell: Shell) -> None:
    shell.up({URN: BOT})
    _, record = shell.state[URN]
    assert isinstance(record["api_bot_settings"]["api_key"], Secret)
    assert "ENDPOINT-CANARY" not in str(record)


def test_the_identity_is_the_shells_own(shell: Shell) -> None:
    shell.up({URN: BOT})
    with pytest.raises(ValueError, match=f"the resource '{URN}' "):
        shell.up({URN: BOT, f"{URN}-2": {**BOT, "handle": "acme_bot"}})


def test_a_bot_that_exists_is_refused_and_taken_over_where_the_program_says_so(shell: Shell, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {"handle": "Acme-Bot", "api_bot_settings": {}})
    with pytest.raises(ValueError, match="this account already has a bot 'Acme-Bot'"):
        shell.up({URN: BOT})
    shell.up({URN: {**BOT, "adopt": True}})
    assert "adopt" not in shell.state[URN][1]


def test_what_the_program_has_no_longer_is_deleted(shell: Shell, poe: Emulator) -> None:
    shell.up({URN: BOT})
    shell.up({})
    assert poe.bots() == []
    assert shell.state == {}


@pytest.mark.parametrize("raised", [KeyError("CANARY"), PoeError("it is so", "Do this.")])
def test_whatever_goes_wrong_is_one_line(raised: Exception) -> None:
    shown = str(as_poe_error(raised))
    assert "CANARY" not in shown
    assert len(shown.splitlines()) == 1
