"""A create whose answer is lost is settled by reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pulumi_poe.core.errors import (
    BotExistsError,
    RefusedError,
    UnreachableError,
)
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.record import FINGERPRINT
from pulumi_poe.core.values.trees import without
from pulumi_poe.emulator import API_KEY_1, Emulator

if TYPE_CHECKING:
    from tests.core.conftest import Line, Run

from tests.core.lifecycle.life import BOT, FAILURE, NO_SUCH_BOT


def test_a_lost_create_that_took_effect_is_done(over_bad_line: Operations, line: Line, poe: Emulator) -> None:
    line.loses("POST")
    assert without(over_bad_line.create(BOT).record, [(FINGERPRINT,)]) == BOT
    assert line.sent() == [("GET", "/bots"), ("POST", "/bots"), ("GET", "/bots/Acme-Bot")]
    assert poe.bots() == [BOT]


def test_a_lost_create_that_took_no_effect_is_sent_again(over_bad_line: Operations, line: Line, poe: Emulator) -> None:
    line.drops("POST")
    over_bad_line.create(BOT)
    assert len(line.sent("POST")) == 2
    assert poe.bots() == [BOT]


def test_a_lost_create_of_a_bot_that_is_not_what_was_sent_is_an_error_and_overwrites_nothing(
    over_bad_line: Operations, line: Line, poe: Emulator
) -> None:
    over_bad_line.create({**BOT, "handle": "Other"})
    poe.seed(API_KEY_1, {**BOT, "description": "Somebody else's"})
    line.drops("POST")
    with pytest.raises(RefusedError, match="not what was sent"):
        over_bad_line.create(BOT)
    assert [bot["description"] for bot in poe.bots(API_KEY_1)] == ["A bot", "Somebody else's"]


@pytest.mark.parametrize(
    ("status", "content"), [(500, FAILURE), (503, FAILURE), (408, ""), (200, ""), (201, "{"), (202, {}), (204, "")]
)
def test_a_create_without_its_documented_answer_is_settled_by_reading(
    over_bad_line: Operations, line: Line, poe: Emulator, status: int, content: object
) -> None:
    line.answers("POST", status, content, reaches_poe=True)
    over_bad_line.create(BOT)
    assert len(line.sent("POST")) == 1
    assert poe.bots() == [BOT]


def test_a_lost_create_that_shows_only_later_is_done(over_bad_line: Operations, line: Line, poe: Emulator) -> None:
    line.loses("POST")
    line.answers("GET", 404, NO_SUCH_BOT, path="/bots/Acme-Bot")
    over_bad_line.create(BOT)
    assert poe.bots() == [BOT]


def test_a_lost_create_is_settled_although_poe_fills_in_defaults(
    over_bad_line: Operations, line: Line, poe: Emulator
) -> None:
    poe.options.materialise_defaults = True
    poe.options.normalise_prices = True
    line.loses("POST")
    over_bad_line.create(without(BOT, [("description",), ("is_private",)]))
    assert len(line.sent("POST")) == 1


def test_a_create_that_keeps_failing_ends_and_is_not_hammered(new_run: Run, line: Line, poe: Emulator) -> None:
    line.answers("POST", 500, FAILURE, times=10_000)
    with pytest.raises(UnreachableError, match="Poe answered 500"):
        new_run(api_url=line.url, operation_timeout=0.5).create(BOT)
    assert len(line.sent("POST")) < 20
    assert poe.bots() == []


def test_a_lost_create_that_can_not_be_settled_says_that_the_bot_may_exist(new_run: Run, line: Line) -> None:
    line.loses("POST")
    line.answers("GET", 500, FAILURE, path="/bots/Acme-Bot", times=1000)
    with pytest.raises(UnreachableError) as raised:
        new_run(api_url=line.url, operation_timeout=0.3).create(BOT)
    assert "may" in str(raised.value)
    assert "https://poe.com/Acme-Bot" in str(raised.value)


def test_after_a_create_of_unknown_outcome_the_list_is_asked_for_again(new_run: Run, line: Line) -> None:
    bots = new_run(api_url=line.url, operation_timeout=0.3)
    line.loses("POST")
    line.answers("GET", 500, FAILURE, path="/bots/Acme-Bot", times=1000)
    with pytest.raises(UnreachableError):
        bots.create(BOT)
    line.heals()
    with pytest.raises(BotExistsError):
        bots.create(BOT)
