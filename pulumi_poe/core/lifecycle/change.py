"""What does one operation write? The leaves that its preview shows, and no other.

An update writes the leaves in which the program and the state differ. A leaf in which they agree is left as it is on
Poe, whatever Poe has by now. How deep Poe merges is not documented (docs/poe-bots-api.md, 1.4), so the objects that it
may replace as a whole are sent complete, and completed from the bot that Poe has at this moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from ..bot import comparing, drift, fields
from ..bot.fields import API_KEY, DEFAULTS, OBJECTS
from ..values.trees import Path, at, leaves, overlay, tree_of, without
from ..values.unknown import UNKNOWN

_SETTINGS: Final = "api_bot_settings"


@dataclass(frozen=True)
class Write:
    """One request that changes a bot.

    :param method: PATCH, or PUT where something has to be removed.
    :param body: what is sent.
    :param removed: the leaves that a PUT removes.
    """

    method: Literal["PATCH", "PUT"]
    body: dict[str, Any]
    removed: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Change:
    """The way from what a state records of a bot to what a program declares. Paths are those of Poe's body.

    :param declared: what the program says.
    :param recorded: what the state says was declared. Empty for a bot that the stack takes over.

    >>> Change({"handle": "b", "description": "new"}, {"handle": "b", "description": "old", "is_private": True}).written
    {('description',): 'new', ('is_private',): True}
    """

    declared: Mapping[str, Any]
    recorded: Mapping[str, Any]

    @cached_property
    def written(self) -> dict[Path, Any]:
        """The leaves that get another value, with those that go back to the default that Poe documents."""
        before = dict(leaves(fields.body(self.recorded)))
        changed = {
            path: value
            for path, value in leaves(fields.body(self.declared))
            if path != ("handle",) and not (path in before and comparing.same(path, value, before[path]))
        }
        return {**changed, **{path: DEFAULTS[path] for path in self._no_longer_declared if path in DEFAULTS}}

    @cached_property
    def taken_out(self) -> list[Path]:
        """The leaves that are no longer declared, and that Poe removes only when the whole bot is sent again."""
        return [path for path in self._no_longer_declared if path not in DEFAULTS]

    @property
    def left_out(self) -> list[Path]:
        """All leaves that the program has no longer, as far as is known: with the endpoint's key, which Poe keeps."""
        had_a_key = at(self.recorded, API_KEY) is not None and self.declared.get(_SETTINGS) is not UNKNOWN
        return [*self._no_longer_declared, *([API_KEY] if had_a_key and at(self.declared, API_KEY) is None else [])]

    @cached_property
    def _no_longer_declared(self) -> list[Path]:
        return comparing.taken_out(self.declared, self.recorded)

    def on(self, bot: Mapping[str, Any]) -> Write | None:
        """The request that makes this change, or None if there is nothing to send.

        :param bot: what Poe has at this moment.
        """
        removed = tuple(path for path in self.taken_out if at(bot, path) is not None)
        if removed:
            return Write("PUT", self._whole(bot), removed)
        return Write("PATCH", self._leaves(bot)) if self.written else None

    def rests_on_what_differs(self, bot: Mapping[str, Any]) -> bool:
        """Whether a PATCH would send back something of Poe's that the state does not have, or has otherwise.

        A list of bots may lag behind, so that bot is better asked for by its own name first.
        """
        recorded = dict(leaves(fields.body(self.recorded)))
        for whole in self._objects():
            shown = {(*whole, *path): value for path, value in leaves(self._completed(whole, bot))}
            known = {path: value for path, value in recorded.items() if path[: len(whole)] == whole}
            for path in {**shown, **known}:
                if path in self.written or path in self.taken_out:
                    continue
                if not (path in shown and path in known and comparing.same(path, shown[path], known[path])):
                    return True
        return False

    def drift(self, bot: Mapping[str, Any]) -> list[Path]:
        """The declared leaves that are on Poe neither as the state says nor as the program wants them."""
        on_poe = drift.projected(self.recorded, bot)
        shown = fields.body(on_poe)
        return [
            path
            for path in map(fields.in_body, comparing.differing(on_poe, self.recorded))
            if not (path in self.written and comparing.same(path, at(shown, path), self.written[path]))
            and not (path in self.taken_out and at(shown, path) is None)
        ]

    def only_on_poe(self, body: Mapping[str, Any]) -> list[Path]:
        """The leaves of a PUT that no program declares and the state does not have."""
        known = {path for tree in (self.declared, self.recorded) for path, _ in leaves(fields.body(tree))}
        return [path for path, _ in leaves(body) if path not in known and path not in DEFAULTS]

    def in_the_program(self, path: Path) -> str:
        """A path of Poe's body as the program spells it.

        >>> Change({"extra": {"new": {"leaf": 1}}}, {}).in_the_program(("new", "leaf"))
        'extra.new.leaf'
        """
        is_extra = any(at(tree.get("extra"), path) is not None for tree in (self.declared, self.recorded))
        return ".".join(("extra", *path) if is_extra else path)

    def _leaves(self, bot: Mapping[str, Any]) -> dict[str, Any]:
        """The body of a PATCH: the written leaves, within objects that are complete."""
        objects = tree_of({whole: self._completed(whole, bot) for whole in self._objects()})
        return overlay(tree_of(self.written), objects)

    def _whole(self, bot: Mapping[str, Any]) -> dict[str, Any]:
        """The body of a PUT: all of Poe's bot but what was taken out, with the written leaves and the declared key."""
        whole = overlay(self._leaves(bot), self._completed((), bot))
        # Poe always shows these two. Left out, they would fall to their defaults.
        kept = {path[0]: self.declared[path[0]] for path in DEFAULTS if self.declared.get(path[0]) is not None}
        rest = without({**kept, **whole}, [("handle",), API_KEY, *self.taken_out])
        key = at(self.declared, API_KEY)
        return rest if key is None else overlay(tree_of({API_KEY: key}), rest)

    def _objects(self) -> list[Path]:
        """The objects with a written leaf that Poe may replace as a whole.

        They lie on the top of a bot, or on the top of its settings, which Poe merges.
        """
        depths = [(path, 2 if path[0] == _SETTINGS else 1) for path in self.written]
        return list(dict.fromkeys(path[:depth] for path, depth in depths if len(path) > depth))

    def _completed(self, whole: Path, bot: Mapping[str, Any]) -> dict[str, Any]:
        """What is sent back of one such object, or of the bot: what Poe shows, and what it hides of ``extra``."""
        extra = overlay(self.declared.get("extra") or {}, self.recorded.get("extra") or {})
        shown = drift.sent_back(at(bot, whole), whole, extra)
        is_of_extra_alone = bool(whole) and whole not in OBJECTS
        if shown is not None and is_of_extra_alone:
            return shown if isinstance(shown, dict) else {}
        shown = shown if isinstance(shown, dict) else {}
        recorded = at(self.recorded.get("extra"), whole)
        if not isinstance(recorded, Mapping) or any(at(shown, path) is not None for path, _ in leaves(recorded)):
            return shown
        taken_out = [path[len(whole) :] for path in self.taken_out if path[: len(whole)] == whole]
        return overlay(shown, without(recorded, [path for path in taken_out if path]))
