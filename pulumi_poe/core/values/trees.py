"""Nested dicts, as Poe's JSON has them. Lists are leaves: Poe replaces them whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Path = tuple[str, ...]
"""Keys from the top of a bot down to a leaf, such as ``("api_bot_settings", "pricing", "prompt")``."""


def leaves(tree: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf with its path. A dict with nothing in it declares nothing.

    >>> list(leaves({"a": {"b": 1}, "c": []}))
    [(('a', 'b'), 1), (('c',), [])]
    """
    for key, value in tree.items():
        here = (*path, key)
        if isinstance(value, Mapping):
            yield from leaves(value, here)
        else:
            yield here, value


def overlay(over: Mapping[str, Any], under: Mapping[str, Any]) -> dict[str, Any]:
    """``under`` with everything of ``over`` laid on it; dicts are merged, all else is replaced.

    >>> overlay({"a": {"b": 1}}, {"a": {"b": 0, "c": 2}})
    {'a': {'b': 1, 'c': 2}}
    """
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(value, Mapping):
            merged[key] = overlay(value, below if isinstance(below, Mapping) else {})
        else:
            merged[key] = value
    return merged


def without(tree: Mapping[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """``tree`` without the leaves at ``paths``, and without the dicts that this leaves empty.

    >>> without({"a": {"b": 1}, "c": 2}, [("a", "b")])
    {'c': 2}
    """
    gone = set(paths)
    rest: dict[str, Any] = {}
    for key, value in tree.items():
        below = {path[1:] for path in gone if path[0] == key}
        if () in below:
            continue
        if below and isinstance(value, Mapping):
            inner = without(value, below)
            if inner:
                rest[key] = inner
        else:
            rest[key] = value
    return rest


def tree_of(values: Mapping[Path, Any]) -> dict[str, Any]:
    """The smallest tree that has these values at these paths.

    >>> tree_of({("a", "b"): 1, ("a", "c"): 2})
    {'a': {'b': 1, 'c': 2}}
    """
    tree: dict[str, Any] = {}
    for path, value in values.items():
        nested: Any = value
        for key in reversed(path):
            nested = {key: nested}
        tree = overlay(nested, tree)
    return tree


def at(tree: Any, path: Path) -> Any:
    """The value at ``path``, or None where there is none.

    >>> at({"a": {"b": 1}}, ("a", "b"))
    1
    """
    for key in path:
        if not isinstance(tree, Mapping):
            return None
        tree = tree.get(key)
    return tree


def without_none(value: Any) -> Any:
    """The same tree without keys whose value is None: to declare None is to declare nothing."""
    if isinstance(value, Mapping):
        return {key: without_none(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_none(inner) for inner in value]
    return value
