"""Each of Poe's names is one of Pulumi's, and back; a user's own keys stay."""

from __future__ import annotations

import doctest
from collections.abc import Iterator
from typing import Any

import pytest
from full_example import FULL_EXAMPLE
from hypothesis import given
from hypothesis import strategies as st
from some_bots import BOTS

from pulumi_poe import spelling
from pulumi_poe.core.bot.model import KINDS, Bot
from pulumi_poe.core.bot.shape import Object, object_in, properties
from pulumi_poe.spelling import camel_case, poes_names, read_record, snake_case, to_poe, to_pulumi
from pulumi_poe.tokens import PICKLED


def test_the_examples_in_the_docstrings_give_what_they_say() -> None:
    assert doctest.testmod(spelling).failed == 0


def models(model: type[Object] = Bot, seen: tuple[type[Object], ...] = ()) -> Iterator[type[Object]]:
    yield model
    for annotation in properties(model).values():
        inner = object_in(annotation)
        if inner is not None and inner not in seen:
            yield from models(inner, (*seen, model))


ALL = {name for model in (*models(), *KINDS.values()) for name in properties(model)}


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_name_of_poes_comes_back_as_it_was(name: str) -> None:
    assert snake_case(camel_case(name)) == name


def test_every_name_of_the_model_is_known() -> None:
    assert poes_names().keys() >= ALL


def test_a_whole_bot_comes_back_as_it_was() -> None:
    there = to_pulumi(FULL_EXAMPLE)
    assert "apiBotSettings" in there
    assert "paramName" in there["apiBotSettings"]["paramDefinitions"][0]
    assert to_poe(there) == FULL_EXAMPLE
    assert to_poe(FULL_EXAMPLE) == FULL_EXAMPLE


FREE: dict[str, Any] = {"someKey": {"inner_key": [{"api_key": 1}]}}


@pytest.mark.parametrize(
    "bot",
    [
        {"extra": FREE},
        {"api_bot_settings": {"param_definitions": [{"param_name": "p", "default_value": FREE}]}},
        {"__fingerprint": "f", "__provider_name": "other"},
    ],
)
def test_what_is_the_users_own_keeps_its_keys(bot: dict[str, Any]) -> None:
    assert to_poe(to_pulumi(bot)) == bot
    assert "someKey" not in str(bot) or str(FREE) in str(to_pulumi(bot))


def test_controls_within_controls_are_renamed() -> None:
    condition = {"control": "condition", "controls": [{"control": "slider", "min_value": 1, "parameter_name": "p"}]}
    bot = {"parameter_controls": {"sections": [{"tabs": [{"controls": [condition]}], "collapsed_by_default": True}]}}
    section = to_pulumi(bot)["parameterControls"]["sections"][0]
    assert section["collapsedByDefault"] is True
    assert section["tabs"][0]["controls"][0]["controls"][0] == {
        "control": "slider", "minValue": 1, "parameterName": "p",
    }  # fmt: skip
    assert to_poe(to_pulumi(bot)) == bot


def test_a_name_that_there_is_not_stays_for_the_checks_to_find() -> None:
    assert to_poe({"apiBotSettings": {"modelNmae": "m"}}) == {"api_bot_settings": {"modelNmae": "m"}}


# --- of either shell ------------------------------------------------------------------------------------


@given(BOTS)
def test_a_bot_is_read_the_same_whichever_shell_wrote_it(bot: dict[str, Any]) -> None:
    record = {**bot, "__fingerprint": "f"}
    by_the_dynamic_one, by_the_native_one = {**record, PICKLED: "p"}, to_pulumi(record)
    assert read_record(by_the_dynamic_one, native=False) == (record, False)
    assert read_record(by_the_native_one, native=True) == (record, False)
    assert read_record(by_the_dynamic_one, native=True) == (record, True)
    assert read_record(by_the_native_one, native=False) == (record, True)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["apiKey", "api_key", "handle", "isPrivate", "a b", "__provider"]), inner)
    ),
    max_leaves=6,
)


@given(extra=st.dictionaries(st.sampled_from(["newField", "new_field", "apiBotSettings"]), ANY_JSON), default=ANY_JSON)
def test_keys_of_the_users_own_are_the_same_in_both(extra: dict[str, Any], default: Any) -> None:
    definitions = [{"param_name": "p", "default_value": default}]
    bot = {"handle": "A", "extra": extra, "api_bot_settings": {"param_definitions": definitions}}
    assert read_record(to_pulumi(bot), native=False) == (bot, True)


@pytest.mark.parametrize("native", [True, False])
def test_a_new_bot_has_nothing_that_moves(native: bool) -> None:
    assert read_record({}, native=native) == ({}, False)
