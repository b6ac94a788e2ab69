"""The program as it was first: some of its bots had other names, spellings and values."""

import pulumi
from pulumi_poe import Bot, controls, drop_down, per_million, section, slider, text_field, toggle, when

config = pulumi.Config()
endpoint = {
    "base_url": "https://llm.example.com/v1",
    "api_key": config.require_secret("endpointKey"),
}


class Team(pulumi.ComponentResource):
    """Bots that belong together."""

    def __init__(self, name: str) -> None:
        super().__init__("acme:index:Team", name)
        for size in ("small", "large"):
            Bot(
                f"{name}-{size}",
                pulumi.ResourceOptions(parent=self),
                handle=f"Acme-{name}-{size}",
                description="first",
                api_bot_settings={"model_name": f"acme/{size}", **endpoint},
            )


think = toggle("think", "Think first", default=True)
budget = slider("budget", "Budget", 0, 32768, step=1024, default=4096)
ui = controls(
    section("Thinking", think, when("think", eq=True, show=[budget])),
    section("Output", drop_down("size", "Size", {"s": "Small", "l": "Large"}, default="s"), text_field("word", "Word")),
)
minimal = Bot("minimal", handle="Acme-Minimal", api_bot_settings={"model_name": "acme/minimal", **endpoint})
full = Bot(
    "full",
    handle="Acme-Full",
    description="first",
    is_private=False,
    api_bot_settings={
        "model_name": "acme/full",
        "api_type": "chat_completions_api",
        "max_input_tokens": 200000,
        "context_size": 262144,
        "input_modalities": ["text", "image"],
        "output_modalities": ["text"],
        "supported_features": ["tools"],
        "pricing": {
            **per_million(input="1.00", output="1.60"),
            "input_cache_reads": "0.0000010",
            "context_pricing": {
                "tiers": [
                    {"min_tokens": 32000, "max_tokens": 128000, "prompt": "0.0000006"},
                    {"min_tokens": 128000, "max_tokens": None, "prompt": "0.0000009", "completion": "0.000003"},
                ]
            },
        },
        "param_definitions": ui.param_definitions,
        **endpoint,
    },
    parameter_controls=ui.parameter_controls,
    extra={"greeting": "Hello"},
)
Bot("spelt", handle="Acme-Spelt-Bot", description="first", api_bot_settings={"model_name": "acme/spelt", **endpoint})
Bot("before", handle="Acme-Renamed", description="first", api_bot_settings={"model_name": "acme/renamed", **endpoint})
Bot(
    "ignored",
    pulumi.ResourceOptions(ignore_changes=["description"]),
    handle="Acme-Ignored",
    description="first",
    api_bot_settings={"model_name": "acme/ignored", **endpoint},
)
Bot("adopted", handle="Acme-Adopted", api_bot_settings={"model_name": "acme/adopted", **endpoint}, adopt=True)
Team("team")
pulumi.export("url", full.url)
pulumi.export("minimal", minimal.handle)
