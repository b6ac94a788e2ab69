"""What this run has seen of the program's bots. The engine gives each call one bot and no more."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .handles import canonical_handle


@dataclass(frozen=True)
class Resource:
    """One of the program's resources.

    :param name: its name, with that of its parent: the same in every run.
    :param number: which of the program's bots it is, because two may have one name.
    """

    name: str
    number: int = 0

    def __str__(self) -> str:
        return f"{self.name!r} (bot {self.number} of the program)"


class Registry:
    """Which resource declares which handle, which handles may be adopted, and which bots are alive.

    A bot is *alive* while a resource of this run manages it. Without this, a resource that is renamed
    in the program and adopts its bot under the new name would lose it when the old name is deleted at
    the end of the same ``pulumi up``.

    Thread-safe. Handles are compared as Poe compares them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._claims: dict[str, Resource] = {}
        self._owners: dict[str, str] = {}
        self._adopting: set[str] = set()
        self._alive: set[str] = set()
        self._managed: set[str] = set()
        self._not_created: set[str] = set()
        self._replaces: dict[str, tuple[str, object]] = {}
        self._deleted_first: dict[str, Resource] = {}
        self._left: set[str] = set()

    @contextmanager
    def turn(self, handle: str) -> Iterator[None]:
        """Nobody else of this run writes this bot meanwhile: from the look at it to the end of the write."""
        with self._lock:
            turn = self._turns[canonical_handle(handle)]
        with turn:
            yield

    def claim(self, handle: str, resource: Resource) -> Resource | None:
        """Note that ``resource`` declares ``handle``; another that already does, or None."""
        with self._lock:
            holder = self._claims.setdefault(canonical_handle(handle), resource)
        return None if holder == resource else holder

    def claimed_by(self, handle: str) -> Resource | None:
        """The resource that declares this handle."""
        return self._claims.get(canonical_handle(handle))

    def let_adopt(self, handle: str) -> None:
        """The program says that a create of this handle may take over the account's bot."""
        with self._lock:
            self._adopting.add(canonical_handle(handle))

    def may_adopt(self, handle: str) -> bool:
        """Whether the program said so."""
        return canonical_handle(handle) in self._adopting

    def own(self, handle: str, name: str) -> None:
        """The state has this bot for the resource of this name."""
        with self._lock:
            self._owners[canonical_handle(handle)] = name

    def adopter(self, handle: str, owner: object) -> Resource | None:
        """The resource that declares the handle with adopt, if it is another than the one that has the bot now.

        :param owner: the name of the one that has it, or None where that is not recorded.
        """
        claimed = self.claimed_by(handle)
        if claimed is None or not self.may_adopt(handle):
            return None
        has_it = owner if isinstance(owner, str) else self._owners.get(canonical_handle(handle))
        return None if has_it == claimed.name else claimed

    def delete_first(self, handle: str, resource: Resource) -> None:
        """This resource gives up the bot, which is deleted before the resource has another one."""
        with self._lock:
            self._deleted_first[canonical_handle(handle)] = resource

    def deleted_first_by(self, handle: str) -> Resource | None:
        """The resource that gives up the bot in this way."""
        return self._deleted_first.get(canonical_handle(handle))

    def leave(self, handle: str) -> None:
        """The bot was left to the resource that declares it with adopt: no entry of the state has it until then."""
        with self._lock:
            self._left.add(canonical_handle(handle))

    def is_left(self, handle: str) -> bool:
        """Whether no entry of the state has this bot any more, and none has it yet."""
        return canonical_handle(handle) in self._left

    def manage(self, handle: str) -> None:
        """A resource of the stack has this bot."""
        with self._lock:
            self._managed.add(canonical_handle(handle))

    def is_managed(self, handle: str) -> bool:
        """Whether this process has seen that a resource of the stack has this bot."""
        return canonical_handle(handle) in self._managed

    def keep_alive(self, handle: str) -> None:
        """A resource of this run manages the bot."""
        with self._lock:
            self._alive.add(canonical_handle(handle))
            self._not_created.discard(canonical_handle(handle))
            self._left.discard(canonical_handle(handle))

    def not_created(self, handle: str) -> None:
        """The program declares the bot, and its create failed in this run."""
        with self._lock:
            self._not_created.add(canonical_handle(handle))

    def is_wanted(self, handle: str) -> bool:
        """Whether a create of the bot failed in this run: what it was to take over must not be deleted."""
        return canonical_handle(handle) in self._not_created

    def replace(self, handle: str, old: str, fingerprint: object) -> None:
        """The bot of ``handle`` replaces the bot ``old``, which was last seen with this fingerprint."""
        with self._lock:
            self._replaces[canonical_handle(handle)] = (old, fingerprint)

    def replaced_by(self, handle: str) -> tuple[str, object] | None:
        """The bot that this one replaces, and its fingerprint."""
        return self._replaces.get(canonical_handle(handle))

    def let_go(self, handle: str) -> None:
        """No resource of this run is known to manage the bot."""
        with self._lock:
            self._alive.discard(canonical_handle(handle))

    def is_alive(self, handle: str) -> bool:
        """Whether a resource of this run manages the bot."""
        return canonical_handle(handle) in self._alive
