"""One bot belongs to one resource: it is never lost and never written by two, whatever becomes of the resource."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import by_hand
import pytest
from stacks import POE_KEY, Stack

from pulumi_poe.emulator import Emulator, Fault

pytestmark = pytest.mark.both_shells

SIBLING = 'Bot("sibling", handle="Sibling-Bot", description="comes and goes")\n'


def bot(name: str, handle: str, *, adopt: bool = True, description: str = "first", options: str = "") -> str:
    return (
        f"Bot({name!r}, {options or None}, handle={handle!r}, description={description!r}, adopt={adopt}, "
        'api_bot_settings={"model_name": "m", "api_key": "sk", "pricing": {"prompt": "0.000001"}})\n'
    )


REPLACED = "pulumi.ResourceOptions(replace_on_changes=['description'])"


@dataclass(frozen=True)
class Change:
    """What becomes of the resources.

    :param before: the program of the first run.
    :param after: that of the second.
    :param between: what happens on poe.com between the two.
    :param bots: each bot's handle and description in the end.
    :param deleted: the handles that may be deleted.
    :param replaced: resources that the second run replaces.
    """

    before: str
    after: str
    bots: dict[str, str]
    between: Callable[[Emulator], None] | None = None
    deleted: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


def renamed_on_poe(poe: Emulator) -> None:
    (one,) = poe.bots()
    by_hand.delete(poe, "Live-Bot")
    poe.seed(POE_KEY, {**one, "handle": "Other-Bot"})
    poe.requests.clear()


CHANGES = {
    "renamed without aliases, and adopted": Change(
        bot("old", "Live-Bot"), bot("new", "Live-Bot", description="second"), {"Live-Bot": "second"}
    ),
    "renamed without aliases, and adopted in another spelling": Change(
        bot("old", "Live-Bot"), bot("new", "live.bot"), {"Live-Bot": "first"}
    ),
    "replaced by hand": Change(
        bot("live", "Live-Bot"),
        bot("live", "Live-Bot", description="second"),
        {"Live-Bot": "second"},
        replaced=("live",),
    ),
    "replaced by replace_on_changes": Change(
        bot("live", "Live-Bot", options=REPLACED),
        bot("live", "Live-Bot", options=REPLACED, description="second"),
        {"Live-Bot": "second"},
    ),
    "another handle": Change(
        bot("live", "Live-Bot"), bot("live", "Other-Bot"), {"Other-Bot": "first"}, deleted=("Live-Bot",)
    ),
    "two handles swapped": Change(
        bot("one", "Live-Bot", description="one") + bot("two", "Other-Bot", description="two"),
        bot("one", "Other-Bot", description="one") + bot("two", "Live-Bot", description="two"),
        {"Live-Bot": "two", "Other-Bot": "one"},
    ),
    "renamed on poe.com": Change(
        bot("live", "Live-Bot"), bot("live", "Other-Bot"), {"Other-Bot": "first"}, between=renamed_on_poe,
        deleted=("Live-Bot",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("is_interrupted", [False, True], ids=["at once", "interrupted before the delete"])
@pytest.mark.parametrize("change", CHANGES)
def test_the_bot_is_neither_lost_nor_doubled(stack: Stack, poe: Emulator, change: str, is_interrupted: bool) -> None:
    it = CHANGES[change]
    stack.holding(it.before)
    if it.between is not None:
        it.between(poe)
    poe.requests.clear()
    options = [f"--replace={stack.bots()[name]['urn']}" for name in it.replaced]
    stack.program(it.after + SIBLING)
    if is_interrupted:
        # A create that fails ends the run when its other creates are done, and before anything is deleted.
        poe.faults.add(Fault(method="POST", handle="Sibling-Bot", status=400, body={"error": {"message": "No."}}))
        stack.up("--skip-preview", *options).failed()
        assert not [request for request in poe.requests if request.method == "DELETE"]
        stack.up().succeeded()
    else:
        stack.up("--skip-preview", *options).succeeded()

    assert {one["handle"]: one["description"] for one in poe.bots()} == {**it.bots, "Sibling-Bot": "comes and goes"}
    deleted = {request.path for request in poe.requests if request.method == "DELETE"}
    assert deleted == {f"/bots/{handle}" for handle in it.deleted}
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_one_resource_replaced_alone_keeps_its_bot(stack: Stack, poe: Emulator) -> None:
    stack.holding(bot("live", "Live-Bot"))
    urn = stack.bots()["live"]["urn"]

    stack.up("--skip-preview", "--target-replace", urn).succeeded()

    assert [request.method for request in poe.requests if request.method != "GET"] == ["PATCH"]


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
def test_one_resource_replaced_alone_may_be_deleted_first(stack: Stack, poe: Emulator) -> None:
    first = bot("live", "Live-Bot", adopt=False, options="pulumi.ResourceOptions(delete_before_replace=True)")
    stack.holding(first)
    urn = stack.bots()["live"]["urn"]
    poe.requests.clear()

    assert "unless this run deletes it first" in stack.preview("--target-replace", urn).succeeded().output
    stack.up("--skip-preview", "--target-replace", urn).succeeded()

    assert [request.method for request in poe.requests if request.method != "GET"] == ["DELETE", "POST"]


def test_a_replacement_under_the_same_handle_is_told_in_the_preview_and_refused(stack: Stack, poe: Emulator) -> None:
    stack.holding(bot("live", "Live-Bot", adopt=False, options=REPLACED))
    before = poe.bots()
    stack.program(bot("live", "Live-Bot", adopt=False, options=REPLACED, description="second"))

    assert "is to be replaced under its own handle" in stack.preview().succeeded().output
    assert "already has a bot 'Live-Bot'" in stack.up().failed().output
    assert poe.bots() == before


def test_a_renamed_resource_that_may_not_adopt_loses_no_bot_with_continue_on_error(stack: Stack, poe: Emulator) -> None:
    stack.holding(bot("old", "Live-Bot", adopt=False))
    stack.program(bot("new", "Live-Bot", adopt=False)).up("--skip-preview", "--continue-on-error").failed()

    assert [one["handle"] for one in poe.bots()] == ["Live-Bot"]
    stack.config("poe:adopt", "Live-Bot").up().succeeded()
    assert list(stack.bots()) == ["new"]
    assert [one["handle"] for one in poe.bots()] == ["Live-Bot"]


def test_swapped_handles_without_adopt_are_refused_and_nothing_is_written(stack: Stack, poe: Emulator) -> None:
    it = CHANGES["two handles swapped"]
    stack.holding(it.before)

    stack.program(it.after.replace("adopt=True", "adopt=False")).up("--skip-preview", "--continue-on-error").failed()

    assert [request.method for request in poe.requests if request.method != "GET"] == []
    assert {one["handle"] for one in poe.bots()} == {"Live-Bot", "Other-Bot"}


def test_a_handle_declared_twice_is_shown_in_the_preview_and_written_once_at_most(stack: Stack, poe: Emulator) -> None:
    stack.program(bot("one", "Live-Bot") + bot("two", "live_bot"))

    assert "of this program declares the bot" in stack.preview().failed().output
    assert "of this program declares the bot" in stack.up().failed().output
    assert len(poe.bots()) <= 1


@pytest.mark.parametrize("is_interrupted", [False, True], ids=["at once", "interrupted before the delete"])
def test_a_state_restored_from_before_a_replacement_finds_its_way(
    stack: Stack, poe: Emulator, is_interrupted: bool
) -> None:
    stack.holding(bot("live", "Live-Bot", adopt=False))
    earlier = stack.export()
    stack.program(bot("live", "Other-Bot", adopt=False)).up().succeeded()
    stack.pulumi("stack", "import", typed=json.dumps(earlier), check=True)

    refused = stack.up().failed()
    assert "pulumi config set poe:adopt Other-Bot" in refused.output
    stack.config("poe:adopt", "Other-Bot")
    if is_interrupted:
        stack.program(bot("live", "Other-Bot", adopt=False) + SIBLING)
        poe.faults.add(Fault(method="POST", handle="Sibling-Bot", status=400, body={"error": {"message": "No."}}))
        stack.up().failed()
        stack.program(bot("live", "Other-Bot", adopt=False))
    stack.up().succeeded()

    assert [one["handle"] for one in poe.bots()] == ["Other-Bot"]
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_a_state_restored_from_before_a_bot_was_changed_is_brought_to_the_program(stack: Stack, poe: Emulator) -> None:
    stack.holding(bot("live", "Live-Bot", adopt=False))
    earlier = stack.export()
    stack.program(bot("live", "Live-Bot", adopt=False, description="second")).up().succeeded()
    stack.pulumi("stack", "import", typed=json.dumps(earlier), check=True)

    stack.up().succeeded()

    assert poe.bots()[0]["description"] == "second"
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_an_old_handle_that_somebody_else_has_by_now_is_left_alone(stack: Stack, poe: Emulator) -> None:
    stack.holding(bot("live", "Live-Bot"))
    renamed_on_poe(poe)
    theirs = {"handle": "Live-Bot", "api_bot_settings": {"model_name": "theirs"}}
    poe.seed(list(poe.accounts.values())[1], theirs)

    run = stack.program(bot("live", "Other-Bot")).up().failed()

    assert "delete bot 'Live-Bot': Poe answered 403" in run.output
    stack.up(POE_MISSING_IS_GONE="Live-Bot").succeeded()
    assert sorted(one["handle"] for one in poe.bots()) == ["Live-Bot", "Other-Bot"]
    stack.preview("--refresh", "--expect-no-changes").succeeded()
