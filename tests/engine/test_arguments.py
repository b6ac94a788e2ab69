"""Values that JSON lacks, and classes of one's own, in a real program."""

from __future__ import annotations

import pytest
from stacks import Stack, StackFactory

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

IN_THE_PROGRAM = 'Bot("mine", handle="Mine", extra={"secret": {"is": b"VALUE-CANARY"}})'
IN_AN_OUTPUT = """
late = pulumi.Output.secret("VALUE-CANARY").apply(lambda value: {"secret": {"is": value.encode()}})
bot = Bot("mine", handle="Mine", extra=late)
Bot("other", handle="Other", description=bot.description)
pulumi.export("url", bot.url)
"""
DERIVED = """
from decimal import Decimal

class Reasoner(Bot, module="acme", name="Reasoner"):
    def __init__(self, name, price):
        super().__init__(name, handle="Live-Bot", api_bot_settings={"pricing": {"prompt": price}})

Reasoner("live", Decimal("4E-7"))
"""


@pytest.mark.dynamic_only("the program says what YAML can't")
@pytest.mark.parametrize("program", [IN_THE_PROGRAM, IN_AN_OUTPUT], ids=["in the program", "in an Output"])
def test_what_json_lacks_is_refused_in_one_line_without_its_value(new_stack: StackFactory, program: str) -> None:
    run = new_stack().program(program).init().preview().failed()

    (line, _) = run.errors
    assert line == (
        "Bot 'mine': extra.secret.is: must be None, a str, bool, int, float, list or dict, or an Output of one, "
        "and not bytes"
    )
    assert run.tracebacks == []
    assert "CANARY" not in run.output


@pytest.mark.dynamic_only("the program says what YAML can't")
def test_a_derived_class_is_a_bot_in_the_state_and_a_decimal_a_price_on_poe(stack: Stack, poe: Emulator) -> None:
    stack.holding(DERIVED)

    assert stack.bots()["live"]["id"] == "Live-Bot"
    assert poe.bots()[0]["api_bot_settings"]["pricing"] == {"prompt": "0.0000004"}
    stack.preview("--refresh", "--expect-no-changes").succeeded()
