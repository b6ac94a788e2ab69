"""The shared list of bots: one request for all, own writes entered, never older than it may be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.errors import UnreachableError
from pulumi_poe.core.poe.snapshot import MAX_AGE, Snapshot

if TYPE_CHECKING:
    from tests.core.conftest import Clock

THREADS = 8


class Poe:
    """A list of bots, how often it was asked for, and what happens while an answer is under way."""

    def __init__(self) -> None:
        self.bots: list[dict[str, Any]] = [{"handle": "Acme-A"}, {"handle": "Acme-B"}]
        self.asked = 0
        self.meanwhile: Callable[[], Any] = lambda: None

    def list_bots(self, sent: Callable[[], None] = lambda: None) -> list[dict[str, Any]]:
        sent()
        self.asked += 1
        answer = list(self.bots)
        self.meanwhile()
        return answer


@pytest.fixture
def poe() -> Poe:
    return Poe()


@pytest.fixture
def snapshot(poe: Poe, clock: Clock) -> Snapshot:
    return Snapshot(poe.list_bots, clock=clock)


@pytest.mark.usefixtures("snapshot")
def test_nothing_is_asked_for_before_it_is_needed(poe: Poe) -> None:
    assert poe.asked == 0


def test_many_bots_cost_one_request(snapshot: Snapshot, poe: Poe) -> None:
    for number in range(20):
        snapshot.bot(f"bot-{number}")
    assert poe.asked == 1


@pytest.mark.parametrize("spelling", ["Acme-A", "acme_a", "ACMEA"])
def test_a_bot_is_found_in_any_spelling(snapshot: Snapshot, spelling: str) -> None:
    assert snapshot.bot(spelling) == {"handle": "Acme-A"}


def test_a_bot_that_the_account_has_not_is_none(snapshot: Snapshot) -> None:
    assert snapshot.bot("Acme-C") is None


def test_all_bots_of_the_account_can_be_had(snapshot: Snapshot, poe: Poe) -> None:
    assert snapshot.bots() == poe.bots


def test_the_list_serves_as_long_as_it_is_young_enough(snapshot: Snapshot, poe: Poe, clock: Clock) -> None:
    snapshot.bot("Acme-A")
    clock.now += MAX_AGE
    snapshot.bot("Acme-A")
    assert poe.asked == 1


def test_a_list_that_is_too_old_is_asked_for_again(snapshot: Snapshot, poe: Poe, clock: Clock) -> None:
    snapshot.bot("Acme-A")
    clock.now += MAX_AGE + 0.1
    poe.bots.append({"handle": "Acme-C"})
    assert snapshot.bot("Acme-C") == {"handle": "Acme-C"}


def test_the_age_of_a_list_counts_from_when_it_was_asked_for(snapshot: Snapshot, poe: Poe, clock: Clock) -> None:
    poe.meanwhile = lambda: clock.sleep(MAX_AGE + 0.1)
    snapshot.bot("Acme-A")
    snapshot.bot("Acme-A")
    assert poe.asked == 2


def test_own_writes_are_entered_without_asking_again(snapshot: Snapshot, poe: Poe) -> None:
    snapshot.bot("Acme-A")
    snapshot.enter("acme_a", {"handle": "Acme-A", "is_private": False})
    snapshot.enter("Acme-C", {"handle": "Acme-C"})
    snapshot.remove("ACME-B")
    assert snapshot.bot("Acme-A") == {"handle": "Acme-A", "is_private": False}
    assert snapshot.bot("Acme-C") == {"handle": "Acme-C"}
    assert snapshot.bot("Acme-B") is None
    assert poe.asked == 1


def test_own_writes_do_not_make_the_list_younger(snapshot: Snapshot, poe: Poe, clock: Clock) -> None:
    snapshot.bot("Acme-A")
    clock.now += MAX_AGE
    snapshot.enter("Acme-C", {"handle": "Acme-C"})
    clock.now += 0.1
    assert snapshot.bot("Acme-C") is None
    assert poe.asked == 2


def test_own_writes_before_the_first_list_do_not_stand_for_it(snapshot: Snapshot) -> None:
    snapshot.enter("Acme-C", {"handle": "Acme-C"})
    assert snapshot.bot("Acme-A") == {"handle": "Acme-A"}


def test_own_writes_outlive_a_list_that_was_asked_for_before_them(snapshot: Snapshot, poe: Poe) -> None:
    def write() -> None:
        snapshot.enter("Acme-C", {"handle": "Acme-C"})
        snapshot.remove("Acme-A")

    poe.meanwhile = write
    assert [bot["handle"] for bot in snapshot.bots()] == ["Acme-B", "Acme-C"]


def test_a_write_of_unknown_outcome_makes_the_list_be_asked_for_again(snapshot: Snapshot, poe: Poe) -> None:
    snapshot.bot("Acme-A")
    snapshot.forget()
    poe.bots.clear()
    assert snapshot.bot("Acme-A") is None


def test_a_write_of_unknown_outcome_spoils_a_list_that_is_under_way(snapshot: Snapshot, poe: Poe) -> None:
    poe.meanwhile = snapshot.forget
    snapshot.bot("Acme-A")
    poe.meanwhile = lambda: None
    snapshot.bot("Acme-A")
    snapshot.bot("Acme-A")
    assert poe.asked == 2


def test_threads_that_ask_at_once_share_one_request(snapshot: Snapshot, poe: Poe) -> None:
    all_there = threading.Barrier(THREADS + 1, timeout=5)
    waiting = threading.Event()
    poe.meanwhile = lambda: waiting.wait(5)

    def ask(_: int) -> Any:
        all_there.wait()
        return snapshot.bot("Acme-A")

    with ThreadPoolExecutor(THREADS) as threads:
        answers = threads.map(ask, range(THREADS))
        all_there.wait()
        waiting.set()
        assert list(answers) == [{"handle": "Acme-A"}] * THREADS
    assert poe.asked == 1


def test_every_thread_that_waited_gets_the_error_and_the_next_asks_again(snapshot: Snapshot, poe: Poe) -> None:
    all_there = threading.Barrier(THREADS, timeout=5)
    waiting = threading.Event()

    def fail() -> None:
        waiting.wait(0.05)
        raise UnreachableError("no answer")

    poe.meanwhile = fail

    def ask(_: int) -> Any:
        all_there.wait()
        return snapshot.bot("Acme-A")

    with ThreadPoolExecutor(THREADS) as threads:
        asking = [threads.submit(ask, number) for number in range(THREADS)]
        assert all(isinstance(one.exception(), UnreachableError) for one in asking)
    assert poe.asked < THREADS
    poe.meanwhile = lambda: None
    assert snapshot.bot("Acme-A") == {"handle": "Acme-A"}


def test_whoever_asks_first_may_ask_in_its_own_way(snapshot: Snapshot, poe: Poe) -> None:
    assert snapshot.bot("Own", lambda _: [{"handle": "Own"}]) == {"handle": "Own"}
    assert poe.asked == 0


def test_an_operation_that_joined_a_previews_question_asks_for_itself_if_that_fails(
    snapshot: Snapshot,
) -> None:
    asking, joined = threading.Event(), threading.Event()

    def impatient(_sent: object) -> list[dict[str, Any]]:
        asking.set()
        joined.wait(0.1)
        raise UnreachableError("no answer within a preview's time")

    with ThreadPoolExecutor(2) as threads:
        preview = threads.submit(snapshot.bot, "Acme-A", impatient)
        asking.wait(5)
        operation = threads.submit(snapshot.bot, "Acme-A")
        assert operation.result() == {"handle": "Acme-A"}
        assert isinstance(preview.exception(), UnreachableError)


def test_should_poe_tell_two_spellings_apart_the_very_same_handle_is_found(snapshot: Snapshot, poe: Poe) -> None:
    poe.bots = [{"handle": "Live.Bot", "n": 1}, {"handle": "live-bot", "n": 2}]
    assert [(snapshot.bot(handle) or {})["n"] for handle in ("Live.Bot", "live-bot", "livebot")] == [1, 2, 1]
    assert len(snapshot.bots()) == 2


def test_a_bot_that_was_deleted_is_gone_although_a_list_lags(snapshot: Snapshot, clock: Clock) -> None:
    snapshot.remove("Acme-A")
    assert snapshot.bot("Acme-A") is None
    clock.now += MAX_AGE + 1
    assert snapshot.bot("Acme-A") is not None
