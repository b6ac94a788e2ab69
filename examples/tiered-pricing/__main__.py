"""A Poe API bot whose long prompts cost more, and whose cached tokens cost less."""

import pulumi
import pulumi_poe
from pulumi_poe import per_million, tiers

config = pulumi.Config()

bot = pulumi_poe.Bot(
    "long-reader",
    # pulumi config set handle: one that nobody on Poe has yet
    handle=config.require("handle"),
    description="Reads long texts",
    api_bot_settings={
        "model_name": "reader-2",
        "base_url": config.get("baseUrl") or "https://llm.example.com/v1",
        # pulumi config set --secret endpointKey
        "api_key": config.get_secret("endpointKey") or "the-key-of-your-endpoint",
        "context_size": 1_000_000,
        "max_input_tokens": 900_000,
        # USD per million tokens. Poe wants them per token, which the builders make of them exactly.
        "pricing": per_million(
            input="0.40",
            output="1.60",
            cached_input="0.10",
            context_pricing=tiers(
                {
                    # From so many tokens of a prompt on. What a tier leaves out stays as above.
                    32_000: per_million(input="0.60", output="2.40"),
                    200_000: per_million(input="1.20", output="4.80", cached_input="0.30"),
                }
            ),
        ),
    },
)

pulumi.export("handle", bot.handle)
pulumi.export("url", bot.url)
