"""Values on their way between the engine and the core: secrets, what is not known yet, and whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.struct_pb2 import Struct, Value  # type: ignore[import-untyped]  # a part of the SDK

from ..core.bot.fields import with_secrets
from ..core.lifecycle.record import MOVES
from ..core.values.numbers import in_each, whole
from ..core.values.text import without_halves
from ..core.values.unknown import UNKNOWN
from ..spelling import read_record, to_poe, to_pulumi
from ..tokens import PICKLED, SECRET, SECRET_KEY

_NOT_KNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine sends for a value that is not known yet."""


def plain(struct: Struct) -> dict[str, Any]:
    """What the engine sent, as JSON has it, without the marks of secrets.

    :param struct: the properties of a request.
    """
    return {name: _plain(value) for name, value in struct.fields.items()}


def to_core(struct: Struct) -> dict[str, Any]:
    """A bot that the program declares, as the core has it.

    :param struct: the properties of a request.
    """
    return to_poe(plain(struct))


def of_the_state(struct: Struct) -> dict[str, Any]:
    """A bot that the state has, as the core has it. The dynamic shell may have written it.

    :param struct: the properties of a request.
    """
    found, moves = read_record(plain(struct), native=True)
    return {**found, MOVES: True} if moves else found


def to_engine(bag: Mapping[str, Any]) -> Struct:
    """A bot of the core's, as the engine has it. What the core takes for a secret is one.

    :param bag: the bot's properties, and what is recorded beside them.
    """
    return struct_of(to_pulumi(with_secrets(bag, secret)))


def as_in_the_state(bag: Mapping[str, Any], before: Struct) -> Struct:
    """A bot that was read, in the words in which the state has it: the engine finds its marks of secrets by them.

    :param bag: the bot's properties, and what is recorded beside them.
    :param before: what the state has. The dynamic shell may have written it, and then its words stay.
    """
    found = plain(before)
    if PICKLED not in found:
        return to_engine(bag)
    return struct_of({**with_secrets(bag, secret), PICKLED: found[PICKLED]})


def secret(value: Any) -> dict[str, Any]:
    """The value as a secret.

    :param value: what is one.
    """
    return {**SECRET, "value": value}


def struct_of(bag: Mapping[str, Any]) -> Struct:
    """JSON as the engine takes it.

    :param bag: may hold what is not known yet.
    """
    struct = Struct()
    struct.update(without_halves(in_each(lambda leaf: _NOT_KNOWN if leaf is UNKNOWN else leaf, dict(bag))))
    return struct


def _plain(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        found = plain(value.struct_value)
        return found.get("value") if found.get(SECRET_KEY) == SECRET[SECRET_KEY] else found
    if kind == "list_value":
        return [_plain(one) for one in value.list_value.values]
    if kind in (None, "null_value"):
        return None
    leaf = getattr(value, kind)
    return UNKNOWN if leaf == _NOT_KNOWN else whole(leaf)
