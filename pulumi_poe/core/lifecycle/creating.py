"""How is a new bot made? On a look that shows that there is none, and settled by reading when its answer is lost."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..bot import drift, fields
from ..bot.handles import page_of
from ..errors import LostAnswerError, NotFoundError, OverwroteError, PoeError, RefusedError
from ..poe.pacing import retrying
from .registry import Mark

if TYPE_CHECKING:
    from ..poe.pacing import Budget
    from .session import Session

logger = logging.getLogger("pulumi_poe")


class LookAgainError(Exception):
    """What was to be written is not what is due any more: the bot was changed since it was looked at."""


def post(session: Session, declared: Mapping[str, Any], budget: Budget) -> None:
    """Create a bot that Poe does not have: POST, and settle by reading whenever the answer was lost.

    :raises LookAgainError: somebody else made it meanwhile; nothing was sent since.
    :raises OverwroteError: it came into being too late to be seen.
    """
    bot = fields.body(declared)
    handle = bot["handle"]
    sent_before = False

    def body() -> Mapping[str, Any]:
        with budget.paused():
            is_there = session.snapshot.bot(handle) is not None
        if is_there:
            raise LookAgainError
        return bot

    created = False
    for attempt in retrying(budget, lambda error: isinstance(error, LostAnswerError) and error.is_absent):
        with attempt:
            try:
                created = session.connection.client.create_bot(body, budget, session.is_old(handle))
            except LookAgainError:
                if not sent_before:
                    raise
            except LostAnswerError as lost:
                sent_before = True
                if not _came_into_being(session, declared, lost, budget):
                    raise _may_exist(session, handle, lost, is_absent=True) from lost
                created = True
    if not created and not (sent_before and _came_into_being(session, declared, None, budget)):
        session.snapshot.forget()
        if not session.registry.has(handle, Mark.ADOPTING):
            raise OverwroteError(
                "the bot came into being between the check and the write, so Poe merged this one into it",
                f"Whoever made {handle!r} may have lost settings: look at {page_of(handle)}. Then run "
                "`pulumi up` again; if it says that the bot exists and it is yours to manage here, set adopt=True.",
            )
        return  # what a POST merges is what adopting does
    session.enter(handle, bot, under={path[0]: value for path, value in fields.DEFAULTS.items()})


def _came_into_being(
    session: Session, declared: Mapping[str, Any], lost: LostAnswerError | None, budget: Budget
) -> bool:
    """Whether a create whose answer was lost took effect."""
    handle = declared["handle"]
    try:
        found = session.ask(handle, budget)
    except NotFoundError:
        return False
    except PoeError as error:
        raise _may_exist(session, handle, lost or error) from error
    if drift.holds(found, declared):
        return True
    raise RefusedError(
        "the answer to the create was lost, and Poe has a bot of this handle that is not what was sent",
        f"Look at {page_of(handle)}; if it is yours to manage here, set adopt=True.",
    )


def _may_exist(session: Session, handle: str, error: PoeError, *, is_absent: bool = False) -> LostAnswerError:
    return LostAnswerError(
        error.problem,
        f"The bot may or may not exist now: see {page_of(handle)}. Run `pulumi up` again; if it then says "
        f"that the bot exists, take it over: {session.settings.how_to_adopt(handle)}.",
        is_absent=is_absent,
    )


def tell_that_created_again(handle: str) -> None:
    """Say that a bot of the state was gone."""
    logger.warning("bot %r was gone from Poe and is created again.", handle)
