"""Some bots, declared with the tutorial's provider."""

import os

import pulumi
from bots import ENDPOINT_KEY, declared  # type: ignore[import-not-found]  # copied into the project
from poe_bot import PoeBot

for number in range(int(os.environ["BENCHMARK_BOTS"])):
    bot = declared(number, os.environ["BENCHMARK_DESCRIPTION"])
    bot["api_bot_settings"]["api_key"] = pulumi.Output.secret(ENDPOINT_KEY)
    PoeBot(f"bot-{number:03}", bot)
