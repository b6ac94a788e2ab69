"""When the next request may be sent, and how long one operation may take."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tenacity

REQUESTS = 480
"""Requests sent in any :data:`WINDOW`. Poe allows 500 a minute; the rest is left to other users of the key."""

WINDOW = 60.0
"""Seconds."""


class Budget:
    """The seconds that one operation on one bot may take. Waits that Poe asks for do not count.

    :param seconds: how many there are.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._ends = clock() + seconds

    def left(self) -> float:
        """Seconds left; zero or less when it is used up."""
        return self._ends - self._clock()

    def give_back(self, seconds: float) -> None:
        """Do not count a wait of this many seconds."""
        self._ends += seconds


def retrying(budget: Budget, again: Callable[[BaseException], bool]) -> tenacity.Retrying:
    """Attempts with a random, growing wait between them, until one succeeds or the budget is used up.

    The last attempt's error is raised as it is.

    :param again: whether another attempt may mend this error.
    """
    import tenacity  # only where something is sent

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(again),
        wait=tenacity.wait_random_exponential(multiplier=0.5, max=8),
        stop=lambda state: state.upcoming_sleep >= budget.left(),
        reraise=True,
    )


class Pacer:
    """One for all threads of a process: a sliding window, and a gate that Poe can close for a while."""

    def __init__(
        self,
        requests: int = REQUESTS,
        window: float = WINDOW,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._requests = requests
        self._window = window
        self._clock = clock
        self._sleep = sleep
        self._sent: deque[float] = deque()
        self._opens = -float("inf")
        self._lock = threading.Lock()

    def slow_down(self, seconds: float) -> None:
        """Poe said to slow down: no thread sends before ``seconds`` from now."""
        with self._lock:
            self._opens = max(self._opens, self._clock() + seconds)

    def wait(self, budget: Budget) -> None:
        """Wait for a turn to send a request; what was waited is not taken from ``budget``."""
        while (seconds := self._take_turn()) > 0:
            self._sleep(seconds)
            budget.give_back(seconds)

    def _take_turn(self) -> float:
        """Take a turn and return 0, or return the seconds until asking again makes sense."""
        with self._lock:
            now = self._clock()
            while self._sent and self._sent[0] <= now - self._window:
                self._sent.popleft()
            seconds = self._opens - now
            if len(self._sent) >= self._requests:
                seconds = max(seconds, self._sent[0] + self._window - now)
            if seconds <= 0:
                self._sent.append(now)
            return seconds
