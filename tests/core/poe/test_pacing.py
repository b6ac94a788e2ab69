"""When the next request may be sent, and how long one operation may take. No test waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from pulumi_poe.core import machine
from pulumi_poe.core.poe.pacing import (
    REQUESTS,
    WINDOW,
    Budget,
    EndedError,
    LongWait,
    Pacer,
    TooLongAWaitError,
    retrying,
)

if TYPE_CHECKING:
    from tests.core.conftest import Clock


@pytest.fixture
def budget(clock: Clock) -> Budget:
    return Budget(60, clock)


@pytest.fixture
def pacer(clock: Clock) -> Pacer:
    """Three requests in ten seconds."""
    return Pacer(3, 10, clock=clock, sleep=clock.sleep)


def test_the_pace_stays_below_what_poe_allows() -> None:
    assert (REQUESTS, WINDOW) == (480, 60)


def test_nobody_waits_below_the_limit(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    for _ in range(3):
        pacer.wait(budget)
    assert clock.slept == []


def test_a_request_over_the_limit_waits_until_the_oldest_is_a_window_ago(
    pacer: Pacer, budget: Budget, clock: Clock
) -> None:
    for _ in range(3):
        pacer.wait(budget)
        clock.now += 1
    pacer.wait(budget)
    assert clock.slept == [7]


def test_no_window_holds_more_requests_than_the_limit(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    sent = []
    for number in range(20):
        pacer.wait(budget)
        sent.append(clock.now)
        clock.now += 0.75 * (number % 4)
    assert all(later - earlier >= 10 for earlier, later in zip(sent, sent[3:], strict=False))


def test_when_poe_says_slow_down_the_next_request_waits(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    pacer.slow_down(4)
    clock.now += 1
    pacer.wait(budget)
    assert clock.slept == [3]


def test_the_longest_wait_that_poe_asked_for_counts(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    pacer.slow_down(8)
    pacer.slow_down(2)
    pacer.wait(budget)
    assert clock.slept == [8]


def test_a_wait_of_no_seconds_is_none(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    pacer.slow_down(0)
    pacer.wait(budget)
    assert clock.slept == []


def test_without_a_told_wait_each_is_longer_and_random(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    for _ in range(8):
        pacer.slow_down(None)
        pacer.wait(budget)
        clock.now += 10  # so that the window does not matter
    longest = [1, 2, 4, 8, 16, 32, 32, 32]
    assert all(most / 2 <= slept <= most for slept, most in zip(clock.slept, longest, strict=True))
    assert sum(clock.slept) < sum(longest)


def test_four_threads_that_are_told_at_once_wait_as_long_as_one(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    for _ in range(4):
        pacer.slow_down(None)
    pacer.wait(budget)
    assert clock.slept[0] <= 1


def test_after_a_usual_answer_the_waits_begin_anew(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    pacer.slow_down(None)
    clock.now += 10
    pacer.speed_up()
    pacer.slow_down(None)
    pacer.wait(budget)
    assert clock.slept[0] <= 1


def test_waits_that_poe_asks_for_are_not_taken_from_the_budget(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    pacer.slow_down(200)
    pacer.wait(budget)
    assert clock.slept == [200]
    assert budget.left() == 60


def test_a_wait_of_more_than_five_minutes_is_not_made(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    pacer.slow_down(86400)
    with pytest.raises(TooLongAWaitError):
        pacer.wait(budget)
    assert clock.slept == []


def test_a_preview_waits_no_longer_than_its_own_time(pacer: Pacer, clock: Clock) -> None:
    pacer.slow_down(9)
    with pytest.raises(TooLongAWaitError):
        pacer.wait(Budget(5, clock, waits_count=True))
    assert clock.slept == []


def test_time_that_passes_is_taken_from_the_budget(budget: Budget, clock: Clock) -> None:
    clock.now += 45
    assert budget.left() == 15
    clock.now += 45
    assert budget.left() == -30


# --- a look and a write take their turns together ---------------------------------------------------


def test_a_write_that_looks_first_gets_both_turns_at_once(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    pacer.wait(budget)
    pacer.wait(budget, looks_first=lambda: True)
    pacer.wait(budget)  # the look
    assert clock.slept == []
    pacer.wait(budget)
    assert clock.slept == [10]


def test_a_write_that_looks_first_waits_until_there_are_two_turns(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    for _ in range(2):
        pacer.wait(budget)
        clock.now += 1
    pacer.wait(budget, looks_first=lambda: True)
    assert clock.slept == [8]
    pacer.wait(budget)
    assert clock.slept == [8]


def test_whether_it_looks_first_is_asked_when_the_turn_comes(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    for _ in range(3):
        pacer.wait(budget)
    asked: list[float] = []

    def looks_first() -> bool:
        asked.append(clock.now)
        return clock.now > 1005

    pacer.wait(budget, looks_first=looks_first)
    assert asked[-1] == 1010
    pacer.wait(budget)
    assert clock.slept == [10]


def test_a_turn_that_is_given_back_is_free_for_others(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    pacer.wait(budget, looks_first=lambda: True)
    pacer.give_back()
    pacer.wait(budget)
    pacer.wait(budget)
    assert clock.slept == []


def test_to_give_back_what_one_does_not_have_changes_nothing(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    for _ in range(3):
        pacer.wait(budget)
        pacer.give_back()
    pacer.wait(budget)
    assert clock.slept == [10]


def test_the_turn_of_a_look_waits_if_poe_said_slow_down_since(pacer: Pacer, budget: Budget, clock: Clock) -> None:
    pacer.wait(budget, looks_first=lambda: True)
    pacer.slow_down(7)
    pacer.wait(budget)
    assert clock.slept == [7]


def test_where_one_request_is_allowed_in_a_window_a_look_goes_along(budget: Budget, clock: Clock) -> None:
    pacer = Pacer(1, 10, clock=clock, sleep=clock.sleep)
    pacer.wait(budget, looks_first=lambda: True)
    pacer.wait(budget)
    assert clock.slept == []


# --- a long wait is told ----------------------------------------------------------------------------


def test_a_long_wait_is_told_once() -> None:
    told: list[str] = []
    long_wait = LongWait(told.append, patience=0.05)
    for what in ("GET /bots", "GET /bots/a"):
        with long_wait.on(what):
            time.sleep(0.15)
    assert told == ["GET /bots"]


def test_short_waits_are_not_told() -> None:
    told: list[str] = []
    long_wait = LongWait(told.append, patience=0.5)
    for _ in range(12):
        with long_wait.on("GET /bots"):
            time.sleep(0.05)
    assert told == []


def test_a_wait_that_was_told_by_itself_does_not_count() -> None:
    told: list[str] = []
    long_wait = LongWait(told.append, patience=1)
    with long_wait.on("POST /bots"):
        time.sleep(0.55)
        long_wait.start_anew()
        time.sleep(0.55)
    assert told == []


def test_a_look_within_a_write_is_a_part_of_its_wait() -> None:
    told: list[str] = []
    long_wait = LongWait(told.append, patience=0.1)
    with long_wait.on("POST /bots"):
        with long_wait.on("GET /bots"):
            time.sleep(0.06)
        time.sleep(0.2)
    assert told == ["POST /bots"]


def test_a_thread_watches_as_long_as_somebody_waits_and_again_at_the_next_wait() -> None:
    told: list[str] = []
    long_wait = LongWait(told.append, patience=0.2)
    before = set(threading.enumerate())
    with long_wait.on("GET /bots"):
        (watcher,) = set(threading.enumerate()) - before
    watcher.join(timeout=20)
    assert not watcher.is_alive()

    with long_wait.on("GET /bots/a"):
        time.sleep(0.5)
    assert told == ["GET /bots/a"]


@pytest.fixture
def ending() -> Iterator[None]:
    machine.end_waits()
    yield
    machine.begin_anew()


@pytest.mark.usefixtures("ending")
def test_when_the_run_ends_nobody_waits_for_a_turn(pacer: Pacer, budget: Budget) -> None:
    for _ in range(3):
        pacer.wait(budget)
    with pytest.raises(EndedError):
        pacer.wait(budget)


@pytest.mark.usefixtures("ending")
def test_when_the_run_ends_nothing_is_tried_again(budget: Budget) -> None:
    tries: list[int] = []

    def fail() -> None:
        tries.append(1)
        raise OSError("no line")

    with pytest.raises(OSError, match="no line"):
        retrying(budget, lambda error: isinstance(error, OSError))(fail)
    assert tries == [1]
