"""What this process has seen of the program's bots. The engine gives each call one bot and no more."""

from __future__ import annotations

import threading

from .handles import canonical_handle


class Registry:
    """Which resource declares which handle, which handles may be adopted, and which bots are alive.

    A bot is *alive* while a resource of this run manages it. Without this, a resource that is renamed
    in the program and adopts its bot under the new name would lose it when the old name is deleted at
    the end of the same ``pulumi up``.

    Thread-safe. Handles are compared as Poe compares them.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._claims: dict[str, str] = {}
        self._adopting: set[str] = set()
        self._alive: set[str] = set()
        self._managed: set[str] = set()
        self._not_created: set[str] = set()
        self._replaces: dict[str, tuple[str, object]] = {}

    def claim(self, handle: str, resource: str) -> str | None:
        """Note that ``resource`` declares ``handle``; the name of another that already does, or None."""
        with self._lock:
            holder = self._claims.setdefault(canonical_handle(handle), resource)
        return None if holder == resource else holder

    def let_adopt(self, handle: str) -> None:
        """The program says that a create of this handle may take over the account's bot."""
        with self._lock:
            self._adopting.add(canonical_handle(handle))

    def may_adopt(self, handle: str) -> bool:
        """Whether the program said so."""
        return canonical_handle(handle) in self._adopting

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
