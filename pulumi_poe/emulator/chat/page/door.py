"""Who gets what of the page?

Its files hold nothing, and anybody gets them who may ask the local Poe at all. What it asks for needs the token.
"""

from __future__ import annotations

import dataclasses

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from ...answers import error_answer, json_answer
from ...store import Store
from ..conversations import Conversations
from .facts import facts_of
from .files import HEADERS, file_answer
from .token import HEADER, Token

API = "/local-poe/page/"
"""What the paths begin with that the page asks."""

_FILES = "/page/"

OFF = PlainTextResponse(
    "The page is off, because this local Poe listens beyond this machine; start it with --host 127.0.0.1\n",
    403,
    dict(HEADERS),
)
"""What there is where it is not served."""


def is_page(path: str) -> bool:
    """Whether a path is one of the page's."""
    return path == "/" or path.startswith((_FILES, API))


class PageDoor:
    """Serves the page, and what it asks for.

    It is in no log, meets no fault and counts for no limit: whatever the local Poe is told to do wrong can be watched.

    :param token: the page's.
    :param store: the bots.
    :param conversations: those that took place.
    """

    def __init__(self, token: Token, store: Store, conversations: Conversations) -> None:
        self._token = token
        self._store = store
        self._conversations = conversations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        await self._answer(request, scope["path"])(scope, receive, send)

    def _answer(self, request: Request, path: str) -> Response:
        if request.method not in ("GET", "HEAD"):
            return error_answer(405, "only GET is allowed here", {**HEADERS, "Allow": "GET, HEAD"})
        if not path.startswith(API):
            name = "index.html" if path == "/" else path.removeprefix(_FILES)
            return file_answer(request, name) or error_answer(404, "the page has no such file", HEADERS)
        headers = {**HEADERS, "Cache-Control": "no-store"}
        if not self._token.is_in(request.headers.get(HEADER)):
            return error_answer(401, "open the address that the local Poe has printed at this start", headers)
        found = self._found(path.removeprefix(API))
        if found is None:
            return error_answer(404, "nobody knows that here", headers)
        return json_answer(200, found, headers)

    def _found(self, path: str) -> object:
        """What the page asks for; None if there is no such thing."""
        what, _, id_ = path.partition("/")
        if path == "bots":
            return {"bots": [facts_of(stored) for stored in self._store.stored()]}
        if what == "conversations":
            return next((dataclasses.asdict(said) for said in self._conversations if said.id == id_), None)
        return None
