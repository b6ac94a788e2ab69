"""Drift: what somebody changed on poe.com is shown field by field and repaired; nothing else is ever shown."""

from __future__ import annotations

import by_hand
import pytest
from full_example import FULL_EXAMPLE
from programs import ONE_BOT, many_bots
from stacks import Stack

from pulumi_poe.core.bot import comparing
from pulumi_poe.core.values.trees import overlay
from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

FULL = f"Bot('full', **{FULL_EXAMPLE!r})"
EDITED = {
    "description": "by hand",
    "api_bot_settings": {"context_size": 300_000, "pricing": {"completion": "0.000003"}},
}


def edit(poe: Emulator) -> None:
    (bot,) = poe.bots()
    poe.seed(poe.api_key, overlay(EDITED, bot))


@pytest.fixture
def drifted(stack: Stack, poe: Emulator) -> Stack:
    """A stack whose bot was edited by hand."""
    stack.holding(FULL)
    edit(poe)
    return stack


def test_a_refresh_shows_each_field_that_was_changed_and_no_other(drifted: Stack) -> None:
    shown = drifted.pulumi("refresh", "--preview-only", "--diff").succeeded().output

    assert [" ".join(line.split()) for line in shown.splitlines() if " => " in line] == [
        "~ context_size: 262144 => 300000",
        '~ completion: "0.0000016" => "0.000003"',
        '~ description : "Acme\'s reasoning model" => "by hand"',
    ]


def test_a_preview_with_a_refresh_shows_each_field_and_the_way_back(drifted: Stack) -> None:
    shown = drifted.preview("--refresh", "--diff").succeeded().output

    # The engine shows what the refresh found, and then what the update would do about it.
    assert '"Acme\'s reasoning model" => "by hand"' in shown
    assert '"by hand" => "Acme\'s reasoning model"' in shown
    assert "300000 => 262144" in shown
    assert '"0.000003" => "0.0000016"' in shown


def test_the_next_up_repairs_it(drifted: Stack, poe: Emulator) -> None:
    assert drifted.preview("--refresh", "--expect-no-changes").exit_code == 7
    drifted.refresh().succeeded()
    assert drifted.preview("--expect-no-changes").exit_code != 0

    drifted.up().succeeded()

    (bot,) = poe.bots()
    assert comparing.differing(bot, FULL_EXAMPLE) == []
    drifted.preview("--refresh", "--expect-no-changes").succeeded()


def test_what_nobody_declared_is_no_drift(stack: Stack, poe: Emulator) -> None:
    poe.options.materialise_defaults = True
    poe.options.normalise_prices = True
    stack.holding(FULL)
    (bot,) = poe.bots()
    settings = bot["api_bot_settings"]
    poe.seed(
        poe.api_key,
        {
            **bot,
            "greeting": "a field that Poe has and the program does not",
            "api_bot_settings": {
                **settings,
                "api_key": "another key, which Poe never shows",
                "input_modalities": settings["input_modalities"][::-1],
                "new_setting": {"deep": [1, 2]},
                "pricing": {**settings["pricing"], "prompt": "0.00000040", "image": "0.1"},
            },
        },
    )

    stack.pulumi("refresh", "--preview-only", "--expect-no-changes").succeeded()
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_a_bot_that_declares_hardly_anything_drifts_in_hardly_anything(stack: Stack, poe: Emulator) -> None:
    stack.holding('Bot("bare", handle="Bare-Bot")')
    by_hand.edit(poe, description="by hand", is_private=False, api_bot_settings={"model_name": "by hand"})

    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_a_refresh_asks_for_the_list_once_and_for_what_it_lacks_by_name(stack: Stack, poe: Emulator) -> None:
    stack.holding(many_bots(40))
    by_hand.delete(poe, "Many-7")
    by_hand.delete(poe, "Many-30")
    poe.requests.clear()

    stack.refresh("--skip-preview", "--parallel=64").succeeded()

    sent = sorted(request.path for request in poe.requests)
    assert sent == ["/bots", "/bots/Many-30", "/bots/Many-7"]
    assert len(stack.bots()) == 38


def test_a_rotated_endpoint_key_on_poe_can_not_be_seen_and_is_no_drift(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)
    (bot,) = poe.bots()
    poe.seed(poe.api_key, overlay({"api_bot_settings": {"api_key": "rotated by hand"}}, bot))

    stack.preview("--refresh", "--expect-no-changes").succeeded()
