"""Ended at the worst moment: at every request of every operation, by Ctrl-C once and twice, and by SIGKILL.

The next run finishes, or says in one line what to do, and doing that works.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pytest
from canaries import ENDPOINT_KEY, assert_no_key_was_seen
from processes import WAYS_TO_END_IT, kill_the_cli, under_way
from stacks import POE_KEY, Run, Stack

from pulumi_poe.emulator import Emulator, Fault

pytestmark = pytest.mark.both_shells

WHAT_TO_DO = re.compile(r"`pulumi (cancel|config set poe:adopt \S+)`")


def bot(name: str, handle: str | None = None, *, description: str = "first", without_completion: bool = False) -> str:
    pricing = {"prompt": "0.000001"} if without_completion else {"prompt": "0.000001", "completion": "0.000002"}
    settings = {"model_name": "m", "api_key": ENDPOINT_KEY, "pricing": pricing}
    return f"Bot({name!r}, handle={handle or name!r}, description={description!r}, api_bot_settings={settings!r})\n"


@dataclass(frozen=True)
class Moment:
    """One bot, and the request about it that is on its way when the run is ended.

    :param before: what the program says of the bot before.
    :param after: what it says in the run that is ended.
    :param skip: so many such requests about it go before this one.
    :param moment: before or after Poe has done it.
    """

    before: str
    after: str
    method: str
    handle: str
    moment: Literal["before", "after"] = "before"
    skip: int = 0

    def fault(self, *, answers: bool) -> Fault:
        """Holds the request. Whoever was killed gets no answer, and what Poe has not done by then, it does not do."""
        is_the_list = self.method == "GET" and not self.handle
        return Fault(
            method=self.method,
            path="/bots" if is_the_list else None,
            handle=None if is_the_list else self.handle,
            skip=self.skip,
            moment=self.moment,
            hold=True,
            drop=not answers,
        )


def both(before: Callable[[str], str], after: Callable[[str], str], method: str, handle: str = "{}") -> list[Moment]:
    """A bot that is caught before Poe has done it, and one that is caught after."""
    moments: tuple[Literal["before", "after"], ...] = ("before", "after")
    names = [(f"{method}-{moment}", moment) for moment in moments]
    return [Moment(before(name), after(name), method, handle.format(name), moment) for name, moment in names]


def absent(_: str) -> str:
    return ""


def changed(name: str) -> str:
    return bot(name, description="second")


def taken_out(name: str) -> str:
    return bot(name, without_completion=True)


def replaced(name: str) -> str:
    return bot(name, f"x-{name}")


# The provider does four things at a time, so four requests can be on their way at once.
AT_ONCE: dict[str, list[Moment]] = {
    "POST of a create, PATCH of an update": [*both(absent, bot, "POST"), *both(bot, changed, "PATCH")],
    "POST of a replacement, PUT of an update": [*both(bot, replaced, "POST", "x-{}"), *both(bot, taken_out, "PUT")],
    "DELETE of a replacement": both(bot, replaced, "DELETE"),
    "DELETE": both(bot, absent, "DELETE"),
    "GET of the list, GETs around a PUT": [
        Moment("", bot("created"), "GET", ""),
        Moment(bot("read-before"), taken_out("read-before"), "GET", "read-before"),
        Moment(bot("read-after"), taken_out("read-after"), "GET", "read-after", skip=1),
    ],
}


@pytest.mark.parametrize("way", WAYS_TO_END_IT)
@pytest.mark.parametrize("requests", AT_ONCE)
def test_ended_at_a_request(stack: Stack, poe: Emulator, requests: str, way: str) -> None:
    moments = AT_ONCE[requests]
    stack.holding("".join(moment.before for moment in moments))
    faults = [poe.faults.add(moment.fault(answers=way.startswith("interrupt"))) for moment in moments]
    stack.program("".join(moment.after for moment in moments))
    command = ("up", "--yes", "--skip-preview", "--diff", "--debug")
    with under_way(stack, *command, POE_LOG_LEVEL="debug") as running:
        for fault in faults:
            fault.wait_until_met(60)
        running.end(WAYS_TO_END_IT[way])
        for fault in faults:
            fault.release()
    poe.faults.clear()

    finish(stack, "up")

    in_state = sorted(state["id"] for state in stack.bots().values())
    assert sorted(bot["handle"] for bot in poe.bots(POE_KEY)) == in_state
    assert len(in_state) == sum(bool(moment.after) for moment in moments)
    stack.preview("--refresh", "--expect-no-changes").succeeded()
    assert_no_key_was_seen(stack)


def finish(stack: Stack, command: str) -> Run:
    """Run it again, doing what errors say in one line, until there is none."""
    done: list[str] = []
    while True:
        run: Run = getattr(stack, command)()
        if run.exit_code == 0:
            return run
        if "failed to load checkpoint" in run.output:
            # The CLI was killed while it wrote its own file, which it keeps a copy of.
            stack.restore_the_clis_copy()
            continue
        advice = WHAT_TO_DO.search(run.output)
        assert advice is not None, f"says nothing of what to do:\n{run}"
        assert advice[1] not in done, f"what it says did not help:\n{run}"
        done.append(advice[1])
        stack.pulumi(*advice[1].split(), *(["--yes"] if advice[1] == "cancel" else []), check=True)


def test_after_a_killed_create_was_adopted_its_pending_operation_can_be_cleared(stack: Stack, poe: Emulator) -> None:
    fault = poe.faults.add(Fault(method="POST", moment="after", hold=True, drop=True))
    with under_way(stack.program(bot("live")), "up", "--yes", "--skip-preview") as running:
        fault.wait_until_met(60)
        running.end(kill_the_cli)
        fault.release()
    finish(stack, "up")

    stack.refresh("--clear-pending-creates", "--skip-preview").succeeded()

    assert "pending" not in stack.up().succeeded().output
    assert len(poe.bots()) == 1
