"""The faults of the first release are gone, and the simulation would find them again."""

from __future__ import annotations

import pytest

from tests.simulation.first_faults import FAULTS
from tests.simulation.shorter import violation
from tests.simulation.world import World


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_first_release_is_gone(fault: str) -> None:
    history, _ = FAULTS[fault]

    assert violation(history, World()) is None
