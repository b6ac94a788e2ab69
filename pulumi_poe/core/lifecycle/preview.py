"""What is wrong with a declared bot? All mistakes, and what Poe would refuse, before anything is written."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..bot import comparing
from ..bot.handles import canonical_handle, same_handle
from ..errors import BotExistsError, InvalidBotError, PoeError, RefusedError
from ..values.text import one_line
from ..values.unknown import UNKNOWN
from . import adoption
from .handover import Handover
from .record import properties
from .registry import Mark, Resource

if TYPE_CHECKING:
    from .session import Session

logger = logging.getLogger("pulumi_poe")


@dataclass(frozen=True)
class Checked:
    """What a check has found.

    :param inputs: what the state is to have as declared.
    :param mistakes: all that is wrong, one line each.
    """

    inputs: dict[str, Any]
    mistakes: list[str] = field(default_factory=list)


class Preview:
    """Checks.

    :param session: of the account.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._registry = session.registry
        self._handover = Handover(session)
        self._passed: set[str] = set()

    def check(
        self,
        declared: Mapping[str, Any],
        *,
        before: Mapping[str, Any],
        resource: Resource,
        deleted_first: bool | None = False,
        retained: bool = False,
        others: Sequence[tuple[str, Resource, bool]] = (),
    ) -> Checked:
        """All mistakes of a declared bot that can be known before it is written.

        :param declared: the properties, and ``adopt``: a bot of this handle that the account already has may be taken
            over. Any may be :data:`~pulumi_poe.core.values.unknown.UNKNOWN`.
        :param before: the properties that the state has for this resource; empty for a bot that is new to the stack.
        :param resource: which of the program's resources it is.
        :param deleted_first: if this resource is replaced, its bot is deleted before the new one is created; None if
            that can't be known.
        :param retained: if this resource is replaced, its bot stays on Poe.
        :param others: the handles that the program declares, as far as is known, their resources, and whether they
            adopt.
        """
        inputs = {name: value for name, value in declared.items() if name != "adopt"}
        before = properties(before)
        try:
            mistakes = self._mistakes(
                inputs, before, resource, declared.get("adopt", False), deleted_first, retained, others
            )
        except PoeError as error:
            mistakes = [str(error)]
        return Checked(inputs, list(map(one_line, mistakes)))

    def _mistakes(
        self,
        declared: Mapping[str, Any],
        before: Mapping[str, Any],
        resource: Resource,
        adopt: Any,
        deleted_first: bool | None,
        retained: bool,
        others: Sequence[tuple[str, Resource, bool]],
    ) -> list[str]:
        handle = declared.get("handle")
        self._note_what_the_state_has(before, handle, resource, deleted_first=deleted_first)
        for announced, other, adopts in others:
            self._registry.announce(announced, other, adopts=adopts)
        # First of all, because another resource may give the bot up at this moment.
        holder = None
        named = handle if isinstance(handle, str) and canonical_handle(handle) else None
        has_it = named is not None and same_handle(before.get("handle"), named)
        if named is not None:
            if has_it and self._registry.claimed_by(named) in (None, resource):
                self._registry.mark(named, Mark.CHECKED)
            may_adopt = adoption.is_permitted(self._session, named, adopt)
            if may_adopt:  # who deletes the bot at this moment must not find one who declares it and may not have it
                self._registry.announce(named, resource, adopts=True)
            holder = self._registry.claim(named, resource, self._session.proof.of_the_key_in_use)
            if retained:
                self._registry.mark(named, Mark.RETAINED)
            if may_adopt and holder is None:
                self._registry.mark(named, Mark.ADOPTING)
        # What has not changed was checked when it came into the state.
        is_unchanged = bool(before) and not comparing.differing(declared, before)
        mistakes = [] if is_unchanged else self._mistakes_of(declared)
        if adopt is not UNKNOWN and not isinstance(adopt, bool):
            mistakes.append("adopt: must be true or false")
        if holder is not None:
            mistakes.append(
                f"handle: the resource {holder} of this program declares the bot {handle!r} too, and a bot "
                "belongs to one resource. Handles are compared without case, '-', '_' and '.'"
            )
        if named is None or holder is not None:
            return mistakes
        mistakes = mistakes + self._mistakes_of_the_handle(named, declared, before, deleted_first)
        if mistakes and (has_it or self._registry.has(named, Mark.ADOPTING)):
            self._registry.settle(named, Mark.FAILED)  # nothing will be done with it, so its bot must not be given up
        return mistakes

    def require_valid(self, declared: Mapping[str, Any]) -> None:
        """Return if a bot may be written, now that all of its values are known.

        :raises InvalidBotError: it has mistakes that a check could not see yet.
        """
        if _digest(declared) in self._passed:
            return
        from ..bot import checks

        mistakes = [mistake for mistake in checks.mistakes(declared) if mistake.is_error]
        if mistakes:
            raise InvalidBotError("; ".join(map(str, mistakes)), "Nothing was sent.")

    def _note_what_the_state_has(
        self, before: Mapping[str, Any], handle: object, resource: Resource, *, deleted_first: bool | None
    ) -> None:
        has = before.get("handle")
        if not isinstance(has, str):
            return
        self._registry.own(has, resource.name)
        if deleted_first and isinstance(handle, str) and not same_handle(has, handle):
            self._registry.delete_first(has, resource)
            self._handover.warn_of_a_race(has)

    def _mistakes_of(self, declared: Mapping[str, Any]) -> list[str]:
        """What is wrong; what is only suspicious is logged."""
        from ..bot import checks  # loads pydantic's core, which an operation without a changed bot does without

        handle = declared.get("handle")
        found = checks.mistakes(declared, poe_is_here=self._session.settings.poe_is_here)
        for mistake in found:
            if not mistake.is_error:
                self._session.warn_once(f"bot {handle!r}: {mistake}" if isinstance(handle, str) else str(mistake))
        wrong = [str(mistake) for mistake in found if mistake.is_error]
        if not wrong and (passed := _digest(declared)) is not None:
            self._passed.add(passed)
        return wrong

    def _mistakes_of_the_handle(
        self, handle: str, declared: Mapping[str, Any], before: Mapping[str, Any], deleted_first: bool | None
    ) -> list[str]:
        """What is wrong with this resource having the bot, as far as this run knows."""
        self._handover.warn_of_a_race(handle)
        if before:
            return []
        # A replaced bot is checked a second time as if it were new. It is then known to be the stack's.
        is_own = self._registry.has(handle, Mark.ALIVE)
        self._registry.unmark(handle, Mark.ALIVE)
        self._registry.unmark(handle, Mark.CHECKED)
        if not is_own:
            return self._mistakes_seen_on_poe(handle, declared, deleted_first)
        if deleted_first is False and not self._registry.has(handle, Mark.ADOPTING):
            self._session.warn_once(
                f"bot {handle!r} is to be replaced under its own handle. Poe has one bot of a handle, so `pulumi "
                "up` will refuse it, unless it is deleted first. To keep the bot and write it anew, set adopt=True; to "
                "delete it first and lose its users, set delete_before_replace=True."
            )
        return []

    def _mistakes_seen_on_poe(self, handle: str, declared: Mapping[str, Any], deleted_first: bool | None) -> list[str]:
        """What a create would refuse, if Poe can be asked quickly."""
        if not self._session.can_look_up:
            return []
        try:
            self._session.hide_secrets_of(declared)
            existing = self._session.snapshot.bot(handle, self._session.list_for_preview)
            if existing is not None:
                adoption.refuse_unless_adoptable(self._session, declared, existing)
                adoption.tell_of_the_adoption(self._session, declared, existing)
        except RefusedError as error:
            if deleted_first is not False and isinstance(error, BotExistsError):
                # With --target-replace a replaced bot is checked once, just as a new one is.
                self._session.warn_once(
                    f"bot {handle!r}: unless this run deletes it first, `pulumi up` will refuse it: {error}"
                )
                return []
            return [f"handle: {error}"]
        except PoeError as error:
            if self._session.can_look_up:
                self._session.can_look_up = False
                logger.warning("Whether Poe already has the new bots could not be looked up: %s", error)
        return []


def _digest(declared: Mapping[str, Any]) -> str | None:
    """Of what a check looks at, without keeping it: it has secrets. None if something is not known yet."""
    try:
        return hashlib.blake2b(json.dumps(declared, sort_keys=True).encode()).hexdigest()
    except TypeError:
        return None
