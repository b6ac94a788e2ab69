"""When two handles are the same to Poe, and where the page of a bot is."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote


@lru_cache(10_000)  # each bot's is asked for some twenty times a command
def canonical_handle(handle: str) -> str:
    """The form in which Poe compares handles (docs/poe-bots-api.md, 4.4): without case, ``-``, ``_`` and ``.``.

    >>> canonical_handle("Acme-Reasoner") == canonical_handle("acme_reasoner")
    True
    """
    return re.sub(r"[-_.]", "", handle).lower()


def same_handle(one: object, other: object) -> bool:
    """Whether both are handles, and the same one."""
    return isinstance(one, str) and isinstance(other, str) and canonical_handle(one) == canonical_handle(other)


def page_of(handle: str) -> str:
    """The public page of a bot.

    >>> page_of("Acme-Reasoner")
    'https://poe.com/Acme-Reasoner'
    """
    # Of half a character, which Poe's JSON can hold, no address can be made.
    return f"https://poe.com/{quote(handle, safe='', errors='replace')}"
