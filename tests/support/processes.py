"""Ends commands of the CLI at the worst moment, and what they leave running."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil
from stacks import Stack, Started

PLUGINS = ("pulumi.dynamic", "pulumi_poe.native")


def interrupt(started: Started) -> None:
    """Ctrl-C, once. A terminal would send it to the CLI only: its children are in process groups of their own."""
    started.process.send_signal(signal.SIGINT)


def interrupt_twice(started: Started) -> None:
    """Ctrl-C, and again once the CLI has taken the first one."""
    interrupt(started)
    time.sleep(0.3)
    interrupt(started)


def kill_the_cli(started: Started) -> None:
    """As the machine's memory killer does, or a CI job that is cancelled."""
    started.process.kill()


def kill_the_plugin(started: Started) -> None:
    """The process in which our provider runs."""
    for process in psutil.Process(started.process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if any(plugin in process.cmdline() for plugin in PLUGINS):
                process.kill()


WAYS_TO_END_IT: dict[str, Callable[[Started], None]] = {
    "interrupt": interrupt,
    "interrupt twice": interrupt_twice,
    "kill the CLI": kill_the_cli,
    "kill the plugin": kill_the_plugin,
}


class UnderWay:
    """A command of the CLI that is under way, with the processes that it started."""

    def __init__(self, started: Started) -> None:
        self._started = started
        self._descendants: list[psutil.Process] = []

    def end(self, way: Callable[[Started], None]) -> None:
        """End it in one of :data:`WAYS_TO_END_IT`."""
        # Before, because the children of a dead process are nobody's.
        self._descendants += psutil.Process(self._started.process.pid).children(recursive=True)
        way(self._started)
        if way is kill_the_cli:
            self._started.process.wait()
            self.end_what_is_left()

    def end_what_is_left(self) -> None:
        """The plugin and the language host outlive a killed CLI."""
        for process in self._descendants:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(self._descendants, timeout=10)


@contextmanager
def under_way(stack: Stack, *command: str, **environment: str) -> Iterator[UnderWay]:
    """Start a command, and after the block wait for its end and end what it left running."""
    started = stack.start(*command, **environment)
    running = UnderWay(started)
    try:
        yield running
    except BaseException:
        running.end(kill_the_cli)
        raise
    stack.finished(started)
    running.end_what_is_left()
