"""A write rests on a look at the bot that is young when the write is sent, whatever came in between."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.errors import (
    AnswerError,
    BotExistsError,
    HandleTakenError,
    NotFoundError,
    OverwroteError,
    RefusedError,
)
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.registry import Resource
from pulumi_poe.core.poe.snapshot import MAX_AGE
from pulumi_poe.core.values.trees import at, overlay, tree_of, without
from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator
from tests.core.lifecycle.life import (
    BOT,
    CACHE,
    NO_SUCH_BOT,
    PROMPT,
    changed,
    delete_by_hand,
    edit_by_hand,
    writes,
)

if TYPE_CHECKING:
    from tests.core.conftest import Clock, Line, Run

SLOW_DOWN = {"error": {"message": "Rate limit exceeded."}}


class Waiting:
    """A run on a clock that stands still but for waits, and what happens on poe.com during the first one."""

    def __init__(self, bots: Operations, clock: Clock) -> None:
        self.bots = bots
        self.meanwhile: Callable[[], object] = lambda: None
        bots._session.snapshot._clock = clock
        pacer = bots._session.connection.client._pacer
        pacer._clock = clock

        def sleep(seconds: float) -> None:
            assert seconds > 0
            clock.now = max(clock.now, pacer._opens)  # threads that wait at once wait for the same moment
            meanwhile, self.meanwhile = self.meanwhile, lambda: None
            meanwhile()

        pacer._sleep = sleep


@pytest.fixture
def waiting(new_run: Run, line: Line, clock: Clock) -> Waiting:
    return Waiting(new_run(api_url=line.url), clock)


@pytest.fixture
def recorded(new_run: Run, line: Line, poe: Emulator) -> dict[str, Any]:
    created = new_run(api_url=line.url).create(BOT).record
    line.requests.clear()
    poe.requests.clear()
    return created


def waits(line: Line, method: str, seconds: float) -> None:
    """Poe says to come back after so many seconds, once."""
    line.answers(method, 429, SLOW_DOWN, Retry_After=str(seconds))


def test_a_create_looks_again_after_a_long_wait_and_does_not_overwrite_what_came_into_being(
    waiting: Waiting, line: Line, poe: Emulator
) -> None:
    waits(line, "POST", MAX_AGE + 1)
    by_hand = {**BOT, "description": "by hand"}
    waiting.meanwhile = lambda: poe.seed(API_KEY_1, by_hand)
    with pytest.raises(BotExistsError):
        waiting.bots.create(BOT)
    assert poe.bots() == [by_hand]
    assert len(line.sent("POST")) == 1


def test_a_create_that_may_adopt_adopts_what_came_into_being_during_a_wait(
    waiting: Waiting, line: Line, poe: Emulator
) -> None:
    waits(line, "POST", MAX_AGE + 1)
    waiting.meanwhile = lambda: poe.seed(API_KEY_1, {**BOT, "description": "by hand"})
    assert waiting.bots.check({**BOT, "adopt": True}, before={}, resource=Resource("mine")).mistakes == []
    waiting.bots.create(BOT)
    assert poe.bots() == [BOT]
    assert [method for method, _ in writes(poe)] == ["PATCH"]


@pytest.mark.parametrize("depth", ["deep", "shallow"])
def test_an_update_looks_again_after_a_long_wait_and_puts_nothing_back(
    waiting: Waiting, line: Line, poe: Emulator, recorded: dict[str, Any], depth: Any
) -> None:
    poe.options.patch_merge = depth
    waits(line, "PATCH", MAX_AGE + 1)
    waiting.meanwhile = lambda: edit_by_hand(poe, CACHE, "0.5")
    waiting.bots.update("Acme-Bot", recorded, changed(PROMPT, "3"))
    assert poe.bots() == [changed(PROMPT, "3", changed(CACHE, "0.5"))]


def test_an_update_by_put_looks_again_after_a_long_wait(
    waiting: Waiting, line: Line, poe: Emulator, recorded: dict[str, Any]
) -> None:
    waits(line, "PUT", MAX_AGE + 1)
    waiting.meanwhile = lambda: edit_by_hand(poe, ("description",), "by hand")
    waiting.bots.update("Acme-Bot", recorded, without(BOT, [PROMPT]))
    assert poe.bots() == [{**without(BOT, [PROMPT]), "description": "by hand"}]


def test_a_put_that_is_not_due_any_more_after_a_wait_becomes_a_patch(
    waiting: Waiting, line: Line, poe: Emulator, recorded: dict[str, Any]
) -> None:
    waits(line, "PUT", MAX_AGE + 1)
    waiting.meanwhile = lambda: poe.seed(API_KEY_1, without(BOT, [PROMPT]))
    waiting.bots.update("Acme-Bot", recorded, {**without(BOT, [PROMPT]), "description": "new"})
    assert [method for method, _ in writes(poe)] == ["PATCH"]
    assert poe.bots() == [{**without(BOT, [PROMPT]), "description": "new"}]


def test_a_short_wait_needs_no_second_look(waiting: Waiting, line: Line, recorded: dict[str, Any]) -> None:
    waits(line, "PATCH", MAX_AGE - 1)
    waiting.bots.update("Acme-Bot", recorded, changed(PROMPT, "3"))
    assert line.sent("GET") == [("GET", "/bots")]


# --- more than the list -----------------------------------------------------------------------------


def test_what_would_be_sent_back_otherwise_than_the_state_has_it_is_asked_for_by_name(
    new_run: Run, line: Line, poe: Emulator, recorded: dict[str, Any]
) -> None:
    poe.options.patch_merge = "shallow"
    (listed,) = poe.bots()
    edit_by_hand(poe, CACHE, "0.5")
    old = changed(CACHE, "0.4", without(listed, [("api_bot_settings", "api_key")]))
    line.answers("GET", 200, {"bots": [old]}, path="/bots", times=100)
    new_run(api_url=line.url).update("Acme-Bot", recorded, changed(PROMPT, "3"))
    assert line.sent() == [("GET", "/bots"), ("GET", "/bots/Acme-Bot"), ("PATCH", "/bots/Acme-Bot")]
    assert at(poe.bots()[0], CACHE) == "0.5"


def test_a_bot_that_a_lagging_list_lacks_is_asked_for_by_name(
    new_run: Run, line: Line, poe: Emulator, recorded: dict[str, Any]
) -> None:
    poe.options.patch_merge = "shallow"
    edit_by_hand(poe, CACHE, "0.5")
    line.answers("GET", 200, {"bots": []}, path="/bots", times=100)
    new_run(api_url=line.url).update("Acme-Bot", recorded, changed(PROMPT, "3"))
    assert poe.bots() == [changed(PROMPT, "3", changed(CACHE, "0.5"))]


# --- what comes and goes ----------------------------------------------------------------------------


def adopted(bots: Operations) -> dict[str, Any]:
    assert bots.check({**BOT, "adopt": True}, before={}, resource=Resource("mine")).mistakes == []
    return bots.create(BOT).record


def test_a_bot_that_vanishes_between_the_look_and_its_adoption_is_created(
    new_run: Run, line: Line, poe: Emulator
) -> None:
    listed = {**BOT, "api_bot_settings": {"model_name": "gone"}}
    line.answers("GET", 200, {"bots": [listed]}, path="/bots")
    adopted(new_run(api_url=line.url))
    assert poe.bots() == [BOT]


def test_a_bot_that_came_back_under_another_account_is_not_adopted(new_run: Run, line: Line, poe: Emulator) -> None:
    poe.seed(API_KEY_2, {"handle": "Acme-Bot", "api_bot_settings": {"model_name": "theirs"}})
    line.answers("GET", 200, {"bots": [{"handle": "Acme-Bot", "api_bot_settings": {}}]}, path="/bots")
    with pytest.raises(HandleTakenError):
        adopted(new_run(api_url=line.url))
    assert poe.bots(API_KEY_2)[0]["api_bot_settings"] == {"model_name": "theirs"}


def test_a_bot_that_is_shown_and_may_not_be_written_says_what_poe_answered(new_run: Run, line: Line) -> None:
    line.answers("PATCH", 404, NO_SUCH_BOT, times=100)
    line.answers("GET", 200, BOT, path="/bots/Acme-Bot", times=100)
    line.answers("GET", 200, {"bots": [BOT]}, path="/bots", times=100)
    with pytest.raises(NotFoundError, match=r"^create bot 'Acme-Bot': Poe answered 404"):
        adopted(new_run(api_url=line.url))
    assert len(line.sent("PATCH")) == 3


def test_a_put_that_created_the_bot_says_so_as_a_re_creation_does(
    new_run: Run, line: Line, poe: Emulator, recorded: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    delete_by_hand(poe)
    shown = without(BOT, [("api_bot_settings", "api_key")])
    line.answers("GET", 200, shown, path="/bots/Acme-Bot")
    with caplog.at_level("INFO", "pulumi_poe"):
        new_run(api_url=line.url).update("Acme-Bot", recorded, without(BOT, [PROMPT]))
    assert "was gone from Poe and is created again" in caplog.text
    assert poe.bots() == [without(BOT, [PROMPT])]


def test_a_bot_that_is_created_again_is_not_written_over_one_that_came_back(
    new_run: Run, line: Line, poe: Emulator, recorded: dict[str, Any]
) -> None:
    line.answers("GET", 200, {"bots": []}, path="/bots", times=1)
    line.answers("GET", 404, NO_SUCH_BOT, path="/bots/Acme-Bot", times=1)
    line.answers("POST", 200, {"edit_bot_status": "success"})
    with pytest.raises(OverwroteError, match="came into being"):
        new_run(api_url=line.url).update("Acme-Bot", recorded, changed(PROMPT, "3"))
    assert poe.bots() == [BOT]


def test_a_bot_that_came_back_while_its_re_creation_had_to_wait_is_not_written(
    waiting: Waiting, line: Line, poe: Emulator, recorded: dict[str, Any]
) -> None:
    delete_by_hand(poe)
    waits(line, "POST", MAX_AGE + 1)
    waiting.meanwhile = lambda: poe.seed(API_KEY_1, BOT)
    with pytest.raises(RefusedError, match="is there again"):
        waiting.bots.update("Acme-Bot", recorded, changed(PROMPT, "3"))
    assert poe.bots() == [BOT]
    assert len(line.sent("POST")) == 1


# --- what may be adopted without an endpoint --------------------------------------------------------


@pytest.mark.parametrize(
    ("on_poe", "may_be_adopted"),
    [
        ({"description": "bare"}, True),
        ({"description": "bare", "is_private": True}, True),
        ({"description": ""}, True),
        ({"description": "of a prompt bot"}, False),
        ({"description": "bare", "is_private": False}, False),
        ({"description": "bare", "since": 2027}, False),
        ({"description": "bare", "since": None}, True),
    ],
)
def test_without_an_endpoint_a_bot_may_be_adopted_that_shows_nothing_but_what_is_declared(
    bots: Operations, poe: Emulator, on_poe: dict[str, Any], may_be_adopted: bool
) -> None:
    declared = {"handle": "Bare-Bot", "description": "bare"}
    poe.seed(API_KEY_1, {"handle": "bare.bot", **on_poe})
    mistakes = bots.check({**declared, "adopt": True}, before={}, resource=Resource("mine")).mistakes
    assert bool(mistakes) is not may_be_adopted
    if may_be_adopted:
        bots.create(declared)
        assert poe.bots()[0]["description"] == "bare"
    else:
        with pytest.raises(RefusedError, match="no API bot"):
            bots.create(declared)


# --- one lock a handle ------------------------------------------------------------------------------


def test_writes_of_one_handle_take_turns_and_those_of_others_do_not(
    new_run: Run, line: Line, poe: Emulator, recorded: dict[str, Any]
) -> None:
    run = new_run(api_url=line.url)
    with ThreadPoolExecutor(8) as threads:
        futures = [
            threads.submit(run.update, "Acme-Bot", recorded, overlay(tree_of({("description",): f"{n}"}), BOT))
            for n in range(8)
        ]
        for future in futures:
            future.result()
    patched = [request for request in line.requests if request.method == "PATCH"]
    assert len(patched) == 8
    assert poe.bots()[0]["description"] == patched[-1].body["description"]


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_wait_that_poe_asks_for_is_not_counted_whichever_request_of_an_update_has_to_wait(
    new_run: Run, line: Line, recorded: dict[str, Any], method: str
) -> None:
    bots = new_run(api_url=line.url, operation_timeout=0.9)
    line.answers(method, 429, SLOW_DOWN, Retry_After="1")
    assert bots.update("Acme-Bot", recorded, {**BOT, "description": "new"})["description"] == "new"


def test_all_operations_that_share_a_list_may_wait_for_it_as_long_as_poe_asks(
    new_run: Run, line: Line, recorded: dict[str, Any]
) -> None:
    others = [{**BOT, "handle": handle} for handle in ("Acme-2", "Acme-3", "Acme-4")]
    states = [recorded, *(new_run(api_url=line.url).create(other).record for other in others)]
    bots = new_run(api_url=line.url, operation_timeout=0.9)
    line.answers("GET", 429, SLOW_DOWN, Retry_After="1")

    def update(state: dict[str, Any]) -> None:
        bots.update(state["handle"], state, {**BOT, "handle": state["handle"], "description": "new"})

    with ThreadPoolExecutor() as threads:
        list(threads.map(update, states))


@pytest.mark.parametrize(("by_hand", "is_told"), [("edited", True), (BOT["description"], False)])
def test_where_poe_refuses_a_change_of_a_bot_that_was_edited_the_error_points_to_a_refresh(
    new_run: Run, line: Line, poe: Emulator, recorded: dict[str, Any], by_hand: str, is_told: bool
) -> None:
    edit_by_hand(poe, ("description",), by_hand)
    line.answers("PATCH", 400, {"error": {"message": "Field required"}})
    with pytest.raises(AnswerError, match="Field required") as raised:
        new_run(api_url=line.url).update("Acme-Bot", recorded, changed(PROMPT, "3"))
    assert ("`pulumi up --refresh` sends what was changed there" in str(raised.value)) is is_told
