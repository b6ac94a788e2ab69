"""The plugins that the engine of the simulation calls: the dynamic provider, and the native one by its messages.

To the simulation both speak Poe's names. What a native plugin is sent and says is translated here, as the engine and
a person's eyes would find it, and nothing is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, Protocol

from pulumi.output import Unknown
from pulumi.runtime.proto import provider_pb2

from pulumi_poe import spelling
from pulumi_poe.core.errors import PoeError
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.poe.settings import Settings
from pulumi_poe.core.values.unknown import UNKNOWN
from pulumi_poe.native.servicer import Servicer
from pulumi_poe.native.values import struct_of
from pulumi_poe.provider import BotProvider
from pulumi_poe.tokens import NATIVE_BOT_TYPE, PICKLED
from tests.poes_names import in_poes_names

_URN = f"urn:pulumi:dev::simulated::{NATIVE_BOT_TYPE}::"
_NOT_KNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

Bag = dict[str, Any]


class Plugin(Protocol):
    """A process that the engine calls."""

    workers: int
    """Operations that are under way at once."""

    def configure(self, settings: Settings | PoeError, make: Callable[[Settings], Operations]) -> None:
        """Have these settings, or say what is wrong with them.

        :param make: the operations of an account.
        """

    def call(self, method: str, name: str, arguments: list[Any]) -> Any:
        """One call about the resource of this name, with the result that a dynamic provider has."""

    def cancel(self) -> None:
        """The user wants the run to end."""


class Dynamic:
    """The dynamic provider. It is not told that a run is to end."""

    workers = 4

    def __init__(self) -> None:
        self._provider = BotProvider()

    def configure(self, settings: Settings | PoeError, make: Callable[[Settings], Operations]) -> None:
        """See :class:`Plugin`."""
        self._provider._configured = settings if isinstance(settings, PoeError) else make(settings)

    def call(self, method: str, name: str, arguments: list[Any]) -> Any:
        """See :class:`Plugin`. It is not told which resource it is."""
        del name
        # The SDK keeps the provider in every bag, and so a record is known to be this one's.
        found = getattr(self._provider, method)(*(_with_the_provider(one) for one in arguments))
        if method == "check":
            found.inputs.pop(PICKLED, None)
        return found

    def cancel(self) -> None:
        """See :class:`Plugin`."""


def _with_the_provider(argument: Any) -> Any:
    return {**argument, PICKLED: "pickled"} if isinstance(argument, dict) and argument else argument


class _RefusedError(Exception):
    """What the plugin answered instead of a result."""


class _Context:
    def abort(self, _code: object, message: str) -> None:
        raise _RefusedError(message)


class Native:
    """The native plugin. Locks of its own, which the simulation does not see, are free with so many workers."""

    workers = 12

    def __init__(self) -> None:
        self._servicer = Servicer()

    def configure(self, settings: Settings | PoeError, make: Callable[[Settings], Operations]) -> None:
        """See :class:`Plugin`."""
        self._servicer._settings = settings
        if isinstance(settings, Settings):
            self._servicer._bots = make(settings)

    def call(self, method: str, name: str, arguments: list[Any]) -> Any:
        """See :class:`Plugin`."""
        about = {"urn": f"{_URN}{name}", "name": name, "type": NATIVE_BOT_TYPE}
        try:
            return getattr(self, f"_{method}")(about, *arguments)
        except _RefusedError as refused:
            raise _RefusedError(_read(str(refused))) from None

    def cancel(self) -> None:
        """See :class:`Plugin`."""
        self._servicer.Cancel(None, _Context())

    def _check(self, about: Bag, olds: Bag, news: Bag) -> Any:
        request = provider_pb2.CheckRequest(**about, olds=_sent(olds), news=_sent(news))
        answer = self._servicer.Check(request, _Context())
        failures = [SimpleNamespace(reason=_read(failure.reason)) for failure in answer.failures]
        return SimpleNamespace(inputs=_heard(answer.inputs), failures=failures)

    def _diff(self, about: Bag, id_: str, olds: Bag, news: Bag) -> Any:
        request = provider_pb2.DiffRequest(**about, id=id_, olds=_sent(olds), news=_sent(news))
        answer = self._servicer.Diff(request, _Context())
        changes = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        return SimpleNamespace(changes=changes, replaces=list(answer.replaces))

    def _create(self, about: Bag, news: Bag) -> Any:
        answer = self._servicer.Create(provider_pb2.CreateRequest(**about, properties=_sent(news)), _Context())
        return SimpleNamespace(id=answer.id, outs=_heard(answer.properties))

    def _read(self, about: Bag, id_: str, olds: Bag) -> Any:
        answer = self._servicer.Read(provider_pb2.ReadRequest(**about, id=id_, properties=_sent(olds)), _Context())
        return SimpleNamespace(id=answer.id or None, inputs=_heard(answer.inputs), outs=_heard(answer.properties))

    def _update(self, about: Bag, id_: str, olds: Bag, news: Bag) -> Any:
        request = provider_pb2.UpdateRequest(**about, id=id_, olds=_sent(olds), news=_sent(news))
        return SimpleNamespace(outs=_heard(self._servicer.Update(request, _Context()).properties))

    def _delete(self, about: Bag, id_: str, olds: Bag) -> None:
        self._servicer.Delete(provider_pb2.DeleteRequest(**about, id=id_, properties=_sent(olds)), _Context())


def _sent(bag: Bag) -> Any:
    """What the engine sends. The inputs that a program's Bot adds for the dynamic provider are not there."""
    return struct_of(spelling.to_pulumi(_known({name: value for name, value in bag.items() if not _is_hidden(name)})))


def _is_hidden(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _known(value: Any) -> Any:
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {name: _known(inner) for name, inner in value.items()}
    return [_known(one) for one in value] if isinstance(value, list) else value


def _heard(struct: Any) -> Bag:
    """What the engine heard, its marks of secrets among it."""
    return spelling.to_poe({name: _value(value) for name, value in struct.fields.items()})


def _value(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return {name: _value(inner) for name, inner in value.struct_value.fields.items()}
    if kind == "list_value":
        return [_value(one) for one in value.list_value.values]
    leaf = None if kind == "null_value" else getattr(value, kind)
    if leaf == _NOT_KNOWN:
        return Unknown()
    return int(leaf) if isinstance(leaf, float) and leaf.is_integer() else leaf


def _read(said: str) -> str:
    """What the plugin said, as the people of the simulation read it."""
    return in_poes_names(said).replace(_URN, "")
