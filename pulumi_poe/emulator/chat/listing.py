"""What is in the list of models? (docs/poe-bots-api.md, 5.1)"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from ..store import Store
from .asking import PATHS
from .bots import CalledBot
from .declared import values_of
from .pricing import in_dollars


def models(store: Store, account: str | None = None) -> dict[str, Any]:
    """The list: all public API bots and, where an account is given, its private ones."""
    found = [bot for bot in store.bots() if bot.get("is_private") is False]
    if account is not None:
        found += [bot for bot in store.bots(account) if bot.get("is_private") is not False]
    return {"object": "list", "data": [_model(CalledBot(bot["handle"], bot)) for bot in found if _is_api_bot(bot)]}


def _is_api_bot(bot: dict[str, Any]) -> bool:
    return isinstance(bot.get("api_bot_settings"), dict) and bool(bot["api_bot_settings"])


def _model(bot: CalledBot) -> dict[str, Any]:
    settings = bot.settings
    inputs = settings.get("input_modalities", ["text"])
    outputs = settings.get("output_modalities", ["text"])
    id_ = bot.handle.lower()
    api = settings.get("api_type", "chat_completions_api")
    return {
        "id": id_,
        "object": "model",
        # Unix time in ms. When a bot was made is not kept.
        "created": 0,
        "description": bot.bot.get("description", ""),
        "owned_by": "local-poe",
        "permission": [],
        "root": id_,
        "parent": None,
        "architecture": {
            "input_modalities": inputs,
            "output_modalities": outputs,
            "modality": f"{_joined(inputs)}->{_joined(outputs)}",
        },
        "supported_features": settings.get("supported_features", []),
        "supported_endpoints": [f"/v1{path}" for name, path in PATHS.items() if name == api],
        "pricing": _pricing(settings.get("pricing")),
        "context_window": {"context_length": settings.get("context_size"), "max_output_tokens": None},
        "context_length": settings.get("context_size"),
        "metadata": {"display_name": bot.handle, "image": None, "url": f"https://poe.com/{quote(bot.handle)}"},
        "reasoning": None,
        "parameters": list(_parameters(bot)),
    }


def _joined(modalities: object) -> str:
    return ",".join(map(str, modalities)) if isinstance(modalities, list) else "text"


def _pricing(pricing: object) -> dict[str, str | None] | None:
    if not isinstance(pricing, dict):
        return None
    return {
        "prompt": _rounded(pricing.get("prompt")),
        "completion": _rounded(pricing.get("completion")),
        "image": None,
        "request": None,
        "input_cache_read": _rounded(pricing.get("input_cache_reads")),
        "input_cache_write": None,
    }


def _rounded(price: object) -> str | None:
    """A price with two significant digits, as Poe shows it: "0.00000050"."""
    try:
        exact = Decimal(price) if isinstance(price, str) else None
    except ArithmeticError:
        return None
    if exact is None or not exact.is_finite():
        return None
    return format(exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1)), "f") if exact else in_dollars(exact)


def _parameters(bot: CalledBot) -> Iterator[dict[str, Any]]:
    for control in bot.controls():
        shown: dict[str, Any] = {"name": control["parameter_name"], "schema": _schema(control)}
        shown |= {name: control[name] for name in ("default_value", "description") if name in control}
        yield shown


def _schema(control: dict[str, Any]) -> dict[str, Any]:
    match control["control"]:
        case "drop_down" | "aspect_ratio":
            return {"enum": list(values_of(control))}
        case "toggle_switch":
            return {"type": "boolean"}
        case "slider" | "number_field":
            limits = {"minimum": control.get("min_value"), "maximum": control.get("max_value")}
            return {"type": "number", **{name: limit for name, limit in limits.items() if limit is not None}}
        case _:
            return {"type": "string"}
