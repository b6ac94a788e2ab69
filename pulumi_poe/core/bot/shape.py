"""How the classes of the model are checked: by pydantic's core, without pydantic's own classes.

Those say the same and much more, and a plugin process that checks a bot took 55 ms longer to load them. What pydantic's
core is told is data (its documentation calls it a core schema), so that the annotations of a class are enough.
"""

from __future__ import annotations

import types
from collections.abc import Container, Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic_core import CoreSchema, SchemaValidator

_KIND = "control"
"""The property by which one kind of object is told from another."""


class Object:
    """An object of Poe's JSON: its names are the annotations of a subclass, and one without a value must be there.

    An annotation is ``str``, ``bool``, a ``Literal``, another such class, a list of one of these, one of these or None,
    a union of classes that their ``control`` tells apart, or ``Annotated[Any, check]``, where ``check`` returns the
    value, or raises a ValueError that says what it must be.
    """


def properties(model: type[Object]) -> dict[str, Any]:
    """The names that an object may have, each with its annotation."""
    return get_type_hints(model, include_extras=True)


def object_in(annotation: Any) -> type[Object] | None:
    """The class in annotations such as ``Model | None`` and ``list[Model]``, and None without one."""
    return next(_classes(annotation), None)


def kind(model: type[Object]) -> str:
    """What an object of this class has as its ``control``."""
    return str(get_args(properties(model)[_KIND])[0])


def validator(model: type[Object]) -> SchemaValidator:
    """What finds all that is wrong with the shape of an object: no type is guessed, and every name is known."""
    definitions = [_object(each) for each in dict.fromkeys(_objects(model, set()))]
    return SchemaValidator({"type": "definitions", "schema": _reference(model), "definitions": definitions})


def _objects(model: type[Object], seen: set[type[Object]]) -> Iterator[type[Object]]:
    """A class, and all that stand in it."""
    if model not in seen:
        seen.add(model)
        yield model
        for annotation in properties(model).values():
            for inner in _classes(annotation):
                yield from _objects(inner, seen)


def _classes(annotation: Any) -> Iterator[type[Object]]:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        if issubclass(annotation, Object):
            yield annotation
    else:
        for part in get_args(annotation):
            yield from _classes(part)


def _reference(model: type[Object]) -> CoreSchema:
    return {"type": "definition-ref", "schema_ref": model.__name__}


def _object(model: type[Object]) -> CoreSchema:
    return {
        "type": "typed-dict",
        "ref": model.__name__,
        "extra_behavior": "forbid",
        "strict": True,
        "fields": {
            name: {"type": "typed-dict-field", "schema": _value(annotation), "required": not hasattr(model, name)}
            for name, annotation in properties(model).items()
        },
    }


def _value(annotation: Any) -> CoreSchema:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        check = {"type": "no-info", "function": parts[1]}
        return {"type": "function-after", "function": check, "schema": _value(parts[0])}
    if annotation is Any:
        return {"type": "any"}
    if origin is dict:
        return {"type": "dict", "keys_schema": _value(parts[0]), "strict": True}
    if origin is Literal:
        return {"type": "literal", "expected": list(parts)}
    if origin is list:
        return {"type": "list", "items_schema": _value(parts[0]), "strict": True}
    if origin in (Union, types.UnionType):
        if parts[-1] is type(None):
            return {"type": "nullable", "schema": _value(parts[0])}
        kinds = {kind(each): _reference(each) for each in parts}
        return {"type": "tagged-union", "choices": kinds, "discriminator": lambda value: _known_kind(value, kinds)}
    if issubclass(annotation, Object):
        return _reference(annotation)
    return {"type": "bool", "strict": True} if annotation is bool else {"type": "str", "strict": True}


def _known_kind(value: Any, kinds: Container[str]) -> str | None:
    found = value.get(_KIND) if isinstance(value, dict) else None
    return found if isinstance(found, str) and found in kinds else None
