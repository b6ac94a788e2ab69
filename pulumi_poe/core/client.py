"""The Bots REST API over HTTP (https://creator.poe.com/docs/api-bots/bots-rest-api).

Knows requests and answers, and no rule of a bot's life. What is retried here is what can be retried
without knowing more: reads, and writes that have the same effect twice. The one that does not, POST,
raises :class:`LostAnswerError` instead, and the lifecycle settles it by reading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx

from .addresses import is_loopback
from .errors import (
    AnswerError,
    HandleTakenError,
    KeyRefusedError,
    LostAnswerError,
    NotFoundError,
    UnreachableError,
)
from .meaning import API_KEY
from .pacing import Budget, Pacer, TooLongAWaitError, retrying
from .redact import redact
from .settings import WHERE_KEYS_COME_FROM, Settings
from .trees import at

TEMPORARY: Final = frozenset({408, 429, 500, 502, 503, 504})
"""Answers after which the same request may succeed."""

NOT_PROCESSED: Final = frozenset({429, 503})
"""Answers that also say when to come back."""

_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

_LONGEST_TEXT: Final = 300
"""Characters of Poe's own words that an error repeats."""

SUCCESS: Final[Mapping[str, Mapping[int, str]]] = {
    "POST": {201: "create_bot_status", 200: "edit_bot_status"},
    "PUT": {201: "create_bot_status", 200: "edit_bot_status"},
    "PATCH": {200: "edit_bot_status"},
}
"""The documented answers to writes: a status, and the key that holds ``success``."""


@dataclass(frozen=True)
class _Answer:
    status: int
    json: Any


class _TemporaryError(Exception):
    """One try failed in a way that may pass.

    :param problem: what happened.
    :param lost: the request may have taken effect all the same.
    """

    def __init__(self, problem: str, *, lost: bool) -> None:
        super().__init__(problem)
        self.problem = problem
        self.lost = lost


