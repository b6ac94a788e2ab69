"""What do both translations read of a body, and what do they refuse?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .refusal import RefusedError
from .words import one_line


def objects_in(value: object) -> Iterator[dict[str, Any]]:
    """The objects of a list; none, if it is no list."""
    yield from (one for one in (value if isinstance(value, list) else []) if isinstance(one, dict))


def texts_of(content: object) -> Iterator[str]:
    """The texts among its parts."""
    for part in content if isinstance(content, list) else []:
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            yield part["text"]


def parts_of(content: object, param: str) -> list[dict[str, Any]]:
    """The parts of what one side said.

    :raises RefusedError: it has none.
    """
    if not isinstance(content, list) or not all(isinstance(part, dict) and part.get("type") for part in content):
        raise RefusedError(400, f"{param}: Input should have content, a text or a list of parts", param=param)
    return content


def counted(answer: Mapping[str, Any], theirs: tuple[str, str], names: tuple[str, str]) -> dict[str, Any] | None:
    """The usage of an answer by other names, with all that OpenAI's own has; None where it has none.

    :param theirs: what it calls the tokens of its input and its output.
    :param names: what they shall be called.
    """
    usage = answer.get("usage")
    if not isinstance(usage, dict):
        return None
    numbers = [usage[their] if type(usage.get(their)) is int else 0 for their in theirs]
    made: dict[str, Any] = dict(zip(names, numbers, strict=True))
    made["total_tokens"] = usage["total_tokens"] if type(usage.get("total_tokens")) is int else sum(numbers)
    for their, name, least in zip(theirs, names, ("cached_tokens", "reasoning_tokens"), strict=True):
        details = usage.get(f"{their}_details")
        found = details if isinstance(details, dict) else {}
        made[f"{name}_details"] = {least: 0, **{key: count for key, count in found.items() if type(count) is int}}
    return made


def refuse_failed(answer: Mapping[str, Any], has: str, handle: object) -> None:
    """Return if an answer is one.

    :param has: what it would have.

    :raises RefusedError: it is an error, which the endpoint should have answered with an error's status.
    """
    error = answer.get("error")
    if error and (answer.get("status") == "failed" or not answer.get(has)):
        said = error.get("message") if isinstance(error, dict) else error
        raise RefusedError(502, f"Bot {handle}: the endpoint answered with an error: {one_line(str(said))}")
