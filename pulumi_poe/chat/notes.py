"""What does the local Poe say of an answer?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ..core.errors import PoeError
from .calling import Caller


@dataclass(frozen=True)
class Said:
    """What the local Poe knows of a conversation.

    :param cost: in US dollars, by the bot's own prices, also where the bot is somebody else's.
    :param notes: what the bot's owner should know.
    """

    cost: Decimal | None = None
    notes: Sequence[str] = ()


def said_of(caller: Caller, id_: str | None) -> Said:
    """What it says of the one with this id; nothing where it does not know it any more."""
    try:
        conversations = caller.control("/conversations").get("conversations")
    except PoeError:
        return Said()
    for one in conversations if isinstance(conversations, list) else []:
        if isinstance(one, dict) and id_ is not None and one.get("id") == id_:
            notes = one.get("notes")
            return Said(_amount(one.get("cost")), [str(note) for note in notes] if isinstance(notes, list) else [])
    return Said()


def _amount(cost: object) -> Decimal | None:
    try:
        return Decimal(cost) if isinstance(cost, str) else None
    except InvalidOperation:
        return None
