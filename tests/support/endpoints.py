"""An OpenAI-compatible endpoint on a real socket, which can be made to misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

ENDPOINT_KEY = "sk-endpoint-canary"


@dataclass
class Endpoint:
    """Serves until the end of its with block.

    :param key: what it wants as its key; None takes anybody.
    :param models: what it lists; None has no list.
    :param status: what it answers instead of a success.
    :param usage: whether it reports how many tokens there were.
    :param streams: whether it can stream.
    :param answering: what it answers in place of all that, by path and body; None for what it would.
    :param port: where; 0 is any.
    """

    key: str | None = None
    models: list[str] | None = field(default_factory=lambda: ["m"])
    status: int = 200
    usage: bool = True
    streams: bool = True
    answering: Callable[[str, Any], tuple[int, str] | None] = lambda _path, _body: None
    port: int = 0
    requests: list[tuple[str, str, Any, str | None]] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> Endpoint:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def asked(self) -> list[str]:
        """The paths of all requests."""
        return [path.removeprefix("/v1") for _, path, _, _ in self.requests]

    def _answer(self, path: str, body: Any) -> tuple[int, str]:
        if (own := self.answering(path, body)) is not None:
            return own
        if self.status != 200:
            return self.status, json.dumps({"error": {"message": f"refused {self.key}"}})
        if path == "/v1/models":
            listed = [{"id": model} for model in self.models or []]
            return (200, json.dumps({"data": listed})) if self.models is not None else (404, "no such page")
        chat = path.endswith("/chat/completions")
        counts = ("prompt_tokens", "completion_tokens") if chat else ("input_tokens", "output_tokens")
        usage = {"usage": dict.fromkeys(counts, 3)} if self.usage else {}
        if not body.get("stream"):
            whole = {"choices": [{"message": {"content": "ok"}}]} if chat else {"output": [{"type": "message"}]}
            return 200, json.dumps({**whole, **usage})
        if not self.streams:
            return 200, "streaming is not supported"
        if chat:
            last = [{"choices": [], **usage}] if body["stream_options"]["include_usage"] else []
            events = [json.dumps(one) for one in [{"choices": [{"delta": {"content": "ok"}}]}, *last]] + ["[DONE]"]
        else:
            events = [json.dumps({"type": "response.completed", "response": {"output": [], **usage}})]
        return 200, "".join(f"data: {event}\n\n" for event in events)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply(None)

            def do_POST(self) -> None:
                self._reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def _reply(self, body: Any) -> None:
                shown = self.headers.get("Authorization")
                endpoint.requests.append((self.command, self.path, body, shown))
                status, text = endpoint._answer(self.path, body)
                if endpoint.key is not None and shown != f"Bearer {endpoint.key}":
                    status, text = 401, "who are you?"
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                raw = text.encode()
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler


def served_by(url: str, handle: str = "Bot", **settings: Any) -> dict[str, Any]:
    """A bot whose endpoint lies there."""
    return {"handle": handle, "api_bot_settings": {"model_name": "m", "base_url": url, **settings}}
