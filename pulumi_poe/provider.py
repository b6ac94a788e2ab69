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
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

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

if TYPE_CHECKING:
    from .core.errors import PoeError
    from .core.lifecycle import Lifecycle
    from .core.registry import Registry, Resource
    from .core.settings import Settings

# SDKs before 3.235 hide from a provider what begins with two underscores.

RESOURCE: Final = "_declared_by"
"""The input in which a program's Bot says which of the program's bots it is: its name, and which one in order. It ends
in ``check``, in no state."""

DELETED_FIRST: Final = "_delete_before_replace"
RETAINED: Final = "_retain_on_delete"
"""The inputs in which a program's Bot says that it has these options, which the engine does not tell."""

BOTS: Final = "_bots"
"""The input in which a bot that may be deleted before it is replaced names all bots of the program."""

NOT_KNOWN: Final = "not known"
"""Said where a transform may set :data:`DELETED_FIRST`, which a program's Bot does not see."""

_ADOPT: Final = "adopt"
_ONLY_FOR_CHECK: Final = frozenset({RESOURCE, DELETED_FIRST, RETAINED, BOTS, _ADOPT})

_SECRET: Final = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
"""By these two the engine knows a secret, beside its ``value``."""

# One for all provider objects of the process: the SDK makes one for each way in which this class was ever pickled,
# and a bot that the program's creates must not be deleted by the state's.
_lifecycles: dict[Settings, Lifecycle] = {}
_registries: dict[str, Registry] = {}
_making_lifecycles = threading.Lock()

_Method = TypeVar("_Method", bound=Callable[..., Any])


