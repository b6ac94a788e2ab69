"""A call that waits lets another one in, and hears of Ctrl-C; where that can't be had, a line says who waits."""

from __future__ import annotations

import logging
import sys
import threading
import types
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest

from pulumi_poe.core import machine
from pulumi_poe.dynamic import lending


@pytest.fixture(autouse=True)
def no_run() -> Iterator[None]:
    yield
    machine.begin_anew()


def test_while_calls_wait_others_are_let_in() -> None:
    is_over = threading.Event()

    def waiting() -> None:
        with lending.a_thread():
            is_over.wait(20)

    with ThreadPoolExecutor(4) as pool:
        futures: list[Future[Any]] = [pool.submit(waiting) for _ in range(9)]
        assert pool.submit(lambda: "done").result(10) == "done"
        while pool._max_workers < 13:
            assert not is_over.wait(0.01)
        is_over.set()
        wait(futures, 10)
        assert pool._max_workers == 4


def test_a_call_that_fails_gives_its_thread_back() -> None:
    def failing() -> None:
        with lending.a_thread():
            raise ValueError

    with ThreadPoolExecutor(4) as pool:
        assert isinstance(pool.submit(failing).exception(10), ValueError)
        assert pool._max_workers == 4


@pytest.mark.parametrize("without", ["no pool", "another pool"])
def test_where_nobody_can_be_let_in_a_line_says_who_waits_and_what_to_do(
    without: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = types.SimpleNamespace()
    monkeypatch.setattr(lending, "_pool", lambda: None if without == "no pool" else other)
    with lending.a_thread(), lending.a_thread(), lending.a_thread():
        assert caplog.messages == []
        with lending.a_thread(), lending.a_thread():
            (said,) = caplog.messages
    assert said.startswith("4 endpoints are waited for, which is all that the SDK does at a time: ")
    assert caplog.records[0].levelno == logging.WARNING


def test_outside_of_the_sdks_threads_there_is_no_pool() -> None:
    assert lending._pool() is None


def test_the_sdks_answer_to_cancel_ends_waits_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class DynamicResourceProviderServicer:
        def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802 -- as the SDK has it
            return request, context

    monkeypatch.setattr(
        sys.modules["__main__"], "DynamicResourceProviderServicer", DynamicResourceProviderServicer, raising=False
    )
    held = DynamicResourceProviderServicer().Cancel  # by the server, from its start
    with lending.a_thread(), lending.a_thread():
        assert not machine.is_ending()
        assert type(held(None, None)).__name__ == "Empty"
        assert machine.is_ending()


@pytest.mark.parametrize("cancel", [None, "text", print, lambda: None])
def test_another_answer_to_cancel_is_left_alone(cancel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    servicer = type("DynamicResourceProviderServicer", (), {"Cancel": cancel})
    monkeypatch.setattr(sys.modules["__main__"], "DynamicResourceProviderServicer", servicer, raising=False)
    with lending.a_thread():
        assert vars(servicer)["Cancel"] is cancel


def test_the_sdks_process_has_what_is_reached_into() -> None:
    """The names, in the SDK that is installed: tests/engine has the process itself."""
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("pulumi.dynamic.__main__")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text()
    assert "class DynamicResourceProviderServicer(" in source
    assert "def Cancel(self, request, context):" in source
    assert f"max_workers={lending.AT_ONCE}" in source
