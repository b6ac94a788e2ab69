"""The Bots REST API over HTTP (https://creator.poe.com/docs/api-bots/bots-rest-api).

Knows requests and answers, and no rule of a bot's life. What is retried here is what can be retried
without knowing more: reads, and writes that have the same effect twice. The one that does not, POST,
raises :class:`LostAnswerError` instead, and the lifecycle settles it by reading.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timezone
from email.utils import parsedate_to_datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlsplit

from .. import machine
from ..bot.fields import API_KEY
from ..bot.handles import canonical_handle
from ..errors import (
    AnswerError,
    HandleTakenError,
    KeyRefusedError,
    LostAnswerError,
    NotFoundError,
    NotYoursError,
    RefusedError,
    UnreachableError,
)
from ..values.redact import redact
from ..values.trees import at, leaves
from .pacing import TOLD_WAIT, Budget, EndedError, LongWait, Pacer, TooLongAWaitError, retrying
from .settings import WHERE_KEYS_COME_FROM, WHICH_SETTINGS, Settings
from .slim_httpx import httpx

TEMPORARY: Final = frozenset({408, 429, 500, 502, 503, 504})
"""Answers after which the same request may succeed."""

NOT_PROCESSED: Final = frozenset({429, 503})
"""Answers that also say when to come back."""

_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

_LONGEST_ANSWER: Final = 256 * 1024 * 1024
"""Bytes. 10,000 bots with every setting are a tenth of it."""

_LONGEST_REFUSAL: Final = 1024 * 1024
"""Bytes of an answer that is no success. The rest of a longer one is not read."""

_RUN_IT_AGAIN: Final = "This may pass: run the same command again."

_LONGEST_TEXT: Final = 300
"""Characters of Poe's own words that an error repeats."""

SUCCESS: Final[Mapping[str, Mapping[int, str]]] = {
    "POST": {201: "create_bot_status", 200: "edit_bot_status"},
    "PUT": {201: "create_bot_status", 200: "edit_bot_status"},
    "PATCH": {200: "edit_bot_status"},
}
"""The documented answers to writes: a status, and the key that holds ``success``."""


Body = Mapping[str, Any] | Callable[[], Mapping[str, Any]]
"""What a write sends, or what is asked for that at the moment when it may be sent, each time anew."""

Old = Callable[[], bool]
"""Whether what a write rests on has become too old. Then its body is asked for with time for one more request."""

