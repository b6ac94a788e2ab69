"""What the dynamic shell's providers share: errors in one line, the log, and values in the core's words and back."""

from __future__ import annotations

import functools
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from pulumi.output import Unknown

from .tokens import NATIVE_BOT_TYPE, PICKLED, SECRET

_not_known: Final = Unknown()

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
        from .core.errors import as_poe_error

        try:
            return method(*args)
        except Exception as raised:
            raise OneLineError(str(as_poe_error(raised))) from None

    return shown  # type: ignore[return-value]  # the same signature, which a decorator can't say


def run() -> str | None:
    """What all plugin processes of a run have in common, and no other run: the engine's address."""
    started_as = getattr(sys.modules["__main__"].__spec__, "name", "")
    is_plugin = started_as.startswith("pulumi.dynamic") and len(sys.argv) > 1
    return sys.argv[1] if is_plugin else None


def of_the_sdk(bag: dict[str, Any]) -> dict[str, Any]:
    """What the SDK keeps among a resource's properties."""
    return {name: value for name, value in bag.items() if name == PICKLED}


def to_core(bag: dict[str, Any]) -> dict[str, Any]:
    """The properties of a resource, and what is recorded beside them, as the core has them."""
    from .core.values.numbers import in_each, whole
    from .core.values.unknown import UNKNOWN

    plain = {name: value for name, value in bag.items() if name != PICKLED}
    return dict(in_each(lambda leaf: UNKNOWN if isinstance(leaf, Unknown) else whole(leaf), plain))


def of_the_state(bag: dict[str, Any], type_: str = NATIVE_BOT_TYPE) -> dict[str, Any]:
    """A resource that the state has, as the core has it. The native shell may have written it.

    :param bag: inputs or outputs.
    :param type_: what the resource is to the native shell.
    """
    from .core.lifecycle.record import MOVES
    from .spelling import read_record

    found, moves = read_record(bag, native=False, type_=type_)
    return {**to_core(found), MOVES: True} if moves else to_core(found)


def to_engine(bag: dict[str, Any], secrets: Iterable[tuple[str, ...]] | None = None) -> dict[str, Any]:
    """The same bag, in which secrets are secrets to the engine, whoever wrote them and however.

    :param bag: the properties, and what is recorded beside them.
    :param secrets: where there are some; None is those of a bot.
    """
    from .core.bot.fields import SECRETS, with_secrets
    from .core.values.numbers import in_each
    from .core.values.unknown import UNKNOWN

    paths = SECRETS if secrets is None else secrets
    marked = with_secrets(bag, lambda value: {**SECRET, "value": value}, paths)
    return dict(in_each(lambda leaf: _not_known if leaf is UNKNOWN else leaf, marked))


def show_log(level: str) -> None:
    """Show the log of the package. The engine shows what a plugin writes to standard error, under the stack.

    :param level: from which on.
    """
    from .core.values.text import OneLineFormatter

    logger = logging.getLogger("pulumi_poe")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(OneLineFormatter("%(levelname)s: %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(level.upper())
