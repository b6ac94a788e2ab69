"""What a person reads when it fails: one line, and what to do."""

from __future__ import annotations

import re

import pytest
from programs import ONE_BOT
from stacks import Run, Stack, StackFactory

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells


def the_error(run: Run) -> str:
    """The one error of a run."""
    assert run.failed().tracebacks == []
    assert not re.search(r'File ".*(pulumi_poe|site-packages)', run.output)
    (error,) = run.errors
    return error


def test_a_missing_key(new_stack: StackFactory) -> None:
    run = new_stack().program(ONE_BOT).init().up()

    assert "create bot 'Live-Bot': no Poe API key is set" in the_error(run)
    assert "pulumi config set --secret poe:apiKey" in run.output
    assert "https://poe.com/api/keys" in run.output


def test_a_wrong_key(stack: Stack) -> None:
    error = the_error(stack.program(ONE_BOT).up(POE_API_KEY="wrong-key"))

    assert "create bot 'Live-Bot': Poe answered 401" in error
    assert "The key is POE_API_KEY in the environment" in error
    assert "not enabled for API bots" in error


def test_a_key_that_no_header_can_carry_is_refused_by_name(stack: Stack) -> None:
    error = the_error(stack.program(ONE_BOT).up(POE_API_KEY="first\nsecond"))

    assert "POE_API_KEY (from the environment) holds a character that no key can hold, U+000A" in error


def test_poe_cannot_be_reached(stack: Stack) -> None:
    environment = {"POE_API_URL": "http://127.0.0.1:1", "POE_OPERATION_TIMEOUT": "1", "POE_PREVIEW_TIMEOUT": "1"}

    error = the_error(stack.program(ONE_BOT).up(**environment))

    assert "create bot 'Live-Bot': 127.0.0.1:1 can't be reached" in error
    assert "Is http://127.0.0.1:1 the right address (poe:apiUrl, POE_API_URL), and is it up?" in error


def test_an_address_that_would_send_the_key_in_the_open(stack: Stack) -> None:
    run = stack.program(ONE_BOT).preview(POE_API_URL="http://poe.example.com")

    assert "POE_API_URL would send the key over an open connection" in the_error(run)


def test_what_poe_refuses_is_said_in_poes_words(stack: Stack, poe: Emulator) -> None:
    poe.options.refuse_unknown_fields = True

    run = stack.program(ONE_BOT.replace('"live",', '"live", extra={"temperature": 1},')).up()

    assert "create bot 'Live-Bot': Poe answered 400 Bad Request: body: Unknown field temperature" in the_error(run)


@pytest.mark.parametrize("command", ["refresh", "destroy"])
def test_a_wrong_key_keeps_the_bot(stack: Stack, command: str) -> None:
    stack.holding(ONE_BOT)

    error = the_error(getattr(stack, command)(POE_API_KEY="wrong-key"))

    assert "bot 'Live-Bot': Poe answered 401" in error
    assert "refresh and destroy use the settings of the last `pulumi up`" in error
    assert list(stack.bots()) == ["live"]
