"""An update changes on Poe what its preview shows, and nothing else."""

from __future__ import annotations

from typing import Any

import by_hand
import pytest
from stacks import POE_KEY, Stack

from pulumi_poe.core.values.trees import overlay
from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

IGNORED = "pulumi.ResourceOptions(ignore_changes=['api_bot_settings.pricing.completion', 'api_bot_settings.api_key'])"


def program(
    *,
    description: str | None = "first",
    context_size: int | None = 10,
    prompt: str = "0.000001",
    completion: str = "0.000002",
    key: str = "sk-declared",
    options: str | None = None,
    more: str = "",
) -> str:
    settings = {
        "model_name": "m",
        "api_key": key,
        "context_size": context_size,
        "pricing": {"prompt": prompt, "completion": completion},
    }
    return (
        f"Bot('live', {options}, handle='Live-Bot', description={description!r}, api_bot_settings={settings!r}{more})\n"
    )


def edit(poe: Emulator, changes: dict[str, Any]) -> None:
    """Somebody changes the one bot on poe.com, with everything below."""
    (bot,) = poe.bots()
    poe.seed(POE_KEY, overlay(changes, bot))


def writes(poe: Emulator) -> list[tuple[str, Any]]:
    return [(request.method, request.body) for request in poe.requests if request.method != "GET"]


EDITED = {
    "description": "by hand",
    "api_bot_settings": {
        "api_key": "sk-rotated-by-hand",
        "context_size": 99,
        "pricing": {"completion": "0.9", "input_cache_reads": "0.8"},
    },
}


def test_an_update_leaves_ignored_leaves_hand_edits_and_a_rotated_key_as_they_are(stack: Stack, poe: Emulator) -> None:
    """Where Poe merges deeper, less is sent: tests/core/lifecycle/test_change.py and test_updating.py have both."""
    poe.options.patch_merge = "shallow"
    stack.holding(program(options=IGNORED))
    edit(poe, EDITED)
    poe.requests.clear()

    changed = program(prompt="0.000003", completion="0.000007", key="sk-ignored", options=IGNORED)
    shown = stack.program(changed).preview("--diff").succeeded().output
    run = stack.up().succeeded()
    assert [line.split(":")[0].strip() for line in shown.splitlines() if "=>" in line] == ["~ prompt"]
    assert [method for method, _ in writes(poe)] == ["PATCH"]
    (bot,) = poe.bots()
    wanted = overlay(EDITED, {"handle": "Live-Bot", "is_private": True, "api_bot_settings": {"model_name": "m"}})
    assert bot == overlay({"api_bot_settings": {"pricing": {"prompt": "0.000003"}}}, wanted)
    assert (
        "bot 'Live-Bot' was changed on Poe since the state last saw it: api_bot_settings.context_size, "
        "api_bot_settings.pricing.completion, description, which this run leaves as it is. `pulumi up --refresh`"
    ) in run.output
    assert stack.preview("--refresh", "--expect-no-changes").exit_code == 7


def test_a_leaf_that_is_taken_out_takes_nothing_with_it_but_sends_the_key_again_as_the_preview_says(
    stack: Stack, poe: Emulator
) -> None:
    stack.holding(program(options=IGNORED))
    edit(poe, overlay({"api_bot_settings": {"context_size": 10}}, EDITED))

    stack.program(program(context_size=None, key="sk-ignored", completion="0.000007", options=IGNORED))
    said = "to remove api_bot_settings.context_size from it, the whole bot is sent again, and with it the endpoint's"
    assert said in stack.preview().succeeded().output
    stack.up().succeeded()

    (bot,) = poe.bots()
    pricing = {"prompt": "0.000001", "completion": "0.9", "input_cache_reads": "0.8"}
    assert bot["description"] == "by hand"
    assert bot["api_bot_settings"] == {"model_name": "m", "api_key": "sk-declared", "pricing": pricing}


