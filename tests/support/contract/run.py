"""One run: its handles, its cap, its accounts and what is asked with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import get_args

import httpx

from .accounts import Account
from .asking import Asker, Endpoint, Need
from .guard import Cap
from .handles import Handles, Ledger

ENDPOINT = Endpoint("https://llm.example.com/v1", "sk-endpoint-canary", "acme/model")
"""What bots of a local Poe point to."""

LOCAL_REQUESTS = 2_000


def asker_of(
    url: str,
    key: str,
    other_key: str | None,
    *,
    endpoint: Endpoint = ENDPOINT,
    ledger: Ledger | None = None,
    requests: int = LOCAL_REQUESTS,
    may: frozenset[Need] = frozenset(get_args(Need)),
    patience: float = 0.0,
    pace: float = 0.0,
    sleep: Callable[[float], None] = time.sleep,
    inner: httpx.BaseTransport | None = None,
) -> Asker:
    """One run's questions, accounts and handles."""
    handles, cap = Handles(), Cap(requests)
    ledger = Ledger() if ledger is None else ledger

    def account(of: str) -> Account:
        return Account(
            url,
            of,
            handles=handles,
            ledger=ledger,
            cap=cap,
            pace=pace,
            may_chat="chat" in may,
            sleep=sleep,
            inner=inner,
        )

    other = account(other_key) if other_key else None
    return Asker(account(key), endpoint, other, may, patience, sleep=sleep)
