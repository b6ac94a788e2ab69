"""What an answer costs, exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.emulator.chat.pricing import Usage, cost, in_dollars, usage_in

BASE = {"prompt": "0.000003", "completion": "0.00001", "input_cache_reads": "0.0000003"}
TIERS = [
    {"min_tokens": 100, "max_tokens": 200, "prompt": "0.5"},
    {"min_tokens": 200, "max_tokens": None, "prompt": "1", "completion": "2", "input_cache_reads": "0.1"},
]


def costs(usage: Usage, **pricing: Any) -> str | None:
    found = cost({"pricing": pricing}, usage)
    return None if found is None else in_dollars(found)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (Usage(0, 0), "0"),
        (Usage(1000, 0), "0.003"),
        (Usage(0, 1), "0.00001"),
        (Usage(1000, 3, 400), "0.00195"),
        (Usage(10**15, 0), "3000000000"),
    ],
)
def test_each_sort_of_token_has_its_price(usage: Usage, expected: str) -> None:
    assert costs(usage, **BASE) == expected


def test_cached_tokens_without_a_price_cost_as_others_do() -> None:
    assert costs(Usage(10, 0, 10), prompt="0.1", completion="1") == "1"


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (Usage(99, 1), "0.000307"),
        (Usage(100, 1), "50.00001"),
        (Usage(199, 0, 199), "0.0000597"),
        (Usage(200, 1, 10), "193"),
    ],
)
def test_the_tier_that_holds_the_prompt_prices_all_of_it(usage: Usage, expected: str) -> None:
    assert costs(usage, **BASE, context_pricing={"tiers": TIERS}) == expected


@pytest.mark.parametrize(
    ("pricing", "usage"),
    [
        ({}, Usage(1, 0)),
        ({"prompt": "1"}, Usage(1, 1)),
        ({"prompt": 1, "completion": "1"}, Usage(1, 0)),
        ({"prompt": "1e3", "completion": "1"}, Usage(1, 0)),
    ],
)
def test_without_a_price_that_is_needed_the_cost_is_not_known(pricing: dict[str, Any], usage: Usage) -> None:
    assert costs(usage, **pricing) is None


@pytest.mark.parametrize("pricing", [None, 1, {"context_pricing": 1}, {"context_pricing": {"tiers": [1, {}]}}])
def test_a_seeded_bot_may_have_anything_there(pricing: object) -> None:
    assert cost({"pricing": pricing}, Usage(1, 1)) is None


PRICES = st.from_regex(r"[0-9]{1,40}(\.[0-9]{1,60})?", fullmatch=True).filter(str.isascii)


@given(PRICES, PRICES, PRICES, st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**12))
def test_no_digit_is_lost(prompt: str, completion: str, cached: str, new: int, out: int, read: int) -> None:
    pricing = {"prompt": prompt, "completion": completion, "input_cache_reads": cached}
    found = costs(Usage(new + read, out, read), **pricing)
    assert found is not None
    assert Fraction(found) == new * Fraction(prompt) + read * Fraction(cached) + out * Fraction(completion)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 2}, Usage(9, 2)),
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": None}, Usage(9, 2)),
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}, Usage(9, 2, 4)),
        ({"input_tokens": 9, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 4}}, Usage(9, 2, 4)),
        (None, None),
        ([], None),
        ({}, None),
        ({"prompt_tokens": 9}, None),
        ({"prompt_tokens": "9", "completion_tokens": 2}, None),
        ({"prompt_tokens": True, "completion_tokens": 2}, None),
        ({"prompt_tokens": -1, "completion_tokens": 2}, None),
        ({"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 10}}, None),
    ],
)
def test_what_counts_as_usage(usage: object, expected: Usage | None) -> None:
    assert usage_in({"usage": usage}) == expected


@pytest.mark.parametrize(
    ("amount", "shown"), [("0.0031000", "0.0031"), ("100", "100"), ("1E-7", "0.0000001"), ("0", "0")]
)
def test_an_amount_is_a_plain_decimal(amount: str, shown: str) -> None:
    assert in_dollars(Decimal(amount)) == shown
