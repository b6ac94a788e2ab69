"""Starting and stopping the local Poe."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import ipaddress
import os
import secrets
import shutil
import socket
import tempfile
import threading
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from .admission import Admission
from .answers import error_answer
from .chat.conversations import Conversations
from .chat.door import ChatDoor
from .chat.endpoint import Endpoints
from .chat.page.door import OFF, PageDoor
from .chat.page.token import PagePass, Token
from .chat.talking import Proxy
from .control import ControlDoor
from .faults import Faults
from .limit import RequestLimit
from .options import Options
from .origin import HouseDoor
from .routes import build_app
from .shared import RequestRecord, Shared
from .store import DEFAULTS, Store
from .waiting import wait

ACCOUNT_1 = "local-account-1"
ACCOUNT_2 = "local-account-2"
API_KEY_1 = "local-poe-key-1"
API_KEY_2 = "local-poe-key-2"
DEFAULT_ACCOUNTS: Mapping[str, str] = {ACCOUNT_1: API_KEY_1, ACCOUNT_2: API_KEY_2}
"""Name and key of the accounts an `Emulator` has unless it is told otherwise."""

MAX_REQUESTS = 100_000
"""How many requests `Emulator.requests` remembers; older ones are dropped."""

_CHAT_IS_OFF = error_answer(
    403, "conversations are off, because this local Poe listens beyond this machine; start it with --host 127.0.0.1"
)

# Seconds that stop() gives to requests which are still being received.
_GRACE = 0.5


class Emulator:
    """A local Poe on a real socket, served by a thread of this process.

    :param database: SQLite file that keeps the bots, created where missing. None, the default, is a temporary file
        that stop() removes. The endpoints' keys are in it in clear text, so use throwaway ones.
    :param host: address to listen on. Default 127.0.0.1. Anybody who can reach it and knows a key may use it.
    :param port: port to listen on. 0, the default, takes a free one.
    :param accounts: name of each account to its key. Default `DEFAULT_ACCOUNTS`. Names are what the database keeps.
    :param options: how it behaves where the reference leaves it open. Default `Options()`.
    :param allowed_hosts: names, with or without a port, by which it may be asked besides the loopback names and its
        address. Default none.
    :param keep_chats: folder in which every conversation is kept, with what was said. None, the default, keeps the
        last 200 in memory, without it.

    Attributes:
        accounts: a dict, name to key; may be changed while it runs.
        options: the `Options`; may be changed while it runs.
        faults: the queue of `Fault`s that requests may meet. It is kept by stop().
        conversations: the last 200 conversations with its bots, oldest first; iterate over it. It is kept by stop().
        requests: a list of `RequestRecord`, oldest first, of the last 100,000 requests. It is kept by stop().
            `requests.clear()` empties it.

    :raises ValueError: no account, or two with one key.
    :raises OSError: `keep_chats` cannot be created.

    Example::

        with Emulator() as poe:
            httpx.get(f"{poe.url}/bots", headers={"Authorization": f"Bearer {poe.api_key}"})
            assert poe.requests[-1].path == "/bots"

    (docs/poe-bots-api.md, 1, 6.1)
    """

    def __init__(
        self,
        database: str | Path | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        accounts: Mapping[str, str] | None = None,
        options: Options | None = None,
        allowed_hosts: Collection[str] = (),
        keep_chats: str | Path | None = None,
    ) -> None:
        self.accounts: dict[str, str] = dict(DEFAULT_ACCOUNTS if accounts is None else accounts)
        if not self.accounts or len(set(self.accounts.values())) < len(self.accounts):
            raise ValueError("accounts: at least one is needed, each with a key of its own")
        self.options: Options = options or Options()
        self.faults: Faults = Faults()
        self.conversations: Conversations = Conversations(None if keep_chats is None else Path(keep_chats))
        self._allowed_hosts = tuple(allowed_hosts)
        self._limit = RequestLimit(self.options)
        self.requests: list[RequestRecord] = []
        self._options_at_start = dataclasses.replace(self.options)
        self._database = database
        self._host = host
        self._port = port
        self._temporary: Path | None = None
        self._store: Store | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._token: str | None = None

    @property
    def url(self) -> str:
        """Where it listens, e.g. `http://127.0.0.1:8787`. With port 0 it is known once it was started."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104 -- not bound here
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    @property
    def has_conversations(self) -> bool:
        """Whether its bots can be talked to: only while it runs, and only if it listens to this machine alone."""
        return self._token is not None

    @property
    def page_url(self) -> str | None:
        """The address of its page, with the token of this start; None while there is no page, as no conversations."""
        return None if self._token is None else f"{self.url}/#token={self._token}"

    @property
    def api_key(self) -> str:
        """The key of the first account."""
        return next(iter(self.accounts.values()))

    def start(self) -> Emulator:
        """Listen. When this returns, requests are answered.

        After stop() it may be started again, and listens on the same port as before.

        :returns: itself, so that `poe = Emulator().start()` works.

        :raises RuntimeError: it is running already.
        :raises OSError: the address or port cannot be used, or the database's folder not be written.
        :raises sqlite3.Error: the database cannot be opened.
        """
        if self._thread is not None:
            raise RuntimeError("this emulator is running already")
        with contextlib.ExitStack() as undo:
            listener = undo.enter_context(_listener(self._host, self._port))
            database = self._database
            if database is None:
                self._temporary = Path(tempfile.mkdtemp(prefix="pulumi-poe-"))
                undo.callback(shutil.rmtree, self._temporary)
                database = self._temporary / "poe.db"
            self._store = Store(database)
            undo.pop_all()
        self._port = listener.getsockname()[1]
        stopping = asyncio.Event()
        admission = Admission(self.accounts, self.options, self._limit)
        shared = Shared(admission, self.options, self.faults, self._record, stopping)
        app = build_app(self._store, shared)
        self._options_at_start = dataclasses.replace(self.options)
        hops = secrets.token_hex(8)
        endpoints = Endpoints(hops)
        chat: ASGIApp = _CHAT_IS_OFF
        page: ASGIApp = OFF
        if ipaddress.ip_address(listener.getsockname()[0]).is_loopback:
            proxy = Proxy(self._store, self.options, endpoints, self.conversations)
            token = Token()
            chat = ChatDoor(proxy, shared, PagePass(token, self._store, self.accounts))
            page = PageDoor(token, self._store, self.conversations)
            self._token = token.text
        door = HouseDoor(ControlDoor(app, chat, page, self), hops, self._allowed_hosts)
        self._server = _Server(door, stopping, endpoints)
        self._thread = threading.Thread(target=self._server.run, args=[[listener]], name="local-poe", daemon=True)
        self._thread.start()
        self._server.serving.wait()
        if not self._server.started:
            self.stop()
            raise RuntimeError("the server ended at once; its thread has printed why")
        return self

    def stop(self) -> None:
        """Stop listening, close every connection, and remove a temporary database.

        Requests in flight are answered first, without the rest of their waits. Does nothing if it is not running.
        """
        if self._thread is None or self._server is None or self._store is None:
            return
        self._server.stop()
        self._thread.join()
        self._store.close()
        if self._temporary is not None:
            shutil.rmtree(self._temporary)
        self._thread = self._server = self._store = self._temporary = None
        self._token = None

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def bots(self, account_key: str | None = None) -> list[dict[str, Any]]:
        """What is stored, with each endpoint's `api_key`, in the order of creation.

        :param account_key: the key of the account whose bots to return. Default None, all accounts.

        :raises ValueError: no account has this key.
        :raises RuntimeError: it is not running.
        """
        return self._running_store().bots(None if account_key is None else self._account(account_key))

    def seed(self, account_key: str, bot: Mapping[str, Any]) -> None:
        """Put a bot in as it is, unchecked, in place of one of the same handle.

        :param account_key: the key of the account that shall own it.
        :param bot: the bot in Poe's JSON shape. `handle` is needed; `description` "" and `is_private` True are filled
            in. It may lack `api_bot_settings`, as a bot made on poe.com does, and hold unknown fields.

        :raises ValueError: no account has this key, or there is no `handle`.
        :raises RuntimeError: it is not running.

        Example::

            poe.seed(poe.api_key, {"handle": "Prompt-Bot", "description": "made on poe.com"})
        """
        if "handle" not in bot:
            raise ValueError("bot: handle is needed")
        filled = {"handle": bot["handle"], **DEFAULTS, **bot}
        self._running_store().save(self._account(account_key), filled)

    def reset(self) -> None:
        """Be as after start() on an empty database, except for `accounts`.

        Bots, deleted handles, `requests`, `conversations`, `faults` and what counts for the limit are gone, and
        `options` are what they were when it was started. Requests that were held by a fault go on first, so that they
        leave nothing behind.

        :raises RuntimeError: it is not running.
        """
        store = self._running_store()
        self.faults.clear()
        self.faults.settle(_GRACE)
        store.clear()
        self._limit.reset()
        self.conversations.clear()
        for option in dataclasses.fields(Options):
            setattr(self.options, option.name, getattr(self._options_at_start, option.name))
        self.requests.clear()

    def _account(self, key: str) -> str:
        for name, known in self.accounts.items():
            if known == key:
                return name
        raise ValueError("no account of this emulator has this key")

    def _running_store(self) -> Store:
        if self._store is None:
            raise RuntimeError("this emulator is not running")
        return self._store

    def _record(self, record: RequestRecord) -> None:
        self.requests.append(record)
        if len(self.requests) > MAX_REQUESTS:
            del self.requests[0]


