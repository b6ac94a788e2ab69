"""The nested arguments of :class:`pulumi_poe.Bot`, as dicts that an editor completes.

Names are exactly Poe's JSON keys. Every value, list and object may be a plain one or a Pulumi ``Output``. What one
of Poe's sources takes is taken here, also where another does not list it; the docstrings say where that is so.

A dict may be written in place or be given its type first. Then mypy names the very key that is wrong, where in place
it names the argument of ``Bot``::

    pricing: Pricing = {"prompt": "0.0000004", "completion": "0.0000016"}

Poe's docs: https://creator.poe.com/docs/api-bots/bots-rest-api (Bots REST API) and
https://creator.poe.com/docs/server-bots/parameter-controls (Parameter controls).

Made by `make types` from pulumi_poe/core/bot/model.py. Change that.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, TypeAlias, TypeVar

from pulumi import Input, Output
from typing_extensions import NotRequired, TypedDict

__all__ = [
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
]

_T = TypeVar("_T")

# Objects and lists are nested up to ten deep. With `Input`, which is three types, mypy needs 20 s to report one wrong
# name in them; with these two it needs 1 s. The third, an awaitable, is taken at the leaves only.
OrOutput: TypeAlias = _T | Output[_T]
PricePerToken: TypeAlias = Input[str | Decimal]

# Where Poe has a fixed choice, a literal must be one of it. An Output holds a value that no editor can see, and
# mostly is an Output[str], so that is taken too: `pulumi preview` checks it.
ApiType: TypeAlias = Literal["chat_completions_api", "responses_api"]
InputModality: TypeAlias = Literal["text", "image", "video"]
OutputModality: TypeAlias = Literal["text"]
SupportedFeature: TypeAlias = Literal["tools"]
ParamDest: TypeAlias = Literal["extra_body"]
Comparator: TypeAlias = Literal["eq", "ne", "gt", "ge", "lt", "le", "equals"]


class Tier(TypedDict):
    """Prices for requests whose input has from ``min_tokens`` to below ``max_tokens`` tokens.

    A price that a tier leaves out is that of :class:`Pricing`. :func:`pulumi_poe.tiers` makes tiers without gaps.
    Poe's docs: Bots REST API, context pricing.
    """

    min_tokens: NotRequired[Input[int]]
    """Input tokens, inclusive."""
    max_tokens: NotRequired[Input[int | None]]
    """Input tokens, exclusive. None or left out: unlimited."""
    prompt: NotRequired[PricePerToken]
    """USD per input token, a plain decimal string or a Decimal."""
    completion: NotRequired[PricePerToken]
    """USD per output token, a plain decimal string or a Decimal."""
    input_cache_reads: NotRequired[PricePerToken]
    """USD per cached input token, a plain decimal string or a Decimal. In Poe's sample, not in its table."""


class ContextPricing(TypedDict):
    """Prices by the length of the input. Poe's docs: Bots REST API, context pricing."""

    tiers: OrOutput[Sequence[OrOutput[Tier]]]
    """The tier whose range holds the request's input tokens counts. Without one, :class:`Pricing` does."""


class Pricing(TypedDict):
    """What Poe charges users. :func:`pulumi_poe.per_million` makes it from prices per million tokens.

    Poe's docs: Bots REST API, pricing.
    """

    prompt: NotRequired[PricePerToken]
    """USD per input token, a plain decimal string or a Decimal: ``"0.000003"`` is $3 per million."""
    completion: NotRequired[PricePerToken]
    """USD per output token, a plain decimal string or a Decimal."""
    input_cache_reads: NotRequired[PricePerToken]
    """USD per cached input token, a plain decimal string or a Decimal."""
    context_pricing: NotRequired[OrOutput[ContextPricing]]
    """Other prices for long inputs."""


class ParamDefinition(TypedDict):
    """A parameter that users set and Poe passes on to the endpoint.

    :func:`pulumi_poe.controls` makes these with the controls. Poe's docs: Bots REST API, param definitions.
    """

    param_name: Input[str]
    """A ``parameter_name`` of one of the bot's ``parameter_controls``."""
    param_dest: NotRequired[Input[ParamDest] | Output[str]]
    """Where Poe puts it in its request to the endpoint. ``extra_body`` is a key at the top of the JSON."""
    default_value: NotRequired[Input[Any]]
    """Any JSON value, used while the user has not set the parameter."""


