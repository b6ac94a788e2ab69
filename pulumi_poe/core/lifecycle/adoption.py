"""May a bot that exists be taken over? And if not, what is the likeliest way out?"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..bot import comparing, drift
from ..bot.fields import API_KEY, is_api_bot
from ..bot.handles import canonical_handle
from ..errors import BotExistsError, NotFoundError, RefusedError
from ..values.trees import at
from ..values.unknown import UNKNOWN
from .change import Change
from .record import properties, recorded
from .registry import Mark

if TYPE_CHECKING:
    from .session import Session


logger = logging.getLogger("pulumi_poe")


def is_permitted(session: Session, handle: str, adopt: Any) -> bool:
    """Whether a resource may take the bot of a handle over: because it says so, or the settings do of that handle.

    :param adopt: what the resource says; it may be unknown, and then it is decided when it is known.
    """
    return adopt in (True, UNKNOWN) or session.settings.may_adopt(handle)


def refuse_unless_adoptable(session: Session, declared: Mapping[str, Any], existing: Mapping[str, Any]) -> None:
    """Return if a create of the declared bot may take over the one that the account has.

    :raises BotExistsError: the program does not say so. Names the way out that fits what this run has seen.
    :raises RefusedError: it is no API bot.
    """
    handle = declared["handle"]
    if not session.registry.has(handle, Mark.ADOPTING):
        raise BotExistsError(
            f"this account already has a bot {existing.get('handle')!r}",
            f"{_likeliest_way_out(session, handle)} All ways: docs/troubleshooting.md, 'The bot exists already'.",
        )
    # A bot that was declared without an endpoint may have been made by a run that was killed.
    if not is_api_bot(existing) and not drift.has_nothing_beyond(existing, properties(declared)):
        raise RefusedError(
            "this account has a bot of this handle that is no API bot (it has no api_bot_settings)",
            "If another resource of this stack made it so, give this one aliases=[pulumi.Alias(name='…')]; else "
            "choose another handle, or delete that bot on poe.com.",
        )


def found(session: Session, handle: str) -> dict[str, Any] | None:
    """A bot that is taken into the state as it is: what to record, or None if the account does not have it.

    :raises RefusedError: it is no API bot.
    """
    from ..bot.declaring import existing  # loads pydantic's core

    answered = session.snapshot.bot(handle)
    # Without a letter or digit there is nothing to compare, and the path would be that of the list.
    if answered is None and canonical_handle(handle):
        try:
            answered = session.ask(handle, session.connection.budget())
        except NotFoundError:
            return None
    if answered is None:
        return None
    if not is_api_bot(answered):
        raise RefusedError(
            "this account's bot of this handle is no API bot (it has no api_bot_settings)", "Nothing was imported."
        )
    bot = existing(answered)
    left_out = [".".join(path) for path in (*bot.unknown, *(path for path, _ in bot.refused))]
    if left_out:
        logger.warning("bot %r: not imported is what a program can't declare: %s.", handle, ", ".join(left_out))
    session.registry.mark(handle, Mark.READ)
    return recorded(session, bot.declared)


def tell_of_the_adoption(session: Session, declared: Mapping[str, Any], existing: Mapping[str, Any]) -> None:
    """What the preview's fields can't show: how the bot that is taken over differs from the program."""
    change = Change(properties(declared), {})
    different = [
        path
        for path, value in change.written.items()
        if path != API_KEY and not comparing.same(path, value, at(existing, path))
    ]
    names = ", ".join(sorted(map(change.in_the_program, different)))
    session.warn_once(
        f"bot {declared['handle']!r} is there already and is taken over. "
        f"{f'This changes {names}.' if names else 'It is as the program declares it.'}"
    )


def _likeliest_way_out(session: Session, handle: str) -> str:
    """What to do about a bot that exists, for what this run has seen of it."""
    registry = session.registry
    owner, claimed = registry.owner(handle), registry.claimed_by(handle)
    taking_over = session.settings.how_to_adopt(handle)
    if owner is not None and claimed is not None and owner == claimed.name:
        return (
            f"To replace it under its own handle, {taking_over}; or delete it first, with delete_before_replace=True."
        )
    if owner is not None:
        return (
            f"The resource {owner!r} of this stack has it, and goes to another handle in this run. To take it over, "
            f"{taking_over}."
        )
    lost = (
        ""
        if registry.has_owners()
        else " If the stack has lost its state, other bots of the program may be there too: POE_ADOPT='*' in the "
        "environment takes over all of them, for one run."
    )
    return (
        "If its resource was renamed in the program, give the new one aliases=[pulumi.Alias(name='…')]. To take the "
        f"bot over, as after a run that was killed, {taking_over}.{lost}"
    )
