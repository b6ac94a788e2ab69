"""When two values mean the same, and in what two programs differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..values.trees import Path, leaves, without_none
from ..values.unknown import UNKNOWN
from .fields import API_KEY, UNORDERED, body, in_body
from .handles import same_handle
from .prices import as_decimal, is_price


def same(path: Path, one: Any, other: Any) -> bool:
    """Whether two values of the leaf at ``path`` mean the same to Poe, however they are spelled.

    >>> same(("api_bot_settings", "pricing", "prompt"), "0.0000010", "0.000001")
    True
    """
    if one is UNKNOWN or other is UNKNOWN:
        return False
    if path == ("handle",) and same_handle(one, other):
        return True
    return bool(_meaning(path, one) == _meaning(path, other))


def _meaning(path: Path, value: Any) -> Any:
    """The value so that what means the same is equal, and nothing else is."""
    if is_price(path):
        price = as_decimal(value)
        return _comparable(value) if price is None else price
    if isinstance(value, Mapping):
        return {key: _meaning((*path, key), inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        items = [_meaning(path, item) for item in value]
        return sorted(items, key=_in_order) if path in UNORDERED else items
    return _comparable(value)


def _comparable(value: Any) -> Any:
    """Python takes true for 1, Poe does not; and 1.0 is 1."""
    if isinstance(value, bool):
        return ("bool", value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _in_order(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def differing(declared: Mapping[str, Any], recorded: Mapping[str, Any]) -> list[Path]:
    """The leaves in which two declarations of a bot differ, begun and ceased ones included.

    A leaf that is unknown yet may differ, so it counts.

    :param declared: what the program says now.
    :param recorded: what state says was declared.
    """
    now = dict(leaves(without_none(declared)))
    before = dict(leaves(without_none(recorded)))
    return [
        path
        for path in [*now, *(path for path in before if path not in now)]
        if path not in now or path not in before or not same(in_body(path), now[path], before[path])
    ]


def taken_out(declared: Mapping[str, Any], recorded: Mapping[str, Any]) -> list[Path]:
    """The leaves of Poe's body that were declared before and are no longer, in no form.

    The endpoint's key is not among them: to take it out is to stop managing it.
    """
    now = body(declared)
    declared_leaves = dict(leaves(now))

    def is_out(path: Path) -> bool:
        # An object with nothing in it declares nothing, so it does not keep the leaf that it takes the place of.
        is_declared = any(leaf[: len(path)] == path for leaf in declared_leaves)
        is_within_a_leaf = any(path[:length] in declared_leaves for length in range(1, len(path)))
        return not is_declared and not is_within_a_leaf

    return [path for path, _ in leaves(body(recorded)) if path != API_KEY and is_out(path)]
