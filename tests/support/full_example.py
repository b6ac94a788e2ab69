"""The reference's own full examples as one bot (docs/poe-bots-api.md, 2.4, 3.7)."""

from __future__ import annotations

from typing import Any

FULL_EXAMPLE: dict[str, Any] = {
    "handle": "Acme-Reasoner",
    "description": "Acme's reasoning model",
    "is_private": False,
    "api_bot_settings": {
        "model_name": "acme/reasoner-2",
        "base_url": "https://llm.acme.example/v1",
        "api_key": "acme-secret",
        "api_type": "chat_completions_api",
        "max_input_tokens": 200000,
        "context_size": 262144,
        "input_modalities": ["text", "image"],
        "output_modalities": ["text"],
        "supported_features": ["tools"],
        "pricing": {
            "prompt": "0.0000004",
            "completion": "0.0000016",
            "input_cache_reads": "0.0000001",
            "context_pricing": {
                "tiers": [
                    {"min_tokens": 32000, "max_tokens": 128000, "prompt": "0.0000006"},
                    {"min_tokens": 128000, "max_tokens": None, "prompt": "0.0000009", "completion": "0.000003"},
                ]
            },
        },
        "param_definitions": [
            {"param_name": "effort", "param_dest": "extra_body", "default_value": "medium"},
            {"param_name": "think", "param_dest": "extra_body", "default_value": True},
            {"param_name": "budget", "param_dest": "extra_body", "default_value": 4096},
            {"param_name": "rules", "param_dest": "extra_body", "default_value": ""},
            {"param_name": "ratio", "param_dest": "extra_body", "default_value": "1:1"},
            {"param_name": "seed_word", "param_dest": "extra_body"},
        ],
    },
    "parameter_controls": {
        "api_version": "2",
        "sections": [
            {
                "name": "Thinking",
                "controls": [
                    {
                        "control": "toggle_switch",
                        "label": "Think first",
                        "parameter_name": "think",
                        "default_value": True,
                    },
                    {
                        "control": "condition",
                        "condition": {
                            "comparator": "eq",
                            "left": {"parameter_name": "think"},
                            "right": {"literal": True},
                        },
                        "controls": [
                            {
                                "control": "drop_down",
                                "label": "Effort",
                                "parameter_name": "effort",
                                "default_value": "medium",
                                "options": [
                                    {"value": "low", "name": "Low"},
                                    {"value": "medium", "name": "Medium"},
                                    {"value": "high", "name": "High"},
                                ],
                            },
                            {
                                "control": "slider",
                                "label": "Budget",
                                "description": "Most thinking tokens",
                                "parameter_name": "budget",
                                "default_value": 4096,
                                "min_value": 0,
                                "max_value": 32768,
                                "step": 1024,
                            },
                        ],
                    },
                    {"control": "divider"},
                    {
                        "control": "text_area",
                        "label": "House rules",
                        "parameter_name": "rules",
                        "default_value": "",
                        "placeholder": "One per line",
                    },
                ],
            },
            {
                "name": "Output",
                "collapsed_by_default": True,
                "tabs": [
                    {
                        "name": "Shape",
                        "controls": [
                            {
                                "control": "aspect_ratio",
                                "label": "Ratio",
                                "parameter_name": "ratio",
                                "default_value": "1:1",
                                "options": [
                                    {"width": 1, "height": 1},
                                    {"width": 16, "height": 9, "value": "wide"},
                                ],
                            }
                        ],
                    },
                    {
                        "name": "Tags",
                        "controls": [
                            {
                                "control": "text_field",
                                "label": "Seed word",
                                "parameter_name": "seed_word",
                                "placeholder": "optional",
                            }
                        ],
                    },
                ],
            },
        ],
    },
}
