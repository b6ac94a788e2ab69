"""A Poe API bot beside the endpoint that serves it."""

import pulumi
import pulumi_poe
from serving import Serving

config = pulumi.Config()

serving = Serving("serving", model="reasoner-2")

bot = pulumi_poe.Bot(
    "reasoner",
    # pulumi config set handle: one that nobody on Poe has yet
    handle=config.require("handle"),
    description="Acme's reasoning model",
    is_private=False,
    api_bot_settings={
        "model_name": serving.model,
        "base_url": pulumi.Output.concat(serving.address, "/v1"),
        "api_key": config.get_secret("endpointKey") or "the-key-of-your-endpoint",
        "context_size": 262144,
        "input_modalities": ["text", "image"],
        "supported_features": ["tools"],
        "pricing": pulumi_poe.per_million(input="0.40", output="1.60"),
    },
)

pulumi.export("endpoint", serving.address)
pulumi.export("url", bot.url)
