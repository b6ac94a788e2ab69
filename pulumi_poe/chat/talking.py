"""How is one question asked, and how does its answer come?"""

from __future__ import annotations

import shlex
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..core.errors import AnswerError, NotFoundError, doing
from ..core.values.text import printable
from .calling import Caller, Exchange
from .cost import Usage, usage_in
from .partner import Partner
from .wire import Event, event

SHORTEST = 0.05
"""Seconds below which it can't be told how fast tokens came: many of them arrive at once."""

_LONGEST_SAID = 100
"""Characters of an event that is none, which an error repeats."""


@dataclass(frozen=True)
class Piece:
    """A part of an answer as it comes.

    :param is_thought: whether it is of what the model thinks, and not of what it answers.
    """

    text: str
    is_thought: bool = False


class Answer:
    """One question and its answer.

    :param caller: what calls Poe.
    :param partner: who is asked.
    :param body: the question, with the conversation before it.
    """

    def __init__(self, caller: Caller, partner: Partner, body: Mapping[str, Any]) -> None:
        self._caller = caller
        self._partner = partner
        self._begun = 0.0
        self.exchange: Exchange = caller.exchange(partner.path, body)
        self.text: str = ""
        """What it says, as far as it came."""

        self.is_complete: bool = False
        """Whether all of it came."""

        self.reason: str | None = None
        """Why it ends, where that is not its own end."""

        self.usage: Usage | None = None
        """What the endpoint reports, once it has."""

        self.first: float | None = None
        """Seconds until its first piece."""

        self.seconds: float | None = None
        """Seconds until its end."""

    @property
    def id(self) -> str | None:
        """The `x-request-id`, by which the local Poe knows it."""
        return next((value for name, value in self.exchange.answer_headers if name.lower() == "x-request-id"), None)

    @property
    def tokens_a_second(self) -> float | None:
        """How fast the tokens came once they began to; None where that was too short to tell."""
        if self.usage is None or self.first is None or self.seconds is None or self.seconds - self.first < SHORTEST:
            return None
        return self.usage.completion / (self.seconds - self.first)

    def pieces(self) -> Generator[Piece, None, None]:
        """Ask, and give the answer as it comes. Closing it closes the connection, so that the endpoint can stop.

        :raises PoeError: there is no answer, or it breaks off.
        """
        from httpx_sse import EventSource  # loads httpx, which `slim_httpx` has to do first

        self._begun = time.monotonic()
        with self._naming_the_bot():
            try:
                with self._caller.asked(self.exchange) as response:
                    self._insist_on_a_stream(response.headers.get("content-type", ""))
                    for sent in EventSource(response).iter_sse():
                        if sent.data.strip():
                            yield from self._understood(self._event(sent.data))
            finally:
                self.seconds = self._since()
            if not self.is_complete:
                raise AnswerError("the answer broke off before its end", self._examine(), status=200)

    def _understood(self, said: Event) -> Iterator[Piece]:
        if said.error is not None:
            words = self._caller.redacted(said.error).rstrip(". ")
            raise AnswerError(f"the answer ended with an error: {words}", self._examine(), status=200)
        if (said.text or said.thought) and self.first is None:
            self.first = self._since()
        if said.thought:
            yield Piece(said.thought, is_thought=True)
        if said.text:
            self.text += said.text
            yield Piece(said.text)
        if said.counted is not None:
            self.usage = usage_in(said.counted) or self.usage
        self.reason = said.reason or self.reason
        self.is_complete = self.is_complete or said.is_last

    def _event(self, data: str) -> Event:
        try:
            return event(self._partner.api, data)
        except ValueError:
            shown = self._caller.redacted(data)[:_LONGEST_SAID]
            raise AnswerError(
                f"the answer has an event that is no JSON object: {shown}", self._examine(), status=200
            ) from None

    def _insist_on_a_stream(self, type_: str) -> None:
        type_ = type_.partition(";")[0].strip().lower()
        if type_ != "text/event-stream":
            raise AnswerError(
                f"Poe answered with {type_ or 'no Content-Type'} in place of a stream", self._examine(), status=200
            )

    def _since(self) -> float:
        return time.monotonic() - self._begun

    def _examine(self) -> str:
        """What an owner can do when the endpoint answers amiss."""
        if not self._partner.is_own:
            return "Try again."
        return f"`pulumi-poe doctor {shlex.quote(printable(self._partner.handle))} --completion` looks at the endpoint."

    @contextmanager
    def _naming_the_bot(self) -> Iterator[None]:
        with doing(f"ask bot {printable(self._partner.handle)!r}"):
            try:
                yield
            except NotFoundError as error:
                raise error.with_more_advice(self._partner.remark) from error
            except AnswerError as error:
                raise (error.with_more_advice(self._examine()) if error.status == 502 else error) from error
