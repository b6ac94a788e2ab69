"""The machine as it is."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from pulumi_poe.core import machine

ENDED = 2**22 - 1
"""The number of no process."""


@pytest.fixture(autouse=True)
def waits() -> Iterator[None]:
    """In place of that of all tests of the core: here the machine is the real one."""
    yield
    machine.begin_anew()


def test_whether_a_process_runs() -> None:
    assert machine.is_running(os.getpid())
    assert machine.is_running(1)
    assert not machine.is_running(ENDED)


def test_a_process_of_somebody_else_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert machine.is_running(ENDED)


def test_where_it_can_not_be_known_a_process_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    assert machine.is_running(ENDED)


def test_a_thread_that_is_started_runs_beside_this_one() -> None:
    numbers: list[int] = []
    happened = machine.event()

    def work() -> None:
        numbers.append(machine.thread())
        happened.set()

    machine.start(work)
    happened.wait()
    assert numbers != [threading.get_ident()]


def test_the_time_of_day_has_a_zone() -> None:
    assert machine.now().tzinfo is not None


def test_a_sleep_lasts_as_long_as_it_says() -> None:
    began = time.monotonic()
    machine.sleep(0.1)
    assert time.monotonic() - began >= 0.1


def test_who_sleeps_wakes_up_when_the_run_ends() -> None:
    began = time.monotonic()
    machine.start(machine.end_waits)
    machine.sleep(30)
    assert machine.is_ending()
    machine.sleep(30)
    assert time.monotonic() - began < 5


def test_nobody_keeps_a_core_busy_while_the_run_ends() -> None:
    machine.end_waits()
    began = time.monotonic()
    machine.sleep(30)
    assert time.monotonic() - began >= 0.01


def test_another_run_in_the_process_waits_again() -> None:
    machine.end_waits()
    machine.begin_anew()
    assert not machine.is_ending()
