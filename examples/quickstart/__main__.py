"""A Poe API bot for a model that you already serve."""

import pulumi
import pulumi_poe

config = pulumi.Config()

bot = pulumi_poe.Bot(
    "my-bot",
    # pulumi config set handle: one that nobody on Poe has yet
    handle=config.require("handle"),
    description="My model, on Poe",
    api_bot_settings={
        "model_name": "my-model",
        "base_url": "https://llm.example.com/v1",
        # pulumi config set --secret endpointKey
        "api_key": config.get_secret("endpointKey") or "the-key-of-your-endpoint",
        "pricing": {"prompt": "0.000001", "completion": "0.000002"},
    },
)

pulumi.export("handle", bot.handle)
pulumi.export("url", bot.url)
