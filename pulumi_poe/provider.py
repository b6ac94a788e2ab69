"""The dynamic shell: the engine's words in the core's words, and back. No rule is kept here.

The module path and the class name of :class:`BotProvider` are part of every user's state: the engine
loads the provider by them on refresh and destroy. Renaming either needs a shim under the old name.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import Unknown

from .tokens import PICKLED, SECRET

if TYPE_CHECKING:
    from .core.errors import PoeError
    from .core.lifecycle.operations import Operations
    from .core.lifecycle.registry import Resource

# Inputs of the shell's own begin with one underscore: SDKs before 3.235 hide from a provider what begins with two.
DECLARED_BY: Final = "_declared_by"
"""The input in which a program's Bot says which of the program's bots it is: its name, and which one in order. It ends
in ``check``, in no state."""

DELETED_FIRST: Final = "_delete_before_replace"
RETAINED: Final = "_retain_on_delete"
"""The inputs in which a program's Bot says that it has these options, which the engine does not tell."""

BOTS: Final = "_bots"
"""The input in which a bot that may be deleted before it is replaced names all bots of the program."""

NOT_KNOWN: Final = "not known"
"""Said where a transform may set :data:`DELETED_FIRST`, which a program's Bot does not see."""

_ONLY_FOR_CHECK: Final = frozenset({DECLARED_BY, DELETED_FIRST, RETAINED, BOTS})

_not_known = Unknown()

_Method = TypeVar("_Method", bound=Callable[..., Any])


class _OneLineError(Exception):
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
        with _OneLineError._lock:
            if _OneLineError._on_their_way == 0:
                _OneLineError._limit_before = getattr(sys, "tracebacklimit", None)
            _OneLineError._on_their_way += 1
            sys.tracebacklimit = 0

    def __str__(self) -> str:
        with _OneLineError._lock:
            if self._is_on_its_way:
                self._is_on_its_way = False
                _OneLineError._on_their_way -= 1
                if _OneLineError._on_their_way == 0:
                    if _OneLineError._limit_before is None:
                        del sys.tracebacklimit
                    else:
                        sys.tracebacklimit = _OneLineError._limit_before
        return str(self.args[0])


_OneLineError.__module__ = "builtins"
_OneLineError.__qualname__ = "Poe"


def _with_one_line_errors(method: _Method) -> _Method:
    @functools.wraps(method)
    def shown(*args: Any) -> Any:
        from .core.errors import as_poe_error

        try:
            return method(*args)
        except Exception as raised:
            raise _OneLineError(str(as_poe_error(raised))) from None

    return shown  # type: ignore[return-value]  # the same signature, which a decorator can't say


