"""What may be shown of a text that somebody else wrote?"""

from __future__ import annotations

import json

_LONGEST = 300


def one_line(text: str, longest: int = _LONGEST) -> str:
    """The text on one line, without what would move the cursor of a terminal, and not too long."""
    # What would be cut off anyway is not looked at.
    line = " ".join(text[: longest * 4].split())
    shown = "".join(character if character.isprintable() else "\ufffd" for character in line)
    return shown if len(shown) <= longest and len(text) <= longest * 4 else f"{shown[:longest]} …"


def without(secret: object, text: str) -> str:
    """The text without a key, also where it stands in a JSON string of the text."""
    for spelling in _spellings(secret):
        text = text.replace(spelling, "***")
    return text


def _spellings(secret: object) -> list[str]:
    """How a key may be written. JSON escapes quotes and backslashes, and some escape slashes too, as PHP does."""
    if not isinstance(secret, str) or not secret:
        return []
    escaped = json.dumps(secret)[1:-1]
    return [escaped.replace("/", "\\/"), escaped, secret]
