"""How numbers of things are said."""

from __future__ import annotations


def counted(count: int, thing: str) -> str:
    """A number and its noun, which takes an s where there is not just one.

    >>> counted(1, "bot"), counted(0, "bot"), counted(3, "API bot")
    ('1 bot', '0 bots', '3 API bots')
    """
    return f"{count} {thing}{'' if count == 1 else 's'}"
