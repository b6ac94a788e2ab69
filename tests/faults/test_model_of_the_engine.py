"""The simulation's model of the engine tells what the real one does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from stacks import Stack, StackFactory

from pulumi_poe.emulator import Emulator
from tests.simulation.histories import ELSEWHERE, HOME
from tests.simulation.real import comparable, compare

SEEDS = range(*map(int, os.environ.get("SEEDS", "0,8").split(",")))


@pytest.fixture
def poes(poe: Emulator) -> Iterator[dict[str, Emulator]]:
    with Emulator(accounts=poe.accounts) as elsewhere:
        yield {HOME: poe, ELSEWHERE: elsewhere}


@pytest.fixture
def new(new_stack: StackFactory) -> Stack:
    return new_stack().init()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_history_is_the_same_in_the_model_and_on_the_real_engine(
    seed: int, new: Stack, poes: dict[str, Emulator], tmp_path: Path
) -> None:
    shown = comparable(seed, 5)
    if shown is None:
        pytest.skip("the order of checks decides")
    difference = compare(shown, new, poes)
    assert difference is None, f"{difference}\n{shown}"
