"""What has this run seen of the program's bots, and whose turn is it? A call of the engine's is about one bot alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from .. import machine
from ..bot.handles import canonical_handle
from .journal import Journal

LOOKS_AGAIN: Final = 0.02
"""Seconds between two looks at what another process has seen or done."""


@dataclass(frozen=True)
class Resource:
    """One of the program's resources.

    :param name: the shell's own name for it, the same in every run and for no other resource of the stack: that of the
        resource with that of its parent, or its URN.
    :param number: which of the program's bots it is, because two may have one name; 0 where no two have.
    :param provider: the name of its Provider; empty for that of the stack.
    """

    name: str
    number: int = 0
    provider: str = ""

    def __str__(self) -> str:
        return f"{self.name!r} (bot {self.number} of the program)" if self.number else repr(self.name)


class Mark(str, Enum):
    """Something that is or is not so of one handle in this run. In the journal it is its text, which it equals."""

    ADOPTING = "adopting"
    """The program says that a create of this handle may take over the account's bot."""
    RETAINED = "retained"
    """If this bot is replaced, the one before stays on Poe."""
    READ = "read"
    """A resource of the stack has this bot, as was seen when it was read."""
    CHECKED = "checked"
    """The resource that declares the handle has a bot of it in the state, and its diff is to come."""
    ALIVE = "alive"
    """A resource of this run manages the bot. Without this, a resource that is renamed in the program and adopts its
    bot under the new name would lose it when the old name is deleted at the end of the same ``pulumi up``."""
    LEFT = "left"
    """The bot was left to the resource that declares it with adopt: no entry of the state has it until then."""
    FAILED = "failed"
    """The program declares the bot, and what was to be done with it failed: its bot must not be given up."""
    ELSEWHERE = "elsewhere"
    """The resource that declares the handle has its bot at another address, and not here in this run."""
    DELETED = "deleted"
    """This run deleted the bot: lists that other processes have may still hold it."""


@dataclass
class Seen:
    """What is known of one handle."""

    claim: Resource | None = None
    """The resource that declares it."""
    account: str = ""
    """The fingerprint of the address and key with which that resource does."""
    owners: list[str] = field(default_factory=list)
    """The names of the resources that have it in the state, as they were seen: several, after a run that failed."""
    deleted_first: Resource | None = None
    """The resource that gives it up before it has another one."""
    announced: dict[bool, Resource] = field(default_factory=dict)
    """The resource that is going to declare it, as the program says, by whether it adopts."""
    replaces: tuple[str, str | None] | None = None
    """The handle of the bot that it replaces, and the fingerprint of that."""
    replaced_by: str | None = None
    """The handle of the bot that replaces this one."""
    marks: set[str] = field(default_factory=set)
    turns: list[tuple[str, str]] = field(default_factory=list)
    """Who writes it, and who waits to: for each a process and the number of its turn there."""


