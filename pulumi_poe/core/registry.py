"""What this run has seen of the program's bots. The engine gives each call one bot and no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from . import machine
from .handles import canonical_handle
from .journal import Journal

_LOOKS_AGAIN: Final = 0.02
"""Seconds between two looks at what another process has seen or done."""

_PATIENCE: Final = 10.0
"""Seconds within which the engine asks for a resource that the program has announced."""


@dataclass(frozen=True)
class Resource:
    """One of the program's resources.

    :param name: its name, with that of its parent: the same in every run.
    :param number: which of the program's bots it is, because two may have one name.
    :param provider: the name of its Provider; empty for that of the stack.
    """

    name: str
    number: int = 0
    provider: str = ""

    def __str__(self) -> str:
        return f"{self.name!r} (bot {self.number} of the program)"


@dataclass
class _Bot:
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
    marks: set[str] = field(default_factory=set)
    turns: list[tuple[str, str]] = field(default_factory=list)
    """Who writes it, and who waits to: for each a process and the number of its turn there."""


# The marks of a bot; each has a pair of methods below.
_ADOPTING: Final = "adopting"
_RETAINED: Final = "retained"
_LEFT: Final = "left"
_MANAGED: Final = "managed"
_ALIVE: Final = "alive"
_FAILED: Final = "failed"
_ELSEWHERE: Final = "elsewhere"
_DELETED: Final = "deleted"


class Registry:
    """Which resource declares which handle, which handles may be adopted, and which bots are alive.

    A bot is *alive* while a resource of this run manages it. Without this, a resource that is renamed
    in the program and adopts its bot under the new name would lose it when the old name is deleted at
    the end of the same ``pulumi up``.

    Thread-safe, and the same for all processes of a run. Handles are compared as Poe compares them.

    :param journal: of the run.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal or Journal()
        self._lock = machine.lock()
        self._turns: defaultdict[str, AbstractContextManager[Any]] = defaultdict(machine.lock)
        self._turns_taken = 0
        self._bots: defaultdict[str, _Bot] = defaultdict(_Bot)
        self._has_owners = False

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
            while (first := self._seen(handle).turns[0]) != mine:
                if machine.is_running(int(first[0])):
                    machine.sleep(_LOOKS_AGAIN)
                else:
                    self._note("end", handle, *first)
            yield
        finally:
            self._note("end", handle, *mine)

    # --- who declares what --------------------------------------------------------------------------

    def claim(self, handle: str, resource: Resource, account: str = "") -> Resource | None:
        """Note that ``resource`` declares ``handle``; another that already does, or None.

        :param account: a fingerprint of the address and key with which it does.
        """
        if (known := self._seen(handle).claim) is None:
            self._note("claim", handle, account, *_said(resource))
            known = self._seen(handle).claim
        return None if known == resource else known

    def claimed_by(self, handle: str) -> Resource | None:
        """The resource that declares this handle."""
        return self._seen(handle).claim

    def let_adopt(self, handle: str) -> None:
        """The program says that a create of this handle may take over the account's bot."""
        self._mark(handle, _ADOPTING)

    def may_adopt(self, handle: str) -> bool:
        """Whether the program said so."""
        return _ADOPTING in self._seen(handle).marks

    def retain(self, handle: str) -> None:
        """If this bot is replaced, the one before stays on Poe."""
        self._mark(handle, _RETAINED)

    def is_retaining(self, handle: str) -> bool:
        """Whether the program said so."""
        return _RETAINED in self._seen(handle).marks

    # --- who has what -------------------------------------------------------------------------------

    def own(self, handle: str, name: str) -> None:
        """The state has this bot for the resource of this name."""
        if name not in self._seen(handle).owners:
            self._note("own", handle, name)

    def owner(self, handle: str) -> str | None:
        """The name of the resource for which the state has this bot, as far as this run has seen."""
        owners = self._seen(handle).owners
        return owners[-1] if owners else None

    def has_owners(self) -> bool:
        """Whether this run has seen that the state has any bot at all."""
        with self._lock:
            self._catch_up()
            return self._has_owners

    def announce(self, handle: str, resource: Resource, *, adopts: bool) -> None:
        """The program declares this bot, and the engine may ask for it later."""
        if self._seen(handle).announced.get(adopts) != resource:
            self._note("announce", handle, _ADOPTING if adopts else "", *_said(resource))

    def wait_for_the_adopter(self, handle: str, owner: object) -> Resource | None:
        """:meth:`adopter`, once the engine has asked for it, if the program has announced one of another Provider.

        Only then is its key known, and the process of its Provider may just be starting.
        """
        for _ in _looks():
            adopter = self.adopter(handle, owner)
            if adopter is None or self._is_known(handle, adopter):
                break
        return adopter

    def wait_for_the_diff(self, handle: str, owner: object) -> None:
        """Until it is known whether the bot is that of another resource that declares it and has one of this handle.

        The state may have that resource's at another address, which only its diff can tell.

        :param owner: as of :meth:`adopter`.
        """
        for _ in _looks():
            seen = self._seen(handle)
            declares = "" if seen.claim is None else seen.claim.name
            has_one_too = declares in seen.owners and declares != self._who_has(seen, owner)
            if not has_one_too or seen.marks & {_ALIVE, _ELSEWHERE, _FAILED}:
                break

    def adopter(self, handle: str, owner: object) -> Resource | None:
        """The resource that declares the handle with adopt, if it is another than the one that has the bot now.

        :param owner: the name of the one that has it, as the state recorded it: it may have had another name then. None
            where that is not recorded.
        """
        seen = self._seen(handle)
        adopter = seen.claim if _ADOPTING in seen.marks else seen.announced.get(True)
        return None if adopter is None or adopter.name == self._who_has(seen, owner) else adopter

    def other(self, handle: str, owner: object) -> Resource | None:
        """The resource that declares the handle, if it is another than the one that has the bot.

        :param owner: as of :meth:`adopter`.
        """
        seen = self._seen(handle)
        declares, has_it = seen.claim or seen.announced.get(False), self._who_has(seen, owner)
        return None if declares is None or has_it is None or declares.name == has_it else declares

    def _who_has(self, seen: _Bot, recorded: object) -> object:
        """The name of the resource that has a bot: as recorded, unless it has another name by now."""
        return recorded if recorded in seen.owners or not seen.owners else seen.owners[-1]

    def account_of_the_adopter(self, handle: str, adopter: Resource) -> str | None:
        """The fingerprint of its address and key; empty if it has the Provider of the one that gives the bot up.

        None if it is not known whether it has the same account.
        """
        seen = self._seen(handle)
        if seen.claim == adopter:
            return seen.account
        return "" if self._is_known(handle, adopter) else None

    def _is_known(self, handle: str, adopter: Resource) -> bool:
        seen = self._seen(handle)
        return seen.claim == adopter or (
            seen.deleted_first is not None and seen.deleted_first.provider == adopter.provider
        )

    def delete_first(self, handle: str, resource: Resource) -> None:
        """This resource gives up the bot, which is deleted before the resource has another one."""
        self._note("delete first", handle, *_said(resource))

    def handed_over(self, handle: str) -> tuple[Resource, Resource] | None:
        """The resource that gives up the bot in this way, and another that adopts it, if there are both."""
        leaver = self._seen(handle).deleted_first
        adopter = None if leaver is None else self.adopter(handle, leaver.name)
        return None if leaver is None or adopter is None else (leaver, adopter)

    def leave(self, handle: str) -> None:
        """The bot was left to the resource that declares it with adopt: no entry of the state has it until then."""
        self._mark(handle, _LEFT)

    def is_left(self, handle: str) -> bool:
        """Whether no entry of the state has this bot any more, and none has it yet."""
        return _LEFT in self._seen(handle).marks

    def note_elsewhere(self, handle: str) -> None:
        """The resource that declares the handle has its bot at another address."""
        self._mark(handle, _ELSEWHERE)

    def is_elsewhere(self, handle: str) -> bool:
        """Whether it has it there, and not here in this run."""
        return _ELSEWHERE in self._seen(handle).marks

    def manage(self, handle: str) -> None:
        """A resource of the stack has this bot."""
        self._mark(handle, _MANAGED)

    def is_managed(self, handle: str) -> bool:
        """Whether this run has seen that a resource of the stack has this bot."""
        return _MANAGED in self._seen(handle).marks

    def keep_alive(self, handle: str) -> None:
        """A resource of this run manages the bot."""
        marks = self._seen(handle).marks
        if _ALIVE not in marks:
            self._note("mark", handle, _ALIVE)
        for mark in marks & {_FAILED, _LEFT, _ELSEWHERE, _DELETED}:
            self._note("unmark", handle, mark)

    def let_go(self, handle: str) -> None:
        """No resource of this run is known to manage the bot."""
        self._unmark(handle, _ALIVE)

    def is_alive(self, handle: str) -> bool:
        """Whether a resource of this run manages the bot."""
        return _ALIVE in self._seen(handle).marks

    def note_failure(self, handle: str) -> None:
        """The program declares the bot, and its create failed in this run."""
        self._mark(handle, _FAILED)

    def has_failed(self, handle: str) -> bool:
        """Whether a create of the bot failed in this run: what it was to take over must not be deleted."""
        return _FAILED in self._seen(handle).marks

    def note_deletion(self, handle: str) -> None:
        """This run deleted the bot: lists that other processes have may still hold it."""
        self._mark(handle, _DELETED)

    def is_deleted(self, handle: str) -> bool:
        """Whether this run deleted the bot, and has not made it again since."""
        return _DELETED in self._seen(handle).marks

    def replace(self, handle: str, old: str, fingerprint: object) -> None:
        """The bot of ``handle`` replaces the bot ``old``, which was last seen with this fingerprint."""
        self._note("replace", handle, old, fingerprint if isinstance(fingerprint, str) else "")

    def predecessor_of(self, handle: str) -> tuple[str, object] | None:
        """The bot that this one replaces, and its fingerprint."""
        return self._seen(handle).replaces

    # --- what all processes know --------------------------------------------------------------------

    def _mark(self, handle: str, mark: str) -> None:
        if mark not in self._seen(handle).marks:
            self._note("mark", handle, mark)

    def _unmark(self, handle: str, mark: str) -> None:
        if mark in self._seen(handle).marks:
            self._note("unmark", handle, mark)

    def _note(self, what: str, handle: str, *arguments: str) -> None:
        with self._lock:
            self._journal.write(what, canonical_handle(handle), *arguments)

    def _seen(self, handle: str) -> _Bot:
        with self._lock:
            self._catch_up()
            return self._bots[canonical_handle(handle)]

    def _catch_up(self) -> None:
        for what, handle, *arguments in self._journal.read():
            self._apply(what, self._bots[handle], arguments)

    def _apply(self, what: str, bot: _Bot, arguments: list[str]) -> None:
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
            bot.announced[arguments[0] == _ADOPTING] = _heard(arguments[1:])
        elif what == "replace":
            bot.replaces = (arguments[0], arguments[1] or None)
        elif what == "turn":
            bot.turns.append((arguments[0], arguments[1]))
        elif what == "end":
            bot.turns = [turn for turn in bot.turns if turn != (arguments[0], arguments[1])]


def _looks() -> Iterator[None]:
    """Until a look has seen enough, or nothing more is to be expected."""
    ends = machine.monotonic() + _PATIENCE
    yield
    while machine.monotonic() <= ends:
        machine.sleep(_LOOKS_AGAIN)
        yield


def _said(resource: Resource) -> tuple[str, str, str]:
    return resource.name, str(resource.number), resource.provider


def _heard(arguments: list[str]) -> Resource:
    name, number, provider = arguments
    return Resource(name, int(number), provider)
