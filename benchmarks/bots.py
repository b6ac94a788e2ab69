"""The bots that both programs declare. Copied into each project's folder, and read by the benchmarks themselves."""

from __future__ import annotations

from typing import Any

ENDPOINT_KEY = "sk-benchmark-endpoint-key-0123456789"


def declared(number: int, description: str) -> dict[str, Any]:
    """The properties of one bot, without the endpoint's key, which each program adds as a secret."""
    return {
        "handle": f"Benchmark-Bot-{number:03}",
        "description": description,
        "is_private": True,
        "api_bot_settings": {
            "model_name": "acme/reasoner-2",
            "base_url": "https://llm.acme.example/v1",
            "input_modalities": ["text", "image"],
            "pricing": {"prompt": "0.0000004", "completion": "0.0000016"},
        },
    }
