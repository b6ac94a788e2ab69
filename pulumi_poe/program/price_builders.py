"""Prices as people think of them, as the strings that Poe wants.

Poe's docs: https://creator.poe.com/docs/api-bots/bots-rest-api, pricing and context pricing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, TypeAlias, cast

from pulumi import Input, Output

from .types import ContextPricing, OrOutput, Pricing, Tier

__all__ = ["per_million", "tiers"]

Price: TypeAlias = str | int | Decimal
"""An exact number. A float is none: ``0.1`` in a program is not a tenth."""

_EXAMPLE = '"0.40"'


def per_million(
    *,
    input: OrOutput[Price] | None = None,
    output: OrOutput[Price] | None = None,
    cached_input: OrOutput[Price] | None = None,
    context_pricing: OrOutput[ContextPricing] | None = None,
) -> Pricing:
    """What goes under ``pricing``, from prices in USD per million tokens.

    Poe wants USD per single token, as a plain decimal string. The result is exact: no float is ever involved.
    A price that is left out, or is None, is not in the result. Poe's docs: Bots REST API, pricing.

    :param input: USD per million input tokens: a str such as ``"0.40"``, an int or a Decimal, or an Output of one.
    :param output: USD per million output tokens.
    :param cached_input: USD per million input tokens that the endpoint reports as read from its cache.
    :param context_pricing: other prices for long inputs, from :func:`tiers`.
    :raises TypeError: a price is a float, or no price at all is given.
    :raises ValueError: a price is no number, is negative, or is not finite.

    >>> per_million(input="0.40", output="1.60", cached_input="0.10")
    {'prompt': '0.0000004', 'completion': '0.0000016', 'input_cache_reads': '0.0000001'}
    >>> per_million(input=3, output="1.5e1")
    {'prompt': '0.000003', 'completion': '0.000015'}
    """
    pricing: Pricing = {}
    if input is not None:
        pricing["prompt"] = _per_token("input", input)
    if output is not None:
        pricing["completion"] = _per_token("output", output)
    if cached_input is not None:
        pricing["input_cache_reads"] = _per_token("cached_input", cached_input)
    if context_pricing is not None:
        pricing["context_pricing"] = context_pricing
    if not pricing:
        raise TypeError('per_million() needs a price, such as input="0.40"')
    return pricing


def tiers(prices: Mapping[int, Pricing], /) -> ContextPricing:
    """What goes under ``context_pricing``: other prices from some lengths of the input on.

    A tier ends where the next begins, and the last has no end, so they neither overlap nor leave a gap. Shorter inputs
    than the first tier's, and prices that a tier leaves out, are those of the ``pricing`` around it.
    Poe's docs: Bots REST API, context pricing.

    :param prices: for each number of input tokens, inclusive, the prices from there on: those of :func:`per_million`,
        or Poe's strings in USD per token. In any order.
    :raises TypeError: a bound is no int, or prices are no dict.
    :raises ValueError: there is no tier, or a tier has tiers of its own.

    >>> tiers({32_000: per_million(input="0.60"), 128_000: per_million(input="0.90", output=3)})["tiers"]
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'min_tokens': 32000, 'max_tokens': 128000, 'prompt': '0.0000006'},
     {'min_tokens': 128000, 'prompt': '0.0000009', 'completion': '0.000003'}]
    """
    if not isinstance(prices, Mapping):
        raise TypeError("tiers() takes a dict of prices by number of input tokens, such as {32_000: per_million(...)}")
    if not prices:
        raise ValueError("tiers() needs at least one tier")
    for bound, own in prices.items():
        if not isinstance(bound, int) or isinstance(bound, bool):
            raise TypeError(f"a tier begins at a whole number of input tokens, not at a {type(bound).__name__}")
        if not isinstance(own, Mapping):
            raise TypeError(f"the tier from {bound} tokens needs a dict of prices, such as per_million(...)")
        if "context_pricing" in own:
            raise ValueError(f"the tier from {bound} tokens can't have tiers of its own")
    bounds = sorted(prices)
    return {"tiers": [_tier(prices[low], low, high) for low, high in zip(bounds, [*bounds[1:], None], strict=True)]}


def _tier(prices: Pricing, low: int, high: int | None) -> Tier:
    bounds = {"min_tokens": low} if high is None else {"min_tokens": low, "max_tokens": high}
    return cast(Tier, {**bounds, **prices})


def _per_token(argument: str, price: Any) -> Input[str]:
    """Poe's string for a price per million tokens, or an Output of it."""
    if isinstance(price, Output):
        return price.apply(partial(_per_token, argument))
    if isinstance(price, float):
        raise TypeError(f"{argument} is a float, which can't hold a price exactly: write it in quotes, like {_EXAMPLE}")
    if isinstance(price, bool) or not isinstance(price, (str, int, Decimal)):
        kind = type(price).__name__
        raise TypeError(f"{argument} takes a str, an int or a Decimal, like {_EXAMPLE}, not a {kind}")
    try:
        usd = Decimal(price)
    except InvalidOperation:
        raise ValueError(f"{argument} is not a number of USD per million tokens, like {_EXAMPLE}") from None
    if not usd.is_finite():
        raise ValueError(f"{argument} is not a finite price")
    if usd < 0:
        raise ValueError(f"{argument} is negative")
    # Built from its digits: arithmetic would round to the precision of the decimal context.
    _, digits, exponent = usd.as_tuple()
    plain = format(Decimal((0, digits, cast(int, exponent) - 6)), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