class Registry:
    """What is known of each handle of the program, and a turn for whoever writes its bot.

    Thread-safe, and the same for all processes of a run. Handles are compared as Poe compares them.

    :param journal: of the run.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal or Journal()
        self._lock = machine.lock()
        self._turns: defaultdict[str, AbstractContextManager[Any]] = defaultdict(machine.lock)
        self._turns_taken = 0
        self._bots: defaultdict[str, Seen] = defaultdict(Seen)
        self._has_owners = False

    def seen(self, handle: str) -> Seen:
        """All that is known of one handle by now, by any process."""
        with self._lock:
            self._catch_up()
            return self._bots[canonical_handle(handle)]

    # --- whose turn it is ---------------------------------------------------------------------------

    @contextmanager
    def turn(self, handle: str) -> Iterator[None]:
        """Nobody else of this run writes this bot meanwhile: from the look at it to the end of the write."""
        with self._lock:
            turn = self._turns[canonical_handle(handle)]
        with turn, self._turn_among_processes(handle):
            yield

    @contextmanager
    def _turn_among_processes(self, handle: str) -> Iterator[None]:
        with self._lock:
            self._turns_taken += 1
            mine = (str(machine.process()), str(self._turns_taken))
        self._note("turn", handle, *mine)
        try:
            while (first := self.seen(handle).turns[0]) != mine:
                if machine.is_running(int(first[0])):
                    machine.sleep(LOOKS_AGAIN)
                else:
                    self._note("end", handle, *first)
            yield
        finally:
            self._note("end", handle, *mine)

    # --- who declares it, and who has it ------------------------------------------------------------

    def claim(self, handle: str, resource: Resource, account: str = "") -> Resource | None:
        """Note that ``resource`` declares ``handle``; another that already does, or None.

        :param account: a fingerprint of the address and key with which it does.
        """
        if (known := self.seen(handle).claim) is None:
            self._note("claim", handle, account, *_said(resource))
            known = self.seen(handle).claim
        return None if known == resource else known

    def claimed_by(self, handle: str) -> Resource | None:
        """The resource that declares this handle."""
        return self.seen(handle).claim

    def announce(self, handle: str, resource: Resource, *, adopts: bool) -> None:
        """The program declares this bot, and the engine may ask for it later."""
        if self.seen(handle).announced.get(adopts) != resource:
            self._note("announce", handle, str(adopts), *_said(resource))

    def own(self, handle: str, name: str) -> None:
        """The state has this bot for the resource of this name."""
        if name not in self.seen(handle).owners:
            self._note("own", handle, name)

    def owner(self, handle: str) -> str | None:
        """The name of the resource for which the state has this bot, as far as this run has seen."""
        owners = self.seen(handle).owners
        return owners[-1] if owners else None

    def has_owners(self) -> bool:
        """Whether this run has seen that the state has any bot at all."""
        with self._lock:
            self._catch_up()
            return self._has_owners

    def delete_first(self, handle: str, resource: Resource) -> None:
        """This resource gives up the bot, which is deleted before the resource has another one."""
        self._note("delete first", handle, *_said(resource))

    def replace(self, handle: str, old: str, fingerprint: object) -> None:
        """The bot of ``handle`` replaces the bot ``old``, which was last seen with this fingerprint."""
        self._note("replace", handle, old, fingerprint if isinstance(fingerprint, str) else "")

    def predecessor_of(self, handle: str) -> tuple[str, object] | None:
        """The bot that this one replaces, and its fingerprint."""
        return self.seen(handle).replaces

    # --- what is so of it ---------------------------------------------------------------------------

    def has(self, handle: str, mark: Mark) -> bool:
        """Whether this is so of the handle."""
        return mark in self.seen(handle).marks

    def mark(self, handle: str, mark: Mark) -> None:
        """It is so from now on."""
        if not self.has(handle, mark):
            self._note("mark", handle, mark)

    def unmark(self, handle: str, mark: Mark) -> None:
        """It is not so any more."""
        if self.has(handle, mark):
            self._note("unmark", handle, mark)

    def keep_alive(self, handle: str) -> None:
        """A resource of this run manages the bot, so nothing of what stands against that is so."""
        self.mark(handle, Mark.ALIVE)
        for mark in (Mark.CHECKED, Mark.FAILED, Mark.LEFT, Mark.ELSEWHERE, Mark.DELETED):
            self.unmark(handle, mark)

    def settle(self, handle: str, mark: Mark) -> None:
        """It is known what becomes of the bot of the resource that declares the handle: this is so of it."""
        self.mark(handle, mark)
        self.unmark(handle, Mark.CHECKED)

    # --- what all processes know --------------------------------------------------------------------

    def _note(self, what: str, handle: str, *arguments: str) -> None:
        with self._lock:
            self._journal.write(what, canonical_handle(handle), *arguments)

    def _catch_up(self) -> None:
        for what, handle, *arguments in self._journal.read():
            self._apply(what, handle, arguments)

    def _apply(self, what: str, handle: str, arguments: list[str]) -> None:
        bot = self._bots[handle]
        if what == "mark":
            bot.marks.add(arguments[0])
        elif what == "unmark":
            bot.marks.discard(arguments[0])
        elif what == "claim":
            if bot.claim is None:  # the first one has it
                bot.claim, bot.account = _heard(arguments[1:]), arguments[0]
        elif what == "own":
            bot.owners.append(arguments[0])
            self._has_owners = True
        elif what == "delete first":
            bot.deleted_first = _heard(arguments)
        elif what == "announce":
            bot.announced[arguments[0] == str(True)] = _heard(arguments[1:])
        elif what == "replace":
            bot.replaces = (arguments[0], arguments[1] or None)
            self._bots[canonical_handle(arguments[0])].replaced_by = handle
        elif what == "turn":
            bot.turns.append((arguments[0], arguments[1]))
        elif what == "end":
            bot.turns = [turn for turn in bot.turns if turn != (arguments[0], arguments[1])]


def _said(resource: Resource) -> tuple[str, str, str]:
    return resource.name, str(resource.number), resource.provider


def _heard(arguments: list[str]) -> Resource:
    name, number, provider = arguments
    return Resource(name, int(number), provider)
