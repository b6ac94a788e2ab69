"""A small language model on this machine, and the Poe API bot that it serves."""

import pulumi
import pulumi_poe
from model_server import ModelServer
from pulumi_poe import controls, section, slider

config = pulumi.Config()
# pulumi config set --secret endpointKey
key = config.get_secret("endpointKey") or "the-key-of-your-endpoint"

server = ModelServer("model", port=config.get_int("port") or 8793, api_key=key)

# Waits until the model answers as Poe needs it to; asks again when there is another process.
endpoint = pulumi_poe.Endpoint(
    "endpoint", base_url=server.base_url, model_name="smollm2", api_key=key, triggers=[server.pid]
)

answers = controls(
    section(
        "Answers",
        slider("temperature", "Temperature", 0, 1.5, step=0.1, default=0.2),
        slider("max_tokens", "Length in tokens", 32, 1024, step=32, default=256),
    )
)

bot = pulumi_poe.Bot(
    "self-hosted",
    # pulumi config set handle: one that nobody on Poe has yet
    handle=config.require("handle"),
    description="A small model, served by the machine that declares it",
    parameter_controls=answers.parameter_controls,
    api_bot_settings={
        "model_name": endpoint.model_name,
        "base_url": endpoint.base_url,
        "api_key": endpoint.api_key,
        "context_size": 4096,
        "param_definitions": answers.param_definitions,
        "pricing": pulumi_poe.per_million(input="0.02", output="0.08", cached_input="0.01"),
    },
)

pulumi.export("handle", bot.handle)
pulumi.export("pid", server.pid)
