"""How the local Poe waits."""

from __future__ import annotations

import asyncio


async def wait(seconds: float | None, *events: asyncio.Event) -> None:
    """Wait until one of the events is set, but no longer than so many seconds; None is as long as it takes."""
    waiters = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiters, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()
