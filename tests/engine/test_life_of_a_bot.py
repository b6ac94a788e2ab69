"""create, no-op, update, replace and destroy, as `pulumi up` does them."""

from __future__ import annotations

from typing import Any

import pytest
from full_example import FULL_EXAMPLE
from programs import ONE_BOT, many_bots
from stacks import Stack

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells


def requests(poe: Emulator) -> list[str]:
    return [f"{request.method} {request.path}" for request in poe.requests]


def bot_on(poe: Emulator, handle: str) -> dict[str, Any]:
    return next(bot for bot in poe.bots() if bot["handle"] == handle)


def test_up_creates_the_bot(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)

    assert bot_on(poe, "Live-Bot")["api_bot_settings"]["api_key"] == "sk-endpoint"
    assert stack.bots()["live"]["id"] == "Live-Bot"


def test_a_second_up_changes_nothing_and_sends_no_request(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)

    assert "2 unchanged" in stack.up("--expect-no-changes").succeeded().output
    assert requests(poe) == []


def test_the_whole_example_of_the_reference_is_created_and_then_unchanged(stack: Stack, poe: Emulator) -> None:
    stack.holding(f'Bot("full", **{FULL_EXAMPLE!r})')

    controls = bot_on(poe, "Acme-Reasoner")["parameter_controls"]["sections"][0]["controls"]
    assert controls[1]["controls"][1]["default_value"] == 4096
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_an_edited_program_updates_the_bot_in_place(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)

    shown = stack.program(ONE_BOT.replace("0.000002", "0.000003")).preview("--diff").succeeded().output
    stack.up().succeeded()

    assert '~ completion: "0.000002" => "0.000003"' in shown
    assert bot_on(poe, "Live-Bot")["api_bot_settings"]["pricing"]["completion"] == "0.000003"
    assert requests(poe) == ["GET /bots", "PATCH /bots/Live-Bot"]


def test_an_update_keeps_what_was_set_by_hand(stack: Stack, poe: Emulator) -> None:
    poe.options.patch_merge = "shallow"
    stack.holding(ONE_BOT)
    by_hand = bot_on(poe, "Live-Bot")
    by_hand["api_bot_settings"]["pricing"]["input_cache_reads"] = "0.0000001"
    poe.seed(poe.api_key, by_hand)

    stack.program(ONE_BOT.replace("0.000002", "0.000003")).up().succeeded()

    assert bot_on(poe, "Live-Bot")["api_bot_settings"]["pricing"] == {
        "prompt": "0.0000010",
        "completion": "0.000003",
        "input_cache_reads": "0.0000001",
    }


def test_a_property_taken_out_of_the_program_is_removed_from_the_bot(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)

    stack.program(ONE_BOT.replace(', "completion": "0.000002"', "")).up().succeeded()

    assert bot_on(poe, "Live-Bot")["api_bot_settings"]["pricing"] == {"prompt": "0.0000010"}
    assert bot_on(poe, "Live-Bot")["api_bot_settings"]["api_key"] == "sk-endpoint"
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_another_spelling_of_the_handle_is_no_change(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)

    run = stack.program(ONE_BOT.replace("Live-Bot", "live_bot")).up("--expect-no-changes").succeeded()

    assert "the same handle" in run.output
    assert requests(poe) == []


def test_another_handle_replaces_the_bot_and_the_preview_says_what_that_loses(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)

    preview = stack.program(ONE_BOT.replace("Live-Bot", "Next-Bot")).preview().succeeded()
    stack.up().succeeded()

    assert "users, picture and sharing stay with the old one" in preview.output
    assert [bot["handle"] for bot in poe.bots()] == ["Next-Bot"]
    assert stack.bots()["live"]["id"] == "Next-Bot"


def test_destroy_deletes_the_bot(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)

    stack.destroy().succeeded()

    assert poe.bots() == []
    assert stack.bots() == {}


def test_many_bots_cost_hardly_more_requests_than_there_are_bots(stack: Stack, poe: Emulator) -> None:
    count = 12

    def cost(command: str) -> int:
        poe.requests.clear()
        getattr(stack, command)("--parallel=16").succeeded()
        return len(poe.requests)

    stack.program(many_bots(count))
    assert cost("up") <= count + 4
    assert cost("refresh") <= 2
    stack.program(many_bots(count).replace("first", "second"))
    assert cost("up") <= count + 4
    assert cost("destroy") <= count + 4
