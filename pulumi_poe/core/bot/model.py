"""The shape of a Poe API bot: which names there are, and of which type their values.

Names and types are those of Poe's docs, https://creator.poe.com/docs/api-bots/bots-rest-api and
.../docs/server-bots/parameter-controls (docs/poe-bots-api.md, 1, 2, 3). Where Poe's sources disagree, what any of
them accepts is accepted. What goes beyond one value's type is in ``rules``.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Final, Literal, get_args

from ..values.unknown import UNKNOWN
from .prices import plain_price
from .shape import Object, kind

LARGEST: Final = 2**53 - 1
"""The engine carries numbers as floats, which hold no larger whole number exactly."""


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


Number = Annotated[Any, _number]
Tokens = Annotated[Any, _tokens]
Price = Annotated[Any, _price]
"""USD per token (docs/poe-bots-api.md, 2.1)."""
Literal_ = Annotated[Any, _literal]
Json = Annotated[Any, _json]


# --- choices ----------------------------------------------------------------------------------------

ApiType = Literal["chat_completions_api", "responses_api"]
InputModality = Literal["text", "image", "video"]
OutputModality = Literal["text"]
SupportedFeature = Literal["tools"]
ParamDest = Literal["extra_body"]
Comparator = Literal["eq", "ne", "gt", "ge", "lt", "le", "equals"]


# --- objects ----------------------------------------------------------------------------------------


# (docs/poe-bots-api.md, 2.2)
class Tier(Object):
    """Prices for requests whose input has from ``min_tokens`` to below ``max_tokens`` tokens.

    A price that a tier leaves out is that of :class:`Pricing`. :func:`pulumi_poe.tiers` makes tiers without gaps.
    Poe's docs: Bots REST API, context pricing.
    """

    min_tokens: Tokens = None
    """Input tokens, inclusive."""
    max_tokens: Tokens = None
    """Input tokens, exclusive. None or left out: unlimited."""
    prompt: Price = None
    """USD per input token, a plain decimal string or a Decimal."""
    completion: Price = None
    """USD per output token, a plain decimal string or a Decimal."""
    input_cache_reads: Price = None
    """USD per cached input token, a plain decimal string or a Decimal. In Poe's sample, not in its table."""


# (docs/poe-bots-api.md, 2.2)
class ContextPricing(Object):
    """Prices by the length of the input. Poe's docs: Bots REST API, context pricing."""

    tiers: list[Tier] | None = None
    """The tier whose range holds the request's input tokens counts. Without one, :class:`Pricing` does."""


# (docs/poe-bots-api.md, 2.1)
class Pricing(Object):
    """What Poe charges users. :func:`pulumi_poe.per_million` makes it from prices per million tokens.

    Poe's docs: Bots REST API, pricing.
    """

    prompt: Price = None
    """USD per input token, a plain decimal string or a Decimal: ``"0.000003"`` is $3 per million."""
    completion: Price = None
    """USD per output token, a plain decimal string or a Decimal."""
    input_cache_reads: Price = None
    """USD per cached input token, a plain decimal string or a Decimal."""
    context_pricing: ContextPricing | None = None
    """Other prices for long inputs."""


# (docs/poe-bots-api.md, 2.3)
class ParamDefinition(Object):
    """A parameter that users set and Poe passes on to the endpoint.

    :func:`pulumi_poe.controls` makes these with the controls. Poe's docs: Bots REST API, param definitions.
    """

    param_name: str
    """A ``parameter_name`` of one of the bot's ``parameter_controls``."""
    param_dest: ParamDest | None = None
    """Where Poe puts it in its request to the endpoint. ``extra_body`` is a key at the top of the JSON."""
    default_value: Json = None
    """Any JSON value, used while the user has not set the parameter."""


