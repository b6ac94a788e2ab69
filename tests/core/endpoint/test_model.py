"""What an endpoint has in common with a bot is the same."""

from __future__ import annotations

from typing import get_args

from pulumi_poe.core.bot.model import ApiBotSettings
from pulumi_poe.core.bot.shape import properties
from pulumi_poe.core.endpoint.model import Check, Endpoint
from pulumi_poe.program import endpoint


def test_a_bot_takes_what_an_endpoint_has_but_for_how_it_is_asked() -> None:
    of_a_bot, of_an_endpoint = properties(ApiBotSettings), properties(Endpoint)
    assert of_an_endpoint.keys() - of_a_bot.keys() == {"wait", "checks", "triggers"}
    for name in ("api_type", "supported_features", "input_modalities"):
        assert of_an_endpoint[name] == of_a_bot[name]


def test_a_program_has_the_same_checks() -> None:
    assert get_args(endpoint.Check) == get_args(Check)
