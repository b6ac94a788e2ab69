"""An endpoint of the Chat Completions API is asked by the Responses API: what is sent, and what comes back?"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from .as_response import refuse_failed
from .asking import Ask
from .bots import CalledBot
from .refusal import RefusedError

_NO_PLACE = {"context_management", "include", "max_tool_calls", "prompt", "truncation"}
_ECHOED = ("instructions", "metadata", "parallel_tool_calls", "temperature", "text", "tool_choice", "tools", "top_p")
_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


def asked_as_chat(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The body for the endpoint, and the names of what is left out.

    :param body: that of a request to the Responses API.

    :raises RefusedError: it has what the Chat Completions API can't have.
    """
    left_out = sorted(name for name in _NO_PLACE & set(body) if body[name] is not None)
    moved = {"input", "instructions", "max_output_tokens", "reasoning", "text", "tools", "tool_choice"}
    nothing = {"store", "background", "previous_response_id", "conversation", "stream_options"}
    asked = {name: value for name, value in body.items() if name not in _NO_PLACE | moved | nothing}
    asked["messages"] = list(_messages(body))
    if body.get("max_output_tokens") is not None:
        asked["max_tokens"] = body["max_output_tokens"]
    reasoning, text = body.get("reasoning"), body.get("text")
    if isinstance(reasoning, dict) and reasoning.get("effort") is not None:
        asked["reasoning_effort"] = reasoning["effort"]
    if isinstance(text, dict):
        if text.get("verbosity") is not None:
            asked["verbosity"] = text["verbosity"]
        if isinstance(wanted := text.get("format"), dict):
            asked["response_format"] = _format(wanted)
    if isinstance(body.get("tools"), list):
        asked["tools"] = [_tool(tool) for tool in body["tools"]]
    choice = body.get("tool_choice")
    if choice is not None:
        asked["tool_choice"] = _tool(choice) if isinstance(choice, dict) else choice
    return asked, left_out


