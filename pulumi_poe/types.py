"""The nested arguments of :class:`pulumi_poe.Bot`, as dicts that an editor completes.

Names are exactly Poe's JSON keys. Every value may be a plain one or a Pulumi ``Output``.
"""

from __future__ import annotations

from typing import Any, Literal

from pulumi import Input
from typing_extensions import NotRequired, TypedDict


class Tier(TypedDict):
    """Prices for requests whose input has from ``min_tokens`` to below ``max_tokens`` tokens.

    A price that a tier leaves out is that of :class:`Pricing`. Poe's docs: Bots REST API, context pricing.
    """

    min_tokens: NotRequired[Input[int]]
    """Tokens, inclusive."""
    max_tokens: NotRequired[Input[int] | None]
    """Tokens, exclusive. None or left out: unlimited."""
    prompt: NotRequired[Input[str]]
    """USD per input token, a plain decimal string."""
    completion: NotRequired[Input[str]]
    """USD per output token, a plain decimal string."""
    input_cache_reads: NotRequired[Input[str]]
    """USD per cached input token, a plain decimal string."""


class ContextPricing(TypedDict):
    """Prices by the length of the input. Poe's docs: Bots REST API, context pricing."""

    tiers: Input[list[Input[Tier]]]


class Pricing(TypedDict):
    """What Poe charges users. Poe's docs: Bots REST API, pricing."""

    prompt: NotRequired[Input[str]]
    """USD per input token, a plain decimal string: ``"0.000003"`` is $3 per million."""
    completion: NotRequired[Input[str]]
    """USD per output token, a plain decimal string."""
    input_cache_reads: NotRequired[Input[str]]
    """USD per cached input token, a plain decimal string."""
    context_pricing: NotRequired[Input[ContextPricing]]


class ParamDefinition(TypedDict):
    """A parameter that users set and Poe passes on. Poe's docs: Bots REST API, param definitions."""

    param_name: Input[str]
    """A ``parameter_name`` of one of the bot's ``parameter_controls``."""
    param_dest: NotRequired[Input[Literal["extra_body"]]]
    """Where Poe puts it in its request to the endpoint."""
    default_value: NotRequired[Input[Any]]
    """Used while the user has not set it."""


class ApiBotSettings(TypedDict):
    """The endpoint behind a bot, and its prices. Poe's docs: Bots REST API, ``api_bot_settings``."""

    model_name: NotRequired[Input[str]]
    """The model name that Poe sends to the endpoint."""
    base_url: NotRequired[Input[str]]
    """Where the endpoint's OpenAI-compatible API lies, such as ``https://llm.example.com/v1``."""
    api_key: NotRequired[Input[str]]
    """The key that Poe shows to the endpoint. Always a secret in the state; Poe never gives it back."""
    api_type: NotRequired[Input[Literal["chat_completions_api", "responses_api"]]]
    """The endpoint's wire format. Poe's default is ``chat_completions_api``."""
    max_input_tokens: NotRequired[Input[int]]
    """Tokens."""
    context_size: NotRequired[Input[int]]
    """Tokens."""
    input_modalities: NotRequired[Input[list[Input[Literal["text", "image", "video"]]]]]
    output_modalities: NotRequired[Input[list[Input[Literal["text"]]]]]
    supported_features: NotRequired[Input[list[Input[Literal["tools"]]]]]
    param_definitions: NotRequired[Input[list[Input[ParamDefinition]]]]
    pricing: NotRequired[Input[Pricing]]


class ParameterControls(TypedDict):
    """What users may set in the chat. Poe's docs: Parameter controls."""

    api_version: NotRequired[Input[Literal["2"]]]
    """Always ``"2"``."""
    sections: Input[list[Input[dict[str, Any]]]]
    """Groups of controls, each with ``controls`` or ``tabs``, as in Poe's JSON."""
