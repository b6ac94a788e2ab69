"""What is wrong with a declared endpoint, and which change of it is a reason to ask it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ..bot.checks import depth_mistakes, shape_mistakes
from ..bot.mistake import Mistake
from ..bot.rules.endpoint import endpoint_rules
from ..bot.shape import validator
from ..values.numbers import in_each, whole
from ..values.trees import Path, without_none
from ..values.unknown import UNKNOWN
from .model import Endpoint

SECRETS: Final[tuple[Path, ...]] = (("api_key",),)
"""The properties that are secrets, however a program passes them."""

DEFAULT_WAIT: Final = 300.0
"""Seconds."""

_HOW: Final = frozenset({"wait", "checks"})
"""What says how to ask, and not what."""

_UNORDERED: Final = frozenset({"supported_features", "input_modalities", "checks"})
_SHAPE: Final = validator(Endpoint)


def mistakes(declared: Mapping[str, Any]) -> list[Mistake]:
    """Every mistake, warnings included. Values that are unknown yet have none.

    >>> [str(one) for one in mistakes({"base_url": "https://llm.example.com/v1", "model_nmae": "m"})]
    ['model_name: is required', "model_nmae: there is no such property; did you mean 'model_name'?"]
    """
    if too_deep := depth_mistakes(declared):
        return too_deep
    declared = without_none(declared)
    found = [*shape_mistakes(declared, Endpoint, _SHAPE)]
    # Those of a bot's endpoint, which has the same names one object further down. Whether Poe reaches it is the bot's.
    found += [
        Mistake(rule.path.removeprefix("api_bot_settings."), rule.problem, rule.is_error)
        for rule in endpoint_rules(declared, poe_is_here=True)
    ]
    if declared.get("checks") == []:
        found.append(Mistake("checks", "must name a check; leave it out for all"))
    if declared.get("model_name") == "":
        found.append(Mistake("model_name", "must not be empty"))
    return found


def properties(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Only what a program declares, without None, and without what a shell has beside it."""
    return {name: value for name, value in bag.items() if not name.startswith("_") and value is not None}


def differing(declared: Mapping[str, Any], before: Mapping[str, Any]) -> list[Path]:
    """The properties in which two declarations differ.

    >>> differing({"checks": ["usage", "completion"], "wait": 5}, {"checks": ["completion", "usage"]})
    [('wait',)]
    """
    one, other = properties(declared), properties(before)
    return [(name,) for name in {**one, **other} if _comparable(name, one) != _comparable(name, other)]


def has_to_be_asked(declared: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether what was proven of the endpoint does not hold for what is declared now.

    >>> has_to_be_asked({"wait": 5}, {"wait": 6}), has_to_be_asked({"triggers": ["a"]}, {"triggers": ["b"]})
    (False, True)
    """
    return any(name not in _HOW for (name,) in differing(declared, before))


def _comparable(name: str, bag: Mapping[str, Any]) -> str | None:
    value = bag.get(name)
    if value is None:
        return None
    if name in _UNORDERED and isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = sorted(value)
    # As text: in Python true is 1.
    return json.dumps(in_each(lambda leaf: repr(leaf) if leaf is UNKNOWN else whole(leaf), value), sort_keys=True)
