"""A fresh local Poe for each test, and one HTTP client for each of its two accounts."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator


@pytest.fixture
def poe() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def client_of() -> Iterator[Callable[..., httpx.Client]]:
    """Makes HTTP clients, and closes them: `client_of(poe)` or `client_of(poe, key)`."""
    clients: list[httpx.Client] = []

    def make(poe: Emulator, key: str = API_KEY_1, **options: Any) -> httpx.Client:
        client = httpx.Client(
            base_url=poe.url,
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
            # All is plain HTTP, so no certificates are loaded, which takes longer than a test.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            **options,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def mine(poe: Emulator, client_of: Callable[..., httpx.Client]) -> httpx.Client:
    """A client of the first account."""
    return client_of(poe, API_KEY_1)


@pytest.fixture
def theirs(poe: Emulator, client_of: Callable[..., httpx.Client]) -> httpx.Client:
    """A client of the second account."""
    return client_of(poe, API_KEY_2)
