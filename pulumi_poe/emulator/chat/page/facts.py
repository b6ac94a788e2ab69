"""What does the page know of a bot?

All but keys. A seeded bot was never checked, so whatever is read of it may be of any type.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ...store import StoredBot
from ..asking import PATHS
from ..bots import CalledBot
from ..pricing import PRICES, per_million, prices_in, tiers_in
from ..words import one_line


def facts_of(stored: StoredBot) -> dict[str, Any]:
    """A bot as the page shows it, with its prices in US dollars a million tokens."""
    bot = CalledBot(stored.bot["handle"], stored.bot)
    api = bot.settings.get("api_type", "chat_completions_api")
    is_private = stored.bot.get("is_private") is not False
    facts = {
        "handle": bot.handle,
        "account": stored.account,
        "description": stored.bot.get("description"),
        "is_private": is_private,
        "api": api,
        "path": next((path for name, path in PATHS.items() if name == api), None),
        "has_settings": bool(bot.settings),
        "has_api_key": bot.api_key is not None,
        "settings": stored.bot.get("api_bot_settings"),
        "prices": list(_price_rows(bot.settings)),
        "price_mistakes": list(_price_mistakes(bot.settings.get("pricing"), "pricing")),
        "parameter_controls": stored.bot.get("parameter_controls"),
    }
    shown: dict[str, Any] = _shown(facts)
    return shown


def _price_rows(settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for the base prices, and one for each tier. What a tier does not set is as in the base."""
    pricing = settings.get("pricing")
    if not isinstance(pricing, dict):
        return
    base = prices_in(pricing)
    yield {"tier": False, **_row({}, base)}
    for tier in tiers_in(pricing):
        yield {"tier": True, **_row(tier, {**base, **prices_in(tier)})}


def _row(tier: Mapping[str, Any], prices: Mapping[str, str]) -> dict[str, Any]:
    millions = {name: per_million(prices[name]) if name in prices else None for name in PRICES}
    return {"min_tokens": tier.get("min_tokens"), "max_tokens": tier.get("max_tokens"), **millions}


def _price_mistakes(pricing: object, path: str) -> Iterator[str]:
    """What there is in place of prices and tiers."""
    if pricing is None:
        return
    if not isinstance(pricing, dict):
        yield f"{path}: is no object"
        return
    known = prices_in(pricing)
    for name in PRICES:
        if pricing.get(name) is not None and name not in known:
            yield f"{path}.{name}: {one_line(repr(pricing[name]), 60)} is no plain decimal string"
    context = pricing.get("context_pricing")
    if context is None:
        return
    tiers = context.get("tiers") if isinstance(context, dict) else None
    if not isinstance(tiers, list):
        yield f"{path}.context_pricing.tiers: is no list"
        return
    for number, tier in enumerate(tiers):
        if not isinstance(tier, dict):
            yield f"{path}.context_pricing.tiers[{number}]: is no object"
        else:
            yield from _price_mistakes({**tier, "context_pricing": None}, f"{path}.context_pricing.tiers[{number}]")


def _shown(value: object, name: str = "") -> Any:
    """What may be shown of a value: no `api_key` at any depth, and of an address neither its user nor its query."""
    if isinstance(value, dict):
        return {key: _shown(item, key) for key, item in value.items() if key != "api_key"}
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # which JSON does not know
    return _address(value) if name == "base_url" and isinstance(value, str) else value


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return "***"
    _, at, host = parts.netloc.rpartition("@")
    query, fragment = ("***" if part else "" for part in (parts.query, parts.fragment))
    return urlunsplit((parts.scheme, f"***@{host}" if at else host, parts.path, query, fragment))
