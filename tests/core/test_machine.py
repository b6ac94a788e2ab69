"""The machine as it is."""

from __future__ import annotations

import os
import threading

import pytest

from pulumi_poe.core import machine

ENDED = 2**22 - 1
"""The number of no process."""


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
