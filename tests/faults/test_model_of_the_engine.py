"""The simulation's model of the engine tells what the real one does, command by command.

Histories from seeds, and some made by hand for what those rarely reach. None depends on the order in which the engine
takes a program's resources, which it does not fix.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from stacks import StackFactory

from pulumi_poe.emulator import Emulator
from tests.simulation.histories import (
    ELSEWHERE,
    ENDPOINT_KEYS,
    HOME,
    Change,
    Declare,
    Hand,
    History,
    Import,
    Remove,
    Rename,
    Restore,
    Rotate,
    Run,
    Set,
    StateDelete,
    Swap,
    Use,
)
from tests.simulation.poe import Fault
from tests.simulation.real import comparable, compare, has_one_outcome

KEY = (("api_bot_settings", "api_key"), ENDPOINT_KEYS[1])
PROMPT = ("api_bot_settings", "pricing", "prompt")
COMPLETION = ("api_bot_settings", "pricing", "completion")
SIZE = ("api_bot_settings", "context_size")
UP, PREVIEW, REFRESH, DESTROY = Run("up"), Run("preview"), Run("refresh"), Run("destroy")


def bot(name: str, handle: str, **options: Any) -> Declare:
    leaves = ((("description",), "first"), KEY, (PROMPT, "0.000001"))
    return Declare(name, handle, leaves, tuple(options.items()))


def fails(method: str, status: str = "400") -> tuple[Fault, ...]:
    return (Fault(status, method=method),)


def by_hand(what: str, handle: str, path: tuple[str, ...] = SIZE, value: Any = 4096, account: str = "ours") -> Hand:
    return Hand(what, handle, account, path, value)


BY_HAND: dict[str, tuple[Any, ...]] = {
    "a bot is replaced, and the old one can not be deleted at first": (
        bot("a", "Acme-One"), UP, Change("a", ("handle",), "Four-Bot"), PREVIEW, Run("up", faults=fails("DELETE")), UP,
    ),
    "a bot that was deleted first can not be created, and then it can": (
        bot("a", "Acme-One", deleted_first=True), UP, Change("a", ("handle",), "Four-Bot"), PREVIEW,
        Run("up", faults=fails("POST")), PREVIEW, REFRESH, UP,
    ),
    "a bot that was deleted first can not be created, and is taken out of the program": (
        bot("a", "Acme-One", deleted_first=True), UP, Change("a", ("handle",), "Four-Bot"),
        Run("up", faults=fails("POST")), Remove("a"), PREVIEW, UP,
    ),
    "a bot that was deleted first can not be created, and all is destroyed": (
        bot("a", "Acme-One", deleted_first=True), UP, Change("a", ("handle",), "Four-Bot"),
        Run("up", faults=fails("POST")), DESTROY,
    ),
    "one of two is replaced by name": (
        bot("a", "Acme-One"), bot("b", "Four-Bot", deleted_first=True), UP,
        Change("a", ("description",), "second"), Change("b", ("description",), "second"),
        Run("up", replaced=("b",), only=True), Run("up", replaced=("b",)),
    ),
    "a bot is replaced by name under its own handle": (
        bot("a", "Acme-One"), UP, Run("up", replaced=("a",)), Set("a", "adopt", True),
        Run("up", replaced=("a",), only=True),
    ),
    "a change replaces": (
        bot("a", "Acme-One", replaced_on=("description",), deleted_first=True), UP,
        Change("a", ("description",), "second"), PREVIEW, UP, Set("a", "deleted_first", False),
        Change("a", ("description",), "third"), UP,
    ),
    "hands are seen by a refresh, and undone": (
        bot("a", "Acme-One"), bot("b", "Four-Bot"), UP, by_hand("edit", "Acme-One", PROMPT, "0.000002"),
        by_hand("delete", "Four-Bot"), REFRESH, PREVIEW, UP, by_hand("edit", "Acme-One", ("description",), "hand"),
        by_hand("delete", "Four-Bot"), Change("a", ("description",), "second"), Run("up", refresh=True),
    ),
    "resources are renamed": (
        bot("a", "Acme-One"), UP, Rename("a", "b", alias=True), Change("b", PROMPT, "0.000002"), UP,
        Rename("b", "c", adopt=True), UP, Set("c", "adopt", False), Rename("c", "a"), UP,
    ),
    "two change their handles": (bot("a", "Acme-One"), bot("b", "Four-Bot"), UP, Swap("a", "b"), PREVIEW, UP),
    "a protected bot is not deleted, and one that is retained stays": (
        bot("a", "Acme-One", protect=True), bot("b", "Four-Bot", retain=True), UP, Remove("b"), UP, DESTROY,
        Change("a", ("handle",), "Five-Bot"), PREVIEW, UP, Remove("a"), UP,
    ),
    "what is ignored stays": (
        bot("a", "Acme-One", ignored=(PROMPT, SIZE)), UP, Change("a", PROMPT, "0.000002"), Change("a", SIZE, 8192),
        Change("a", COMPLETION, "0.000003"), UP, Change("a", PROMPT, None), Change("a", ("handle",), "Four-Bot"), UP,
    ),
    "the state is edited": (
        bot("a", "Acme-One"), bot("b", "Four-Bot"), UP, StateDelete("b", "c"), Rename("b", "c"), UP,
        StateDelete("a"), Set("a", "adopt", True), UP, Change("c", ("handle",), "Five-Bot"), UP, Restore(1), UP,
    ),
    "the rest goes on": (
        by_hand("create", "Four-Bot", account="theirs"), bot("a", "Acme-One"), bot("b", "Four-Bot"),
        Run("up", continue_on_error=True), Remove("b"), UP,
    ),
    "all is destroyed, but for what fails": (
        bot("a", "Acme-One"), UP, Run("destroy", faults=fails("DELETE"), continue_on_error=True), DESTROY,
    ),
    "a bot is imported": (
        by_hand("create", "Acme-One"), Import("a", "Acme-One"), PREVIEW, REFRESH, Change("a", SIZE, 8192), UP,
    ),
    "the last bot of a program is deleted with a new key": (
        bot("a", "Acme-One"), UP, Rotate(), Remove("a"), UP, REFRESH, DESTROY,
        bot("a", "Acme-One"), UP, Remove("a"), UP,
    ),
    "a new key is used by a refresh after an up": (
        bot("a", "Acme-One"), UP, Rotate(), REFRESH, Run("up", refresh=True), UP, REFRESH,
    ),
    "a bot goes to another Provider": (
        bot("a", "Acme-One"), UP, Set("a", "provider", "first"), PREVIEW, UP, Change("a", PROMPT, "0.000002"), UP,
        Set("a", "provider", "second"), UP, DESTROY,
    ),
    "another address is in use": (
        bot("a", "Acme-One"), UP, Use(address=ELSEWHERE), Change("a", PROMPT, "0.000002"), UP, REFRESH, DESTROY,
    ),
    "a handle is known late": (
        bot("a", "Acme-One", late=(("handle",), PROMPT)), PREVIEW, UP,
        Change("a", ("handle",), "Four-Bot"), PREVIEW, UP,
    ),
}  # fmt: skip


@pytest.fixture
def poes(poe: Emulator) -> Iterator[dict[str, Emulator]]:
    with Emulator(accounts=poe.accounts) as elsewhere:
        yield {HOME: poe, ELSEWHERE: elsewhere}


@pytest.mark.parametrize("seed", range(20))
def test_a_random_history_is_the_same_in_the_model_and_on_the_real_engine(
    seed: int, new_stack: StackFactory, poes: dict[str, Emulator]
) -> None:
    shown = comparable(seed, 3)
    difference = compare(shown, new_stack().init(), poes)
    assert difference is None, f"{difference}\n{shown}"


@pytest.mark.parametrize("name", BY_HAND)
def test_a_history_is_the_same_in_the_model_and_on_the_real_engine(
    name: str, new_stack: StackFactory, poes: dict[str, Emulator]
) -> None:
    key_in = "environment" if name == "another address is in use" else "config"
    shown = History(BY_HAND[name], key_in)
    assert has_one_outcome(shown), "it depends on who goes on first"
    difference = compare(shown, new_stack().init(), poes)
    assert difference is None, str(difference)
