"""What a state records of a bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.lifecycle.record import (
    FINGERPRINT,
    MOVES,
    held_in,
    recorded_as_seen,
    with_what_differs,
)
from pulumi_poe.core.poe.fingerprint import matches
from pulumi_poe.core.poe.settings import Settings

if TYPE_CHECKING:
    from tests.core.conftest import Run

from tests.core.lifecycle.life import BOT


def test_what_is_recorded_proves_later_who_has_seen_the_bot() -> None:
    recorded = recorded_as_seen(Settings(api_url="http://127.0.0.1:9", api_key="key"), {"handle": "Acme-One"})
    assert recorded["handle"] == "Acme-One"
    assert matches(recorded[FINGERPRINT], "http://127.0.0.1:9", "key")


def test_a_states_bot_is_found_in_any_spelling() -> None:
    state = [{"handle": "Acme-One"}, {"handle": "Other"}]
    assert held_in(state, "acme_one") == {"handle": "Acme-One"}
    assert held_in(state, "acme") is None


SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}
DIFFERING: dict[str, tuple[dict[str, Any], dict[str, Any], list[Any]]] = {
    "another spelling of a price is no difference": (
        {"api_bot_settings": {"pricing": {"prompt": "0.0000010"}}},
        {"api_bot_settings": {"pricing": {"prompt": "0.000001"}}},
        [],
    ),
    "the endpoint's key is no difference": ({"api_bot_settings": {"api_key": "sk", "model_name": "m"}},
        {"api_bot_settings": {"model_name": "m"}}, []),
    "a secret is no difference": ({"description": SECRET}, {"description": "b"}, []),
    "what the provider records is no difference": ({"__provider": "x", FINGERPRINT: "y"}, {}, []),
    "what is gone is one": ({"description": "a"}, {}, [(("description",), "a", None)]),
    "what is not declared is none": ({}, {"description": "a"}, []),
}  # fmt: skip


@pytest.mark.parametrize("case", DIFFERING)
def test_a_state_and_poe_differ_where_a_refresh_would_say_so(case: str) -> None:
    recorded, bot, expected = DIFFERING[case]
    assert with_what_differs({"handle": "A", **recorded}, {"handle": "a", **bot}) == expected


def test_what_moves_is_in_no_state(new_run: Run, recorded: dict[str, Any]) -> None:
    bots = new_run()
    moved = {**recorded, MOVES: True}
    assert bots.update("Acme-Bot", moved, BOT) == recorded
    assert bots.read("Acme-Bot", moved) == recorded
