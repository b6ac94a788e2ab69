"""Two stacks on one account: the second one never touches the first one's bot, also when both run at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from programs import ONE_BOT, many_bots
from stacks import POE_KEY, Stack, StackFactory

from pulumi_poe.emulator import Emulator, Fault

pytestmark = pytest.mark.both_shells

THEIRS = ONE_BOT.replace("first", "of the second stack")


@pytest.fixture
def second(new_stack: StackFactory, poe: Emulator, tmp_path: Path) -> Stack:
    return new_stack("second", tmp_path / "second", POE_API_URL=poe.url, POE_API_KEY=POE_KEY).program(THEIRS).init()


def writes(poe: Emulator) -> list[str]:
    return [f"{request.method} {request.path}" for request in poe.requests if request.method != "GET"]


def test_the_second_stack_is_refused_in_its_preview_and_in_its_up(stack: Stack, second: Stack, poe: Emulator) -> None:
    stack.holding(ONE_BOT)

    assert "already has a bot 'Live-Bot'" in second.preview().failed().output
    assert "already has a bot 'Live-Bot'" in second.up().failed().output
    assert writes(poe) == []


def test_destroying_the_second_stack_does_not_touch_the_first_ones_bot(
    stack: Stack, second: Stack, poe: Emulator
) -> None:
    stack.holding(ONE_BOT)
    second.up().failed()
    poe.requests.clear()

    second.destroy().succeeded()

    assert poe.requests == []
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def test_two_stacks_with_bots_of_their_own_run_at_once(stack: Stack, second: Stack, poe: Emulator) -> None:
    poe.options.latency = 0.05
    started = stack.program(many_bots(10)).start("up", "--yes", "--skip-preview")
    second.program(many_bots(10).replace("Many", "More")).up().succeeded()
    stack.finished(started).succeeded()

    assert len(poe.bots()) == 20
    for each in (stack, second):
        each.preview("--refresh", "--expect-no-changes").succeeded()


def test_a_handle_that_is_taken_between_the_guard_and_the_write_is_told_loudly(
    stack: Stack, second: Stack, poe: Emulator
) -> None:
    held = poe.faults.add(Fault(method="POST", hold=True))
    started = second.start("up", "--yes", "--skip-preview")
    held.wait_until_met(60)
    stack.program(ONE_BOT).up().succeeded()
    held.release()
    run = second.finished(started).failed()

    (error,) = run.errors
    assert "create bot 'Live-Bot': the bot came into being between the check and the write" in error
    assert "may have lost settings: look at https://poe.com/Live-Bot" in error
    assert second.bots() == {}
    # The first stack's refresh shows what that did to its bot, and its next up mends it.
    assert stack.preview("--refresh", "--expect-no-changes").exit_code == 7
    stack.up("--refresh", "--skip-preview").succeeded()
    assert poe.bots()[0]["description"] == "first"


def test_a_handle_of_another_account_that_is_taken_in_between_is_refused_by_poe(
    second: Stack, poe: Emulator, stack: Stack
) -> None:
    held = poe.faults.add(Fault(method="POST", hold=True))
    started = second.start("up", "--yes", "--skip-preview")
    held.wait_until_met(60)
    stack.program(ONE_BOT).up(POE_API_KEY=list(poe.accounts.values())[1]).succeeded()
    held.release()

    assert "belongs to another Poe account" in second.finished(started).failed().output
    assert [bot["description"] for bot in poe.bots()] == ["first"]
