"""What all answers together tell, and what has to be asked last (docs/poe-bots-api.md, 4.3, 6)."""

from __future__ import annotations

import math
import statistics

from ..accounts import seconds_of
from ..asking import Answer, Asker, NotAskedError, question, said
from .account import LIMIT


@question("none", decides=["latency"])
def how_fast_poe_is(ask: Asker) -> Answer:
    """How long does an answer take?"""
    for _ in range(3):
        ask.mine.request("GET")
    seconds = ask.mine.cap.seconds
    fastest, median = min(seconds), statistics.median(seconds)
    # Rounded down, so that a Poe on this machine counts as one without a delay.
    latency = math.floor(fastest * 100) / 100
    return Answer(f"at least {fastest * 1000:.0f} ms, half of them {median * 1000:.0f} ms", {"latency": latency})


@question("4.3", decides=["retry_after"], needs=["limit"])
def how_a_429_says_when_to_come_back(ask: Asker) -> Answer:
    """How does a 429 say when to come back?"""
    cap = ask.mine.cap
    for _ in range(cap.limit - cap.sent - 10):
        answer = ask.mine.request("GET", wait=False)
        if answer.status_code == 429:
            break
    else:
        raise NotAskedError(f"no 429 came within the cap of {cap.limit} requests; POE_ACC_REQUESTS may be larger")
    said_so = answer.headers.get("Retry-After")
    names = ", ".join(sorted(name for name in answer.headers if name.lower().startswith(LIMIT[:12]))) or "none"
    text = f"Retry-After: {said_so}; headers of the limit: {names}; {said(answer)}"
    form = "none" if said_so is None else "seconds" if said_so.replace(".", "", 1).isdecimal() else "date"
    ask.sleep(seconds_of(answer))
    return Answer(text, {"retry_after": form})
