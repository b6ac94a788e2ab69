"""Bots and an endpoint that show what the page can do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from full_example import FULL_EXAMPLE
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from talking_endpoint import TalkingEndpoint, chunk, event

from pulumi_poe.emulator import Emulator

QUESTION = "We sail from Aarhus to Skagen. What should be on board?"
ANSWER = """Three things that people forget:

1. A spare handle for the winch. They float less than one hopes.
2. Paper charts. The plotter is right until it is wet.
3. Something dry for everybody, in a bag that really closes.

And tell somebody ashore when you mean to arrive."""
USAGE = {"prompt_tokens": 1812, "completion_tokens": 64, "prompt_tokens_details": {"cached_tokens": 1536}}


def show(poe: Emulator, endpoint: TalkingEndpoint, pause: float = 0.0) -> None:
    """Put the bots in, and have the endpoint answer as an assistant would."""

    async def words() -> AsyncIterator[bytes]:
        for word in ANSWER.split(" "):
            yield event(chunk(choices=[{"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}]))
            await asyncio.sleep(pause)
        yield event(chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]))
        yield event(chunk(choices=[], usage=USAGE))
        yield b"data: [DONE]\n\n"

    async def answering(_request: Request, _body: dict[str, Any]) -> Response:
        return StreamingResponse(words(), media_type="text/event-stream")

    endpoint.answering = answering
    first, second = poe.accounts.values()
    settings = {**FULL_EXAMPLE["api_bot_settings"], "base_url": endpoint.url}
    poe.seed(first, {**FULL_EXAMPLE, "api_bot_settings": settings})
    plain = {"base_url": endpoint.url, "model_name": "acme/small", "pricing": {"prompt": "0.0000001"}}
    poe.seed(first, {"handle": "Acme-Small", "is_private": False, "api_bot_settings": plain})
    poe.seed(first, {"handle": "Acme-Draft", "is_private": True, "api_bot_settings": plain})
    poe.seed(second, {"handle": "Their-Bot", "is_private": False, "api_bot_settings": plain})
