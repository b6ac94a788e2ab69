"""A local Poe, a bad line to it, and runs: what one plugin process knows of the account's bots."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlsplit

import hypothesis
import pytest

from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.registry import Registry
from pulumi_poe.core.lifecycle.session import Session
from pulumi_poe.core.poe.client import PoeClient
from pulumi_poe.core.poe.settings import Settings
from pulumi_poe.emulator import DEFAULT_ACCOUNTS, Emulator, Options

# A busy machine is no fault of a test.
hypothesis.settings.register_profile(
    "core", deadline=None, max_examples=30, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("core")

Run = Callable[..., Operations]
"""Makes what one plugin process has: ``new_run()``, or with other settings ``new_run(api_key="other")``."""


class Clock:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass(frozen=True)
class Request:
    """One request as it came over the line."""

    method: str
    path: str
    body: Any
    headers: dict[str, str]


@dataclass
class Fault:
    """What happens to requests of one method: an answer that is not Poe's, or none."""

    method: str
    path: str | None
    times: float
    status: int | None = None
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    reason: str | None = None
    reaches_poe: bool = False
    """Poe does what was asked; only its answer is replaced or lost."""
    hangs: bool = False
    trickles: bool = False


class Line:
    """A bad line: an HTTP server that hands everything on to Poe, but for the faults it was told.

    A fault holds for so many ``times``, and faults of one method are taken in turn.
    """

    def __init__(self, poe: Emulator) -> None:
        self.requests: list[Request] = []
        self._poe = poe
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._ends = threading.Event()
        line = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except ConnectionError:  # the client gave up
                    self.close_connection = True

            def do_any(self) -> None:
                line._serve(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_any  # noqa: N815 -- names of http.server

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.005], daemon=True)
        self._thread.start()

    def answers(
        self,
        method: str,
        status: int,
        content: object = None,
        *,
        path: str | None = None,
        times: float = 1,
        reaches_poe: bool = False,
        reason: str | None = None,
        **headers: str,
    ) -> None:
        """Such requests get this answer. ``content`` is JSON unless it is text; ``Retry_After="3"`` is a header."""
        raw = content if isinstance(content, str) else json.dumps(content)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._faults.append(Fault(method, path, times, status, raw.encode(), named, reason, reaches_poe))

    def drops(self, method: str, *, path: str | None = None, times: float = 1) -> None:
        """Such requests end without an answer, and never reach Poe."""
        self._faults.append(Fault(method, path, times))

    def loses(self, method: str, *, path: str | None = None, times: float = 1) -> None:
        """Poe does what such requests ask for, and its answers are lost."""
        self._faults.append(Fault(method, path, times, reaches_poe=True))

    def hangs(self, method: str, *, path: str | None = None, times: float = 1) -> None:
        """Such requests get no answer until the test is over."""
        self._faults.append(Fault(method, path, times, hangs=True))

    def trickles(self, method: str) -> None:
        """Such requests get an answer that comes byte by byte and never ends."""
        self._faults.append(Fault(method, None, 1, trickles=True))

    def heals(self) -> None:
        """No more faults."""
        self._faults.clear()

    def sent(self, method: str | None = None) -> list[tuple[str, str]]:
        """Method and path of what came over the line."""
        return [(one.method, one.path) for one in self.requests if method in (None, one.method)]

    def close(self) -> None:
        self._ends.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        body = json.loads(raw) if raw else None
        self.requests.append(Request(handler.command, handler.path, body, dict(handler.headers.items())))
        fault = self._next_fault(handler.command, handler.path)
        if fault is not None and fault.hangs:
            self._ends.wait(10)
        if fault is not None and fault.trickles:
            handler.send_response(200)
            handler.send_header("Content-Length", "1000000")
            handler.end_headers()
            while not self._ends.wait(0.02):
                handler.wfile.write(b" ")
                handler.wfile.flush()
        if fault is None or fault.reaches_poe:
            key = handler.headers["Authorization"].removeprefix("Bearer ")
            status, content = ask(self._poe, handler.command, handler.path, key, raw or None)
            headers: dict[str, str] = {}
            reason = None
        if fault is not None:
            if fault.status is None:
                handler.close_connection = True
                return
            status, content, headers, reason = fault.status, fault.content, fault.headers, fault.reason
        handler.send_response(status, reason)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def _next_fault(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.method == method and fault.path in (None, path) and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None


@pytest.fixture(scope="session")
def shared_poe() -> Iterator[Emulator]:
    """Starting one takes as long as ten tests, so all share it."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def poe(shared_poe: Emulator) -> Iterator[Emulator]:
    """The local Poe, without any bot and as it is by default."""
    yield shared_poe
    vars(shared_poe.options).update(vars(Options()))
    shared_poe.accounts.clear()
    shared_poe.accounts.update(DEFAULT_ACCOUNTS)
    for key in DEFAULT_ACCOUNTS.values():
        for bot in shared_poe.bots(key):
            status, _ = ask(shared_poe, "DELETE", f"/bots/{quote(bot['handle'], safe='')}", key)
            assert status == 200
    shared_poe.requests.clear()


def ask(poe: Emulator, method: str, path: str, key: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Send Poe a request as it is, and return its status and body."""
    connection = http.client.HTTPConnection(urlsplit(poe.url).netloc, timeout=5)
    try:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.fixture
def line(poe: Emulator) -> Iterator[Line]:
    """Between a run and Poe."""
    line = Line(poe)
    yield line
    line.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds waited before each retry: none is really waited."""
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        # Whoever only looks on, as the thread that tells of a long wait, really sleeps.
        (time.sleep if threading.current_thread().daemon else waited.append)(seconds)

    monkeypatch.setattr("pulumi_poe.core.machine.sleep", sleep)
    return waited


@pytest.fixture(autouse=True)
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[PoeClient]]:
    """Every client that a test makes. Its connections are closed afterwards: an open one is an error of pytest's."""
    made: list[PoeClient] = []
    make = PoeClient.__init__

    def make_and_note(client: PoeClient, *arguments: Any, **named: Any) -> None:
        make(client, *arguments, **named)
        made.append(client)

    monkeypatch.setattr(PoeClient, "__init__", make_and_note)
    yield made
    for client in made:
        client._http.close()


@pytest.fixture
def new_run(poe: Emulator) -> Run:
    def make(registry: Registry | None = None, **settings: Any) -> Operations:
        defaults: dict[str, Any] = {
            "api_key": poe.api_key,
            "api_key_source": "poe:apiKey in the stack config",
            "api_url": poe.url,
        }
        # A run over the line goes another way to the same Poe.
        settings.setdefault("accept_address", settings.get("api_url"))
        return Operations(Session(Settings(**{**defaults, **settings}), registry))

    return make


@pytest.fixture
def bots(new_run: Run) -> Operations:
    """The bots of one run."""
    return new_run()


@pytest.fixture
def over_bad_line(new_run: Run, line: Line) -> Operations:
    """The bots of one run whose line to Poe is bad; it gives up soon."""
    return new_run(api_url=line.url, operation_timeout=2.0)