class _Server(uvicorn.Server):
    """uvicorn for a thread that others start and stop.

    uvicorn polls for its end and then waits, each in steps of 0.1 s. A test suite would pay that at every stop, so
    both loops are written anew here, on events.
    """

    def __init__(self, app: ASGIApp, stopping: asyncio.Event, endpoints: Endpoints) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Connection,
                loop="asyncio",
                ws="none",
                lifespan="off",
                access_log=False,
                proxy_headers=False,
                # The process that we are a guest in decides on logging. Faults are logged as errors.
                log_config=None,
                log_level=None,
                # Longer than clients keep idle connections, so that none is closed under a request.
                timeout_keep_alive=75,
            )
        )
        self.serving = threading.Event()
        self._stopping = stopping
        self._endpoints = endpoints
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        finally:
            self.serving.set()

    def stop(self) -> None:
        """Make run() return soon. May be called from any thread, once `serving` is set."""
        self.should_exit = True
        if self._loop is not None:
            # The loop is closed if run() has failed.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.serving.set()
        while not await self.on_tick(0):  # refreshes the Date header
            await wait(1, self._stopping)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._finish_requests()
        # Whoever is still sending a request is cut off; that ends the request.
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await self._finish_requests()
        await self._endpoints.close()

    async def _finish_requests(self) -> None:
        # Lets closed connections take their leave, too.
        await asyncio.sleep(0)
        if self.server_state.tasks:
            await asyncio.wait(set(self.server_state.tasks), timeout=_GRACE)


class _Connection(H11Protocol):
    """A connection that the application can close, by `scope["state"]["close_connection"]()`.

    ASGI has no way to end a request without an answer.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's too
        super().connection_made(transport)
        self.app_state = {**self.app_state, "close_connection": transport.close}


def _listener(host: str, port: int) -> socket.socket:
    """A socket that listens. From here on, clients that connect are queued."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once (TCP_NODELAY) only where the protocol is spelt out. Otherwise each write
    # of a bot takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # On Windows this option would let two servers share a port; elsewhere it lets a restart reuse one.
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener
