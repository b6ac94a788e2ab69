"""The shape of a bot: the model has all names that the rest of the core uses, and no other way to say them."""

from __future__ import annotations

import pytest

from pulumi_poe.core.bot import drift, fields, prices
from pulumi_poe.core.bot.model import Bot, Pricing
from pulumi_poe.core.bot.shape import Object, object_in, properties
from pulumi_poe.core.lifecycle.record import properties as recorded


def model_at(path: tuple[str, ...]) -> type[Object] | None:
    model: type[Object] | None = Bot
    for name in path:
        assert model is not None
        model = object_in(properties(model)[name])
    return model


def test_no_property_has_a_name_such_as_those_that_are_recorded_beside_them() -> None:
    assert set(recorded(dict.fromkeys(properties(Bot)))) == set(properties(Bot))


@pytest.mark.parametrize("path", [*drift.SAME_AS_ABSENT, *fields.UNORDERED, *fields.SECRETS])
def test_what_is_said_of_a_property_is_said_of_one_that_there_is(path: tuple[str, ...]) -> None:
    model = model_at(path[:-1])
    assert model is not None
    assert path[-1] in properties(model)


@pytest.mark.parametrize("path", sorted(fields.OBJECTS))
def test_what_is_called_an_object_is_one(path: tuple[str, ...]) -> None:
    assert model_at(path) is not None


def test_prices_are_those_of_the_model() -> None:
    assert {name for name in properties(Pricing) if name != "context_pricing"} == set(prices.NAMES)
