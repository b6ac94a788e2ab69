"""How is Poe called, and what is said when that fails?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final

from ..core.errors import AnswerError, KeyRefusedError, NotFoundError, PoeError, UnreachableError
from ..core.poe.settings import WHERE_KEYS_COME_FROM, Settings
from ..core.poe.slim_httpx import httpx
from ..core.values.redact import redact
from ..core.values.trees import at

LOCAL: Final = "/local-poe"
"""What the paths begin with that only the local Poe has."""

_LONGEST_ANSWER: Final = 64 * 2**20
_LONGEST_ERROR: Final = 2**20
_LONGEST_TEXT: Final = 1000
"""Characters of Poe's own words that an error repeats. They may quote an endpoint, and say what to do."""


@dataclass
class Exchange:
    """One question and its answer as they went over the wire.

    :param headers: what was sent, without the key.
    :param answer: the body of the answer, as far as it came.
    """

    url: str
    headers: Mapping[str, str]
    body: str
    status: int | None = None
    answer_headers: list[tuple[str, str]] = field(default_factory=list)
    answer: bytearray = field(default_factory=bytearray)


class Caller:
    """Calls one Poe with one key.

    :param settings: where Poe is, and the key.
    :param silence: seconds after which an answer is given up, of which nothing comes.
    :raises SettingsError: there is no key.
    """

    def __init__(self, settings: Settings, silence: float) -> None:
        self._settings = settings
        self._key = settings.require_key()
        self._silence = silence
        # As the client of the Bots API has it: no proxy for this machine's addresses, and the key goes nowhere else.
        self._http = httpx.Client(
            verify=settings.api_url.startswith("https:"),
            trust_env=not settings.poe_is_here,
            follow_redirects=False,
            timeout=httpx.Timeout(silence, connect=min(silence, settings.request_timeout)),
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    @cached_property
    def is_local(self) -> bool:
        """Whether it is the local Poe: on this machine, with its control API. No other address is asked that."""
        if not self._settings.poe_is_here:
            return False
        try:
            return isinstance(self.control("/options").get("strict_chat"), bool)
        except PoeError:
            return False

    def control(self, path: str) -> dict[str, Any]:
        """What the control API of the local Poe answers, which needs no key.

        :raises PoeError: it does not.
        """
        return self._read(LOCAL + path, {})

    def models(self) -> list[dict[str, Any]]:
        """The public bots that Poe lists, of all accounts.

        :raises PoeError: Poe refused, or can't be reached.
        """
        listed = self._read("/v1/models", {"Authorization": f"Bearer {self._key}"}).get("data")
        return [model for model in (listed if isinstance(listed, list) else []) if isinstance(model, dict)]

    def exchange(self, path: str, body: Mapping[str, Any]) -> Exchange:
        """A question that can be asked."""
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream", "Accept-Encoding": "identity"}
        return Exchange(self._settings.api_url + path, headers, json.dumps(body, allow_nan=False))

    @contextmanager
    def asked(self, exchange: Exchange) -> Iterator[httpx.Response]:
        """Ask it. The connection ends with the block, and with it the endpoint's work if the answer is not over.

        :raises PoeError: Poe refused, can't be reached, or is silent for too long.
        """
        headers = {**exchange.headers, "Authorization": f"Bearer {self._key}"}
        try:
            with self._http.stream("POST", exchange.url, content=exchange.body, headers=headers) as response:
                exchange.status = response.status_code
                exchange.answer_headers = list(response.headers.multi_items())
                response.stream = _Recorded(response.stream, exchange.answer)
                if response.status_code != 200:
                    raise self._refusal(response, self._body_of(response))
                yield response
        except httpx.HTTPError as error:
            raise self._failure(error) from None

    def redacted(self, text: str) -> str:
        """The text without the key."""
        return redact(text, [self._key])

    def _read(self, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
        try:
            with self._http.stream(
                "GET", self._settings.api_url + path, headers=headers, timeout=self._settings.request_timeout
            ) as response:
                response.stream = _Recorded(response.stream, bytearray())
                raw = response.read() if response.status_code == 200 else self._body_of(response)
        except httpx.HTTPError as error:
            raise self._failure(error, self._settings.request_timeout) from None
        if response.status_code != 200:
            raise self._refusal(response, raw)
        answered = _json(raw)
        if not isinstance(answered, dict):
            raise AnswerError(
                "Poe answered 200 OK with a body that is no JSON object", self._which_address(), status=200
            )
        return answered

    def _body_of(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > _LONGEST_ERROR:
                break
        return bytes(body)

    def _refusal(self, response: httpx.Response, raw: bytes) -> AnswerError:
        """What Poe said, and what to do (docs/poe-bots-api.md, 5.2)."""
        status = response.status_code
        usual = HTTPStatus._value2member_map_.get(status)
        message = at(_json(raw), ("error", "message"))
        words = self.redacted(message)[:_LONGEST_TEXT].rstrip(". ") if isinstance(message, str) else ""
        said = f"Poe answered {status}{f' {usual.phrase}' if isinstance(usual, HTTPStatus) else ''}"
        said += f": {words}" if words else ""
        if status == 401:
            return KeyRefusedError(
                said, f"The key is {self._settings.api_key_source}. {WHERE_KEYS_COME_FROM}", status=status
            )
        if status == 404 and words:
            return NotFoundError(said, status=status)
        if not words:
            return AnswerError(f"{said}, with a body that is not its own", self._which_address(), status=status)
        return AnswerError(said, _advice(status, response.headers.get("retry-after", "")), status=status)

    def _failure(self, error: httpx.HTTPError, silence: float | None = None) -> UnreachableError:
        host = self._settings.host
        if isinstance(error, httpx.ConnectTimeout):
            return UnreachableError(f"{host} can't be reached in time", self._which_address())
        if isinstance(error, httpx.TimeoutException):
            seconds = self._silence if silence is None else silence
            return UnreachableError(f"{host} was silent for {seconds:g} s", "Try again, or with a longer --timeout.")
        if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
            return UnreachableError(f"{host} broke the connection off", "Try again.")
        if isinstance(error, httpx.DecodingError):
            return UnreachableError(f"the answer of {host} can't be read ({self.redacted(str(error))})")
        return UnreachableError(f"{host} can't be reached ({self.redacted(str(error))})", self._which_address())

    def _which_address(self) -> str:
        return f"Is {self._settings.api_url} the right address (POE_API_URL), and is it up?"


class _Recorded(httpx.SyncByteStream):
    """A body that is kept while it passes, up to a length that no answer has."""

    def __init__(self, stream: Any, kept: bytearray) -> None:
        self._stream = stream
        self._kept = kept

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            self._kept += part
            if len(self._kept) > _LONGEST_ANSWER:
                raise httpx.DecodingError(f"the answer is longer than {_LONGEST_ANSWER >> 20} MB")
            yield part
        # The blank line after the last event is missing now and then, and without it that would be none.
        if self._kept and b"\n" not in self._kept[-1:]:
            yield b"\n"
        yield b"\n"

    def close(self) -> None:
        """Close what it comes from."""
        self._stream.close()


def _advice(status: int, wait: str) -> str:
    if status == 402:
        return "Poe charges the account of the key for a question."
    if status == 429:
        return f"Try again in {wait} s." if wait.isdigit() else "Try again later."
    return "Try again." if status >= 500 and status != 502 else ""


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
