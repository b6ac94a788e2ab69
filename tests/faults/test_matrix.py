"""Every step of every operation under every fault: the bot in Poe, the state, the message, and the way back.

One bot stands for each fault, so that one run of the CLI tries all faults of a step at once. The list of bots is a
step that they share, so there each fault has runs of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import by_hand
import pytest
from canaries import ENDPOINT_KEY, assert_no_key_was_seen
from poes_faults import CASES, NAMES, Case
from stacks import OTHER_POE_KEY, POE_KEY, Run, Stack

from pulumi_poe.emulator import Emulator, Fault

pytestmark = pytest.mark.both_shells

IMPATIENT = {
    "POE_REQUEST_TIMEOUT": "0.8",
    "POE_OPERATION_TIMEOUT": "20",
    "POE_PREVIEW_TIMEOUT": "20",
    "POE_ATTEMPTS": "2",
    "POE_LOG_LEVEL": "debug",
}
TALKATIVE = ("--diff", "--debug", "--skip-preview")


def bots(
    names: list[str], *, description: str = "first", without_completion: bool = False, handle: str = "{}", **more: Any
) -> str:
    """A program with one bot for each name."""
    pricing = {"prompt": "0.000001"} if without_completion else {"prompt": "0.000001", "completion": "0.000002"}
    settings = {"model_name": "m", "api_key": ENDPOINT_KEY, "pricing": pricing}
    return "".join(
        f"Bot({name!r}, handle={handle.format(name)!r}, description={description!r}, "
        f"api_bot_settings={settings!r}, **{more!r})\n"
        for name in names
    )


@dataclass(frozen=True)
class Step:
    """One request of an operation.

    :param method: its method.
    :param program: what the stack is brought to, by ``up``; without one it is destroyed.
    :param before: what the stack has before.
    :param by_hand: what is on Poe before, and not by the stack.
    :param handle: the handle of the bot that the request is about.
    :param skip: so many such requests go before it.
    :param verb: what an error says is being done.
    :param settled: a lost answer is settled by reading.
    :param may_be_settled: so it is if the bot is looked at before the next try, as it is when the outcome of another
        bot's write became unknown meanwhile.
    :param looks_again: the bot is looked at once more when Poe denies it.
    """

    method: str
    program: str = ""
    before: str = ""
    by_hand: bool = False
    handle: str = "{}"
    skip: int = 0
    verb: str = "update"
    settled: bool = False
    may_be_settled: bool = False
    looks_again: bool = False

    def succeeds(self, case: Case) -> bool:
        passes = case.passes or (self.looks_again and case.kind.denies and case.times is not None)
        return passes or (self.settled and case.kind.takes_effect)

    def may_succeed(self, case: Case) -> bool:
        return self.may_be_settled and case.kind.takes_effect


BY_PUT = Step("PUT", before=bots(NAMES), program=bots(NAMES, without_completion=True))
STEPS: dict[str, Step] = {
    "create: POST": Step("POST", bots(NAMES), verb="create", settled=True),
    "adopt: PATCH": Step("PATCH", bots(NAMES, adopt=True), by_hand=True, verb="create", looks_again=True),
    "update: PATCH": Step("PATCH", bots(NAMES, description="second"), before=bots(NAMES)),
    "update by PUT: GET before": replace(BY_PUT, method="GET"),
    "update by PUT: PUT": replace(BY_PUT, may_be_settled=True),
    "update by PUT: GET after": replace(BY_PUT, method="GET", skip=1),
    "replace: POST": Step(
        "POST", bots(NAMES, handle="x-{}"), before=bots(NAMES), handle="x-{}", verb="create", settled=True
    ),
    "replace: DELETE": Step("DELETE", bots(NAMES, handle="x-{}"), before=bots(NAMES), verb="delete"),
    "delete: DELETE": Step("DELETE", before=bots(NAMES), verb="delete"),
}


@pytest.fixture
def stack(stack: Stack) -> Iterator[Stack]:
    """One whose runs say all that they can, and in which no key may be seen, whatever happens."""
    stack.environment |= IMPATIENT
    yield stack
    assert_no_key_was_seen(stack)


def assert_nothing_is_left_to_do(stack: Stack, poe: Emulator) -> None:
    """A refresh finds no drift and the program nothing to change; each bot of ours is in the state, and no other."""
    stack.preview("--refresh", "--expect-no-changes", "--json", "--import-file", "import.json").succeeded()
    assert set(on_poe(poe)) == set(ids(stack).values())


def on_poe(poe: Emulator) -> dict[str, dict[str, Any]]:
    """Our bots by handle; there are no two of one."""
    found = poe.bots(POE_KEY)
    assert len({bot["handle"] for bot in found}) == len(found)
    return {bot["handle"]: bot for bot in found}


def ids(stack: Stack) -> dict[str, str]:
    """What the state has, by the resource's name."""
    return {name: state["id"] for name, state in stack.bots().items()}


