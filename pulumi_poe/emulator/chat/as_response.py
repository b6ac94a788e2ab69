"""An endpoint of the Responses API is asked by the Chat Completions API: what is sent, and what comes back?"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping
from typing import Any

from .asking import Ask
from .bodies import counted, objects_in, parts_of, refuse_failed, texts_of
from .bots import CalledBot
from .refusal import RefusedError

_NO_PLACE = {
    "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "modalities", "prediction",
    "presence_penalty", "seed", "stop", "top_logprobs", "web_search_options",
}  # fmt: skip
_FINISHED = {"max_output_tokens": "length", "content_filter": "content_filter"}


def asked_as_response(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The body for the endpoint, and the names of what is left out.

    :param body: that of a request to the Chat Completions API.

    :raises RefusedError: it has what the Responses API can't have.
    """
    if body.get("n") not in (None, 1):
        raise RefusedError(400, "n: the bot's endpoint gives one answer at a time", param="n")
    left_out = sorted(name for name in _NO_PLACE & set(body) if body[name] is not None)
    moved = {"messages", "max_tokens", "max_completion_tokens", "reasoning_effort", "verbosity", "response_format"}
    asked = {
        name: value
        for name, value in body.items()
        if name not in _NO_PLACE | moved | {"n", "stream_options", "tools", "tool_choice"}
    }
    asked["input"] = [item for message in _messages(body) for item in _items(message)]
    most = body.get("max_completion_tokens", body.get("max_tokens"))
    if most is not None:
        asked["max_output_tokens"] = most
    if body.get("reasoning_effort") is not None:
        asked["reasoning"] = {"effort": body["reasoning_effort"]}
    text = {"verbosity": body.get("verbosity"), "format": _format(body.get("response_format"))}
    if text := {name: value for name, value in text.items() if value is not None}:
        asked["text"] = text
    if isinstance(body.get("tools"), list):
        asked["tools"] = [{"type": "function", **_function(tool)} for tool in body["tools"]]
    choice = body.get("tool_choice")
    if choice is not None:
        asked["tool_choice"] = {"type": "function", **_function(choice)} if isinstance(choice, dict) else choice
    return asked, left_out


