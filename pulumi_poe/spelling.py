"""A resource by Poe's names and by Pulumi's: ``apiBotSettings`` is ``api_bot_settings`` where the schema has it.

Where it has none, as within ``extra`` and in a default value that may be any JSON, keys are the user's own and stay.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from .tokens import NATIVE_BOT_TYPE, PICKLED

SCHEMA: Final = Path(__file__).parent / "native/schema.json"

_Spec = Mapping[str, Any]


def camel_case(name: str) -> str:
    """One of Poe's names as Pulumi writes it.

    >>> camel_case("api_bot_settings")
    'apiBotSettings'
    """
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def snake_case(name: str) -> str:
    """One of Pulumi's names as Poe and Python write it.

    >>> snake_case("requestsPerMinute")
    'requests_per_minute'
    """
    return re.sub(r"(?=[A-Z])", "_", name).lower()


def to_poe(bag: Mapping[str, Any], type_: str = NATIVE_BOT_TYPE) -> dict[str, Any]:
    """A resource by Poe's names. What has them already, as in the state of a dynamic resource, keeps them.

    :param bag: its properties.
    :param type_: what it is to the native shell.

    >>> to_poe({"apiBotSettings": {"modelName": "m"}, "extra": {"newField": 1}, "__fingerprint": "f"})
    {'api_bot_settings': {'model_name': 'm'}, 'extra': {'newField': 1}, '__fingerprint': 'f'}
    """
    return dict(_renamed(bag, _resource(type_), snake_case))


def to_pulumi(bag: Mapping[str, Any], type_: str = NATIVE_BOT_TYPE) -> dict[str, Any]:
    """A resource by Pulumi's names.

    :param bag: its properties.
    :param type_: what it is to the native shell.

    >>> to_pulumi({"is_private": True, "extra": {"new_field": 1}})
    {'isPrivate': True, 'extra': {'new_field': 1}}
    """
    return dict(_renamed(bag, _resource(type_), lambda known: known))


def read_record(bag: Mapping[str, Any], *, native: bool, type_: str = NATIVE_BOT_TYPE) -> tuple[dict[str, Any], bool]:
    """What the state has of a resource, by Poe's names, whichever of the two shells wrote it.

    :param bag: inputs or outputs, as the state has them.
    :param native: it is read by the native shell.
    :param type_: what the resource is to the native shell.
    :returns: the bag, and whether the other shell wrote it.

    >>> read_record({"handle": "b", "isPrivate": True}, native=False)
    ({'handle': 'b', 'is_private': True}, True)
    """
    is_of_the_dynamic_one = PICKLED in bag
    found = {name: value for name, value in bag.items() if name != PICKLED}
    if not is_of_the_dynamic_one:
        found = to_poe(found, type_)
    return found, bool(bag) and is_of_the_dynamic_one is native


def in_poes_spelling(bag: Mapping[str, Any], type_: str = NATIVE_BOT_TYPE) -> list[tuple[str, str]]:
    """The path of each name of a resource that is spelt as Poe does, and how Pulumi spells it.

    :param bag: its properties.
    :param type_: what it is to the native shell.

    >>> in_poes_spelling({"handle": "b", "apiBotSettings": {"base_url": "u"}, "extra": {"base_url": 1}})
    [('apiBotSettings.base_url', 'baseUrl')]
    """
    return list(_in_poes_spelling(bag, _resource(type_), ""))


def known_in_extra(bag: Mapping[str, Any]) -> list[str]:
    """The names within ``extra`` that a bot has anyway, spelt as Pulumi does: Poe would not know them.

    >>> known_in_extra({"extra": {"apiBotSettings": {"apiKey": "k"}, "api_bot_settings": {}, "newField": 1}})
    ['apiBotSettings']
    """
    extra = bag.get("extra")
    names = extra if isinstance(extra, Mapping) else {}
    return [name for name in names if name in _resource(NATIVE_BOT_TYPE)["properties"] and snake_case(name) != name]


def _in_poes_spelling(value: Any, spec: _Spec, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from _in_poes_spelling(one, spec.get("items", {}), f"{path}[{number}]")
    elif isinstance(value, Mapping):
        properties = _properties(spec)
        for name, inner in value.items():
            known, here = camel_case(name), f"{path}.{name}" if path else name
            if name not in properties and known in properties:
                yield here, known
            yield from _in_poes_spelling(inner, properties.get(known, {}), here)


@functools.cache
def poes_names() -> Mapping[str, str]:
    """Each of Poe's names that a bot can have, and each setting's, and Pulumi's for it."""
    objects = [*map(_resource, _schema()["resources"]), *_types().values()]
    names = {name for one in objects for name in one.get("properties", {})} | _schema()["config"]["variables"].keys()
    return {snake_case(name): name for name in names}


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


def _resource(type_: str) -> _Spec:
    resource: Mapping[str, Any] = _schema()["resources"][type_]
    return {"properties": resource["inputProperties"]}
