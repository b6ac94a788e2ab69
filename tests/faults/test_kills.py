"""Ended at the worst moment: at every request of every operation, by Ctrl-C once and twice, and by SIGKILL.

The next run finishes, or says in one line what to do, and doing that works.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from canaries import ENDPOINT_KEY, assert_no_key_was_seen
from processes import WAYS_TO_END_IT, kill_the_cli, under_way
from stacks import POE_KEY, Run, Stack

from pulumi_poe.emulator import Emulator, Fault

BOT = f"""
Bot("live", handle="Live-Bot", description="first", api_bot_settings={{
    "model_name": "m", "api_key": {ENDPOINT_KEY!r}, "pricing": {{"prompt": "0.000001", "completion": "0.000002"}}}})
"""
WHAT_TO_DO = re.compile(r"`pulumi (cancel|config set poe:adopt \S+)`")


@dataclass(frozen=True)
class Operation:
    """What the stack is brought from and to, and the requests that this sends.

    :param after: None: the stack is destroyed.
    """

    requests: tuple[tuple[str, str], ...]
    after: str | None
    before: str | None = BOT


OPERATIONS = {
    "create": Operation((("GET", "/bots"), ("POST", "/bots")), after=BOT, before=None),
    "update": Operation((("GET", "/bots"), ("PATCH", "/bots/Live-Bot")), after=BOT.replace("first", "second")),
    "update by PUT": Operation(
        (("GET", "/bots/Live-Bot"), ("PUT", "/bots/Live-Bot"), ("GET", "/bots/Live-Bot")),
        after=BOT.replace(', "completion": "0.000002"', ""),
    ),
    "replace": Operation(
        (("GET", "/bots"), ("POST", "/bots"), ("DELETE", "/bots/Live-Bot")), after=BOT.replace("Live", "Next")
    ),
    "delete": Operation((("DELETE", "/bots/Live-Bot"),), after=None),
}
MOMENTS = [
    (name, number, moment)
    for name, operation in OPERATIONS.items()
    for number, (method, _) in enumerate(operation.requests)
    for moment in (["before"] if method == "GET" else ["before", "after"])
]


def name_of(value: Any) -> str | None:
    if not isinstance(value, tuple):
        return None
    operation, number, moment = value
    return f"{operation}, {moment} {OPERATIONS[operation].requests[number][0]} {number + 1}"


@pytest.mark.parametrize("way", WAYS_TO_END_IT)
@pytest.mark.parametrize("where", MOMENTS, ids=name_of)
def test_ended_at_a_request(stack: Stack, poe: Emulator, where: tuple[str, int, str], way: str) -> None:
    name, number, moment = where
    operation = OPERATIONS[name]
    if operation.before is not None:
        stack.program(operation.before).up().succeeded()
    method, path = operation.requests[number]
    fault = Fault(
        method=method,
        path=path,
        skip=sum(earlier == (method, path) for earlier in operation.requests[:number]),
        moment=moment,  # type: ignore[arg-type]
        hold=True,
        # Whoever was killed gets no answer. What Poe was not asked to do by then, it does not do.
        drop=way.startswith("kill"),
    )
    poe.faults.add(fault)
    if operation.after is not None:
        stack.program(operation.after)
    command = "destroy" if operation.after is None else "up"
    with under_way(stack, command, "--yes", "--skip-preview", "--diff", "--debug", POE_LOG_LEVEL="debug") as running:
        fault.wait_until_met(60)
        running.end(WAYS_TO_END_IT[way])
        fault.release()
    poe.faults.clear()

    finish(stack, command)

    assert [bot["handle"] for bot in poe.bots(POE_KEY)] == [state["id"] for state in stack.bots().values()]
    if operation.after is None:
        assert poe.bots() == []
    else:
        assert len(poe.bots()) == 1
        stack.preview("--refresh", "--expect-no-changes").succeeded()
    assert_no_key_was_seen(stack)


def finish(stack: Stack, command: str) -> Run:
    """Run it again, doing what errors say in one line, until there is none."""
    done: list[str] = []
    while True:
        run: Run = getattr(stack, command)()
        if run.exit_code == 0:
            return run
        advice = WHAT_TO_DO.search(run.output)
        assert advice is not None, f"says nothing of what to do:\n{run}"
        assert advice[1] not in done, f"what it says did not help:\n{run}"
        done.append(advice[1])
        stack.pulumi(*advice[1].split(), *(["--yes"] if advice[1] == "cancel" else []), check=True)


def test_after_a_killed_create_was_adopted_its_pending_operation_can_be_cleared(stack: Stack, poe: Emulator) -> None:
    fault = poe.faults.add(Fault(method="POST", moment="after", hold=True, drop=True))
    with under_way(stack.program(BOT), "up", "--yes", "--skip-preview") as running:
        fault.wait_until_met(60)
        running.end(kill_the_cli)
        fault.release()
    finish(stack, "up")

    stack.refresh("--clear-pending-creates", "--skip-preview").succeeded()

    assert "pending" not in stack.up().succeeded().output
    assert len(poe.bots()) == 1
