"""One model as two Poe API bots, a small and a large one, in several stacks."""

import pulumi
import pulumi_poe

config = pulumi.Config()

family = pulumi_poe.BotFamily(
    "reasoner",
    # The stack's name is in the handles of all stacks but prod. They have at most 20 characters, six of them "-small".
    handle=pulumi_poe.stack_handle(config.require("handle"), max_length=14),
    api_bot_settings={
        "base_url": config.get("baseUrl") or "https://llm.example.com/v1",
        # pulumi config set --secret endpointKey
        "api_key": config.get_secret("endpointKey") or "the-key-of-your-endpoint",
        "pricing": pulumi_poe.per_million(input="0.10", output="0.40"),
    },
    bots={
        "small": {
            "description": "Quick, and cheap",
            "api_bot_settings": {"model_name": "reasoner-2-small"},
        },
        "large": {
            "description": "Slower, and better",
            "api_bot_settings": {
                "model_name": "reasoner-2-large",
                "pricing": pulumi_poe.per_million(input="1", output="4"),
            },
        },
    },
)

pulumi.export("urls", {name: bot.url for name, bot in family.bots.items()})
