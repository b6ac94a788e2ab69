"""The shape of a Poe API bot: which names there are, and of which type their values.

Names and types are those of Poe's docs, https://creator.poe.com/docs/api-bots/bots-rest-api and
.../docs/server-bots/parameter-controls (docs/poe-bots-api.md, 1, 2, 3). Where Poe's sources disagree, what any of
them accepts is accepted. What goes beyond one value's type is in ``rules``.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Tag,
)

from ..values.unknown import UNKNOWN
from .prices import plain_price

LARGEST: Final = 2**53 - 1
"""The engine carries numbers as floats, which hold no larger whole number exactly."""


class _Object(BaseModel):
    """An object of Poe's JSON: every name is known, and no type is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True)


# --- values -----------------------------------------------------------------------------------------


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> Any:
    if not _is_number(value):
        raise ValueError("must be a number")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError("is too large to be carried exactly; it must be below 2**53")
    return value


def _tokens(value: Any) -> Any:
    if not isinstance(value, int) or not _is_number(value) or value < 0:
        raise ValueError("must be a whole number of tokens, 0 or more")
    return _number(value)


def _price(value: Any) -> Any:
    if (_is_number(value) and value < 0) or (isinstance(value, str) and value.startswith("-")):
        raise ValueError("must not be negative")
    if plain_price(value) is None:
        raise ValueError('must be USD per token as a plain decimal string, such as "0.0000004"')
    return value


