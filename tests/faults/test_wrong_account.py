"""With the wrong key, or at the wrong address, every bot stays in the state, none is made, and the error says why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import by_hand
import pytest
from programs import ONE_BOT
from stacks import OTHER_POE_KEY, POE_KEY, Run, Stack

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

CHANGED = ONE_BOT.replace("first", "second")
TAKEN_OUT = ONE_BOT.replace(', "completion": "0.000002"', "")
REPLACED = ONE_BOT.replace("Live-Bot", "Next-Bot")
OPERATIONS: dict[str, Callable[..., Run]] = {
    "refresh": lambda stack, **environment: stack.refresh(**environment),
    "destroy": lambda stack, **environment: stack.destroy(**environment),
    "update": lambda stack, **environment: stack.program(CHANGED).up(**environment),
    "update by PUT": lambda stack, **environment: stack.program(TAKEN_OUT).up(**environment),
    "replace": lambda stack, **environment: stack.program(REPLACED).up(**environment),
}


@dataclass(frozen=True)
class Wrong:
    """What is wrong, and what the error says of it."""

    environment: dict[str, str]
    says: str
    options: dict[str, Any]


WRONG = {
    "another account": Wrong({"POE_API_KEY": OTHER_POE_KEY}, "POE_API_KEY in the environment", {}),
    "another account, foreign bots not shown": Wrong(
        {"POE_API_KEY": OTHER_POE_KEY}, "POE_API_KEY in the environment", {"foreign_edit_status": 404}
    ),
    "an unknown key": Wrong({"POE_API_KEY": "unknown-key"}, "either it is wrong, or its account is not enabled", {}),
    "not enabled, 401": Wrong({}, "its account is not enabled for API bots", {"not_enabled_status": 401}),
    "not enabled, 404": Wrong({}, "not", {"not_enabled_status": 404}),
}


@pytest.fixture
def elsewhere() -> Iterator[Emulator]:
    """Another Poe that takes the same key and has a bot of the same handle."""
    with Emulator(accounts={"ours": POE_KEY}) as another:
        another.seed(POE_KEY, {"handle": "Live-Bot", "api_bot_settings": {"model_name": "of the other Poe"}})
        yield another


@pytest.mark.parametrize("wrong", WRONG)
def test_no_operation_changes_anything_and_each_says_why(stack: Stack, poe: Emulator, wrong: str) -> None:
    it = WRONG[wrong]
    stack.holding(ONE_BOT)
    before = poe.bots()
    vars(poe.options).update(it.options)

    for operation in OPERATIONS.values():
        run = operation(stack, **it.environment).failed()
        (error,) = run.errors
        assert it.says in error
        assert "bot 'Live-Bot': " in error or "bot 'Next-Bot': " in error
        assert poe.bots() == before
        assert [state["id"] for state in stack.bots().values()] == ["Live-Bot"]


def test_at_another_address_a_bot_of_the_same_handle_is_not_touched(
    stack: Stack, poe: Emulator, elsewhere: Emulator
) -> None:
    stack.holding(ONE_BOT)
    before, theirs = poe.bots(), elsewhere.bots()

    for operation in OPERATIONS.values():
        run = operation(stack, POE_API_URL=elsewhere.url).failed()
        assert f"the address in use ({elsewhere.url}) is not the one that last saw this bot" in run.output
    assert elsewhere.requests == []
    assert (poe.bots(), elsewhere.bots()) == (before, theirs)
    assert list(stack.bots()) == ["live"]


ADOPTED = ONE_BOT.replace("handle=", "adopt=True, handle=")
DELETED_FIRST = ONE_BOT.replace('"live",', '"live", pulumi.ResourceOptions(delete_before_replace=True),')
GIVEN_UP = {
    "renamed": (ADOPTED.replace('"live"', '"new"'), False),
    "replaced with --target-replace": (ADOPTED, True),
    "replaced with --target-replace, deleted first": (DELETED_FIRST, True),
}


@pytest.mark.parametrize(
    "way",
    [
        *list(GIVEN_UP)[:2],
        pytest.param(
            list(GIVEN_UP)[2], marks=pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
        ),
    ],
)
def test_at_another_address_a_resource_that_gives_its_bot_up_does_not_make_the_stack_forget_it(
    stack: Stack, poe: Emulator, elsewhere: Emulator, way: str
) -> None:
    program, is_replaced = GIVEN_UP[way]
    stack.holding(ONE_BOT)
    before, entry = poe.bots(), stack.bots()["live"]
    poe.requests.clear()

    options = ("--target-replace", entry["urn"]) if is_replaced else ()
    run = stack.program(program).up("--skip-preview", *options, POE_API_URL=elsewhere.url).failed()

    (error,) = run.errors
    assert f"delete bot 'Live-Bot': the address in use ({elsewhere.url}) is not the one that last saw" in error
    assert "is kept" not in run.output
    assert (poe.bots(), poe.requests) == (before, [])
    assert "DELETE" not in [request.method for request in elsewhere.requests]
    assert _has_entry(stack, entry)


def test_back_at_the_first_address_the_bot_is_not_forgotten_either_and_the_advice_works(
    stack: Stack, poe: Emulator, elsewhere: Emulator
) -> None:
    stack.holding(ONE_BOT)
    entry = stack.bots()["live"]
    stack.program(ADOPTED.replace('"live"', '"new"')).up(POE_API_URL=elsewhere.url).failed()

    run = stack.up().failed()  # at the first address again

    assert "POE_MISSING_IS_GONE=Live-Bot in the environment" in run.output
    assert _has_entry(stack, entry)
    stack.refresh(POE_MISSING_IS_GONE="Live-Bot").succeeded()
    stack.up(POE_MISSING_IS_GONE="Live-Bot").succeeded()
    assert list(stack.bots()) == ["new"]
    assert [bot["handle"] for bot in poe.bots()] == ["Live-Bot"]
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def _has_entry(stack: Stack, entry: dict[str, Any]) -> bool:
    """Whether the state still has this entry of a bot, whatever other one has come beside it."""

    def known_by(one: dict[str, Any]) -> tuple[str, str, str]:
        return one["urn"], one["id"], one["outputs"]["__fingerprint"]

    bots = [one for one in stack.export()["deployment"]["resources"] if one["type"].endswith(":Bot")]
    return known_by(entry) in map(known_by, bots)


@pytest.mark.parametrize("is_deleted_first", [False, True], ids=["created first", "deleted first"])
def test_one_resource_replaced_alone_with_the_key_of_another_account_keeps_its_old_bot(
    stack: Stack, poe: Emulator, is_deleted_first: bool
) -> None:
    program = DELETED_FIRST if is_deleted_first else ONE_BOT
    stack.holding(program)
    before, entry = poe.bots(), stack.bots()["live"]

    stack.program(program.replace("Live-Bot", "Next-Bot"))
    run = stack.up("--skip-preview", "--target-replace", entry["urn"], POE_API_KEY=OTHER_POE_KEY).failed()

    (error,) = run.errors
    assert "delete bot 'Live-Bot': Poe answered 403" in error
    assert "POE_API_KEY in the environment" in error
    # The engine shows the provider the old bot only when it is to be deleted.
    new = [bot["handle"] for bot in poe.bots() if bot not in before]
    assert new == ([] if is_deleted_first else ["Next-Bot"])
    assert [bot for bot in poe.bots() if bot in before] == before
    assert _has_entry(stack, entry)


def test_a_preview_at_another_address_says_it_before_an_up(stack: Stack, elsewhere: Emulator) -> None:
    stack.holding(ONE_BOT)

    run = stack.program(CHANGED).preview(POE_API_URL=elsewhere.url).failed()

    assert "change bot 'Live-Bot': the address in use" in run.output


def test_a_poe_that_moved_is_accepted_by_name(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)
    moved = poe.url.replace("127.0.0.1", "localhost")

    stack.refresh(POE_API_URL=moved, POE_ACCEPT_ADDRESS=moved).succeeded()

    assert "2 unchanged" in stack.up(POE_API_URL=moved).succeeded().output
    stack.program(CHANGED).up(POE_API_URL=moved).succeeded()
    assert poe.bots()[0]["description"] == "second"


def test_a_rotated_key_goes_on_working_and_finds_out_what_is_gone_after_the_first_read(
    stack: Stack, poe: Emulator
) -> None:
    stack.holding(ONE_BOT)
    poe.accounts["ours"] = "rotated-key"

    stack.program(CHANGED).preview(POE_API_KEY="rotated-key").succeeded()
    stack.refresh(POE_API_KEY="rotated-key").succeeded()
    by_hand.delete(poe, "Live-Bot")
    stack.refresh(POE_API_KEY="rotated-key").succeeded()

    assert stack.bots() == {}
    stack.up(POE_API_KEY="rotated-key").succeeded()
    assert poe.bots()[0]["description"] == "second"


def test_a_bot_that_is_gone_and_was_not_read_with_the_rotated_key_is_kept(stack: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)
    poe.accounts["ours"] = "rotated-key"
    by_hand.delete(poe, "Live-Bot")

    run = stack.refresh(POE_API_KEY="rotated-key").failed()

    assert "POE_MISSING_IS_GONE=Live-Bot" in run.output
    assert list(stack.bots()) == ["live"]
    stack.refresh(POE_API_KEY="rotated-key", POE_MISSING_IS_GONE="Live-Bot").succeeded()
    assert stack.bots() == {}
