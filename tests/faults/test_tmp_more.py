import pytest

from tests.simulation.real import comparable, compare


@pytest.mark.parametrize("seed", range(100, 124))
def test_more(seed, new_stack, poes):
    shown = comparable(seed, 6)
    difference = compare(shown, new_stack().init(), poes)
    assert difference is None, f"{difference}\n{shown}"
