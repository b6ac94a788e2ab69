"""The laws of merging, pruning and projecting nested dicts."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.core.values.trees import at, leaves, overlay, without, without_none

KEYS = st.sampled_from("abcd")
LEAVES = st.integers(0, 3) | st.text("xy", max_size=2) | st.booleans() | st.lists(st.integers(0, 2), max_size=2)


def trees(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Three levels deep at most."""
    tree = st.dictionaries(KEYS, leaf, max_size=2)
    for _ in range(2):
        tree = st.dictionaries(KEYS, leaf | tree, max_size=3)
    return tree


TREES = trees(LEAVES)


@given(TREES)
def test_every_leaf_is_at_its_path(tree: dict[str, Any]) -> None:
    assert all(at(tree, path) == leaf for path, leaf in leaves(tree))


@given(TREES)
def test_a_tree_over_nothing_is_itself(tree: dict[str, Any]) -> None:
    assert overlay(tree, {}) == tree


@given(TREES)
def test_nothing_over_a_tree_leaves_it_as_it_is(tree: dict[str, Any]) -> None:
    assert overlay({}, tree) == tree


@given(TREES, TREES)
def test_every_leaf_that_is_laid_over_wins(over: dict[str, Any], under: dict[str, Any]) -> None:
    merged = overlay(over, under)
    assert all(at(merged, path) == leaf for path, leaf in leaves(over))


@given(TREES, TREES)
def test_what_lies_under_shows_wherever_nothing_is_laid_over(over: dict[str, Any], under: dict[str, Any]) -> None:
    merged = overlay({"both": over, "over": over}, {"both": under, "under": under})
    assert merged["under"] == under
    assert {key: merged["both"][key] for key in under if key not in over} == {
        key: under[key] for key in under if key not in over
    }


@given(TREES, TREES)
def test_no_leaf_shows_that_lies_neither_over_nor_under(over: dict[str, Any], under: dict[str, Any]) -> None:
    of_both = [*leaves(over), *leaves(under)]
    assert all(leaf in of_both for leaf in leaves(overlay(over, under)))


@given(TREES, TREES)
def test_laying_the_same_over_again_changes_nothing(over: dict[str, Any], under: dict[str, Any]) -> None:
    once = overlay(over, under)
    assert overlay(over, once) == once


def test_a_list_is_replaced_whole() -> None:
    assert overlay({"a": [1]}, {"a": [2, 3]}) == {"a": [1]}


@given(TREES, st.data())
def test_a_leaf_that_is_taken_out_is_gone_and_every_other_stays(tree: dict[str, Any], data: st.DataObject) -> None:
    all_leaves = dict(leaves(tree))
    gone = data.draw(st.sets(st.sampled_from(sorted(all_leaves)))) if all_leaves else set()
    assert dict(leaves(without(tree, gone))) == {path: leaf for path, leaf in all_leaves.items() if path not in gone}


@given(TREES)
def test_taking_out_what_is_not_there_changes_nothing(tree: dict[str, Any]) -> None:
    assert without(tree, [("z",), ("z", "a")]) == tree


def test_a_dict_that_is_left_empty_goes_too() -> None:
    assert without({"a": {"b": {"c": 1}}, "d": 2}, [("a", "b", "c")]) == {"d": 2}


def test_a_whole_dict_can_be_taken_out() -> None:
    assert without({"a": {"b": 1, "c": 2}, "d": 2}, [("a",)]) == {"d": 2}


@pytest.mark.parametrize("path", [("z",), ("a", "z"), ("a", "b", "z"), ("list", "0")])
def test_where_there_is_nothing_none_is_found(path: tuple[str, ...]) -> None:
    assert at({"a": {"b": 1}, "list": [1]}, path) is None


@pytest.mark.parametrize("tree", [None, 1, "text", []])
def test_nothing_is_found_in_what_is_no_dict(tree: object) -> None:
    assert at(tree, ("a",)) is None


def test_to_declare_none_is_to_declare_nothing_in_lists_too() -> None:
    assert without_none({"a": None, "b": [{"c": None, "d": 1}], "e": {"f": None}}) == {"b": [{"d": 1}], "e": {}}


@given(trees(LEAVES | st.none()))
def test_no_leaf_is_none_once_none_is_taken_out(tree: dict[str, Any]) -> None:
    assert dict(leaves(without_none(tree))) == {path: leaf for path, leaf in leaves(tree) if leaf is not None}


@given(TREES, TREES)
def test_no_argument_is_changed(one: dict[str, Any], other: dict[str, Any]) -> None:
    before = copy.deepcopy((one, other))
    merged = overlay(one, other)
    without(merged, [path for path, _ in leaves(merged)])
    without_none(merged)
    assert (one, other) == before
