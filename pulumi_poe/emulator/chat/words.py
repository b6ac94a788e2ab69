"""What may be shown of a text that somebody else wrote?"""

from __future__ import annotations

_LONGEST = 300


def one_line(text: str, longest: int = _LONGEST) -> str:
    """The text on one line, without what would move the cursor of a terminal, and not too long."""
    # What would be cut off anyway is not looked at.
    line = " ".join(text[: longest * 4].split())
    shown = "".join(character if character.isprintable() else "\ufffd" for character in line)
    return shown if len(shown) <= longest and len(text) <= longest * 4 else f"{shown[:longest]} …"


def without(secret: object, text: str) -> str:
    """The text without a key."""
    return text.replace(secret, "***") if isinstance(secret, str) and secret else text
