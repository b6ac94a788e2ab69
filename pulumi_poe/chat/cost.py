"""What does an answer cost?

The local Poe has the same rule in a module of its own, as it shares nothing with what is tried out on it. A test holds
the two equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, Final

from ..core.bot.prices import NAMES

_PRICE: Final = re.compile(r"[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class Usage:
    """How many tokens an endpoint reports.

    :param prompt: of the input, those from its cache among them.
    :param cached: of the input, from its cache.
    """

    prompt: int
    completion: int
    cached: int = 0


def usage_in(answer: Mapping[str, Any]) -> Usage | None:
    """The usage of an answer in either format; None where it has none, or none that can be.

    >>> usage_in({"usage": {"input_tokens": 9, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 4}}})
    Usage(prompt=9, completion=2, cached=4)
    """
    usage = answer.get("usage")
    if not isinstance(usage, dict):
        return None
    for of_input, of_output in (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens")):
        if of_input not in usage:
            continue
        details = usage.get(f"{of_input}_details")
        cached = details.get("cached_tokens") if isinstance(details, dict) else None
        counts = [usage[of_input], usage.get(of_output), 0 if cached is None else cached]
        if all(type(count) is int and count >= 0 for count in counts) and counts[2] <= counts[0]:
            return Usage(*counts)
    return None


def cost(pricing: object, usage: Usage) -> Decimal | None:
    """What it costs in US dollars, exactly; None where a price is missing that it needs.

    The first tier that holds the tokens of the input prices the whole answer; what it leaves out is as in ``pricing``.
    Cached tokens without a price of their own cost what others do (docs/poe-bots-api.md, 2.1, 2.2, 5.9).

    :param pricing: the bot's `pricing`.

    >>> cost({"prompt": "0.000003", "completion": "0.00001"}, Usage(1000, 10))
    Decimal('0.003100')
    """
    if not isinstance(pricing, Mapping):
        return None
    tier = next((tier for tier in _tiers(pricing) if _holds(tier, usage.prompt)), {})
    prices = {**_prices(pricing), **_prices(tier)}
    of_input = prices.get("prompt")
    parts = (
        (usage.prompt - usage.cached, of_input),
        (usage.cached, prices.get("input_cache_reads", of_input)),
        (usage.completion, prices.get("completion")),
    )
    if any(count and price is None for count, price in parts):
        return None
    counted = [(Decimal(count), price) for count, price in parts if price is not None]
    # As many digits as the sum can have, so that nothing is rounded.
    exact = Context(prec=2 + sum(len(str(count)) + len(price) for count, price in counted))
    total = Decimal(0)
    for count, price in counted:
        total = exact.add(total, exact.multiply(count, Decimal(price)))
    return total


def total_of(costs: Iterator[Decimal]) -> Decimal:
    """The sum, exactly."""
    total = Decimal(0)
    for one in costs:
        digits = sum(len(part.as_tuple().digits) + abs(int(part.as_tuple().exponent)) for part in (total, one))
        total = Context(prec=digits + 2).add(total, one)
    return total


def in_dollars(amount: Decimal) -> str:
    """An amount as a plain decimal without zeros at its end.

    >>> in_dollars(Decimal("0.00310")), in_dollars(Decimal("120"))
    ('$0.0031', '$120')
    """
    text = format(amount, "f")
    return "$" + (text.rstrip("0").rstrip(".") if "." in text else text)


def _prices(of: Mapping[str, Any]) -> dict[str, str]:
    return {name: price for name in NAMES if isinstance(price := of.get(name), str) and _PRICE.fullmatch(price)}


def _tiers(pricing: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    context = pricing.get("context_pricing")
    tiers = context.get("tiers") if isinstance(context, Mapping) else None
    yield from (tier for tier in (tiers if isinstance(tiers, list) else []) if isinstance(tier, Mapping))


def _holds(tier: Mapping[str, Any], tokens: int) -> bool:
    """Whether a tier's range, from `min_tokens` to below `max_tokens`, has this number."""
    least, most = tier.get("min_tokens"), tier.get("max_tokens")
    return (not isinstance(least, int) or least <= tokens) and (not isinstance(most, int) or tokens < most)
