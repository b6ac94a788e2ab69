"""What an answer costs: the rule of the local Poe, which shares nothing with the client."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.chat.cost import Usage, cost, in_dollars, total_of, usage_in
from pulumi_poe.emulator.chat import pricing as local

NAMES = ("prompt", "completion", "input_cache_reads")
plain = st.decimals(0, 2, places=12).map(lambda price: format(price, "f"))
price = st.one_of(plain, plain, plain, st.sampled_from(["", "1e-7", "-1", "NaN", None, 3, 0.5]))
tokens = st.integers(0, 300_000)
prices = st.dictionaries(st.sampled_from(NAMES), price)
tier = st.builds(
    lambda of, least, most: {**of, "min_tokens": least, "max_tokens": most},
    prices,
    st.one_of(tokens, st.none(), st.just("1")),
    st.one_of(tokens, st.none()),
)
context = st.one_of(st.none(), st.just([]), st.fixed_dictionaries({"tiers": st.lists(st.one_of(tier, st.none()))}))
pricing = st.one_of(st.none(), st.builds(lambda of, tiers: {**of, "context_pricing": tiers}, prices, context))


@st.composite
def usage(draw: st.DrawFn) -> Usage:
    of_input = draw(tokens)
    return Usage(of_input, draw(tokens), draw(st.integers(0, of_input)))


@given(pricing, usage())
def test_an_answer_costs_what_it_costs_on_the_local_poe(prices: Any, used: Usage) -> None:
    there = local.cost({"pricing": prices}, local.Usage(used.prompt, used.completion, used.cached))
    assert cost(prices, used) == there


count = st.one_of(st.integers(-1, 9), st.none(), st.booleans(), st.just("3"))
details = st.one_of(st.none(), st.fixed_dictionaries({}, optional={"cached_tokens": count}))
counts = st.fixed_dictionaries(
    {},
    optional={
        "prompt_tokens": count,
        "completion_tokens": count,
        "prompt_tokens_details": details,
        "input_tokens": count,
        "output_tokens": count,
        "input_tokens_details": details,
    },
)


@given(st.one_of(st.just({}), st.fixed_dictionaries({"usage": st.one_of(st.none(), counts)})))
def test_the_usage_is_what_the_local_poe_reads(answer: dict[str, Any]) -> None:
    here, there = usage_in(answer), local.usage_in(answer)
    assert (here is None) == (there is None)
    assert here is None or there is None or here == Usage(there.prompt, there.completion, there.cached)


def test_tokens_without_a_price_are_of_unknown_cost() -> None:
    assert cost({"prompt": "0.1"}, Usage(1, 1)) is None
    assert cost({"prompt": "0.1"}, Usage(1, 0)) == Decimal("0.1")
    assert cost(None, Usage(1, 1)) is None


@given(st.lists(st.decimals(0, 10**9, places=20), max_size=50))
def test_a_total_is_exact(costs: list[Decimal]) -> None:
    assert Fraction(total_of(iter(costs))) == sum(map(Fraction, costs))


@given(st.decimals(0, 10**6, places=15))
def test_dollars_are_a_plain_decimal_and_exact(amount: Decimal) -> None:
    shown = in_dollars(amount)
    assert shown[0] == "$"
    assert "e" not in shown.lower()
    assert Decimal(shown[1:]) == amount