logger = logging.getLogger("pulumi_poe")


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: httpx.Headers
    content: bytes

    @cached_property
    def json(self) -> Any:
        """The parsed body, or None if it is not JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def __str__(self) -> str:
        """The status with its usual words: those that came with it could be anything."""
        usual = HTTPStatus._value2member_map_.get(self.status)
        return f"{self.status} {usual.phrase}" if isinstance(usual, HTTPStatus) else str(self.status)


class _TemporaryError(Exception):
    """One try failed in a way that may pass.

    :param problem: what happened.
    :param lost: the request may have taken effect all the same.
    :param answered: there was an answer, so the address is not in doubt.
    """

    def __init__(self, problem: str, *, lost: bool, answered: bool) -> None:
        super().__init__(problem)
        self.problem = problem
        self.lost = lost
        self.answered = answered


class PoeClient:
    """All requests to one account. Thread-safe; one connection pool and one pace for the process.

    Every method takes the operation's :class:`Budget` and raises :class:`UnreachableError` when it is
    used up, :class:`KeyRefusedError` on 401, and another :class:`AnswerError` for what Poe refuses.

    A write's body may be a function: it is called each time that the request is about to be sent, after all waits, and
    may look at Poe first. ``is_old`` is then asked whether it is going to, so that there is time for both.

    :param settings: address, key and timeouts.
    :param pacer: when requests may be sent; None is one of its own.
    :param transport: how they travel; None is the network.
    :raises SettingsError: there is no key.
    """

    def __init__(
        self, settings: Settings, pacer: Pacer | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._settings = settings
        self._pacer = pacer or Pacer(settings.requests_per_minute)
        key = settings.require_key()
        self._hidden = {key}
        self._long_wait = LongWait(self._tell_of_a_long_wait)
        parts = urlsplit(settings.api_url)
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            # Loading the certificates takes longer than a request to the local Poe, which has none.
            verify=parts.scheme == "https",
            # A proxy could not reach this machine's own addresses.
            trust_env=not settings.poe_is_here,
            # The key goes to the configured address and nowhere else.
            follow_redirects=False,
            transport=transport,
        )

    def hide(self, values: Iterable[object]) -> None:
        """Never show these in an error, whatever Poe answers. The keys that it knows, it hides by itself."""
        self._hidden.update(value for value in values if isinstance(value, str))

    def close(self) -> None:
        """Close the connections. A plugin process ends with them open; a command does not have to."""
        self._http.close()

    def list_bots(self, budget: Budget, sent: Callable[[], None] = lambda: None) -> list[dict[str, Any]]:
        """``GET /bots``: every bot of the account that has a handle. Unknown fields are kept as they are.

        :param sent: called each time that the request is sent.
        """
        try:
            answered = self._send("GET", "/bots", budget, sent).json
        except (NotFoundError, NotYoursError) as error:
            # Of an account that is not enabled for API bots, and not of any bot.
            raise AnswerError(error.problem, self._ask_for_account(), status=error.status) from error
        bots = answered.get("bots") if isinstance(answered, dict) else None
        if not isinstance(bots, list):
            raise AnswerError("Poe's list of bots can't be read", self._ask_for_address(), status=200)
        return [bot for bot in bots if isinstance(bot, dict) and isinstance(bot.get("handle"), str)]

    def get_bot(self, handle: str, budget: Budget, sent: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """``GET /bots/{handle}``.

        :param sent: called each time that the request is sent.
        :raises NotFoundError: Poe says that it does not exist or is not yours.
        """
        bot = self._send("GET", _path(handle), budget, sent).json
        if not isinstance(bot, dict) or not isinstance(bot.get("handle"), str):
            raise AnswerError("Poe's answer is no bot", self._ask_for_address(), status=200)
        return bot

    def create_bot(self, bot: Body, budget: Budget, is_old: Old = lambda: False) -> bool:
        """``POST /bots``: True if Poe created it, False if it existed and Poe merged this into it.

        :raises LostAnswerError: it may or may not have taken effect.
        :raises HandleTakenError: the handle belongs to another account.
        """
        return self._send("POST", "/bots", budget, bot, is_old).status == 201

    def replace_bot(self, handle: str, bot: Body, budget: Budget, is_old: Old = lambda: False) -> bool:
        """``PUT /bots/{handle}``: what is not sent falls to its default or is dropped. True if Poe created it."""
        return self._send("PUT", _path(handle), budget, bot, is_old).status == 201

    def update_bot(self, handle: str, bot: Body, budget: Budget, is_old: Old = lambda: False) -> None:
        """``PATCH /bots/{handle}``: what is not sent stays.

        :raises NotFoundError: Poe says that it does not exist or is not yours.
        """
        self._send("PATCH", _path(handle), budget, bot, is_old)

    def delete_bot(self, handle: str, budget: Budget) -> None:
        """``DELETE /bots/{handle}``: for good.

        :raises NotFoundError: Poe says that it does not exist or is not yours.
        """
        self._send("DELETE", _path(handle), budget)

    def _send(
        self,
        method: str,
        path: str,
        budget: Budget,
        body: Body | Callable[[], None] = lambda: None,
        is_old: Old = lambda: False,
    ) -> _Answer:
        """Send until there is an answer that is not temporary, or the budget is used up.

        :param body: what is sent. A function is called just before, each time: for a write it gives the body, and a
            read, which has none, tells by it that it is sent.
        :param is_old: as of the writes.
        """
        try:
            with self._long_wait.on(f"{method} {path}"):
                for attempt in retrying(budget, lambda error: _may_be_sent_again(method, error)):
                    with attempt:
                        return self._try(method, path, budget, body, is_old)
        except _TemporaryError as error:
            advice = _RUN_IT_AGAIN if error.answered else self._ask_for_address()
            # A lost POST is not sent again, so the last error is the one that lost it.
            if method == "POST" and error.lost:
                raise LostAnswerError(error.problem, advice) from error
            raise UnreachableError(error.problem, advice) from error
        raise AssertionError("tenacity either returns an answer or raises")

    def _try(
        self,
        method: str,
        path: str,
        budget: Budget,
        body: Body | Callable[[], None],
        is_old: Old,
    ) -> _Answer:
        """Send once."""
        try:
            if self._pacer.wait(budget, looks_first=is_old):
                self._long_wait.start_anew()
            bot = body() if callable(body) else body
        except EndedError as error:
            raise UnreachableError("the run was ended before Poe could be asked", _RUN_IT_AGAIN) from error
        except TooLongAWaitError as error:
            raise UnreachableError(f"Poe asks to wait {error.seconds:.0f} s", "Try again after that.") from error
        finally:
            self._pacer.give_back()
        self.hide([at(bot, API_KEY)])  # Poe's answer may echo it
        left = budget.left()
        if left <= 0:
            raise UnreachableError(f"the {budget.seconds:g} s of this operation were used up before", _RUN_IT_AGAIN)
        timeout = min(self._settings.request_timeout, left)
        sent = machine.monotonic()

        def failed(problem: str, *, lost: bool, answered: bool = True) -> _TemporaryError:
            self._note(method, path, bot, sent, problem)
            return _TemporaryError(problem, lost=lost, answered=answered)

        try:
            answer = self._answer_to(method, path, bot, timeout)
        except _NEVER_SENT as error:
            raise failed(self._no_answer(error, timeout), lost=False, answered=False) from error
        except httpx.RequestError as error:
            raise failed(self._no_answer(error, timeout), lost=True, answered=False) from error
        said = f"Poe answered {answer}{self._words_of(answer.json)}"
        if answer.status in TEMPORARY:
            if answer.status in NOT_PROCESSED:
                self._pacer.slow_down(_told_wait(answer.headers))
            raise failed(said, lost=answer.status != 429)
        if answer.is_success and not _is_documented(method, answer):
            raise failed(f"Poe answered {answer} with a body that is not its own", lost=True, answered=False)
        self._note(method, path, bot, sent, said)
        if answer.is_success:
            self._pacer.speed_up()
            return answer
        raise self._refusal(answer, said)

    def _answer_to(self, method: str, path: str, bot: Mapping[str, Any] | None, timeout: float) -> _Answer:
        """One request and its whole answer.

        httpx's timeout is for each read, so a server that sends a byte now and then would never be given up.
        """
        ends = machine.monotonic() + timeout
        with self._http.stream(
            method,
            self._settings.api_url + path,
            # Escaped to ASCII, so that no text at all fails to be encoded.
            content=None if bot is None else json.dumps(bot, allow_nan=False),
            headers=None if bot is None else {"Content-Type": "application/json"},
            timeout=timeout,
        ) as response:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if machine.monotonic() > ends:
                    raise httpx.ReadTimeout("the answer came too slowly", request=response.request)
                if not response.is_success and len(content) > _LONGEST_REFUSAL:
                    break
                if len(content) > _LONGEST_ANSWER:
                    raise httpx.DecodingError("the answer is too long", request=response.request)
            return _Answer(response.status_code, response.headers, bytes(content))

    def _note(self, method: str, path: str, bot: Mapping[str, Any] | None, sent: float, happened: str) -> None:
        """Every request, for whoever asked to see them. Of what was sent only the names: any value may be secret."""
        if logger.isEnabledFor(logging.DEBUG):
            names = ", ".join(".".join(name) for name, _ in leaves(bot or {}))
            took = machine.monotonic() - sent
            logger.debug("%s %s%s: %s, after %.3f s", method, path, f" ({names})" if names else "", happened, took)

    def _tell_of_a_long_wait(self, request: str) -> None:
        logger.warning(
            "Waiting for %s: there was no usable answer to %s for %.0f s. It is tried until the time for it is up.",
            self._settings.host,
            request,
            TOLD_WAIT,
        )

    def _refusal(self, answer: _Answer, said: str) -> AnswerError:
        status = answer.status
        if status == 401:
            return KeyRefusedError(
                said,
                f"{self._ask_for_account()} {WHICH_SETTINGS} {WHERE_KEYS_COME_FROM}",
                status=status,
            )
        if status == 404 and _error_message(answer.json) is not None:
            return NotFoundError(said, self._ask_for_account(), status=status)
        if status == 400 and b"handle_already_taken" in answer.content:
            return HandleTakenError(
                f"{said}: the handle belongs to another Poe account, or Poe still keeps it for a bot that was deleted",
                "Handles are compared without case, '-', '_' and '.'. Choose another, or try again later.",
                status=status,
            )
        if status == 403:
            advice = (
                f"The bot belongs to another account than the key, which is {self._settings.api_key_source}. "
                f"{WHICH_SETTINGS}"
            )
            return NotYoursError(said, advice, status=status)
        if 300 <= status < 400:
            return AnswerError(f"{said}, a redirect, which the key does not follow", self._ask_for_address(),
                               status=status)  # fmt: skip
        if status == 400:
            return AnswerError(said, "Correct the bot in the program; nothing was changed.", status=status)
        return AnswerError(said, self._ask_for_address(), status=status)

    def _no_answer(self, error: httpx.RequestError, timeout: float) -> str:
        if isinstance(error, httpx.TimeoutException):
            return f"{self._settings.host} did not answer within {timeout:g} s"
        return f"{self._settings.host} can't be reached ({self._redacted(str(error))})"

    def _words_of(self, answered: Any) -> str:
        """Poe's own words, as the end of a sentence."""
        message = _error_message(answered)
        if not message:
            return ""
        text = self._redacted(message)
        if len(text) > _LONGEST_TEXT:
            text = text[:_LONGEST_TEXT] + "…"
        return f": {text.rstrip('.')}"

    def _redacted(self, text: str) -> str:
        return redact(text, list(self._hidden))  # a copy, because other threads add to it

    def _ask_for_account(self) -> str:
        return (
            f"The key is {self._settings.api_key_source}; either it is wrong, or its account is not enabled for API "
            "bots."
        )

    def _ask_for_address(self) -> str:
        provider = self._settings.provider
        setting = "poe:apiUrl, POE_API_URL" if provider is None else f"api_url of the Provider {provider!r}"
        return f"Is {self._settings.api_url} the right address ({setting}), and is it up?"


