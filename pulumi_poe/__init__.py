"""Poe API bots as Pulumi resources.

Example::

    import pulumi_poe

    bot = pulumi_poe.Bot("reasoner", handle="Acme-Reasoner", api_bot_settings={...})

Names are loaded when they are first used: the ``pulumi-poe`` command needs this package, but mostly not Pulumi, which
takes a third of a second to load.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .account import Provider
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
    from .functions import (
        GetBotResult,
        GetBotsResult,
        get_bot,
        get_bot_output,
        get_bots,
        get_bots_output,
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
    "GetBotResult",
    "GetBotsResult",
    "LiteralOperand",
    "NumberField",
    "ParamDefinition",
    "ParameterControls",
    "ParameterOperand",
    "Pricing",
    "Provider",
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
    "get_bot",
    "get_bot_output",
    "get_bots",
    "get_bots_output",
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

_MODULES = {
    "account": ("Provider",),
    "bot": ("Bot",),
    "controls": (
        "Controls",
        "aspect_ratio",
        "controls",
        "divider",
        "drop_down",
        "literal",
        "number_field",
        "parameter",
        "section",
        "slider",
        "text_area",
        "text_field",
        "toggle",
        "when",
    ),
    "functions": (
        "GetBotResult",
        "GetBotsResult",
        "get_bot",
        "get_bot_output",
        "get_bots",
        "get_bots_output",
    ),
    "pricing": (
        "per_million",
        "tiers",
    ),
    "types": (
        "ApiBotSettings",
        "AspectRatio",
        "AspectRatioOption",
        "Condition",
        "ConditionalControls",
        "ContextPricing",
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
    ),
}
"""The names that each module gives to the package. A test holds that they are those imported above."""

_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


class _Package(ModuleType):
    """The package, in which ``controls`` is the function.

    There is a module of that name too, and Python puts it in the function's place whenever it is loaded.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if name == "controls" and isinstance(value, ModuleType):
            value = value.controls
        super().__setattr__(name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        """By its name, as modules are: a program's own dynamic providers are pickled with what they refer to."""
        return import_module, (self.__name__,)


sys.modules[__name__].__class__ = _Package

if not TYPE_CHECKING:  # a type checker would take every name for one that there is

    def __getattr__(name: str) -> Any:
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
