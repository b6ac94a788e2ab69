"""What a provider that waits for long needs of the SDK's process: that others go on, and that it hears of Ctrl-C.

The SDK calls providers in four threads, and a call that waits keeps one. So while one waits, one more is let in. And
the SDK hears that the user ends the run, and tells no provider. Both reach into what the SDK and Python keep to
themselves, so both do without where they find it otherwise: then a line says that others wait.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType, FunctionType
from typing import Any, Final

from ..core import machine

AT_ONCE: Final = 4
"""Calls that the SDK makes at a time."""

logger: Final[logging.Logger] = logging.getLogger("pulumi_poe")

_counting = threading.Lock()
_waiting = 0


@contextmanager
def a_thread() -> Iterator[None]:
    """Who waits in the block keeps nobody else waiting, if that can be; and ends with the run."""
    global _waiting
    _listen_for_the_end()
    pool = _pool()
    with _counting:
        _waiting += 1
        is_lent = pool is not None and _let_in(pool)
        if not is_lent and _waiting == AT_ONCE:
            logger.warning(
                "%d endpoints are waited for, which is all that the SDK does at a time: the other dynamic resources of "
                "this program wait behind them. A shorter wait helps, or depends_on, by which the others come first, "
                "or the native plugin.",
                AT_ONCE,
            )
    try:
        yield
    finally:
        with _counting:
            _waiting -= 1
            if pool is not None and is_lent:
                pool._max_workers -= 1


def _pool() -> ThreadPoolExecutor | None:
    """Those threads of which this is one."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        reference = frame.f_locals.get("executor_reference")
        pool = reference() if callable(reference) else None
        if isinstance(pool, ThreadPoolExecutor):
            return pool
        frame = frame.f_back
    return None


def _let_in(pool: ThreadPoolExecutor) -> bool:
    try:
        with pool._shutdown_lock:  # as whoever hands a call to the pool does
            pool._max_workers += 1
            pool._adjust_thread_count()
    except AttributeError:
        return False
    return True


def _listen_for_the_end() -> None:
    """The SDK's own answer to the engine's Cancel ends waits, too. The server holds it, so its code is changed."""
    servicer = getattr(sys.modules["__main__"], "DynamicResourceProviderServicer", None)
    cancel = getattr(servicer, "Cancel", None)
    if isinstance(cancel, FunctionType) and not cancel.__code__.co_freevars and cancel.__code__.co_argcount == 3:
        machine.is_ending()  # the module that the new code looks for is loaded
        cancel.__code__ = _cancel.__code__


def _cancel(self: Any, request: Any, context: Any) -> Any:  # noqa: ARG001 -- of the protocol
    # Runs among the names of the SDK's module, and so brings its own.
    import sys

    from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]  # a part of the SDK

    sys.modules["pulumi_poe.core.machine"].end_waits()
    return Empty()