# (docs/poe-bots-api.md, 2)
class ApiBotSettings(Object):
    """The endpoint behind a bot, its limits and its prices. Poe's docs: Bots REST API, ``api_bot_settings``."""

    model_name: str | None = None
    """The model name that Poe sends to the endpoint, such as ``acme/reasoner-2``."""
    base_url: str | None = None
    """Where the endpoint's OpenAI-compatible API lies, such as ``https://llm.example.com/v1``."""
    api_key: str | None = None
    """The key that Poe shows to the endpoint. Always a secret in the state; Poe never gives it back. None, as of
    ``config.get_secret()`` without a value, or left out: Poe keeps the key that it has."""
    api_type: ApiType | None = None
    """The endpoint's wire format. Poe states no default; its samples suggest ``chat_completions_api``."""
    max_input_tokens: Tokens = None
    """The most input tokens of a request."""
    context_size: Tokens = None
    """The whole context window, in tokens."""
    input_modalities: list[InputModality] | None = None
    """What the endpoint takes. ``video`` only with ``chat_completions_api``."""
    output_modalities: list[OutputModality] | None = None
    """What the endpoint answers with."""
    supported_features: list[SupportedFeature] | None = None
    """``tools``: the endpoint can call functions."""
    param_definitions: list[ParamDefinition] | None = None
    """Parameters that users set and Poe passes on to the endpoint."""
    pricing: Pricing | None = None
    """What Poe charges users, in USD per token."""


# (docs/poe-bots-api.md, 3.4)
class _Labelled(Object):
    """What every control that sets a parameter has."""

    label: str
    """What users read beside the control."""
    parameter_name: str
    """The parameter that the control sets: letters, digits and ``_``, not beginning with ``poe_``."""
    description: str | None = None
    """A longer text under the label."""


# (docs/poe-bots-api.md, 3.4)
class TextField(_Labelled):
    """One line of text. :func:`pulumi_poe.text_field` makes one. Poe's docs: Parameter controls, text field."""

    control: Literal["text_field"]
    default_value: str | None = None
    """The text before the user changes it."""
    placeholder: str | None = None
    """A hint that is shown while the field is empty."""


# (docs/poe-bots-api.md, 3.4)
class TextArea(_Labelled):
    """Several lines of text. :func:`pulumi_poe.text_area` makes one. Poe's docs: Parameter controls, text area."""

    control: Literal["text_area"]
    default_value: str | None = None
    """The text before the user changes it."""
    placeholder: str | None = None
    """A hint that is shown while the area is empty."""


# (docs/poe-bots-api.md, 3.4)
class NumberField(_Labelled):
    """A number that is typed in. :func:`pulumi_poe.number_field` makes one.

    Listed in the Bots REST API, but Poe documents none of its fields and its library does not know it. The fields
    here are those of its neighbours, the slider and the text field.
    """

    control: Literal["number_field"]
    default_value: Number = None
    """The number before the user changes it."""
    min_value: Number = None
    """The smallest number, inclusive."""
    max_value: Number = None
    """The largest number, inclusive."""
    step: Number = None
    """The distance between two numbers."""
    placeholder: str | None = None
    """A hint that is shown while the field is empty."""


# (docs/poe-bots-api.md, 3.4)
class DropDownOption(Object):
    """A choice of a :class:`DropDown`. Poe's docs: Parameter controls, drop down."""

    value: str
    """What the endpoint gets."""
    name: str
    """What users read."""


# (docs/poe-bots-api.md, 3.4)
class DropDown(_Labelled):
    """One of several choices. :func:`pulumi_poe.drop_down` makes one. Poe's docs: Parameter controls, drop down."""

    control: Literal["drop_down"]
    options: list[DropDownOption]
    """The choices, in the order in which users see them."""
    default_value: str | None = None
    """The ``value`` of the option that is chosen before the user changes it."""


# (docs/poe-bots-api.md, 3.4)
class ToggleSwitch(_Labelled):
    """On or off. :func:`pulumi_poe.toggle` makes one. Poe's docs: Parameter controls, toggle switch."""

    control: Literal["toggle_switch"]
    default_value: bool | None = None
    """Whether it is on before the user changes it."""


# (docs/poe-bots-api.md, 3.4)
class Slider(_Labelled):
    """A number of a range. :func:`pulumi_poe.slider` makes one. Poe's docs: Parameter controls, slider."""

    control: Literal["slider"]
    min_value: Number
    """The smallest number, inclusive."""
    max_value: Number
    """The largest number, inclusive."""
    step: Number
    """The distance between two numbers."""
    default_value: Number = None
    """The number before the user changes it."""


