"""What a program would have to declare of a bot that exists, so that declaring it changes nothing.

Not declared is what a program can't say: names that this package does not know, and what the checks refuse. That is no
loss. What is not declared stays on Poe as it is; declared, it would fail the check of the first edit of that bot.
Unknown names are not put in ``extra`` either: some may be Poe's own findings, which must not be sent back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..values.text import is_whole
from ..values.trees import Path, at, leaves, without, without_none
from . import checks
from .fields import API_KEY, is_api_bot
from .mistake import Mistake
from .model import Bot
from .shape import Object, object_in, properties


@dataclass(frozen=True)
class Existing:
    """A bot that exists, as a program would declare it.

    :param handle: its handle, as Poe spells it.
    :param declared: what a program can say of it; everything in it passes the checks, but for ``handle_mistakes``.
    :param unknown: where Poe has something that this package does not know. Not declared.
    :param refused: where the checks refuse what Poe has, and why. Not declared.
    :param handle_mistakes: why the checks refuse the handle itself, which a program can't leave out.
    :param is_api_bot: it has an endpoint; other bots are better not touched.
    """

    handle: str
    declared: dict[str, Any]
    unknown: list[Path] = field(default_factory=list)
    refused: list[tuple[Path, str]] = field(default_factory=list)
    handle_mistakes: list[str] = field(default_factory=list)
    is_api_bot: bool = True


def existing(answered: Mapping[str, Any]) -> Existing:
    """A bot as Poe answered it, as a program would declare it.

    >>> bot = existing({"handle": "Acme", "is_private": True, "new": 1, "api_bot_settings": {"base_url": "http://x"}})
    >>> bot.declared, bot.unknown, bot.refused[0][0]
    ({'handle': 'Acme', 'is_private': True}, [('new',)], ('api_bot_settings', 'base_url'))
    """
    unknown: list[Path] = []
    # What a program calls `extra` is no name of Poe's.
    known = {name: value for name, value in answered.items() if name != "extra"}
    declared = without(_known(without_none(known), Bot, (), unknown), [API_KEY])
    unknown += [("extra",)] if "extra" in answered else []
    refused: list[tuple[Path, str]] = []
    for path in [path for path, value in leaves(declared) if not _can_be_written(value)]:
        refused.append((path, "has half a character, which no program can write"))
        declared = without(declared, [path])
    # Without one property another may become wrong, such as a definition that has lost its control.
    while found := {place: str(mistake) for mistake in _errors(declared) if (place := _place(declared, mistake))}:
        refused += found.items()
        declared = without(declared, found)
    return Existing(
        handle=answered["handle"],
        declared=declared,
        unknown=unknown,
        refused=refused,
        handle_mistakes=[mistake.problem for mistake in _errors(declared)],
        is_api_bot=is_api_bot(answered),
    )


def _errors(declared: Mapping[str, Any]) -> list[Mistake]:
    return [mistake for mistake in checks.mistakes(declared) if mistake.is_error]


def _known(tree: Mapping[str, Any], model: type[Object], path: Path, unknown: list[Path]) -> dict[str, Any]:
    """The names that the model has, down to the lists, in which the checks find what is wrong."""
    known: dict[str, Any] = {}
    for name, value in tree.items():
        here = (*path, name)
        if name not in properties(model):
            unknown.append(here)
            continue
        inner = object_in(properties(model)[name])
        if isinstance(value, Mapping) and inner is not None:
            known[name] = _known(value, inner, here, unknown)
        else:
            known[name] = value
    return known


def _place(declared: Mapping[str, Any], mistake: Mistake) -> Path:
    """Where to take something out, so that the mistake is gone; nowhere for the handle.

    A list is taken out whole, and so are the controls, which are nothing without their list.
    """
    steps = tuple(mistake.path.partition("[")[0].split("."))
    if steps[0] == "handle":
        return ()
    if steps[0] == "parameter_controls":
        return steps[:1]
    while steps and at(declared, steps) is None:
        steps = steps[:-1]
    return steps


def _can_be_written(value: Any) -> bool:
    return all(map(is_whole, _texts(value)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
