"""How does a question become an answer?"""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from ..options import Options
from ..origin import HOPS
from ..store import Store
from .answering import Answer
from .asking import LONG, Ask
from .bots import CalledBot, called
from .conversations import Conversation, Conversations, Kept
from .declared import beyond_limits, estimated, undeclared
from .endpoint import EndpointAnswer, Endpoints
from .pricing import Usage, cost, in_dollars
from .refusal import RefusedError
from .rewriting import rewritten
from .translating import Back, for_endpoint
from .words import one_line

_Made = TypeVar("_Made")

_LOG = logging.getLogger(__name__)

NO_USAGE = (
    "the endpoint reports no usage, by which Poe charges: what Poe would have done is not known;"
    " most likely nobody would have paid for this answer"
)
"""What the owner is told of an answer without a count of its tokens."""

NO_PRICE = "pricing of the bot lacks a price that this answer needs, so its cost is not known"
"""What the owner is told of tokens without a price."""


@dataclass(frozen=True)
class Proxy:
    """What all conversations share."""

    store: Store
    options: Options
    endpoints: Endpoints
    conversations: Conversations


class Talk:
    """One question and its answer, as an ASGI application.

    :param proxy: what it shares with the others.
    :param ask: the question.
    :param account: who asks.
    :param path: by which path.
    :param is_local: whether that is one that only the local Poe has.
    """

    def __init__(self, proxy: Proxy, ask: Ask, account: str, path: str, *, is_local: bool) -> None:
        self._proxy = proxy
        self._ask = ask
        self._account = account
        self._is_local = is_local
        self._begun = time.monotonic()
        id_ = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:12]}"
        self._said = Conversation(id_, one_line(ask.model, 60), account, path, ask.stream, time.time())
        self._kept: Kept | None = None
        self._answer: Answer | None = None

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer it."""
        said = self._said
        try:
            bot = called(self._proxy.store, self._ask, self._account, is_local=self._is_local)
            said.model = bot.handle
            self._kept = self._proxy.conversations.kept(said, self._ask.body)
            await self._talk(bot, Headers(scope=scope).get(HOPS, ""), send)
        except RefusedError as refused:
            await self._refuse(refused, send)
        except asyncio.CancelledError:
            self._over(note="the client hung up before the answer's end")
            raise
        finally:
            self._over()
            if self._kept is not None:
                self._kept.over()

    async def _talk(self, bot: CalledBot, hops: str, send: Send) -> None:
        ask, said = self._ask, self._said
        asked, body = await _aside(self._question, bot, size=ask.size)
        answer = self._answer = Answer(asked, bot)
        back = Back(ask, bot)
        async with self._proxy.endpoints.asked(bot, asked, body, hops) as from_endpoint:
            said.first_byte = self._seconds()
            if ask.stream:
                await self._stream(from_endpoint, answer, back, send)
            else:
                raw = await from_endpoint.whole()
                whole = await _aside(lambda: back.whole(answer.whole(raw)), size=len(raw))
                await self._send(send, whole, "application/json", more=False)

    def _question(self, bot: CalledBot) -> tuple[Ask, bytes]:
        """The question as the endpoint is asked it."""
        notes = self._said.notes
        notes += self._undeclared(bot)
        asked, left_out = for_endpoint(self._ask, bot)
        notes += left_out
        return asked, rewritten(asked, bot)

    async def _stream(self, from_endpoint: EndpointAnswer, answer: Answer, back: Back, send: Send) -> None:
        """Each event goes on as soon as it is there."""
        type_ = "text/event-stream; charset=utf-8"
        await self._send(send, b"", type_, more=True)
        async for part in from_endpoint.parts(lambda: answer.is_over):
            events = back.part(answer.part(part))
            if answer.is_over:
                self._over()
            if events:
                await self._send(send, events, type_, more=True)
        await self._send(send, back.end(answer.end()), type_, more=False)

    async def _send(self, send: Send, body: bytes, type_: str, *, more: bool) -> None:
        if body and self._said.first_token is None:
            self._said.first_token = self._seconds()
        begins = self._said.status is None
        if begins:
            self._said.status = 200
        if not more:
            self._over()
        if begins:
            headers = {"content-type": type_, "x-request-id": self._said.id, "openai-version": "2020-10-01"}
            if more:
                headers["cache-control"] = "no-cache"
            else:
                headers["content-length"] = str(len(body))
            raw = [(name.encode(), value.encode()) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": 200, "headers": raw})
        await send({"type": "http.response.body", "body": body, "more_body": more})
        if self._kept is not None:
            self._kept.answered(body)

    async def _refuse(self, refused: RefusedError, send: Send) -> None:
        """Say so: as the answer, or as the last event of a stream that has begun."""
        if self._said.status is None:
            self._said.status = refused.status
            self._over(refused.message)
            answer = refused.answer()
            answer.headers["x-request-id"] = self._said.id
            await send({"type": "http.response.start", "status": answer.status_code, "headers": answer.raw_headers})
            await send({"type": "http.response.body", "body": bytes(answer.body)})
        else:
            self._over(refused.message)
            error = refused.body["error"]
            if self._ask.api == "chat_completions_api":
                event = f"data: {json.dumps(refused.body)}\n\n"
            else:
                data = {
                    "type": "error",
                    "code": error["type"],
                    "message": error["message"],
                    "param": None,
                    **refused.body,
                }
                event = f"event: error\ndata: {json.dumps(data)}\n\n"
            await self._send(send, event.encode(), "", more=False)

    def _undeclared(self, bot: CalledBot) -> list[str]:
        """What the bot does not declare.

        :raises RefusedError: there is some, and it is to be refused.
        """
        found = list(undeclared(self._ask, bot))
        if self._proxy.options.strict_chat:
            # Nobody but the endpoint counts tokens, and it does so after the answer.
            found += beyond_limits(Usage(estimated(self._ask), 0), bot)
            if found:
                raise RefusedError(400, f"Bot {bot.handle}: {'; '.join(found)}")
        return found

    def _over(self, note: str | None = None) -> None:
        """Tell the owner. Before the last bytes leave, so that the client can look at once.

        :param note: why it ended early, if it did.
        """
        said = self._said
        if said.seconds is not None:
            return
        said.seconds = self._seconds()
        if self._answer is not None:
            said.notes += self._answer.notes
            if self._answer.usage is not None:
                self._count(self._answer.usage, self._answer.bot)
            elif note is None:
                said.notes.append(NO_USAGE)
        if note is not None:
            said.notes.append(note)
        # The names of a seeded bot's parameters may hold anything.
        said.notes = [one_line(line, 1000) for line in said.notes]
        self._proxy.conversations.add(said)
        for line in said.notes:
            _LOG.warning("conversation %s with %s: %s", said.id, one_line(said.model, 60), line)

    def _count(self, usage: Usage, bot: CalledBot) -> None:
        said = self._said
        said.prompt_tokens, said.completion_tokens, said.cached_tokens = usage.prompt, usage.completion, usage.cached
        price = cost(bot.settings, usage)
        if price is None:
            said.notes.append(NO_PRICE)
        else:
            said.cost = in_dollars(price)
        said.notes += beyond_limits(usage, bot)

    def _seconds(self) -> float:
        return time.monotonic() - self._begun


async def _aside(work: Callable[..., _Made], *arguments: Any, size: int) -> _Made:
    """Do it: in a thread if it is about so many bytes that other conversations would wait."""
    return await asyncio.to_thread(work, *arguments) if size > LONG else work(*arguments)
