"""How a bot is known outside of this package: by its type in every state, and by its page on poe.com."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

BOT_TYPE: Final = "pulumi-python:dynamic/poe:Bot"
"""The type of a bot in every state. It follows from the names that :class:`pulumi_poe.Bot` is declared with."""


def page_of(handle: str) -> str:
    """The public page of a bot.

    >>> page_of("Acme-Reasoner")
    'https://poe.com/Acme-Reasoner'
    """
    # Of half a character, which Poe's JSON can hold, no address can be made.
    return f"https://poe.com/{quote(handle, safe='', errors='replace')}"
