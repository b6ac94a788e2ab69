"""Poe API bots as Pulumi resources.

Example::

    import pulumi_poe

    bot = pulumi_poe.Bot("reasoner", handle="Acme-Reasoner", api_bot_settings={...})
"""

from .bot import Bot
from .controls import (
    Controls,
    aspect_ratio,
    controls,
    divider,
    drop_down,
    literal,
    number_field,
    parameter,
    section,
    slider,
    text_area,
    text_field,
    toggle,
    when,
)
from .pricing import per_million, tiers
from .types import (
    ApiBotSettings,
    AspectRatio,
    AspectRatioOption,
    Condition,
    ConditionalControls,
    ContextPricing,
    Divider,
    DropDown,
    DropDownOption,
    LiteralOperand,
    NumberField,
    ParamDefinition,
    ParameterControls,
    ParameterOperand,
    Pricing,
    Section,
    Slider,
    Tab,
    TextArea,
    TextField,
    Tier,
    ToggleSwitch,
)

__all__ = [
    "ApiBotSettings",
    "AspectRatio",
    "AspectRatioOption",
    "Bot",
    "Condition",
    "ConditionalControls",
    "ContextPricing",
    "Controls",
    "Divider",
    "DropDown",
    "DropDownOption",
    "LiteralOperand",
    "NumberField",
    "ParamDefinition",
    "ParameterControls",
    "ParameterOperand",
    "Pricing",
    "Section",
    "Slider",
    "Tab",
    "TextArea",
    "TextField",
    "Tier",
    "ToggleSwitch",
    "aspect_ratio",
    "controls",
    "divider",
    "drop_down",
    "literal",
    "number_field",
    "parameter",
    "per_million",
    "section",
    "slider",
    "text_area",
    "text_field",
    "tiers",
    "toggle",
    "when",
]
