"""The control API: what a test in another process, or in another language, does with the local Poe.

It is served beside the Bots API, below `/local-poe/`, and asks for no key. So it answers only who is on this machine,
and no foreign web page: `origin` sees to that, and what changes something has to be `application/json`, which a page
cannot send to another origin without asking first. No endpoint's `api_key` is
ever shown. docs/emulator.md has an example of each request.
"""

from __future__ import annotations

import asyncio
import dataclasses
import ipaddress
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .answers import error_answer, json_answer
from .chat.api import is_chat
from .chat.page.door import is_page
from .faults import Fault
from .options import Options
from .routes import (
    answer_failure,
    answer_refusal,
    route,
)
from .store import DEFAULTS, canonical_handle

if TYPE_CHECKING:
    from .server import Emulator

PREFIX = "/local-poe/"
"""What the paths of the control API begin with."""

_WRITES = {"POST", "PUT", "PATCH"}
"""What changes something and can be sent by a page of another origin. No page can send a DELETE there."""

_FAULT: TypeAdapter[Fault] = TypeAdapter(Fault)
_OPTIONS: TypeAdapter[Options] = TypeAdapter(Options)


def _names_something(handle: str) -> str:
    if not canonical_handle(handle):
        raise ValueError('Input should hold more than "-", "_" and "."')
    return handle


class _SeededBot(BaseModel):
    """A bot to put in. What it holds beyond this is stored unchecked."""

    model_config = ConfigDict(strict=True, extra="allow")

    handle: Annotated[str, AfterValidator(_names_something)]
    description: str = DEFAULTS["description"]
    is_private: bool = DEFAULTS["is_private"]
    api_bot_settings: dict[str, Any] = {}


class _Seed(BaseModel):
    """The body of `PUT /local-poe/bots`."""

    model_config = ConfigDict(strict=True, extra="forbid")

    account: str | None = None
    bots: list[_SeededBot]


_SEED: TypeAdapter[_Seed] = TypeAdapter(_Seed)

_T = TypeVar("_T")


class ControlDoor:
    """Tells control requests from those to Poe, and refuses the ones that it must not serve.

    :param poe: the Bots API.
    :param chat: conversations, of which those below `/local-poe/v1` are for this machine alone.
    :param page: the page, and what it asks for.
    :param emulator: what is controlled.
    """

    def __init__(self, poe: ASGIApp, chat: ASGIApp, page: ASGIApp, emulator: Emulator) -> None:
        self._poe = poe
        self._chat = chat
        self._page = page
        api = ControlApi(emulator)
        self._control = Starlette(
            routes=[
                route(f"{PREFIX}reset", POST=api.reset),
                route(f"{PREFIX}bots", GET=api.bots, PUT=api.seed),
                route(f"{PREFIX}requests", GET=api.requests, DELETE=api.forget_requests),
                route(f"{PREFIX}faults", GET=api.faults, POST=api.add_fault, DELETE=api.clear_faults),
                route(f"{PREFIX}faults/release", POST=api.release),
                route(f"{PREFIX}conversations", GET=api.conversations, DELETE=api.forget_conversations),
                route(f"{PREFIX}options", GET=api.options, PATCH=api.change_options),
            ],
            exception_handlers={HTTPException: answer_refusal, Exception: answer_failure},
        )
        self._control.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"]
        if is_page(path):
            app = self._page
        elif not path.startswith(PREFIX):
            app = self._chat if is_chat(path) else self._poe
        elif not _is_on_this_machine(scope["client"]):
            app = error_answer(403, "the control API of the local Poe is for this machine alone")
        elif is_chat(path):
            app = self._chat
        elif scope["method"] in _WRITES and not _is_json(scope):
            app = error_answer(415, "Content-Type: Input should be application/json")
        else:
            app = self._control
        await app(scope, receive, send)


