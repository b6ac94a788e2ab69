"""What does the client ask?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from .refusal import RefusedError

Api = Literal["chat_completions_api", "responses_api"]
"""The two wire formats, by the names that `api_type` has (docs/poe-bots-api.md, 2)."""

PATHS: dict[Api, str] = {"chat_completions_api": "/chat/completions", "responses_api": "/responses"}
"""The path of each, after the base URL."""

LONG = 2**18
"""A body from this size on is read and written in a thread, so that other conversations go on."""


@dataclass(frozen=True)
class Ask:
    """One question of a client."""

    api: Api
    model: str
    stream: bool

    wants_usage: bool
    """Whether the client itself asked for the event that reports the tokens of a stream."""

    size: int
    """How many bytes it came in."""

    body: dict[str, Any]
    """All of it, with what a literal `extra_body` has at the top, where OpenAI's own clients put it."""


def asked(raw: bytes, api: Api) -> Ask:
    """What a body asks.

    :raises RefusedError: it is no question in this format, or asks for what no endpoint is asked for here.
    """
    try:
        body = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise RefusedError(400, "body: Input should be JSON") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "body: Input should be a JSON object")
    extra = body.get("extra_body")
    if isinstance(extra, dict):
        # First, as what it has is asked for like anything else.
        extra = {name: value for name, value in extra.items() if name != "model"}
        body = {**extra, **{name: value for name, value in body.items() if name != "extra_body"}}
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise RefusedError(400, "model: Input should be the handle of a bot", param="model")
    stream = body.get("stream")
    if stream is not None and not isinstance(stream, bool):
        raise RefusedError(400, "stream: Input should be true or false", param="stream")
    options = body.get("stream_options")
    if options is not None and not isinstance(options, dict):
        raise RefusedError(400, "stream_options: Input should be a JSON object", param="stream_options")
    _refuse_what_is_stored(body, api)
    wants_usage = isinstance(options, dict) and options.get("include_usage") is True
    return Ask(api, model, bool(stream), wants_usage, len(raw), body)


def _refuse_what_is_stored(body: dict[str, Any], api: Api) -> None:
    """No answer is kept, so none can be gone back to (docs/poe-bots-api.md, 5.9)."""
    if api != "responses_api":
        return
    for name in ("previous_response_id", "conversation"):
        if body.get(name) is not None:
            raise RefusedError(400, f"{name}: no response is stored here; send the whole conversation", param=name)
    for name in ("store", "background"):
        if body.get(name):
            raise RefusedError(400, f"{name}: no response is stored here; leave it out or send false", param=name)


def _refuse_constant(name: str) -> None:
    """Python reads NaN and Infinity, JSON does not know them."""
    raise ValueError(name)
