"""What a run needs of its machine: the clock, sleep, locks, threads and processes.

All in one place, because threads of a run meet here and nowhere else but at Poe. The simulation in tests/simulation has
a machine of its own, on which time passes only when all sleep, and which decides who goes on at each lock.

The functions are asked for as ``machine.sleep``, so that a test can put another in its place.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from typing import Any, Final, Protocol


class Event(Protocol):
    """What ``threading.Event`` is, as far as it is used here."""

    def set(self) -> None: ...
    def wait(self) -> object: ...


def monotonic() -> float:
    """Seconds that never go back."""
    return time.monotonic()


def now() -> datetime:
    """The time of day, with its zone."""
    return datetime.now(timezone.utc)


_ending = threading.Event()
_A_MOMENT: Final = 0.02


def sleep(seconds: float) -> None:
    """Let others go on for so long; for a moment where nothing is to be waited for any more."""
    _ending.wait(max(seconds - _A_MOMENT, 0))
    time.sleep(min(seconds, _A_MOMENT))


def end_waits() -> None:
    """The user wants the run to end: who sleeps wakes up, and nobody sleeps long from now on."""
    _ending.set()


def begin_anew() -> None:
    """Another run begins in this process, whatever became of the one before."""
    _ending.clear()


def is_ending() -> bool:
    """Whether nothing is to be waited for any more."""
    return _ending.is_set()


def lock() -> AbstractContextManager[Any]:
    """A new lock, which one thread holds at a time."""
    return threading.Lock()


def event() -> Event:
    """Something that has not happened yet."""
    return threading.Event()


def thread() -> int:
    """The number of this thread, which no other thread has that runs."""
    return threading.get_ident()


def start(target: Callable[[], None]) -> None:
    """Run this in a thread that the process does not wait for."""
    threading.Thread(target=target, daemon=True).start()


def process() -> int:
    """The number of this process."""
    return os.getpid()


def is_running(process: int) -> bool:
    """Whether the process of this number still runs. Where that can't be known, it does."""
    if sys.platform == "win32":
        return True  # os.kill would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
