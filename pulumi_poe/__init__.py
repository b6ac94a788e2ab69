"""Poe API bots as Pulumi resources.

Example::

    import pulumi_poe

    bot = pulumi_poe.Bot("reasoner", handle="Acme-Reasoner", api_bot_settings={...})
"""

from .bot import Bot
from .types import (
    ApiBotSettings,
    ContextPricing,
    ParamDefinition,
    ParameterControls,
    Pricing,
    Tier,
)

__all__ = [
    "ApiBotSettings",
    "Bot",
    "ContextPricing",
    "ParamDefinition",
    "ParameterControls",
    "Pricing",
    "Tier",
]
