"""What a preview shows before anything is written."""

from __future__ import annotations

import pytest
from programs import ONE_BOT
from stacks import Stack, StackFactory

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells


@pytest.mark.dynamic_only("a bot's url is made by the program side")
def test_a_preview_needs_no_key_and_shows_the_url(new_stack: StackFactory) -> None:
    stack = new_stack().program(ONE_BOT.replace("\nBot(", "\nbot = Bot(") + 'pulumi.export("url", bot.url)\n').init()

    run = stack.preview().succeeded()

    assert '"https://poe.com/Live-Bot"' in run.output
    assert "WARNING" not in run.output


@pytest.mark.dynamic_only("YAML's host checks the types itself")
def test_a_preview_shows_all_mistakes_of_a_bot_at_once(stack: Stack) -> None:
    run = stack.program(
        """
        Bot("wrong", handle="Wrong-Bot", is_private="yes", api_bot_settings={
            "base_ulr": "https://llm.example.com/v1",
            "max_input_tokens": "many",
            "pricing": {"prompt": "free"}})
        """
    ).preview()

    assert len(run.failed().errors) == 4
    for path in ("is_private", "api_bot_settings.base_ulr", "api_bot_settings.max_input_tokens", "pricing.prompt"):
        assert sum(path in line for line in run.errors) == 1
    assert run.tracebacks == []


def test_a_new_bot_whose_handle_the_account_already_has_is_refused_in_the_preview(stack: Stack, poe: Emulator) -> None:
    poe.seed(poe.api_key, {"handle": "LIVE.bot", "api_bot_settings": {"model_name": "by hand"}})

    run = stack.program(ONE_BOT).preview().failed()

    assert "already has a bot 'LIVE.bot'" in run.output
    assert [request.method for request in poe.requests] == ["GET"]


def test_a_preview_goes_on_when_poe_cannot_be_reached_and_says_so_once(new_stack: StackFactory) -> None:
    stack = new_stack(POE_API_URL="http://127.0.0.1:1", POE_API_KEY="key", POE_PREVIEW_TIMEOUT="1").init()

    run = stack.program(ONE_BOT + ONE_BOT.replace("live", "other").replace("Live", "Other")).preview("--diff")

    assert run.succeeded().output.count("could not be looked up") == 1


def test_a_preview_of_bots_that_the_stack_already_has_sends_nothing(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)

    stack.program(ONE_BOT.replace("first", "second")).preview().succeeded()

    assert poe.requests == []


@pytest.mark.dynamic_only("the program says what YAML can't")
def test_unknown_values_pass(stack: Stack) -> None:
    run = stack.program(
        """
        from pulumi.dynamic import CreateResult, Resource, ResourceProvider

        class Later(ResourceProvider):
            def create(self, props):
                return CreateResult("later", {"text": "known", "number": 8000, "things": ["text"]})

        class Thing(Resource):
            text: pulumi.Output[str]
            number: pulumi.Output[int]
            things: pulumi.Output[list]

        later = Thing(Later(), "later", {"text": None, "number": None, "things": None})
        Bot("live", handle=pulumi.Output.concat("Bot-", later.text), description=later.text, api_bot_settings={
            "base_url": pulumi.Output.concat("https://", later.text, ".example.com/v1"),
            "max_input_tokens": later.number, "input_modalities": later.things, "api_key": later.text,
            "pricing": later.number.apply(lambda n: {"prompt": f"0.00{n}"})})
        """
    ).preview()

    assert "3 to create" in run.succeeded().output
    stack.up().succeeded()
    assert stack.bots()["live"]["id"] == "Bot-known"
