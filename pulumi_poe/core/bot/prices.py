"""Prices: USD per token, as the plain decimal strings that Poe wants (Bots REST API, pricing)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

NAMES: Final = ("prompt", "completion", "input_cache_reads")

_WHERE: Final = ("api_bot_settings", "pricing")

_MOST_EXACT_DIGITS: Final = 15
"""A number with more significant digits is the result of float arithmetic, and not what anybody wrote."""


def is_price(path: Sequence[str | int]) -> bool:
    """Whether a price stands at this place of a bot.

    >>> is_price(("api_bot_settings", "pricing", "context_pricing", "tiers", 0, "prompt"))
    True
    """
    return tuple(path[: len(_WHERE)]) == _WHERE and path[-1] in NAMES


def plain_price(price: Any) -> str | None:
    """The price as a plain decimal string, or None if it is none or would not be exact.

    A plain string stays as it is. Whole numbers, numbers with a fraction and exponents are written out.

    >>> plain_price("0.000010"), plain_price("4e-7"), plain_price(0.0000004), plain_price(0.1 + 0.2)
    ('0.000010', '0.0000004', '0.0000004', None)
    """
    if isinstance(price, str):
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", price):
            return price
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]{1,2}", price):
            return None
        return f"{Decimal(price):f}"
    if isinstance(price, bool) or not isinstance(price, int | float):
        return None
    number = Decimal(repr(price))
    if not number.is_finite() or number < 0 or len(number.normalize().as_tuple().digits) > _MOST_EXACT_DIGITS:
        return None
    return f"{number:f}"


def as_decimal(price: Any) -> Decimal | None:
    """The price as a number, or None if it is no price."""
    plain = plain_price(price)
    return None if plain is None else Decimal(plain)


def usd_per_million(price: Any) -> str | None:
    """A price per token as people think of it: USD per million tokens, exact, and with cents where it has a fraction.

    None if it is no price.

    >>> usd_per_million("0.0000004"), usd_per_million("0.000003"), usd_per_million("0.00000006"), usd_per_million("?")
    ('0.40', '3', '0.06', None)
    """
    number = as_decimal(price)
    if number is None:
        return None
    sign, digits, exponent = number.as_tuple()  # only the point moves: arithmetic could round
    whole, _, fraction = f"{Decimal((sign, digits, int(exponent) + 6)):f}".partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction:0<2}" if fraction else whole


def with_plain_prices(prices: Any) -> Any:
    """``pricing``, or one of its tiers, with every price as a plain string. Anything else stays."""
    if isinstance(prices, dict):
        return {
            name: (plain_price(value) or value) if name in NAMES else with_plain_prices(value)
            for name, value in prices.items()
        }
    if isinstance(prices, list):
        return [with_plain_prices(inner) for inner in prices]
    return prices
