"""What does a request use that the bot does not declare?

Whether Poe refuses, drops or passes such things is not known. So they pass, and the owner is told; or, with
`Options.strict_chat`, they are refused (docs/poe-bots-api.md, 5.9).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from .asking import Api, Ask
from .bots import CalledBot
from .pricing import Usage
from .words import one_line

_OF_BOTH = {
    "access_programs", "background_options", "metadata", "model", "moderation", "parallel_tool_calls",
    "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "safety_identifier", "service_tier", "store",
    "stream", "stream_options", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user",
}  # fmt: skip
_OF_OPENAI: dict[Api, set[str]] = {
    "chat_completions_api": _OF_BOTH | {
        "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens",
        "max_tokens", "messages", "modalities", "n", "prediction", "presence_penalty", "reasoning_effort",
        "response_format", "seed", "stop", "verbosity", "web_search_options",
    },
    "responses_api": _OF_BOTH | {
        "background", "context_management", "conversation", "include", "input", "instructions", "max_output_tokens",
        "max_tool_calls", "previous_response_id", "prompt", "reasoning", "text", "truncation",
    },
}  # fmt: skip
"""The fields of OpenAI's own APIs, which are no parameters of a bot."""

_MODALITIES = {
    "image_url": "image",
    "input_image": "image",
    "video_url": "video",
    "input_video": "video",
    "input_audio": "audio",
    "file": "file",
    "input_file": "file",
}
"""What the parts of messages are, by their `type`."""


def undeclared(ask: Ask, bot: CalledBot) -> Iterator[str]:
    """Each thing, as a line for the bot's owner."""
    if ask.api != bot.api:
        yield f"the bot has the api_type {bot.api} and was asked by the other API; whether Poe translates is not known"
    known = bot.definitions()
    for name in ask.body:
        if name not in known and name not in _OF_OPENAI[ask.api]:
            yield f"{one_line(name, 60)}: is sent, and no param_definitions of the bot has it"
    for control in bot.controls():
        name = control["parameter_name"]
        if name in ask.body:
            yield from (f"{name}: {wrong}" for wrong in _wrong_with(ask.body[name], control))
    accepted = _names(bot.settings.get("input_modalities"), ["text"])
    for kind in sorted(set(_modalities_in(ask)) - accepted):
        yield f"{kind}: is sent, and input_modalities of the bot has it not"
    wanted = ask.body.get("modalities")
    for kind in sorted(_names(wanted, []) - _names(bot.settings.get("output_modalities"), ["text"])):
        yield f"{one_line(kind, 60)}: is asked for, and output_modalities of the bot has it not"
    if (ask.body.get("tools") or ask.body.get("functions")) and "tools" not in _names(
        bot.settings.get("supported_features"), []
    ):
        yield "tools: are sent, and supported_features of the bot has them not"


def beyond_limits(usage: Usage, bot: CalledBot) -> Iterator[str]:
    """Each limit of tokens that this usage is beyond, as a line for the bot's owner."""
    for name, count, of in (
        ("max_input_tokens", usage.prompt, "the input"),
        ("context_size", usage.prompt + usage.completion, "input and output"),
    ):
        limit = bot.settings.get(name)
        if type(limit) is int and count > limit:
            yield f"{name}: is {limit}, and {of} had {count} tokens"


def estimated(ask: Ask) -> int:
    """About how many tokens the input has: one for four bytes of text. Only the endpoint can count them."""
    fields = ("messages",) if ask.api == "chat_completions_api" else ("instructions", "input")
    return sum(_bytes_of(ask.body.get(field)) for field in fields) // 4


def _bytes_of(value: object) -> int:
    """How long the texts are; what is named by an address or given as data is none."""
    if isinstance(value, str):
        return len(value.encode(errors="replace"))
    if isinstance(value, list):
        return sum(map(_bytes_of, value))
    if isinstance(value, dict):
        return sum(_bytes_of(value.get(name)) for name in ("content", "text", "output"))
    return 0


def _modalities_in(ask: Ask) -> Iterator[str]:
    messages = ask.body.get("messages" if ask.api == "chat_completions_api" else "input")
    for message in messages if isinstance(messages, list) else []:
        content = message.get("content") if isinstance(message, dict) else None
        for part in content if isinstance(content, list) else []:
            kind = part.get("type") if isinstance(part, dict) else None
            if isinstance(kind, str) and kind in _MODALITIES:
                yield _MODALITIES[kind]


def _names(value: object, default: list[str]) -> set[str]:
    return {name for name in (value if isinstance(value, list) else default) if isinstance(name, str)}


def _wrong_with(value: object, control: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the value of a parameter, by its control (docs/poe-bots-api.md, 3.4)."""
    match control["control"]:
        case "toggle_switch":
            if not isinstance(value, bool):
                yield "is not true or false, and its control is a toggle_switch"
        case "drop_down" | "aspect_ratio" as kind:
            if value not in (values := list(values_of(control))):
                yield f"is none of the values of its {kind}, {one_line(', '.join(values), 200)}"
        case "slider" | "number_field" as kind:
            yield from _wrong_with_number(value, control, kind)
        case "text_field" | "text_area" as kind:
            if not isinstance(value, str):
                yield f"is no string, and its control is a {kind}"


def values_of(control: dict[str, Any]) -> Iterator[str]:
    """The values that a drop_down or an aspect_ratio offers."""
    options = control.get("options")
    for option in options if isinstance(options, list) else []:
        if isinstance(option, dict):
            ratio = f"{option.get('width')}:{option.get('height')}"
            yield str(option.get("value", ratio))


def _wrong_with_number(value: object, control: dict[str, Any], kind: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield f"is no number, and its control is a {kind}"
        return
    least, most, step = (control.get(name) for name in ("min_value", "max_value", "step"))
    if isinstance(least, (int, float)) and value < least:
        yield f"is less than {least}, the least of its {kind}"
    if isinstance(most, (int, float)) and value > most:
        yield f"is more than {most}, the most of its {kind}"
    if isinstance(least, (int, float)) and isinstance(step, (int, float)) and step > 0 and math.isfinite(value):
        steps = (value - least) / step
        if not math.isclose(steps, round(steps), abs_tol=1e-6):
            yield f"is between two steps of its {kind}, each of which is {step}"
