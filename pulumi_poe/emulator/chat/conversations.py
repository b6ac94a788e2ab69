"""What was said, when, and at what cost?"""

from __future__ import annotations

import dataclasses
import json
import os
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

MOST = 200
"""How many conversations are remembered."""


@dataclass
class Conversation:
    """One question to a bot and its answer, without what was said."""

    id: str
    """Also the `x-request-id` of the answer."""

    model: str
    """The bot's handle, or what the client wrote in its place."""

    account: str
    """Who asked."""

    path: str
    """Which path was asked."""

    stream: bool
    """Whether the answer was to be streamed."""

    started: float
    """When it began, in seconds of the time of day."""

    status: int | None = None
    """The status of the answer; None if the client hung up before there was one."""

    first_byte: float | None = None
    """Seconds until the endpoint's answer began."""

    first_token: float | None = None
    """Seconds until the first event of a stream went to the client, or all of another answer."""

    seconds: float | None = None
    """Seconds until it was over."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    """What the endpoint reports; None if it did not."""

    cost: str | None = None
    """US dollars, exactly, as a plain decimal; None if it is not known."""

    notes: list[str] = field(default_factory=list)
    """What the bot's owner should know."""


class Conversations:
    """The last ones. With a folder all of them are kept in it, with what was said.

    :param folder: where each gets a folder of its own. It is created where missing. None, the default, keeps nothing.

    :raises OSError: the folder cannot be created.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._last: deque[Conversation] = deque(maxlen=MOST)
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._last.extend(_kept_in(folder))

    def __iter__(self) -> Iterator[Conversation]:
        """From the oldest on."""
        return iter(list(self._last))

    def clear(self) -> None:
        """Forget all of them. What is kept in the folder stays."""
        self._last.clear()

    def add(self, conversation: Conversation) -> None:
        """Remember one that is over."""
        self._last.append(conversation)

    def kept(self, conversation: Conversation, question: Mapping[str, Any]) -> Kept | None:
        """Begin to keep one with what is said; None where nothing is kept."""
        if self._folder is None:
            return None
        kept = Kept(self._folder / conversation.id, conversation)
        kept.asked(question)
        return kept


class Kept:
    """One conversation on disk. The answer is written as it passes.

    A disk that takes no more ends the keeping, and not the conversation.

    :param folder: where; it is created.
    """

    def __init__(self, folder: Path, conversation: Conversation) -> None:
        self._folder = folder
        self._conversation = conversation
        self._answer: BinaryIO | None = None
        with self._trying():
            folder.mkdir(mode=0o700)

    def asked(self, question: Mapping[str, Any]) -> None:
        """Keep the question."""
        with self._trying(), _new(self._folder / "request.json") as file:
            file.write(json.dumps(question).encode())

    def answered(self, part: bytes) -> None:
        """Keep a part of the answer."""
        with self._trying():
            if self._answer is None:
                self._answer = _new(self._folder / "answer")
            self._answer.write(part)

    def over(self) -> None:
        """Keep all that is known of it."""
        with self._trying():
            if self._answer is not None:
                self._answer.close()
            with _new(self._folder / "conversation.json") as file:
                file.write(json.dumps(dataclasses.asdict(self._conversation), indent=2).encode())

    @contextmanager
    def _trying(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            note = f"it could not be kept: {error.strerror}"
            if note not in self._conversation.notes:
                self._conversation.notes.append(note)


def _new(path: Path) -> BinaryIO:
    """A new file for its owner alone."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _kept_in(folder: Path) -> Iterator[Conversation]:
    """The last conversations of earlier starts. Their names begin with the time."""
    for file in sorted(folder.glob("*/conversation.json"))[-MOST:]:
        try:
            yield Conversation(**json.loads(file.read_bytes()))
        except (OSError, ValueError, TypeError):
            continue  # not ours, or of another version
