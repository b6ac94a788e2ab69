"""What is sent to the endpoint?"""

from __future__ import annotations

import json
from typing import Any

from .asking import Ask
from .bots import CalledBot
from .refusal import RefusedError


def rewritten(ask: Ask, bot: CalledBot) -> bytes:
    """The body for the endpoint: the client's, with the endpoint's model, defaults, and the wish for usage.

    :raises RefusedError: it holds a number that JSON cannot hold.

    (docs/poe-bots-api.md, 2.3, 5.9)
    """
    body = {**defaults(bot), **ask.body}
    del body["model"]
    model = bot.settings.get("model_name")
    if isinstance(model, str):
        body = {"model": model, **body}
    if ask.stream and ask.api == "chat_completions_api":
        body["stream_options"] = {**(ask.body.get("stream_options") or {}), "include_usage": True}
    try:
        return json.dumps(body, allow_nan=False).encode()
    except ValueError:
        raise RefusedError(400, "body: Input should have no number beyond what a double holds") from None


def defaults(bot: CalledBot) -> dict[str, Any]:
    """The value of each parameter that nobody set: of its definition, else of its control.

    Every `param_dest` there is, is the top of the body (docs/poe-bots-api.md, 2.3).
    """
    shown = {control["parameter_name"]: control.get("default_value") for control in bot.controls()}
    found = {name: entry.get("default_value", shown.get(name)) for name, entry in bot.definitions().items()}
    return {name: value for name, value in found.items() if value is not None}
