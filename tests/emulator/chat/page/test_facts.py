"""What the page knows of a bot, whatever there is in place of one."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from pulumi_poe.emulator.chat.page.facts import facts_of
from pulumi_poe.emulator.store import StoredBot


def facts(**bot: Any) -> dict[str, Any]:
    return facts_of(StoredBot("ours", {"handle": "Acme", **bot}))


def priced(pricing: Any) -> dict[str, Any]:
    return facts(api_bot_settings={"model_name": "m", "pricing": pricing})


def test_prices_are_exact_and_a_million_tokens() -> None:
    found = priced({"prompt": "0.000003", "completion": "0.0000000123456789012345678901234567891"})
    (row,) = found["prices"]
    assert row == {
        "tier": False,
        "min_tokens": None,
        "max_tokens": None,
        "prompt": "3",
        "completion": "0.0123456789012345678901234567891",
        "input_cache_reads": None,
    }


@pytest.mark.parametrize(
    ("price", "million"),
    [
        ("0", "0"),
        ("0.0000000000", "0"),
        ("0.0000010", "1"),
        ("1", "1000000"),
        ("0.00000055", "0.55"),
        ("12.5", "12500000"),
    ],
)
def test_a_price_a_million(price: str, million: str) -> None:
    assert priced({"prompt": price})["prices"][0]["prompt"] == million


def test_a_tier_has_what_it_does_not_set_from_the_base() -> None:
    tiers = [
        {"min_tokens": 100, "max_tokens": 200, "prompt": "0.000001"},
        {"min_tokens": 200, "completion": "0.000009"},
    ]
    rows = priced({"prompt": "0.000002", "completion": "0.000004", "context_pricing": {"tiers": tiers}})["prices"]
    assert [(row["tier"], row["min_tokens"], row["max_tokens"], row["prompt"], row["completion"]) for row in rows] == [
        (False, None, None, "2", "4"),
        (True, 100, 200, "1", "4"),
        (True, 200, None, "2", "9"),
    ]


@pytest.mark.parametrize(
    ("pricing", "mistake"),
    [
        ([], "pricing: is no object"),
        ("free", "pricing: is no object"),
        ({"prompt": "1e-6"}, "pricing.prompt: '1e-6' is no plain decimal string"),
        ({"completion": 3}, "pricing.completion: 3 is no plain decimal string"),
        ({"context_pricing": []}, "pricing.context_pricing.tiers: is no list"),
        ({"context_pricing": {"tiers": 3}}, "pricing.context_pricing.tiers: is no list"),
        ({"context_pricing": {"tiers": [3]}}, "pricing.context_pricing.tiers[0]: is no object"),
        (
            {"context_pricing": {"tiers": [{"prompt": "-1"}]}},
            "pricing.context_pricing.tiers[0].prompt: '-1' is no plain decimal string",
        ),
    ],
)
def test_what_is_no_price_is_said(pricing: Any, mistake: str) -> None:
    assert priced(pricing)["price_mistakes"] == [mistake]


def test_no_mistake_is_said_of_prices_that_are_right() -> None:
    assert priced({"prompt": "0.1", "context_pricing": {"tiers": [{"prompt": "0"}]}})["price_mistakes"] == []
    assert priced(None)["price_mistakes"] == []


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://llm.example/v1", "https://llm.example/v1"),
        ("https://user:secret@llm.example:8/v1?key=secret#secret", "https://***@llm.example:8/v1?***#***"),
        ("http://[secret", "***"),
        ("no address", "no address"),
    ],
)
def test_what_may_be_secret_in_an_address_is_not_shown(address: str, shown: str) -> None:
    assert facts(api_bot_settings={"base_url": address})["settings"] == {"base_url": shown}


def test_no_key_is_shown_at_any_depth() -> None:
    found = facts(
        api_bot_settings={"api_key": "secret", "more": [{"api_key": "secret"}]},
        parameter_controls={"sections": [{"api_key": "secret"}]},
    )
    assert "secret" not in json.dumps(found)
    assert found["has_api_key"]


@pytest.mark.parametrize(
    "settings", [None, [], "text", 3, {"api_type": []}, {"api_type": "new_api"}, {"pricing": math.nan}]
)
@pytest.mark.parametrize("controls", [None, [], "text", {"sections": math.inf}])
def test_whatever_a_seeded_bot_has_is_json(settings: Any, controls: Any) -> None:
    found = facts(description=3, api_bot_settings=settings, parameter_controls=controls)
    assert json.loads(json.dumps(found, allow_nan=False))["handle"] == "Acme"
    assert found["is_private"] is True