# (docs/poe-bots-api.md, 3.4)
class AspectRatioOption(Object):
    """A choice of an :class:`AspectRatio`. Poe's docs: Parameter controls, aspect ratio."""

    width: Number
    """The width, in the unit of ``height``."""
    height: Number
    """The height, in the unit of ``width``."""
    value: str | None = None
    """What the endpoint gets. Poe's default is ``width:height``, such as ``16:9``."""


# (docs/poe-bots-api.md, 3.4)
class AspectRatio(_Labelled):
    """One of several aspect ratios. :func:`pulumi_poe.aspect_ratio` makes one.

    Poe's docs: Parameter controls, aspect ratio.
    """

    control: Literal["aspect_ratio"]
    options: list[AspectRatioOption]
    """The choices, in the order in which users see them."""
    default_value: str | None = None
    """The ``value`` of the option that is chosen before the user changes it, such as ``16:9``."""


# (docs/poe-bots-api.md, 3.4)
class Divider(Object):
    """A line between controls. :func:`pulumi_poe.divider` makes one. Poe's docs: Parameter controls, divider."""

    control: Literal["divider"]


class Operand(Object):
    """One side of a condition: a parameter or a literal (docs/poe-bots-api.md, 3.5)."""

    parameter_name: str | None = None
    literal: Literal_ = None


# (docs/poe-bots-api.md, 3.5)
class Condition(Object):
    """A comparison of two operands. Poe's docs: Parameter controls, conditions."""

    comparator: Comparator
    """``eq``, ``ne``, ``gt``, ``ge``, ``lt`` or ``le``. ``equals`` is Poe's older word for ``eq``: its page has only
    that one, its library only the others."""
    left: Operand
    right: Operand


# (docs/poe-bots-api.md, 3.5)
class ConditionalControls(Object):
    """Controls that are shown while a condition holds. :func:`pulumi_poe.when` makes one.

    Poe's docs: Parameter controls, conditions.
    """

    control: Literal["condition"]
    condition: Condition
    """When the controls are shown."""
    controls: list[Control]
    """The controls. A condition within a condition is not taken."""


Control = (
    TextField | TextArea | NumberField | DropDown | ToggleSwitch | Slider | AspectRatio | Divider | ConditionalControls
)
"""Every kind of control that any of Poe's sources names (docs/poe-bots-api.md, 3.4)."""


# (docs/poe-bots-api.md, 3.3)
class Tab(Object):
    """A page of a section. Poe's docs: Parameter controls, tabs."""

    name: str | None = None
    """What users read on the tab. Poe's page requires it, its library does not."""
    controls: list[Control]
    """The controls of the tab, from top to bottom."""


# (docs/poe-bots-api.md, 3.2)
class Section(Object):
    """A group of controls: either ``controls`` or ``tabs``. :func:`pulumi_poe.section` makes one.

    Poe's docs: Parameter controls, sections.
    """

    name: str | None = None
    """What users read above it."""
    controls: list[Control] | None = None
    """The controls of the section, from top to bottom. Not with ``tabs``."""
    tabs: list[Tab] | None = None
    """The pages of the section, from left to right. Not with ``controls``."""
    collapsed_by_default: bool | None = None
    """Whether users first see only its name."""


# (docs/poe-bots-api.md, 3.1)
class ParameterControls(Object):
    """What users may set in the chat. :func:`pulumi_poe.controls` makes it. Poe's docs: Parameter controls."""

    api_version: Literal["2"] | None = None
    """Always ``"2"``. Poe's page requires it, its library does not."""
    sections: list[Section]
    """The groups of controls, from top to bottom."""


class Bot(Object):
    """A bot as a program declares it (docs/poe-bots-api.md, 1.2)."""

    handle: str
    description: str | None = None
    is_private: bool | None = None
    api_bot_settings: ApiBotSettings | None = None
    parameter_controls: ParameterControls | None = None
    extra: Annotated[dict[str, Any], _json] | None = None


KINDS: Final = {kind(each): each for each in get_args(Control)}
"""The class of each kind of control."""
