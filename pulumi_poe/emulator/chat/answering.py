"""What does the client see of the answer?

Of all that an endpoint answers two things are changed: `model` is the bot's handle, and the event that reports the
tokens of a stream is left out where the client did not ask for it. The rest passes byte for byte.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .asking import Ask
from .bots import CalledBot
from .events import Splitter, TooLongError, data_of
from .pricing import Usage, usage_in
from .refusal import RefusedError
from .words import one_line, without

_MODEL = re.compile(rb'"model"\s*:\s*("(?:[^"\\]|\\.)*")')
_LAST = {"response.completed", "response.incomplete", "response.failed", "error"}


class Answer:
    """One answer on its way from the endpoint to the client.

    :param ask: what was asked.
    :param bot: the bot that was asked.
    """

    def __init__(self, ask: Ask, bot: CalledBot) -> None:
        self._ask = ask
        self.bot = bot
        self._splitter = Splitter()
        self._is_complete = False
        self._is_done = False
        self.usage: Usage | None = None
        """What the endpoint reports, once it has."""

        self.notes: list[str] = []
        """What its owner should know of the answer."""

    @property
    def is_over(self) -> bool:
        """Whether a stream has had its last event."""
        return self._is_complete if self._ask.api == "responses_api" else self._is_done

    def whole(self, raw: bytes) -> bytes:
        """The body that the client gets for the endpoint's.

        :raises RefusedError: it is no JSON object.
        """
        answer = _object_in(raw)
        if answer is None:
            raise RefusedError(
                502,
                f"Bot {self.bot.handle}: the endpoint answered what is no JSON object,"
                f" {self._said(raw)}; base_url has to be that of an OpenAI-compatible API",
            )
        self.usage = usage_in(answer)
        return self._without_key(self._renamed(raw, answer, answer), answer)

    def part(self, chunk: bytes) -> bytes:
        """What the client gets for a part of the endpoint's stream: the events that it completes.

        :raises RefusedError: an event is too long to be one.
        """
        try:
            events = self._splitter.feed(chunk)
        except TooLongError:
            raise RefusedError(
                502, f"Bot {self.bot.handle}: the endpoint sends an event that does not end; it was cut off"
            ) from None
        return b"".join(map(self._event, events))

    def end(self) -> bytes:
        """What the client gets once the endpoint has ended its stream: nothing, if that was complete.

        :raises RefusedError: it broke off.
        """
        if self.is_over:
            return b""
        if data_of(self._splitter.rest) is not None:
            # The end of the last line of all is missing now and then.
            completed = self._event(self._splitter.rest + b"\n\n") if self._ends_whole() else None
            if completed is None:
                raise RefusedError(
                    502, f"Bot {self.bot.handle}: the endpoint broke its stream off in the middle of an event"
                )
        else:
            completed = b""
        if not self._is_complete and not self.is_over:
            raise RefusedError(502, f"Bot {self.bot.handle}: the endpoint ended its stream before the answer's end")
        if self._ask.api == "chat_completions_api" and not self._is_done:
            self.notes.append("the endpoint's stream ends without data: [DONE]")
        return completed

    def _ends_whole(self) -> bool:
        data = data_of(self._splitter.rest)
        return data == b"[DONE]" or (data is not None and _object_in(data) is not None)

    def _event(self, raw: bytes) -> bytes:
        data = data_of(raw)
        if data is None:
            return raw
        if data == b"[DONE]":
            self._is_done = True
            return raw
        event = _object_in(data)
        if event is None:
            self._note("the endpoint sends events that are no JSON objects")
            return self._without_key(raw, {})
        inner = event.get("response") if self._ask.api == "responses_api" else event
        if isinstance(inner, dict):
            usage = usage_in(inner)
            self.usage = usage or self.usage
            if not self._ask.wants_usage and _only_counts(event):
                return b""
        self._is_complete = self._is_complete or _is_last(event)
        return self._without_key(self._renamed(raw, event, inner), event)

    def _without_key(self, raw: bytes, value: dict[str, Any]) -> bytes:
        """An error may quote the key that it refuses. What is no error passes, as a key may be a common word."""
        if self.bot.api_key is None or not _is_error(value):
            return raw
        return without(self.bot.api_key, raw.decode(errors="surrogateescape")).encode(errors="surrogateescape")

    def _renamed(self, raw: bytes, value: dict[str, Any], inner: object) -> bytes:
        """The bytes with the bot's handle as `model`, and else as they were wherever that can be.

        :param value: what is in the bytes.
        :param inner: that part of it which has the `model`, if it has one.
        """
        if not isinstance(inner, dict) or not isinstance(inner.get("model"), str):
            return raw
        handle = json.dumps(self.bot.handle).encode()
        found = list(_MODEL.finditer(raw))
        if len(found) == 1:
            begin, end = found[0].span(1)
            return raw[:begin] + handle + raw[end:]
        # Several, or one that is spelt in another way: so it is written anew.
        inner["model"] = self.bot.handle
        written = json.dumps(value).encode()
        if raw.lstrip()[:1] == b"{":
            return written
        named = [line for line in raw.splitlines() if line and not line.startswith(b"data:")]
        return b"\n".join([*named, b"data: " + written, b"", b""])

    def _said(self, raw: bytes) -> str:
        text = without(self.bot.api_key, raw[:2000].decode(errors="replace"))
        return f'"{one_line(text, 100)}"' if text.strip() else "nothing"

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)


def _is_error(value: dict[str, Any]) -> bool:
    """Whether it is an error, in whichever form, or nothing that an answer is made of."""
    choices = value.get("choices")
    places = [value, value.get("response"), *(choices if isinstance(choices, list) else [])]
    if any(isinstance(one, dict) and (one.get("error") or one.get("type") == "error") for one in places):
        return True
    return not {"choices", "output", "type"} & set(value)


def _only_counts(event: dict[str, Any]) -> bool:
    """Whether it is the event that `include_usage` asks for, even if its counts are none that can be."""
    is_empty = not event.get("choices") and not event.get("error") and "type" not in event
    return is_empty and isinstance(event.get("usage"), dict)


def _is_last(event: dict[str, Any]) -> bool:
    """Whether the answer is complete with this event, whatever follows."""
    if event.get("type") in _LAST or event.get("error"):  # which is null in every event of some endpoints
        return True
    choices = event.get("choices")
    return isinstance(choices, list) and any(
        isinstance(choice, dict) and choice.get("finish_reason") is not None for choice in choices
    )


def _object_in(raw: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