class PoeClient:
    """All requests to one account. Thread-safe; one connection pool and one pace for the process.

    Every method takes the operation's :class:`Budget` and raises :class:`UnreachableError` when it is
    used up, :class:`KeyRefusedError` on 401, and another :class:`AnswerError` for what Poe refuses.

    :param settings: address, key and timeouts.
    :raises SettingsError: there is no key.
    """

    def __init__(self, settings: Settings, pacer: Pacer | None = None) -> None:
        self._settings = settings
        self._pacer = pacer or Pacer()
        key = settings.require_key()
        self._hidden = {key}
        parts = urlsplit(settings.api_url)
        loopback = is_loopback(parts.hostname or "")
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            # Loading the certificates takes longer than a request to the local Poe, which has none.
            verify=parts.scheme == "https",
            # A proxy could not reach this machine's own addresses.
            trust_env=not loopback,
            # The key goes to the configured address and nowhere else.
            follow_redirects=False,
        )

    def hide(self, values: Iterable[object]) -> None:
        """Never show these in an error, whatever Poe answers. The keys that it knows, it hides by itself."""
        self._hidden.update(value for value in values if isinstance(value, str))

    def close(self) -> None:
        """Close the connections. A plugin process ends with them open; a command does not have to."""
        self._http.close()

    def list_bots(self, budget: Budget) -> list[dict[str, Any]]:
        """``GET /bots``: every bot of the account that has a handle. Unknown fields are kept as they are."""
        try:
            answered = self._send("GET", "/bots", budget).json
        except NotFoundError as error:
            # Of an account that is not enabled for API bots, and not of any bot.
            raise AnswerError(error.problem, self._ask_for_account(), status=error.status) from error
        bots = answered.get("bots") if isinstance(answered, dict) else None
        if not isinstance(bots, list):
            raise AnswerError("Poe's list of bots can't be read", self._ask_for_address(), status=200)
        return [bot for bot in bots if isinstance(bot, dict) and isinstance(bot.get("handle"), str)]

    def get_bot(self, handle: str, budget: Budget) -> dict[str, Any]:
        """``GET /bots/{handle}``.

        :raises NotFoundError: Poe says that it does not exist or is not yours.
        """
        bot = self._send("GET", _path(handle), budget).json
        if not isinstance(bot, dict) or not isinstance(bot.get("handle"), str):
            raise AnswerError("Poe's answer is no bot", self._ask_for_address(), status=200)
        return bot

    def create_bot(self, bot: Mapping[str, Any], budget: Budget) -> bool:
        """``POST /bots``: True if Poe created it, False if it existed and Poe merged this into it.

        :raises LostAnswerError: it may or may not have taken effect.
        :raises HandleTakenError: the handle belongs to another account.
        """
        return self._send("POST", "/bots", budget, bot).status == 201

    def replace_bot(self, handle: str, bot: Mapping[str, Any], budget: Budget) -> None:
        """``PUT /bots/{handle}``: what is not sent falls to its default or is dropped."""
        self._send("PUT", _path(handle), budget, bot)

    def update_bot(self, handle: str, bot: Mapping[str, Any], budget: Budget) -> None:
        """``PATCH /bots/{handle}``: what is not sent stays.

        :raises NotFoundError: Poe says that it does not exist or is not yours.
        """
        self._send("PATCH", _path(handle), budget, bot)

    def delete_bot(self, handle: str, budget: Budget) -> None:
        """``DELETE /bots/{handle}``: for good.

        :raises NotFoundError: Poe says that it does not exist or is not yours.
        """
        self._send("DELETE", _path(handle), budget)

    def _send(self, method: str, path: str, budget: Budget, bot: Mapping[str, Any] | None = None) -> _Answer:
        """Send until there is an answer that is not temporary, or the budget is used up."""
        self.hide([at(bot, API_KEY)])  # Poe's answer may echo it
        try:
            for attempt in retrying(budget, lambda error: _may_be_sent_again(method, error)):
                with attempt:
                    return self._try(method, path, budget, bot)
        except _TemporaryError as error:
            # A lost POST is not sent again, so the last error is the one that lost it.
            if method == "POST" and error.lost:
                raise LostAnswerError(error.problem, self._ask_for_address()) from error
            raise UnreachableError(error.problem, self._ask_for_address()) from error
        raise AssertionError("tenacity either returns an answer or raises")

    def _try(
        self,
        method: str,
        path: str,
        budget: Budget,
        bot: Mapping[str, Any] | None,
    ) -> _Answer:
        """Send once."""
        try:
            self._pacer.wait(budget)
        except TooLongAWaitError as error:
            raise UnreachableError(f"Poe asks to wait {error.seconds:.0f} s", "Try again after that.") from error
        timeout = max(min(self._settings.request_timeout, budget.left()), 0.001)
        try:
            response = self._http.request(
                method,
                self._settings.api_url + path,
                # Escaped to ASCII, so that no text at all fails to be encoded.
                content=None if bot is None else json.dumps(bot, allow_nan=False),
                headers=None if bot is None else {"Content-Type": "application/json"},
                timeout=timeout,
            )
        except _NEVER_SENT as error:
            raise _TemporaryError(self._no_answer(error, timeout), lost=False) from error
        except httpx.RequestError as error:
            raise _TemporaryError(self._no_answer(error, timeout), lost=True) from error
        answer = _Answer(response.status_code, _json_of(response))
        if answer.status in TEMPORARY:
            if answer.status in NOT_PROCESSED:
                self._pacer.slow_down(_retry_after(response))
            problem = f"Poe answered {_status_line(response)}{self._words_of(answer.json)}"
            raise _TemporaryError(problem, lost=answer.status != 429)
        if response.is_success:
            if not _is_documented(method, answer):
                problem = f"Poe answered {_status_line(response)} with a body that is not its own"
                raise _TemporaryError(problem, lost=True)
            return answer
        raise self._refusal(response, answer)

    def _refusal(self, response: httpx.Response, answer: _Answer) -> AnswerError:
        said = f"Poe answered {_status_line(response)}{self._words_of(answer.json)}"
        status = answer.status
        if status == 401:
            return KeyRefusedError(
                said,
                f"{self._ask_for_account()} refresh and destroy use the stack config of the last `pulumi up`, "
                f"unless they run with --run-program. {WHERE_KEYS_COME_FROM}",
                status=status,
            )
        if status == 404 and _error_message(answer.json) is not None:
            return NotFoundError(said, status=status)
        if status == 400 and "handle_already_taken" in response.text:
            return HandleTakenError(
                f"{said}: the handle belongs to another Poe account", "Choose another handle.", status=status
            )
        if status == 403:
            advice = f"The bot belongs to another account than the key, which is {self._settings.api_key_source}."
            return AnswerError(said, advice, status=status)
        if response.is_redirect:
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
        return f"Is {self._settings.api_url} the right address (poe:apiUrl, POE_API_URL), and is it up?"


def _path(handle: str) -> str:
    return f"/bots/{quote(handle, safe='')}"


def _may_be_sent_again(method: str, error: BaseException) -> bool:
    return isinstance(error, _TemporaryError) and not (method == "POST" and error.lost)


def _is_documented(method: str, answer: _Answer) -> bool:
    if method not in SUCCESS:
        return isinstance(answer.json, dict)
    key = SUCCESS[method].get(answer.status)
    return key is not None and isinstance(answer.json, dict) and answer.json.get(key) == "success"


def _json_of(response: httpx.Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def _error_message(answered: Any) -> str | None:
    error = answered.get("error") if isinstance(answered, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else None


def _status_line(response: httpx.Response) -> str:
    """The status with its usual words: those that came with it could be anything."""
    usual = HTTPStatus._value2member_map_.get(response.status_code)
    return f"{response.status_code} {usual.phrase}" if isinstance(usual, HTTPStatus) else str(response.status_code)


def _retry_after(response: httpx.Response, now: Callable[[], datetime] | None = None) -> float:
    """Seconds of the ``Retry-After`` header, given as a number or as a date; 0 without one."""
    value = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        if until.tzinfo is None:
            until = until.replace(tzinfo=timezone.utc)
        current = now() if now else datetime.now(timezone.utc)
        return max((until - current).total_seconds(), 0.0)
    except (ValueError, OverflowError):
        return 0.0
