"""The shape of a bot: the model has all names that the rest of the core uses, and no other way to say them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from pulumi_poe.core.bot import checks, drift, fields, prices
from pulumi_poe.core.bot.model import Bot, Pricing
from pulumi_poe.core.lifecycle.record import properties


def model_at(path: tuple[str, ...]) -> type[BaseModel] | None:
    model: type[BaseModel] | None = Bot
    for name in path:
        assert model is not None
        model = checks.object_in(model.model_fields[name].annotation)
    return model


def test_no_property_has_a_name_such_as_those_that_are_recorded_beside_them() -> None:
    assert set(properties(dict.fromkeys(Bot.model_fields))) == set(Bot.model_fields)


@pytest.mark.parametrize("path", [*drift.SAME_AS_ABSENT, *fields.UNORDERED, *fields.SECRETS])
def test_what_is_said_of_a_property_is_said_of_one_that_there_is(path: tuple[str, ...]) -> None:
    model = model_at(path[:-1])
    assert model is not None
    assert path[-1] in model.model_fields


@pytest.mark.parametrize("path", sorted(fields.OBJECTS))
def test_what_is_called_an_object_is_one(path: tuple[str, ...]) -> None:
    assert model_at(path) is not None


def test_prices_are_those_of_the_model() -> None:
    assert {name for name in Pricing.model_fields if name != "context_pricing"} == set(prices.NAMES)


@pytest.mark.parametrize(
    "wrong", [{}, {"handle": 5}, {"handle": "Acme", "is_private": "yes"}, {"handle": "Acme", "x": 1}]
)
def test_a_bot_of_another_shape_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Bot.model_validate(wrong)
