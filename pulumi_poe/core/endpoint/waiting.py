"""How often an endpoint is asked, for how long, and what is told meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .. import machine
from ..errors import EndpointError
from .result import Result

TOLD_EVERY: Final = 10.0
"""Seconds between two lines that say what is waited for."""

REFUSED: Final = 60.0
"""Seconds for which an answer is waited out that time alone seldom mends, such as a refused key: a secret or a release
may just be on its way to the endpoint."""

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 5.0
"""Seconds between two rounds of checks. They grow by half each time."""

LONGEST_REQUEST: Final = 60.0
SHORTEST_REQUEST: Final = 10.0
"""Seconds that one request may take, as far as there are that many left. One of the first round may take the shorter
time whatever is left, so that an endpoint that is up is found to be with ``wait`` 0."""


class Waiting:
    """One wait for one endpoint.

    :param wait: seconds; 0 asks once.
    :param tell: called with what is waited for.
    """

    def __init__(self, wait: float, tell: Callable[[str], None]) -> None:
        self._wait = wait
        self._tell = tell
        self._begun = self._told = machine.monotonic()
        self._rounds = 0
        self._last: Result | None = None

    def timeout(self) -> float:
        """Seconds that the next request may take."""
        least = SHORTEST_REQUEST if self._rounds <= 1 else 1.0
        return min(LONGEST_REQUEST, max(self._left(), least))

    def meanwhile(self) -> None:
        """Tell what is waited for, if it is time.

        :raises EndpointError: the user has ended the run.
        """
        if machine.is_ending():
            raise EndpointError("the run was ended while this was waited for", _NOTHING_SENT)
        now = machine.monotonic()
        if now - self._told >= TOLD_EVERY:
            self._told = now
            said = self._last.said if self._last is not None else "it has not answered yet"
            seconds = now - self._begun
            if seconds < self._wait:
                self._tell(f"waiting, {seconds:.0f} of {self._wait:g} s: {said}")
            else:  # the first answer may take longer than the wait
                self._tell(f"waiting, {seconds:.0f} s: {said}")

    def until_there_is_none(self, failure: Callable[[], Result | None]) -> None:
        """Ask until nothing fails.

        :param failure: asks, and returns what fails first.
        :raises EndpointError: the time is over, or what fails does not mend itself, or the user has ended the run.
        """
        pause = FIRST_PAUSE
        refused_since: float | None = None
        while True:
            self.meanwhile()
            self._rounds += 1
            failed = failure()
            if failed is None:
                return
            self._last = failed
            now = machine.monotonic()
            refused_since = None if failed.may_mend_itself else now if refused_since is None else refused_since
            is_settled = refused_since is not None and now + pause - refused_since > REFUSED
            if is_settled or pause > self._left():
                raise self._error(failed)
            self._pause(pause)
            pause = min(1.5 * pause, LONGEST_PAUSE)

    def _left(self) -> float:
        return self._begun + self._wait - machine.monotonic()

    def _pause(self, seconds: float) -> None:
        over = machine.monotonic() + seconds
        while (left := over - machine.monotonic()) > 0:
            self.meanwhile()
            machine.sleep(min(left, 0.2))

    def _error(self, failed: Result) -> EndpointError:
        seconds = machine.monotonic() - self._begun
        often = "asked once" if self._rounds == 1 else f"asked {self._rounds} times in {seconds:.0f} s"
        return EndpointError(f"{failed.said} ({often})", f"{failed.advice} {_NOTHING_SENT}".strip())


_NOTHING_SENT: Final = "Poe was sent nothing, and the state is as it was."
