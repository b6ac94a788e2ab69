"""What does a program change about a recorded bot? And does the bot lie where it can be changed?"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..bot import comparing
from ..bot.fields import API_KEY
from ..bot.handles import same_handle
from ..errors import NotProvenGoneError, PoeError, RefusedError, doing
from ..values.trees import Path, at
from .change import Change
from .record import FINGERPRINT, MOVES, PROVIDER_NAME, properties
from .registry import Mark

if TYPE_CHECKING:
    from .session import Session

logger = logging.getLogger("pulumi_poe")


@dataclass(frozen=True)
class Difference:
    """What a program changes about a recorded bot.

    :param paths: the leaves that differ, in the program's spelling of their places.
    :param replaces: it is another bot, because the handle is another.
    :param taken_out: the leaves of Poe's body that are no longer declared, and that Poe removes only when the whole bot
        is sent again. Empty if it is another bot.
    :param moves: the other shell has recorded it, so the state is written anew whatever else differs.
    """

    paths: list[Path] = field(default_factory=list)
    replaces: bool = False
    taken_out: list[Path] = field(default_factory=list)
    moves: bool = False

    @property
    def changed(self) -> bool:
        """Something differs, or the record is to be written anew."""
        return self.replaces or self.moves or bool(self.paths)


def difference_of(
    session: Session, handle: str, recorded: Mapping[str, Any], declared: Mapping[str, Any]
) -> Difference:
    """What the program changes.

    :param handle: the bot's id: its handle as it was declared when it was created.
    :raises RefusedError: it moves over from the other shell, and the program has not all that the state has.
    :raises ElsewhereError: something changes, and the bot was last seen at another address.
    :raises NotProvenGoneError: the bot is declared in another account than the one that has it.
    """
    wanted = declared.get("handle")
    change = Change(properties(declared), properties(recorded))
    paths = comparing.differing(change.declared, change.recorded)
    replaces = isinstance(wanted, str) and not same_handle(handle, wanted)
    taken_out = change.taken_out if paths and not replaces else []
    difference = Difference(paths, replaces, taken_out, moves=MOVES in recorded)
    _note_its_place(session, handle, recorded, change, difference)
    if difference.moves and not difference.replaces:
        session.tell_once(
            "bots move over from the other shell of pulumi-poe: their entries in the state are written anew, and "
            "nothing is sent to Poe for that."
        )
    if isinstance(wanted, str) and difference.replaces:
        _note_the_replacement(session, handle, wanted, recorded)
    elif isinstance(wanted, str) and wanted != recorded.get("handle"):
        logger.info(
            "bot %r is declared as %r. For Poe that is the same handle; how it is shown can only be "
            "changed on poe.com.",
            handle,
            wanted,
        )
    if difference.taken_out:
        _tell_of_the_endpoints_key(session, handle, change)
    return difference


def _note_its_place(
    session: Session, handle: str, recorded: Mapping[str, Any], change: Change, difference: Difference
) -> None:
    """Whether the bot of a resource that goes on declaring it is here, is what others wait for who have it too."""
    # A refresh asks for a difference too, and says nothing of the program.
    stays = not difference.replaces and session.registry.claimed_by(handle) is not None
    is_elsewhere = session.proof.is_elsewhere(handle, recorded)
    if stays and is_elsewhere:
        session.registry.settle(handle, Mark.ELSEWHERE)
    with doing(f"move bot {handle!r} over" if difference.moves else f"change bot {handle!r}"):
        try:
            _require_its_place(session, handle, recorded, difference)
            if difference.moves and not difference.replaces:
                _require_that_all_moves(change)
        except PoeError:
            if stays:
                session.registry.settle(handle, Mark.FAILED)
            raise
    if stays and not is_elsewhere:
        session.registry.keep_alive(handle)


def _require_its_place(session: Session, handle: str, recorded: Mapping[str, Any], difference: Difference) -> None:
    """The bot is at the address and in the account in use, as far as it matters and is known."""
    # Even where nothing differs, the state would have it with the other Provider, and so perhaps in an account that
    # does not have it.
    moves = recorded.get(PROVIDER_NAME) != session.settings.provider
    if difference.changed or moves:
        session.proof.is_at_this_address(handle, recorded)
    if difference.replaces:
        return
    try:
        session.proof.require_the_account_of(handle, recorded, session.list_for_preview)
    except NotProvenGoneError:
        raise
    except PoeError as error:
        if moves:
            raise
        session.warn_once(f"Whether the account of the key in use has the bots could not be looked up: {error}")


def _require_that_all_moves(change: Change) -> None:
    """A bot that moves over takes all that the state has of it along.

    What the program takes out can't be told from what it tells the engine to ignore: that looks for the old value under
    the new name, finds none, and leaves the property out. On Poe it would go back to its default, or be removed.
    """
    left_out = sorted(map(change.in_the_program, change.left_out))
    if left_out:
        raise RefusedError(
            f"the state has {', '.join(left_out)} of it, and the program does not",
            "Nothing was changed. Until the bot has moved, declare all that the state has, without ignore_changes for "
            "it. Then take it out, or ignore it again.",
        )


def _note_the_replacement(session: Session, handle: str, wanted: str, recorded: Mapping[str, Any]) -> None:
    # A bot with another Provider is deleted by the one that it had.
    if recorded.get(PROVIDER_NAME) == session.settings.provider:
        session.registry.replace(wanted, handle, recorded.get(FINGERPRINT))
    logger.warning(
        "bot %r is replaced by a new bot %r: users, picture and sharing stay with the old one, which %s. A "
        "handle can only be changed on poe.com.",
        handle,
        wanted,
        "stays on Poe, in no stack" if session.registry.has(wanted, Mark.RETAINED) else "is deleted",
    )


def _tell_of_the_endpoints_key(session: Session, handle: str, change: Change) -> None:
    """The one write of something that the preview's fields do not show."""
    names = ", ".join(sorted(map(change.in_the_program, change.taken_out)))
    if at(change.declared, API_KEY) is None:
        session.warn_once(
            f"bot {handle!r}: to remove {names} from it, the whole bot has to be sent again, the endpoint's "
            "api_key included. It is not declared, so `pulumi up` will refuse this if Poe still has them."
        )
    else:
        session.warn_once(
            f"bot {handle!r}: to remove {names} from it, the whole bot is sent again, and with it the endpoint's "
            "api_key as the state and the program have it. A key that was set on poe.com is replaced."
        )
