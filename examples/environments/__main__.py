"""One Poe API bot in several stacks, each with its own handle, endpoint, prices and privacy."""

import pulumi
import pulumi_poe

config = pulumi.Config()
stack = pulumi.get_stack()
is_prod = stack == "prod"

bot = pulumi_poe.Bot(
    "reasoner",
    # Handles are unique on all of Poe. The stack's name in the handle keeps two stacks from sharing a bot, and a new
    # stack needs no thought. A handle has at most 20 characters, and "-staging" has 8.
    handle=pulumi_poe.stack_handle(config.require("handle")),
    description="Acme's reasoning model" if is_prod else f"Acme's reasoning model ({stack})",
    # A stack that does not say otherwise shows its bot to nobody else.
    is_private=config.get_bool("private", True),
    api_bot_settings={
        "model_name": "reasoner-2",
        # Required: a stack without an address of its own must not end up at another stack's endpoint.
        "base_url": config.require("baseUrl"),
        "api_key": config.get_secret("endpointKey"),
        "pricing": pulumi_poe.per_million(input=config.require("inputPrice"), output=config.require("outputPrice")),
    },
    # Users have this bot: no `pulumi destroy` and no change of the handle may delete it by mistake.
    opts=pulumi.ResourceOptions(protect=is_prod),
)

pulumi.export("handle", bot.handle)
pulumi.export("url", bot.url)
