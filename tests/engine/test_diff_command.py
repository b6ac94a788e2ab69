"""`pulumi-poe diff`: bots on Poe against the state of a real stack."""

from __future__ import annotations

import json
import subprocess

import by_hand
import pytest
from command import COMMAND
from programs import ONE_BOT, many_bots
from stacks import POE_KEY, Stack

from pulumi_poe.emulator import Emulator


@pytest.fixture
def up(stack: Stack) -> Stack:
    stack.holding(ONE_BOT)
    return stack


def diff(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "diff", *arguments], cwd=stack.folder, env=stack.environment, capture_output=True, text=True
    )


def test_a_bot_that_is_as_the_state_says_exits_0(up: Stack, poe: Emulator) -> None:
    poe.options.normalise_prices = True  # another spelling is no difference

    done = diff(up, "live_bot")

    assert (done.returncode, done.stdout) == (0, "Bot 'Live-Bot': Poe has what the state says.\n")


def test_what_was_edited_by_hand_is_shown_field_by_field_and_exits_7(up: Stack, poe: Emulator) -> None:
    by_hand.edit(poe, description="second", api_bot_settings={"model_name": "model-1", "context_size": 9})

    done = diff(up, "Live-Bot", "--stack", "dev")

    assert done.returncode == 7
    rows = [line.split(None, 2) for line in done.stdout.splitlines()[2:]]
    assert ["description", '"first"', '"second"'] in rows
    assert ["api_bot_settings.pricing.prompt", '"0.0000010"', "(nothing)"] in rows
    assert "context_size" not in done.stdout


def test_the_differences_can_be_had_as_json_without_a_key(up: Stack, poe: Emulator) -> None:
    by_hand.edit(poe, is_private=True)

    done = diff(up, "Live-Bot", "--json")

    assert json.loads(done.stdout) == [
        {
            "handle": "Live-Bot",
            "differences": [{"path": "is_private", "state": False, "poe": True}],
            "error": None,
        }
    ]
    assert POE_KEY not in done.stdout + done.stderr
    assert "sk-endpoint" not in done.stdout + done.stderr


def test_without_a_handle_all_bots_of_the_stack_are_compared_with_one_request(stack: Stack, poe: Emulator) -> None:
    stack.holding(many_bots(3))
    (edited,) = [bot for bot in poe.bots() if bot["handle"] == "Many-1"]
    poe.seed(poe.api_key, {**edited, "description": "by hand"})
    poe.requests.clear()

    done = diff(stack)

    assert done.returncode == 7, done.stderr
    assert done.stdout.splitlines()[2].split() == ["Many-1", "description", '"first"', '"by', 'hand"']
    assert done.stdout.endswith("3 bots: 2 as the state says, 1 different.\n")
    assert [(request.method, request.path) for request in poe.requests] == [("GET", "/bots")]


def test_a_stack_without_bots_differs_in_nothing(stack: Stack) -> None:
    done = diff(stack)

    assert (done.returncode, done.stdout) == (0, "The selected stack has no bots.\n")


def test_what_is_secret_in_the_state_is_not_compared(stack: Stack, poe: Emulator) -> None:
    secret = ONE_BOT.replace('description="first"', 'description=pulumi.Output.secret("first")')
    stack.holding(secret)
    by_hand.edit(poe, description="second")

    assert diff(stack, "Live-Bot").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Other-Bot"], "diff bot 'Other-Bot': the selected stack has no such bot."),
        (["Live-Bot", "--stack", "nowhere"], "no stack named 'nowhere' found"),
    ],
)
def test_what_is_not_there_is_one_line(up: Stack, arguments: list[str], said: str) -> None:
    done = diff(up, *arguments)

    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_bot_that_poe_no_longer_has_is_one_line(up: Stack, poe: Emulator) -> None:
    by_hand.delete(poe, "Live-Bot")

    done = diff(up, "Live-Bot")

    assert done.returncode == 1
    assert "diff bot 'Live-Bot': the account of this key has no such bot." in done.stderr
