"""Stack config, then environment, then default; and never a stack's real key to the local Poe."""

from __future__ import annotations

import pytest
from programs import ONE_BOT
from stacks import POE_KEY, Stack, StackFactory

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells


def test_stack_config_goes_before_the_environment(new_stack: StackFactory, poe: Emulator) -> None:
    stack = new_stack(POE_API_KEY="of-the-shell").program(ONE_BOT).init()
    stack.config("poe:apiUrl", poe.url).config("poe:apiKey", f"  {POE_KEY}  ", secret=True)

    stack.up().succeeded()

    assert [bot["handle"] for bot in poe.bots()] == ["Live-Bot"]


def test_a_key_of_the_stack_config_is_not_sent_to_an_address_of_the_environment(stack: Stack, poe: Emulator) -> None:
    stack.config("poe:apiKey", "the-real-key", secret=True).program(ONE_BOT)

    run = stack.up(POE_API_KEY="").failed()

    assert "POE_API_URL comes from the environment, so the key must too" in run.output
    assert poe.requests == []


def test_an_empty_variable_counts_as_unset(new_stack: StackFactory) -> None:
    run = new_stack(POE_API_KEY=" ", POE_API_URL="").program(ONE_BOT).init().preview()

    assert "WARNING" not in run.succeeded().output


def test_without_settings_the_address_is_poes_own(new_stack: StackFactory) -> None:
    stack = new_stack(POE_API_KEY="key", POE_PREVIEW_TIMEOUT="1", POE_OPERATION_TIMEOUT="1").program(ONE_BOT).init()

    # No name is looked up here: a proxy that is not there stands for a network that is not there.
    run = stack.up(HTTPS_PROXY="http://127.0.0.1:1").failed()

    assert "Is https://api.poe.com the right address" in run.output
