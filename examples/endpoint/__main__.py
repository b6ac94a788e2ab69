"""A Poe API bot beside the endpoint that serves it."""

import pulumi
import pulumi_poe
from serving import Serving

config = pulumi.Config()

serving = Serving("serving", model="reasoner-2")

bot = pulumi_poe.Bot(
    "reasoner",
    handle=config.get("handle") or "Acme-Reasoner",
    description="Acme's reasoning model",
    is_private=False,
    api_bot_settings={
        "model_name": serving.model,
        "base_url": pulumi.Output.concat(serving.address, "/v1"),
        "api_key": config.get_secret("endpointKey") or "the-key-of-your-endpoint",
        "context_size": 262144,
        "input_modalities": ["text", "image"],
        "supported_features": ["tools"],
        "pricing": {"prompt": "0.0000004", "completion": "0.0000016"},
    },
)

pulumi.export("endpoint", serving.address)
pulumi.export("url", bot.url)
