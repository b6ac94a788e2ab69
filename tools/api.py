"""What people may rely on, one line a promise: `python -m tools.api`.

A line is a name, a parameter, a key or an attribute, and what has to be given. So what is added is a new line, and what
breaks programs is a line that is gone, or a new one of something that has to be given. `tests/test_api.py` holds those
of the last release. A checker that reads sources, as griffe is, does not see names that are loaded when they are used.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from types import FunctionType
from typing import Any

from pulumi_poe import provider

REQUIRED = " (required)"


def lines() -> list[str]:
    """All promises, sorted."""
    found = set(_of("pulumi_poe.provider.BotProvider", provider.BotProvider))
    if find_spec("pulumi_poe.endpoint_provider") is not None:  # the first release had none
        shell = import_module("pulumi_poe.endpoint_provider").EndpointProvider
        found.update(_of("pulumi_poe.endpoint_provider.EndpointProvider", shell))
    for path in ("pulumi_poe", "pulumi_poe.testing", "pulumi_poe.emulator"):
        if find_spec(path) is not None:  # the first release had no `testing`
            module = import_module(path)
            for name in module.__all__:
                found.update(_of(f"{path}.{name}", getattr(module, name)))
    return sorted(found)


def _of(path: str, thing: Any) -> Iterator[str]:
    yield path
    if hasattr(thing, "__required_keys__"):
        yield from (f"{path}[{key!r}]{REQUIRED if key in thing.__required_keys__ else ''}" for key in _keys(thing))
    elif inspect.isclass(thing):
        yield from _parameters(path, thing.__init__)
        if dataclasses.is_dataclass(thing):
            yield from (f"{path}.{field.name}" for field in dataclasses.fields(thing))
        yield from (f"{path}.{name}" for name in getattr(thing, "__annotations__", {}) if not name.startswith("_"))
        for name, member in vars(thing).items():
            if isinstance(member, FunctionType | property | cached_property) and not name.startswith("_"):
                yield f"{path}.{name}"
                yield from _parameters(f"{path}.{name}", member) if isinstance(member, FunctionType) else ()
    elif callable(thing):
        yield from _parameters(path, thing)


def _keys(typed_dict: Any) -> list[str]:
    return sorted(typed_dict.__required_keys__ | typed_dict.__optional_keys__)


def _parameters(path: str, function: Any) -> Iterator[str]:
    positional = 0
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "self" or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        required = REQUIRED if parameter.default is parameter.empty else ""
        if parameter.kind is not parameter.POSITIONAL_ONLY:
            yield f"{path}({name}=){required}"
        if parameter.kind is not parameter.KEYWORD_ONLY:
            positional += 1
            yield f"{path}(argument {positional}: {name}){required}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
