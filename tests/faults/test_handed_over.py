"""A bot goes from one resource to another in one run: it is never lost, whichever the engine asks for first."""

from __future__ import annotations

import json

import pytest
from stacks import POE_KEY, Stack

from pulumi_poe.emulator import Emulator, Fault

pytestmark = pytest.mark.both_shells

FIRST_DELETED = "pulumi.ResourceOptions(delete_before_replace=True)"


def bot(name: str, handle: str, *, adopt: bool = False, description: str = "first", options: str = "None") -> str:
    return (
        f"Bot({name!r}, {options}, handle={handle!r}, description={description!r}, adopt={adopt}, "
        'api_bot_settings={"model_name": "m", "api_key": "sk"})\n'
    )


BEFORE = bot("b", "Live-Bot", options=FIRST_DELETED)
FILLERS = "".join(f"Bot('f{number}', handle='Fill-{number}')\n" for number in range(12))
AFTER = {
    "the leaver first": bot("b", "Next-Bot", options=FIRST_DELETED) + bot("a", "live.bot", adopt=True, description="a"),
    "the adopter first": bot("a", "live.bot", adopt=True, description="a")
    + bot("b", "Next-Bot", options=FIRST_DELETED),
    "others between them": bot("b", "Next-Bot", options=FIRST_DELETED)
    + FILLERS
    + bot("a", "live.bot", adopt=True, description="a"),
    "the adopter waits for the leaver": bot("b", "Next-Bot", options=FIRST_DELETED).replace("Bot(", "b = Bot(", 1)
    + bot("a", "live.bot", adopt=True, description="a", options="pulumi.ResourceOptions(depends_on=[b])"),
}


def methods(poe: Emulator) -> list[str]:
    return [request.method for request in poe.requests if request.method != "GET"]


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
@pytest.mark.parametrize(
    ("order", "slow"),
    [*((order, None) for order in AFTER), ("the leaver first", "GET"), ("the adopter first", "PATCH")],
)
def test_a_bot_that_one_resource_gives_up_and_another_adopts_is_kept(
    stack: Stack, poe: Emulator, order: str, slow: str | None
) -> None:
    stack.holding(BEFORE)
    if slow:
        poe.faults.add(Fault(slow, delay=0.5))

    stack.program(AFTER[order]).up().succeeded()

    bots = {one["handle"]: one["description"] for one in poe.bots() if not one["handle"].startswith("Fill")}
    assert bots == {"Live-Bot": "a", "Next-Bot": "first"}
    assert "DELETE" not in methods(poe)
    ids = {name: one["id"] for name, one in stack.bots().items() if name in "ab"}
    assert ids == {"a": "live.bot", "b": "Next-Bot"}
    stack.preview("--refresh", "--expect-no-changes").succeeded()


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
def test_the_preview_warns_of_such_a_pair(stack: Stack) -> None:
    stack.holding(BEFORE)
    for order in AFTER.values():
        shown = stack.program(order).preview().succeeded().output
        assert (
            "bot 'Live-Bot' goes from the resource 'b'" in shown or "bot 'live.bot' goes from the resource 'b'" in shown
        )


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
def test_the_preview_does_not_warn_of_a_resource_that_is_replaced_alone(stack: Stack) -> None:
    stack.holding(BEFORE)
    assert "goes from" not in stack.program(bot("b", "Next-Bot", options=FIRST_DELETED)).preview().output


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
@pytest.mark.parametrize("is_recorded", [True, False])
def test_if_the_adopter_fails_its_error_names_the_bot_and_the_next_up_adopts_it(
    stack: Stack, poe: Emulator, is_recorded: bool
) -> None:
    stack.holding(BEFORE)
    if not is_recorded:
        state = stack.export("--show-secrets")
        for resource in state["deployment"]["resources"]:
            resource.get("outputs", {}).pop("__resource", None)
        stack.pulumi("stack", "import", typed=json.dumps(state), check=True)
    poe.faults.add(Fault("PATCH", times=None, delay=1, status=400, body={"error": {"message": "No."}}))
    poe.requests.clear()

    run = stack.program(AFTER["the leaver first"]).up().failed()

    # Whichever of the two comes first.
    ways = ["No entry of the state has the bot 'live.bot' now", "The program declares this bot under another resource"]
    assert any(way.lower() in run.output.lower() for way in ways)
    assert "DELETE" not in methods(poe)
    poe.faults.clear()
    stack.up().succeeded()
    assert {one["handle"]: one["description"] for one in poe.bots()} == {"Live-Bot": "a", "Next-Bot": "first"}
    stack.preview("--refresh", "--expect-no-changes").succeeded()


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
def test_two_bots_that_swap_their_handles_and_are_deleted_first_are_kept(stack: Stack, poe: Emulator) -> None:
    before = [bot(name, handle, adopt=True, options=FIRST_DELETED) for name, handle in (("b", "B-Bot"), ("c", "C-Bot"))]
    after = [bot(name, handle, adopt=True, options=FIRST_DELETED) for name, handle in (("b", "C-Bot"), ("c", "B-Bot"))]
    stack.holding("".join(before))

    stack.program("".join(after)).up().succeeded()

    assert "DELETE" not in methods(poe)
    assert {name: one["id"] for name, one in stack.bots().items()} == {"b": "C-Bot", "c": "B-Bot"}
    stack.preview("--refresh", "--expect-no-changes").succeeded()


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
def test_a_bot_whose_leaver_alone_is_targeted_is_kept_for_the_next_run(stack: Stack, poe: Emulator) -> None:
    stack.holding(BEFORE)
    urn = stack.bots()["b"]["urn"]
    poe.requests.clear()

    stack.program(AFTER["the leaver first"]).up("--skip-preview", "--target", urn).succeeded()
    stack.up().succeeded()

    assert "DELETE" not in methods(poe)
    stack.preview("--refresh", "--expect-no-changes").succeeded()


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
def test_where_the_engine_deletes_before_it_has_seen_the_adopter_the_create_says_so(stack: Stack) -> None:
    stack.holding(BEFORE)
    urn = stack.bots()["b"]["urn"]
    stack.program(bot("a", "live.bot", adopt=True)).up("--skip-preview", "--target", urn).succeeded()

    run = stack.up().succeeded()

    assert "bot 'live.bot': there was nothing to adopt, so it is created." in run.output
    stack.preview("--refresh", "--expect-no-changes").succeeded()


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
def test_a_bot_that_is_replaced_under_its_own_handle_and_deleted_first_is_deleted_although_it_may_be_adopted(
    stack: Stack, poe: Emulator
) -> None:
    options = "pulumi.ResourceOptions(delete_before_replace=True, replace_on_changes=['description'])"
    stack.holding(bot("live", "Live-Bot", adopt=True, options=options))

    stack.program(bot("live", "Live-Bot", adopt=True, options=options, description="second")).up().succeeded()

    assert methods(poe) == ["DELETE", "POST"]


