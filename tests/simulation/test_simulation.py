"""In every history the promises of docs/reliability.md hold."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.simulation import exceptions, invariants
from tests.simulation.histories import history
from tests.simulation.shells import Native
from tests.simulation.shorter import shortest, violation
from tests.simulation.world import World

HISTORIES = int(os.environ.get("HISTORIES", "500"))
"""How many of the dynamic provider, and half as many others of the native plugin; CI runs more."""

OF_THE_NATIVE = 1_000_000
"""The first seed of these."""

_PARTS = 10


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def native_world() -> World:
    return World(shell=Native)


def require_all_promises(seeds: range, world: World) -> None:
    for seed in seeds:
        found = violation(history(seed), world)
        if found is not None:
            pytest.fail(f"SEED={seed}: {found}\n\n{shortest(history(seed), world)}", pytrace=False)


@pytest.mark.parametrize("part", range(_PARTS))
def test_in_every_history_all_promises_hold(part: int, world: World) -> None:
    require_all_promises(range(part, HISTORIES, _PARTS), world)


@pytest.mark.parametrize("part", range(_PARTS))
def test_they_hold_for_the_native_plugin_too(part: int, native_world: World) -> None:
    require_all_promises(range(OF_THE_NATIVE + part, OF_THE_NATIVE + HISTORIES // 2, _PARTS), native_world)


@pytest.mark.parametrize("name", [*invariants.ALL, *exceptions.ALL])
def test_the_page_on_reliability_names_every_invariant_and_every_exception(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs/reliability.md").read_text()
    said = re.sub(r"\s+", " ", "".join(re.findall(r"\*\*.*?\*\*", page, flags=re.DOTALL)))
    assert name.lower() in said.lower()


def test_a_history_is_the_same_each_time(world: World) -> None:
    def told(seed: int) -> list[object]:
        violation(history(seed), world)
        return [(told.what, told.outcome and (told.outcome.steps, told.outcome.errors)) for told in world.trace]

    for seed in range(20):
        assert told(seed) == told(seed)
