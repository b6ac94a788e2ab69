"""How do the two APIs spell a question and its answer? (docs/poe-bots-api.md, 5.2, 5.9)

For a conversation, whose answer is read event by event. What the checks of an endpoint ask is in
`pulumi_poe/core/endpoint/wire.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from ..core.values.trees import at

Api = Literal["chat_completions_api", "responses_api"]
"""By the names that a bot's `api_type` has."""

PATHS: Final[Mapping[Api, str]] = {"chat_completions_api": "/chat/completions", "responses_api": "/responses"}

OWN_NAMES: Final = frozenset({"model", "messages", "input", "stream", "stream_options"})
"""What a body has that is no parameter of a bot."""

_DELTAS: Final = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "text",
    "response.reasoning_text.delta": "thought",
    "response.reasoning_summary_text.delta": "thought",
}
_LAST: Final = ("response.completed", "response.incomplete", "response.failed")


@dataclass(frozen=True)
class Message:
    """What one side said.

    :param images: the pictures with it, as data URLs.
    """

    role: Literal["user", "assistant"]
    text: str
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class Event:
    """What one event of a stream says."""

    text: str = ""
    """The next part of the answer."""

    thought: str = ""
    """The next part of what the model thinks, where its endpoint shows that."""

    is_last: bool = False
    """Whether the answer is complete with it."""

    reason: str | None = None
    """Why it ends, where that is not its own end: such as ``length``."""

    error: str | None = None
    """What went wrong."""

    counted: Mapping[str, Any] | None = None
    """What has the `usage`, if something does."""


def body(api: Api, model: str, messages: Sequence[Message], values: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent for a conversation, with the parameters at its top.

    :param values: what is set, by the names of the parameters.

    >>> body("responses_api", "Acme", [Message("user", "Hi")], {"effort": "high"})
    {'effort': 'high', 'model': 'Acme', 'stream': True, 'input': [{'role': 'user', 'content': 'Hi'}]}
    """
    said = [{"role": message.role, "content": _content(api, message)} for message in messages]
    own: dict[str, Any] = {"model": model, "stream": True}
    if api == "responses_api":
        return {**values, **own, "input": said}
    return {**values, **own, "stream_options": {"include_usage": True}, "messages": said}


def event(api: Api, data: str) -> Event:
    """What an event of a stream says.

    :raises ValueError: it is no JSON object.
    """
    if api == "chat_completions_api" and data == "[DONE]":
        return Event(is_last=True)
    try:
        said = json.loads(data)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(said, dict):
        raise ValueError("no object")
    return _of_responses(said) if api == "responses_api" else _of_chat(said)


def _content(api: Api, message: Message) -> str | list[dict[str, Any]]:
    if not message.images:
        return message.text
    if api == "responses_api":
        images = [{"type": "input_image", "image_url": url, "detail": "auto"} for url in message.images]
        return [{"type": "input_text", "text": message.text}, *images]
    pictures = [{"type": "image_url", "image_url": {"url": url}} for url in message.images]
    return [{"type": "text", "text": message.text}, *pictures]


def _of_chat(said: dict[str, Any]) -> Event:
    error = _error_of(said)
    if error is not None:
        return Event(error=error)
    choices = said.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    reason = _text(at(choice, ("finish_reason",)))
    return Event(
        text=_text(at(choice, ("delta", "content"))) or _text(at(choice, ("delta", "refusal"))),
        thought=_text(at(choice, ("delta", "reasoning_content"))) or _text(at(choice, ("delta", "reasoning"))),
        is_last=bool(reason),
        reason=reason if reason not in ("", "stop") else None,
        counted=said if isinstance(said.get("usage"), dict) else None,
    )


def _of_responses(said: dict[str, Any]) -> Event:
    kind = said.get("type")
    if kind in _DELTAS:
        delta = _text(said.get("delta"))
        return Event(text=delta) if _DELTAS[kind] == "text" else Event(thought=delta)
    if kind == "error" or "error" in said:
        return Event(error=_error_of(said) or _text(said.get("message")) or "an error without words")
    if kind not in _LAST:
        return Event()
    response = said.get("response")
    if kind == "response.failed":
        return Event(error=_error_of(response) or "the answer failed")
    return Event(
        is_last=True,
        reason=_text(at(response, ("incomplete_details", "reason"))) or None,
        counted=response if isinstance(response, dict) else None,
    )


def _error_of(said: object) -> str | None:
    """The words of an error in OpenAI's form, also where it is a plain text."""
    error = said.get("error") if isinstance(said, dict) else None
    if error is None:
        return None
    return _text(at(error, ("message",))) or _text(error) or "an error without words"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
