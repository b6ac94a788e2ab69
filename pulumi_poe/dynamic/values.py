"""A resource's properties in the core's words, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pulumi.output import Unknown

from ..tokens import NATIVE_BOT_TYPE, PICKLED, SECRET

_not_known: Final = Unknown()


def of_the_sdk(bag: dict[str, Any]) -> dict[str, Any]:
    """What the SDK keeps among a resource's properties."""
    return {name: value for name, value in bag.items() if name == PICKLED}


def to_core(bag: dict[str, Any]) -> dict[str, Any]:
    """The properties of a resource, and what is recorded beside them, as the core has them."""
    from ..core.values.numbers import in_each, whole
    from ..core.values.unknown import UNKNOWN

    plain = {name: value for name, value in bag.items() if name != PICKLED}
    return dict(in_each(lambda leaf: UNKNOWN if isinstance(leaf, Unknown) else whole(leaf), plain))


def of_the_state(bag: dict[str, Any], type_: str = NATIVE_BOT_TYPE) -> dict[str, Any]:
    """A resource that the state has, as the core has it. The native shell may have written it.

    :param bag: inputs or outputs.
    :param type_: what the resource is to the native shell.
    """
    from ..core.lifecycle.record import MOVES
    from ..spelling import read_record

    found, moves = read_record(bag, native=False, type_=type_)
    return {**to_core(found), MOVES: True} if moves else to_core(found)


def to_engine(bag: dict[str, Any], secrets: Iterable[tuple[str, ...]] | None = None) -> dict[str, Any]:
    """The same bag, in which secrets are secrets to the engine, whoever wrote them and however.

    :param bag: the properties, and what is recorded beside them.
    :param secrets: where there are some; None is those of a bot.
    """
    from ..core.bot.fields import SECRETS, with_secrets
    from ..core.values.numbers import in_each
    from ..core.values.unknown import UNKNOWN

    paths = SECRETS if secrets is None else secrets
    marked = with_secrets(bag, lambda value: {**SECRET, "value": value}, paths)
    return dict(in_each(lambda leaf: _not_known if leaf is UNKNOWN else leaf, marked))
