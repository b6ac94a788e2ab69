"""One model as several bots: each lives a life of its own."""

from __future__ import annotations

from canaries import ENDPOINT_KEY, assert_no_key_was_seen
from stacks import OTHER_POE_KEY, Stack

from pulumi_poe.emulator import Emulator

SHARED = f"""
shared = {{"base_url": "https://llm.example.com/v1", "api_key": pulumi.Output.secret({ENDPOINT_KEY!r})}}
"""
TWO = """
pulumi_poe.BotFamily("model", handle="Acme", description="first", api_bot_settings=shared, bots={
    "small": {"api_bot_settings": {"model_name": "small"}},
    "large": {"api_bot_settings": {"model_name": "large"}},
})
"""
THREE = TWO.replace('"small": {', '"medium": {"api_bot_settings": {"model_name": "medium"}},\n    "small": {')
ALONE = """
Bot("model-small", handle="Acme-small", description="first", api_bot_settings={**shared, "model_name": "small"})
"""
MOVED_IN = TWO.replace(
    '"small": {',
    '"small": {"opts": pulumi.ResourceOptions(aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]), ',
)


def writes(poe: Emulator) -> list[str]:
    return [f"{request.method} {request.path}" for request in poe.requests if request.method != "GET"]


def test_a_family_is_its_bots_and_a_second_up_changes_nothing(stack: Stack, poe: Emulator) -> None:
    stack.holding(SHARED + TWO)

    assert {bot["handle"]: bot["api_bot_settings"]["model_name"] for bot in poe.bots()} == {
        "Acme-small": "small",
        "Acme-large": "large",
    }
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_a_bot_that_is_added_or_taken_out_touches_no_other(stack: Stack, poe: Emulator) -> None:
    stack.holding(SHARED + TWO)

    stack.program(SHARED + THREE).up().succeeded()
    stack.program(SHARED + TWO).up().succeeded()

    assert writes(poe) == ["POST /bots", "DELETE /bots/Acme-medium"]


def test_what_is_shared_changes_all_of_them_with_one_write_each(stack: Stack, poe: Emulator) -> None:
    stack.holding(SHARED + TWO)

    stack.program(SHARED + TWO.replace("first", "second")).up().succeeded()

    assert sorted(writes(poe)) == ["PATCH /bots/Acme-large", "PATCH /bots/Acme-small"]


def test_a_bot_that_stood_alone_moves_in_without_a_write(stack: Stack, poe: Emulator) -> None:
    stack.holding(SHARED + ALONE)

    run = stack.program(SHARED + MOVED_IN).up().succeeded()

    assert writes(poe) == ["POST /bots"], run.output  # of the other one
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-small", "Acme-large"]
    stack.program(SHARED + TWO).preview("--expect-no-changes").succeeded()


def test_a_family_may_be_in_another_account(stack: Stack, poe: Emulator) -> None:
    provider = f"""
import os
other = pulumi_poe.Provider("other", api_key={OTHER_POE_KEY!r}, api_url=os.environ["POE_API_URL"])
"""
    family = TWO.replace('"model", ', '"model", pulumi.ResourceOptions(provider=other), ')

    stack.program(SHARED + provider + family).up().succeeded()

    assert sorted(bot["handle"] for bot in poe.bots(OTHER_POE_KEY)) == ["Acme-large", "Acme-small"]


def test_the_endpoints_key_alone_is_a_secret(stack: Stack) -> None:
    stack.program(SHARED + TWO).up("--skip-preview=false", "--diff").succeeded()

    for bot in stack.bots().values():
        assert "ciphertext" in bot["inputs"]["api_bot_settings"]["api_key"]
        assert bot["inputs"]["api_bot_settings"]["base_url"] == "https://llm.example.com/v1"
    assert_no_key_was_seen(stack)


def test_two_bots_of_one_handle_are_refused_in_the_preview(stack: Stack) -> None:
    twins = TWO.replace('"large": {', '"large": {"handle": "acme.small", ')

    run = stack.program(SHARED + twins).preview().failed()

    assert "one resource. Handles are compared without case" in run.output
