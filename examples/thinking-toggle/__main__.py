"""A Poe API bot whose users choose whether the model thinks first, and how long."""

import pulumi
import pulumi_poe
from pulumi_poe import controls, section, slider, toggle, when

config = pulumi.Config()

# Each control sets a parameter, by the name that the endpoint knows it by.
thinking = controls(
    section(
        "Thinking",
        toggle("enable_thinking", "Think first", default=True),
        when(
            "enable_thinking",
            eq=True,
            show=[slider("thinking_budget", "Tokens to think", 1024, 32768, step=1024, default=4096)],
        ),
    )
)

bot = pulumi_poe.Bot(
    "reasoner",
    # pulumi config set handle: one that nobody on Poe has yet
    handle=config.require("handle"),
    description="Thinks first, if you like",
    parameter_controls=thinking.parameter_controls,
    api_bot_settings={
        "model_name": "reasoner-2",
        "base_url": config.get("baseUrl") or "https://llm.example.com/v1",
        # pulumi config set --secret endpointKey
        "api_key": config.get_secret("endpointKey") or "the-key-of-your-endpoint",
        "param_definitions": thinking.param_definitions,
        "pricing": pulumi_poe.per_million(input="0.40", output="1.60"),
    },
)

pulumi.export("handle", bot.handle)
pulumi.export("url", bot.url)
