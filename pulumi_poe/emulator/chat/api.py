"""Which paths are there, and what is asked by which?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp

from ..answers import json_answer
from .asking import LONG, PATHS, Ask, asked
from .listing import models
from .refusal import RefusedError
from .talking import Proxy, Talk

PUBLIC = "/v1"
"""What the paths begin with, as on Poe."""

LOCAL = "/local-poe/v1"
"""What they begin with that only the local Poe has, and that reach one's own private bots too."""

LONGEST = 20 * 2**20
"""How many bytes a question may have."""


def is_chat(path: str) -> bool:
    """Whether a path is one of these."""
    at = path.removeprefix(LOCAL) if path.startswith(LOCAL) else path.removeprefix(PUBLIC)
    return at != path and (at in {"/models", *PATHS.values()} or at.startswith("/responses/"))


@dataclass(frozen=True)
class Understood:
    """What a request asks."""

    ask: Ask | None = None
    """The question to a bot, if it is one. The list of models is none."""

    refused: RefusedError | None = None
    """Why it is refused, whoever sent it."""

    @property
    def needs_key(self) -> bool:
        """Whether nobody is answered without a key: all but the list of models."""
        return self.ask is not None or self.refused is not None


async def understood(request: Request, path: str, raw: bytes | None) -> Understood:
    """What a request asks.

    :param raw: its body; None if that is too long.
    """
    try:
        return Understood(await _question(request, path, raw))
    except RefusedError as refused:
        return Understood(refused=refused)


def app_for(what: Understood, proxy: Proxy, account: str | None, path: str) -> ASGIApp:
    """What answers it.

    :param account: whose key it has.
    """
    is_local = path.startswith(f"{LOCAL}/")
    if what.refused is not None:
        return what.refused.answer()
    if what.ask is None or account is None:
        return json_answer(200, models(proxy.store, account if is_local else None))
    return Talk(proxy, what.ask, account, path, is_local=is_local)


async def _question(request: Request, path: str, raw: bytes | None) -> Ask | None:
    at = path.removeprefix(LOCAL).removeprefix(PUBLIC)
    api = next((api for api, known in PATHS.items() if known == at), None)
    if at.startswith("/responses/"):
        raise RefusedError(404, "no response is stored here, so there is none to look at")
    allowed = "GET" if api is None else "POST"
    if request.method != allowed:
        raise RefusedError(405, f"only {allowed} is allowed here", headers={"Allow": allowed})
    if api is None:
        return None
    if raw is None:
        raise RefusedError(413, f"body: Input should have at most {LONGEST >> 20} MB")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(415, "Content-Type: Input should be application/json")
    return await asyncio.to_thread(asked, raw, api) if len(raw) > LONG else asked(raw, api)