def error_about(run: Run, verb: str, handle: str) -> str:
    """The one line that says what failed."""
    start = f"{verb} bot {handle!r}: "
    lines = [line for line in run.output.splitlines() if "error" in line and start in line]
    return lines[0][lines[0].index(start) :] if lines else ""


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
def test_a_step_under_every_fault(stack: Stack, poe: Emulator, step: str) -> None:
    it = STEPS[step]
    if it.before:
        stack.holding(it.before)
    poe.seed(OTHER_POE_KEY, {"handle": "somebody-elses", "api_bot_settings": {}})
    theirs = poe.bots(OTHER_POE_KEY)
    if it.by_hand:
        for name in NAMES:
            poe.seed(POE_KEY, {"handle": name, "api_bot_settings": {"model_name": "by hand"}})
    before = set(on_poe(poe)), set(stack.bots())
    for name, case in CASES.items():
        handle = it.handle.format(name)
        poe.faults.add(Fault(it.method, handle=handle, skip=it.skip, times=case.times, **case.kind.what))

    act = stack.program(it.program).up if it.program else stack.destroy
    run = act(*TALKATIVE, "--continue-on-error")

    assert all(fault.met for fault in poe.faults)
    after = set(on_poe(poe)), set(stack.bots())
    wrong = [f"{name}: {complaint}" for name in NAMES for complaint in complaints(it, name, run, before, after)]
    assert wrong == [], "\n".join([*wrong, str(run)])

    poe.faults.clear()
    act("--json", "--skip-preview").succeeded()

    if it.program:
        assert_nothing_is_left_to_do(stack, poe)
    else:
        assert on_poe(poe) == {}
        assert ids(stack) == {}
    assert len(on_poe(poe)) == (len(NAMES) if it.program else 0)
    assert poe.bots(OTHER_POE_KEY) == theirs


InPoeAndInState = tuple[set[str], set[str]]


def complaints(step: Step, name: str, run: Run, before: InPoeAndInState, after: InPoeAndInState) -> Iterator[str]:
    """What is not as it must be after a run with this fault."""
    case, handle = CASES[name], step.handle.format(name)
    error = error_about(run, step.verb, handle)
    if step.succeeds(case):
        if error:
            yield f"failed: {error}"
        return
    if not error and step.may_succeed(case):
        return
    if not error:
        yield "did not fail, or not in one line that says what was being done to which bot"
    elif case.kind.says not in error:
        yield f"does not say what happened: {error}"
    if name in before[1] - after[1]:
        yield "was dropped from the state"
    if handle in before[0] - after[0] and not case.kind.takes_effect:
        yield "is lost"
    if step.method != "DELETE" and name in before[0] - after[0]:
        yield "was deleted although what should replace it was not made"
    if handle in after[0] - before[0] and not case.kind.takes_effect:
        yield "was made although Poe did not take it"


# --- settling a create whose answer was lost --------------------------------------------------------


def test_settling_a_lost_create_under_every_fault(stack: Stack, poe: Emulator) -> None:
    """The answer to the create is lost, and then reading the bot meets the fault."""
    for name, case in CASES.items():
        poe.faults.add(Fault(method="POST", handle=name, moment="after", drop=True))
        poe.faults.add(Fault(method="GET", handle=name, times=case.times, **case.kind.what))

    run = stack.program(bots(NAMES)).up(*TALKATIVE, "--continue-on-error").failed()

    for name, case in CASES.items():
        # A false 404 makes it send the create once more. That is answered as an edit, and settled by reading again.
        settled = case.passes or name == "f404-once"
        error = error_about(run, "create", name)
        assert (error == "") == settled, f"{name}: {error}\n{run}"
        if not settled and name != "f404-ever":
            assert "The bot may or may not exist now" in error
            assert f"take it over: set adopt=True on it, or run `pulumi config set poe:adopt {name}`" in error
    assert len(on_poe(poe)) == len(NAMES)

    poe.faults.clear()
    stack.up("--json", "--skip-preview", POE_ADOPT=",".join(NAMES)).succeeded()
    assert_nothing_is_left_to_do(stack, poe)


# --- the list that all bots share -------------------------------------------------------------------


