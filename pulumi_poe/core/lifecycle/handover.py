"""Is a bot deleted with its entry of the state, or does another resource of this run have it, or get it?"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from .. import machine
from ..errors import RefusedError
from .record import RESOURCE
from .registry import LOOKS_AGAIN, Mark, Resource, Seen

if TYPE_CHECKING:
    from .session import Session

_PATIENCE: Final = 10.0
"""Seconds within which the engine asks for a resource that the program has announced."""

logger = logging.getLogger("pulumi_poe")


class Handover:
    """Who has a bot, and who is to have it.

    In all methods ``owner`` is the name of the resource that has the bot, as the state recorded it: it may have had
    another name then. None where that is not recorded.

    :param session: of the account.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._registry = session.registry

    def is_kept(self, handle: str, recorded: Mapping[str, Any]) -> bool:
        """Whether the bot belongs to another resource of this run by now, or is left to one that declares it.

        :raises RefusedError: it can't be told, or another resource of the program declares it and may not have it.
        """
        owner = recorded.get(RESOURCE)
        if not self._waited_for_the_diff(handle):
            raise RefusedError(
                f"the resource {self._registry.claimed_by(handle)} of this program has a bot of this handle too, and "
                "the engine did not ask about that one",
                "It was not deleted. Run `pulumi up` for both, without --target.",
            )
        if self._registry.has(handle, Mark.ELSEWHERE):
            raise RefusedError(
                f"the resource {self._registry.claimed_by(handle)} of this program declares this bot too, and the "
                "state has it at another address",
                "It was not deleted. To let that resource have this one, run `pulumi refresh` and then `pulumi up`, "
                f"both with POE_MISSING_IS_GONE={handle} in the environment. The bot of the other address is then in "
                "no stack.",
            )
        if self._registry.has(handle, Mark.ALIVE):
            logger.warning(
                "bot %r is kept: another resource of this stack manages it now. Only its old entry in the state is "
                "removed.",
                handle,
            )
            return True
        if self._registry.has(handle, Mark.FAILED):
            raise RefusedError(
                "the program declares this bot under another resource, which failed in this run",
                "It was not deleted. Mend what the error of that resource says, then run `pulumi up` again.",
            )
        adopter = self._wait_for_the_adopter(handle, owner)
        if adopter is None:
            self._require_that_the_new_one_is_there(handle)
            self._require_that_nobody_else_declares(handle, owner)
            return False
        self._leave(handle, recorded, adopter)
        return True

    def warn_of_a_race(self, handle: str) -> None:
        """One resource deletes the bot before it is replaced, and another adopts it."""
        leaver = self._registry.seen(handle).deleted_first
        adopter = None if leaver is None else self._adopter(handle, leaver.name)
        if adopter is not None:
            self._session.warn_once(
                f"bot {handle!r} goes from the resource {leaver}, which has delete_before_replace, to the resource "
                f"{adopter}, which adopts it. So it is not deleted; until that resource has it, no entry of the state "
                "does."
            )

    def _leave(self, handle: str, recorded: Mapping[str, Any], adopter: Resource) -> None:
        account = self._account_of(handle, adopter)
        if account is None or not self._session.proof.is_of_the_key_in_use(account):
            raise RefusedError(
                f"the resource {adopter} of this program adopts this bot with another Poe key, whose account may not "
                "have it",
                "It was not deleted. Let that resource take it over first: leave delete_before_replace out for one "
                "run. A bot can't move between accounts.",
            )
        # What another account has is neither handed over in this one nor deleted.
        self._session.proof.require_the_account_of(handle, recorded)
        self._registry.mark(handle, Mark.LEFT)
        logger.warning(
            "bot %r is not deleted: it is left to the resource %s, which adopts it. No entry of the state has it until "
            "then.",
            handle,
            adopter,
        )

    def _require_that_the_new_one_is_there(self, handle: str) -> None:
        """Deleted before it is replaced, a bot could be one that another resource of the program is to take over.

        A resource that says beforehand that its bot is deleted first names all bots of the program, so that each
        resource that adopts it is known.
        """
        seen = self._registry.seen(handle)
        if seen.replaced_by is None or seen.deleted_first is not None:
            return
        if not self._registry.has(seen.replaced_by, Mark.ALIVE):
            raise RefusedError(
                "the bot is to be deleted before the one that replaces it is there, and whether another resource of "
                "the program takes it over can't be known yet",
                "It was not deleted. Set delete_before_replace=False on its resource: bots of different handles don't "
                "stand in each other's way.",
            )

    def _require_that_nobody_else_declares(self, handle: str, owner: object) -> None:
        seen = self._registry.seen(handle)
        declares, has_it = seen.claim or seen.announced.get(False), _who_has(seen, owner)
        if declares is not None and has_it is not None and declares.name != has_it:
            raise RefusedError(
                f"the resource {declares} of this program declares this bot too, and may not take it over",
                "It was not deleted. To hand it over with its users, set adopt=True on that resource; to have it "
                "deleted and made anew, leave that resource out of the program for one run.",
            )

    def _waited_for_the_diff(self, handle: str) -> bool:
        """Whether it is known what becomes of the bot of the resource that declares the handle and has one.

        The state may have it at another address, which only its diff can tell. That is waited for.
        """
        return any(not self._registry.has(handle, Mark.CHECKED) for _ in _looks())

    def _wait_for_the_adopter(self, handle: str, owner: object) -> Resource | None:
        """:meth:`_adopter`, once the engine has asked for it, if the program has announced one of another Provider.

        Only then is its key known, and the process of its Provider may just be starting.
        """
        for _ in _looks():
            adopter = self._adopter(handle, owner)
            if adopter is None or self._is_known(handle, adopter):
                break
        return adopter

    def _adopter(self, handle: str, owner: object) -> Resource | None:
        """The resource that declares the handle with adopt, if it is another than the one that has the bot now."""
        seen = self._registry.seen(handle)
        adopter = seen.claim if Mark.ADOPTING in seen.marks else seen.announced.get(True)
        return None if adopter is None or adopter.name == _who_has(seen, owner) else adopter

    def _account_of(self, handle: str, adopter: Resource) -> str | None:
        """The fingerprint of its address and key; empty if it has the Provider of the one that gives the bot up.

        None if it is not known whether it has the same account.
        """
        seen = self._registry.seen(handle)
        if seen.claim == adopter:
            return seen.account
        return "" if self._is_known(handle, adopter) else None

    def _is_known(self, handle: str, adopter: Resource) -> bool:
        seen = self._registry.seen(handle)
        # The bot is that of the Provider that deletes it, whichever its resource has by now.
        own = self._session.settings.provider or ""
        return seen.claim == adopter or (seen.deleted_first is not None and own == adopter.provider)


def _who_has(seen: Seen, recorded: object) -> object:
    """The name of the resource that has a bot: as recorded, unless it has another name by now."""
    return recorded if recorded in seen.owners or not seen.owners else seen.owners[-1]


def _looks() -> Iterator[None]:
    """Until a look has seen enough, or nothing more is to be expected."""
    ends = machine.monotonic() + _PATIENCE
    yield
    while machine.monotonic() <= ends:
        machine.sleep(LOOKS_AGAIN)
        yield
