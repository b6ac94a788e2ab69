"""One request to an endpoint, which always ends: in its time, or with the run, whatever the endpoint does.

Each is made in a thread of its own that can be left alone, because a look-up of a name can't be ended, and an endpoint
that sends a byte now and then never runs into a timeout of httpx's.
"""

from __future__ import annotations

import functools
import re
import socket
import ssl
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import SplitResult
from urllib.request import getproxies, proxy_bypass

from .. import machine
from ..values.redact import redact
from ..values.text import one_line, without_halves
from ..values.urls import is_loopback, parsed
from .result import FailedError

LONGEST_ANSWER: Final = 4_000_000
"""Bytes of an answer that are read."""

_LONGEST_TEXT: Final = 200
"""Characters of an endpoint's own words that a message repeats."""

_ENDLESS: Final = "It was asked for a few words. Look into the endpoint's log."

_STEP: Final = 0.02
"""Seconds between two looks at whether there is an answer."""

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Answer:
    """What an endpoint answered.

    :param status: the HTTP status.
    :param text: the body, as it came.
    :param location: where a redirect leads to; else empty.
    """

    status: int
    text: str
    location: str = ""


class Asking:
    """Asks one endpoint, as Poe would.

    :param base_url: one that the rules of a bot accept.
    :param key: what to show to the endpoint.
    :param timeout: how many seconds one request may take.
    :param meanwhile: called again and again while an answer is waited for. What it raises ends the request.
    """

    def __init__(
        self,
        base_url: str,
        key: str | None,
        timeout: Callable[[], float],
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        self._address = base_url.rstrip("/")
        self.key = key
        self._timeout = timeout
        self._meanwhile = meanwhile
        parts = parsed(self._address)
        self.parts: SplitResult = parts if parts is not None else SplitResult("", "", "", "", "")
        self.host = self.parts.hostname or ""
        self._port = self.parts.port or (443 if self.parts.scheme == "https" else 80)

    @property
    def by_a_proxy(self) -> bool:
        """Whether the environment has a proxy for this address: then that looks the name up, and connects."""
        proxies = {} if is_loopback(self.host) else getproxies()
        return bool({self.parts.scheme, "all"} & proxies.keys()) and not proxy_bypass(self.host)

    def resolved(self) -> list[str]:
        """The addresses of the host.

        :raises FailedError: there are none.
        """
        try:
            found = self._in_time("DNS", lambda _: socket.getaddrinfo(self.host, self._port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            raise FailedError(
                f"DNS knows no {self.host}",
                "Is base_url spelled right, and is the name public? Poe has to find it too.",
                "unreachable",
            ) from None
        return list(dict.fromkeys(str(one[4][0]) for one in found))

    def secured(self) -> str:
        """The version of TLS that the endpoint speaks.

        :raises FailedError: it speaks none, or has no certificate that is trusted.
        """

        def shake_hands(seconds: float) -> str:
            with (
                socket.create_connection((self.host, self._port), seconds) as line,
                _trust().wrap_socket(line, server_hostname=self.host) as secured,
            ):
                return secured.version() or ""

        try:
            return self._in_time(f"port {self._port}", shake_hands)
        except ssl.SSLCertVerificationError as error:
            raise FailedError(
                f"its certificate is not trusted: {error.verify_message}",
                "Give the endpoint a certificate of a public authority, for this name.",
                "unreachable",
            ) from None
        except ssl.SSLError as error:
            raise FailedError(
                f"it does not speak TLS on port {self._port} ({error.reason})", "Serve it over https.", "unreachable"
            ) from None
        except OSError as error:
            raise FailedError(
                f"port {self._port} can't be reached ({error.strerror or error})",
                "Is the endpoint up, and open to Poe?",
                "unreachable",
            ) from None

    def answer(self, method: str, path: str, body: Any = None, *, ends: re.Pattern[bytes] | None = None) -> Answer:
        """What the endpoint answers. A redirect is not followed, and so no key goes with it.

        :param method: of HTTP.
        :param path: what Poe puts after ``base_url``.
        :param body: JSON to send.
        :param ends: what stands at the end of a stream, after which nothing is read.
        :raises FailedError: there was no answer, or none that has an end.
        """
        from ..poe.slim_httpx import httpx

        try:
            came: list[int] = []
            asked = without_halves(body)
            return self._in_time(path, lambda seconds: self._sent(method, path, asked, ends, seconds, came), came)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.DecodingError) as error:
            raise FailedError(
                f"{path} breaks its answer off ({self.plain(str(error))})",
                "Look into the endpoint's log; Poe gets the same.",
                "starting",
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            by, advice = "", "Is the endpoint up?"
            if self.by_a_proxy:
                by, advice = " by the proxy of this environment", "Is the endpoint up, and the proxy?"
            raise FailedError(
                f"{path} can't be reached{by} ({self.plain(str(error))})", advice, "unreachable"
            ) from None
        except ImportError:
            raise FailedError(
                f"{path} can't be reached by the proxy of this environment, which speaks SOCKS",
                "Install `httpx[socks]` where pulumi-poe is, or set NO_PROXY for this host.",
            ) from None

    def plain(self, text: str) -> str:
        """An endpoint's own words: one line, not too long, without its key."""
        line = one_line(redact(text[: 50 * _LONGEST_TEXT], [self.key]))
        return line if len(line) <= _LONGEST_TEXT else f"{line[:_LONGEST_TEXT]}…"

    def _sent(
        self,
        method: str,
        path: str,
        body: Any,
        ends: re.Pattern[bytes] | None,
        seconds: float,
        came: list[int],
    ) -> Answer:
        from ..poe.slim_httpx import httpx

        # As it comes: what is compressed could be of any length.
        headers = {"Accept-Encoding": "identity", **({"Authorization": f"Bearer {self.key}"} if self.key else {})}
        try:
            with (
                httpx.Client(
                    headers=headers,
                    timeout=seconds,
                    verify=_trust() if self.parts.scheme == "https" else False,
                    trust_env=not is_loopback(self.host),
                    follow_redirects=False,
                ) as http,
                http.stream(method, self._address + path, json=body) as response,
            ):
                came.append(response.status_code)
                text = _read(path, response.iter_raw(), ends, seconds)
                return Answer(response.status_code, text, response.headers.get("location", ""))
        except httpx.TimeoutException:
            raise _late(path, seconds, came) from None

    def _in_time(self, what: str, work: Callable[[float], _Found], came: Collection[int] = ()) -> _Found:
        """What the work finds, which is given so many seconds.

        :param what: what is asked.
        :param work: asks.
        :param came: has the status of an answer as soon as one begins.
        """
        seconds = self._timeout()
        found: list[Callable[[], _Found]] = []

        def run() -> None:
            try:
                result = work(seconds)
            except Exception as raised:
                found.append(functools.partial(_raise, raised))
            else:
                found.append(lambda: result)

        over = machine.monotonic() + seconds
        machine.start(run)
        while not found:
            self._meanwhile()
            if machine.monotonic() > over + _STEP:
                raise _late(what, seconds, came)
            machine.sleep(_STEP)
        return found[0]()


def _read(path: str, pieces: Iterable[bytes], ends: re.Pattern[bytes] | None, seconds: float) -> str:
    """A body, up to what ends it."""
    over = machine.monotonic() + seconds
    read = bytearray()
    for piece in pieces:
        read += piece
        if len(read) > LONGEST_ANSWER:
            raise FailedError(
                f"{path} answers without an end: more than {LONGEST_ANSWER // 1_000_000} MB",
                _ENDLESS,
            )
        if ends is not None and ends.search(read[-len(piece) - 100 :]):
            break  # the stream is whole
        if machine.monotonic() > over:
            raise _late(path, seconds, [1])
    return read.decode("utf-8", "replace")


def _raise(raised: Exception) -> Any:
    raise raised


def _late(what: str, seconds: float, came: Collection[int]) -> FailedError:
    if came:
        return FailedError(f"{what} did not end its answer within {seconds:.3g} s", _ENDLESS, "late")
    return FailedError(f"{what} did not answer within {seconds:.3g} s", "Is the endpoint up?", "late")


@functools.cache
def _trust() -> ssl.SSLContext:
    """Whom httpx trusts: made once, because that takes as long as a request."""
    from ..poe.slim_httpx import httpx

    return httpx.create_ssl_context()
