"""The mark of a value that is not known yet."""

from __future__ import annotations

from typing import Final


class Unknown:
    """A value that is not known yet, as in a preview. There is one: :data:`UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
