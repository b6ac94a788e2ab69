"""Poe without a socket: the local Poe's own rules, faults on the way, and hands on poe.com."""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, unquote

import httpx

from pulumi_poe.emulator.admission import Admission
from pulumi_poe.emulator.faults import Faults
from pulumi_poe.emulator.limit import RequestLimit
from pulumi_poe.emulator.options import Options
from pulumi_poe.emulator.routes import build_app
from pulumi_poe.emulator.shared import Shared
from pulumi_poe.emulator.store import Store, canonical_handle

from .machine import Machine

_EPOCH_SECONDS = 1_767_225_600.0


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request of a command.

    :param at: the how manieth request of the command it meets first, from 0.
    :param times: how many it meets.
    :param kind: one of :data:`KINDS`.
    :param method: only requests of this method count.
    """

    kind: str
    at: int = 0
    times: int = 1
    method: str | None = None


def _poes(message: str) -> bytes:
    return json.dumps({"error": {"message": message}}).encode()


_HTML = b"<html><h1>Bad Gateway</h1></html>"

ANSWERS: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "400": (400, _poes("Bad."), {}),
    "401": (401, _poes("Incorrect API key."), {}),
    "403": (403, _poes("Unauthorized to edit bot."), {}),
    "404": (404, _poes("Not there."), {}),
    "404-html": (404, _HTML, {}),
    "408": (408, _poes("Too slow."), {}),
    "429": (429, _poes("Rate limit exceeded."), {}),
    "429-told": (429, _poes("Rate limit exceeded."), {"Retry-After": "30"}),
    "429-long": (429, _poes("Rate limit exceeded."), {"Retry-After": "200"}),
    "500": (500, _poes("An unexpected error."), {}),
    "502": (502, _HTML, {}),
    "503": (503, _poes("Come back."), {}),
    "503-told": (503, _poes("Come back."), {"Retry-After": "12"}),
    "200-html": (200, _HTML, {}),
    "200-empty": (200, b"", {}),
    "302": (302, b"", {"Location": "https://elsewhere.example/"}),
    "400-echo": (400, b"", {}),
    "500-echo": (500, b"", {}),
}
"""Answers in place of Poe's. With ``-after`` Poe has done what was asked; ``echo`` repeats what was sent, on several
lines."""

MAY_PASS = ("408", "429", "429-told", "429-long", "500", "502", "503", "503-told", "200-html", "200-empty")
KINDS = (
    *(kind for answer in ANSWERS for kind in (answer, f"{answer}-after")),
    "drop",
    "drop-after",
    "timeout",
    "timeout-after",
    "refused",
    "truncated",
    "slow",
)


@dataclass(frozen=True)
class Write:
    """What one request, or one hand, did to one bot.

    :param bot: the canonical handle.
    :param before: what the store had; None if there was no such bot.
    :param command: the number of the command that sent it; None for a hand.
    """

    method: str
    bot: str
    account: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    command: int | None
    time: float = 0.0


@dataclass
class _Now:
    """The machine of the history that runs. Its own object, because a store that knew its Poe would keep it."""

    machine: Machine


class Poe:
    """Poe at one address. Accounts are those of all addresses; bots are its own.

    :param keys: name of each account to its key; may be changed.
    """

    def __init__(self, machine: Machine, keys: dict[str, str]) -> None:
        self.keys = keys
        self.options = Options()
        self.lag = 0.0
        """Seconds by which the list is older than the rest."""
        self.writes: list[Write] = []
        now = self._now = _Now(machine)
        self._faults = Faults()
        self.store = Store(None, lambda: _EPOCH_SECONDS + now.machine.time)
        weakref.finalize(self, self.store.close)
        self._limit = RequestLimit(self.options, lambda: now.machine.time)
        self._past: list[tuple[float, str, list[dict[str, Any]]]] = []
        admission = Admission(self.keys, self.options, self._limit)
        shared = Shared(admission, self.options, self._faults, lambda _: None, asyncio.Event())
        self._app = build_app(self.store, shared)

    def reset(self, machine: Machine, keys: dict[str, str]) -> None:
        """Be as new, for the next history."""
        self._now.machine = machine
        self.keys.clear()
        self.keys.update(keys)
        vars(self.options).update(vars(Options()))
        self.lag = 0.0
        self.writes.clear()
        self._past.clear()
        self._limit.reset()
        self.store.clear()

    def bot(self, handle: str, account: str | None = None) -> dict[str, Any] | None:
        """What is stored, with the endpoint's key."""
        found = self.store.get(handle)
        return None if found is None or (account is not None and found.account != account) else found.bot

    def answer_of(self, handle: str, key: str) -> dict[str, Any]:
        """The bot as Poe shows it."""
        _, content, _ = self._asgi("GET", f"/bots/{handle}", b"", [(b"authorization", f"Bearer {key}".encode())])
        shown: dict[str, Any] = json.loads(content)
        return shown

    def owner(self, handle: str) -> str | None:
        found = self.store.get(handle)
        return None if found is None else found.account

    def by_hand(self, account: str, handle: str, bot: dict[str, Any] | None) -> None:
        """Somebody writes a bot on poe.com, or deletes it."""
        before = self.bot(handle)
        self._remember(account)
        if bot is None:
            self.store.delete(handle)
        else:
            self.store.save(account, bot)
        self.writes.append(
            Write("HAND", canonical_handle(handle), account, before, self.bot(handle), None, self._now.machine.time)
        )

    def answer(self, request: httpx.Request, command: int) -> tuple[int, bytes, dict[str, str]]:
        """Do what is asked, at once."""
        path = request.url.raw_path.decode()
        content = request.read()
        method = request.method
        account = next(
            (name for name, key in self.keys.items() if request.headers.get("authorization") == f"Bearer {key}"), ""
        )
        handle = None
        if method != "GET":
            named = json.loads(content).get("handle") if path == "/bots" else unquote(path.removeprefix("/bots/"))
            handle = canonical_handle(str(named))
            before = copy.deepcopy(self.bot(handle))
            self._remember(account)
        status, answer, headers = self._asgi(method, path, content, request.headers.raw)
        if handle is not None:
            after = self.bot(handle)
            if before != after or (status < 300 and method == "POST"):
                self.writes.append(Write(method, handle, account, before, after, command, self._now.machine.time))
        if method == "GET" and path == "/bots" and status == 200 and self.lag:
            answer = json.dumps({"bots": self._as_of(account, answer)}).encode()
        return status, answer, headers

    def _remember(self, account: str) -> None:
        """What the list was until now."""
        if self.lag and account:
            key = self.keys[account]
            _, content, _ = self._asgi("GET", "/bots", b"", [(b"authorization", f"Bearer {key}".encode())])
            bots = json.loads(content).get("bots")
            if bots is not None:
                self._past.append((self._now.machine.time, account, bots))

    def _as_of(self, account: str, answer: bytes) -> list[dict[str, Any]]:
        since = self._now.machine.time - self.lag
        old = next((bots for until, whose, bots in self._past if whose == account and until > since), None)
        return json.loads(answer)["bots"] if old is None else old

    def _asgi(
        self, method: str, path: str, content: bytes, headers: list[tuple[bytes, bytes]]
    ) -> tuple[int, bytes, dict[str, str]]:
        """One request to the application, which never waits: so it is run to its end without a loop."""
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(name.lower(), value) for name, value in headers],
            "state": {},
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        running = self._app(scope, receive, send)
        try:
            running.send(None)  # type: ignore[attr-defined]  # it is a coroutine
        except StopIteration:
            start, body = sent
            return start["status"], body["body"], {name.decode(): value.decode() for name, value in start["headers"]}
        raise AssertionError("the local Poe waits for something")


