"""What of a bot is sent, when two values mean the same, and what has drifted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from .handles import same_handle
from .prices import as_decimal, is_price, with_plain_prices
from .trees import Path, at, leaves, overlay, without_none
from .unknown import UNKNOWN

PROPERTIES: Final = ("handle", "description", "is_private", "api_bot_settings", "parameter_controls", "extra")
"""What a program declares of a bot. Here and not in the model, which most operations need not load."""

API_KEY: Final[Path] = ("api_bot_settings", "api_key")
"""The one property that Poe takes and never gives back: the key that Poe shows to the endpoint."""

DEFAULTS: Final[Mapping[Path, Any]] = {("description",): "", ("is_private",): True}
"""What Poe documents for a bot that does not say (section 1.2)."""

SAME_AS_ABSENT: Final[Mapping[Path, Any]] = {
    **DEFAULTS,
    ("api_bot_settings", "api_type"): "chat_completions_api",
    ("api_bot_settings", "input_modalities"): ["text"],
    ("api_bot_settings", "output_modalities"): ["text"],
    ("api_bot_settings", "supported_features"): [],
    ("api_bot_settings", "param_definitions"): [],
}
"""Declared values that Poe may answer by leaving them out: its documented and its likely defaults."""

OBJECTS: Final = frozenset(
    {
        ("api_bot_settings",),
        ("api_bot_settings", "pricing"),
        ("api_bot_settings", "pricing", "context_pricing"),
        ("parameter_controls",),
    }
)
"""The documented objects of a bot. ``extra`` may add to them; what else is an object in it is its own."""

_UNORDERED: Final = frozenset(
    ("api_bot_settings", name)
    for name in ("input_modalities", "output_modalities", "supported_features", "param_definitions")
)


def body(declared: Mapping[str, Any]) -> dict[str, Any]:
    """What a create of this bot sends: every declared leaf in Poe's spelling, with ``extra`` laid over.

    >>> body({"handle": "b", "description": None, "extra": {"new": 1}})
    {'handle': 'b', 'new': 1}
    """
    plain = without_none(declared)
    extra = plain.pop("extra", {})
    settings = plain.get("api_bot_settings")
    if isinstance(settings, dict) and "pricing" in settings:
        plain["api_bot_settings"] = {**settings, "pricing": with_plain_prices(settings["pricing"])}
    return overlay(extra, plain)


# --- meaning ----------------------------------------------------------------------------------------


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
        return sorted(items, key=_in_order) if path in _UNORDERED else items
    return _comparable(value)


def _comparable(value: Any) -> Any:
    """Python takes true for 1, Poe does not; and 1.0 is 1."""
    if isinstance(value, bool):
        return ("bool", value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _in_order(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


# --- between two programs ---------------------------------------------------------------------------


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


def in_body(path: Path) -> Path:
    """Where Poe's body has what a program declares at ``path``."""
    return path[1:] if path[:1] == ("extra",) else path


# --- between a program and Poe ----------------------------------------------------------------------


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
    if path not in _UNORDERED:
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


def sent_back(answer: Any, path: Path, extra: Mapping[str, Any]) -> Any:
    """What Poe answered at ``path`` as it may be sent again: without nulls, but for those that are values.

    Null is a value in a ``default_value`` of ``param_definitions`` (section 2.3), and in whatever ``extra`` adds.

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


def holds(answered: Mapping[str, Any], declared: Mapping[str, Any]) -> bool:
    """Whether the bot that Poe answered is what is declared, as far as Poe gives it back."""
    return not differing(declared, projected(declared, answered))


def is_api_bot(answered: Mapping[str, Any]) -> bool:
    """Whether this is an API bot: the account's other bots are listed too, without these settings."""
    return isinstance(answered.get("api_bot_settings"), Mapping)


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
