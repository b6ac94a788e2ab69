"""Which bot is meant, and by which address it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chatting import NotLocal

from pulumi_poe.chat.calling import Caller
from pulumi_poe.chat.partner import Partner, partner
from pulumi_poe.core.errors import KeyRefusedError, RefusedError
from pulumi_poe.core.poe.account import Account
from pulumi_poe.core.poe.settings import Settings
from pulumi_poe.emulator import API_KEY_2, Emulator, Fault

SETTINGS = {"base_url": "https://llm.example.com/v1", "pricing": {"prompt": "0.000001"}}


@pytest.fixture(scope="module")
def poe() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def anew(poe: Emulator) -> None:
    poe.reset()


def found(poe: Emulator, handle: str, *, key: str | None = None, url: str | None = None) -> Partner:
    settings = Settings(api_key=key or poe.api_key, api_url=url or poe.url)
    account, caller = Account(settings), Caller(settings, 10)
    try:
        return partner(account, caller, handle)
    finally:
        account.close()
        caller.close()


def bot(handle: str = "Acme-Bot", *, is_private: bool = False, **settings: Any) -> dict[str, Any]:
    return {"handle": handle, "is_private": is_private, "api_bot_settings": {**SETTINGS, **settings}}


@pytest.mark.parametrize(
    ("of", "path"),
    [
        (bot(), "/v1/chat/completions"),
        (bot(api_type="responses_api"), "/v1/responses"),
        (bot(is_private=True), "/local-poe/v1/chat/completions"),
        (bot(is_private=True, api_type="responses_api"), "/local-poe/v1/responses"),
    ],
)
def test_an_own_bot_is_asked_by_its_api(poe: Emulator, of: dict[str, Any], path: str) -> None:
    poe.seed(poe.api_key, of)
    own = found(poe, "acme.bot")
    assert (own.handle, own.path, own.is_own, own.pricing) == ("Acme-Bot", path, True, {"prompt": "0.000001"})


def test_a_bot_without_a_word_on_who_may_use_it_is_private(poe: Emulator) -> None:
    poe.seed(poe.api_key, {"handle": "Acme-Bot", "api_bot_settings": SETTINGS})
    with NotLocal(poe.url) as real, pytest.raises(RefusedError, match="is private"):
        found(poe, "Acme-Bot", url=real.url)


def test_of_somebody_elses_bot_the_public_list_is_what_is_known(poe: Emulator) -> None:
    prices = {"prompt": "0.00000123", "completion": "0.000002", "input_cache_reads": "0.0000005"}
    poe.seed(API_KEY_2, bot("Their-Bot", pricing=prices, input_modalities=["text", "image"], api_type="responses_api"))
    assert found(poe, "theirbot") == Partner(
        "Their-Bot",
        "responses_api",
        "/v1/responses",
        pricing={"prompt": "0.0000012", "completion": "0.0000020", "input_cache_reads": "0.00000050"},
        is_rounded=True,
        takes_images=True,
    )


def test_somebody_elses_private_bot_is_not_known(poe: Emulator) -> None:
    poe.seed(API_KEY_2, bot("Their-Bot", is_private=True))
    assert found(poe, "Their-Bot").remark == "Neither the account's bots nor Poe's list have 'Their-Bot'."


def test_a_bot_that_is_no_api_bot_says_nothing_of_images(poe: Emulator) -> None:
    poe.seed(poe.api_key, {"handle": "Prompt-Bot", "is_private": False})
    assert found(poe, "Prompt-Bot").takes_images is None


def test_a_key_that_is_refused_is_said_where_the_bot_is_not_public(poe: Emulator) -> None:
    poe.seed(poe.api_key, bot(is_private=True))
    with pytest.raises(KeyRefusedError):
        found(poe, "Acme-Bot", key="wrong-canary")


@pytest.mark.parametrize(
    "listed",
    [
        {"data": 3},
        {"data": [3, {}, {"id": 3, "metadata": 4}]},
        {"data": [{"id": "acme-bot", "pricing": 3, "architecture": 3, "supported_endpoints": 3}]},
        {"data": [{"id": "acme-bot", "pricing": {"prompt": None}, "metadata": {"display_name": "Acme-Bot"}}]},
    ],
)
def test_a_list_that_says_little_is_taken_for_what_it_says(poe: Emulator, listed: dict[str, Any]) -> None:
    poe.faults.add(Fault("GET", "/v1/models", status=200, body=listed))
    someones = found(poe, "acme-bot")
    assert someones.path == "/v1/chat/completions"
    assert someones.takes_images is None
    assert not someones.pricing