class ApiBotSettings(TypedDict):
    """The endpoint behind a bot, its limits and its prices. Poe's docs: Bots REST API, ``api_bot_settings``."""

    model_name: NotRequired[Input[str]]
    """The model name that Poe sends to the endpoint, such as ``acme/reasoner-2``."""
    base_url: NotRequired[Input[str]]
    """Where the endpoint's OpenAI-compatible API lies, such as ``https://llm.example.com/v1``."""
    api_key: NotRequired[Input[str] | None]
    """The key that Poe shows to the endpoint. Always a secret in the state; Poe never gives it back. None, as of
    ``config.get_secret()`` without a value, or left out: Poe keeps the key that it has."""
    api_type: NotRequired[Input[ApiType] | Output[str]]
    """The endpoint's wire format. Poe states no default; its samples suggest ``chat_completions_api``."""
    max_input_tokens: NotRequired[Input[int]]
    """The most input tokens of a request."""
    context_size: NotRequired[Input[int]]
    """The whole context window, in tokens."""
    input_modalities: NotRequired[OrOutput[Sequence[Input[InputModality] | Output[str]]] | Output[Sequence[str]]]
    """What the endpoint takes. ``video`` only with ``chat_completions_api``."""
    output_modalities: NotRequired[OrOutput[Sequence[Input[OutputModality] | Output[str]]] | Output[Sequence[str]]]
    """What the endpoint answers with."""
    supported_features: NotRequired[OrOutput[Sequence[Input[SupportedFeature] | Output[str]]] | Output[Sequence[str]]]
    """``tools``: the endpoint can call functions."""
    param_definitions: NotRequired[OrOutput[Sequence[OrOutput[ParamDefinition]]]]
    """Parameters that users set and Poe passes on to the endpoint."""
    pricing: NotRequired[OrOutput[Pricing]]
    """What Poe charges users, in USD per token."""


class _Labelled(TypedDict):
    """What every control that sets a parameter has."""

    label: Input[str]
    """What users read beside the control."""
    parameter_name: Input[str]
    """The parameter that the control sets: letters, digits and ``_``, not beginning with ``poe_``."""
    description: NotRequired[Input[str]]
    """A longer text under the label."""


class TextField(_Labelled):
    """One line of text. :func:`pulumi_poe.text_field` makes one. Poe's docs: Parameter controls, text field."""

    control: Input[Literal["text_field"]]
    default_value: NotRequired[Input[str]]
    """The text before the user changes it."""
    placeholder: NotRequired[Input[str]]
    """A hint that is shown while the field is empty."""


class TextArea(_Labelled):
    """Several lines of text. :func:`pulumi_poe.text_area` makes one. Poe's docs: Parameter controls, text area."""

    control: Input[Literal["text_area"]]
    default_value: NotRequired[Input[str]]
    """The text before the user changes it."""
    placeholder: NotRequired[Input[str]]
    """A hint that is shown while the area is empty."""


class NumberField(_Labelled):
    """A number that is typed in. :func:`pulumi_poe.number_field` makes one.

    Listed in the Bots REST API, but Poe documents none of its fields and its library does not know it. The fields
    here are those of its neighbours, the slider and the text field.
    """

    control: Input[Literal["number_field"]]
    default_value: NotRequired[Input[float]]
    """The number before the user changes it."""
    min_value: NotRequired[Input[float]]
    """The smallest number, inclusive."""
    max_value: NotRequired[Input[float]]
    """The largest number, inclusive."""
    step: NotRequired[Input[float]]
    """The distance between two numbers."""
    placeholder: NotRequired[Input[str]]
    """A hint that is shown while the field is empty."""


class DropDownOption(TypedDict):
    """A choice of a :class:`DropDown`. Poe's docs: Parameter controls, drop down."""

    value: Input[str]
    """What the endpoint gets."""
    name: Input[str]
    """What users read."""


class DropDown(_Labelled):
    """One of several choices. :func:`pulumi_poe.drop_down` makes one. Poe's docs: Parameter controls, drop down."""

    control: Input[Literal["drop_down"]]
    options: OrOutput[Sequence[OrOutput[DropDownOption]]]
    """The choices, in the order in which users see them."""
    default_value: NotRequired[Input[str]]
    """The ``value`` of the option that is chosen before the user changes it."""


class ToggleSwitch(_Labelled):
    """On or off. :func:`pulumi_poe.toggle` makes one. Poe's docs: Parameter controls, toggle switch."""

    control: Input[Literal["toggle_switch"]]
    default_value: NotRequired[Input[bool]]
    """Whether it is on before the user changes it."""


