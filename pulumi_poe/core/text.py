"""Text for people: what came from outside made fit for a terminal and a log, and how numbers of things are said.

Poe's answers, handles and settings may hold anything. Raw, an escape sequence moves the cursor of a terminal, and a
line feed fakes another line. Whatever is shown to a person goes through here, after secrets were taken out of it: a
secret that was changed before could no longer be found. Nothing is left out, so that no two pieces become one.
"""

from __future__ import annotations

import logging


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


class OneLineFormatter(logging.Formatter):
    """Writes each record on one line, whatever its arguments hold."""

    def format(self, record: logging.LogRecord) -> str:
        """The whole record, a traceback too."""
        return one_line(super().format(record))
