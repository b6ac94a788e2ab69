"""One account of Poe, with raw answers: every status and every body as they come."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx

from .guard import CHAT, Cap, CapError, Guard
from .handles import Handles, Ledger, canonical

TIMEOUT = 60.0
LONGEST_WAIT = 90.0
"""Seconds. A 429 that asks for more is not waited for."""

_TRIES = 6


class Account:
    """What one key may ask, and nothing beyond what the guard lets pass.

    :param pace: seconds from one request to the next, at least.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        handles: Handles,
        ledger: Ledger,
        cap: Cap,
        pace: float = 0.0,
        may_chat: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        inner: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url
        self.key = key
        self.handles = handles
        self.ledger = ledger
        self.cap = cap
        self._pace = pace
        self._sleep = sleep
        self._last = 0.0
        # Loading the certificates takes longer than a test on plain HTTP.
        verify = httpx.create_ssl_context() if url.startswith("https") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._client = httpx.Client(
            base_url=url,
            transport=Guard(
                url,
                key,
                handles=handles,
                ledger=ledger,
                cap=cap,
                may_chat=may_chat,
                inner=inner or httpx.HTTPTransport(verify=verify),
            ),
            timeout=TIMEOUT,
            follow_redirects=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def request(
        self, method: str, handle: str | None = None, body: object = None, *, key: str | None = None, wait: bool = True
    ) -> httpx.Response:
        """Send one request, and again if Poe says to slow down.

        :param handle: the bot in the path; None is `/bots`.
        :param body: what is sent as JSON; bytes are sent as they are.
        :param key: another key in place of the account's.
        :param wait: whether to wait as a 429 asks.
        """
        path = "/bots" if handle is None else f"/bots/{quote(handle, safe='')}"
        return self._send(method, path, body, key=key, wait=wait)

    def chat(self, handle: str) -> httpx.Response:
        """Say a word to a bot."""
        body = {"model": handle, "max_tokens": 1, "messages": [{"role": "user", "content": "Say: ok"}]}
        return self._send("POST", CHAT, body)

    def _send(
        self, method: str, path: str, body: object, *, key: str | None = None, wait: bool = True
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key or self.key}"}
        content: dict[str, Any] = {}
        if isinstance(body, bytes):
            content = {"content": body}
            headers["Content-Type"] = "application/json"
        elif body is not None:
            content = {"json": body}
        for attempt in range(_TRIES):
            self._sleep_until(self._last + self._pace)
            self._last = time.monotonic()
            response = self._client.request(method, path, headers=headers, **content)
            self.cap.seconds.append(time.monotonic() - self._last)
            asked = seconds_of(response)
            if response.status_code != 429 or not wait or attempt == _TRIES - 1 or asked > LONGEST_WAIT:
                return response
            self._sleep(asked)
        raise AssertionError("not reached")

    def _sleep_until(self, moment: float) -> None:
        left = moment - time.monotonic()
        if left > 0:
            self._sleep(left)

    def remove(self, handle: str) -> bool:
        """Delete a bot that was made here, and tell whether it is gone.

        A 403 or 404 says that the account has none; one that was written a moment ago may seem so, so the list is
        asked at the end of the run.
        """
        for attempt in range(3):
            try:
                status = self.request("DELETE", handle).status_code
            except CapError:
                return False
            except httpx.TransportError:
                status = None
            if status in (200, 204, 403, 404):
                self.ledger.remove(handle, self.url, self.key)
                return True
            self._sleep(float(attempt))
        return False

    def remove_all(self) -> list[str]:
        """Delete what may be left of this run and of earlier ones, and return what could not be deleted."""
        left = self.ledger.of(self.url, self.key)
        for handle in left:
            self.handles.admit(handle)
        return [handle for handle in left if not self.remove(handle)]

    def listed(self) -> dict[str, dict[str, Any]]:
        """The account's bots that were made up here, by their canonical handle, in the order of the list."""
        answer = self.request("GET")
        bots = answer.json().get("bots", []) if answer.status_code == 200 else []
        return {canonical(bot["handle"]): bot for bot in bots if bot.get("handle", "") in self.handles}


def seconds_of(response: httpx.Response) -> float:
    """How long a 429 asks to wait; a minute, in which a limit ends, if it does not say."""
    try:
        return float(response.headers.get("Retry-After", "60"))
    except ValueError:
        return 60.0
