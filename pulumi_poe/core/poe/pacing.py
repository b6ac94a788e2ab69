"""When the next request may be sent, and how long one operation may take."""

from __future__ import annotations

import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .. import machine

if TYPE_CHECKING:
    import tenacity

REQUESTS = 480
"""Requests sent in any :data:`WINDOW`. Poe allows 500 a minute; the rest is left to other users of the key."""

ATTEMPTS = 10
"""How often one request is sent at most."""

WINDOW = 60.0
"""Seconds."""


LONGEST_WAIT = 300.0
"""Seconds. Poe may ask for a longer wait, and then the operation fails and says so."""

FIRST_UNTOLD_WAIT = 1.0
LONGEST_UNTOLD_WAIT = 32.0
"""Seconds that all threads wait where Poe says to slow down, and not for how long. They double each time."""

TOLD_WAIT = 5.0
"""Seconds from which on a wait is told in the log."""

logger = logging.getLogger("pulumi_poe")


class TooLongAWaitError(Exception):
    """Poe asks for a longer wait than the operation can make.

    :param seconds: how long.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class EndedError(TooLongAWaitError):
    """The user ended the run, so no wait is worth while."""


class Budget:
    """What one operation on one bot may take.

    :param seconds: how long.
    :param attempts: how often one of its requests may be sent.
    :param waits_count: waits that Poe asks for are taken from it too, as in a preview.
    """

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] | None = None,
        *,
        attempts: int = ATTEMPTS,
        waits_count: bool = False,
    ) -> None:
        self.seconds = seconds
        self.attempts = attempts
        self._waits_count = waits_count
        self._clock = clock or machine.monotonic
        self._ends = self._clock() + seconds

    def left(self) -> float:
        """Seconds left; zero or less when it is used up."""
        return self._ends - self._clock()

    def longest_wait(self) -> float:
        """The longest wait that Poe may ask for."""
        return self.left() if self._waits_count else LONGEST_WAIT

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Do not count what is done meanwhile, such as to wait for the list that all operations share: it has a budget
        of its own."""
        before = self._clock()
        try:
            yield
        finally:
            self.give_back(self._clock() - before)

    def give_back(self, seconds: float) -> None:
        """Do not count a wait of this many seconds."""
        if not self._waits_count:
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
        stop=lambda state: (
            state.attempt_number >= budget.attempts or state.upcoming_sleep >= budget.left() or machine.is_ending()
        ),
        sleep=machine.sleep,
        reraise=True,
    )


class LongWait:
    """Says once what is being waited for, when an answer is long in coming. One for all threads of a process.

    :param tell: called with what is being waited for, once.
    :param patience: seconds after which it is told.
    """

    def __init__(self, tell: Callable[[str], None], patience: float = TOLD_WAIT) -> None:
        self._tell = tell
        self._patience = patience
        self._waiting: dict[int, tuple[float, str]] = {}
        self._lock = machine.lock()
        self._watches = False

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Wait for this in the block."""
        me = machine.thread()
        with self._lock:
            outer = self._waiting.get(me)
            self._waiting.setdefault(me, (machine.monotonic(), what))
            if not self._watches:
                self._watches = True  # as long as somebody waits, and never again once it was told
                machine.start(self._watch)
        try:
            yield
        finally:
            if outer is None:
                with self._lock:
                    self._waiting.pop(me, None)

    def start_anew(self) -> None:
        """This thread has waited for something else in between, which was told by itself."""
        me = machine.thread()
        with self._lock:
            if me in self._waiting:
                self._waiting[me] = (machine.monotonic(), self._waiting[me][1])

    def _watch(self) -> None:
        while True:
            with self._lock:
                oldest = min(self._waiting.values(), default=None)
                if oldest is None:
                    self._watches = False
                    return
            if machine.monotonic() - oldest[0] >= self._patience:
                self._tell(oldest[1])
                return
            machine.sleep(self._patience / 20)


class Pacer:
    """One for all threads of a process: a sliding window, and a gate that Poe can close for a while."""

    def __init__(
        self,
        requests: int = REQUESTS,
        window: float = WINDOW,
        *,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._requests = requests
        self._window = window
        self._clock = clock or machine.monotonic
        self._sleep = sleep or machine.sleep
        self._sent: deque[float] = deque()
        self._opens = -float("inf")
        self._untold_wait = FIRST_UNTOLD_WAIT
        self._lock = machine.lock()
        self._mine = _Kept()

    def slow_down(self, seconds: float | None) -> None:
        """Poe said to slow down: no thread sends before then.

        :param seconds: from now; None where Poe does not say, and then it is longer each time, and random.
        """
        with self._lock:
            now = self._clock()
            if seconds is None:
                if now < self._opens:
                    return  # what another thread was told at the same time
                seconds = random.uniform(0.5, 1) * self._untold_wait  # noqa: S311 -- jitter is no secret
                self._untold_wait = min(2 * self._untold_wait, LONGEST_UNTOLD_WAIT)
            self._opens = max(self._opens, now + seconds)

    def speed_up(self) -> None:
        """Poe answered as usual."""
        self._untold_wait = FIRST_UNTOLD_WAIT

    def wait(self, budget: Budget, *, looks_first: Callable[[], bool] = lambda: False) -> bool:
        """Wait for a turn to send a request. True if that took any time.

        A write that has to look at its bot again gets its turn together with that of the look: otherwise the look would
        be old once more when the write's turn comes.

        :param looks_first: asked when the turn comes: whether this thread sends another request before this one. That
            one's :meth:`wait` then takes no time; without one, :meth:`give_back` the turn.
        :raises TooLongAWaitError: the turn comes later than the budget allows, or than the end of the run.
        """
        if self._take_kept():
            return False
        self.give_back()
        has_waited = False
        while (seconds := self._take_turns(looks_first)) > 0:
            if seconds > budget.longest_wait():
                raise TooLongAWaitError(seconds)
            if machine.is_ending():
                raise EndedError(seconds)
            if seconds >= TOLD_WAIT:
                logger.info("Waiting %.0f s, because of Poe's limit of requests.", seconds)
            before = self._clock()
            self._sleep(seconds)
            budget.give_back(self._clock() - before)
            has_waited = True
        return has_waited

    def give_back(self) -> None:
        """This thread does not need the second turn."""
        if self._mine.turn:
            self._mine.turn = False
            with self._lock:
                self._sent.pop()

    def _take_kept(self) -> bool:
        """Take the turn that this thread has already, unless Poe said to slow down since."""
        if not self._mine.turn or self._clock() < self._opens:
            return False
        self._mine.turn = False
        return True

    def _take_turns(self, looks_first: Callable[[], bool]) -> float:
        """Take a turn, or two, and return 0; or return the seconds until asking again makes sense."""
        with self._lock:
            now = self._clock()
            while self._sent and self._sent[0] <= now - self._window:
                self._sent.popleft()
            turns = 2 if looks_first() else 1
            # Where not even two are allowed in a window, the second goes along.
            too_many = len(self._sent) + turns - max(self._requests, turns)
            seconds = self._opens - now
            if too_many > 0:
                seconds = max(seconds, self._sent[too_many - 1] + self._window - now)
            if seconds <= 0:
                self._sent.extend([now] * turns)
                self._mine.turn = turns == 2
            return seconds


class _Kept(threading.local):
    """Whether the thread has a turn that it has not used yet."""

    turn = False
