"""How often is asked, for how long, and what is told: on a clock that passes only when somebody sleeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.core import machine
from pulumi_poe.core.endpoint.result import Result
from pulumi_poe.core.endpoint.waiting import LONGEST_PAUSE, REFUSED, Waiting
from pulumi_poe.core.errors import EndpointError

STARTING = Result("/models", "failed", "/models answers 503: loading", "Look into its log.", "starting")
REFUSING = Result("completion", "failed", "/models answers 401: it refuses the key", "Is it the key?")


class Time:
    """Rounds of checks, each of which takes some time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.rounds: list[float] = []
        self.told: list[str] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def wait(self, wait: float, found: Callable[[float], Result | None], takes: float = 0.1) -> float:
        """How long it took."""
        begun = self.now
        waiting = Waiting(wait, self.told.append)

        def ask() -> Result | None:
            self.rounds.append(self.now - begun)
            over = self.now + takes
            while self.now < over:
                waiting.meanwhile()
                self.sleep(0.1)
            return found(self.now - begun)

        waiting.until_there_is_none(ask)
        return self.now - begun


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Time]:
    passing = Time()
    monkeypatch.setattr(machine, "monotonic", lambda: passing.now)
    monkeypatch.setattr(machine, "sleep", passing.sleep)
    yield passing
    machine.begin_anew()


def test_what_answers_at_once_is_asked_once_and_nothing_is_told(time: Time) -> None:
    assert time.wait(0, lambda _: None) < 0.2
    assert len(time.rounds) == 1
    assert time.told == []


def test_what_comes_up_late_is_found_a_few_seconds_later_and_told_every_ten(time: Time) -> None:
    took = time.wait(300, lambda passed: None if passed > 65 else STARTING)
    assert 65 < took < 65 + LONGEST_PAUSE + 0.5
    pauses = [round(later - earlier, 3) for earlier, later in zip(time.rounds, time.rounds[1:], strict=False)]
    assert pauses == sorted(pauses)
    assert pauses[0] < 1
    assert max(pauses) < LONGEST_PAUSE + 0.5
    assert len(time.told) == 6
    assert time.told[0] == "waiting, 10 of 300 s: /models answers 503: loading"


def test_an_answer_that_is_long_in_coming_is_told_of_meanwhile(time: Time) -> None:
    time.wait(300, lambda _: None, takes=35)
    assert time.told[0] == "waiting, 10 of 300 s: it has not answered yet"
    assert len(time.told) == 3


def test_a_first_answer_that_takes_longer_than_the_wait_is_told_without_it(time: Time) -> None:
    time.wait(3, lambda _: None, takes=11)
    assert time.told == ["waiting, 10 s: it has not answered yet"]


def test_after_the_wait_the_last_failure_is_the_error(time: Time) -> None:
    with pytest.raises(EndpointError) as raised:
        time.wait(100, lambda _: STARTING)
    assert 94 < time.now - 1000 <= 100
    assert str(raised.value) == (
        f"/models answers 503: loading (asked {len(time.rounds)} times in {time.now - 1000:.0f} s). Look into its log. "
        "Poe was sent nothing, and the state is as it was."
    )


def test_without_a_wait_it_is_asked_once(time: Time) -> None:
    with pytest.raises(EndpointError, match=r"loading \(asked once\)\."):
        time.wait(0, lambda _: STARTING)


def test_what_time_seldom_mends_is_waited_out_for_a_minute(time: Time) -> None:
    with pytest.raises(EndpointError, match="refuses the key"):
        time.wait(300, lambda _: REFUSING)
    assert REFUSED - LONGEST_PAUSE < time.now - 1000 <= REFUSED + 1


def test_a_key_that_is_still_being_rolled_out_is_found_to_be_right(time: Time) -> None:
    assert time.wait(300, lambda passed: None if passed > 40 else REFUSING) < 46


def test_the_minute_begins_anew_where_the_endpoint_starts_again(time: Time) -> None:
    def found(passed: float) -> Result | None:
        return None if passed > 115 else STARTING if 50 < passed < 60 else REFUSING

    assert time.wait(300, found) < 121


def test_the_end_of_the_run_ends_the_wait(time: Time) -> None:
    def found(passed: float) -> Result | None:
        if passed > 3:
            machine.end_waits()
        return STARTING

    with pytest.raises(EndpointError, match="the run was ended while this was waited for"):
        time.wait(300, found)
    assert time.now - 1000 < 6


@pytest.mark.parametrize(("wait", "first"), [(0, 10), (5, 10), (30, 30), (300, 60)])
def test_a_request_may_take_what_is_left_of_the_wait(time: Time, wait: float, first: float) -> None:
    waiting = Waiting(wait, lambda _: None)
    assert waiting.timeout() == first
    rounds = iter([STARTING, None])
    time.now += 0
    if wait:
        waiting.until_there_is_none(lambda: next(rounds))
        time.now += wait
        assert waiting.timeout() == 1.0


@given(st.floats(0, 2000), st.lists(st.sampled_from([STARTING, REFUSING]), max_size=40), st.floats(0.1, 30))
def test_a_wait_is_never_longer_than_it_says_but_for_its_last_round(
    wait: float, failures: list[Result], takes: float
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        passing = Time()
        patch.setattr(machine, "monotonic", lambda: passing.now)
        patch.setattr(machine, "sleep", passing.sleep)
        rest = iter(failures)
        try:
            passing.wait(wait, lambda _: next(rest, None), takes)
        except EndpointError:
            assert failures
        assert passing.now - 1000 <= wait + takes + 0.5
        assert len(passing.told) <= (passing.now - 1000) / 10
