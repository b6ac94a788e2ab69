"""Mistakes in a program, as a preview shows them before anybody merges."""

from __future__ import annotations

import by_hand
import pytest
from programs import ONE_BOT
from stacks import Stack, StackFactory

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

THREE_BOTS_WITH_TWENTY_MISTAKES = """
Bot("first", handle="First Bot", is_private="no", api_bot_settings={
    "model": "m", "base_url": "https://me:word@llm.example.com/v1/chat/completions?key=sk-canary", "api_key": 7,
    "api_type": "chat_completions", "input_modalities": ["text", "audio"], "max_input_tokens": 9, "context_size": 8,
    "pricing": {"prompt": "$0.40", "completion": -1, "cached": "0.1", "context_pricing": {"tiers": [
        {"min_tokens": 0, "max_tokens": 9}, {"min_tokens": 8}]}}})
Bot("second", handle="Second-Bot", parameter_controls={"api_version": "2", "sections": [{"controls": [
    {"control": "slide", "label": "A", "parameter_name": "a"},
    {"control": "slider", "label": "B", "parameter_name": "poe_b", "min_value": 5, "max_value": 1, "step": 1},
    {"control": "toggle_switch", "label": "C", "parameter_name": "c-c", "default_value": "yes"}]}]})
Bot("third", handle="Third-Bot", extra={"description": "no way round"}, api_bot_settings={"base_url": "llm"})
"""

MISTAKES_OF_THE_FIRST = [
    "handle: may only have letters",
    "is_private: must be true or false",
    "api_bot_settings.model: there is no such property; did you mean 'model_name'?",
    "api_bot_settings.base_url: must not have a user name or password",
    "api_bot_settings.base_url: must not have a query",
    "api_bot_settings.base_url: must end before /chat/completions",
    "api_bot_settings.api_key: must be a string",
    "api_bot_settings.api_type: must be 'chat_completions_api' or 'responses_api'",
    "api_bot_settings.input_modalities[1]: must be 'text', 'image' or 'video'",
    "api_bot_settings.max_input_tokens: is more than context_size",
    "api_bot_settings.pricing.prompt: must be USD per token",
    "api_bot_settings.pricing.completion: must not be negative",
    "api_bot_settings.pricing.cached: there is no such property",
    "api_bot_settings.pricing.context_pricing.tiers[1]: begins within the range of [0]",
]
MISTAKES_OF_THE_SECOND = [
    "controls[0].control: must be one of 'text_field'",
    "controls[1].parameter_name: must not begin with 'poe_'",
    "controls[1].min_value: must be less than max_value",
    "controls[2].parameter_name: may only have letters",
    "controls[2].default_value: must be true or false",
]
MISTAKES_OF_THE_THIRD = [
    "extra.description: is a property of its own",
    "api_bot_settings.base_url: must be an https URL",
]


@pytest.mark.dynamic_only("YAML's host checks the types itself")
def test_a_preview_shows_every_mistake_of_the_first_failing_bot(new_stack: StackFactory) -> None:
    stack = new_stack().program(THREE_BOTS_WITH_TWENTY_MISTAKES).init()

    run = stack.preview().failed()

    # The engine stops at the first bot that fails; which one that is, it decides.
    shown = [
        mistakes
        for mistakes in (MISTAKES_OF_THE_FIRST, MISTAKES_OF_THE_SECOND, MISTAKES_OF_THE_THIRD)
        if any(mistake in error for mistake in mistakes for error in run.errors)
    ]
    assert shown
    for mistake in (mistake for mistakes in shown for mistake in mistakes):
        assert sum(mistake in error for error in run.errors) == 1, mistake
    assert len(run.errors) == sum(map(len, shown))
    assert "sk-canary" not in run.output
    assert run.tracebacks == []


def test_what_is_only_suspicious_is_a_warning_that_does_not_fail_the_preview(new_stack: StackFactory) -> None:
    stack = new_stack().program(ONE_BOT.replace("0.0000010", "0.40")).init()

    run = stack.preview("--diff").succeeded()

    assert run.output.count("WARNING: bot 'Live-Bot': api_bot_settings.pricing.prompt: is more than $1000") == 1


def test_prices_that_are_written_as_numbers_are_sent_as_plain_strings(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT.replace('"0.0000010"', "1e-6").replace('"0.000002"', '"2e-6"'))

    assert poe.bots()[0]["api_bot_settings"]["pricing"] == {"prompt": "0.000001", "completion": "0.000002"}
    stack.preview("--refresh", "--expect-no-changes").succeeded()
    stack.program(ONE_BOT).preview("--expect-no-changes").succeeded()


def test_builders_make_a_bot_that_does_not_drift(stack: Stack, poe: Emulator) -> None:
    stack.program(
        """
        ui = pulumi_poe.controls(
            pulumi_poe.section("Thinking",
                pulumi_poe.toggle("think", "Think first", default=True),
                pulumi_poe.when("think", eq=True, show=[
                    pulumi_poe.slider("budget", "Budget", 0, 32768, step=1024, default=4096)])))
        Bot("live", handle="Live-Bot", parameter_controls=ui.parameter_controls, api_bot_settings={
            "base_url": "https://llm.example.com/v1", "param_definitions": ui.param_definitions,
            "pricing": pulumi_poe.per_million(input="0.40", output="1.60", context_pricing=pulumi_poe.tiers(
                {32_000: pulumi_poe.per_million(input="0.60")}))})
        """
    ).up().succeeded()

    (bot,) = poe.bots()
    assert bot["api_bot_settings"]["pricing"]["prompt"] == "0.0000004"
    assert bot["api_bot_settings"]["param_definitions"][1] == {
        "param_name": "budget",
        "param_dest": "extra_body",
        "default_value": 4096,
    }
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_a_bot_made_public_by_hand_is_made_private_again_although_that_is_the_default(
    stack: Stack, poe: Emulator
) -> None:
    stack.holding(ONE_BOT.replace("is_private=False", "is_private=True"))
    by_hand.edit(poe, is_private=False)

    stack.up("--refresh", "--skip-preview").succeeded()

    assert poe.bots()[0]["is_private"] is True


def test_beginning_to_declare_a_default_is_an_update_of_that_property(stack: Stack) -> None:
    stack.holding(ONE_BOT.replace("is_private=False, ", ""))

    run = stack.program(ONE_BOT.replace("is_private=False", "is_private=True")).preview("--diff").succeeded()

    assert "+ is_private: true" in run.output
    assert "1 to update" in run.output


def test_a_field_that_poe_adds_later_is_sent_through_extra_and_shown_in_the_diff(stack: Stack, poe: Emulator) -> None:
    extra = 'extra={"greeting": "Hi", "api_bot_settings": {"audio": True, "audio_key": pulumi.Output.secret("sk-aux")}}'
    stack.holding(ONE_BOT)

    program = stack.program(ONE_BOT.replace("is_private=False", f"is_private=False, {extra}"))
    shown = program.preview("--diff").succeeded().output
    stack.up("--diff").succeeded()

    assert '+ greeting        : "Hi"' in shown or '+ greeting: "Hi"' in shown
    added = {"greeting": "Hi", "api_bot_settings": {"audio": True, "audio_key": "sk-aux"}}
    assert poe.requests[-1].body == added
    assert poe.bots()[0]["api_bot_settings"]["model_name"] == "model-1"
    assert not any("sk-aux" in run.output for run in stack.runs)
    assert "sk-aux" not in str(stack.export())
    stack.preview("--refresh", "--expect-no-changes").succeeded()
