"""How is the endpoint called? The one module of the emulator that knows httpx."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import math
import re
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from ..origin import HOPS, LOOP
from .asking import PATHS, Ask
from .bots import CalledBot
from .refusal import RefusedError
from .words import one_line, without

CONNECT = 10.0
"""Seconds that a connection to an endpoint may take."""

SILENCE = 300.0
"""Seconds that an endpoint may be silent: before its answer begins, and in a stream."""

WHOLE = 600.0
"""Seconds after which an answer that is no stream has to be there."""

IDLE = 2.0
"""Seconds that a connection stays open for the next question. Many servers close theirs after 5 (uvicorn, Node), and
a question that is then under way is lost."""

LINGER = 1.0
"""Seconds that the end of a stream may take after its last event. So the connection can be used again."""

LONGEST = 20 * 2**20
"""How many bytes an answer may have that is no stream."""

_STREAM = "text/event-stream"
_LONGEST_ERROR = 2**16

# What a header can carry: visible ASCII, with spaces between.
_KEY = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")


class _OwnKey(httpx.Auth):
    """Leaves a request as it is: else a user in the address would take the place of the key."""


class EndpointAnswer:
    """What an endpoint answers, of which only the head has come."""

    def __init__(self, bot: CalledBot, response: httpx.Response) -> None:
        self._bot = bot
        self._response = response

    async def parts(self, is_over: Callable[[], bool] = lambda: False) -> AsyncIterator[bytes]:
        """The body as it comes.

        :param is_over: whether all that is needed has come. From then on it has `LINGER` to end.

        :raises RefusedError: it broke off, or has been silent too long.
        """
        parts = self._response.aiter_bytes()
        ends = math.inf
        try:
            while True:
                if ends == math.inf and is_over():
                    ends = time.monotonic() + LINGER
                yield await (anext(parts) if ends == math.inf else _before(ends, anext(parts)))
        except (StopAsyncIteration, asyncio.TimeoutError):
            return
        except httpx.HTTPError as error:
            if ends == math.inf:
                raise _failed(self._bot, error) from None

    async def whole(self) -> bytes:
        """The body.

        :raises RefusedError: it broke off, is too long, or does not end.
        """
        try:
            return await asyncio.wait_for(self._read(), WHOLE)
        except asyncio.TimeoutError:
            raise _too_slow(self._bot, WHOLE) from None

    async def _read(self) -> bytes:
        body = bytearray()
        async for part in self.parts():
            body += part
            if len(body) > LONGEST:
                raise RefusedError(
                    502, f"Bot {self._bot.handle}: the endpoint's answer is longer than {LONGEST >> 20} MB"
                )
        return bytes(body)


async def _before(ends: float, part: Awaitable[bytes]) -> bytes:
    return await asyncio.wait_for(part, max(0.0, ends - time.monotonic()))


class Endpoints:
    """Calls the endpoints of bots. It belongs to one event loop.

    :param hops: what says in a request that it came through this local Poe.
    """

    def __init__(self, hops: str) -> None:
        self._hops = hops
        # One that obeys the environment's proxies, and one for endpoints on this machine, which no proxy knows.
        self._clients: dict[bool, httpx.AsyncClient] = {}

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    @asynccontextmanager
    async def asked(self, bot: CalledBot, ask: Ask, body: bytes, hops: str) -> AsyncIterator[EndpointAnswer]:
        """The answer to this question. The call ends with the block.

        :param body: what is sent.
        :param hops: through which local Poes the question came here.

        :raises RefusedError: it cannot be called, or answers with an error.
        """
        url = _url(bot, PATHS[ask.api])
        headers = {
            "Content-Type": "application/json",
            "Accept": _STREAM if ask.stream else "application/json",
            # Compressed, an event might wait for the next one.
            "Accept-Encoding": "identity",
            "User-Agent": "pulumi-poe-emulator",
            HOPS: ", ".join(filter(None, [hops, self._hops])),
        }
        if bot.api_key is not None:
            if not _KEY.fullmatch(bot.api_key):
                raise RefusedError(
                    502, f"Bot {bot.handle}: its api_key has characters that no header can carry, such as a line's end"
                )
            headers["Authorization"] = f"Bearer {bot.api_key}"
        client = self._client(url)
        try:
            response = await asyncio.wait_for(
                client.send(
                    client.build_request("POST", url, headers=headers, content=body), stream=True, auth=_OwnKey()
                ),
                SILENCE,
            )
        except asyncio.TimeoutError:
            raise _too_slow(bot, SILENCE) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise _failed(bot, error) from None
        try:
            await _refuse(bot, ask, url, response)
            yield EndpointAnswer(bot, response)
        finally:
            await response.aclose()

    def _client(self, url: httpx.URL) -> httpx.AsyncClient:
        is_here = _is_loopback(url.host)
        if is_here not in self._clients:
            self._clients[is_here] = httpx.AsyncClient(
                trust_env=not is_here,
                verify=_certificates(),
                follow_redirects=False,
                timeout=httpx.Timeout(SILENCE, connect=CONNECT, pool=None),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=IDLE),
                # What one endpoint sets would go to all others on its host, whatever their port.
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            )
        return self._clients[is_here]


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust. Read once, as it takes longer than a conversation."""
    return httpx.create_ssl_context()


