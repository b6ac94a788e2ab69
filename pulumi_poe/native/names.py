"""Pulumi's names and Poe's: ``apiBotSettings`` is ``api_bot_settings``, wherever the schema has it.

Where it has none, as within ``extra`` and in a default value that may be any JSON, keys are the user's own and stay.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from ..core.poe.settings import snake_case
from ..core.values.trees import Path as Steps
from ..core.values.trees import tree_of
from ..tokens import NATIVE_BOT_TYPE

SCHEMA: Final = Path(__file__).with_name("schema.json")

_OF_PYTHON: Final = {
    "aliases=[pulumi.Alias(name='…')]": "the option aliases: [{name: …}]",
    "delete_before_replace=True": "deleteBeforeReplace: true",
    "adopt=True": "adopt: true",
    ": pulumi_poe.per_million() makes them from prices per million": "",
}
"""What messages say of a program in Python, and what that is in another."""

_Spec = Mapping[str, Any]


def camel_case(name: str) -> str:
    """One of Poe's names as Pulumi writes it.

    >>> camel_case("api_bot_settings")
    'apiBotSettings'
    """
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def to_poe(bag: Mapping[str, Any]) -> dict[str, Any]:
    """A bot by Poe's names. What has them already, as in the state of a dynamic resource, keeps them.

    >>> to_poe({"apiBotSettings": {"modelName": "m"}, "extra": {"newField": 1}, "__fingerprint": "f"})
    {'api_bot_settings': {'model_name': 'm'}, 'extra': {'newField': 1}, '__fingerprint': 'f'}
    """
    return dict(_renamed(bag, _bot(), lambda known: snake_case(known)))


def to_pulumi(bag: Mapping[str, Any]) -> dict[str, Any]:
    """A bot by Pulumi's names.

    >>> to_pulumi({"is_private": True, "extra": {"new_field": 1}})
    {'isPrivate': True, 'extra': {'new_field': 1}}
    """
    return dict(_renamed(bag, _bot(), lambda known: known))


def in_words(text: str) -> str:
    """A message of the core's, which speaks Poe's names and Python, as every program says it.

    >>> in_words("api_bot_settings.pricing: must be an object"), in_words("set adopt=True")
    ('apiBotSettings.pricing: must be an object', 'set adopt: true')
    >>> in_words("Give the provider its api_url")
    'Give the provider its apiUrl'
    """
    for of_python, of_all in _OF_PYTHON.items():
        text = text.replace(of_python, of_all)
    return re.sub(r"\b[a-z]+(?:_[a-z]+)+\b", lambda found: _by_poes_name().get(found[0], found[0]), text)


def path_of(steps: Steps) -> str:
    """Poe's path of a leaf as Pulumi writes paths, with Pulumi's names.

    >>> path_of(("api_bot_settings", "base_url")), path_of(("extra", "a.b", "c_d"))
    ('apiBotSettings.baseUrl', 'extra["a.b"].c_d')
    """
    named: list[str] = []
    tree: Any = to_pulumi(tree_of({steps: None}))
    while isinstance(tree, Mapping):
        ((step, tree),) = tree.items()
        named.append(step)
    path = ""
    for step in named:
        if re.fullmatch(r"\w+", step):
            path += f".{step}" if path else step
        else:
            path += f"[{json.dumps(step)}]"
    return path


def _renamed(value: Any, spec: _Spec, name_of: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_renamed(one, spec["items"], name_of) for one in value] if "items" in spec else value
    if not isinstance(value, Mapping):
        return value
    properties = _properties(spec)
    renamed = {}
    for name, inner in value.items():
        known = name if name in properties else camel_case(name)
        if known in properties:
            renamed[name_of(known)] = _renamed(inner, properties[known], name_of)
        else:
            renamed[name] = inner
    return renamed


def _properties(spec: _Spec) -> Mapping[str, _Spec]:
    """What an object may have; of one of several kinds, what any of them has."""
    found: dict[str, _Spec] = {}
    for kind in spec.get("oneOf", [spec]):
        of_kind = _types().get(kind.get("$ref", "").removeprefix("#/types/"), kind)
        found = {**of_kind.get("properties", {}), **found}
    return found


@functools.cache
def _schema() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
    return found


def _types() -> Mapping[str, _Spec]:
    types: Mapping[str, _Spec] = _schema()["types"]
    return types


def _bot() -> _Spec:
    resource: Mapping[str, Any] = _schema()["resources"][NATIVE_BOT_TYPE]
    return {"properties": resource["inputProperties"]}


@functools.cache
def _by_poes_name() -> Mapping[str, str]:
    objects = [_bot(), *_types().values()]
    names = {name for one in objects for name in one.get("properties", {})} | _schema()["config"]["variables"].keys()
    return {snake_case(name): name for name in names}
