"""Bots as people make them by hand, of all kinds."""

from __future__ import annotations

import random
from typing import Any

from full_example import FULL_EXAMPLE
from some_bots import CONTROLS, FULL, TABS

PRICES = ["0.0000004", "0.0000010", "0", "0.0000000000", "0.00000006", "0.000000011", "0.000015", 0.0000025, "4e-7"]
TIERS = [
    [{"min_tokens": 32000, "prompt": "0.0000006"}],
    [{"min_tokens": 0, "max_tokens": 8000, "prompt": "0.0000010"}, {"min_tokens": 8000, "max_tokens": None}],
    [{"min_tokens": 1000, "max_tokens": 2000, "completion": "0.000001"}, {"min_tokens": 5000}],  # a gap
    [{"max_tokens": 9}, {"min_tokens": 9, "input_cache_reads": "0.00000005"}],
    [],
]
SECTIONS: list[list[dict[str, Any]]] = [
    [],
    [{"controls": []}],
    [{"name": "Thinking", "controls": CONTROLS}],
    [{"name": "Output", "collapsed_by_default": True, "tabs": TABS}],
    [{"tabs": [{"controls": [{"control": "divider"}]}]}],  # a tab without a name
    [
        {
            "controls": [
                {
                    "control": "drop_down",
                    "label": 'Say "no"',
                    "parameter_name": "size",
                    "options": [{"value": "S", "name": "S"}, {"value": "M", "name": "M"}],
                    "default_value": "M",
                },
                {
                    "control": "condition",
                    "condition": {
                        "comparator": "equals",
                        "left": {"literal": 1.5},
                        "right": {"parameter_name": "size"},
                    },
                    "controls": [{"control": "text_field", "label": "É", "parameter_name": "e", "default_value": "'"}],
                },
                {
                    "control": "aspect_ratio",
                    "label": "Ratio",
                    "parameter_name": "ratio",
                    "options": [{"width": 1.5, "height": 1}, {"width": 16, "height": 9}],
                },
            ]
        }
    ],
]
DESCRIPTIONS = [
    "",
    "Plain",
    'He said "hi", it\'s me',
    "two\nlines\tand a tab",
    '"""\n__import__("os").system("false")  # {curly} \\',
    "\u202eright to left, \u2028 and a bot 🤖",
    "x" * 300,
]
HANDLES = [
    "class", "1st.bot", "print", "Bot", "config", "pulumi", "bots", "a.b_c-d", "__init__", "per_million", "UPPER-Case",
    "0000", "-dash-", "match", "ui", "endpoint_key",
]  # fmt: skip


def refused() -> list[dict[str, Any]]:
    """Bots that Poe has and that this package's checks refuse, in one way each."""
    return [
        {"handle": "Refused-Url", "api_bot_settings": {"model_name": "m", "base_url": "http://open.example.com/v1"}},
        {"handle": "Refused-Tokens", "api_bot_settings": {"max_input_tokens": 9, "context_size": 1}},
        {"handle": "Refused-Price", "api_bot_settings": {"pricing": {"prompt": "-1", "completion": "0.000001"}}},
        {"handle": "Refused-Type", "api_bot_settings": {"model_name": 7, "api_type": "new_api"}, "description": "d"},
        {
            "handle": "Refused-Control",
            "api_bot_settings": {"param_definitions": [{"param_name": "a"}, {"param_name": "gone"}]},
            "parameter_controls": {"api_version": "2", "sections": [{"controls": [{"control": "hologram"}]}]},
        },
        {"handle": "Refused-Settings", "api_bot_settings": {"pricing": [], "reasoning": {"effort": "low"}}},
        {"handle": "Half-Character", "description": "\ud83d", "api_bot_settings": {"model_name": "m"}},
        {"handle": "Not a handle!", "api_bot_settings": {"model_name": "m"}},
        {"handle": "Large-Number", "api_bot_settings": {"context_size": 2**60}},
    ]


def unknown() -> list[dict[str, Any]]:
    """Bots with names that Poe does not document, at every depth."""
    return [
        {"handle": "New-Field", "greeting": "Hello", "extra": {"a": 1}, "api_bot_settings": {"model_name": "m"}},
        {"handle": "New-Setting", "api_bot_settings": {"reasoning": {"effort": "low"}, "pricing": {"image": "0.01"}}},
        {
            "handle": "New-Key",
            "api_bot_settings": {"pricing": {"prompt": "0.1e-5", "context_pricing": {"mode": 1, "tiers": TIERS[0]}}},
        },
    ]


def not_api_bots() -> list[dict[str, Any]]:
    return [{"handle": f"Prompt-{number}", "description": "made on poe.com"} for number in range(5)]


def hand_made(count: int) -> list[dict[str, Any]]:
    """So many API bots, the special ones first, always the same."""
    dice = random.Random(6)
    whole = {name: value for name, value in FULL.items() if name != "extra"}
    bots = [*refused(), *unknown(), {**FULL_EXAMPLE, "handle": "Full-Example"}, {**whole, "handle": "Full"}]
    bots += [{"handle": handle, "api_bot_settings": {"model_name": "m"}} for handle in HANDLES]
    while len(bots) < count:
        bots.append(_any(dice, len(bots)))
    return bots[:count]


def _any(dice: random.Random, number: int) -> dict[str, Any]:
    def some(**values: Any) -> dict[str, Any]:
        return {name: value for name, value in values.items() if dice.random() < 0.6}

    host = dice.choice(["llm.example.com", "llm.example.com", "other.example.org:8443"])
    pricing = some(**{name: dice.choice(PRICES) for name in ("prompt", "completion", "input_cache_reads")})
    if dice.random() < 0.4:
        pricing["context_pricing"] = {"tiers": dice.choice(TIERS)}
    settings = some(
        model_name=f"acme/model-{number}",
        base_url=f"https://{host}/v1",
        api_key="sk-hand-made-canary",
        api_type=dice.choice(["chat_completions_api", "responses_api"]),
        max_input_tokens=dice.choice([8000, 128000]),
        context_size=262144,
        input_modalities=dice.choice([["text"], ["image", "text"], []]),
        output_modalities=["text"],
        supported_features=["tools"],
        pricing=pricing,
        param_definitions=dice.choice([[], [{"param_name": "loose", "default_value": {"a": [1, None, 2.5]}}]]),
    )
    bot: dict[str, Any] = {"handle": dice.choice(["Any-{}", "any.{}", "ANY_{}"]).format(number)}
    bot |= some(description=dice.choice(DESCRIPTIONS), is_private=dice.random() < 0.5)
    bot["api_bot_settings"] = settings
    if dice.random() < 0.5 and not settings.get("param_definitions"):
        bot["parameter_controls"] = {"api_version": "2", "sections": dice.choice(SECTIONS)}
    return bot
