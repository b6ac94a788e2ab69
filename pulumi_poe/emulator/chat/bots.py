"""Which bot is meant, and may it be called?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..store import Store, StoredBot
from .asking import Api, Ask
from .refusal import RefusedError
from .words import one_line


@dataclass(frozen=True)
class CalledBot:
    """A bot that is called. A seeded one was never checked, so whatever is read of it may be of any type."""

    handle: str
    """As the bot was created, whatever the client wrote."""

    bot: dict[str, Any]

    @property
    def settings(self) -> dict[str, Any]:
        """Its `api_bot_settings`, with the endpoint's key."""
        settings = self.bot.get("api_bot_settings")
        return settings if isinstance(settings, dict) else {}

    @property
    def api(self) -> Api:
        """Which of the two APIs its endpoint has."""
        return "responses_api" if self.settings.get("api_type") == "responses_api" else "chat_completions_api"

    @property
    def api_key(self) -> str | None:
        """The endpoint's key, if it has one."""
        key = self.settings.get("api_key")
        return key if isinstance(key, str) and key else None

    def definitions(self) -> dict[str, dict[str, Any]]:
        """Its `param_definitions`, by their names."""
        found = self.settings.get("param_definitions")
        entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
        return {name: entry for entry in entries if isinstance(name := entry.get("param_name"), str)}

    def controls(self) -> Iterator[dict[str, Any]]:
        """Its controls that hold a value, also those in tabs and under conditions."""
        yield from (control for control in _controls_in(self.bot.get("parameter_controls")))


def called(store: Store, ask: Ask, account: str, *, is_local: bool) -> CalledBot:
    """The bot of a question.

    :param account: who asks.
    :param is_local: whether it was asked by the local-only path, which reaches one's own private bots.

    :raises RefusedError: there is none that this account may call by this path.

    (docs/poe-bots-api.md, 5.2, 5.9)
    """
    stored = named(store, ask.model)
    if stored is None or (stored.bot.get("is_private") is not False and stored.account != account):
        raise RefusedError(
            404,
            f"Bot {one_line(ask.model, 60)} does not exist or access denied; GET /v1/models lists them",
            param="model",
        )
    bot = CalledBot(stored.bot["handle"], stored.bot)
    if stored.bot.get("is_private") is not False and not is_local:
        raise RefusedError(
            404,
            f"Bot {bot.handle} is private, and Poe's API calls public bots alone: set is_private to false, or call it"
            " below /local-poe/v1, which only the local Poe has",
            param="model",
        )
    if not bot.settings:
        raise RefusedError(
            404, f"Bot {bot.handle} has no api_bot_settings, so there is no endpoint to call", param="model"
        )
    if (kind := bot.settings.get("api_type", bot.api)) != bot.api:
        raise RefusedError(
            400,
            f"Bot {bot.handle} has the api_type {one_line(str(kind), 60)}, and there are chat_completions_api and"
            " responses_api",
        )
    return bot


def named(store: Store, handle: str) -> StoredBot | None:
    """The bot that a client calls so, whoever owns it."""
    return store.get(handle) if _is_unicode(handle) else None


def _controls_in(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _controls_in(item)
    elif isinstance(value, dict):
        if isinstance(value.get("parameter_name"), str) and isinstance(value.get("control"), str):
            yield value
        for name in ("sections", "tabs", "controls"):
            yield from _controls_in(value.get(name))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which SQLite does not take
        return False
    return True
