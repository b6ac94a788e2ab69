"""Some bots, declared with pulumi_poe."""

import os

import pulumi
from bots import ENDPOINT_KEY, declared  # type: ignore[import-not-found]  # copied into the project

from pulumi_poe import Bot

for number in range(int(os.environ["BENCHMARK_BOTS"])):
    bot = declared(number, os.environ["BENCHMARK_DESCRIPTION"])
    bot["api_bot_settings"]["api_key"] = pulumi.Output.secret(ENDPOINT_KEY)
    Bot(f"bot-{number:03}", **bot)
