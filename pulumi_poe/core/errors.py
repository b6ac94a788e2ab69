"""Every error that pulumi_poe raises. The words of each stand where it is raised.

::

    PoeError
    ├── SettingsError         a setting is missing or can't be used; nothing was sent
    ├── InvalidBotError       the declared bot has mistakes; nothing was sent
    ├── RefusedError          a rule of this provider forbids it; nothing was sent
    │   └── BotExistsError    the account already has a bot of this handle
    ├── UnreachableError      no usable answer from Poe
    │   └── LostAnswerError   a write was sent and its answer never came: it may have taken effect
    ├── AnswerError           Poe answered, and it was no success
    │   ├── KeyRefusedError   401
    │   ├── NotYoursError     403: the bot belongs to another account
    │   ├── NotFoundError     404 with Poe's own JSON error
    │   └── HandleTakenError  400: the handle belongs to another account
    ├── OverwroteError        a create found, too late, that the bot had come into being
    ├── NotProvenGoneError    Poe does not show the bot, and that proves nothing
    ├── ElsewhereError        the bot was last seen at another address; nothing was sent
    ├── EndpointError         a declared endpoint does not answer as Poe needs it to; Poe was sent nothing
    └── OwnFaultError         a fault of this package

Every message is one line that a terminal can show: what was being done to which bot, what happened, what to do next.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath

from .values.text import one_line


class PoeError(Exception):
    """What every error of pulumi_poe is.

    :param problem: what happened, as a sentence without its full stop.
    :param advice: what to do next, in full sentences; may be empty.
    """

    def __init__(self, problem: str, advice: str = "") -> None:
        super().__init__(problem, advice)
        self.problem = problem
        self.advice = advice
        self.action = ""

    def __str__(self) -> str:
        action = f"{self.action}: " if self.action else ""
        advice = f" {self.advice}" if self.advice else ""
        return one_line(f"{action}{self.problem}.{advice}")

    def while_doing(self, action: str) -> PoeError:
        """The same error with the operation named. A copy: threads may share what a shared request raised."""
        return self._with(action=action)

    def with_more_advice(self, advice: str) -> PoeError:
        """The same error that says more of what to do. A copy, too."""
        return self._with(advice=f"{self.advice} {advice}".strip())

    def _with(self, **attributes: str) -> PoeError:
        copy = self.__class__.__new__(self.__class__, *self.args)
        copy.__dict__.update(self.__dict__, **attributes)
        return copy


class SettingsError(PoeError):
    """A setting is missing or can't be used. Nothing was sent."""


class InvalidBotError(PoeError):
    """The declared bot has mistakes that can be seen without Poe. Nothing was sent."""


class RefusedError(PoeError):
    """A rule of this provider forbids the operation. Nothing was written."""


class BotExistsError(RefusedError):
    """The account already has a bot of this handle, and the program did not say to adopt it."""


class UnreachableError(PoeError):
    """No usable answer came from Poe: no connection, a timeout, or only temporary failures."""


class LostAnswerError(UnreachableError):
    """A write was sent and its answer never came, so it may have taken effect.

    :param is_absent: Poe was asked since, and has no such bot. So the write may be sent again.
    """

    def __init__(self, problem: str, advice: str = "", *, is_absent: bool = False) -> None:
        super().__init__(problem, advice)
        self.is_absent = is_absent


class AnswerError(PoeError):
    """Poe answered, and it was no success.

    :param status: the HTTP status.
    """

    def __init__(self, problem: str, advice: str = "", *, status: int) -> None:
        super().__init__(problem, advice)
        self.status = status


class KeyRefusedError(AnswerError):
    """Poe answered 401: the key is wrong, or the account may not use API bots."""


class NotYoursError(AnswerError):
    """Poe answered 403: the bot belongs to another account than the key."""


class NotFoundError(AnswerError):
    """Poe answered 404 in its own words: the bot does not exist, or this account may not see it."""

    def __init__(self, problem: str, advice: str = "", *, status: int = 404) -> None:
        super().__init__(problem, advice, status=status)


class HandleTakenError(AnswerError):
    """Poe answered 400: the handle belongs to another account."""


class OverwroteError(PoeError):
    """A create was answered as an edit: the bot came into being between the check and the write."""


class NotProvenGoneError(PoeError):
    """Poe does not show the bot, but that does not prove that it is gone."""


class ElsewhereError(PoeError):
    """The bot was last seen at another address than the one in use. Nothing was sent."""


class EndpointError(PoeError):
    """A declared endpoint does not answer as Poe needs it to, or its declaration has mistakes. Poe was sent nothing."""


class OwnFaultError(PoeError):
    """A fault of this package, and not of the bot or of Poe."""

    @classmethod
    def of(cls, fault: BaseException) -> OwnFaultError:
        """Says what kind it is and where, and not what its text is: that may hold a value.

        :param fault: what Python raised.
        """
        frames = traceback.extract_tb(fault.__traceback__)
        package = PurePath(__file__).parents[1]
        ours = [frame for frame in frames if package in PurePath(frame.filename).parents]
        where = [
            f" in {file.relative_to(package) if package in file.parents else file.name}, line {frame.lineno}"
            for frame in (ours or frames)[-1:]
            if (file := PurePath(frame.filename))
        ]
        return cls(
            f"a fault of pulumi-poe itself: {type(fault).__name__}{''.join(where)}",
            "Please report this line. To run the same command again is safe: it looks at what Poe has first.",
        )


def as_poe_error(raised: Exception) -> PoeError:
    """Whatever was raised, as what a shell may show."""
    return raised if isinstance(raised, PoeError) else OwnFaultError.of(raised)


@contextmanager
def doing(action: str) -> Iterator[None]:
    """Name the operation in whatever error leaves the block, unless an inner block already did.

    :param action: such as ``create bot 'Acme-Reasoner'``.
    """
    try:
        yield
    except PoeError as error:
        if error.action:
            raise
        raise error.while_doing(action) from error
