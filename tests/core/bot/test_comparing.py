"""When two values mean the same, and what a program changes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from some_bots import BOTS, DEFINITIONS, FULL, LEAVES, PRICES, with_settings, with_value

from pulumi_poe.core.bot.comparing import differing, same, taken_out
from pulumi_poe.core.bot.fields import DEFAULTS, body
from pulumi_poe.core.bot.handles import canonical_handle
from pulumi_poe.core.values.trees import Path, leaves, without
from pulumi_poe.core.values.unknown import UNKNOWN

PROMPT: Path = ("api_bot_settings", "pricing", "prompt")
TIER_LIST: Path = ("api_bot_settings", "pricing", "context_pricing", "tiers")
DEFINITION_LIST: Path = ("api_bot_settings", "param_definitions")


@pytest.mark.parametrize("spelling", ["acme_bot", "ACME.BOT", "acmebot", "A-c-m-e-B-o-t"])
def test_a_handle_is_the_same_in_any_spelling(spelling: str) -> None:
    assert canonical_handle(spelling) == canonical_handle("Acme-Bot")
    assert same(("handle",), "Acme-Bot", spelling)


def test_another_handle_is_another() -> None:
    assert not same(("handle",), "Acme-Bot", "Acme-Bot-2")


@given(PRICES, st.integers(0, 5), st.integers(0, 3))
def test_a_price_is_the_same_with_zeros_around_it(price: str, after: int, before: int) -> None:
    spelled = "0" * before + (price if "." in price else f"{price}.") + "0" * after
    assert same(PROMPT, price, spelled.rstrip("."))


@given(PRICES, PRICES)
def test_prices_are_the_same_only_if_they_are_the_same_number(one: str, other: str) -> None:
    assert same(PROMPT, one, other) == (float(one) == float(other))


def test_prices_of_tiers_are_compared_as_numbers() -> None:
    assert same(TIER_LIST, [{"prompt": "0.10"}], [{"prompt": "0.1"}])
    assert not same(TIER_LIST, [{"prompt": "0.10"}], [{"prompt": "0.01"}])


def test_tiers_have_an_order() -> None:
    assert not same(TIER_LIST, [{"prompt": "1"}, {"prompt": "2"}], [{"prompt": "2"}, {"prompt": "1"}])


def test_a_tier_without_an_end_may_say_so_with_null() -> None:
    assert same(TIER_LIST, [{"min_tokens": 1, "max_tokens": None}], [{"min_tokens": 1}])


def test_a_description_that_looks_like_a_number_is_text() -> None:
    assert not same(("description",), "1.0", "1.00")


@pytest.mark.parametrize("name", ["input_modalities", "output_modalities", "supported_features"])
@given(values=st.lists(st.sampled_from(["text", "image", "video"])), random=st.randoms(use_true_random=False))
def test_lists_without_order_are_the_same_in_any_order(name: str, values: list[str], random: Any) -> None:
    shuffled = random.sample(values, len(values))
    assert same(("api_bot_settings", name), values, shuffled)


@given(st.lists(DEFINITIONS, max_size=4, unique_by=lambda definition: definition["param_name"]), st.data())
def test_parameter_definitions_are_the_same_in_any_order_of_items_and_names(
    definitions: list[dict[str, Any]], data: st.DataObject
) -> None:
    shuffled = [
        dict(data.draw(st.permutations(list(definition.items()))))
        for definition in data.draw(st.permutations(definitions))
    ]
    assert same(DEFINITION_LIST, definitions, shuffled)


def test_parameter_definitions_are_the_same_although_poe_orders_their_names_in_its_own_way() -> None:
    declared = [{"param_name": "a", "default_value": "z"}, {"param_name": "b", "default_value": "y"}]
    answered = [{"default_value": "z", "param_name": "a"}, {"default_value": "y", "param_name": "b"}]
    assert same(DEFINITION_LIST, declared, answered)


def test_parameter_definitions_with_numbers_are_the_same_in_any_order() -> None:
    one = [{"param_name": "a", "default_value": 10}, {"param_name": "a", "default_value": 2}]
    other = [{"param_name": "a", "default_value": 2.0}, {"param_name": "a", "default_value": 10.0}]
    assert same(DEFINITION_LIST, one, other)


def test_lists_without_order_still_differ_in_what_they_hold() -> None:
    assert not same(("api_bot_settings", "input_modalities"), ["text"], ["text", "image"])
    assert not same(DEFINITION_LIST, [{"param_name": "a", "default_value": 1}], [{"param_name": "a"}])


def test_the_controls_have_an_order() -> None:
    sections = [{"name": "A"}, {"name": "B"}]
    assert not same(("parameter_controls", "sections"), sections, sections[::-1])


@pytest.mark.parametrize(
    "path",
    [("is_private",), ("greeting",), ("api_bot_settings", "audio"), ("api_bot_settings", "pricing", "new"), TIER_LIST],
)
@pytest.mark.parametrize(("boolean", "number"), [(True, 1), (False, 0)])
def test_true_is_not_1(path: Path, boolean: bool, number: int) -> None:
    assert not same(path, boolean, number)
    assert not same(path, [{"x": boolean}], [{"x": number}])


@pytest.mark.parametrize("text", ["nan", "NaN", "sNaN", "-nan", "inf", "1e5", "12a", ""])
def test_any_text_in_pricing_is_the_same_as_itself(text: str) -> None:
    assert same(("api_bot_settings", "pricing", "new"), text, text)


@given(BOTS)
def test_a_bot_does_not_differ_from_itself(bot: dict[str, Any]) -> None:
    assert differing(bot, copy.deepcopy(bot)) == []


@given(BOTS, BOTS)
def test_two_bots_differ_in_the_same_leaves_seen_from_either(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert sorted(differing(one, other)) == sorted(differing(other, one))


def test_any_single_leaf_that_is_changed_is_named() -> None:
    for path in LEAVES:
        assert differing(with_value(FULL, path, ["another value"]), FULL) == [path]


def test_any_single_leaf_that_is_added_or_removed_is_named() -> None:
    for path in LEAVES:
        assert differing(FULL, without(FULL, [path])) == [path]
        assert differing(without(FULL, [path]), FULL) == [path]


def test_any_leaf_that_is_unknown_yet_may_differ() -> None:
    for path in LEAVES:
        assert differing(with_value(FULL, path, UNKNOWN), FULL) == [path]


@pytest.mark.parametrize(("path", "default"), list(DEFAULTS.items()))
def test_beginning_or_ceasing_to_declare_a_default_is_a_change(path: Path, default: object) -> None:
    bare = {"handle": "b"}
    assert differing({**bare, path[0]: default}, bare) == [path]
    assert differing(bare, {**bare, path[0]: default}) == [path]


def test_another_spelling_of_the_same_value_is_no_change() -> None:
    before = with_settings(pricing={"prompt": "0.10"}, input_modalities=["text", "image"])
    after = {**with_settings(pricing={"prompt": "0.1"}, input_modalities=["image", "text"]), "handle": "B."}
    assert differing(after, before) == []


def test_what_was_declared_and_is_no_longer_is_taken_out() -> None:
    before = {"handle": "b", "api_bot_settings": {"model_name": "m", "context_size": 1}, "extra": {"greeting": "Hi"}}
    after = {"handle": "b", "api_bot_settings": {"model_name": "other", "base_url": "https://a.example"}}
    assert taken_out(after, before) == [("api_bot_settings", "context_size"), ("greeting",)]


def test_the_endpoints_key_is_never_taken_out() -> None:
    assert taken_out({"handle": "b"}, with_settings(api_key="canary")) == []


def test_a_field_that_moves_out_of_extra_is_not_taken_out() -> None:
    assert taken_out({"handle": "b", "description": "x"}, {"handle": "b", "extra": {"description": "x"}}) == []


@given(BOTS, BOTS)
def test_to_drop_what_was_taken_out_leaves_all_that_is_declared(now: dict[str, Any], before: dict[str, Any]) -> None:
    assert dict(leaves(without(body(now), taken_out(now, before)))) == dict(leaves(body(now)))


def test_a_value_in_extra_that_becomes_an_object_is_not_dropped_with_the_value() -> None:
    now, before = {"handle": "b", "extra": {"new": {"x": 1}}}, {"handle": "b", "extra": {"new": 1}}
    assert without(body(now), taken_out(now, before)) == body(now)