def _messages(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if body.get("instructions"):
        yield {"role": "system", "content": body["instructions"]}
    asked = body.get("input")
    if isinstance(asked, str):
        yield {"role": "user", "content": asked}
        return
    if not isinstance(asked, list) or not all(isinstance(item, dict) for item in asked):
        raise RefusedError(400, "input: Input should be a string or a list of items", param="input")
    calls: list[dict[str, Any]] = []
    for item in asked:
        kind = item.get("type", "message")
        if kind == "function_call":
            function = {"name": item.get("name"), "arguments": item.get("arguments")}
            calls.append({"id": item.get("call_id"), "type": "function", "function": function})
            continue
        if calls:  # those of one turn are one message
            yield {"role": "assistant", "content": None, "tool_calls": calls}
            calls = []
        if kind == "function_call_output":
            output = item.get("output")
            said = output if isinstance(output, str) else "".join(_texts(output))
            yield {"role": "tool", "tool_call_id": item.get("call_id"), "content": said}
        elif kind == "message":
            content = item.get("content")
            yield {"role": item.get("role"), "content": content if isinstance(content, str) else _parts(content)}
        elif kind != "reasoning":
            raise RefusedError(400, f"input: the bot's endpoint takes no {kind}", param="input")
    if calls:
        yield {"role": "assistant", "content": None, "tool_calls": calls}


def _parts(content: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in content if isinstance(content, list) else []:
        match part:
            case {"type": "input_text" | "output_text", "text": text}:
                found.append({"type": "text", "text": text})
            case {"type": "refusal"}:
                found.append(part)
            case {"type": "input_image", "image_url": url}:
                detail = {} if part.get("detail") is None else {"detail": part["detail"]}
                found.append({"type": "image_url", "image_url": {"url": url, **detail}})
            case {"type": "input_file", **file}:
                found.append({"type": "file", "file": file})
            case {"type": kind}:
                raise RefusedError(400, f"input: the bot's endpoint takes no {kind}", param="input")
    return found


def _texts(output: object) -> Iterator[str]:
    for part in output if isinstance(output, list) else []:
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            yield part["text"]


def _tool(tool: object) -> dict[str, Any]:
    if not isinstance(tool, dict) or tool.get("type") != "function":
        raise RefusedError(
            400, "tools: the bot's endpoint takes functions, and no tools of OpenAI's own", param="tools"
        )
    return {"type": "function", "function": {name: value for name, value in tool.items() if name != "type"}}


def _format(wanted: Mapping[str, Any]) -> dict[str, Any]:
    if wanted.get("type") != "json_schema":
        return {"type": wanted.get("type")}
    return {"type": "json_schema", "json_schema": {name: value for name, value in wanted.items() if name != "type"}}


class ChatToResponse:
    """The answer of such an endpoint, as one of the Responses API.

    :param ask: what the client asked.
    :param bot: the bot.
    """

    def __init__(self, ask: Ask, bot: CalledBot) -> None:
        echoed = {name: ask.body.get(name) for name in _ECHOED}
        self._response: dict[str, Any] = {
            "id": "resp-translated",
            "object": "response",
            "created_at": int(time.time()),
            "status": "in_progress",
            "error": None,
            "incomplete_details": None,
            "model": bot.handle,
            "output": [],
            **echoed,
            "tools": echoed["tools"] or [],
            "tool_choice": echoed["tool_choice"] or "auto",
            "parallel_tool_calls": echoed["parallel_tool_calls"] is not False,
            "usage": None,
        }
        self._number = 0
        self._has_begun = False
        self._text: dict[str, Any] | None = None
        """The message that is being written."""
        self._calls: dict[str, dict[str, Any]] = {}
        """The calls of functions that are being written, by their index."""
        self._failed = False

    def whole(self, answer: dict[str, Any]) -> dict[str, Any]:
        """One that is no stream.

        :raises RefusedError: it is an error.
        """
        refuse_failed(answer, "choices", self._response["model"])
        self._name(answer)
        for choice in _objects(answer.get("choices")):
            message = choice.get("message")
            if isinstance(message, dict):
                if isinstance(text := message.get("content"), str) and text:
                    self._output(_message(text))
                if isinstance(refusal := message.get("refusal"), str) and refusal:
                    self._output({**_message(""), "content": [{"type": "refusal", "refusal": refusal}]})
                for call in _objects(message.get("tool_calls")):
                    self._output(_call(call))
            self._finish(choice.get("finish_reason"))
        self._count(answer)
        return self._ended()

    def event(self, event: dict[str, Any]) -> Iterator[bytes]:
        """The events that one event of a stream becomes."""
        if not self._has_begun:
            self._has_begun = True
            self._name(event)
            yield self._event("response.created", response=self._response)
            yield self._event("response.in_progress", response=self._response)
        if "error" in event:
            error = event["error"] if isinstance(event["error"], dict) else {"message": str(event["error"])}
            self._failed = True
            named = {name: error.get(name) for name in ("code", "message", "param")}
            yield self._event("error", **named, error=error)  # OpenAI's own client looks for `error`
            return
        for choice in _objects(event.get("choices")):
            delta = choice.get("delta")
            if isinstance(delta, dict):
                if isinstance(text := delta.get("content"), str) and text:
                    yield from self._write(text)
                for call in _objects(delta.get("tool_calls")):
                    yield from self._call(call)
            self._finish(choice.get("finish_reason"))
        self._count(event)

    def end(self) -> Iterator[bytes]:
        """The events that end the stream."""
        if self._failed or not self._has_begun:
            return
        if self._text is not None:
            yield from self._written(self._text)
        for call in self._calls.values():
            place = {"item_id": call["id"], "output_index": self._response["output"].index(call)}
            call["status"] = "completed"
            yield self._event("response.function_call_arguments.done", arguments=call["arguments"], **place)
            yield self._event("response.output_item.done", output_index=place["output_index"], item=call)
        ended = self._ended()
        yield self._event(f"response.{ended['status']}", response=ended)

    def _write(self, text: str) -> Iterator[bytes]:
        if self._text is None:
            self._text = self._output({**_message(""), "status": "in_progress"})
            begun = {**self._text, "content": []}
            yield self._event("response.output_item.added", output_index=self._index(self._text), item=begun)
            yield self._event("response.content_part.added", part=_text_part(""), **self._place(self._text))
        self._text["content"][0]["text"] += text
        yield self._event("response.output_text.delta", delta=text, logprobs=[], **self._place(self._text))

    def _written(self, message: dict[str, Any]) -> Iterator[bytes]:
        message["status"] = "completed"
        part, place = message["content"][0], self._place(message)
        yield self._event("response.output_text.done", text=part["text"], logprobs=[], **place)
        yield self._event("response.content_part.done", part=part, **place)
        yield self._event("response.output_item.done", output_index=place["output_index"], item=message)

    def _call(self, delta: Mapping[str, Any]) -> Iterator[bytes]:
        index = str(delta.get("index", 0))
        if index not in self._calls:
            call = self._calls[index] = self._output({**_call(delta), "arguments": "", "status": "in_progress"})
            added = {"output_index": self._index(call), "item": dict(call)}
            yield self._event("response.output_item.added", **added)
        call = self._calls[index]
        function = delta.get("function")
        more = function.get("arguments") if isinstance(function, dict) else None
        if isinstance(more, str) and more:
            call["arguments"] += more
            place = {"item_id": call["id"], "output_index": self._index(call)}
            yield self._event("response.function_call_arguments.delta", delta=more, **place)

    def _name(self, answer: Mapping[str, Any]) -> None:
        if isinstance(answer.get("id"), str):
            self._response["id"] = f"resp-{answer['id']}"
        if isinstance(answer.get("created"), int):
            self._response["created_at"] = answer["created"]

    def _output(self, item: dict[str, Any]) -> dict[str, Any]:
        item["id"] = f"{item['type']}-{len(self._response['output'])}"
        self._response["output"].append(item)
        return item

    def _index(self, item: dict[str, Any]) -> int:
        return int(self._response["output"].index(item))

    def _place(self, message: dict[str, Any]) -> dict[str, Any]:
        return {"item_id": message["id"], "output_index": self._index(message), "content_index": 0}

    def _finish(self, reason: object) -> None:
        if isinstance(reason, str) and reason in _INCOMPLETE:
            self._response["incomplete_details"] = {"reason": _INCOMPLETE[reason]}

    def _count(self, answer: Mapping[str, Any]) -> None:
        usage = answer.get("usage")
        if isinstance(usage, dict):
            names = {
                "prompt_tokens": "input_tokens",
                "completion_tokens": "output_tokens",
                "total_tokens": "total_tokens",
                "prompt_tokens_details": "input_tokens_details",
                "completion_tokens_details": "output_tokens_details",
            }
            self._response["usage"] = {name: usage[theirs] for theirs, name in names.items() if theirs in usage}

    def _ended(self) -> dict[str, Any]:
        status = "incomplete" if self._response["incomplete_details"] else "completed"
        return {**self._response, "status": status}

    def _event(self, kind: str, **more: Any) -> bytes:
        data = {"type": kind, "sequence_number": self._number, **more}
        self._number += 1
        return f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()


def _message(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "status": "completed", "content": [_text_part(text)]}


def _text_part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call.get("function")
    named = function if isinstance(function, dict) else {}
    return {
        "type": "function_call",
        "call_id": call.get("id"),
        "name": named.get("name"),
        "arguments": named.get("arguments") or "",
        "status": "completed",
    }


def _objects(value: object) -> Iterator[dict[str, Any]]:
    yield from (one for one in (value if isinstance(value, list) else []) if isinstance(one, dict))
