"""Some bots, declared with a provider that does nothing."""

import os

import pulumi
from bots import ENDPOINT_KEY, declared
from idle_bot import IdleBot

for number in range(int(os.environ["BENCHMARK_BOTS"])):
    bot = declared(number, os.environ["BENCHMARK_DESCRIPTION"])
    bot["api_bot_settings"]["api_key"] = pulumi.Output.secret(ENDPOINT_KEY)
    IdleBot(f"bot-{number:03}", bot)
