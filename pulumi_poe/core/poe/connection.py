"""How the operations of one process reach Poe: one client for all of them, and a budget for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from .. import machine
from .pacing import Budget
from .settings import Settings

if TYPE_CHECKING:
    import httpx

    from .client import PoeClient


_own_timeout: ContextVar[float] = ContextVar("own_timeout", default=0.0)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """The operation in the block may take so long, whatever the settings say.

    :param seconds: how long; 0 leaves it to the settings.
    """
    before = _own_timeout.set(seconds)
    try:
        yield
    finally:
        _own_timeout.reset(before)


class Connection:
    """Made at no cost: a client is there, and a key asked for, only once something is to be sent. Thread-safe.

    :param settings: where and as whom to talk to Poe, and how long.
    :param transport: how requests travel; None is the network.
    """

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self._settings = settings
        self._transport = transport
        self._client: PoeClient | None = None
        self._making_client = machine.lock()

    @property
    def client(self) -> PoeClient:
        """One for all threads.

        :raises SettingsError: there is no key.
        """
        with self._making_client:
            if self._client is None:
                from .client import PoeClient  # loads httpx, which most calls do without

                self._client = PoeClient(self._settings, transport=self._transport)
            return self._client

    def budget(self) -> Budget:
        """What one operation on one bot may take."""
        return Budget(_own_timeout.get() or self._settings.operation_timeout, attempts=self._settings.attempts)

    def budget_of_a_preview(self) -> Budget:
        """What a look-up in a preview may take, with all waits."""
        return Budget(self._settings.preview_timeout, attempts=self._settings.attempts, waits_count=True)

    def close(self) -> None:
        """Close the connections to Poe, if there are any."""
        if self._client is not None:
            self._client.close()
