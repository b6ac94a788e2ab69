"""How does the page show that it is the page of this start?

By a random token. It is in the fragment of the address that is printed, which no browser sends to anybody.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping

from starlette.requests import Request

from ...admission import shown_key
from ...store import Store
from ..api import LOCAL
from ..asking import Ask
from ..bots import named

HEADER = "local-poe-token"
"""The header by which the page shows it, but for conversations: there it stands in place of an account's key."""


class Token:
    """The token of one start."""

    def __init__(self) -> None:
        self.text: str = secrets.token_urlsafe(24)

    def is_in(self, shown: str | None) -> bool:
        """Whether this is what was shown. How long that takes says nothing of it."""
        return shown is not None and hmac.compare_digest(shown.encode(), self.text.encode())


class PagePass:
    """Lets the page talk to every bot as the bot's owner, without a key.

    :param token: the page's.
    :param store: the bots.
    :param accounts: each account's name and its key. Read anew by each request.
    """

    def __init__(self, token: Token, store: Store, accounts: Mapping[str, str]) -> None:
        self._token = token
        self._store = store
        self._accounts = accounts

    def account(self, request: Request, path: str, ask: Ask | None) -> str | None:
        """Who asks, if it is the page; None otherwise.

        :param path: by which path. Only those that the local Poe alone has take the token.
        :param ask: the question, if it is one. The owner of its bot asks it.
        """
        if not path.startswith(f"{LOCAL}/") or not self._token.is_in(shown_key(request)):
            return None
        stored = None if ask is None else named(self._store, ask.model)
        return next(iter(self._accounts)) if stored is None else stored.account