def _messages(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise RefusedError(400, "messages: Input should be a list of messages", param="messages")
    return messages


def _items(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The items of the input that one message becomes."""
    role, content = message.get("role"), message.get("content")
    if role == "tool":
        output = content if isinstance(content, str) else "".join(texts_of(content))
        yield {"type": "function_call_output", "call_id": message.get("tool_call_id"), "output": output}
        return
    said = content if isinstance(content, str) else _parts(content, role)
    if role == "assistant" and isinstance(refusal := message.get("refusal"), str) and refusal:
        said = [*([{"type": "output_text", "text": said}] if isinstance(said, str) and said else said)]
        said.append({"type": "refusal", "refusal": refusal})
    if said or role != "assistant":
        yield {"role": role, "content": said}
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            named = {"name": function.get("name"), "arguments": function.get("arguments", "{}")}
            yield {"type": "function_call", "call_id": call.get("id"), **named}


def _parts(content: object, role: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if content is None and role == "assistant":
        return found
    for part in parts_of(content, "messages"):
        match part:
            case {"type": "text", "text": text}:
                found.append({"type": "output_text" if role == "assistant" else "input_text", "text": text})
            case {"type": "refusal"}:
                found.append(part)
            case {"type": "image_url", "image_url": {"url": url} as image}:
                detail = {} if image.get("detail") is None else {"detail": image["detail"]}
                found.append({"type": "input_image", "image_url": url, **detail})
            case {"type": "file", "file": dict(file)}:
                found.append({"type": "input_file", **file})
            case {"type": kind}:
                raise RefusedError(400, f"messages: the bot's endpoint takes no {kind}", param="messages")
    return found


def _function(tool: object) -> dict[str, Any]:
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(function, dict):
        raise RefusedError(400, "tools: Input should be functions", param="tools")
    return function


def _format(wanted: object) -> dict[str, Any] | None:
    if not isinstance(wanted, dict):
        return None
    schema = wanted.get("json_schema")
    return {"type": wanted.get("type"), **(schema if isinstance(schema, dict) else {})}


class ResponseToChat:
    """The answer of such an endpoint, as one of the Chat Completions API.

    :param ask: what the client asked.
    :param bot: the bot.
    """

    def __init__(self, ask: Ask, bot: CalledBot) -> None:
        self._wants_usage = ask.wants_usage
        self._named = {"id": "chatcmpl-translated", "created": int(time.time()), "model": bot.handle}
        self._calls: list[object] = []
        """The places in the output of the calls of functions that are being written."""

        self._has_begun = False
        self._said: set[object] = set()
        """The places of what has come in parts."""

    def whole(self, answer: dict[str, Any]) -> dict[str, Any]:
        """One that is no stream.

        :raises RefusedError: it is an error.
        """
        refuse_failed(answer, "output", self._named["model"])
        self._name(answer)
        message = _message(answer)
        reason = _reason(answer, message.get("tool_calls", []))
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
        made = {**self._named, "object": "chat.completion", "choices": [choice]}
        usage = _usage(answer)
        return made if usage is None else {**made, "usage": usage}

    def event(self, event: dict[str, Any]) -> Iterator[bytes]:
        """The events that one event of a stream becomes."""
        response, place = event.get("response"), event.get("output_index")
        match event.get("type"):
            case "response.created":
                self._name(response if isinstance(response, dict) else {})
                yield self._chunk({"content": ""})
            case "response.output_text.delta":
                yield self._part(place, {"content": event.get("delta")})
            case "response.refusal.delta":
                yield self._part(place, {"refusal": event.get("delta")})
            case "response.output_item.added" if isinstance(item := event.get("item"), dict):
                if item.get("type") == "function_call":
                    self._calls.append(place)
                    yield self._chunk(
                        {"tool_calls": [{"index": len(self._calls) - 1, **_call({**item, "arguments": ""})}]}
                    )
            case "response.function_call_arguments.delta" if place in self._calls:
                yield self._part(place, self._arguments(place, event.get("delta")))
            case "response.function_call_arguments.done" if place in self._calls and not self._has_said(place):
                yield self._part(place, self._arguments(place, event.get("arguments")))
            case "response.completed" | "response.incomplete" if isinstance(response, dict):
                if not self._said and not self._calls:
                    yield from self._at_once(response)
                yield self._chunk({}, _reason(response, self._calls))
                usage = _usage(response)
                if usage is not None and self._wants_usage:
                    yield _event({**self._named, "object": "chat.completion.chunk", "choices": [], "usage": usage})
            case "response.failed" if isinstance(response, dict):
                yield _event({"error": response.get("error") or {"message": "the endpoint failed"}})
            case "error":
                yield _event(
                    {"error": event.get("error") or {name: event.get(name) for name in ("message", "code", "param")}}
                )

    def end(self) -> Iterator[bytes]:
        """The events that end the stream."""
        yield b"data: [DONE]\n\n"

    def _name(self, response: Mapping[str, Any]) -> None:
        if isinstance(response.get("id"), str):
            self._named["id"] = f"chatcmpl-{response['id']}"
        created = response.get("created_at")
        if isinstance(created, int | float) and math.isfinite(created):
            self._named["created"] = int(created)

    def _at_once(self, response: Mapping[str, Any]) -> Iterator[bytes]:
        """What an endpoint says at the end alone, of which nothing came in parts."""
        message = _message(response)
        calls = message.get("tool_calls", [])
        self._calls = list(range(len(calls)))
        said = {name: message[name] for name in ("content", "refusal") if message[name]}
        if calls:
            said["tool_calls"] = [{"index": index, **call} for index, call in enumerate(calls)]
        if said:
            yield self._chunk(said)

    def _arguments(self, place: object, more: object) -> dict[str, Any]:
        return {"tool_calls": [{"index": self._calls.index(place), "function": {"arguments": more}}]}

    def _has_said(self, place: object) -> bool:
        return json.dumps(place) in self._said

    def _part(self, place: object, delta: dict[str, Any]) -> bytes:
        self._said.add(json.dumps(place))
        return self._chunk(delta)

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> bytes:
        if not self._has_begun:
            self._has_begun = True
            delta = {"role": "assistant", **delta}
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return _event({**self._named, "object": "chat.completion.chunk", "choices": [choice]})


def _message(response: Mapping[str, Any]) -> dict[str, Any]:
    """All that a response says, as one message."""
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    calls = []
    for item in objects_in(response.get("output")):
        if item.get("type") == "function_call":
            calls.append(_call(item))
        for part in objects_in(item.get("content")) if item.get("type") == "message" else []:
            name, text = (
                ("refusal", part.get("refusal")) if part.get("type") == "refusal" else ("content", part.get("text"))
            )
            message[name] = (message[name] or "") + (text if isinstance(text, str) else "")
    if calls:
        message["tool_calls"] = calls
    return message


def _call(item: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": item.get("name"), "arguments": item.get("arguments")}
    return {"id": item.get("call_id"), "type": "function", "function": function}


def _reason(response: Mapping[str, Any], calls: list[Any]) -> str:
    details = response.get("incomplete_details")
    if isinstance(details, dict):
        return _FINISHED.get(str(details.get("reason")), "length")
    return "tool_calls" if calls else "stop"


def _usage(response: Mapping[str, Any]) -> dict[str, Any] | None:
    return counted(response, ("input_tokens", "output_tokens"), ("prompt_tokens", "completion_tokens"))


def _event(data: object) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"