class BotProvider(ResourceProvider):
    """Creates, reads, updates and deletes Poe API bots.

    Made once for each way in which it was pickled, and used by up to four threads; all share one session for each
    account. In a program it has no attributes at all: so it is pickled as its module and name, 60 characters.
    """

    # By reference there is nothing in it to hide, and the state stays readable.
    serialize_as_secret_always = False

    _configured: Operations | PoeError

    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's config. Whatever is wrong with it is said by the first call that needs it."""
        from .core.errors import PoeError
        from .core.lifecycle.operations import Operations
        from .core.lifecycle.session import session_of
        from .core.poe.settings import Settings

        try:
            settings = Settings.load(req.config.get, os.environ)
            _show_log(settings.log_level)
            _warn_of_an_old_sdk()
            self._configured = Operations(session_of(settings, _run()))
        except PoeError as error:
            self._configured = error

    def _bots(self) -> Operations:
        if isinstance(self._configured, Exception):
            raise self._configured
        return self._configured

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Every mistake that a preview can show. The property stays empty: the engine would print its value."""
        from .core.errors import as_poe_error

        declared = {name: value for name, value in news.items() if name not in _ONLY_FOR_CHECK}
        try:
            checked = self._bots().check(
                _to_core(declared),
                before=_of_the_state(olds),
                resource=_resource(news.get(DECLARED_BY) or {}),
                deleted_first=None if news.get(DELETED_FIRST) == NOT_KNOWN else news.get(DELETED_FIRST) is True,
                retained=news.get(RETAINED) is True,
                others=[(one["handle"], _resource(one), one.get("adopts") is True) for one in news.get(BOTS) or []],
            )
        except Exception as raised:
            return CheckResult(
                {**declared, **_to_engine(_to_core(declared))}, [CheckFailure("", str(as_poe_error(raised)))]
            )
        inputs = {**_of_the_sdk(news), **_to_engine(checked.inputs)}
        return CheckResult(inputs, [CheckFailure("", mistake) for mistake in checked.mistakes])

    @_with_one_line_errors
    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """``None`` for a change lets the engine show just the properties that changed."""
        difference = self._bots().diff(id_, _of_the_state(olds), _to_core(news))
        return DiffResult(
            changes=None if difference.changed else False,
            replaces=["handle"] if difference.replaces else [],
        )

    @_with_one_line_errors
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the bot, or adopt it."""
        created = self._bots().create(_to_core(props))
        return CreateResult(created.id, _to_engine(created.record))

    @_with_one_line_errors
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What Poe has. The inputs follow, so that the next preview shows the way back."""
        from .core.lifecycle.record import properties

        record = self._bots().read(id_, _of_the_state(props))
        if record is None:
            return ReadResult(None, {})
        return ReadResult(id_, _to_engine(record), _to_engine(properties(record)))

    @_with_one_line_errors
    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Bring the bot to what is declared."""
        return UpdateResult(_to_engine(self._bots().update(id_, _of_the_state(olds), _to_core(news))))

    @_with_one_line_errors
    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Delete the bot for good."""
        self._bots().delete(id_, _of_the_state(props))


def _resource(said: dict[str, Any]) -> Resource:
    from .core.lifecycle.registry import Resource

    return Resource(str(said.get("name")), int(said.get("number", 0)), str(said.get("provider") or ""))


def _run() -> str | None:
    """What all plugin processes of a run have in common, and no other run: the engine's address."""
    started_as = getattr(sys.modules["__main__"].__spec__, "name", "")
    is_plugin = started_as.startswith("pulumi.dynamic") and len(sys.argv) > 1
    return sys.argv[1] if is_plugin else None


def _of_the_sdk(bag: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in bag.items() if name == PICKLED}


def _to_core(bag: dict[str, Any]) -> dict[str, Any]:
    """The bot's properties, and what is recorded beside them, as the core has them."""
    from .core.values.numbers import in_each, whole
    from .core.values.unknown import UNKNOWN

    plain = {name: value for name, value in bag.items() if name != PICKLED}
    return dict(in_each(lambda leaf: UNKNOWN if isinstance(leaf, Unknown) else whole(leaf), plain))


def _of_the_state(bag: dict[str, Any]) -> dict[str, Any]:
    """A bot that the state has, as the core has it. The native shell may have written it."""
    from .core.lifecycle.record import MOVES
    from .spelling import read_record

    found, moves = read_record(bag, native=False)
    return {**_to_core(found), MOVES: True} if moves else _to_core(found)


def _to_engine(bag: dict[str, Any]) -> dict[str, Any]:
    """The same bag, in which secrets are secrets to the engine, whoever wrote them and however."""
    from .core.bot.fields import with_secrets
    from .core.values.numbers import in_each
    from .core.values.unknown import UNKNOWN

    marked = with_secrets(bag, lambda value: {**SECRET, "value": value})
    return dict(in_each(lambda leaf: _not_known if leaf is UNKNOWN else leaf, marked))


@functools.cache
def _warn_of_an_old_sdk() -> None:
    """Before 3.235 the SDK hides from a provider what it has recorded under names with two underscores."""
    from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped]  # a part of the SDK
    from pulumi.runtime.rpc import deserialize_properties

    recorded = Struct()
    recorded.update({"__fingerprint": "recorded"})
    if "__fingerprint" not in deserialize_properties(recorded):
        logging.getLogger("pulumi_poe").warning(
            "the Pulumi SDK for Python in use hides from pulumi-poe what the state records of each bot, so it can't "
            "tell a bot of another address from one of this. Run `pip install --upgrade 'pulumi>=3.235'`."
        )


def _show_log(level: str) -> None:
    """The engine shows what a plugin writes to standard error, under the stack."""
    from .core.values.text import OneLineFormatter

    logger = logging.getLogger("pulumi_poe")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(OneLineFormatter("%(levelname)s: %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(level.upper())
