"""The account of a program that is tested with Pulumi's mocks: what they answer, in place of Poe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi
from pulumi.runtime import MockCallArgs, Mocks
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from ..core.bot.fields import complete

GET_BOT: Final = "poe:index:getBot"
"""The mocks get ``handle``, and answer with a bot under Poe's own keys."""

GET_BOTS: Final = "poe:index:getBots"
"""The mocks get ``prefix`` and ``private`` where they are given, and answer with ``bots``, a list of such bots."""


class MockedAccount:
    """What :class:`~pulumi_poe.core.poe.account.Account` is in a program that no mocks are set for.

    What the mocks leave out of a bot is what Poe documents as the default. What they choose to answer is not
    looked at: that is their part.

    :param mocks: those that ``pulumi.runtime.set_mocks`` was called with.
    """

    def __init__(self, mocks: Mocks) -> None:
        self._mocks = mocks

    def bot(self, handle: str) -> dict[str, Any]:
        """One bot. Mocks that answer ``{}`` let every bot exist."""
        return complete({"handle": handle, **self._ask(GET_BOT, {"handle": handle})})

    def bots(self, *, prefix: str | None = None, private: bool | None = None) -> list[dict[str, Any]]:
        """Several bots. Mocks that answer ``{}`` let none exist."""
        arguments = {"prefix": prefix, "private": private}
        bots = self._ask(GET_BOTS, {name: value for name, value in arguments.items() if value is not None}).get("bots")
        if not all(isinstance(bot, Mapping) and isinstance(bot.get("handle"), str) for bot in bots or []):
            raise pulumi.RunError(f"{GET_BOTS}: Mocks.call has to answer with bots that have a handle")
        return [complete(bot) for bot in bots or []]

    def _ask(self, token: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        answer: Any = self._mocks.call(MockCallArgs(token, arguments, provider=""))
        failures: Any = None
        if isinstance(answer, tuple):
            answer, failures = answer
        if failures:
            raise pulumi.RunError(f"{token}: {'; '.join(reason for _, reason in failures)}")
        if not isinstance(answer, Mapping):
            raise pulumi.RunError(f"{token}: Mocks.call has to answer with a dict, and not {type(answer).__name__}")
        return answer


def mocked_account() -> MockedAccount | None:
    """The account of the mocks that are set, if some are."""
    monitor = get_monitor()
    return MockedAccount(monitor.mocks) if isinstance(monitor, MockMonitor) else None
