"""What may go wrong on the way to Poe and back, on demand."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal
from urllib.parse import unquote

from pydantic import ConfigDict, Field
from starlette.responses import Response

from .store import canonical_handle
from .waiting import wait

CONVERSATIONS = ("/v1/chat/completions", "/v1/responses")
"""What the paths of conversations end with; those below `/local-poe` do, too."""


@dataclass(eq=False)
class Fault:
    """One way to misbehave, for the requests that it meets.

    Without `status`, `drop` and `truncate` it is a slow but normal answer. It belongs to one queue, once.

    :raises ValueError: a field has a value that makes no sense, or needs another field.

    Example::

        fault = poe.faults.add(Fault("POST", "/bots", moment="after", drop=True))
        ...  # a bot is created, and nobody hears of it
        assert fault.met == 1
    """

    # For the control API.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    method: str | None = None
    """The HTTP method, e.g. "POST". None meets every method."""

    path: str | None = None
    """The path as sent, still escaped, without a query, e.g. "/bots/Live-Bot". None meets every path."""

    handle: str | None = None
    """A bot, in any spelling, that the path names, or the body of `POST /bots`, or the `model` of a conversation.
    None meets every request."""

    skip: int = 0
    """So many requests that match pass first. They may meet a later fault of the queue."""

    times: int | None = 1
    """How many requests it meets. None: all, until it is removed."""

    moment: Literal["before", "after"] = "before"
    """Whether it comes before Poe does what was asked, or after. With "before", a `status` or a `drop` keeps Poe
    from doing it. In a conversation "after" is when the endpoint's answer begins."""

    delay: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    """Seconds to wait at `moment`."""

    hold: bool = False
    """Whether to wait at `moment` until `release()`, until the fault is removed, or until the server stops."""

    status: int | None = None
    """The HTTP status to answer in place of Poe's answer."""

    headers: dict[str, str] = field(default_factory=dict)
    """Further headers of that answer. They win over those it would have by itself."""

    body: object = None
    """The body of that answer. A str or bytes is sent as it is, anything else as JSON, None is no body."""

    content_type: str | None = None
    """The Content-Type of that answer. None is text/html for a str or bytes, application/json for JSON."""

    drop: bool = False
    """Whether the connection is closed without any answer."""

    truncate: int | None = None
    """Send only so many bytes of the body, with the Content-Length of the whole, and close the connection. Without
    a `status` it is the body of Poe's own answer, so that Poe has done what was asked."""

    def __post_init__(self) -> None:
        if self.moment not in ("before", "after"):
            raise ValueError('moment: it is "before" or "after"')
        if self.skip < 0 or self.delay < 0 or (self.truncate is not None and self.truncate < 0):
            raise ValueError("skip, delay and truncate: they cannot be negative")
        if self.times is not None and self.times < 1:
            raise ValueError("times: it is at least 1, or None")
        if self.status is None and (self.headers or self.body is not None or self.content_type is not None):
            raise ValueError("headers, body and content_type: they need a status")
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError("status: it is from 200 to 599")
        if self.drop and self.status is not None:
            raise ValueError("drop: a dropped connection has no status")
        self._lock = threading.Lock()
        self._passed = 0
        self._taken = 0
        self._met = 0
        self._met_once = threading.Event()
        self._released = False
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    @property
    def met(self) -> int:
        """How many requests it met so far. With `moment="after"` one counts once Poe has done what was asked."""
        return self._met

    @property
    def keeps_poe_from_acting(self) -> bool:
        """Whether Poe does not do what the requests ask that it meets."""
        return self.moment == "before" and (self.drop or self.status is not None)

    def wait_until_met(self, timeout: float) -> None:
        """Wait until it has met a request: one has been read and, with `moment="after"`, Poe has acted on it.

        :param timeout: seconds to wait at most.

        :raises TimeoutError: it met none in this time.
        """
        if not self._met_once.wait(timeout):
            raise TimeoutError(f"no request met this fault in {timeout} s")

    def release(self) -> None:
        """Let go whoever waits, and hold nobody from now on. May be called from any thread, at any time."""
        with self._lock:
            self._released = True
            waiting, self._waiting = self._waiting, []
        for loop, let_go in waiting:
            # The loop is closed if the server was stopped in between.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(let_go.set)

    def answer(self) -> Response | None:
        """The answer in place of Poe's, if there is one."""
        if self.status is None:
            return None
        as_it_is = isinstance(self.body, (str, bytes))
        content = self.body if as_it_is or self.body is None else json.dumps(self.body)
        content_type = self.content_type or ("text/html" if as_it_is else "application/json")
        return Response(content, self.status, self.headers, None if content is None else content_type)

    async def meet(self, stopping: asyncio.Event) -> None:
        """Count a request, and make it wait. Called by the server when `moment` has come.

        :param stopping: ends the wait, since the server stops.
        """
        let_go = asyncio.Event()
        with self._lock:
            seconds = None if self.hold and not self._released else self.delay
            # Before anybody hears of the meeting, so that a release() from then on finds it.
            self._waiting.append((asyncio.get_running_loop(), let_go))
            self._met += 1
        self._met_once.set()
        if seconds != 0:
            await wait(seconds, let_go, stopping)
        with self._lock:
            self._waiting = [each for each in self._waiting if each[1] is not let_go]

    def takes(self, method: str, path: str, handle: str | None) -> bool:
        """Whether it meets this request. Counts it if so, or if it passes because of `skip`."""
        if (
            (self.method is not None and self.method.upper() != method)
            or (self.path is not None and self.path != path)
            or (self.handle is not None and (handle is None or canonical_handle(self.handle) != handle))
        ):
            return False
        with self._lock:
            if self._passed < self.skip:
                self._passed += 1
                return False
            if self.times is not None and self._taken >= self.times:
                return False
            self._taken += 1
            return True


class Faults:
    """The faults that requests may meet, in the order in which they were added. May be used from any thread.

    A request meets the first that matches it, and no other. One that has met all its `times` meets nobody, but stays
    listed until it is removed.

    Example::

        poe.faults.add(Fault("GET", "/bots", status=503, headers={"Retry-After": "1"}, times=2))
        poe.faults.clear()
    """

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._changed = threading.Condition()
        self._under_way = 0

    def __iter__(self) -> Iterator[Fault]:
        with self._changed:
            return iter(list(self._faults))

    def __len__(self) -> int:
        return len(self._faults)

    def add(self, fault: Fault) -> Fault:
        """Queue a fault behind the others.

        :returns: the fault itself.
        """
        with self._changed:
            self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Take a fault out, and release whoever it holds. Does nothing if it is not in the queue."""
        with self._changed:
            self._faults = [each for each in self._faults if each is not fault]
        fault.release()

    def clear(self) -> None:
        """Take all faults out, and release whoever they hold."""
        with self._changed:
            removed, self._faults = self._faults, []
        for fault in removed:
            fault.release()

    def release(self) -> None:
        """Release whoever the faults hold; they stay in the queue."""
        for fault in self:
            fault.release()

    def settle(self, timeout: float) -> None:
        """Wait, so many seconds at most, until Poe is through with every request that has met a fault."""
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way, timeout)

    @contextlib.contextmanager
    def meeting(self, method: str, path: str, body: object) -> Iterator[Fault | None]:
        """The fault that this request meets, if any, for as long as Poe deals with the request."""
        handle = _handle(path, body)
        with self._changed:
            fault = next((each for each in self._faults if each.takes(method, path, handle)), None)
            self._under_way += fault is not None
        try:
            yield fault
        finally:
            if fault is not None:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()


def _handle(path: str, body: object) -> str | None:
    """The canonical handle of the bot that a request names, if it names one."""
    handle: object = None
    if path.startswith("/bots/"):
        handle = unquote(path.removeprefix("/bots/"))
    elif path == "/bots" and isinstance(body, dict):
        handle = body.get("handle")
    elif path.endswith(CONVERSATIONS) and isinstance(body, dict):
        handle = body.get("model")
    return canonical_handle(handle) if isinstance(handle, str) else None
