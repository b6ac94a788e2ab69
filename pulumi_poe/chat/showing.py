"""What of an answer may a terminal get?"""

from __future__ import annotations

import io
import unicodedata
from typing import Final

from ..core.values.text import printable

_JOINERS: Final = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff") | {chr(code) for code in range(0xE0020, 0xE0080)}
"""Formats that join or part what stands beside them, as in emoji and in Persian, and move nothing."""


class Harmless:
    r"""Makes an answer fit for a terminal, piece by piece. Lines, tabs, spaces of all widths and emoji stay.

    A model may answer an escape sequence, which would move the cursor, or what turns the direction of writing.

    >>> harmless = Harmless()
    >>> harmless.shown("one\r") + harmless.shown("\n\ttwo\x1b[2J") + harmless.rest()
    'one\n\ttwo�[2J'
    """

    def __init__(self) -> None:
        self._lines = io.IncrementalNewlineDecoder(None, translate=True)

    def shown(self, piece: str) -> str:
        """What is shown for the next piece."""
        return _harmless(self._lines.decode(piece))

    def rest(self) -> str:
        """What is shown at the end, for a line's end of which nobody could know yet whether it is one."""
        return _harmless(self._lines.decode("", final=True))


def harmless(text: str) -> str:
    """A whole text of several lines."""
    whole = Harmless()
    return whole.shown(text) + whole.rest()


def _harmless(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(one if _may_pass(one) else printable(one) for one in text)


def _may_pass(one: str) -> bool:
    return one in "\n\t" or one in _JOINERS or unicodedata.category(one) == "Zs"