def _literal(value: Any) -> Any:
    if isinstance(value, str | bool):
        return value
    if not _is_number(value):
        raise ValueError("must be a string, a number, true or false")
    return _number(value)


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        for inner in value.values():
            _json(inner)
    elif isinstance(value, list):
        for inner in value:
            _json(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _number(value)
    elif value is not None and value is not UNKNOWN and not isinstance(value, str | bool):
        raise ValueError("must be a JSON value")
    return value


Number = Annotated[Any, AfterValidator(_number)]
Tokens = Annotated[Any, AfterValidator(_tokens)]
Price = Annotated[Any, AfterValidator(_price)]
"""USD per token (docs/poe-bots-api.md, 2.1)."""
Literal_ = Annotated[Any, AfterValidator(_literal)]
Json = Annotated[Any, AfterValidator(_json)]


# --- objects ----------------------------------------------------------------------------------------


class Tier(_Object):
    """Prices for requests of a range of input lengths (docs/poe-bots-api.md, 2.2)."""

    min_tokens: Tokens = None
    max_tokens: Tokens = None
    prompt: Price = None
    completion: Price = None
    input_cache_reads: Price = None


class ContextPricing(_Object):
    """Tiers by input length (docs/poe-bots-api.md, 2.2)."""

    tiers: list[Tier] | None = None


class Pricing(_Object):
    """What users are charged (docs/poe-bots-api.md, 2.1)."""

    prompt: Price = None
    completion: Price = None
    input_cache_reads: Price = None
    context_pricing: ContextPricing | None = None


class ParamDefinition(_Object):
    """A parameter that is passed on to the endpoint (docs/poe-bots-api.md, 2.3)."""

    param_name: str
    param_dest: Literal["extra_body"] | None = None
    default_value: Json = None


class ApiBotSettings(_Object):
    """The endpoint behind a bot, and what Poe charges for it (docs/poe-bots-api.md, 2)."""

    model_name: str | None = None
    base_url: str | None = None
    api_key: str | None = None
    api_type: Literal["chat_completions_api", "responses_api"] | None = None
    max_input_tokens: Tokens = None
    context_size: Tokens = None
    input_modalities: list[Literal["text", "image", "video"]] | None = None
    output_modalities: list[Literal["text"]] | None = None
    supported_features: list[Literal["tools"]] | None = None
    param_definitions: list[ParamDefinition] | None = None
    pricing: Pricing | None = None


class _Input(_Object):
    """What all controls that set a parameter have in common (docs/poe-bots-api.md, 3.4)."""

    label: str
    parameter_name: str
    description: str | None = None


class TextField(_Input):
    """One line of text (docs/poe-bots-api.md, 3.4)."""

    control: Literal["text_field"]
    default_value: str | None = None
    placeholder: str | None = None


class TextArea(_Input):
    """Several lines of text (docs/poe-bots-api.md, 3.4)."""

    control: Literal["text_area"]
    default_value: str | None = None
    placeholder: str | None = None


class NumberField(_Input):
    """A number. Listed by Poe; its fields are documented nowhere, so none is required (docs/poe-bots-api.md, 3.4)."""

    control: Literal["number_field"]
    default_value: Number = None
    min_value: Number = None
    max_value: Number = None
    step: Number = None
    placeholder: str | None = None


class Option(_Object):
    """A choice of a drop-down (docs/poe-bots-api.md, 3.4)."""

    value: str
    name: str


class DropDown(_Input):
    """One of several choices (docs/poe-bots-api.md, 3.4)."""

    control: Literal["drop_down"]
    options: list[Option]
    default_value: str | None = None


class ToggleSwitch(_Input):
    """On or off (docs/poe-bots-api.md, 3.4)."""

    control: Literal["toggle_switch"]
    default_value: bool | None = None


class Slider(_Input):
    """A number of a range (docs/poe-bots-api.md, 3.4)."""

    control: Literal["slider"]
    min_value: Number
    max_value: Number
    step: Number
    default_value: Number = None


class Ratio(_Object):
    """A choice of an aspect ratio (docs/poe-bots-api.md, 3.4)."""

    width: Number
    height: Number
    value: str | None = None


class AspectRatio(_Input):
    """One of several aspect ratios (docs/poe-bots-api.md, 3.4)."""

    control: Literal["aspect_ratio"]
    options: list[Ratio]
    default_value: str | None = None


class Divider(_Object):
    """A line between controls (docs/poe-bots-api.md, 3.4)."""

    control: Literal["divider"]


class Operand(_Object):
    """One side of a condition: a parameter or a literal (docs/poe-bots-api.md, 3.5)."""

    parameter_name: str | None = None
    literal: Literal_ = None


class Condition(_Object):
    """A comparison (docs/poe-bots-api.md, 3.5). Poe's sources disagree on the comparators; any of theirs is taken."""

    comparator: Literal["equals", "eq", "ne", "gt", "ge", "lt", "le"]
    left: Operand
    right: Operand


class ConditionalControls(_Object):
    """Controls that are shown while a comparison holds (docs/poe-bots-api.md, 3.5)."""

    control: Literal["condition"]
    condition: Condition
    controls: list[Control]


KINDS: Final[dict[str, type[_Object]]] = {
    "text_field": TextField,
    "text_area": TextArea,
    "number_field": NumberField,
    "drop_down": DropDown,
    "toggle_switch": ToggleSwitch,
    "slider": Slider,
    "aspect_ratio": AspectRatio,
    "divider": Divider,
    "condition": ConditionalControls,
}
"""Every kind of control that any of Poe's sources names (docs/poe-bots-api.md, 3.4)."""


def _kind_of(control: Any) -> str | None:
    kind = control.get("control") if isinstance(control, dict) else getattr(control, "control", None)
    return kind if isinstance(kind, str) and kind in KINDS else None


Control = Annotated[
    Annotated[TextField, Tag("text_field")]
    | Annotated[TextArea, Tag("text_area")]
    | Annotated[NumberField, Tag("number_field")]
    | Annotated[DropDown, Tag("drop_down")]
    | Annotated[ToggleSwitch, Tag("toggle_switch")]
    | Annotated[Slider, Tag("slider")]
    | Annotated[AspectRatio, Tag("aspect_ratio")]
    | Annotated[Divider, Tag("divider")]
    | Annotated[ConditionalControls, Tag("condition")],
    Discriminator(_kind_of),
]


class Tab(_Object):
    """A tab of a section (docs/poe-bots-api.md, 3.3)."""

    name: str | None = None
    controls: list[Control]


class Section(_Object):
    """A group of controls (docs/poe-bots-api.md, 3.2)."""

    name: str | None = None
    controls: list[Control] | None = None
    tabs: list[Tab] | None = None
    collapsed_by_default: bool | None = None


class ParameterControls(_Object):
    """What users may set in the chat (docs/poe-bots-api.md, 3.1)."""

    api_version: Literal["2"] | None = None
    sections: list[Section]


class Bot(_Object):
    """A bot as a program declares it (docs/poe-bots-api.md, 1.2)."""

    handle: str
    description: str | None = None
    is_private: bool | None = None
    api_bot_settings: ApiBotSettings | None = None
    parameter_controls: ParameterControls | None = None
    extra: Annotated[dict[str, Any], AfterValidator(_json)] | None = None


ConditionalControls.model_rebuild()