@dataclass
class Line(httpx.BaseTransport):
    """The way from one command to Poe, with the faults that it meets there.

    :param poes: the Poe at each address.
    :param happens: called with the number of each request before Poe is asked, and after: somebody may kill the
        command there, or write a bot by hand.
    """

    machine: Machine
    poes: Mapping[str, Poe]
    command: int
    faults: tuple[Fault, ...] = ()
    happens: Callable[[int, str], None] = lambda *_: None
    requests: list[tuple[str, str, float]] = field(default_factory=list)
    """Method, path and time of each."""
    told_waits: float = 0.0
    """Seconds that Poe has asked to wait."""
    answered: list[tuple[str, str, float]] = field(default_factory=list)
    """The requests that Poe itself has answered."""
    words: set[str] = field(default_factory=set)
    """What Poe has said of what it refused."""
    is_faulty: bool = False
    """Whether any request has met a fault."""
    met: int = 0
    """How many have, those that came too often among them."""
    impatient: list[str] = field(default_factory=list)
    """Requests that a thread has sent before the time that it was told to wait for."""
    asked: dict[tuple[int, int], float] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        machine = self.machine
        if machine.time < self.asked.get((machine.process(), machine.thread()), 0.0):
            self.impatient.append(f"{request.method} {request.url.path}")
        machine.switch()
        number = len(self.requests)
        path = request.url.raw_path.decode()
        self.requests.append((request.method, path, machine.time))
        fault = self._fault(request.method)
        poe = self.poes[f"{request.url.scheme}://{request.url.netloc.decode()}"]
        timeout = request.extensions["timeout"]["read"]
        self.happens(number, "before")
        if fault is not None and fault.kind == "refused":
            raise httpx.ConnectError("[Errno 111] Connection refused")
        if fault is not None and not fault.kind.endswith(("after", "truncated", "slow")):
            machine.sleep(timeout if fault.kind == "timeout" else 0.1)
            return self._instead(fault.kind, request)
        answer = poe.answer(request, self.command)
        self.happens(number, "after")
        machine.sleep(machine.random.uniform(0.01, 0.2))
        if fault is not None:
            if fault.kind == "slow":
                machine.sleep(min(timeout * 0.9, 8.0))
            elif fault.kind == "truncated":
                raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
            else:
                if fault.kind == "timeout-after":
                    machine.sleep(timeout)
                return self._instead(fault.kind.removesuffix("-after"), request)
        status, content, headers = answer
        self.answered.append((request.method, path, machine.time))
        return self._response(status, content, headers)

    def _response(self, status: int, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        wait = headers.get("Retry-After", headers.get("retry-after"))
        if status >= 400 and content.startswith(b"{"):
            self.words.add(json.loads(content)["error"]["message"])
        if status in (429, 503):
            seconds = self._seconds(wait) if wait else 0.0
            self.met += status == 429
            self.told_waits += seconds or 32.0
            self.asked[self.machine.process(), self.machine.thread()] = self.machine.time + seconds
        return httpx.Response(
            status, content=content, headers={k: v for k, v in headers.items() if k != "content-length"}
        )

    def _seconds(self, wait: str) -> float:
        """What ``Retry-After`` asks for."""
        if wait.replace(".", "").isdigit():
            return float(wait)
        return max((parsedate_to_datetime(wait) - self.machine.now()).total_seconds(), 0.0)

    def _echo(self, request: httpx.Request) -> bytes:
        """What a careless server says: the key, and what was sent, in one of many forms."""
        sent = request.headers["authorization"]
        content = request.read().decode()
        place = content.find('"api_key"')
        if place >= 0 and self.machine.random.random() < 0.7:
            sent = content[place : place + 60]
        forms = (
            sent,
            quote(sent, safe=""),
            base64.b64encode(f"got {sent}".encode()).decode(),
            json.dumps(sent),
        )
        return _poes(f"Bad:\r\n\x1b[2J{self.machine.random.choice(forms)}")

    def _instead(self, kind: str, request: httpx.Request) -> httpx.Response:
        if kind == "drop":
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        if kind == "timeout":
            raise httpx.ReadTimeout("timed out")
        status, content, headers = ANSWERS[kind]
        return self._response(status, self._echo(request) if kind.endswith("echo") else content, headers)

    def _fault(self, method: str) -> Fault | None:
        for place, fault in enumerate(self.faults):
            if fault.method in (None, method):
                number = self.seen.get(place, 0)
                self.seen[place] = number + 1
                if fault.at <= number < fault.at + fault.times:
                    self.is_faulty = True
                    self.met += 1
                    return fault
        return None