@dataclass(frozen=True)
class Shared:
    """Operations that begin with the list.

    :param program: that of the ``n``-th run, in which each of them is to be done.
    :param verbs: each operation as an error names it, and the bot, in the ``n``-th run.
    :param looks_before: a check looks the bots up first, and goes on when it can't.
    :param adopts: the handle of a bot that is there before the ``n``-th run.
    """

    program: Callable[[int], str]
    verbs: tuple[tuple[str, str], ...]
    looks_before: bool = False
    adopts: str | None = None
    command: str = "up"


UPDATE = Shared(lambda n: bots(["live"], description=f"number {n}"), (("update", "live"),))
SHARED = {
    "create, adopt, replace and update": Shared(
        lambda n: (
            bots([f"new-{earlier}" for earlier in range(n + 1)])
            + bots([f"adopted-{earlier}" for earlier in range(n + 1)], adopt=True)
            + bots(["replaced"], handle=f"replaced-by-{n}")
            + UPDATE.program(n)
        ),
        (("create", "new-{}"), ("create", "adopted-{}"), ("create", "replaced-by-{}"), *UPDATE.verbs),
        looks_before=True,
        adopts="adopted-{}",
    ),
    "update": UPDATE,
    "read": Shared(lambda _: bots(["live"]), (("read", "live"),), command="refresh"),
}


def runs_of(operations: str) -> Iterator[list[Case]]:
    """The cases of each run: those that pass four after one another in one run, all others in their own.

    Those others are dealt out: each meets one of the operations here, and every one of them in
    tests/test_list_under_faults.py, in one process.
    """
    passing = [case for case in CASES.values() if case.passes]
    yield from (passing[number : number + 4] for number in range(0, len(passing), 4))
    others = [case for case in CASES.values() if not case.passes]
    yield from ([case] for case in others[list(SHARED).index(operations) :: len(SHARED)])


@pytest.mark.long
@pytest.mark.parametrize("operations", SHARED)
def test_the_list_under_every_fault(stack: Stack, poe: Emulator, operations: str) -> None:
    it = SHARED[operations]
    stack.holding(it.program(0))
    number, is_done = 1, True
    for cases in runs_of(operations):
        if is_done and it.adopts is not None:
            poe.seed(POE_KEY, {"handle": it.adopts.format(number), "api_bot_settings": {"model_name": "by hand"}})
        before = on_poe(poe), ids(stack)
        faults = [
            poe.faults.add(Fault(method="GET", path="/bots", times=case.times, **case.kind.what)) for case in cases
        ]
        command = getattr(stack.program(it.program(number)), it.command)
        options = () if it.command == "refresh" else ("--continue-on-error",)

        run = command(*TALKATIVE, *options, POE_ATTEMPTS=str(len(cases) + 1))

        assert all(fault.met for fault in faults), run
        poe.faults.clear()
        is_done = cases[0].passes or (it.looks_before and cases[0].times is not None)
        if is_done:
            run.succeeded()
            number += 1
        else:
            assert (on_poe(poe), ids(stack)) == before, run
            for verb, handle in it.verbs:
                assert cases[0].kind.says in error_about(run, verb, handle.format(number)), run
    stack.up("--json", "--skip-preview").succeeded()
    assert_nothing_is_left_to_do(stack, poe)


# --- reading a bot that is not in the list ----------------------------------------------------------


@pytest.mark.parametrize("is_there", [False, True], ids=["deleted by hand", "left out of the list"])
def test_reading_a_bot_that_the_list_lacks_under_every_fault(stack: Stack, poe: Emulator, is_there: bool) -> None:
    """Whatever is not proven to be gone stays in the state."""
    stack.holding(bots(NAMES))
    if is_there:
        poe.faults.add(Fault(method="GET", path="/bots", times=None, status=200, body={"bots": []}))
    for name, case in CASES.items():
        if not is_there:
            by_hand.delete(poe, name)
        poe.faults.add(Fault(method="GET", handle=name, times=case.times, **case.kind.what))

    run = stack.refresh(*TALKATIVE).failed()

    state = ids(stack)
    for name, case in CASES.items():
        error = error_about(run, "read", name)
        is_denied = name.startswith("f404-") and "html" not in name
        assert (error == "") == (is_denied or case.passes), f"{name}: {error}\n{run}"
        assert case.kind.says in error or error == "", f"{name}: {error}\n{run}"
        # A false 404 that agrees with a false list is two lies. All else keeps a bot that is there.
        assert (name in state) == (error != "" or (is_there and not is_denied)), f"{name}\n{run}"

    poe.faults.clear()
    stack.refresh().succeeded()
    stack.up("--json", "--skip-preview", POE_ADOPT="f404-once,f404-ever").succeeded()
    assert_nothing_is_left_to_do(stack, poe)
    assert len(on_poe(poe)) == len(NAMES)
