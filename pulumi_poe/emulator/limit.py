"""How many requests a minute the local Poe answers."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from .options import Options

_WINDOW = 60.0


@dataclass(frozen=True)
class Verdict:
    """Whether a request is answered, and what the answer says of the limit."""

    refused: bool
    """Whether it is over the limit."""

    headers: dict[str, str]
    """The headers of a limit (docs/poe-bots-api.md, 4.3); none while there is no limit."""


class RequestLimit:
    """`Options.requests_per_minute`: a sliding window for each account.

    Whoever has no account shares one window with all others who have none.

    :param options: read anew by each request.
    :param clock: seconds that never go back.

    (docs/poe-bots-api.md, 4.3)
    """

    def __init__(self, options: Options, clock: Callable[[], float] = time.monotonic) -> None:
        self._options = options
        self._clock = clock
        # When each of an account's requests came that was not refused, on the real clock.
        self._windows: dict[str | None, deque[float]] = {}

    def reset(self) -> None:
        """Forget all requests."""
        self._windows.clear()

    def count(self, account: str | None) -> Verdict:
        """Count a request, unless it is over the limit."""
        limit = self._options.requests_per_minute
        if limit is None:
            return Verdict(False, {})
        now = self._clock()
        real_window = _WINDOW / self._options.clock_speed
        window = self._windows.setdefault(account, deque())
        while window and window[0] <= now - real_window:
            window.popleft()
        refused = len(window) >= limit
        if not refused:
            window.append(now)
        real_wait = window[0] + real_window - now if window else real_window
        wait = str(math.ceil(real_wait * self._options.clock_speed))
        headers = {
            "x-ratelimit-limit-requests": str(limit),
            "x-ratelimit-remaining-requests": str(max(0, limit - len(window))),
            "x-ratelimit-reset-requests": wait,
        }
        if refused and self._options.retry_after == "seconds":
            headers["Retry-After"] = wait
        elif refused and self._options.retry_after == "date":
            headers["Retry-After"] = formatdate(math.ceil(time.time() + real_wait), usegmt=True)
        return Verdict(refused, headers)
