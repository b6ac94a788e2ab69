"""Bots and an endpoint that show what the page can do, and pictures of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from full_example import FULL_EXAMPLE
from playwright.sync_api import Page
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


LARGEST = 150_000
"""Bytes of a picture."""

TIMES = {"Time": "1.24 s", "First token": "0.31 s", "Tokens a second": "68.8"}


def answers(endpoint: TalkingEndpoint, text: str, usage: dict[str, Any], pause: float = 0.0) -> None:
    """Have the endpoint answer this, word by word."""

    async def words() -> AsyncIterator[bytes]:
        for word in text.split(" "):
            yield event(chunk(choices=[{"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}]))
            await asyncio.sleep(pause)
        yield event(chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]))
        yield event(chunk(choices=[], usage=usage))
        yield b"data: [DONE]\n\n"

    async def answering(_request: Request, _body: dict[str, Any]) -> Response:
        return StreamingResponse(words(), media_type="text/event-stream")

    endpoint.answering = answering


def show(poe: Emulator, endpoint: TalkingEndpoint, pause: float = 0.0) -> None:
    """Put the bots in, and have the endpoint answer as an assistant would."""
    answers(endpoint, ANSWER, USAGE, pause)
    first, second = poe.accounts.values()
    settings = {**FULL_EXAMPLE["api_bot_settings"], "base_url": endpoint.url}
    poe.seed(first, {**FULL_EXAMPLE, "api_bot_settings": settings})
    plain = {"base_url": endpoint.url, "model_name": "acme/small", "pricing": {"prompt": "0.0000001"}}
    poe.seed(first, {"handle": "Acme-Small", "is_private": False, "api_bot_settings": plain})
    poe.seed(first, {"handle": "Acme-Draft", "is_private": True, "api_bot_settings": plain})
    poe.seed(second, {"handle": "Their-Bot", "is_private": False, "api_bot_settings": plain})


def ask(page: Page, question: str) -> None:
    """Ask the bot that is chosen, and wait until the answer and its figures are there."""
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")
    page.locator(".figures").wait_for(timeout=60_000)


def keep(page: Page, picture: Path, times: Mapping[str, str]) -> None:
    """Keep a picture of the page where there is none; with `PICTURES=1` anew.

    :param times: what is shown in place of those that are others each time.
    """
    page.evaluate(
        """times => {
          document.getElementById('where').textContent = 'http://127.0.0.1:8787';
          for (const each of document.querySelectorAll('dd')) {
            each.textContent = each.textContent.replace(/127.0.0.1:\\d+/, '127.0.0.1:9000');
          }
          for (const each of document.querySelectorAll('.figures dt')) {
            if (each.textContent in times) each.nextSibling.textContent = times[each.textContent];
          }
          document.activeElement.blur();
        }""",
        dict(times),
    )
    taken = page.screenshot(scale="css")
    if os.environ.get("PICTURES") or not picture.exists():
        picture.parent.mkdir(exist_ok=True)
        picture.write_bytes(taken)
    assert len(picture.read_bytes()) < LARGEST
