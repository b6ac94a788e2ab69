"""A machine whose time passes only when all sleep, and which decides by a seed who goes on.

Threads are real ones, but one at a time runs: it hands over at a request, at a lock and at a sleep, and nowhere else.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from pulumi_poe.core import machine

START = 1_000_000.0
"""Seconds on the clock when a history begins."""

A_MOMENT = 0.02
"""Seconds that a wait takes when nothing is to be waited for any more."""

_EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)


class DeadlockError(Exception):
    """All threads wait for one another."""


class KilledError(BaseException):
    """The process of this thread was killed. Not an Exception, so that no rule can catch it."""


@dataclass(eq=False)
class Task:
    """A thread.

    :param process: the number of its process.
    """

    work: Callable[[], Any]
    process: int
    result: Any = None
    error: BaseException | None = None
    is_over: bool = False
    is_killed: bool = False
    wakes: float = 0.0
    until: Callable[[], bool] | None = None
    baton: threading.Lock = field(default_factory=threading.Lock)
    is_waiting: bool = False
    """It sleeps until the waits are ended."""
    locked: float = 0.0
    """Seconds for which it has waited for locks and for what others do."""

    def is_ready(self, now: float) -> bool:
        return self.is_killed or (self.wakes <= now and (self.until is None or self.until()))


class Machine:
    """Takes the place of ``pulumi_poe.core.machine`` for one history.

    :param random: who goes on.
    """

    def __init__(self, random: Random) -> None:
        self.time = START
        self.random = random
        self.main = Task(lambda: None, 0)
        self.main.baton.acquire()
        self.current = self.main
        self.tasks: list[Task] = []
        self.processes = {0}
        self._last_process = 100
        self.threads: set[int] = set()
        self._is_ending = False

    # --- what core.machine has ----------------------------------------------------------------------

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return _EPOCH + timedelta(seconds=self.time)

    def sleep(self, seconds: float) -> None:
        me = self.current
        me.wakes = self.time + max(seconds, 0)
        self._hand_over()

    def wait(self, seconds: float) -> None:
        """Sleep, until the waits are ended."""
        me = self.current
        me.is_waiting = True
        try:
            self.sleep(min(seconds, A_MOMENT) if self._is_ending else seconds)
        finally:
            me.is_waiting = False

    def end_waits(self) -> None:
        self._is_ending = True
        for task in [self.main, *self.tasks]:
            if task.is_waiting:
                task.wakes = min(task.wakes, self.time + A_MOMENT)

    def begin_anew(self) -> None:
        self._is_ending = False

    def is_ending(self) -> bool:
        return self._is_ending

    def lock(self) -> Lock:
        return Lock(self)

    def event(self) -> Event:
        return Event(self)

    def thread(self) -> int:
        return id(self.current)

    def start(self, target: Callable[[], None]) -> None:
        """What only tells of a long wait is left out: it changes nothing."""

    def process(self) -> int:
        return self.current.process

    def is_running(self, process: int) -> bool:
        return process in self.processes

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Whoever asks ``core.machine`` in the block asks this one."""
        names = (
            "monotonic", "now", "sleep", "lock", "event", "thread", "start", "process", "is_running",
            "end_waits", "begin_anew", "is_ending",
        )  # fmt: skip
        before = {name: getattr(machine, name) for name in names}
        mine = {name: getattr(self, "wait" if name == "sleep" else name) for name in names}
        # What waits for a random time asks Python's own numbers. They are the same in each run of a history.
        numbers = random.getstate()
        random.seed(0)
        self.threads.add(threading.get_ident())
        for name in names:
            setattr(machine, name, self._for_its_own(mine[name], before[name]))
        try:
            yield
        finally:
            for name in names:
                setattr(machine, name, before[name])
            random.setstate(numbers)

    def _for_its_own(self, mine: Callable[..., Any], real: Callable[..., Any]) -> Callable[..., Any]:
        """For a thread that another test has left behind, time goes on as ever: it would wait here for a turn."""
        return lambda *arguments: (mine if threading.get_ident() in self.threads else real)(*arguments)

    # --- tasks --------------------------------------------------------------------------------------

    def new_process(self) -> int:
        self._last_process += 1
        self.processes.add(self._last_process)
        return self._last_process

    def end_process(self, process: int) -> None:
        """Kill it, with all of its threads."""
        self.processes.discard(process)
        for task in [self.main, *self.tasks]:
            if task.process == process:
                task.is_killed = True

    def spawn(self, work: Callable[[], Any], process: int) -> Task:
        """Start a thread, which goes on once it is its turn."""
        task = Task(work, process)
        task.baton.acquire()
        self.tasks.append(task)
        threading.Thread(target=self._run, args=[task], daemon=True).start()
        return task

    def join(self, tasks: list[Task]) -> None:
        """Wait until these are over. A fault of theirs is raised."""
        self.wait_until(lambda: all(task.is_over for task in tasks))
        for task in tasks:
            if task.error is not None and not isinstance(task.error, KilledError):
                raise task.error

    def switch(self) -> None:
        """Whoever is ready may go on now."""
        if self.tasks:
            self._hand_over()
        elif self.current.is_killed:
            raise KilledError

    def wait_until(self, happened: Callable[[], bool]) -> None:
        if happened():
            return
        me = self.current
        before = self.time
        me.until = happened
        self._hand_over()
        me.locked += self.time - before

    def _run(self, task: Task) -> None:
        self.threads.add(threading.get_ident())
        task.baton.acquire()
        try:
            if not task.is_killed:
                task.result = task.work()
        except BaseException as error:  # handed to whoever joins it
            task.error = error
        self.threads.discard(threading.get_ident())
        task.is_over = True
        self.tasks.remove(task)
        self._give(self._next())

    def _hand_over(self) -> None:
        me = self.current
        following = self._next()
        if following is not me:
            self._give(following)
            me.baton.acquire()
        me.until = None
        if me.is_killed:
            raise KilledError

    def _give(self, task: Task) -> None:
        self.current = task
        task.baton.release()

    def _next(self) -> Task:
        while True:
            waiting = [self.main, *self.tasks] if not self.main.is_over else self.tasks
            ready = [task for task in waiting if task.is_ready(self.time)]
            if ready:
                return ready[0] if len(ready) == 1 else self.random.choice(ready)
            asleep = [task.wakes for task in waiting if task.wakes > self.time]
            if not asleep:
                # The first of them tells it.
                self.main.error = DeadlockError()
                self.main.is_killed = True
                return self.main
            self.time = min(asleep)


class Lock:
    """One thread has it at a time."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._owner: Task | None = None

    def __enter__(self) -> Lock:
        # A lock that nobody has is where most orders are the same: one in four is tried in another.
        if self._machine.tasks and (self._owner is not None or self._machine.random.random() < 0.25):
            self._machine.switch()
        while self._owner is not None:
            self._machine.wait_until(lambda: self._owner is None)
        self._owner = self._machine.current
        return self

    def __exit__(self, *_: object) -> None:
        self._owner = None


class Event:
    """Something that has not happened yet."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._has_happened = False

    def set(self) -> None:
        self._has_happened = True

    def wait(self) -> None:
        self._machine.wait_until(lambda: self._has_happened)
