"""A local Poe with bots whose endpoint is a small real server, and OpenAI's own clients for it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from talking_endpoint import UPSTREAM, TalkingEndpoint

from pulumi_poe.emulator import API_KEY_1, Emulator

ENDPOINT_KEY = "sk-endpoint-canary"
PRICING = {"prompt": "0.000003", "completion": "0.00001", "input_cache_reads": "0.0000003"}


@pytest.fixture
def bot_of(poe: Emulator, endpoint: TalkingEndpoint) -> Callable[..., None]:
    """Puts a bot in: `bot_of("Acme", is_private=True, api_type="responses_api")`."""

    def make(handle: str = "Acme-Bot", key: str = API_KEY_1, is_private: bool = False, **settings: Any) -> None:
        controls = settings.pop("parameter_controls", None)
        api_bot_settings = {
            "base_url": endpoint.url,
            "model_name": UPSTREAM,
            "api_key": ENDPOINT_KEY,
            "pricing": PRICING,
            **settings,
        }
        bot: dict[str, Any] = {"handle": handle, "is_private": is_private, "api_bot_settings": api_bot_settings}
        poe.seed(key, bot if controls is None else {**bot, "parameter_controls": controls})

    return make


@pytest.fixture
def bots(bot_of: Callable[..., None]) -> None:
    """A public bot for each of the two APIs."""
    bot_of()
    bot_of("Acme-Responder", api_type="responses_api")


@pytest.fixture
def client(poe: Emulator) -> Iterator[openai.OpenAI]:
    """OpenAI's own client, which tries nothing again."""
    # All is plain HTTP, so no certificates are loaded, which takes longer than a test.
    plain = openai.DefaultHttpxClient(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    with openai.OpenAI(
        base_url=f"{poe.url}/v1", api_key=API_KEY_1, max_retries=0, timeout=10, http_client=plain
    ) as made:
        yield made
