"""What a program may pass as arguments: what JSON has, Decimals as prices, and Outputs and awaitables of these.

The SDK refuses the rest too, but with a traceback, and with the values in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from inspect import isawaitable
from typing import Any, Final

import pulumi
from pulumi import _types
from pulumi.output import Unknown

from ..core.bot.prices import is_price
from ..core.values.text import one_line

_Path = tuple[str | int, ...]

_NO_LISTS: Final = (range, bytes, bytearray, memoryview)
"""To Python they are sequences, as lists are; to the SDK they are not."""


def as_json(resource: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with nothing in them that JSON lacks. What is in an Output or awaitable is an Output of that.

    :param resource: such as ``Bot 'reasoner'``, for an error.
    :param arguments: by their names.

    Lists may be tuples or other sequences. A Decimal becomes Poe's plain decimal string where a price stands.

    :raises pulumi.RunError: one line with the place and the type of what can't be taken, and without its value. For
        what is in an Output or awaitable it comes later, and ends the program.
    """
    return {name: _as_json(resource, (name,), value) for name, value in arguments.items()}


def _as_json(resource: str, path: _Path, value: Any) -> Any:
    # What derives from a plain type, such as an enum of strings or numpy's float64, becomes that type.
    if isinstance(value, str):
        return _as_text(resource, path, value)
    if value is None or isinstance(value, bool | Unknown):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, pulumi.Output):
        return value.apply(partial(_as_json, resource, path))
    if isawaitable(value):
        return pulumi.Output.from_input(value).apply(partial(_as_json, resource, path))
    if _types.is_input_type(type(value)):
        value = _types.input_type_to_dict(value)
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise _refusal(resource, path, f"the names in it must be strings, and not {_kind(name)}")
        named = {_as_text(resource, path, name): value[name] for name in value}
        return {name: _as_json(resource, (*path, name), element) for name, element in named.items()}
    if isinstance(value, Sequence) and not isinstance(value, _NO_LISTS):
        return [_as_json(resource, (*path, index), element) for index, element in enumerate(value)]
    if isinstance(value, Decimal):
        if is_price(path):
            return f"{value:f}"
        raise _refusal(resource, path, "a Decimal is taken only as a price; here it must be a str, int or float")
    raise _refusal(
        resource,
        path,
        f"must be None, a str, bool, int, float, list or dict, or an Output of one, and not {_kind(value)}",
    )


def _as_text(resource: str, path: _Path, value: str) -> str:
    text = str.__str__(value)
    if halves := [one for one in text if "\ud800" <= one <= "\udfff"]:
        raise _refusal(resource, path, f"has half a character, U+{ord(halves[0]):04X}, which is no text")
    return text


def _refusal(resource: str, path: _Path, problem: str) -> pulumi.RunError:
    """The engine shows a RunError as one line. A TypeError's traceback would quote the program, and a value in it."""
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)[1:]
    return pulumi.RunError(one_line(f"{resource}: {place}: {problem}"))


def _kind(value: object) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
