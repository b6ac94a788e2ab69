"""What does every conversation pass? Its size, faults, its account, the limit, the log and the delay.

As `FrontDoor` does for the Bots API, but nothing is held back: an answer goes on while it comes, and no body is kept.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..faults import Fault
from ..shared import RequestRecord, Shared, close_connection
from .api import LONGEST, app_for, understood
from .page.token import PagePass
from .talking import Proxy


class ChatDoor:
    """Serves the paths of conversations.

    :param proxy: what conversations share.
    :param shared: what this door shares with others.
    :param page: what lets the page in.
    """

    def __init__(self, proxy: Proxy, shared: Shared, page: PagePass) -> None:
        self._proxy = proxy
        self._shared = shared
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        received = time.monotonic()
        request = Request(scope, receive)
        path: str = scope["path"]
        as_sent = scope["raw_path"].decode("ascii")
        try:
            what = await understood(request, path, await _body(request))
        except ClientDisconnect:
            return
        names = None if what.ask is None else {"model": what.ask.model}
        shared = self._shared
        with shared.faults.meeting(request.method, as_sent, names) as fault:
            await shared.meet(fault, "before")
            asking = self._page.account(request, path, what.ask)
            admitted = shared.admission.admit(request, needs_key=what.needs_key, account=asking)

            def record(status: int | None) -> None:
                shared.record(RequestRecord(request.method, as_sent, status, received, None, fault is not None))

            way = _Way(send, fault, record, admitted.headers, shared)
            app: ASGIApp | None
            if fault is not None and fault.keeps_poe_from_acting:
                app = fault.answer()
            else:
                app = admitted.refusal or app_for(what, self._proxy, admitted.account, path)
            is_cut = await _while_heard(_answered(app, scope, receive, way), receive)
            if not way.is_recorded:
                record(None)
        if is_cut:
            await close_connection(request)


class _CutError(Exception):
    """A fault ends the answer here."""


class _Way:
    """The `send` of an application: past the fault, the log, the delay and the limit."""

    def __init__(
        self,
        send: Send,
        fault: Fault | None,
        record: Callable[[int | None], None],
        headers: dict[str, str],
        shared: Shared,
    ) -> None:
        self._send = send
        self._fault = fault
        self._record = record
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._shared = shared
        self._left = None if fault is None else fault.truncate
        self.is_recorded = False
        """Whether the log has it."""

        self._replaced = None if fault is None or fault.moment == "before" else fault.answer()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        else:
            await self._part(message.get("body", b""), more=message.get("more_body", False))

    async def drop(self) -> None:
        """There is no answer."""
        self._log(None)
        await self._wait()
        raise _CutError

    async def _start(self, message: Message) -> None:
        dropped = self._fault is not None and self._fault.drop
        replaced = self._replaced
        if replaced is not None:
            message = {**message, "status": replaced.status_code, "headers": replaced.raw_headers}
        self._log(None if dropped else message["status"])
        await self._wait()
        if dropped:
            raise _CutError
        await self._send({**message, "headers": [*message["headers"], *self._headers]})
        if replaced is not None:
            # The endpoint's own answer ends where its client would have.
            await self._part(bytes(replaced.body), more=False)
            raise _CutError

    async def _part(self, body: bytes, *, more: bool) -> None:
        if self._left is not None:
            body = body[: self._left]
            self._left -= len(body)
            is_cut = not more or self._left == 0
            await self._send({"type": "http.response.body", "body": body, "more_body": True})
            if is_cut:
                raise _CutError
            return
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _log(self, status: int | None) -> None:
        self.is_recorded = True
        self._record(status)

    async def _wait(self) -> None:
        await self._shared.meet(self._fault, "after")
        await self._shared.delay()


async def _answered(app: ASGIApp | None, scope: Scope, receive: Receive, way: _Way) -> bool:
    """Let the application answer; whether the connection is to be closed."""
    try:
        if app is None:
            await way.drop()
        else:
            await app(scope, receive, way)
    except _CutError:
        return True
    return False


async def _while_heard(work: Awaitable[bool], receive: Receive) -> bool:
    """Do the work for as long as the client listens."""
    working = asyncio.ensure_future(work)
    hung_up = asyncio.ensure_future(_hung_up(receive))
    try:
        await asyncio.wait([working, hung_up], return_when=asyncio.FIRST_COMPLETED)
        return working.done() and await working
    finally:
        hung_up.cancel()
        if not working.done():
            working.cancel()
        await asyncio.gather(working, hung_up, return_exceptions=True)


async def _hung_up(receive: Receive) -> None:
    """Return once the client has. What it still sends is thrown away."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _body(request: Request) -> bytes | None:
    """The body; None if it is too long, of which no more is read than has to be."""
    if (length := request.headers.get("content-length", "")).isdigit() and int(length) > LONGEST:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LONGEST:
            return None
    return bytes(body)
