"""How does a picture go with a question?"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final

from ..core.errors import RefusedError
from ..core.values.text import printable

LONGEST: Final = 20 * 2**20
"""Bytes of a question, with the whole conversation. What Poe takes is not known; the local Poe takes so many."""

_LARGEST: Final = LONGEST * 3 // 4 - 2**16
"""Bytes of a file: base64 makes four of three, and something stands around it."""


def data_url(path: Path) -> str:
    """The picture in a file, as it is sent.

    :raises RefusedError: there is none, or it is too large.
    """
    name = printable(str(path))
    try:
        if path.exists() and not path.is_file():  # to read a pipe might take for ever
            raise RefusedError(f"{name} is no file", "Nothing was sent.")
        if path.stat().st_size > _LARGEST:
            raise RefusedError(
                f"{name} is too large for a question, which may have {LONGEST >> 20} MB with all that was said",
                "Make it smaller. Nothing was sent.",
            )
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no path"
        raise RefusedError(f"the image {name} can't be read: {why}", "Nothing was sent.") from None
    type_ = media_type(content)
    if type_ is None:
        raise RefusedError(
            f"{name} is no image that a bot takes", "Those are PNG, JPEG, GIF and WebP. Nothing was sent."
        )
    return f"data:{type_};base64,{base64.b64encode(content).decode('ascii')}"


def media_type(content: bytes) -> str | None:
    r"""What a file is by its first bytes, whatever it is called; None if it is none of what OpenAI's API takes.

    >>> media_type(b"\x89PNG\r\n\x1a\n"), media_type(b"<svg>")
    ('image/png', None)
    """
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return None
