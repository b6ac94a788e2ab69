"""What the local Poe adds to a conversation: endpoint, local Poe and clients are three processes on one machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx

from . import ROOT
from .report import Section, verdict

FIRST_TOKEN = 5.0
"""Milliseconds that the local Poe may add to the first token."""

SLOWER = 1.5
"""How many times the endpoint's own time many streams may take."""

TOKENS = 60
PAUSE = 0.05
"""Seconds between two tokens of one of many streams."""

_PATHS = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'tests' / 'support')!r}]"

_ENDPOINT = f"""
{_PATHS}
import talking_endpoint
talking_endpoint.WORDS = tuple(f" word{{number}}" for number in range({TOKENS}))
with talking_endpoint.TalkingEndpoint() as endpoint:
    endpoint.pause = float(sys.argv[1])
    print(endpoint.url, flush=True)
    sys.stdin.read()
"""

_POE = f"""
{_PATHS}
from pulumi_poe.emulator import Emulator
with Emulator() as poe:
    pricing = {{"prompt": "0.000003", "completion": "0.00001"}}
    settings = {{"base_url": sys.argv[1], "model_name": "acme/secret-model-70b", "pricing": pricing}}
    poe.seed(poe.api_key, {{"handle": "Acme", "is_private": False, "api_bot_settings": settings}})
    print(f"{{poe.url}}/v1", flush=True)
    sys.stdin.read()
"""

_QUESTION = {"model": "Acme", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
_HEADERS = {"Authorization": "Bearer local-poe-key-1"}


def measure(questions: int, streams: int) -> Section:
    """Ask the endpoint itself and through the local Poe, in turns; then many at once.

    :param questions: how many one after the other.
    :param streams: how many at once.
    """
    with _both(0) as (endpoint, poe), httpx.Client(trust_env=False) as client:
        alone: dict[str, list[float]] = {endpoint: [], poe: []}
        for number in range(questions + 10):
            for url, found in alone.items():
                taken = _first_token(client, url)
                if number >= 10:  # connections are open, and all code is loaded
                    found.append(taken * 1000)
        direct, through = alone[endpoint], alone[poe]
    with _both(PAUSE) as (endpoint, poe):
        base, expected = asyncio.run(_many(endpoint, streams))
        proxied, got = asyncio.run(_many(poe, streams))
    # Nothing is lost: all streams are alike, with the handle in place of the model, and without the usage.
    lost = [] if len(got) == len(expected) == 1 and _words(got) == _words(expected) else ["a stream lost something"]
    times = proxied / base
    added = statistics.median(through) - statistics.median(direct)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return Section(
        "Conversations by the local Poe",
        f"Medians of {questions} questions, and {streams} streams at once of {TOKENS} tokens, {1 / PAUSE:.0f} a second."
        f" Load {load} on {os.cpu_count()} processors.",
        ["", "direct", "through it", "limit", ""],
        [
            ["first token, ms", f"{statistics.median(direct):.1f}", f"{statistics.median(through):.1f}", "", ""],
            ["which adds, ms", "", f"{added:.1f}", f"{FIRST_TOKEN:.0f}", verdict(added, FIRST_TOKEN)],
            ["many streams, s", f"{base:.1f}", f"{proxied:.1f}", "", ""],
            ["which is so many times as long", "", f"{times:.2f}", f"{SLOWER}", verdict(times, SLOWER)],
        ],
        lost,
    )


@contextlib.contextmanager
def _both(pause: float) -> Iterator[tuple[str, str]]:
    """The addresses of an endpoint and of a local Poe with a bot of it."""
    with _process(_ENDPOINT, str(pause)) as endpoint, _process(_POE, endpoint) as poe:
        yield endpoint, poe


@contextlib.contextmanager
def _process(program: str, argument: str) -> Iterator[str]:
    """What the program says first. It ends when its input does."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, argument], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process:
        yield process.stdout.readline().strip()
        process.communicate()


def _first_token(client: httpx.Client, url: str) -> float:
    started = time.perf_counter()
    with client.stream("POST", f"{url}/chat/completions", json=_QUESTION, headers=_HEADERS) as response:
        parts = response.iter_raw()
        next(parts)
        taken = time.perf_counter() - started
        for _ in parts:
            pass
    return taken


async def _many(url: str, streams: int) -> tuple[float, set[bytes]]:
    """How long all took, and what they got."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=60, headers=_HEADERS) as client:
        asking = [client.post(f"{url}/chat/completions", json=_QUESTION) for _ in range(streams)]
        started = time.perf_counter()
        answers = await asyncio.gather(*asking)
        return time.perf_counter() - started, {answer.content for answer in answers}


def _words(streams: set[bytes]) -> list[bytes]:
    return [part for stream in streams for part in stream.split(b'"') if part.startswith(b" word")]
