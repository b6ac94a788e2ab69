"""Prices: exact, plain, and refused where they could not be."""

from __future__ import annotations

import asyncio
import doctest
import json
import re
from decimal import Decimal
from typing import Any

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_poe.core.bot.checks import mistakes
from pulumi_poe.program import price_builders as pricing
from pulumi_poe.program.price_builders import per_million, tiers

PLAIN = re.compile(r"[0-9]+(\.[0-9]*[1-9])?")

DECIMALS = st.decimals(min_value=0, allow_nan=False, allow_infinity=False) | st.builds(
    lambda digits, exponent: Decimal((0, digits, exponent)),
    st.lists(st.integers(0, 9), min_size=1, max_size=60).map(tuple),
    st.integers(-60, 60),
)
PRICES = st.one_of(
    DECIMALS, DECIMALS.map(str), DECIMALS.map(lambda price: format(price, "f")), st.integers(min_value=0)
)


def exact(price: Any) -> Decimal:
    """The price per million tokens that a price per token comes to, without rounding."""
    sign, digits, exponent = Decimal(price).as_tuple()
    assert isinstance(exponent, int)
    return Decimal((sign, digits, exponent + 6))


@settings(deadline=None)
@given(PRICES)
def test_a_price_is_exact_and_plain(price: str | int | Decimal) -> None:
    per_token = per_million(input=price)["prompt"]
    assert isinstance(per_token, str)
    assert exact(per_token) == Decimal(price)
    assert PLAIN.fullmatch(per_token)


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=10_000, places=6))
def test_a_million_tokens_cost_the_price(price: Decimal) -> None:
    assert Decimal(str(per_million(output=str(price))["completion"])) * 10**6 == price


@pytest.mark.parametrize(
    ("price", "per_token"),
    [
        ("0.40", "0.0000004"),
        ("3", "0.000003"),
        (3, "0.000003"),
        (Decimal("1.60"), "0.0000016"),
        ("1e-1", "0.0000001"),
        (Decimal("2E+1"), "0.00002"),
        ("0.011", "0.000000011"),
        (15_000_000, "15"),
        (0, "0"),
        ("0.00", "0"),
        ("-0", "0"),
    ],
)
def test_known_prices(price: str | int | Decimal, per_token: str) -> None:
    assert per_million(input=price) == {"prompt": per_token}


def test_only_what_is_given_is_in_it() -> None:
    assert per_million(cached_input="0.1") == {"input_cache_reads": "0.0000001"}
    assert per_million(input="1", output=None) == {"prompt": "0.000001"}


@pytest.mark.parametrize("argument", ["input", "output", "cached_input"])
@pytest.mark.parametrize(
    ("price", "error", "says"),
    [
        (0.4, TypeError, 'is a float, which can\'t hold a price exactly: write it in quotes, like "0.40"'),
        (float("nan"), TypeError, "is a float"),
        (True, TypeError, "not a bool"),
        (b"1", TypeError, "not a bytes"),
        (["1"], TypeError, "not a list"),
        ("0,40", ValueError, "is not a number"),
        ("$1", ValueError, "is not a number"),
        ("", ValueError, "is not a number"),
        ("-1", ValueError, "is negative"),
        (-1, ValueError, "is negative"),
        (Decimal("-1e-30"), ValueError, "is negative"),
        ("nan", ValueError, "is not a finite price"),
        (Decimal("sNaN"), ValueError, "is not a finite price"),
        ("Infinity", ValueError, "is not a finite price"),
    ],
)
def test_what_is_no_price_is_refused_by_the_arguments_name(
    argument: str, price: Any, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=f"^{argument} .*{re.escape(says)}"):
        per_million(**{argument: price})


def test_no_price_at_all_is_refused() -> None:
    with pytest.raises(TypeError, match="needs a price"):
        per_million()


def test_tiers_end_where_the_next_begins() -> None:
    long_inputs = tiers({128_000: per_million(input="0.90", output="3"), 32_000: per_million(input="0.60")})
    assert long_inputs == {
        "tiers": [
            {"min_tokens": 32_000, "max_tokens": 128_000, "prompt": "0.0000006"},
            {"min_tokens": 128_000, "prompt": "0.0000009", "completion": "0.000003"},
        ]
    }
    assert per_million(input="0.40", context_pricing=long_inputs)["context_pricing"] == long_inputs


@pytest.mark.parametrize(
    ("prices", "error", "says"),
    [
        ({}, ValueError, "at least one tier"),
        ([per_million(input=1)], TypeError, "takes a dict of prices"),
        ({"32000": per_million(input=1)}, TypeError, "not at a str"),
        ({True: per_million(input=1)}, TypeError, "not at a bool"),
        ({1.5: per_million(input=1)}, TypeError, "not at a float"),
        ({32_000: "0.40"}, TypeError, "tier from 32000 tokens needs a dict of prices"),
        ({9: per_million(context_pricing=tiers({1: per_million(input=1)}))}, ValueError, "tiers of its own"),
    ],
)
def test_what_are_no_tiers_is_refused(prices: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        tiers(prices)


NAMES = ("input", "output", "cached_input")


def of_a_tier(prices: dict[str, Any]) -> Any:
    return per_million(**prices)


OF_A_TIER = st.dictionaries(st.sampled_from(NAMES), PRICES, min_size=1).map(of_a_tier)
TIERS = st.dictionaries(st.integers(0, 10**7), OF_A_TIER, min_size=1, max_size=4)


@settings(deadline=None)
@given(st.fixed_dictionaries({"input": PRICES, "output": PRICES}, optional={"cached_input": PRICES}), TIERS)
def test_all_that_can_be_made_passes_the_checks(prices: dict[str, Any], by_length: dict[int, Any]) -> None:
    made: Any = per_million(**prices, context_pricing=tiers(by_length))
    assert json.loads(json.dumps(made)) == made
    found = mistakes({"handle": "Acme-Reasoner", "api_bot_settings": {"pricing": made}})
    # Prices beyond all reason are warned of. They are prices all the same.
    assert [mistake for mistake in found if mistake.is_error] == []


@settings(deadline=None)
@given(TIERS)
def test_tiers_leave_no_gap(by_length: dict[int, Any]) -> None:
    made: Any = tiers(by_length)["tiers"]
    assert [tier["min_tokens"] for tier in made] == sorted(by_length)
    assert [tier.get("max_tokens") for tier in made] == [*sorted(by_length)[1:], None]
    for tier in made:
        bounds = {"min_tokens", "max_tokens"}
        assert {key: value for key, value in tier.items() if key not in bounds} == by_length[tier["min_tokens"]]


def test_a_price_may_be_an_output() -> None:
    async def per_token(price: Any) -> Any:
        made: Any = per_million(input=pulumi.Output.from_input(price))["prompt"]
        return await made.future()

    assert asyncio.run(per_token("0.40")) == "0.0000004"
    with pytest.raises(TypeError, match="input is a float"):
        asyncio.run(per_token(0.4))


def test_the_examples_are_true() -> None:
    assert doctest.testmod(pricing).failed == 0
