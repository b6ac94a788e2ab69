"""The one door to the network. It lets a request pass only if it can't mean a bot that somebody else made."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx

from .handles import Handles, Ledger

CHAT = "/v1/chat/completions"

REFUSALS = (400, 401, 403, 404, 405, 413, 422)
"""Statuses after which nothing was created. After any other one, as of a proxy on the way, something may have been."""


class RefusedError(Exception):
    """A request that does not leave: nothing was sent."""


class CapError(Exception):
    """So many requests were sent as a run may send, but for those that remove what it made."""


@dataclass
class Cap:
    """How many requests a run may send, and how many it has sent.

    Beside each bot that may exist it keeps room for the requests that remove it.
    """

    limit: int
    sent: int = 0
    seconds: list[float] = field(default_factory=list)
    """How long each answer took."""

    def spend(self, ledger: Ledger, *, to_remove: bool) -> None:
        """Count a request that is about to be sent.

        :raises CapError: it may not.
        """
        kept = 0 if to_remove else 3 * len(ledger) + 3
        if self.sent + kept >= self.limit:
            raise CapError(f"{self.sent} requests were sent, of at most {self.limit}")
        self.sent += 1


class Guard(httpx.BaseTransport):
    """Lets pass, to one address: the account's list, and what concerns a handle that was made up.

    :param url: the address of Poe, without a trailing slash.
    :param key: the account's key. No other account's key passes with it.
    :param inner: what sends.
    :param may_chat: whether made up bots may be talked to, which costs points.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        handles: Handles,
        ledger: Ledger,
        cap: Cap,
        inner: httpx.BaseTransport,
        may_chat: bool = False,
    ) -> None:
        self._base = httpx.URL(url)
        self._url = url
        self._key = key
        self._handles = handles
        self._ledger = ledger
        self._cap = cap
        self._inner = inner
        self._may_chat = may_chat

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, or raise."""
        handle = self._handle_of(request)
        may_create = request.method in ("POST", "PUT") and not request.url.path.endswith(CHAT)
        was_there = handle is not None and self._ledger.has(handle, self._url, self._key)
        self._cap.spend(self._ledger, to_remove=request.method == "DELETE" and was_there)
        if handle is not None and may_create:
            self._ledger.add(handle, self._url, self._key)
        response = self._inner.handle_request(request)
        response.read()
        was_refused = may_create and response.status_code in REFUSALS and not was_there
        was_removed = request.method == "DELETE" and response.status_code in (200, 204)
        if handle is not None and (was_refused or was_removed):
            self._ledger.remove(handle, self._url, self._key)
        return response

    def close(self) -> None:
        self._inner.close()

    def _handle_of(self, request: httpx.Request) -> str | None:
        """The handle that a request is about; None for the list.

        :raises RefusedError: it is about anything else.
        """
        url = request.url
        if (url.scheme, url.host, url.port) != (self._base.scheme, self._base.host, self._base.port):
            raise RefusedError("this is not the address of Poe that was given")
        path, question_mark, _ = url.raw_path.decode().partition("?")
        if question_mark:
            raise RefusedError("no request takes a query")
        body = _parsed(request.read())
        base = self._base.raw_path.decode().rstrip("/")
        if self._may_chat and (request.method, path) == ("POST", base + CHAT):
            return self._own(body.get("model"), "a chat with")
        if (request.method, path) == ("GET", f"{base}/bots"):
            return None
        if (request.method, path) == ("POST", f"{base}/bots"):
            return self._own(body.get("handle"), "a POST of")
        start = f"{base}/bots/"
        if not path.startswith(start) or request.method not in ("GET", "PUT", "PATCH", "DELETE"):
            raise RefusedError(f"{request.method} of this path is nothing that the suite asks")
        if "handle" in body:
            self._own(body["handle"], f"a {request.method} with")
        return self._own(unquote(path.removeprefix(start)), f"a {request.method} of")

    def _own(self, handle: object, what: str) -> str:
        if not isinstance(handle, str) or handle not in self._handles:
            raise RefusedError(f"{what} a handle that this run did not make up")
        return handle


def _parsed(body: bytes) -> dict[str, Any]:
    """The body as Poe may read it; an empty object if it can name no bot."""
    try:
        parsed = json.loads(body or b"{}", object_pairs_hook=_with_each_name_once)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _with_each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        raise RefusedError("a body that gives one name twice may be read in two ways")
    return names
