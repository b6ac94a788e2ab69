"""What a check has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["ok", "warning", "failed", "skipped"]

Cause = Literal["", "starting", "unreachable", "late", "wants a key"]
"""Why a check failed, where somebody has to know: the endpoint may still be starting, can't be reached, took too long
to answer, or was shown no key and wants one."""


@dataclass(frozen=True)
class Result:
    """What one check found.

    :param check: which check it was, such as ``TLS``.
    :param outcome: ``failed`` keeps the bot from working or from earning; a ``warning`` may; ``skipped`` says why.
    :param said: what was found, in one line without a full stop.
    :param advice: what to do, in full sentences on one line.
    :param cause: why it failed.
    """

    check: str
    outcome: Outcome
    said: str = ""
    advice: str = ""
    cause: Cause = ""

    @property
    def may_mend_itself(self) -> bool:
        """Whether time alone may mend it, as for an endpoint that is still starting.

        >>> Result("TLS", "failed", cause="starting").may_mend_itself, Result("usage", "failed").may_mend_itself
        (True, False)
        """
        return self.cause in ("starting", "unreachable", "late")


class FailedError(Exception):
    """A request got no answer that a check could look at.

    :param said: what happened.
    :param advice: what to do.
    :param cause: as in :class:`Result`.
    """

    def __init__(self, said: str, advice: str, cause: Cause = "") -> None:
        super().__init__(said)
        self.said = said
        self.advice = advice
        self.cause: Cause = cause

    def of(self, check: str) -> Result:
        """The result of the check that made the request."""
        return Result(check, "failed", self.said, self.advice, self.cause)