def _url(bot: CalledBot, path: str) -> httpx.URL:
    base = bot.settings.get("base_url")
    if not isinstance(base, str) or not base:
        raise RefusedError(502, f"Bot {bot.handle} has no base_url: set api_bot_settings.base_url")
    try:
        url = httpx.URL(base)
    except (httpx.InvalidURL, UnicodeError):
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise RefusedError(502, f"Bot {bot.handle}: its base_url is no http or https address")
    return url.copy_with(path=url.path.rstrip("/") + path, fragment=None)


async def _refuse(bot: CalledBot, ask: Ask, url: httpx.URL, response: httpx.Response) -> None:
    """Turn what is no success into what the client is told (docs/poe-bots-api.md, 5.9)."""
    status = response.status_code
    where = f"Bot {bot.handle}: the endpoint {_shown(url)}"
    if status == 508 and LOOP in response.headers:
        raise RefusedError(
            502, f"Bot {bot.handle}: its base_url leads back to the local Poe; give it the endpoint's own address"
        )
    if 300 <= status < 400:
        raise RefusedError(
            502, f"{where} answered {status}, a redirect, which is not followed; set base_url to where it leads"
        )
    if status != 200:
        raise RefusedError(
            _status_for(status),
            f"{where} answered {status}{await _said(bot, response)}; {_advice(status)}",
            headers={"Retry-After": after} if (after := response.headers.get("retry-after", "")).isdigit() else None,
        )
    type_ = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if type_ == "text/html":
        raise RefusedError(502, f"{where} answered with a web page; base_url has to be that of the API")
    if ask.stream and type_ != _STREAM:
        raise RefusedError(
            502, f"{where} does not stream: it answered stream: true with {one_line(type_, 60) or 'no Content-Type'}"
        )
    if not ask.stream and type_ == _STREAM:
        raise RefusedError(502, f"{where} streams though it was not asked to")


def _status_for(status: int) -> int:
    """What the client gets for a status of the endpoint's: its own mistakes, and 429, as they are."""
    return status if status in (400, 413, 422, 429) else 502


def _advice(status: int) -> str:
    return {
        400: "look at the request, and at what the bot's parameters send",
        401: "set the bot's api_key to one that the endpoint takes",
        402: "its account there has no credit",
        403: "set the bot's api_key to one that may use this model",
        404: "look at the bot's base_url and model_name",
        405: "look at the bot's base_url",
        413: "send less",
        422: "look at the request, and at what the bot's parameters send",
        429: "it is asked too often; try again later",
    }.get(status, "look at the endpoint's own log")


async def _said(bot: CalledBot, response: httpx.Response) -> str:
    """What the endpoint says of its error, without its key."""
    body = bytearray()

    async def read() -> None:
        async for part in response.aiter_bytes():
            body.extend(part)
            if len(body) > _LONGEST_ERROR:
                return

    with suppress(httpx.HTTPError, asyncio.TimeoutError):
        await asyncio.wait_for(read(), CONNECT)
    shown = one_line(without(bot.api_key, _message_in(bytes(body))))
    return f' and said "{shown}"' if shown else ""


def _message_in(body: bytes) -> str:
    """The message of an error in OpenAI's form, or all of the body."""
    text = body.decode(errors="replace")
    try:
        error = json.loads(text)["error"]
        message = error["message"] if isinstance(error, dict) else error
    except (ValueError, TypeError, KeyError, RecursionError):
        return text
    return message if isinstance(message, str) else text


def _failed(bot: CalledBot, error: Exception) -> RefusedError:
    if isinstance(error, httpx.ConnectTimeout):
        return _too_slow(bot, CONNECT)
    if isinstance(error, httpx.TimeoutException):
        return _too_slow(bot, SILENCE)
    why = one_line(without(bot.api_key, str(error))) or type(error).__name__
    if isinstance(error, httpx.ConnectError):
        return RefusedError(
            502,
            f"Bot {bot.handle}: the endpoint {_shown_base(bot)} cannot be reached ({why}); it has to run there",
        )
    return RefusedError(502, f"Bot {bot.handle}: the endpoint {_shown_base(bot)} broke off ({why})")


def _too_slow(bot: CalledBot, seconds: float) -> RefusedError:
    return RefusedError(408, f"Bot {bot.handle}: the endpoint {_shown_base(bot)} took longer than {seconds:g} s")


def _shown_base(bot: CalledBot) -> str:
    return _shown(_url(bot, ""))


def _shown(url: httpx.URL) -> str:
    """An address without a user, a password and a query, any of which may be secret."""
    return one_line(str(url.copy_with(userinfo=b"", query=None, fragment=None)), 200)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
