"""Each of Poe's names is one of Pulumi's, and back; a user's own keys stay."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from full_example import FULL_EXAMPLE

import pulumi_poe
from pulumi_poe.core.bot.model import KINDS, Bot
from pulumi_poe.core.bot.shape import Object, object_in, properties
from pulumi_poe.core.poe.settings import snake_case
from pulumi_poe.native import names


def test_the_examples_in_the_docstrings_give_what_they_say() -> None:
    assert doctest.testmod(names).failed == 0


def models(model: type[Object] = Bot, seen: tuple[type[Object], ...] = ()) -> Iterator[type[Object]]:
    yield model
    for annotation in properties(model).values():
        inner = object_in(annotation)
        if inner is not None and inner not in seen:
            yield from models(inner, (*seen, model))


ALL = {name for model in (*models(), *KINDS.values()) for name in properties(model)}


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_name_of_poes_comes_back_as_it_was(name: str) -> None:
    assert snake_case(names.camel_case(name)) == name


def test_every_name_of_the_model_is_known() -> None:
    assert names._by_poes_name().keys() >= ALL


def test_a_whole_bot_comes_back_as_it_was() -> None:
    there = names.to_pulumi(FULL_EXAMPLE)
    assert "apiBotSettings" in there
    assert "paramName" in there["apiBotSettings"]["paramDefinitions"][0]
    assert names.to_poe(there) == FULL_EXAMPLE
    assert names.to_poe(FULL_EXAMPLE) == FULL_EXAMPLE


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
    assert names.to_poe(names.to_pulumi(bot)) == bot
    assert "someKey" not in str(bot) or str(FREE) in str(names.to_pulumi(bot))


def test_controls_within_controls_are_renamed() -> None:
    condition = {"control": "condition", "controls": [{"control": "slider", "min_value": 1, "parameter_name": "p"}]}
    bot = {"parameter_controls": {"sections": [{"tabs": [{"controls": [condition]}], "collapsed_by_default": True}]}}
    section = names.to_pulumi(bot)["parameterControls"]["sections"][0]
    assert section["collapsedByDefault"] is True
    assert section["tabs"][0]["controls"][0]["controls"][0] == {
        "control": "slider", "minValue": 1, "parameterName": "p",
    }  # fmt: skip
    assert names.to_poe(names.to_pulumi(bot)) == bot


def test_a_name_that_there_is_not_stays_for_the_checks_to_find() -> None:
    assert names.to_poe({"apiBotSettings": {"modelNmae": "m"}}) == {"api_bot_settings": {"modelNmae": "m"}}


def test_choices_and_other_words_stay_in_a_message() -> None:
    line = "api_type: must be 'chat_completions_api' or 'responses_api', see POE_API_KEY and snake_case"
    assert names.in_words(line) == line.replace("api_type", "apiType")


def texts_of_the_core() -> Iterator[str]:
    for file in sorted((Path(pulumi_poe.__file__).parent / "core").rglob("*.py")):
        tree = ast.parse(file.read_text())
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield node.value


def test_no_message_speaks_of_python() -> None:
    of_python = re.compile(r"\w+=True|pulumi\.Alias|pulumi_poe\.\w+\(")
    spoken = [text for text in texts_of_the_core() if of_python.search(text)]
    assert len(spoken) > 5
    assert [text for text in spoken if of_python.search(names.in_words(text))] == []
