"""The rules of prices and tiers (docs/poe-bots-api.md, 2.1, 2.2)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from ...values.numbers import is_int
from .. import prices
from ..mistake import Mistake, warning
from .reading import object_

DEAREST_PRICE: Final = Decimal("0.001")
"""USD per token. A higher price is taken for one per million tokens: this one is $1000 a million."""


def pricing_rules(pricing: Mapping[str, Any]) -> Iterator[Mistake]:
    """Those that it breaks."""
    path = "api_bot_settings.pricing"
    yield from _dear_prices(path, pricing)
    tiers = object_(pricing.get("context_pricing")).get("tiers")
    if not isinstance(tiers, list):
        return
    path += ".context_pricing.tiers"
    ranges: list[tuple[int, int, int | None]] = []
    for index, tier in enumerate(tiers):
        if not isinstance(tier, Mapping):
            return
        yield from _dear_prices(f"{path}[{index}]", tier)
        lower, upper = tier.get("min_tokens", 0), tier.get("max_tokens")
        if not is_int(lower) or not (upper is None or is_int(upper)):
            return  # its range is not known yet, so nothing can be said about its neighbours
        if upper is not None and lower >= upper:
            yield Mistake(f"{path}[{index}]", "min_tokens must be less than max_tokens")
            return
        ranges.append((lower, index, upper))
    yield from _ranges(path, ranges)


def _dear_prices(path: str, pricing: Mapping[str, Any]) -> Iterator[Mistake]:
    for name in prices.NAMES:
        price = prices.as_decimal(pricing.get(name))
        if price is not None and price > DEAREST_PRICE:
            yield warning(
                f"{path}.{name}",
                "is more than $1000 per million tokens. Prices are in USD per token: "
                "pulumi_poe.per_million() makes them from prices per million",
            )


def _ranges(path: str, ranges: list[tuple[int, int, int | None]]) -> Iterator[Mistake]:
    """Whether tiers follow one another; each range is its lower bound, its index and its upper bound."""
    if ranges != sorted(ranges, key=lambda range_: range_[0]):
        yield warning(path, "are not in the order of min_tokens")
        ranges = sorted(ranges, key=lambda range_: range_[0])
    for (_, before, upper), (lower, after, _) in itertools.pairwise(ranges):
        if upper is None or lower < upper:
            end = "has no max_tokens" if upper is None else "ends after that"
            yield Mistake(f"{path}[{after}]", f"begins within the range of [{before}], which {end}")
        elif lower > upper:
            yield warning(f"{path}[{after}]", f"leaves a gap after [{before}], in which the base prices apply")
