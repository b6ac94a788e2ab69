"""What is found out about bots that were removed elsewhere. What was changed is test_drift's."""

from __future__ import annotations

import by_hand
import pytest
from programs import ONE_BOT
from stacks import Stack

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells


def test_a_bot_deleted_by_hand_leaves_the_state_and_is_created_again(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)
    by_hand.delete(poe, "Live-Bot")

    stack.refresh().succeeded()
    assert stack.bots() == {}
    stack.up().succeeded()
    assert [bot["handle"] for bot in poe.bots()] == ["Live-Bot"]


def test_an_update_of_a_bot_that_was_deleted_by_hand_creates_it_again(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)
    by_hand.delete(poe, "Live-Bot")

    run = stack.program(ONE_BOT.replace("first", "second")).up().succeeded()

    assert "was gone from Poe and is created again" in run.output
    assert poe.bots()[0]["description"] == "second"


def test_destroy_of_a_bot_that_was_deleted_by_hand_succeeds(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)
    by_hand.delete(poe, "Live-Bot")

    stack.destroy().succeeded()


def test_another_poe_makes_no_bot_vanish_unless_told_that_it_is_gone(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)
    with Emulator(accounts={"ours": poe.api_key}) as another:
        run = stack.refresh(POE_API_URL=another.url).failed()
        assert "not the one that last saw this bot" in run.output
        assert "POE_MISSING_IS_GONE=Live-Bot" in run.output
        assert list(stack.bots()) == ["live"]

        stack.refresh(POE_API_URL=another.url, POE_MISSING_IS_GONE="Live-Bot").succeeded()
    assert stack.bots() == {}


def test_a_refresh_without_a_key_says_so_and_keeps_the_bot(stack: Stack) -> None:
    stack.holding(ONE_BOT)

    run = stack.refresh(POE_API_KEY="").failed()

    assert "read bot 'Live-Bot': no Poe API key is set" in run.output
    assert list(stack.bots()) == ["live"]
