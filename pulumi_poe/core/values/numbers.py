"""Numbers as JSON means them: 1.0 is 1, and true is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def is_int(value: object) -> bool:
    """Whether it is a whole number, written as one. Python takes true for 1, Poe does not."""
    return isinstance(value, int) and not isinstance(value, bool)


def whole(value: Any) -> Any:
    """A whole number as an int, however it is written. Anything else stays as it is.

    >>> whole(4096.0), whole(0.5), whole("1.0")
    (4096, 0.5, '1.0')
    """
    return int(value) if isinstance(value, float) and value.is_integer() else value


def in_each(change: Callable[[Any], Any], value: Any) -> Any:
    """The same value of JSON, with every leaf changed.

    >>> in_each(whole, {"a": [1.0, {"b": 2.0}]})
    {'a': [1, {'b': 2}]}
    """
    if isinstance(value, Mapping):
        return {name: in_each(change, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [in_each(change, inner) for inner in value]
    return change(value)
