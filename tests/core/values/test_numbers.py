"""Numbers as JSON means them."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_poe.core.values.numbers import in_each, is_int, whole


@pytest.mark.parametrize("value", [4096.0, -1.0, 0.0, 1e20])
def test_a_whole_number_is_an_int(value: float) -> None:
    assert isinstance(whole(value), int)
    assert whole(value) == value


@pytest.mark.parametrize("value", [0.5, float("inf"), True, "1.0", None, [1.0]])
def test_anything_else_stays_as_it_is(value: Any) -> None:
    assert whole(value) is value


@pytest.mark.parametrize(("value", "is_one"), [(1, True), (True, False), (1.0, False), ("1", False), (None, False)])
def test_true_is_no_number(value: Any, is_one: bool) -> None:
    assert is_int(value) is is_one


def test_each_leaf_is_changed_however_deep() -> None:
    assert in_each(whole, {"a": [1.0, {"b": 2.0}], "c": 0.5}) == {"a": [1, {"b": 2}], "c": 0.5}
