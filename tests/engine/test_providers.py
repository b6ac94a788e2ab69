"""Two accounts in one program, and two Providers of one account: nothing is lost, or in the wrong account."""

from __future__ import annotations

import pytest
from stacks import OTHER_POE_KEY, POE_KEY, Stack

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

PROVIDERS = f"""
import os
one = pulumi_poe.Provider("one", api_key={POE_KEY!r}, api_url=os.environ["POE_API_URL"])
second = pulumi_poe.Provider("second", api_key={POE_KEY!r}, api_url=os.environ["POE_API_URL"])
other = pulumi_poe.Provider("other", api_key={OTHER_POE_KEY!r}, api_url=os.environ["POE_API_URL"])
"""


def bot(name: str, handle: str, provider: str, *, adopt: bool = False, more: str = "", description: str = "d") -> str:
    return (
        f"Bot({name!r}, pulumi.ResourceOptions(provider={provider}{more}), handle={handle!r}, adopt={adopt}, "
        f"description={description!r}, api_bot_settings={{'model_name': 'm', 'api_key': 'sk'}})\n"
    )


def program(stack: Stack, *bots: str) -> Stack:
    return stack.program(PROVIDERS + "".join(bots))


def handles(poe: Emulator, key: str = POE_KEY) -> list[str]:
    return sorted(one["handle"] for one in poe.bots(key))


def methods(poe: Emulator) -> list[str]:
    return [request.method for request in poe.requests if request.method != "GET"]


@pytest.fixture
def live(stack: Stack) -> Stack:
    """A stack whose one bot is in the account of `one`."""
    return stack.holding(PROVIDERS + bot("old", "Live-Bot", "one"))


def test_a_bot_renamed_and_moved_to_another_provider_of_its_account_is_kept(live: Stack, poe: Emulator) -> None:
    program(live, bot("new", "Live-Bot", "second", adopt=True)).up().succeeded()

    assert methods(poe) == ["PATCH"]
    assert handles(poe) == ["Live-Bot"]
    assert list(live.bots()) == ["new"]
    live.preview("--refresh", "--expect-no-changes").succeeded()


def test_a_bot_moved_to_another_provider_of_its_account_stays(live: Stack, poe: Emulator) -> None:
    program(live, bot("old", "Live-Bot", "second", description="moved")).up().succeeded()

    assert methods(poe) == ["PATCH"]
    live.preview("--refresh", "--expect-no-changes").succeeded()
    live.destroy().succeeded()
    assert handles(poe) == []


def test_a_bot_given_up_through_one_provider_and_adopted_through_another_is_kept(stack: Stack, poe: Emulator) -> None:
    first = ", delete_before_replace=True"
    live = stack.holding(PROVIDERS + bot("old", "Live-Bot", "one", more=first))

    adopter = bot("new", "Live-Bot", "second", adopt=True)

    run = program(live, bot("old", "Next-Bot", "one", more=first), adopter).up()

    if run.exit_code and live.shell.name == "native":
        # The engine may tell it of the delete before it asks for the other one. Then it refuses, and says what helps.
        assert "It was not deleted. Set delete_before_replace=False" in run.output
        run = program(live, bot("old", "Next-Bot", "one"), adopter).up()
    assert run.exit_code == 0, run
    assert "DELETE" not in methods(poe)
    assert handles(poe) == ["Live-Bot", "Next-Bot"]
    live.preview("--refresh", "--expect-no-changes").succeeded()


def test_a_handle_declared_through_two_providers_is_refused(stack: Stack, poe: Emulator) -> None:
    run = program(stack, bot("a", "Live-Bot", "one"), bot("b", "live_bot", "second")).up().failed()

    assert "of this program declares the bot" in run.output
    assert len(poe.bots()) <= 1


def test_a_bot_moved_to_a_provider_of_another_account_is_refused_in_the_preview(live: Stack, poe: Emulator) -> None:
    moved = bot("old", "Live-Bot", "other")

    shown = program(live, moved).preview().failed()
    live.up().failed()

    assert "A bot can't move between accounts: give it another handle, or go back to its provider" in shown.errors[0]
    assert methods(poe) == []
    assert handles(poe) == ["Live-Bot"]
    program(live, bot("old", "Live-Bot", "one")).preview("--expect-no-changes").succeeded()


def test_a_bot_moved_to_another_account_with_another_handle_is_replaced(live: Stack, poe: Emulator) -> None:
    program(live, bot("old", "Next-Bot", "other")).up().succeeded()

    assert handles(poe) == []
    assert handles(poe, OTHER_POE_KEY) == ["Next-Bot"]
    live.preview("--refresh", "--expect-no-changes").succeeded()


def test_a_bot_moved_back_to_the_account_of_the_stack_with_another_handle_is_replaced(
    live: Stack, poe: Emulator
) -> None:
    live.environment["POE_API_KEY"] = OTHER_POE_KEY
    program(live, bot("old", "Next-Bot", "None")).up().succeeded()

    assert handles(poe) == []
    assert handles(poe, OTHER_POE_KEY) == ["Next-Bot"]


def test_a_bot_renamed_and_moved_to_another_account_loses_nothing(live: Stack, poe: Emulator) -> None:
    run = (
        program(live, bot("new", "Live-Bot", "other", adopt=True)).up("--skip-preview", "--continue-on-error").failed()
    )

    assert "the handle belongs to another Poe account" in run.output
    assert handles(poe) == ["Live-Bot"]
    assert "old" in live.bots()
    program(live, bot("old", "Live-Bot", "one")).up().succeeded()
    assert handles(poe) == ["Live-Bot"]


def test_a_bot_given_up_in_one_account_is_not_left_to_an_adopter_in_another(stack: Stack, poe: Emulator) -> None:
    first = ", delete_before_replace=True"
    live = stack.holding(PROVIDERS + bot("old", "Live-Bot", "one", more=first))

    program(live, bot("old", "Next-Bot", "one", more=first), bot("new", "Live-Bot", "other", adopt=True)).up().failed()

    assert "Live-Bot" in handles(poe)
    assert "old" in live.bots()
