"""Who may ask the local Poe at all? Whoever calls it by its own name; no foreign web page, and not itself.

A web page can make a browser ask any address. By DNS rebinding it can even read the answer, but the request then names
the page's host. So every request has to name ours. (docs/poe-bots-api.md, 6.1)
"""

from __future__ import annotations

import re
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from .answers import error_answer

HOPS = "local-poe-hops"
"""The header that says through which local Poes a request to an endpoint came."""

LOOP = "local-poe-loop"
"""The header of the answer to a request that came from the local Poe that it was sent to."""

_NOT_FRAMED = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}


class HouseDoor:
    """Lets in who asks from this machine's own programs and pages.

    :param app: what answers them.
    :param hops: what this local Poe puts into `HOPS`.
    :param names: hosts, with or without a port, that a request may name besides the address that it reached, and the
        loopback names.
    """

    def __init__(self, app: ASGIApp, hops: str, names: Collection[str] = ()) -> None:
        self._app = app
        self._names = {name.lower() for name in names}
        self._hops = hops

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        origin = headers.get("origin")
        app = self._app
        if self._hops in headers.get(HOPS, ""):
            app = error_answer(508, "this request came from the local Poe that it was sent to", {LOOP: "1"})
        elif not self._is_ours(host, scope["server"]):
            app = error_answer(
                421, "the local Poe answers only to its own name; start it with --allow-host to give it another one"
            )
        elif (origin is not None and origin.lower() != f"http://{host}") or _is_of_another_page(scope, headers):
            app = error_answer(403, "the local Poe is not for web pages", _NOT_FRAMED)
        await app(scope, receive, send)

    def _is_ours(self, host: str, server: tuple[str, int] | None) -> bool:
        """Whether a Host header names us."""
        name, port = _split(host)
        if host in self._names or name in self._names:
            return True
        if server is None or port != server[1]:
            return False
        # An IPv6 listener that IPv4 clients reach has ::ffff:127.0.0.1.
        return name in {"127.0.0.1", "localhost", "::1", server[0].lower().removeprefix("::ffff:")}


def _is_of_another_page(scope: Scope, headers: Headers) -> bool:
    """Whether a browser says that a page of another origin asks, as it also does where it sends no Origin.

    A link on such a page may lead to ours, which then has no token.
    """
    if headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return False
    is_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return not (is_link and scope["method"] == "GET" and scope["path"] == "/")


def _split(host: str) -> tuple[str, int]:
    """The name and the port of a Host header; the port is 80 where there is none, and -1 where it is no number."""
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        name, port = host, "80"
    return name.removeprefix("[").removesuffix("]"), int(port) if re.fullmatch("[0-9]{1,5}", port) else -1
