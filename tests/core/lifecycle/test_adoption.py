"""A bot that exists is taken over where the program says so, and only then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.errors import (
    BotExistsError,
    RefusedError,
)
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.record import properties
from pulumi_poe.core.lifecycle.registry import Resource
from pulumi_poe.emulator import API_KEY_1, Emulator

if TYPE_CHECKING:
    from tests.core.conftest import Run

from tests.core.lifecycle.life import BOT, CACHE, PROMPT, adopting, changed, checked, delete_by_hand, writes


def test_adopting_takes_the_bot_over_with_one_write(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {**BOT, "description": "Old"})
    taken = adopting(bots)
    assert writes(poe) == [("PATCH", "/bots/Acme-Bot")]
    assert poe.bots() == [BOT]
    assert not bots.diff("Acme-Bot", taken, BOT).changed


def test_adopting_leaves_what_is_not_declared(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, changed(CACHE, "0.5"))
    adopting(bots, {"handle": "Acme-Bot", "api_bot_settings": {"pricing": {"prompt": "1"}}})
    assert poe.bots() == [changed(PROMPT, "1", changed(CACHE, "0.5"))]


def test_adopting_keeps_the_declared_spelling_of_the_handle(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    assert adopting(bots, {**BOT, "handle": "acme_bot"})["handle"] == "acme_bot"


def test_adopting_what_the_account_has_not_creates_it(bots: Operations, poe: Emulator) -> None:
    adopting(bots)
    assert poe.bots() == [BOT]


def test_adopting_refuses_a_bot_that_is_no_api_bot(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {"handle": "Acme-Bot", "description": "A prompt bot"})
    checked(bots, adopt=True)
    with pytest.raises(RefusedError, match="no API bot"):
        bots.create(BOT)
    assert writes(poe) == []


def test_a_handle_in_the_stacks_list_is_adopted_without_a_change_of_the_program(new_run: Run, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {**BOT, "description": "Old"})
    bots = new_run(adopt=frozenset({"acmebot"}))
    assert checked(bots) == []
    bots.create(BOT)
    assert poe.bots() == [BOT]


def test_adopt_of_one_bot_lets_no_other_be_adopted(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    checked(bots, {"handle": "Other"}, resource=Resource("other"), adopt=True)
    with pytest.raises(BotExistsError):
        bots.create(BOT)


def test_adopt_is_in_no_record(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    assert "adopt" not in adopting(bots)


def test_a_bot_that_was_renamed_on_poe_is_taken_over_under_its_new_handle(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    delete_by_hand(poe)
    renamed = {**BOT, "handle": "New-Name"}
    poe.seed(API_KEY_1, renamed)
    assert checked(bots, renamed, before=BOT, adopt=True) == []
    bots.create(renamed)
    bots.delete("Acme-Bot", recorded)
    assert poe.bots() == [renamed]


def test_a_bot_is_found_by_any_spelling_with_all_that_a_program_can_declare(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {**BOT, "description": "ours", "unknown": 1})
    found = bots.find("acme_bot") or {}
    assert (found["handle"], found["description"]) == ("Acme-Bot", "ours")
    assert "unknown" not in found
    assert "api_key" not in found["api_bot_settings"]
    assert not bots.diff("acme_bot", found, properties(found)).changed
    assert writes(poe) == []


def test_nothing_is_found_where_the_account_has_no_such_bot(bots: Operations, poe: Emulator) -> None:
    assert bots.find("Acme-Bot") is None
    assert bots.find("...") is None
    assert [request.path for request in poe.requests] == ["/bots", "/bots/Acme-Bot"]


def test_what_is_no_api_bot_is_not_found_but_refused(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {"handle": "Prompt-Bot"})
    with pytest.raises(
        RefusedError, match=r"^import bot 'Prompt-Bot': this account's bot of this handle is no API bot"
    ):
        bots.find("Prompt-Bot")
