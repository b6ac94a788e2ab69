"""The types of a program are those of the model."""

from __future__ import annotations

from tools import types


def test_the_types_are_those_of_the_model_of_today() -> None:
    """If they are not: `make types`."""
    assert types.TYPES.read_text() == types.source()


def test_what_differs_from_the_model_is_said_of_fields_that_there_are() -> None:
    model = types.MODEL.read_text()
    for owner, field in types.OTHERWISE:
        assert f"    {field}:" in model.partition(f"class {owner}(")[2].partition("\nclass ")[0]
