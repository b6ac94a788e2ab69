"""Which prices can be written out exactly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.core.bot.prices import as_decimal, is_price, plain_price


@given(st.decimals(min_value=0, max_value=1, places=12))
def test_a_plain_price_is_the_same_price(price: Decimal) -> None:
    assert Decimal(plain_price(f"{price:f}") or "nan") == price


@pytest.mark.parametrize(("price", "plain"), [(1e-07, "0.0000001"), ("4E-7", "0.0000004"), (2, "2"), ("0.10", "0.10")])
def test_numbers_and_exponents_are_written_out(price: Any, plain: str) -> None:
    assert plain_price(price) == plain


@pytest.mark.parametrize("price", [0.1 + 0.2, -1, True, None, "free", "1e999", "-0.1", float("inf"), [1]])
def test_what_is_no_exact_price_is_none(price: Any) -> None:
    assert plain_price(price) is None


@pytest.mark.parametrize("price", ["free", None, True])
def test_what_is_no_number_is_no_price(price: Any) -> None:
    assert as_decimal(price) is None


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        (("api_bot_settings", "pricing", "prompt"), True),
        (("api_bot_settings", "pricing", "context_pricing", "tiers", 0, "completion"), True),
        (("api_bot_settings", "pricing", "context_pricing", "tiers", 0, "min_tokens"), False),
        (("extra", "pricing", "prompt"), False),
    ],
)
def test_prices_stand_below_pricing(path: tuple[str | int, ...], is_one: bool) -> None:
    assert is_price(path) is is_one
