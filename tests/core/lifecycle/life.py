"""A bot whose life the tests follow, and what may be done to it."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.registry import Resource
from pulumi_poe.core.values.trees import Path, overlay, without
from pulumi_poe.emulator import API_KEY_1, Emulator

if TYPE_CHECKING:
    pass

BOT: dict[str, Any] = {
    "handle": "Acme-Bot",
    "description": "A bot",
    "is_private": False,
    "api_bot_settings": {
        "model_name": "acme/one",
        "api_key": "ENDPOINT-CANARY",
        "pricing": {"prompt": "0.0000010", "completion": "0.000002"},
    },
}
PROMPT: Path = ("api_bot_settings", "pricing", "prompt")
CACHE: Path = ("api_bot_settings", "pricing", "input_cache_reads")
SPELLINGS = ["Acme-Bot", "acme_bot", "ACME.BOT"]
FAILURE = {"error": {"message": "An unexpected error occurred. Please try again."}}
NO_SUCH_BOT = {"error": {"message": "Bot Acme-Bot does not exist or access denied"}}


def changed(path: Path, value: object, bot: dict[str, Any] = BOT) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    assert isinstance(value, dict)
    return overlay(value, bot)


def checked(bots: Operations, bot: dict[str, Any] = BOT, *, before: Any = None, **options: Any) -> list[str]:
    adopt = {"adopt": options.pop("adopt")} if "adopt" in options else {}
    return bots.check({**bot, **adopt}, before=before or {}, **{"resource": Resource("mine"), **options}).mistakes


def adopting(bots: Operations, bot: dict[str, Any] = BOT) -> dict[str, Any]:
    assert checked(bots, bot, adopt=True) == []
    return bots.create(bot).record


def sent(poe: Emulator, *methods: str) -> list[tuple[str, str]]:
    """Method and path of the requests that Poe answered, all or only those of some methods."""
    return [(one.method, one.path) for one in poe.requests if not methods or one.method in methods]


def writes(poe: Emulator) -> list[tuple[str, str]]:
    return sent(poe, "POST", "PUT", "PATCH", "DELETE")


def edit_by_hand(poe: Emulator, path: Path, value: object) -> None:
    """Somebody changes the bot on poe.com."""
    (stored,) = poe.bots()
    poe.seed(API_KEY_1, changed(path, value, stored))


def delete_by_hand(poe: Emulator) -> None:
    """Somebody deletes the bot on poe.com."""
    connection = http.client.HTTPConnection(urlsplit(poe.url).netloc)
    connection.request("DELETE", "/bots/Acme-Bot", headers={"Authorization": f"Bearer {API_KEY_1}"})
    assert connection.getresponse().status == 200
    connection.close()
    poe.requests.clear()


OPERATIONS: dict[str, Any] = {
    "read": lambda bots, recorded: bots.read("Acme-Bot", recorded),
    "update": lambda bots, recorded: bots.update("Acme-Bot", recorded, changed(PROMPT, "3")),
    "update by PUT": lambda bots, recorded: bots.update("Acme-Bot", recorded, without(BOT, [PROMPT])),
    "delete": lambda bots, recorded: bots.delete("Acme-Bot", recorded),
}
each_operation = pytest.mark.parametrize("operation", list(OPERATIONS))