class ControlApi:
    """What each control request does."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def reset(self, _request: Request) -> Response:
        """`POST /local-poe/reset`: see `Emulator.reset`."""
        # In a thread, since it waits for requests that are held, which need this one to go on.
        await asyncio.to_thread(self._emulator.reset)
        return json_answer(200, {})

    async def bots(self, _request: Request) -> Response:
        """`GET /local-poe/bots`: each account's bots, in the order of their creation."""
        accounts = self._emulator.accounts
        return json_answer(200, {"bots": {name: _shown(self._emulator.bots(key)) for name, key in accounts.items()}})

    async def seed(self, request: Request) -> Response:
        """`PUT /local-poe/bots`: put bots in for an account, by default the first one. All or none."""
        seed = _checked(_SEED, await request.body())
        accounts = self._emulator.accounts
        name = next(iter(accounts)) if seed.account is None else seed.account
        if name not in accounts:
            raise HTTPException(400, f"account: Input should be one of {', '.join(accounts)}")
        for bot in seed.bots:
            self._emulator.seed(accounts[name], bot.model_dump(exclude_unset=True))
        return json_answer(200, {})

    async def requests(self, _request: Request) -> Response:
        """`GET /local-poe/requests`: the log, oldest first."""
        records = [dataclasses.asdict(record) for record in list(self._emulator.requests)]
        return json_answer(200, {"requests": _shown(records)})

    async def forget_requests(self, _request: Request) -> Response:
        """`DELETE /local-poe/requests`: empty the log."""
        self._emulator.requests.clear()
        return json_answer(200, {})

    async def faults(self, _request: Request) -> Response:
        """`GET /local-poe/faults`: the queue."""
        return json_answer(200, {"faults": [_fault(fault) for fault in self._emulator.faults]})

    async def add_fault(self, request: Request) -> Response:
        """`POST /local-poe/faults`: queue one fault. Answers what it became."""
        return json_answer(201, _fault(self._emulator.faults.add(_checked(_FAULT, await request.body()))))

    async def clear_faults(self, _request: Request) -> Response:
        """`DELETE /local-poe/faults`: remove all, and release what they hold."""
        self._emulator.faults.clear()
        return json_answer(200, {})

    async def release(self, _request: Request) -> Response:
        """`POST /local-poe/faults/release`: release what the faults hold."""
        self._emulator.faults.release()
        return json_answer(200, {})

    async def conversations(self, _request: Request) -> Response:
        """`GET /local-poe/conversations`: the last ones, oldest first."""
        said = [dataclasses.asdict(conversation) for conversation in self._emulator.conversations]
        return json_answer(200, {"conversations": said})

    async def forget_conversations(self, _request: Request) -> Response:
        """`DELETE /local-poe/conversations`: forget them."""
        self._emulator.conversations.clear()
        return json_answer(200, {})

    async def options(self, _request: Request) -> Response:
        """`GET /local-poe/options`: all of them."""
        return Response(_OPTIONS.dump_json(self._emulator.options), media_type="application/json")

    async def change_options(self, request: Request) -> Response:
        """`PATCH /local-poe/options`: change some. Answers all of them."""
        raw = await request.body()
        changed = _checked(_OPTIONS, raw)
        for name in json.loads(raw):
            setattr(self._emulator.options, name, getattr(changed, name))
        return await self.options(request)


def _is_json(scope: Scope) -> bool:
    type_ = Headers(scope=scope).get("content-type", "")
    return type_.partition(";")[0].strip().lower() == "application/json"


def _is_on_this_machine(client: tuple[str, int] | None) -> bool:
    if client is None:
        return False
    address = ipaddress.ip_address(client[0].partition("%")[0])
    # An IPv6 listener may see IPv4 clients, as ::ffff:127.0.0.1.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _checked(what: TypeAdapter[_T], raw: bytes) -> _T:
    """The body of a request, if it is one. The answer to any other names each fault's path, never a value."""
    try:
        return what.validate_json(raw)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise HTTPException(400, "; ".join(map(_text, faults))) from None


def _text(fault: ErrorDetails) -> str:
    """One thing that is wrong with a body: where it is, and the rule."""
    rule = str(fault["ctx"]["error"]) if fault["type"] == "value_error" else fault["msg"]
    # A `Fault` as a whole names the field itself.
    return ": ".join(filter(None, [".".join(map(str, fault["loc"])), rule]))


def _fault(fault: Fault) -> Any:
    """A fault as it is shown."""
    return _shown({**dataclasses.asdict(fault), "met": fault.met})


def _shown(value: object) -> Any:
    """What may be shown of a value: all but every `api_key`, at any depth."""
    if isinstance(value, Mapping):
        return {name: _shown(item) for name, item in value.items() if name != "api_key"}
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value
