"""All mistakes of a declared bot that can be seen without Poe: of its shape, of the rules, of ``extra``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic_core import ErrorDetails, SchemaValidator, ValidationError

from ..values.text import printable
from ..values.trees import without_none
from ..values.unknown import UNKNOWN
from .mistake import Mistake, did_you_mean
from .model import KINDS, Bot
from .rules import check_rules
from .shape import Object, object_in, properties, validator

DEEPEST: Final = 50
"""Objects and lists in one another. A bot needs 12."""

_LONGEST_NAME: Final = 60

_WORDS: Final = {
    "missing": "is required",
    "string_type": "must be a string",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
}
"""What pydantic finds, in the words of somebody who writes a Pulumi program."""

_BOT: Final = validator(Bot)


def mistakes(declared: Mapping[str, Any], *, poe_is_here: bool = False) -> list[Mistake]:
    """Every mistake, warnings included. Values that are unknown yet have none.

    :param declared: the declared properties.
    :param poe_is_here: Poe is one on this machine, such as the local Poe. Default False.

    >>> [str(mistake) for mistake in mistakes({"handle": "Acme", "is_private": "no"})]
    ['is_private: must be true or false']
    """
    if too_deep := depth_mistakes(declared):
        return too_deep
    declared = without_none(declared)
    extra = declared.get("extra")
    found = [*shape_mistakes(declared, Bot, _BOT), *check_rules(declared, poe_is_here=poe_is_here)]
    if isinstance(extra, Mapping):
        found += [
            Mistake(f"extra.{path}", "is a property of its own; declare it outside of extra")
            for path in _known_names(extra, Bot)
        ]
    return found


def depth_mistakes(declared: Mapping[str, Any]) -> list[Mistake]:
    """What is nested too deep to be looked at.

    :param declared: of any resource.
    """
    too_deep = [name for name, value in declared.items() if _is_deeper(value, DEEPEST)]
    return [Mistake(name, f"has more than {DEEPEST} objects and lists in one another") for name in too_deep]


def _is_deeper(value: Any, levels: int) -> bool:
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list):
        return False
    return levels == 0 or any(_is_deeper(inner, levels - 1) for inner in value)


def shape_mistakes(declared: Mapping[str, Any], model: type[Object], shape: SchemaValidator) -> Iterator[Mistake]:
    """Names that there are not, and values of a wrong type.

    :param declared: without properties that are None.
    :param model: what it should be.
    :param shape: the model's validator.
    """
    try:
        shape.validate_python(declared)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if not _is_unknown_yet(detail):
                yield _in_words(detail, declared, model)


def _is_unknown_yet(detail: ErrorDetails) -> bool:
    """Whether pydantic found no mistake but a value, or a control's kind, that is not known yet."""
    found = detail["input"]
    if detail["type"] == "union_tag_not_found" and isinstance(found, dict):
        found = found.get("control")
    return found is UNKNOWN


def _in_words(detail: ErrorDetails, declared: Mapping[str, Any], model: type[Object]) -> Mistake:
    """pydantic's finding. Of its input, nothing but the names of properties is shown."""
    loc = detail["loc"]
    path = _spelled(loc, declared)
    kind = detail["type"]
    if kind == "extra_forbidden":
        return Mistake(path, f"there is no such property{did_you_mean(str(loc[-1]), _names_at(loc, model))}")
    if kind == "union_tag_not_found":
        if not isinstance(detail["input"], dict):
            return Mistake(path, "must be an object")
        return Mistake(f"{path}.control", f"must be one of {', '.join(map(repr, KINDS))}")
    if kind == "literal_error":
        expected = str(detail["ctx"]["expected"])
        near = (
            did_you_mean(detail["input"], re.findall(r"'(\w+)'", expected)) if isinstance(detail["input"], str) else ""
        )
        return Mistake(path, f"must be {expected}{near}")
    return Mistake(path, _WORDS.get(kind) or detail["msg"].removeprefix("Value error, "))


def _spelled(loc: tuple[int | str, ...], declared: Any) -> str:
    """pydantic's place of a mistake as the user would write it.

    pydantic puts a control's kind after its index, which is no step on the way.
    """
    path = ""
    here = declared
    steps = iter(loc)
    for key in steps:
        if isinstance(key, int):
            path += f"[{key}]"
            here = here[key]
            if _is_control(here, path):
                next(steps, None)
        else:
            path += f".{_shown(key)}" if path else _shown(key)
            here = here.get(key) if isinstance(here, Mapping) else None
    return path


def _is_control(value: Any, path: str) -> bool:
    is_listed = path.rpartition("[")[0].endswith(".controls")
    kind = value.get("control") if is_listed and isinstance(value, Mapping) else None
    return isinstance(kind, str) and kind in KINDS


def _shown(name: str) -> str:
    """A property's name, on one line and not too long: it may be junk."""
    name = printable(name)
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def _names_at(loc: tuple[int | str, ...], model: type[Object]) -> list[str]:
    """The names that there are where pydantic found one too many."""
    for key in loc[:-1]:
        if isinstance(key, int):
            continue
        names = properties(model)
        model = (object_in(names[key]) or model) if key in names else KINDS.get(key, model)
    return list(properties(model))


def _known_names(extra: Mapping[str, Any], model: type[Object]) -> Iterator[str]:
    """The names in ``extra`` that a bot has anyway: it is no way round a check or a secret."""
    for name, value in extra.items():
        if name not in properties(model):
            continue
        inner = object_in(properties(model)[name])
        if inner is None or not isinstance(value, Mapping):
            if inner is None or value is not UNKNOWN:
                yield name
        else:
            yield from (f"{name}.{below}" for below in _known_names(value, inner))
