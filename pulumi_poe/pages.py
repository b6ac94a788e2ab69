"""Where a bot is seen on poe.com."""

from __future__ import annotations

from urllib.parse import quote


def page_of(handle: str) -> str:
    """The public page of a bot.

    >>> page_of("Acme-Reasoner")
    'https://poe.com/Acme-Reasoner'
    """
    return f"https://poe.com/{quote(handle, safe='')}"
