"""What a question is, and what it is asked with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import httpx

from pulumi_poe.core.values.redact import redact

from .accounts import Account
from .guard import CapError

Need = Literal["other", "public", "limit", "chat"]

NEEDS: Final[dict[Need, str]] = {
    "other": "POE_ACC_OTHER_KEY, the key of a second account",
    "public": "POE_ACC_PUBLIC=1: a bot is public for a moment",
    "limit": "POE_ACC_LIMIT=1: Poe's limit of requests is run into",
    "chat": "POE_ACC_CHAT=1 and POE_ACC_PUBLIC=1: a public bot is talked to, which costs points",
}
"""What a question may need beside a key and an endpoint, and how the person who runs it says so."""


LONGEST = 700
"""Characters of an answer that are shown."""


class NotAskedError(Exception):
    """The question was not asked. The text says why."""


class UnclearError(Exception):
    """Poe answered so that the question could not be asked to its end. The text says what it answered."""


class _Missing:
    def __repr__(self) -> str:
        return "missing"


MISSING: Final = _Missing()
"""What :func:`at` finds where there is nothing."""


@dataclass(frozen=True)
class Answer:
    """What Poe does.

    :param text: for the table.
    :param options: the fields of the local Poe's ``Options`` that say the same, with their values.
    """

    text: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """One thing that the reference does not know.

    :param name: the function's.
    :param text: the first line of its docstring.
    :param section: where docs/poe-bots-api.md leaves it open. ``1.3, 6 (2)`` is its 1.3 and the question 2 of its 6.
    :param decides: the fields of ``Options`` that it may answer.
    :param needs: what it can't be asked without.
    """

    name: str
    text: str
    section: str
    decides: tuple[str, ...]
    needs: frozenset[Need]
    ask: Callable[[Asker], Answer]


QUESTIONS: dict[str, Question] = {}
"""All of them by name, in the order in which they are asked."""


def question(
    section: str, *, decides: Iterable[str] = (), needs: Iterable[Need] = ()
) -> Callable[[Callable[[Asker], Answer]], Callable[[Asker], Answer]]:
    """Make a function one of the questions."""

    def register(ask: Callable[[Asker], Answer]) -> Callable[[Asker], Answer]:
        name, text = ask.__name__, (ask.__doc__ or "").strip().splitlines()[0]
        QUESTIONS[name] = Question(name, text, section, tuple(decides), frozenset(needs), ask)
        return ask

    return register


@dataclass(frozen=True)
class Endpoint:
    """What the bots point to."""

    base_url: str
    api_key: str = field(repr=False)
    model: str


@dataclass
class Asker:
    """What a question is asked with.

    :param mine: the account of the first key.
    :param other: that of the second, if there is one.
    :param may: what the person who runs it agrees to.
    :param patience: seconds after which what has not come is taken to come never.
    :param settle: seconds that a read comes after a write. Zero, until Poe shows that it takes some.
    """

    mine: Account
    endpoint: Endpoint
    other: Account | None = None
    may: frozenset[Need] = frozenset()
    patience: float = 30.0
    settle: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    answers: dict[str, Answer] = field(default_factory=dict)
    not_asked: dict[str, str] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    closed: str = ""
    """Why no further question can be asked, if so."""

    @property
    def secrets(self) -> list[str]:
        """What no text may hold."""
        return [self.mine.key, self.endpoint.api_key, *([self.other.key] if self.other else [])]

    def shown(self, text: object) -> str:
        """Text for a person: one line, without a key. It is cut only then, lest a piece of a key be left."""
        line = " ".join(without_keys(str(text), self.secrets).split())
        shown = "".join(character if character.isprintable() else "?" for character in line)
        return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"

    def ask(self, name: str) -> Answer:
        """Ask one question, remove what it made, and keep the answer.

        :raises NotAskedError: something is missing for it.
        :raises UnclearError: Poe's answers do not fit the question.
        """
        asked = QUESTIONS[name]
        before = self.mine.cap.sent
        missing = sorted(asked.needs - self.may)
        try:
            if self.closed:
                raise NotAskedError(self.closed)
            if missing:
                raise NotAskedError("needs " + "; ".join(NEEDS[need] for need in missing))
            answer = asked.ask(self)
            self.answers[name] = Answer(self.shown(answer.text), answer.options)
        except CapError as error:
            self.not_asked[name] = f"the cap: {error}"
            raise NotAskedError(self.not_asked[name]) from None
        except (NotAskedError, UnclearError) as error:
            self.not_asked[name] = self.shown(error)
            raise type(error)(self.not_asked[name]) from None
        except Exception as error:
            self.not_asked[name] = f"it failed with {type(error).__name__}"
            raise
        finally:
            self.remove_all()
            self.requests[name] = self.mine.cap.sent - before
        return self.answers[name]

    def remove_all(self) -> list[str]:
        """Delete what is there of this run, and return what is left."""
        return [handle for account in self.accounts for handle in account.remove_all()]

    def end(self) -> list[str]:
        """Delete what is there, also what a list shows only now, close the connections, and return what is left."""
        left = self.remove_all()
        if self.settle:
            self.sleep(self.settle)
        for account in self.accounts:
            with suppress(httpx.TransportError, CapError):
                shown = {} if self.closed else account.listed()
                left += [bot["handle"] for bot in shown.values() if not account.remove(bot["handle"])]
            account.close()
        return sorted(set(left))

    @property
    def accounts(self) -> list[Account]:
        """Every account there is."""
        return [self.mine, *([self.other] if self.other else [])]

    # What questions are made of.

    def settings(self, **more: Any) -> dict[str, Any]:
        """The endpoint as ``api_bot_settings``; None takes one out."""
        fields = {
            "model_name": self.endpoint.model,
            "base_url": self.endpoint.base_url,
            "api_key": self.endpoint.api_key,
            **more,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def new_bot(self, account: Account | None = None, **fields: Any) -> str:
        """Create a private bot on the endpoint, and return its handle.

        :raises UnclearError: it could not be created.
        """
        account = account or self.mine
        handle = fields.pop("handle", None) or account.handles.new()
        body = {"handle": handle, "is_private": True, "api_bot_settings": self.settings(), **fields}
        self.expect(account.request("POST", None, body), 201, 200)
        return str(handle)

    def patch(self, handle: str, body: object) -> httpx.Response:
        """Send a PATCH that Poe documents, and expect that it is taken."""
        return self.expect(self.mine.request("PATCH", handle, body), 200)

    def bot(self, handle: str) -> dict[str, Any]:
        """The bot as Poe shows it."""
        if self.settle:
            self.sleep(self.settle)
        bot = self.expect(self.mine.request("GET", handle), 200).json()
        if not isinstance(bot, dict):
            raise UnclearError("GET of a bot is answered with something else than an object")
        return bot

    def expect(self, answer: httpx.Response, *statuses: int) -> httpx.Response:
        """The answer, if it has one of these statuses.

        :raises UnclearError: it has another one.
        """
        if answer.status_code not in statuses:
            raise UnclearError(
                f"{answer.request.method} is answered {answer.status_code} where {statuses[0]} was due: {said(answer)}"
            )
        return answer

    def until(self, is_so: Callable[[], bool], *, steps: Iterable[float] = ()) -> float | None:
        """How many seconds it takes until something is so; None if it is not within the patience."""
        waited = 0.0
        for step in steps or doubling(self.patience):
            if is_so():
                return waited
            self.sleep(step)
            waited += step
        return waited if is_so() else None


def doubling(patience: float) -> Iterable[float]:
    """Waits that double, until they come to so many seconds.

    >>> list(doubling(4))
    [0.25, 0.25, 0.5, 1.0, 2.0]
    """
    total = 0.0
    while total < patience:
        step = total or 0.25
        yield step
        total += step


def without_keys(text: str, keys: Iterable[str | None]) -> str:
    """Text in which no key is, in no form: not in Python's either, of which the client knows nothing."""
    known = [key for key in keys if key]
    return redact(text, [*known, *(repr(key)[1:-1] for key in known), *(repr(key + "'\"")[1:-3] for key in known)])


def at(tree: Any, *path: str | int) -> Any:
    """What lies in a tree; :data:`MISSING` if there is nothing."""
    for step in path:
        has_it = step in tree if isinstance(tree, dict) else isinstance(tree, list) and step in range(len(tree))
        if not has_it:
            return MISSING
        tree = tree[step]
    return tree


def said(answer: httpx.Response) -> str:
    """What an answer says, as a whole: the message of an error, else the body."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text or "nothing"
    message = at(body, "error", "message")
    return str(body if message is MISSING else message)


def fate(before: Any, sent: Any, after: Any) -> str:
    """What became of a value that was there, after something else was sent in its place."""
    if after is MISSING:
        return "gone"
    if after == sent:
        return "as sent"
    if after == before:
        return "kept as it was"
    return f"now {after!r}"