def _path(handle: str) -> str:
    if not canonical_handle(handle):
        # "." and ".." can't be escaped, and would be another path.
        raise RefusedError("a handle without a letter or digit names no bot", "Nothing was sent.")
    # A handle of somebody's own making may hold half a character, which is no UTF-8.
    return f"/bots/{quote(handle, safe='', errors='surrogatepass')}"


def _may_be_sent_again(method: str, error: BaseException) -> bool:
    return isinstance(error, _TemporaryError) and not (method == "POST" and error.lost)


def _is_documented(method: str, answer: _Answer) -> bool:
    if method not in SUCCESS:
        return isinstance(answer.json, dict)
    key = SUCCESS[method].get(answer.status)
    return key is not None and isinstance(answer.json, dict) and answer.json.get(key) == "success"


def _error_message(answered: Any) -> str | None:
    error = answered.get("error") if isinstance(answered, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else None


def _told_wait(headers: httpx.Headers) -> float | None:
    """Seconds until Poe wants the next request, or None where it does not say.

    ``Retry-After`` gives them as a number or as a date, ``x-ratelimit-reset-requests`` as a number.
    """
    value = headers.get("Retry-After", headers.get("x-ratelimit-reset-requests", "")).strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value):
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        if until.tzinfo is None:
            until = until.replace(tzinfo=timezone.utc)
        return max((until - machine.now()).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        return None
