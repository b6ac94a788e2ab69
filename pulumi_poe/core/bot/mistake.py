"""One mistake in a declared bot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..values.text import nearest, one_line


@dataclass(frozen=True)
class Mistake:
    """One mistake in a declared bot.

    :param path: where, in the user's spelling, such as ``api_bot_settings.pricing.prompt``.
    :param problem: what is wrong and what would be right. Never holds a value, which could be a secret.
    :param is_error: Poe forbids it or it can't work. Otherwise it is only suspicious.
    """

    path: str
    problem: str
    is_error: bool = True

    def __str__(self) -> str:
        return one_line(f"{self.path}: {self.problem}")


def warning(path: str, problem: str) -> Mistake:
    """A mistake that is only suspicious."""
    return Mistake(path, problem, is_error=False)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """The end of a sentence that offers the nearest right name, if one is near.

    >>> did_you_mean("base_ulr", ["base_url", "api_key"])
    "; did you mean 'base_url'?"
    """
    found = nearest(name, names)
    return f"; did you mean {found[0]!r}?" if found else ""
