"""The table of mutants is up to date: each changes the source, and its seed finds it. `make mutants` looks further."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.mutation import sources


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.what)
def test_a_mutant_changes_source_that_is_there_once(mutant: Mutant) -> None:
    assert sources(mutant)


def test_no_two_mutants_are_named_alike() -> None:
    assert len({mutant.what for mutant in MUTANTS}) == len(MUTANTS)


def test_the_seed_of_each_mutant_finds_it() -> None:
    """In processes of their own, because each loads the package anew."""
    command = [sys.executable, "-m", "tests.simulation.mutation", "--known"]
    ran = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
