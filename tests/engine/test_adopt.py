"""Bots that exist: who may take them over, and who may not."""

from __future__ import annotations

import pytest
from programs import ONE_BOT
from stacks import OTHER_POE_KEY, Stack

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

BY_HAND = {
    "handle": "live.bot",
    "description": "made by hand",
    "api_bot_settings": {"model_name": "by hand", "pricing": {"input_cache_reads": "0.0000001"}},
}


def writes(poe: Emulator) -> list[str]:
    return [f"{request.method} {request.path}" for request in poe.requests if request.method != "GET"]


def test_up_refuses_a_bot_that_the_account_has_and_names_the_ways_out(stack: Stack, poe: Emulator) -> None:
    poe.seed(poe.api_key, BY_HAND)

    run = stack.program(ONE_BOT).up().failed()

    assert writes(poe) == []
    ways = ["aliases", "adopt=True", "pulumi config set poe:adopt Live-Bot", "docs/troubleshooting.md"]
    places = [run.output.index(way) for way in ways]
    assert places == sorted(places)


def test_adopt_takes_the_bot_over_with_one_write_and_keeps_what_is_not_declared(stack: Stack, poe: Emulator) -> None:
    poe.seed(poe.api_key, BY_HAND)

    stack.program(ONE_BOT.replace('"live",', '"live", adopt=True,')).up().succeeded()

    assert writes(poe) == ["PATCH /bots/Live-Bot"]
    (bot,) = poe.bots()
    assert bot["description"] == "first"
    assert bot["api_bot_settings"]["pricing"]["input_cache_reads"] == "0.0000001"


def test_adopt_is_not_in_the_state_and_leaving_it_out_later_changes_nothing(stack: Stack, poe: Emulator) -> None:
    poe.seed(poe.api_key, BY_HAND)
    stack.holding(ONE_BOT.replace('"live",', '"live", adopt=True,'))

    state = stack.bots()["live"]

    assert "adopt" not in state["inputs"]
    assert "adopt" not in state["outputs"]
    stack.preview("--refresh", "--expect-no-changes").succeeded()
    stack.program(ONE_BOT).preview("--expect-no-changes").succeeded()


def test_a_handle_in_the_adopt_list_is_taken_over_without_a_change_of_the_program(stack: Stack, poe: Emulator) -> None:
    poe.seed(poe.api_key, BY_HAND)

    stack.config("poe:adopt", "other,LiveBot").program(ONE_BOT).up().succeeded()

    assert writes(poe) == ["PATCH /bots/Live-Bot"]


def test_a_bot_that_is_no_api_bot_is_not_adopted(stack: Stack, poe: Emulator) -> None:
    poe.seed(poe.api_key, {"handle": "Live-Bot", "description": "a prompt bot"})

    run = stack.program(ONE_BOT.replace('"live",', '"live", adopt=True,')).up().failed()

    assert "no API bot" in run.output
    assert writes(poe) == []


def test_a_handle_of_another_account_is_refused_by_poe_and_the_error_says_so(stack: Stack, poe: Emulator) -> None:
    poe.seed(OTHER_POE_KEY, BY_HAND)

    run = stack.program(ONE_BOT).up().failed()

    assert "create bot 'Live-Bot': Poe answered 400" in run.errors[0]
    assert (
        "belongs to another Poe account, or Poe still keeps it for a bot that was deleted. Handles are compared "
        "without case, '-', '_' and '.'. Choose another, or try again later." in run.errors[0]
    )
    assert poe.bots()[0]["description"] == "made by hand"


def test_a_resource_renamed_with_an_alias_changes_nothing(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)

    renamed = ONE_BOT.replace('"live",', '"new", pulumi.ResourceOptions(aliases=[pulumi.Alias(name="live")]),')
    stack.program(renamed).up().succeeded()

    assert poe.requests == []
    assert list(stack.bots()) == ["new"]


def test_a_resource_renamed_without_an_alias_is_refused(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)
    before = poe.bots()

    stack.program(ONE_BOT.replace('"live",', '"new",')).up().failed()

    assert poe.bots() == before
    assert list(stack.bots()) == ["live"]


def test_a_resource_renamed_without_an_alias_that_adopts_keeps_its_bot(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)

    run = stack.program(ONE_BOT.replace('"live",', '"new", adopt=True,')).up().succeeded()

    assert "bot 'Live-Bot' is kept: another resource of this stack manages it now" in run.output
    assert [bot["handle"] for bot in poe.bots()] == ["Live-Bot"]
    assert list(stack.bots()) == ["new"]


def test_a_handle_declared_twice_is_refused(stack: Stack, poe: Emulator) -> None:
    twice = ONE_BOT + ONE_BOT.replace('"live"', '"again"').replace("Live-Bot", "live_bot")

    run = stack.program(twice).up("--skip-preview=false").failed()

    assert "of this program declares the bot" in run.output
    assert writes(poe) == []


@pytest.mark.dynamic_only("the program says what YAML can't")
def test_resources_of_one_name_under_different_parents_are_two(stack: Stack, poe: Emulator) -> None:
    run = (
        stack.program(
            """
        class Group(pulumi.ComponentResource):
            def __init__(self, name, handle):
                super().__init__(f"example:index:{name}", name)
                Bot("bot", pulumi.ResourceOptions(parent=self), handle=handle, adopt=True)

        Group("first", "Same-Handle")
        Group("second", "samehandle")
        """
        )
        .up()
        .failed()
    )

    # The engine may check either first, and the other is refused.
    refused = [
        "the resource 'first/bot' (bot 1 of the program) of this program declares the bot 'samehandle' too",
        "the resource 'second/bot' (bot 2 of the program) of this program declares the bot 'Same-Handle' too",
    ]
    assert [said in run.output for said in refused].count(True) == 1
    assert len(writes(poe)) <= 1
