"""What may be done with a bot, and when is it refused? One method for each of the engine's operations.

Handles are global on Poe, POST and PUT both overwrite, nothing has versions, and a 404 may mean "not yours". What
follows from this is here, in the order of a bot's life; each question that an operation asks has a module beside this.

Two words are used throughout. *Declared* is what the program says about a bot, with Poe's JSON keys. *Recorded* is what
the last operation returned for the state: see :mod:`.record`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from .. import machine
from ..bot import drift
from ..errors import NotFoundError, NotYoursError, PoeError, RefusedError, UnreachableError, as_poe_error, doing
from ..poe.pacing import Budget
from . import adoption, creating
from .change import Change
from .creating import LookAgainError
from .difference import Difference, difference_of
from .handover import Handover
from .preview import Preview
from .record import FINGERPRINT, properties, recorded
from .registry import Mark
from .session import Session, logger
from .updating import Updating

_LOOKS: Final = 3
"""How often a create looks again at a bot that comes and goes under its hands."""


@dataclass(frozen=True)
class Created:
    """What a create has made.

    :param id: the handle as it was declared: how the engine knows the bot from now on.
    :param record: what to record.
    """

    id: str
    record: dict[str, Any]


class Operations:
    """All that the engine asks of the bots of one account. Thread-safe.

    :param session: of the account.

    Every method raises :class:`~pulumi_poe.core.errors.PoeError`, with the bot and the operation named.

    Example::

        bots = Operations(Session(Settings.load(config.get, os.environ)))
        created = bots.create({"handle": "Acme-Reasoner", "is_private": True})
        bots.delete(created.id, created.record)
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._registry = session.registry
        self._handover = Handover(session)
        self._updating = Updating(session)
        self._preview = Preview(session)
        # All that is said before anything is written is the preview's.
        self.check = self._preview.check

    def diff(self, handle: str, before: Mapping[str, Any], declared: Mapping[str, Any]) -> Difference:
        """See :func:`.difference.difference_of`."""
        return difference_of(self._session, handle, before, declared)

    def create(self, declared: Mapping[str, Any]) -> Created:
        """Create a bot, or take over the account's bot where the program says so.

        :raises BotExistsError: the account has a bot of this handle.
        :raises HandleTakenError: another account has one.
        """
        with self._operation("create", declared.get("handle")):
            self._preview.require_valid(declared)
            handle = declared["handle"]
            self._session.hide_secrets_of(declared)
            with self._registry.turn(handle):
                try:
                    self._session.proof.require_the_account_of_the_replaced(
                        handle, self._registry.predecessor_of(handle)
                    )
                    self._create_or_adopt(handle, properties(declared))
                except PoeError as error:
                    self._registry.mark(handle, Mark.FAILED)
                    if self._registry.has(handle, Mark.LEFT):
                        raise error.with_more_advice(
                            f"No entry of the state has the bot {handle!r} now: this run left it to this resource. The "
                            "next `pulumi up` takes it over."
                        ) from error
                    raise
                self._registry.keep_alive(handle)
                return Created(handle, recorded(self._session, declared))

    def _create_or_adopt(self, handle: str, declared: Mapping[str, Any]) -> None:
        existing = self._session.snapshot.bot(handle)
        budget = self._session.connection.budget()
        if existing is not None and self._registry.has(handle, Mark.DELETED):
            existing = self._look_by_name(handle, budget)
        denied: PoeError | None = None
        for _ in range(_LOOKS):
            try:
                if existing is None:
                    if self._registry.has(handle, Mark.ADOPTING):
                        logger.info("bot %r: there was nothing to adopt, so it is created.", handle)
                    creating.post(self._session, declared, budget)
                else:
                    adoption.refuse_unless_adoptable(self._session, declared, existing)
                    self._updating.change(handle, Change(declared, {}), budget)
                return
            except LookAgainError:
                with budget.paused():
                    existing = self._session.snapshot.bot(handle)
            except (NotFoundError, NotYoursError) as error:
                if existing is None:
                    if isinstance(error, NotYoursError):
                        raise error.with_more_advice("For a new bot choose another handle.") from error
                    raise
                denied, existing = error, self._look_by_name(handle, budget)
        if denied is not None and existing is not None:
            raise denied  # it is shown, and can't be written
        raise RefusedError("the bot comes and goes while it is looked at", "Nothing was changed. Try again.")

    def _look_by_name(self, handle: str, budget: Budget) -> Mapping[str, Any] | None:
        try:
            return self._session.ask(handle, budget)
        except NotFoundError:
            return None

    def read(self, handle: str, before: Mapping[str, Any]) -> dict[str, Any] | None:
        """What Poe has of the recorded properties, or None if the bot is proven to be gone.

        :returns: what to record.
        :raises ElsewhereError: it was last seen at another address.
        :raises NotProvenGoneError: Poe does not show it, and that proves nothing.
        """
        with self._operation("read", handle):
            if not self._session.proof.is_at_this_address(handle, before):
                return None
            self._session.hide_secrets_of(before)
            found = self._session.snapshot.bot(handle)
            if found is None:
                try:
                    found = self._session.connection.client.get_bot(handle, self._session.connection.budget())
                except (NotFoundError, NotYoursError) as error:
                    self._session.proof.require_that_gone(handle, before, error)
                    self._session.proof.point_to_a_renamed_bot(handle, before)
                    return None
            self._registry.mark(handle, Mark.READ)
            on_poe = drift.projected(properties(before), found)
            return recorded(self._session, on_poe, before, last=before.get(FINGERPRINT))

    def find(self, handle: str) -> dict[str, Any] | None:
        """What to record of a bot that no state has yet: all that a program can declare. None without one."""
        with self._operation("import", handle):
            return adoption.found(self._session, handle)

    def update(self, handle: str, before: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
        """Change what the preview showed; create the bot again if it is proven to be gone.

        :returns: what to record.
        :raises RefusedError: a property was taken out, and the endpoint's key, which Poe needs for that, is
            not declared.
        :raises ElsewhereError: it was last seen at another address.
        :raises NotProvenGoneError: Poe does not show it, and that proves nothing.
        """
        with self._operation("update", handle):
            if not self._session.proof.is_at_this_address(handle, before):
                return self.create(declared).record
            self._preview.require_valid(declared)
            change = Change(properties(declared), properties(before))
            with self._registry.turn(handle):
                if not change.written and not change.taken_out:
                    self._registry.keep_alive(handle)
                    return recorded(self._session, change.declared, before, unseen=True)
                self._session.hide_secrets_of(before)
                self._session.hide_secrets_of(declared)
                budget = self._session.connection.budget()
                try:
                    self._updating.change(handle, change, budget)
                except (NotFoundError, NotYoursError) as error:
                    with budget.paused():
                        self._session.proof.require_that_gone(handle, before, error)
                    self._create_again(handle, change.declared, budget)
                else:
                    self._session.proof.tell_of_a_rotated_key(handle, before.get(FINGERPRINT))
                self._registry.keep_alive(handle)
                return recorded(self._session, change.declared, before)

    def _create_again(self, handle: str, declared: Mapping[str, Any], budget: Budget) -> None:
        try:
            creating.post(self._session, declared, budget)
        except LookAgainError:
            raise RefusedError(
                "the bot was gone, and one of this handle is there again",
                "It was not written. `pulumi up --refresh` shows how it differs from the program.",
            ) from None
        creating.tell_that_created_again(handle)

    def delete(self, handle: str, before: Mapping[str, Any]) -> None:
        """Delete the bot for good. Not if another resource of this run manages it now, or will.

        :raises RefusedError: a create of this handle failed in this run, so the program still wants the bot.
        :raises ElsewhereError: it was last seen at another address.
        :raises NotProvenGoneError: Poe does not show it, and that proves nothing.
        """
        with self._operation("delete", handle):
            if not self._session.proof.is_at_this_address(handle, before):
                return
            with self._registry.turn(handle):
                if self._handover.is_kept(handle, before):
                    return
                self._session.hide_secrets_of(before)
                connection = self._session.connection
                try:
                    connection.client.delete_bot(handle, connection.budget())
                except (NotFoundError, NotYoursError) as error:
                    # Also after a lost answer: it says nothing of whose the bot is.
                    self._session.proof.require_that_gone(handle, before, error)
                else:
                    self._session.proof.tell_of_a_rotated_key(handle, before.get(FINGERPRINT))
                self._session.snapshot.remove(handle)
                self._registry.mark(handle, Mark.DELETED)

    @contextmanager
    def _operation(self, name: str, handle: object) -> Iterator[None]:
        with doing(f"{name} bot {handle!r}"):
            if machine.is_ending():
                raise RefusedError("the run was ended before this began", "Nothing was sent.")
            try:
                yield
            except PoeError as error:
                if isinstance(error, UnreachableError) and name != "read":
                    self._session.snapshot.forget()  # what was written may have taken effect
                raise
            except Exception as fault:
                self._session.snapshot.forget()
                raise as_poe_error(fault) from fault
