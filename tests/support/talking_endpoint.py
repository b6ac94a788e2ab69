"""An OpenAI-compatible endpoint on a real socket, asynchronous, so that it streams and sees its client hang up."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

UPSTREAM = "acme/secret-model-70b"
USAGE = {"prompt_tokens": 1000, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 400}}
WORDS = ("Hello", " from", " the end")

Answering = Callable[[Request, dict[str, Any]], Awaitable[Response]]


class TalkingEndpoint:
    """Serves until the end of its with block.

    Attributes:
        requests: what it was asked: path, headers and body.
        answering: answers in place of it, if set.
        usage: what it reports of tokens; None is nothing.
        pause: seconds between two events of a stream.
        hung_up: is set once a client of a stream has.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answering: Answering | None = None
        self.usage: dict[str, Any] | None = USAGE
        self.pause = 0.0
        self.hung_up = threading.Event()
        self.url = ""

    def reset(self) -> None:
        """As new."""
        self.requests.clear()
        self.hung_up.clear()
        self.answering, self.usage, self.pause = None, USAGE, 0.0

    @property
    def asked(self) -> dict[str, Any]:
        """The body of the last request."""
        return self.requests[-1][2]

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the last request."""
        return self.requests[-1][1]

    def __enter__(self) -> TalkingEndpoint:
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["POST", "GET"])])
        # Bodies of all sizes; no logs.
        config = uvicorn.Config(app, log_config=None, lifespan="off", http="h11", loop="asyncio", access_log=False)
        self._server = uvicorn.Server(config)
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        self._thread = threading.Thread(target=self._server.run, args=[[listener]], daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()

    async def _answer(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append((request.url.path, dict(request.headers), body))
        if self.answering is not None:
            return await self.answering(request, body)
        is_chat = request.url.path.endswith("/chat/completions")
        if body.get("stream"):
            events = chat_events(self.usage) if is_chat else response_events(self.usage)
            return StreamingResponse(self._paced(events), media_type="text/event-stream")
        return JSONResponse(chat_answer(self.usage) if is_chat else response_answer(self.usage))

    async def _paced(self, events: list[bytes]) -> AsyncIterator[bytes]:
        try:
            for event in events:
                yield event
                await asyncio.sleep(self.pause)
        except asyncio.CancelledError:
            self.hung_up.set()
            raise


def event(data: object, name: str | None = None) -> bytes:
    """One event of a stream."""
    return (f"event: {name}\n" if name else "").encode() + b"data: " + json.dumps(data).encode() + b"\n\n"


def chunk(**of: Any) -> dict[str, Any]:
    """One chunk of a chat completion."""
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": UPSTREAM, **of}


def chat_events(usage: dict[str, Any] | None) -> list[bytes]:
    """A chat completion that is streamed."""
    chunks = [chunk(choices=[{"index": 0, "delta": {"content": word}, "finish_reason": None}]) for word in WORDS]
    chunks.append(chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    if usage is not None:
        chunks.append(chunk(choices=[], usage=usage))
    return [*map(event, chunks), b"data: [DONE]\n\n"]


def chat_answer(usage: dict[str, Any] | None) -> dict[str, Any]:
    """A chat completion that is not streamed."""
    message = {"role": "assistant", "content": "".join(WORDS)}
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": UPSTREAM,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        **({} if usage is None else {"usage": usage}),
    }


def response_answer(usage: dict[str, Any] | None) -> dict[str, Any]:
    """A response that is not streamed."""
    content = [{"type": "output_text", "text": "".join(WORDS), "annotations": []}]
    counted = None
    if usage is not None:
        counted = {
            "input_tokens": usage["prompt_tokens"],
            "output_tokens": usage["completion_tokens"],
            "total_tokens": usage["prompt_tokens"] + usage["completion_tokens"],
            "input_tokens_details": usage.get("prompt_tokens_details", {}),
            "output_tokens_details": {"reasoning_tokens": 0},
        }
    return {
        "id": "r1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": UPSTREAM,
        "output": [{"type": "message", "id": "m1", "role": "assistant", "status": "completed", "content": content}],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        **({} if counted is None else {"usage": counted}),
    }


def response_events(usage: dict[str, Any] | None) -> list[bytes]:
    """A response that is streamed."""
    whole = response_answer(usage)
    begun = {**response_answer(None), "status": "in_progress", "output": []}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
    place = {"item_id": "m1", "output_index": 0, "content_index": 0, "logprobs": []}
    events += [{"type": "response.output_text.delta", "delta": word, **place} for word in WORDS]
    events.append({"type": "response.completed", "response": whole})
    return [event({**each, "sequence_number": number}, each["type"]) for number, each in enumerate(events)]