def test_what_this_run_replaces_is_told_too(stack: Stack, poe: Emulator) -> None:
    stack.holding(program())
    by_hand.edit(poe, description="by hand")

    run = stack.program(program(description="second")).up().succeeded()

    assert "was changed on Poe since the state last saw it: description, which this run replaces" in run.output
    assert poe.bots()[0]["description"] == "second"
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_a_leaf_taken_out_that_poe_no_longer_has_sends_nothing(stack: Stack, poe: Emulator) -> None:
    stack.holding(program())
    (bot,) = poe.bots()
    del bot["api_bot_settings"]["context_size"]
    poe.seed(POE_KEY, bot)
    poe.requests.clear()

    stack.program(program(context_size=None)).up().succeeded()

    assert writes(poe) == []
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_what_poe_does_not_take_back_is_named_with_the_ways_out(stack: Stack, poe: Emulator) -> None:
    stack.holding(program())
    by_hand.edit(poe, since=2027)
    poe.options.refuse_unknown_fields = True

    (error,) = stack.program(program(context_size=None)).up().failed().errors

    assert "Poe answered 400" in error
    assert "the whole bot is sent again, with what only Poe has: since." in error
    assert "declare the property again, or remove it on poe.com and refresh" in error
    stack.program(program()).preview("--expect-no-changes").succeeded()


@pytest.mark.parametrize("kept", ["echoed", "hidden"])
def test_extra_is_written_leaf_by_leaf(stack: Stack, poe: Emulator, kept: Any) -> None:
    poe.options.patch_merge = "shallow"
    poe.options.keep_unknown_fields = kept

    def with_extra(color: str, price: str) -> str:
        extra = {
            "theme": {"color": color, "size": 1},
            "greeting": "Hi",
            "api_bot_settings": {"pricing": {"new_price": price}},
        }
        return program(more=f", extra={extra!r}")

    stack.holding(with_extra("red", "1"))
    stack.program(with_extra("blue", "1")).up().succeeded()

    assert writes(poe) == [("PATCH", {"theme": {"color": "blue", "size": 1}})]
    stack.program(with_extra("blue", "1").replace("0.000001", "0.000003")).up().succeeded()
    assert poe.bots()[0]["api_bot_settings"]["pricing"]["new_price"] == "1"
    assert poe.bots()[0]["theme"] == {"color": "blue", "size": 1}
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_to_stop_managing_the_endpoints_key_sends_nothing(stack: Stack, poe: Emulator) -> None:
    stack.holding(program())

    stack.program(program().replace("'api_key': 'sk-declared', ", "")).up().succeeded()

    assert poe.requests == []
    assert poe.bots()[0]["api_bot_settings"]["api_key"] == "sk-declared"


def test_the_key_of_poe_that_was_rotated_is_told_once_by_the_first_write(stack: Stack, poe: Emulator) -> None:
    two = program() + program().replace("'live'", "'two'").replace("Live-Bot", "Two-Bot")
    stack.holding(two)
    poe.accounts["ours"] = "rotated-key"

    run = stack.program(two.replace("first", "second")).up(POE_API_KEY="rotated-key").succeeded()

    diagnostics = run.output.partition("Diagnostics:")[2]  # a line is also shown while the command runs
    assert diagnostics.count("the key is taken for a rotated one of the same account") == 1
    assert "rotated one" not in stack.program(two).up(POE_API_KEY="rotated-key").succeeded().output


def test_sixty_updates_cost_one_request_more(stack: Stack, poe: Emulator) -> None:
    sixty = (
        "for n in range(60):\n    Bot(f'b{n}', handle=f'Many-{n}', api_bot_settings={'pricing': {'prompt': PRICE}})\n"
    )
    counts = []
    for price in ("'1e-6'", "'2e-6'"):
        poe.requests.clear()
        stack.program(f"PRICE = {price}\n{sixty}").up().succeeded()
        counts.append(len(poe.requests))
    poe.requests.clear()
    stack.refresh().succeeded()
    counts.append(len(poe.requests))
    poe.requests.clear()
    stack.destroy().succeeded()
    assert [*counts, len(poe.requests)] == [61, 61, 1, 60]
