"""Bots to talk to, a terminal to talk in, and a Poe that is not the local one."""

from __future__ import annotations

import codecs
import io
import os
import pty
import select
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

import httpx
import uvicorn
from command import COMMAND
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from talking_endpoint import UPSTREAM, TalkingEndpoint

ENDPOINT_KEY = "sk-endpoint-canary"
PRICING = {"prompt": "0.000003", "completion": "0.00001", "input_cache_reads": "0.0000003"}
CONTROLS: dict[str, Any] = {
    "api_version": "2",
    "sections": [
        {
            "name": "Thinking",
            "controls": [
                {"control": "toggle_switch", "label": "Think first", "parameter_name": "think", "default_value": False},
                {
                    "control": "condition",
                    "condition": {"comparator": "eq", "left": {"parameter_name": "think"}, "right": {"literal": True}},
                    "controls": [
                        {
                            "control": "drop_down",
                            "label": "Effort",
                            "parameter_name": "effort",
                            "default_value": "medium",
                            "options": [{"value": value, "name": value.title()} for value in ("low", "medium", "high")],
                        },
                        {
                            "control": "slider",
                            "label": "Budget",
                            "parameter_name": "budget",
                            "min_value": 0,
                            "max_value": 32,
                            "step": 4,
                        },
                    ],
                },
                {"control": "divider"},
                {"control": "text_area", "label": "House rules", "parameter_name": "rules"},
            ],
        },
        {
            "name": "Output",
            "tabs": [
                {
                    "name": "Shape",
                    "controls": [
                        {
                            "control": "aspect_ratio",
                            "label": "Ratio",
                            "parameter_name": "ratio",
                            "options": [{"width": 1, "height": 1}, {"width": 16, "height": 9, "value": "wide"}],
                        }
                    ],
                },
                {
                    "name": "Words",
                    "controls": [
                        {"control": "text_field", "label": "Seed word", "parameter_name": "seed_word"},
                        {"control": "number_field", "label": "Lines", "parameter_name": "lines", "min_value": 1},
                    ],
                },
            ],
        },
    ],
}
"""Each of the nine kinds."""

DEFINITIONS = [
    {"param_name": name, "param_dest": "extra_body"}
    for name in ("think", "effort", "budget", "rules", "ratio", "seed_word", "lines")
]


def talking_bot(endpoint: TalkingEndpoint, handle: str = "Acme-Bot", **of: Any) -> dict[str, Any]:
    """A public bot whose endpoint this is: `talking_bot(endpoint, is_private=True, api_type="responses_api")`."""
    top: dict[str, Any] = {name: of.pop(name) for name in ("is_private", "parameter_controls") if name in of}
    settings = {"base_url": endpoint.url, "model_name": UPSTREAM, "api_key": ENDPOINT_KEY, "pricing": PRICING, **of}
    return {"handle": handle, "is_private": False, "api_bot_settings": settings, **top}


class Typed:
    """`pulumi-poe ARGUMENTS…` in a terminal of its own, until the end of its with block.

    :param environment: what it has besides that of the tests.
    """

    def __init__(self, *arguments: str, environment: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        # Ctrl-C is a signal for whoever has the terminal as its own.
        own = (
            "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        )
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("POE_", "COLUMNS", "LINES"))}
        self.process = subprocess.Popen(
            [sys.executable, "-c", own, *COMMAND, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**kept, "TERM": "dumb", "NO_COLOR": "1", "INPUTRC": os.devnull, **environment},
        )
        os.close(slave)
        self.seen = ""
        # A read may end in the middle of a character or of a line's end.
        self._decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")("replace"), translate=True)
        self._read_to = 0

    def __enter__(self) -> Typed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if kind is None and self.process.poll() is None:
            self.type("\x04")  # at a prompt it ends by itself, which coverage waits for
            with suppress(subprocess.TimeoutExpired):
                self.end(5)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)

    def type(self, text: str) -> None:
        """Type, with \\r for Enter, \\x03 for Ctrl-C and \\x04 for Ctrl-D."""
        os.write(self._master, text.encode())

    def interrupt(self) -> None:
        """Ctrl-C at a prompt, not in the very moment in which it is shown: Python's readline would miss that."""
        time.sleep(0.2)
        self.type("\x03")

    def say(self, text: str) -> None:
        """Type a line once it is asked for."""
        self.wait_for("> ")
        self.type(f"{text}\r")

    def wait_for(self, text: str, seconds: float = 20) -> str:
        """Wait until this is shown after what was waited for before; what was shown up to there."""
        ends = time.monotonic() + seconds
        while (found := self.seen.find(text, self._read_to)) < 0:
            assert self._read(ends), f"no {text!r} in {self.seen[self._read_to :]!r}"
        shown = self.seen[self._read_to : found + len(text)]
        self._read_to = found + len(text)
        return shown

    def end(self, seconds: float = 20) -> tuple[int, str]:
        """Wait for its end: exit code, and what was shown since the last wait."""
        ends = time.monotonic() + seconds
        while self._read(ends):
            pass
        return self.process.wait(timeout=max(ends - time.monotonic(), 0.1)), self.seen[self._read_to :]

    def _read(self, ends: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(ends - time.monotonic(), 0))
        try:
            raw = os.read(self._master, 65536) if ready else b""
        except OSError:  # Linux's word for a terminal that nobody has any more
            raw = b""
        self.seen += self._decoder.decode(raw)
        return bool(raw)


class NotLocal:
    """Passes everything on to a local Poe but what only a local Poe has. To a client it is Poe itself.

    :param url: of the local Poe.
    """

    def __init__(self, url: str) -> None:
        self._to = url
        self.asked: list[str] = []
        """The paths of all requests."""
        self.url = ""

    def __enter__(self) -> NotLocal:
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])
        config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()

    async def _answer(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        if request.url.path.startswith("/local-poe"):
            return Response("<html>", 404)
        headers = {name: request.headers[name] for name in ("authorization", "content-type") if name in request.headers}
        client = httpx.AsyncClient(timeout=20)
        asked = client.build_request(
            request.method, self._to + request.url.path, headers=headers, content=await request.body()
        )
        answer = await client.send(asked, stream=True)

        async def parts() -> AsyncIterator[bytes]:
            async for part in answer.aiter_raw():
                yield part
            await client.aclose()

        passed = {name: answer.headers[name] for name in ("content-type", "x-request-id") if name in answer.headers}
        return StreamingResponse(parts(), answer.status_code, passed)


Making = Callable[..., None]
"""Puts a bot in."""
