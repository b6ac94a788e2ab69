"""The two formats in which Poe calls an endpoint: what is sent, and where the answer has what Poe needs.

A check asks for a few words and looks at the whole answer. A conversation, which reads it as it comes, has
`pulumi_poe/chat/wire.py`.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any, Final

_WORDS: Final = "Answer with the word ok."
_MOST_TOKENS: Final = 16

_TOOL: Final[dict[str, Any]] = {
    "name": "get_time",
    "description": "The time of day.",
    "parameters": {"type": "object", "properties": {}},
}

_SIDE: Final = 64
"""Pixels of a side of the image. Models that see refuse an image of one pixel."""


class ChatCompletions:
    """``api_type`` ``chat_completions_api``, which is also what Poe's samples leave out."""

    path = "/chat/completions"
    counts = ("prompt_tokens", "completion_tokens")
    how_to_report = "Report usage, and in a stream in its last chunk, as 'stream_options' asks for it."
    limits = ("max_tokens", "max_completion_tokens")
    """The names of the most tokens of an answer: newer models refuse the first."""

    ends: re.Pattern[bytes] | None = re.compile(rb"^data: ?\[DONE\]", re.MULTILINE)
    """What stands at the end of a stream."""

    def body(self, model: str, *, stream: bool = False, tools: bool = False, image: bool = False) -> dict[str, Any]:
        """What is sent."""
        content: Any = _WORDS
        if image:
            content = [{"type": "text", "text": _WORDS}, {"type": "image_url", "image_url": {"url": _image()}}]
        body = {"model": model, "messages": [{"role": "user", "content": content}], self.limits[0]: _MOST_TOKENS}
        if tools:
            body["tools"] = [{"type": "function", "function": _TOOL}]
        return {**body, "stream": True, "stream_options": {"include_usage": True}} if stream else body

    def is_answer(self, part: Any, *, stream: bool) -> bool:
        """Whether a body, or an event of a stream, has something to show to a user.

        >>> ChatCompletions().is_answer({"choices": [{"message": {"content": "ok"}}]}, stream=False)
        True
        """
        choices = part.get("choices") if isinstance(part, dict) else None
        name = "delta" if stream else "message"
        return isinstance(choices, list) and any(
            isinstance(one, dict) and isinstance(one.get(name), dict) for one in choices
        )

    def is_end(self, part: Any) -> bool:
        """Whether an event says that the answer is whole."""
        choices = part.get("choices") if isinstance(part, dict) else None
        return isinstance(choices, list) and any(isinstance(one, dict) and one.get("finish_reason") for one in choices)

    def usage(self, part: Any) -> Any:
        """What a body, or an event, reports of tokens."""
        return part.get("usage") if isinstance(part, dict) else None


class Responses:
    """``api_type`` ``responses_api``."""

    path = "/responses"
    counts = ("input_tokens", "output_tokens")
    how_to_report = "Report usage in the response, which a stream ends with as response.completed."
    limits = ("max_output_tokens",)
    ends: re.Pattern[bytes] | None = None

    def body(self, model: str, *, stream: bool = False, tools: bool = False, image: bool = False) -> dict[str, Any]:
        """What is sent."""
        asked: Any = _WORDS
        if image:
            content = [{"type": "input_text", "text": _WORDS}, {"type": "input_image", "image_url": _image()}]
            asked = [{"role": "user", "content": content}]
        body = {"model": model, "input": asked, self.limits[0]: _MOST_TOKENS}
        if tools:
            body["tools"] = [{"type": "function", **_TOOL}]
        return {**body, "stream": True} if stream else body

    def is_answer(self, part: Any, *, stream: bool) -> bool:
        """Whether a body, or an event of a stream, has something to show to a user.

        >>> Responses().is_answer({"type": "response.completed", "response": {"output": []}}, stream=True)
        True
        """
        del stream
        return isinstance(part, dict) and isinstance(self._response(part).get("output"), list)

    def is_end(self, part: Any) -> bool:
        """Whether an event says that the answer is whole. It is, also where it is as long as was asked for."""
        return isinstance(part, dict) and part.get("type") in ("response.completed", "response.incomplete")

    def usage(self, part: Any) -> Any:
        """What a body, or an event, reports of tokens."""
        return self._response(part).get("usage") if isinstance(part, dict) else None

    def _response(self, part: dict[str, Any]) -> dict[str, Any]:
        inner = part.get("response")
        return inner if isinstance(inner, dict) else part


Format = ChatCompletions | Responses


def format_of(api_type: object) -> Format:
    """The format of an ``api_type``, or of none.

    >>> format_of("responses_api").path, format_of(None).path
    ('/responses', '/chat/completions')
    """
    return Responses() if api_type == "responses_api" else ChatCompletions()


def json_of(text: str) -> Any:
    """The value, or None if it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def events_of(text: str) -> list[Any]:
    r"""What each event of a stream carries: JSON, or None for what is none.

    >>> events_of(': hello\n\ndata: {"a": 1}\r\n\r\ndata: {"b":\ndata: 2}\n\ndata: [DONE]\n\n')
    [{'a': 1}, {'b': 2}, None]
    """
    found = []
    # Not by str.splitlines, which also breaks a text of JSON at U+2028.
    for event in re.split(r"(?:\r\n|\n|\r){2,}", text):
        data = [line[5:] for line in re.split(r"\r\n|\n|\r", event) if line.startswith("data:")]
        if data:
            found.append(json_of("\n".join(data)))
    return found


def _image() -> str:
    """A white square, as a URL that holds it: what has an image to be looked at is otherwise not in reach of all."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    rows = (b"\0" + b"\xff" * 3 * _SIDE) * _SIDE
    head = _SIDE.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    picture = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"
