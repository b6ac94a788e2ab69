"""What do all operations in one account share? The connection, the list of bots, and what this run has seen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from .. import machine
from ..bot.fields import API_KEY
from ..poe.connection import Connection
from ..poe.settings import Settings
from ..poe.snapshot import Fetch, Snapshot
from ..values.text import texts_in
from ..values.trees import at, overlay, without
from .journal import Journal
from .proof import Proof
from .registry import Registry

if TYPE_CHECKING:
    import httpx

    from ..poe.pacing import Budget

logger: Final = logging.getLogger("pulumi_poe")


class Session:
    """One account, in one process. Thread-safe, and made at no cost.

    :param settings: where and as whom to talk to Poe. A key is only asked for when one is needed.
    :param registry: what all processes of the run have seen at this address.
    :param transport: how requests travel; None is the network.
    """

    def __init__(
        self,
        settings: Settings,
        registry: Registry | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.settings = settings
        self.connection = Connection(settings, transport)
        self.registry = registry or Registry()
        self.snapshot = Snapshot(lambda sent: self.connection.client.list_bots(self.connection.budget(), sent))
        self.proof = Proof(settings, self.snapshot, self.registry)
        self.list_for_preview: Fetch = lambda sent: self.connection.client.list_bots(
            self.connection.budget_of_a_preview(), sent
        )
        self.can_look_up = settings.api_key is not None
        """Whether a preview may ask Poe: not without a key, and not again once it could not be reached."""
        self._said: set[str] = set()
        self._saying = machine.lock()

    def warn_once(self, message: str) -> None:
        """A run says some things at several moments, as a preview that checks a bot twice when it is replaced."""
        self._say_once(logging.WARNING, message)

    def tell_once(self, message: str) -> None:
        """Some things are said once for all bots."""
        self._say_once(logging.INFO, message)

    def _say_once(self, level: int, message: str) -> None:
        with self._saying:
            if message in self._said:
                return
            self._said.add(message)
        logger.log(level, "%s", message)

    def hide_secrets_of(self, bot: Mapping[str, Any]) -> None:
        """Whatever Poe answers, show no secret of a declared or recorded bot.

        ``extra`` may hold secrets, and which of its values are some, only the program knows.
        """
        self.connection.client.hide([at(bot, API_KEY), *texts_in(bot.get("extra"))])

    def ask(self, handle: str, budget: Budget) -> Mapping[str, Any]:
        """The bot as Poe answers it by its own name.

        :raises NotFoundError: Poe denies it.
        """
        return self.snapshot.ask(handle, lambda sent: self.connection.client.get_bot(handle, budget, sent))

    def enter(self, handle: str, sent: Mapping[str, Any], *, under: Mapping[str, Any]) -> None:
        """An own write succeeded: what was sent, over what was there, is the bot now, as Poe would answer it."""
        self.snapshot.enter(handle, without(overlay(sent, under), [API_KEY]))

    def is_old(self, handle: str) -> Callable[[], bool]:
        """Whether the look that a write rests on is too old: the one at this bot, if there was one."""
        by_name = self.snapshot.is_fresh(handle, by_name=True)
        return lambda: not self.snapshot.is_fresh(handle, by_name=by_name)


# One for all provider objects of a process, because a bot that one of them creates must not be deleted by another.
_sessions: dict[Settings, Session] = {}
_registries: dict[str, Registry] = {}
_making = machine.lock()


def session_of(settings: Settings, run: str | None) -> Session:
    """The session of this process in an account. At one address all of them share what this run has seen.

    :param run: what all processes of the run call it, and no other run; None if this process is the only one.
    """
    with _making:
        if settings not in _sessions:
            url = settings.api_url
            if url not in _registries:
                _registries[url] = Registry(Journal(None if run is None else f"{run} {url}"))
            _sessions[settings] = Session(settings, _registries[url])
        return _sessions[settings]


def forget_sessions() -> None:
    """Sessions live as long as a process. For what runs several runs in one."""
    with _making:
        for session in _sessions.values():
            session.connection.close()
        _sessions.clear()
        _registries.clear()
