"""Errors that the engine shows in one line."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

_Method = TypeVar("_Method", bound=Callable[..., Any])


class OneLineError(Exception):
    """An error that the engine shows as ``error: Poe: <message>``, without a traceback.

    The SDK sends the engine ``traceback.format_exc()``. That reads ``sys.tracebacklimit`` before it asks
    for the exception's text; so the limit is zero from its making until then. Errors of several
    threads may be on their way at once: the last one restores it.
    """

    _lock = threading.Lock()
    _on_their_way = 0
    _limit_before: int | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self._is_on_its_way = True
        with OneLineError._lock:
            if OneLineError._on_their_way == 0:
                OneLineError._limit_before = getattr(sys, "tracebacklimit", None)
            OneLineError._on_their_way += 1
            sys.tracebacklimit = 0

    def __str__(self) -> str:
        with OneLineError._lock:
            if self._is_on_its_way:
                self._is_on_its_way = False
                OneLineError._on_their_way -= 1
                if OneLineError._on_their_way == 0:
                    if OneLineError._limit_before is None:
                        del sys.tracebacklimit
                    else:
                        sys.tracebacklimit = OneLineError._limit_before
        return str(self.args[0])


OneLineError.__module__ = "builtins"
OneLineError.__qualname__ = "Poe"


def with_one_line_errors(method: _Method) -> _Method:
    """Whatever the method raises is an error that the engine shows in one line."""

    @functools.wraps(method)
    def shown(*args: Any) -> Any:
        from ..core.errors import as_poe_error

        try:
            return method(*args)
        except Exception as raised:
            raise OneLineError(str(as_poe_error(raised))) from None

    return shown  # type: ignore[return-value]  # the same signature, which a decorator can't say
