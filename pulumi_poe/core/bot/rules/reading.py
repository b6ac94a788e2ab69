"""How a rule reads a value that may be anything."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def object_(value: Any) -> Mapping[str, Any]:
    """The object, or one with nothing in it."""
    return value if isinstance(value, Mapping) else {}


def number(value: Any) -> Decimal | None:
    """The number, or None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = Decimal(repr(value))
    return number if number.is_finite() else None


def differ(one: Any, other: Any) -> bool:
    """Whether two values are not the same: true is not 1."""
    return (type(one) is not type(other) and bool in (type(one), type(other))) or bool(one != other)
