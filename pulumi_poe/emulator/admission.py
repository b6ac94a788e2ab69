"""Who asks, and is it answered at all? By its key, the limit, and whether accounts are enabled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from .answers import TOO_MANY, WRONG_KEY, error_answer, json_answer
from .limit import RequestLimit
from .options import Options


class Admitted(NamedTuple):
    """What key and limit say of a request."""

    account: str | None
    """The name of its account; None if it has no key that is known."""

    refusal: Response | None
    """What it is answered at once, if it is."""

    headers: dict[str, str]
    """What its answer says of the limit."""


class Admission:
    """Looks at each request's key, and counts it.

    :param accounts: each account's name and its key. Read anew by each request.
    :param options: see `Options`. Read anew by each request.
    :param limit: how many requests are answered.
    """

    def __init__(self, accounts: Mapping[str, str], options: Options, limit: RequestLimit) -> None:
        self._accounts = accounts
        self._options = options
        self._limit = limit

    def admit(self, request: Request, *, needs_key: bool = True, account: str | None = None) -> Admitted:
        """Count a request, and say what is to become of it.

        :param needs_key: whether it is refused without a key. Default True.
        :param account: whose it is, where something else than a key has shown that. Default None, the key says it.
        """
        account = account or self._account(request)
        verdict = self._limit.count(account)
        refusal: Response | None = None
        if verdict.refused:
            refusal = json_answer(429, TOO_MANY)
        elif (account is None and needs_key) or self._options.not_enabled_status == 401:
            refusal = json_answer(401, WRONG_KEY)
        elif self._options.not_enabled_status == 404:
            refusal = error_answer(404, "Not Found")
        return Admitted(account, refusal, verdict.headers)

    def _account(self, request: Request) -> str | None:
        """The name of the account whose key the request carries (docs/poe-bots-api.md, 4.1)."""
        key = shown_key(request)
        return next((name for name, known in list(self._accounts.items()) if known == key), None)


def shown_key(request: Request) -> str | None:
    """The key that a request carries, if it does."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None
