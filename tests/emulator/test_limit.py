"""The window of the limit, on a clock of the test's own. What is answered is in test_options.py."""

from __future__ import annotations

import pytest

from pulumi_poe.emulator import Options
from pulumi_poe.emulator.limit import RequestLimit


class Line:
    """Asks at given seconds, and remembers who was refused."""

    def __init__(self, speed: float = 1.0) -> None:
        self.now = 0.0
        self.limit = RequestLimit(Options(requests_per_minute=2, clock_speed=speed), clock=lambda: self.now)

    def refused(self, *times: float) -> list[bool]:
        verdicts = []
        for self.now in times:
            verdicts.append(self.limit.count("me").refused)
        return verdicts

    def reset_at(self, now: float) -> str:
        self.now = now
        return self.limit.count("me").headers["x-ratelimit-reset-requests"]


def test_the_window_slides() -> None:
    # At 60 only the first has left it, so that there is room for one.
    assert Line().refused(0, 30, 59.9, 60, 60, 89.9, 90, 90) == [False, False, True, False, True, True, False, True]


def test_refused_requests_do_not_fill_the_window() -> None:
    assert Line().refused(0, 0, 10, 20, 30, 40, 50, 60, 60) == [False, False, *[True] * 5, False, False]


def test_the_window_is_shorter_on_a_faster_clock() -> None:
    assert Line(speed=60.0).refused(0, 0, 0.9, 1.0, 1.0, 1.0) == [False, False, True, False, False, True]


@pytest.mark.parametrize(("speed", "now", "seconds"), [(1.0, 10.0, "50"), (1.0, 10.1, "50"), (60.0, 0.5, "30")])
def test_the_time_that_is_left_is_on_the_clock_of_the_limit(speed: float, now: float, seconds: str) -> None:
    line = Line(speed)
    line.refused(0, 0)
    assert line.reset_at(now) == seconds


def test_a_reset_limit_forgets_all_requests() -> None:
    line = Line()
    line.refused(0, 0)
    line.limit.reset()
    assert line.refused(0) == [False]