class Slider(_Labelled):
    """A number of a range. :func:`pulumi_poe.slider` makes one. Poe's docs: Parameter controls, slider."""

    control: Input[Literal["slider"]]
    min_value: Input[float]
    """The smallest number, inclusive."""
    max_value: Input[float]
    """The largest number, inclusive."""
    step: Input[float]
    """The distance between two numbers."""
    default_value: NotRequired[Input[float]]
    """The number before the user changes it."""


class AspectRatioOption(TypedDict):
    """A choice of an :class:`AspectRatio`. Poe's docs: Parameter controls, aspect ratio."""

    width: Input[float]
    """The width, in the unit of ``height``."""
    height: Input[float]
    """The height, in the unit of ``width``."""
    value: NotRequired[Input[str]]
    """What the endpoint gets. Poe's default is ``width:height``, such as ``16:9``."""


class AspectRatio(_Labelled):
    """One of several aspect ratios. :func:`pulumi_poe.aspect_ratio` makes one.

    Poe's docs: Parameter controls, aspect ratio.
    """

    control: Input[Literal["aspect_ratio"]]
    options: OrOutput[Sequence[OrOutput[AspectRatioOption]]]
    """The choices, in the order in which users see them."""
    default_value: NotRequired[Input[str]]
    """The ``value`` of the option that is chosen before the user changes it, such as ``16:9``."""


class Divider(TypedDict):
    """A line between controls. :func:`pulumi_poe.divider` makes one. Poe's docs: Parameter controls, divider."""

    control: Input[Literal["divider"]]


BaseControl: TypeAlias = TextField | TextArea | NumberField | DropDown | ToggleSwitch | Slider | AspectRatio | Divider
"""A control that may stand in a condition: every kind but a condition."""


class ParameterOperand(TypedDict):
    """A side of a condition: what a parameter is set to. Poe's docs: Parameter controls, conditions."""

    parameter_name: Input[str]
    """The parameter of another control."""


class LiteralOperand(TypedDict):
    """A side of a condition: a fixed value. Poe's docs: Parameter controls, conditions."""

    literal: Input[str | float | bool]
    """A text, a number, or true or false."""


Operand: TypeAlias = ParameterOperand | LiteralOperand
"""Either side of a condition."""


class Condition(TypedDict):
    """A comparison of two operands. Poe's docs: Parameter controls, conditions."""

    comparator: Input[Comparator] | Output[str]
    """``eq``, ``ne``, ``gt``, ``ge``, ``lt`` or ``le``. ``equals`` is Poe's older word for ``eq``: its page has only
    that one, its library only the others."""
    left: OrOutput[Operand]
    right: OrOutput[Operand]


class ConditionalControls(TypedDict):
    """Controls that are shown while a condition holds. :func:`pulumi_poe.when` makes one.

    Poe's docs: Parameter controls, conditions.
    """

    control: Input[Literal["condition"]]
    condition: OrOutput[Condition]
    """When the controls are shown."""
    controls: OrOutput[Sequence[OrOutput[BaseControl]]]
    """The controls. A condition within a condition is not taken."""


Control: TypeAlias = BaseControl | ConditionalControls
"""A control of any of Poe's kinds."""


class Tab(TypedDict):
    """A page of a section. Poe's docs: Parameter controls, tabs."""

    name: NotRequired[Input[str]]
    """What users read on the tab. Poe's page requires it, its library does not."""
    controls: OrOutput[Sequence[OrOutput[Control]]]
    """The controls of the tab, from top to bottom."""


class Section(TypedDict):
    """A group of controls: either ``controls`` or ``tabs``. :func:`pulumi_poe.section` makes one.

    Poe's docs: Parameter controls, sections.
    """

    name: NotRequired[Input[str]]
    """What users read above it."""
    controls: NotRequired[OrOutput[Sequence[OrOutput[Control]]]]
    """The controls of the section, from top to bottom. Not with ``tabs``."""
    tabs: NotRequired[OrOutput[Sequence[OrOutput[Tab]]]]
    """The pages of the section, from left to right. Not with ``controls``."""
    collapsed_by_default: NotRequired[Input[bool]]
    """Whether users first see only its name."""


class ParameterControls(TypedDict):
    """What users may set in the chat. :func:`pulumi_poe.controls` makes it. Poe's docs: Parameter controls."""

    api_version: NotRequired[Input[Literal["2"]] | Output[str]]
    """Always ``"2"``. Poe's page requires it, its library does not."""
    sections: OrOutput[Sequence[OrOutput[Section]]]
    """The groups of controls, from top to bottom."""
