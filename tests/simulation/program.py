"""A program as the engine sees it: which bots it declares, and with which options."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi.output import Unknown

Path = tuple[str, ...]
UNKNOWN = Unknown()


@dataclass(frozen=True)
class Declared:
    """One bot of a program.

    :param properties: Poe's, with the handle.
    :param aliases: names that it had before.
    :param ignored: ``ignore_changes``, as paths.
    :param replaced_on: ``replace_on_changes``, top-level names.
    :param provider: the name of its Provider; None for that of the stack.
    :param late: paths that a preview does not know yet.
    """

    properties: dict[str, Any]
    adopt: bool = False
    aliases: tuple[str, ...] = ()
    ignored: tuple[Path, ...] = ()
    replaced_on: tuple[str, ...] = ()
    protect: bool = False
    retain: bool = False
    deleted_first: bool = False
    provider: str | None = None
    late: tuple[Path, ...] = ()

    @property
    def handle(self) -> str:
        return str(self.properties["handle"])


@dataclass(frozen=True)
class Program:
    """Bots by the names of their resources, and the account of each Provider."""

    bots: Mapping[str, Declared] = field(default_factory=dict)
    providers: Mapping[str, str] = field(default_factory=dict)

    def with_bot(self, name: str, bot: Declared) -> Program:
        return replace(self, bots={**self.bots, name: bot})

    def without_bot(self, name: str) -> Program:
        return replace(self, bots={other: bot for other, bot in self.bots.items() if other != name})

    def inputs(self, name: str, *, preview: bool) -> dict[str, Any]:
        """What pulumi_poe.Bot hands to the engine, with the inputs that are only for check."""
        bot = self.bots[name]
        properties = copy.deepcopy(bot.properties)
        if preview:
            for path in bot.late:
                if at(properties, path) is not None:
                    put(properties, path, UNKNOWN)
        bots = [
            {"handle": other.handle, "adopts": other.adopt, **self._resource(each)}
            for each, other in self.bots.items()
            if ("handle",) not in other.late
        ]
        hidden = {
            "_declared_by": self._resource(name),
            "adopt": bot.adopt,
            **({"_delete_before_replace": True, "_bots": bots} if bot.deleted_first else {}),
            **({"_retain_on_delete": True} if bot.retain else {}),
        }
        return {**properties, **hidden}

    def _resource(self, name: str) -> dict[str, Any]:
        number = list(self.bots).index(name) + 1
        provider = self.bots[name].provider
        return {"name": name, "number": float(number), **({} if provider is None else {"provider": provider})}


def canonical(handle: str) -> str:
    """How Poe compares handles. Written anew here, so that a fault of the package does not hide itself."""
    return "".join(character for character in handle.lower() if character not in "-_.")


def at(tree: Any, path: Iterable[str]) -> Any:
    for key in path:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def put(tree: dict[str, Any], path: Path, value: Any) -> None:
    """Set a leaf, in place."""
    for key in path[:-1]:
        inner = tree.get(key)
        if not isinstance(inner, dict):
            inner = tree[key] = {}
        tree = inner
    tree[path[-1]] = value


def take_out(tree: dict[str, Any], path: Path) -> None:
    """Remove a leaf, and objects that get empty, in place."""
    inner = tree.get(path[0])
    if len(path) == 1:
        tree.pop(path[0], None)
    elif isinstance(inner, dict):
        take_out(inner, path[1:])
        if not inner:
            del tree[path[0]]


def leaves(tree: Mapping[str, Any], path: Path = ()) -> dict[Path, Any]:
    """All leaves; a list is one."""
    found: dict[Path, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found.update(leaves(value, (*path, key)))
        elif value is not None:
            found[(*path, key)] = value
    return found
