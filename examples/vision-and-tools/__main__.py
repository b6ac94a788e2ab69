"""A Poe API bot that sees images and calls tools."""

import pulumi
import pulumi_poe

config = pulumi.Config()

bot = pulumi_poe.Bot(
    "observer",
    # pulumi config set handle: one that nobody on Poe has yet
    handle=config.require("handle"),
    description="Sees images and calls tools",
    api_bot_settings={
        "model_name": "observer-2",
        "base_url": config.get("baseUrl") or "https://llm.example.com/v1",
        # pulumi config set --secret endpointKey
        "api_key": config.get_secret("endpointKey") or "the-key-of-your-endpoint",
        # What users may attach, and what the model answers with.
        "input_modalities": ["text", "image"],
        "output_modalities": ["text"],
        # What programs that call the bot may ask of it.
        "supported_features": ["tools"],
        "context_size": 128_000,
        "pricing": pulumi_poe.per_million(input="0.80", output="3.20"),
    },
)

pulumi.export("handle", bot.handle)
pulumi.export("url", bot.url)
