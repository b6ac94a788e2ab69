"""What Poe has of that which a program declares, and what of it may be sent back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..values.trees import Path, at, leaves, without_none
from .comparing import differing, same
from .fields import API_KEY, DEFAULTS, OBJECTS, UNORDERED, body

SAME_AS_ABSENT: Final[Mapping[Path, Any]] = {
    **DEFAULTS,
    ("api_bot_settings", "api_type"): "chat_completions_api",
    ("api_bot_settings", "input_modalities"): ["text"],
    ("api_bot_settings", "output_modalities"): ["text"],
    ("api_bot_settings", "supported_features"): [],
    ("api_bot_settings", "param_definitions"): [],
}
"""Declared values that Poe may answer by leaving them out: its documented and its likely defaults."""


def projected(declared: Mapping[str, Any], answered: Mapping[str, Any]) -> dict[str, Any]:
    """What Poe answered of that which was declared, in the declared spelling where that means the same.

    :param declared: the properties as the program, or state, has them.
    :param answered: the bot as Poe gives it.

    >>> projected({"handle": "A-b", "is_private": True}, {"handle": "ab", "is_private": False, "new": 1})
    {'handle': 'A-b', 'is_private': False}
    """
    plain = without_none(declared)
    extra = plain.pop("extra", None)
    result = _projected(plain, answered, ())
    if extra is not None:
        result["extra"] = _projected(extra, answered, (), absent_is_same=True)
    return result


def _projected(
    declared: Mapping[str, Any], answered: Mapping[str, Any], path: Path, *, absent_is_same: bool = False
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in declared.items():
        here = (*path, key)
        answer = answered.get(key)
        if isinstance(value, Mapping):
            below = answer if isinstance(answer, Mapping) else {}
            inner = _projected(value, below, here, absent_is_same=absent_is_same)
            if inner or not value:
                result[key] = inner
        elif here == API_KEY or _says(answer, here, value) or (answer is None and absent_is_same):
            result[key] = value
        elif answer is not None:
            result[key] = answer
    return result


def _says(answer: Any, path: Path, value: Any) -> bool:
    """Whether Poe's answer at ``path`` means ``value``, also by leaving a default out or by saying more."""
    return is_as_absent(path, value) if answer is None else _covers(answer, path, value)


def _covers(answer: Any, path: Path, value: Any) -> bool:
    """Whether the answer has all of a declared value: in an element of a list, too, a field more is no drift."""
    if isinstance(value, Mapping) and isinstance(answer, Mapping):
        return all(_covers(answer.get(key), (*path, key), inner) for key, inner in value.items() if inner is not None)
    if not isinstance(value, list) or not isinstance(answer, list):
        return same(path, value, answer)
    if path not in UNORDERED:
        return len(value) == len(answer) and all(
            _covers(one, path, other) for one, other in zip(answer, value, strict=True)
        )
    left = list(answer)
    for item in value:
        found = next((one for one in left if _covers(one, path, item)), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def holds(answered: Mapping[str, Any], declared: Mapping[str, Any]) -> bool:
    """Whether the bot that Poe answered is what is declared, as far as Poe gives it back."""
    return not differing(declared, projected(declared, answered))


def has_nothing_beyond(answered: Mapping[str, Any], declared: Mapping[str, Any]) -> bool:
    """Whether Poe shows nothing of a bot but what is declared, and the defaults that Poe documents.

    >>> has_nothing_beyond({"handle": "b", "description": "", "is_private": True}, {"handle": "b"})
    True
    """
    known = [dict(leaves(body(declared))), DEFAULTS]
    return all(
        any(path in values and same(path, value, values[path]) for values in known)
        for path, value in leaves(without_none(answered))
    )


def sent_back(answer: Any, path: Path, extra: Mapping[str, Any]) -> Any:
    """What Poe answered at ``path`` as it may be sent again: without nulls, but for those that are values.

    Null is a value in a ``default_value`` of ``param_definitions`` (docs/poe-bots-api.md, 2.3), and in whatever
    ``extra`` adds.

    :param extra: what the program declares beside the documented properties.

    >>> sent_back({"a": None, "new": {"b": None}}, (), {"new": {"c": 1}})
    {'new': {'b': None}}
    """
    if _holds_any_value(path, extra):
        return answer
    if isinstance(answer, Mapping):
        return {
            key: sent_back(inner, (*path, key), extra)
            for key, inner in answer.items()
            if inner is not None or _holds_any_value((*path, key), extra)
        }
    return [sent_back(item, path, extra) for item in answer] if isinstance(answer, list) else answer


def _holds_any_value(path: Path, extra: Mapping[str, Any]) -> bool:
    if path[:2] == ("api_bot_settings", "param_definitions") and "default_value" in path:
        return True
    above = [path[:length] for length in range(1, len(path) + 1)]
    first_of_its_own = next((one for one in above if one not in OBJECTS), None)
    return first_of_its_own is not None and at(extra, first_of_its_own) is not None


def is_as_absent(path: Path, value: Any) -> bool:
    """Whether Poe may leave this value out of its answer, or fill it in."""
    return path in SAME_AS_ABSENT and same(path, value, SAME_AS_ABSENT[path])
