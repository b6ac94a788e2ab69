"""The Bots REST API over HTTP: what each request does, and what is answered.

Follows the reference in what is documented (docs/poe-bots-api.md, 1) and in what is not (docs/poe-bots-api.md, 6.1).
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .answers import FAILURE, error_answer, json_answer
from .faults import Fault
from .models import (
    BotFields,
    CreateBody,
    InvalidBodyError,
    check_handle,
    validated,
    without_unknown_fields,
)
from .options import Options
from .shared import RequestRecord, Shared, close_connection
from .store import DEFAULTS, Store, StoredBot, merged_bot

_Endpoint = Callable[[Request], Awaitable[Response]]

# Stands for a request body that is not JSON.
_MALFORMED = object()


def build_app(store: Store, shared: Shared) -> ASGIApp:
    """The local Poe as an ASGI application.

    :param store: the bots.
    :param shared: what it shares with other doors.

    The server has to offer `scope["state"]["close_connection"]`, a function without arguments.

    (docs/poe-bots-api.md, 1, 6.1)
    """
    api = BotsApi(store, shared.options)
    app = Starlette(
        routes=[
            route("/bots", GET=api.list_bots, POST=api.create_or_update),
            route("/bots/{handle}", GET=api.read, PUT=api.replace, PATCH=api.update, DELETE=api.delete),
        ],
        exception_handlers={HTTPException: answer_refusal, Exception: answer_failure},
    )
    # Otherwise /bots/ would be redirected to /bots.
    app.router.redirect_slashes = False
    return FrontDoor(app, shared)


class FrontDoor:
    """What every request passes, whatever it asks for: faults, its account, the record of it, the delay."""

    def __init__(self, app: ASGIApp, shared: Shared) -> None:
        self._app = app
        self._shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        received = time.monotonic()
        request = Request(scope, receive)
        try:
            body = _parsed(await request.body())
        except ClientDisconnect:
            return
        path = scope["raw_path"].decode("ascii")
        shared = self._shared
        with shared.faults.meeting(request.method, path, body) as fault:
            await shared.meet(fault, "before")
            answer: _Answer | None = None
            if fault is None or not fault.keeps_poe_from_acting:
                answer = await self._answer_of_poe(request, path, body)
            if fault is not None:
                answer = _answer_with(fault, answer)
            status = None if answer is None else answer.status
            known_body = None if body is _MALFORMED else body
            shared.record(RequestRecord(request.method, path, status, received, known_body, fault is not None))
            await shared.meet(fault, "after")
        await shared.delay()
        if answer is not None:
            await answer.send_to(send)
        if answer is None or answer.limit is not None:
            await close_connection(request)
        if answer is not None and answer.failure is not None:
            raise answer.failure

    async def _answer_of_poe(self, request: Request, path: str, body: object) -> _Answer:
        """What Poe answers, once it has done what was asked."""
        account, refusal, headers = self._shared.admission.admit(request)
        app: ASGIApp = refusal or self._app
        # Routes see the escaped path, so that a handle may hold an escaped slash.
        scope = {**request.scope, "path": path, "state": {"account": account, "body": body}}
        answer = _Answer()
        try:
            await app(scope, request.receive, answer.take)
        except Exception as error:
            answer.failure = error
        answer.add_headers(headers)
        return answer


class _Answer:
    """An answer on its way: what an application would have sent."""

    def __init__(self) -> None:
        self.limit: int | None = None
        """How many bytes of the body are sent, if not all."""

        self.failure: Exception | None = None
        """Why the application has failed, if it has. uvicorn logs the traceback."""

        self.start: Message = {}
        """Its first ASGI message, with the status and the headers."""

        self.body = b""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.start.get("status", 500))

    def add_headers(self, headers: Mapping[str, str]) -> None:
        """Add headers that it does not have."""
        if self.start:
            self.start["headers"] = [
                *self.start["headers"],
                *((name.lower().encode(), value.encode()) for name, value in headers.items()),
            ]

    async def take(self, message: Message) -> None:
        """The `send` of an application."""
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")

    async def send_to(self, send: Send) -> None:
        """Send it, as far as `limit` allows."""
        if self.start:
            await send(self.start)
            more = self.limit is not None
            await send({"type": "http.response.body", "body": self.body[: self.limit], "more_body": more})


def _answer_with(fault: Fault, answer: _Answer | None) -> _Answer | None:
    """What the fault makes of Poe's answer, if there was one; None if nothing is to be sent."""
    if fault.drop:
        return None
    response = fault.answer()
    if response is not None:
        answer = _Answer()
        answer.start = {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
        answer.body = bytes(response.body)
    if answer is not None:
        answer.limit = fault.truncate
    return answer


class BotsApi:
    """The six endpoints (docs/poe-bots-api.md, 1). None of them awaits anything, so each runs as one step."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store = store
        self._options = options

    async def list_bots(self, request: Request) -> Response:
        """`GET /bots`: the account's bots, in the order of their creation (docs/poe-bots-api.md, 1.1)."""
        bots = self._store.bots(request.state.account)
        return json_answer(200, {"bots": [self._echo(bot) for bot in bots]})

    async def read(self, request: Request) -> Response:
        """`GET /bots/{handle}`: one bot, in the spelling it was created with (docs/poe-bots-api.md, 1.1)."""
        handle = _handle_in_path(request)
        stored = self._store.get(handle)
        if stored is None or stored.account != request.state.account:
            raise _no_such_bot(handle)
        return json_answer(200, self._echo(stored.bot))

    async def create_or_update(self, request: Request) -> Response:
        """`POST /bots`: create, or merge into the account's bot of that handle (docs/poe-bots-api.md, 1.2)."""
        fields = self._fields(request, CreateBody)
        handle = fields["handle"]
        stored = self._store.get(handle)
        if stored is None:
            return self._create(request.state.account, handle, fields)
        if stored.account != request.state.account:
            raise _taken() if self._options.foreign_post_status == 400 else _not_yours(handle)
        return self._merge(stored, fields)

    async def replace(self, request: Request) -> Response:
        """`PUT /bots/{handle}`: create, or replace the account's bot whole (docs/poe-bots-api.md, 1.3).

        What the body leaves out is gone or back at its default, the endpoint's `api_key` too.
        """
        handle = _handle_in_path(request)
        fields = self._fields(request, BotFields)
        stored = self._store.get(handle)
        if stored is None:
            return self._create(request.state.account, handle, fields)
        if stored.account != request.state.account:
            raise _taken() if self._options.foreign_put_status == 400 else _not_yours(handle)
        self._store.save(stored.account, {**DEFAULTS, **fields, "handle": stored.bot["handle"]})
        return _edited()

    async def update(self, request: Request) -> Response:
        """`PATCH /bots/{handle}`: merge into the account's bot (docs/poe-bots-api.md, 1.4)."""
        stored = self._own_bot(request)
        return self._merge(stored, self._fields(request, BotFields))

    async def delete(self, request: Request) -> Response:
        """`DELETE /bots/{handle}`: delete the account's bot (docs/poe-bots-api.md, 1.5)."""
        self._store.delete(self._own_bot(request).bot["handle"])
        return json_answer(200, {})

    def _own_bot(self, request: Request) -> StoredBot:
        """The bot to edit or delete; none of another account (docs/poe-bots-api.md, 1.6)."""
        handle = _handle_in_path(request)
        stored = self._store.get(handle)
        if stored is None:
            raise _no_such_bot(handle)
        if stored.account != request.state.account:
            raise _not_yours(handle) if self._options.foreign_edit_status == 403 else _no_such_bot(handle)
        return stored

    def _fields(self, request: Request, model: type[BotFields]) -> dict[str, Any]:
        """The fields of the request's body that are kept."""
        if request.state.body is _MALFORMED:
            raise HTTPException(400, "body: Input should be JSON")
        try:
            fields = validated(
                request.state.body,
                model,
                refuse_unknown_fields=self._options.refuse_unknown_fields,
                keep_unknown_fields=self._options.keep_unknown_fields is not None,
            )
        except InvalidBodyError as error:
            raise HTTPException(400, str(error)) from None
        for path in self._options.dropped_fields:
            if path != "handle":
                _drop(fields, path)
        return fields

    def _create(self, account: str, handle: str, fields: dict[str, Any]) -> Response:
        """Store a new bot."""
        try:
            check_handle(handle)
        except InvalidBodyError as error:
            raise HTTPException(400, str(error)) from None
        deleted = self._store.deleted(handle)
        if deleted is not None and self._store.clock() < deleted + self._options.reserve_deleted_handles:
            raise _taken()
        self._store.save(account, {"handle": handle, **DEFAULTS, **fields})
        return json_answer(201, {"create_bot_status": "success"})

    def _merge(self, stored: StoredBot, fields: dict[str, Any]) -> Response:
        """Lay `fields` over a stored bot, which keeps its spelling."""
        merged = merged_bot(stored.bot, fields, self._options.patch_merge)
        self._store.save(stored.account, {**merged, "handle": stored.bot["handle"]})
        return _edited()

    def _echo(self, bot: dict[str, Any]) -> dict[str, Any]:
        """A bot as answers show it: what was set, without the endpoint's `api_key` (docs/poe-bots-api.md, 1.1).

        Takes `bot` over: the store gives every caller a copy of its own.
        """
        if self._options.keep_unknown_fields == "hidden":
            bot = without_unknown_fields(bot)
        settings = bot.get("api_bot_settings")
        if isinstance(settings, dict):  # a seeded bot may have anything there
            settings.pop("api_key", None)
            if self._options.materialise_defaults:
                _add_defaults(settings)
            if self._options.normalise_prices:
                _strip_prices(settings)
        return bot


def route(path: str, **endpoints: _Endpoint) -> Route:
    """One route for all methods of a path, so that a 405 can name them all."""

    async def endpoint(request: Request) -> Response:
        if request.method not in endpoints:
            raise HTTPException(405, "Method Not Allowed", {"Allow": ", ".join(endpoints)})
        return await endpoints[request.method](request)

    made = Route(path, endpoint)
    made.methods = None  # `endpoint` decides, not Starlette
    return made


def _handle_in_path(request: Request) -> str:
    return unquote(request.path_params["handle"])


def _parsed(raw: bytes) -> object:
    """The parsed body: None if there is none, `_MALFORMED` if it is not JSON."""
    if not raw:
        return None
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return _MALFORMED


def _refuse_constant(name: str) -> None:
    """Python reads NaN and Infinity, JSON does not know them."""
    raise ValueError(name)


# Answers.


def _edited() -> Response:
    return json_answer(200, {"edit_bot_status": "success"})


# Errors (docs/poe-bots-api.md, 1.6).


def _no_such_bot(handle: str) -> HTTPException:
    return HTTPException(404, f"Bot {handle} does not exist or access denied")


def _not_yours(handle: str) -> HTTPException:
    return HTTPException(403, f"Unauthorized to edit bot '{handle}'")


def _taken() -> HTTPException:
    return HTTPException(400, "create_bot_status: handle_already_taken")


async def answer_refusal(_request: Request, error: Exception) -> Response:
    """The answer to a request that an endpoint refuses."""
    assert isinstance(error, HTTPException)  # noqa: S101 -- for mypy: Starlette types its handlers for Exception
    return error_answer(error.status_code, error.detail, error.headers)


async def answer_failure(_request: Request, _error: Exception) -> Response:
    """A fault of the emulator itself. uvicorn logs the traceback."""
    return json_answer(500, FAILURE)


# The switch that changes what is stored.


def _drop(value: object, path: str) -> None:
    """`Options.dropped_fields`: take one of them out of an object, or of each object of an array."""
    if isinstance(value, list):
        for item in value:
            _drop(item, path)
    elif isinstance(value, dict):
        name, _, rest = path.partition(".")
        if rest:
            _drop(value.get(name), rest)
        else:
            value.pop(name, None)


# The two switches that change how a bot is echoed.


def _add_defaults(settings: dict[str, Any]) -> None:
    """`Options.materialise_defaults`."""
    settings.setdefault("api_type", "chat_completions_api")
    settings.setdefault("input_modalities", ["text"])
    settings.setdefault("output_modalities", ["text"])
    settings.setdefault("supported_features", [])
    for tier in _tiers(settings):
        tier.setdefault("max_tokens", None)


def _strip_prices(settings: dict[str, Any]) -> None:
    """`Options.normalise_prices`."""
    for prices in [settings.get("pricing", {}), *_tiers(settings)]:
        for name in ("prompt", "completion", "input_cache_reads"):
            if "." in prices.get(name, ""):
                prices[name] = prices[name].rstrip("0").rstrip(".")


def _tiers(settings: dict[str, Any]) -> list[dict[str, Any]]:
    tiers: list[dict[str, Any]] = settings.get("pricing", {}).get("context_pricing", {}).get("tiers", [])
    return tiers
