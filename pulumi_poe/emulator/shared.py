"""What all doors of the local Poe share: who is answered, what a request may meet, and where it is noted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from .admission import Admission
from .faults import Fault, Faults
from .options import Options
from .waiting import wait


@dataclass(frozen=True)
class RequestRecord:
    """One request that the local Poe answered.

    Example::

        [record.path for record in poe.requests if record.method == "PATCH"]
    """

    method: str
    """The HTTP method, e.g. "PATCH"."""

    path: str
    """The path as sent, still escaped, without a query."""

    status: int | None
    """The HTTP status of the answer; None if the connection was dropped without one."""

    received: float
    """When the request arrived, in seconds on the clock of `time.monotonic()`."""

    body: Any = field(default=None, repr=False)
    """The parsed JSON body; None if there was none, or none that is JSON. It may hold an endpoint's `api_key`, so
    it is not part of the repr."""

    fault: bool = False
    """Whether the request met a `Fault`."""


@dataclass(frozen=True)
class Shared:
    """What they share. All of it is read anew by each request."""

    admission: Admission
    """Who is answered at all."""

    options: Options

    faults: Faults
    """What requests may meet."""

    record: Callable[[RequestRecord], None]
    """Is called once for each request, before its answer leaves."""

    stopping: asyncio.Event
    """Is set when the server stops; ends all waits."""

    async def meet(self, fault: Fault | None, moment: str) -> None:
        """Let a request meet its fault, if it is due at this moment."""
        if fault is not None and fault.moment == moment:
            await fault.meet(self.stopping)

    async def delay(self) -> None:
        """Wait as long as each answer has to."""
        if self.options.latency > 0:
            await wait(self.options.latency, self.stopping)


async def close_connection(request: Request) -> None:
    """Close the connection, once everything that was written to it has left."""
    request.scope["state"]["close_connection"]()
    # Until it is closed, uvicorn would take the answer that is missing for a fault of ours, and send one.
    while (await request.receive())["type"] != "http.disconnect":
        pass
