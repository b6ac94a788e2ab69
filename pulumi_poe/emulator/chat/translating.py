"""How does a question reach an endpoint that has the other API, and how does its answer come back?

Whether Poe translates is not known. So the local Poe does, and tells the bot's owner (docs/poe-bots-api.md, 5.9).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any, Protocol

from .as_chat import ChatToResponse, asked_as_chat
from .as_response import ResponseToChat, asked_as_response
from .asking import Ask
from .bots import CalledBot
from .events import Splitter, data_of

_OF_THE_QUESTION = {"input", "instructions", "messages", "n", "stream", "tool_choice", "tools"}
"""What is translated even if a bot has a parameter of that name."""


class AnswerTranslation(Protocol):
    """Makes of an answer in one format one in the other."""

    def whole(self, answer: dict[str, Any]) -> dict[str, Any]:
        """One that is no stream.

        :raises RefusedError: it is an error.
        """

    def event(self, event: dict[str, Any]) -> Iterator[bytes]:
        """The events that one event of a stream becomes."""

    def end(self) -> Iterator[bytes]:
        """The events that end the stream."""


def for_endpoint(ask: Ask, bot: CalledBot) -> tuple[Ask, list[str]]:
    """The question in the endpoint's own format, and what had to be left out of it.

    :raises RefusedError: it asks for what the other format has no place for.
    """
    if ask.api == bot.api:
        return ask, []
    translate = asked_as_chat if bot.api == "chat_completions_api" else asked_as_response
    # A parameter of the bot's own stays where its definition says, also one that the API of the client has.
    own = bot.definitions().keys() - _OF_THE_QUESTION
    body, left_out = translate({name: value for name, value in ask.body.items() if name not in own})
    body |= {name: value for name, value in ask.body.items() if name in own}
    notes = [f"{name}: has no place in the endpoint's API, and is left out" for name in left_out]
    # Its tokens are in the answer of the one format only where the other was asked for them.
    return dataclasses.replace(ask, api=bot.api, body=body, wants_usage=True), notes


class Back:
    """The way back for what an endpoint answers. Where both have one API, all passes as it is.

    :param ask: what the client asked.
    :param bot: the bot.
    """

    def __init__(self, ask: Ask, bot: CalledBot) -> None:
        self._splitter = Splitter()
        self._translation: AnswerTranslation | None = None
        if ask.api != bot.api:
            self._translation = ChatToResponse(ask, bot) if ask.api == "responses_api" else ResponseToChat(ask, bot)

    def whole(self, raw: bytes) -> bytes:
        """An answer that is no stream."""
        return raw if self._translation is None else json.dumps(self._translation.whole(json.loads(raw))).encode()

    def part(self, events: bytes) -> bytes:
        """Whole events of a stream."""
        if self._translation is None:
            return events
        return b"".join(part for event in self._splitter.feed(events) for part in self._translated(event))

    def end(self, events: bytes) -> bytes:
        """The last ones."""
        return events if self._translation is None else self.part(events) + b"".join(self._translation.end())

    def _translated(self, raw: bytes) -> Iterator[bytes]:
        assert self._translation is not None  # noqa: S101 -- for mypy: part() has looked
        data = data_of(raw)
        try:
            event = None if data is None else json.loads(data)
        except (ValueError, RecursionError):
            return  # [DONE], a comment, or what nobody can translate
        if isinstance(event, dict):
            yield from self._translation.event(event)
