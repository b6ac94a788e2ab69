"""How Poe compares handles."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(10_000)  # each bot's is asked for some twenty times a command
def canonical_handle(handle: str) -> str:
    """The form in which Poe compares handles (section 4.4): without case, ``-``, ``_`` and ``.``.

    >>> canonical_handle("Acme-Reasoner") == canonical_handle("acme_reasoner")
    True
    """
    return re.sub(r"[-_.]", "", handle).lower()


def same_handle(one: object, other: object) -> bool:
    """Whether both are handles, and the same one."""
    return isinstance(one, str) and isinstance(other, str) and canonical_handle(one) == canonical_handle(other)
