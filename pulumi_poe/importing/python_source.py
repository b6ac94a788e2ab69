"""Python text from values: laid out as `ruff format` leaves it, and safe whatever the values hold."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi_poe

from ..core.values.text import printable

WIDTH = 88
"""Characters of a line: what ruff and black have unless they are told otherwise."""


@dataclass(frozen=True)
class Call:
    """A call of one of the package's builders, which can be written down and made.

    :param function: its name in the package.
    :param positional: its arguments without a name: values, or further calls.
    :param named: its arguments with a name.
    """

    function: str
    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Code:
    """A piece of the program, such as a variable.

    :param text: how it is written.
    :param value: what it gives.
    """

    text: str
    value: Any = None


def evaluated(value: Any) -> Any:
    """What the written value gives when the program runs.

    >>> evaluated({"pricing": Call("per_million", named={"input": "0.40"})})
    {'pricing': {'prompt': '0.0000004'}}
    """
    if isinstance(value, Code):
        return value.value
    if isinstance(value, Call):
        function = getattr(pulumi_poe, value.function)
        return function(*map(evaluated, value.positional), **evaluated(value.named))
    if isinstance(value, Mapping):
        return {key: evaluated(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(evaluated(inner) for inner in value)
    return value


def functions_in(value: Any) -> set[str]:
    """The builders that the written value needs."""
    if isinstance(value, Call):
        return {value.function}.union(*map(functions_in, [*value.positional, *value.named.values()]))
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return set().union(*map(functions_in, inner))


def statement(variable: str, value: Call, *, always_split: bool = False) -> str:
    """An assignment.

    >>> print(statement("ui", Call("controls", (Call("divider"),))))
    ui = controls(divider())
    """
    return "\n".join(_lines(value, "", f"{variable} = ", "", always_split=always_split))


def written(value: Any) -> str:
    """A value on one line.

    >>> written({"a": [1, "it's"], 32000: Call("literal", (True,))})
    '{"a": [1, "it\\'s"], 32_000: literal(True)}'
    """
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, int):
        return f"{value:_}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, Code):
        return value.text
    opening, items, closing = _parts(value)
    if not opening:
        return repr(value)
    end = "," if isinstance(value, tuple) and len(items) == 1 else ""
    return opening + ", ".join(prefix + written(inner) for prefix, inner in items) + end + closing


def quoted(text: str) -> str:
    """A string, in the quotes that ruff gives it.

    >>> print(quoted("a"), quoted('say "a"'), quoted("it's"))
    "a" 'say "a"' "it's"
    """
    body = repr("'\"" + text)[1:-1]  # with both quotes in it, repr escapes the single ones and takes those
    body = body.removeprefix("\\'\"").replace("\\'", "'")
    quote = "'" if body.count('"') > body.count("'") else '"'
    literal = quote + body.replace(quote, f"\\{quote}") + quote
    if ast.literal_eval(literal) != text:  # what is run as code is not left to hope
        raise AssertionError("a string was not quoted as it is")
    return literal


def comment(text: str) -> str:
    """A comment, on as many lines as it needs. Whatever it holds, it stays one."""
    import textwrap

    lines = textwrap.wrap(printable(text), WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"# {line}" for line in lines)


def _parts(value: Any) -> tuple[str, list[tuple[str, Any]], str]:
    """How something that holds values opens, what is in it, each with what stands before it, and how it closes."""
    if isinstance(value, Call):
        named = [(f"{name}=", inner) for name, inner in value.named.items()]
        return f"{value.function}(", [*(("", inner) for inner in value.positional), *named], ")"
    if isinstance(value, Mapping):
        return "{", [(f"{written(key)}: ", inner) for key, inner in value.items()], "}"
    if isinstance(value, list):
        return "[", [("", inner) for inner in value], "]"
    if isinstance(value, tuple):
        return "(", [("", inner) for inner in value], ")"
    return "", [], ""


def _lines(value: Any, indent: str, before: str, after: str, *, always_split: bool = False) -> list[str]:
    opening, items, closing = _parts(value)
    line = f"{indent}{before}{written(value)}{after}"
    if not items or (len(line) <= WIDTH and not always_split):
        return [line]
    within = [line for prefix, inner in items for line in _lines(inner, f"{indent}    ", prefix, ",")]
    return [f"{indent}{before}{opening}", *within, f"{indent}{closing}{after}"]
