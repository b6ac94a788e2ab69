"""An endpoint of the Chat Completions API is asked by the Responses API: what is sent, and what comes back?"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .asking import Ask
from .bodies import counted, objects_in, parts_of, refuse_failed, texts_of
from .bots import CalledBot
from .refusal import RefusedError

_NO_PLACE = {"context_management", "include", "max_tool_calls", "prompt", "top_logprobs", "truncation"}
_ECHOED = ("instructions", "metadata", "parallel_tool_calls", "temperature", "text", "tool_choice", "tools", "top_p")
_SAYS = {"output_text": "text", "refusal": "refusal"}
"""The types of parts of a message, and where each has its text."""

LONGEST = 20 * 2**20
"""How many characters are held of an answer that is translated."""

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
    asked["messages"] = _messages(body)
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


def _messages(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    if body.get("instructions"):
        made.append({"role": "system", "content": body["instructions"]})
    asked = body.get("input")
    if isinstance(asked, str):
        return [*made, {"role": "user", "content": asked}]
    if not isinstance(asked, list) or not all(isinstance(item, dict) for item in asked):
        raise RefusedError(400, "input: Input should be a string or a list of items", param="input")
    for item in asked:
        kind = item.get("type", "message")
        if kind == "function_call":
            # What one turn says and calls is one message: many models take no two of one side in a row.
            if not made or made[-1]["role"] != "assistant":
                made.append({"role": "assistant", "content": None})
            function = {"name": item.get("name"), "arguments": item.get("arguments")}
            call = {"id": item.get("call_id"), "type": "function", "function": function}
            made[-1].setdefault("tool_calls", []).append(call)
        elif kind == "function_call_output":
            output = item.get("output")
            said = output if isinstance(output, str) else "".join(texts_of(output))
            made.append({"role": "tool", "tool_call_id": item.get("call_id"), "content": said})
        elif kind == "message":
            content = item.get("content")
            made.append({"role": item.get("role"), "content": content if isinstance(content, str) else _parts(content)})
        elif kind != "reasoning":
            raise RefusedError(400, f"input: the bot's endpoint takes no {kind}", param="input")
    return made


def _parts(content: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in parts_of(content, "input"):
        match part:
            case {"type": "input_text" | "output_text", "text": text}:
                found.append({"type": "text", "text": text})
            case {"type": "refusal"}:
                found.append(part)
            case {"type": "input_image", "image_url": str(url)}:
                detail = {} if part.get("detail") is None else {"detail": part["detail"]}
                found.append({"type": "image_url", "image_url": {"url": url, **detail}})
            case {"type": "input_file", **file}:
                found.append({"type": "file", "file": file})
            case {"type": kind}:
                raise RefusedError(400, f"input: the bot's endpoint takes no {kind}", param="input")
    return found


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


@dataclass(frozen=True)
class _Growing:
    """An item of the output that is being written.

    :param part: the part of the message; None for a call of a function.
    :param place: where it is, as each of its events says.
    """

    item: dict[str, Any]
    part: dict[str, Any] | None
    place: dict[str, Any]
    parts: list[str] = field(default_factory=list)


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
        self._messages: dict[str, _Growing] = {}
        """What is being said, by the type of its part: the answer, or that there is none."""

        self._calls: dict[str, _Growing] = {}
        """The calls of functions that are being written, by their index. One that has ended may be under none."""

        self._growing: list[_Growing] = []
        """All of them, from the first on."""

        self._length = 0
        self._failed = False

    def whole(self, answer: dict[str, Any]) -> dict[str, Any]:
        """One that is no stream.

        :raises RefusedError: it is an error.
        """
        refuse_failed(answer, "choices", self._response["model"])
        self._name(answer)
        for choice in _first(answer):
            message = choice.get("message")
            if isinstance(message, dict):
                if isinstance(text := message.get("content"), str) and text:
                    self._output(_message(_part("output_text", text)))
                if isinstance(refusal := message.get("refusal"), str) and refusal:
                    self._output(_message(_part("refusal", refusal)))
                for call in objects_in(message.get("tool_calls")):
                    self._output(_call(call))
            self._finish(choice.get("finish_reason"))
        self._count(answer)
        return self._ended()

    def event(self, event: dict[str, Any]) -> Iterator[bytes]:
        """The events that one event of a stream becomes."""
        if not self._has_begun:
            self._name(event)
        yield from self._created()
        if event.get("error"):
            error = event["error"] if isinstance(event["error"], dict) else {"message": str(event["error"])}
            self._failed = True
            named = {name: error.get(name) for name in ("code", "message", "param")}
            yield self._event("error", **named, error=error)  # OpenAI's own client looks for `error`
            return
        for choice in _first(event):
            delta = choice.get("delta")
            if isinstance(delta, dict):
                for name, kind in (("content", "output_text"), ("refusal", "refusal")):
                    if isinstance(text := delta.get(name), str) and text:
                        yield from self._write(kind, text)
                for call in objects_in(delta.get("tool_calls")):
                    yield from self._call(call)
            self._finish(choice.get("finish_reason"))
        self._count(event)

    def end(self) -> Iterator[bytes]:
        """The events that end the stream."""
        if self._failed:
            return
        yield from self._created()
        for growing in self._growing:
            item, text = growing.item, "".join(growing.parts)
            item["status"] = "completed"
            if growing.part is None:
                item["arguments"] = text
                yield self._event("response.function_call_arguments.done", arguments=text, **growing.place)
            else:
                kind = growing.part["type"]
                growing.part[_SAYS[kind]] = text
                done = {_SAYS[kind]: text, **_also(kind)}
                yield self._event(f"response.{kind}.done", **done, **growing.place)
                yield self._event("response.content_part.done", part=growing.part, **growing.place)
            yield self._event("response.output_item.done", output_index=growing.place["output_index"], item=item)
        ended = self._ended()
        yield self._event(f"response.{ended['status']}", response=ended)

    def _created(self) -> Iterator[bytes]:
        """How a stream begins, once."""
        if not self._has_begun:
            self._has_begun = True
            yield self._event("response.created", response=self._response)
            yield self._event("response.in_progress", response=self._response)

    def _write(self, kind: str, text: str) -> Iterator[bytes]:
        if kind not in self._messages:
            part = _part(kind, "")
            yield from self._begin(self._grow({**_message(part), "content": []}, part))
            growing = self._messages[kind] = self._growing[-1]
            yield self._event("response.content_part.added", part=part, **growing.place)
            growing.item["content"] = [part]
        growing = self._messages[kind]
        self._add(growing, text)
        yield self._event(f"response.{kind}.delta", delta=text, **_also(kind), **growing.place)

    def _call(self, delta: Mapping[str, Any]) -> Iterator[bytes]:
        function = delta.get("function")
        named = function if isinstance(function, dict) else {}
        index = str(delta.get("index"))
        known = self._calls.get(index)
        # Some endpoints send whole calls, and all of them by one index, or by none.
        if known is None or (named.get("name") and delta.get("id") not in (None, "", known.item["call_id"])):
            yield from self._begin(self._grow({**_call(delta), "arguments": ""}, None))
            known = self._calls[index] = self._growing[-1]
        more = named.get("arguments")
        if isinstance(more, str) and more:
            self._add(known, more)
            yield self._event("response.function_call_arguments.delta", delta=more, **known.place)

    def _grow(self, item: dict[str, Any], part: dict[str, Any] | None) -> _Growing:
        self._output({**item, "status": "in_progress"})
        output = self._response["output"]
        place = {"item_id": output[-1]["id"], "output_index": len(output) - 1}
        return _Growing(output[-1], part, place if part is None else {**place, "content_index": 0})

    def _begin(self, growing: _Growing) -> Iterator[bytes]:
        self._growing.append(growing)
        place = growing.place["output_index"]
        yield self._event("response.output_item.added", output_index=place, item=growing.item)

    def _add(self, growing: _Growing, more: str) -> None:
        """Hold it until the end, when a response has all that was said in parts."""
        self._length += len(more)
        if self._length > LONGEST:
            raise RefusedError(
                502, f"Bot {self._response['model']}: the endpoint's answer is longer than {LONGEST >> 20} MB"
            )
        growing.parts.append(more)

    def _name(self, answer: Mapping[str, Any]) -> None:
        if isinstance(answer.get("id"), str):
            self._response["id"] = f"resp-{answer['id']}"
        if isinstance(answer.get("created"), int):
            self._response["created_at"] = answer["created"]

    def _output(self, item: dict[str, Any]) -> None:
        item["id"] = f"{item['type']}-{len(self._response['output'])}"
        self._response["output"].append(item)

    def _finish(self, reason: object) -> None:
        if isinstance(reason, str) and reason in _INCOMPLETE:
            self._response["incomplete_details"] = {"reason": _INCOMPLETE[reason]}

    def _count(self, answer: Mapping[str, Any]) -> None:
        usage = counted(answer, ("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens"))
        if usage is not None:
            self._response["usage"] = usage

    def _ended(self) -> dict[str, Any]:
        status = "incomplete" if self._response["incomplete_details"] else "completed"
        return {**self._response, "status": status}

    def _event(self, kind: str, **more: Any) -> bytes:
        data = {"type": kind, "sequence_number": self._number, **more}
        self._number += 1
        return f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()


def _first(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The one choice that a response has a place for."""
    yield from (choice for choice in objects_in(answer.get("choices")) if choice.get("index") in (None, 0))


def _message(part: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "status": "completed", "content": [part]}


def _part(kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, _SAYS[kind]: text, **({"annotations": [], "logprobs": []} if kind == "output_text" else {})}


def _also(kind: str) -> dict[str, Any]:
    return {"logprobs": []} if kind == "output_text" else {}


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
