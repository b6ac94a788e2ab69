"""What does an answer cost?

`pulumi-poe chat` has the same rule in `pulumi_poe/chat/cost.py`; tests/chat/test_cost.py holds the two equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

PRICES = ("prompt", "completion", "input_cache_reads")
"""What has a price (docs/poe-bots-api.md, 2.1)."""

_PRICE = re.compile(r"[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class Usage:
    """How many tokens the endpoint reports."""

    prompt: int
    completion: int

    cached: int = 0
    """How many of `prompt` came from its cache."""


def usage_in(answer: Mapping[str, Any]) -> Usage | None:
    """The usage of an answer in either format; None where it has none, or none that can be.

    Example::

        usage_in({"usage": {"prompt_tokens": 9, "completion_tokens": 2}}) == Usage(9, 2)
    """
    usage = answer.get("usage")
    if not isinstance(usage, dict):
        return None
    for prompt, completion in (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens")):
        if prompt in usage:
            details = usage.get(f"{prompt}_details")
            cached = details.get("cached_tokens") if isinstance(details, dict) else None
            counts = [usage[prompt], usage.get(completion), 0 if cached is None else cached]
            numbers = [count for count in counts if type(count) is int and count >= 0]
            if len(numbers) == 3 and numbers[2] <= numbers[0]:
                return Usage(*numbers)
    return None


def cost(settings: Mapping[str, Any], usage: Usage) -> Decimal | None:
    """What it costs in US dollars, exactly; None where a price is missing that it needs.

    The tier is the first one that holds the prompt's tokens, and its prices go for the whole request; what it has no
    price for has the base one. Cached tokens without a price of their own have that of the prompt.

    :param settings: the bot's `api_bot_settings`.

    Example::

        cost({"pricing": {"prompt": "0.000003", "completion": "0.00001"}}, Usage(1000, 10)) == Decimal("0.0031")

    (docs/poe-bots-api.md, 2.1, 2.2, 5.9)
    """
    base = settings.get("pricing")
    if not isinstance(base, dict):
        return None
    tier = next((tier for tier in tiers_in(base) if _holds(tier, usage.prompt)), {})
    prices = {**prices_in(base), **prices_in(tier)}
    prices.setdefault("input_cache_reads", prices.get("prompt", ""))
    parts = [
        (usage.prompt - usage.cached, prices.get("prompt")),
        (usage.cached, prices.get("input_cache_reads")),
        (usage.completion, prices.get("completion")),
    ]
    if any(count and not price for count, price in parts):
        return None
    counted = [(count, price) for count, price in parts if price]
    exact = Context(prec=sum(len(price) + len(str(count)) for count, price in counted) + 2)
    total = Decimal(0)
    for count, price in counted:
        total = exact.add(total, exact.multiply(Decimal(count), Decimal(price)))
    return total


def in_dollars(amount: Decimal) -> str:
    """An amount as a plain decimal without zeros at its end: "0.0031"."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def per_million(price: str) -> str:
    """What a million tokens cost of which one costs this much: "3" for "0.000003"."""
    return in_dollars(Decimal(price).scaleb(6, Context(prec=len(price) + 6)))


def prices_in(of: Mapping[str, Any]) -> dict[str, str]:
    """The prices of `pricing` or of a tier, but for those that are none."""
    return {name: value for name in PRICES if isinstance(value := of.get(name), str) and _PRICE.fullmatch(value)}


def tiers_in(base: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The tiers of `pricing`, but for those that are none."""
    context = base.get("context_pricing")
    tiers = context.get("tiers") if isinstance(context, dict) else None
    yield from (tier for tier in (tiers if isinstance(tiers, list) else []) if isinstance(tier, dict))


def _holds(tier: Mapping[str, Any], tokens: int) -> bool:
    """Whether a tier's range, from `min_tokens` to below `max_tokens`, has this number."""
    least, most = tier.get("min_tokens"), tier.get("max_tokens")
    return (not isinstance(least, int) or least <= tokens) and (not isinstance(most, int) or tokens < most)
