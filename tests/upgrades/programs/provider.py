"""What is added where the version can manage bots of a second account."""

import pulumi
from pulumi_poe import Bot, Provider

settings = pulumi.Config()
other = Provider("other", api_key=settings.require_secret("otherPoeKey"))
Bot(
    "theirs",
    pulumi.ResourceOptions(provider=other),
    handle="Acme-Theirs",
    description="first",
    api_bot_settings={
        "model_name": "acme/theirs",
        "base_url": "https://llm.example.com/v1",
        "api_key": settings.require_secret("endpointKey"),
    },
)
