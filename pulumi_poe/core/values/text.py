"""Text for people: what came from outside made fit for a terminal and a log, and how numbers of things are said.

Poe's answers, handles and settings may hold anything. Raw, an escape sequence moves the cursor of a terminal, and a
line feed fakes another line. Whatever is shown to a person goes through here, after secrets were taken out of it: a
secret that was changed before could no longer be found. Nothing is left out, so that no two pieces become one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

_Value = TypeVar("_Value")


def printable(text: str) -> str:
    r"""The text with � for every character that can't be shown, line feeds too: for a value or a name.

    >>> printable("Acme\x1b[2J\n")
    'Acme�[2J�'
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def one_line(text: str) -> str:
    r"""A message on one line, with one space for each run of white space, and else as :func:`printable` has it.

    >>> one_line("Poe answered 400:\r\n  no\x07. ")
    'Poe answered 400: no�.'
    """
    return printable(" ".join(text.split()))


def counted(count: int, thing: str) -> str:
    """A number and its noun, which takes an s where there is not just one.

    >>> counted(1, "bot"), counted(0, "bot"), counted(3, "API bot")
    ('1 bot', '0 bots', '3 API bots')
    """
    return f"{count} {thing}{'' if count == 1 else 's'}"


def texts_in(value: Any) -> Iterator[str]:
    """Every text of a value of JSON, without the names.

    >>> list(texts_in({"a": ["b", {"c": "d"}], "e": 1}))
    ['b', 'd']
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from texts_in(inner)


def is_whole(text: str) -> bool:
    """Whether it has no half of a surrogate pair, which JSON can spell and hardly anything else."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def without_halves(value: _Value) -> _Value:
    """The same value of JSON, with a � for each half of a surrogate pair."""
    if isinstance(value, str):
        whole: Any = value if is_whole(value) else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    elif isinstance(value, Mapping):
        whole = {without_halves(name): without_halves(one) for name, one in value.items()}
    else:
        whole = [without_halves(one) for one in value] if isinstance(value, list) else value
    return whole  # type: ignore[no-any-return]  # the same shape, which can't be said


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """The names that are like a misspelt one, the nearest first.

    >>> nearest("base_ulr", ["base_url", "api_key"])
    ['base_url']
    """
    import difflib  # only where there is a mistake

    return difflib.get_close_matches(name, list(names))


class OneLineFormatter(logging.Formatter):
    """Writes each record on one line, whatever its arguments hold."""

    def format(self, record: logging.LogRecord) -> str:
        """The whole record, a traceback too."""
        return one_line(super().format(record))
