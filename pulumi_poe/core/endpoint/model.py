"""The shape of a declared endpoint: which names there are, and of which type their values.

What a bot has too is as in a bot (:mod:`..bot.model`).
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from ..bot.model import ApiType, InputModality, SupportedFeature
from ..bot.shape import Object


def _seconds(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError("must be a number of seconds, 0 or more")
    return value


def _key(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    if not (value and value.isascii() and value.isprintable() and value == value.strip()):
        raise ValueError("is empty or has what no key can have, such as a space or a line break at its end")
    return value


Seconds = Annotated[Any, _seconds]
Key = Annotated[Any, _key]

Check = Literal["reachable", "models", "completion", "streaming", "usage", "tools", "image"]


class Endpoint(Object):
    """An endpoint as a program declares it. :class:`pulumi_poe.Endpoint` says what each is for."""

    base_url: str
    model_name: str
    api_key: Key | None = None
    api_type: ApiType | None = None
    supported_features: list[SupportedFeature] | None = None
    input_modalities: list[InputModality] | None = None
    wait: Seconds | None = None
    checks: list[Check] | None = None
    triggers: Any = None