# --- after the key was rotated ----------------------------------------------------------------------


def rotate(stack: Stack, poe: Emulator) -> None:
    poe.accounts["ours"] = "rotated-key"
    stack.environment["POE_API_KEY"] = "rotated-key"


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
def test_a_bot_that_was_deleted_with_a_rotated_key_is_replaced(stack: Stack, poe: Emulator) -> None:
    stack.holding(BEFORE)
    rotate(stack, poe)

    stack.program(bot("b", "Next-Bot", options=FIRST_DELETED)).up().succeeded()

    assert [one["handle"] for one in poe.bots()] == ["Next-Bot"]


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
def test_a_later_run_than_the_one_that_deleted_it_is_told_the_one_way_out(stack: Stack, poe: Emulator) -> None:
    stack.holding(BEFORE)
    rotate(stack, poe)
    poe.faults.add(Fault("POST", times=None, status=400, body={"error": {"message": "No."}}))
    stack.program(bot("b", "Next-Bot", options=FIRST_DELETED)).up().failed()
    assert poe.bots() == []
    poe.faults.clear()

    run = stack.up()
    print(run)
    if run.exit_code:
        assert "POE_MISSING_IS_GONE=Live-Bot" in run.errors[0]
        run = stack.up(POE_MISSING_IS_GONE="Live-Bot").succeeded()

    assert [one["handle"] for one in poe.bots()] == ["Next-Bot"]
    stack.preview("--refresh", "--expect-no-changes").succeeded()


# --- a bot without an endpoint ----------------------------------------------------------------------


def test_a_bot_without_an_endpoint_whose_create_was_cut_off_can_be_taken_over(stack: Stack, poe: Emulator) -> None:
    poe.seed(POE_KEY, {"handle": "Bare-Bot", "description": "bare", "is_private": True})
    stack.program("Bot('bare', handle='Bare-Bot', description='bare')").config("poe:adopt", "Bare-Bot")

    stack.up().succeeded()

    stack.preview("--refresh", "--expect-no-changes").succeeded()
