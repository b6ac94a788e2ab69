"""What Poe's documentation leaves open: whichever way it is, the stack comes to rest and says what it can't do."""

from __future__ import annotations

import math

import pytest
from full_example import FULL_EXAMPLE
from programs import ONE_BOT
from stacks import Stack

from pulumi_poe.core.values.trees import without
from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

PRICE = ("api_bot_settings", "pricing", "input_cache_reads")


@pytest.mark.long
def test_a_bot_lives_under_every_other_reading_of_the_documentation(stack: Stack, poe: Emulator) -> None:
    poe.options.patch_merge = "shallow"
    poe.options.materialise_defaults = True
    poe.options.normalise_prices = True
    poe.options.refuse_unknown_fields = True
    first = {**FULL_EXAMPLE, "description": "first"}

    for declared in (FULL_EXAMPLE, first, without(first, [PRICE])):
        stack.program(f'Bot("full", **{declared!r})').up().succeeded()
        stack.preview("--refresh", "--expect-no-changes").succeeded()

    assert "input_cache_reads" not in poe.bots()[0]["api_bot_settings"]["pricing"]
    stack.destroy().succeeded()
    assert poe.bots() == []


def test_what_poe_silently_drops_is_shown_as_drift(stack: Stack, poe: Emulator) -> None:
    poe.options.dropped_fields = ("api_bot_settings.pricing.completion",)
    stack.holding(ONE_BOT)

    run = stack.preview("--refresh", "--expect-no-changes", "--diff")

    assert run.exit_code == 7
    assert '+ completion: "0.000002"' in run.output


def test_a_handle_that_poe_still_reserves_is_told_and_the_bot_comes_back_later(stack: Stack, poe: Emulator) -> None:
    poe.options.reserve_deleted_handles = math.inf
    stack.holding(ONE_BOT)
    stack.destroy().succeeded()

    run = stack.up().failed()

    assert "belongs to another Poe account, or Poe still keeps it for a bot that was deleted" in run.output
    poe.options.reserve_deleted_handles = 0
    stack.up().succeeded()
    stack.preview("--refresh", "--expect-no-changes").succeeded()
