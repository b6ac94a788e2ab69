"""What the page asks for, as it asks for it, without a browser."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from pulumi_poe.emulator import Emulator


@pytest.fixture
def token(poe: Emulator) -> str:
    """The one of this start."""
    return str(poe.page_url).partition("#token=")[2]


@pytest.fixture
def page(poe: Emulator, token: str, client_of: Callable[..., httpx.Client]) -> httpx.Client:
    """Shows the token in both ways, and no account's key."""
    client = client_of(poe, token)
    client.headers["Local-Poe-Token"] = token
    return client