class _OneLineError(Exception):
    """An error that the engine shows as ``error: Poe: <message>``, without a traceback.

    The SDK sends the engine ``traceback.format_exc()``. That reads ``sys.tracebacklimit`` before it asks
    for the exception's text; so the limit is zero from :func:`_fail` until then. Errors of several
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


def _fail(error: Exception) -> NoReturn:
    raise _OneLineError(str(error)) from None


def _with_one_line_errors(method: _Method) -> _Method:
    @functools.wraps(method)
    def shown(*args: Any) -> Any:
        from .core.errors import OwnFaultError, PoeError

        try:
            return method(*args)
        except PoeError as error:
            _fail(error)
        except Exception as fault:
            _fail(OwnFaultError.of(fault))

    return shown  # type: ignore[return-value]  # the same signature, which a decorator can't say


class BotProvider(ResourceProvider):
    """Creates, reads, updates and deletes Poe API bots.

    One object a process, used by up to four threads. In a program it has no attributes at all: so it is
    pickled as its module and name, 60 characters.
    """

    # By reference there is nothing in it to hide, and the state stays readable.
    serialize_as_secret_always = False

    _configured: Lifecycle | PoeError

    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's config. Whatever is wrong with it is said by the first call that needs it."""
        from .core.errors import PoeError
        from .core.lifecycle import Lifecycle
        from .core.settings import Settings

        try:
            settings = Settings.load(req.config.get, os.environ)
            _show_log(settings.log_level)
            _warn_of_an_old_sdk()
            with _making_lifecycles:
                if settings not in _lifecycles:
                    _lifecycles[settings] = Lifecycle(settings, _registry_of(settings.api_url))
                self._configured = _lifecycles[settings]
        except PoeError as error:
            self._configured = error

    def _lifecycle(self) -> Lifecycle:
        if isinstance(self._configured, Exception):
            raise self._configured
        return self._configured

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Every fault that a preview can show. The property stays empty: the engine would print its value."""
        from .core.errors import OwnFaultError, PoeError
        from .core.text import one_line

        inputs = {name: value for name, value in news.items() if name not in _ONLY_FOR_CHECK}
        try:
            faults = self._lifecycle().check(
                _to_core(inputs),
                before=_to_core(olds),
                resource=_resource(news.get(RESOURCE) or {}),
                adopt=_plain(news.get(_ADOPT, False)),
                deleted_first=None if news.get(DELETED_FIRST) == NOT_KNOWN else news.get(DELETED_FIRST) is True,
                retained=news.get(RETAINED) is True,
                others=[(one["handle"], _resource(one), one.get("adopts") is True) for one in news.get(BOTS) or []],
            )
        except PoeError as error:
            faults = [str(error)]
        except Exception as fault:
            faults = [str(OwnFaultError.of(fault))]
        return CheckResult(_with_secret_key(inputs), [CheckFailure("", one_line(fault)) for fault in faults])

    @_with_one_line_errors
    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """``None`` for a change lets the engine show just the properties that changed."""
        difference = self._lifecycle().diff(id_, _to_core(olds), _to_core(news))
        return DiffResult(
            changes=None if difference.changed else False,
            replaces=["handle"] if difference.replaces else [],
        )

    @_with_one_line_errors
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the bot, or adopt it."""
        declared = _to_core(props)
        recorded = self._lifecycle().create(declared)
        return CreateResult(declared["handle"], _with_secret_key(recorded))

    @_with_one_line_errors
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What Poe has. The inputs follow, so that the next preview shows the way back."""
        recorded = self._lifecycle().read(id_, _to_core(props))
        if recorded is None:
            return ReadResult(None, {})
        outputs = _with_secret_key(_without_halves(recorded))
        return ReadResult(id_, outputs, {name: value for name, value in outputs.items() if not name.startswith("__")})

    @_with_one_line_errors
    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Bring the bot to what is declared."""
        return UpdateResult(_with_secret_key(self._lifecycle().update(id_, _to_core(olds), _to_core(news))))

    @_with_one_line_errors
    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Delete the bot for good."""
        self._lifecycle().delete(id_, _to_core(props))


def _resource(said: dict[str, Any]) -> Resource:
    from .core.registry import Resource

    return Resource(str(said.get("name")), int(said.get("number", 0)), str(said.get("provider") or ""))


def _registry_of(api_url: str) -> Registry:
    """One for each address and run. Each provider of a program has a process; the engine's address is known to all."""
    from .core.journal import Journal
    from .core.registry import Registry

    if api_url not in _registries:
        started_as = getattr(sys.modules["__main__"].__spec__, "name", "")
        is_plugin = started_as.startswith("pulumi.dynamic") and len(sys.argv) > 1
        _registries[api_url] = Registry(Journal(f"{sys.argv[1]} {api_url}" if is_plugin else None))
    return _registries[api_url]


def _with_secret_key(bag: dict[str, Any]) -> dict[str, Any]:
    """The same bag, in which the endpoint's key is a secret to the engine, whoever wrote it and however."""
    from .core.meaning import API_KEY

    settings, key = bag.get(API_KEY[0]), API_KEY[1]
    if not isinstance(settings, dict) or settings.get(key) is None or isinstance(settings[key], Unknown):
        return bag
    return {**bag, API_KEY[0]: {**settings, key: {**_SECRET, "value": settings[key]}}}


def _without_halves(value: Any) -> Any:
    """The same value, without halves of surrogate pairs: JSON can spell them, and the engine's protocol can't."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_without_halves(name): _without_halves(one) for name, one in value.items()}
    return [_without_halves(one) for one in value] if isinstance(value, list) else value


def _to_core(props: dict[str, Any]) -> dict[str, Any]:
    """The bot's properties, and what is recorded beside them, as the core has them."""
    return {name: _plain(value) for name, value in props.items() if name != "__provider"}


def _plain(value: Any) -> Any:
    """Whole numbers as ints, which the engine sends as floats, and the core's own mark for unknown values."""
    if isinstance(value, Unknown):
        from .core.unknown import UNKNOWN

        return UNKNOWN
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


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
    from .core.text import OneLineFormatter

    logger = logging.getLogger("pulumi_poe")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(OneLineFormatter("%(levelname)s: %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(level.upper())
