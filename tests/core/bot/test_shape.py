"""What an annotation of the model asks of a value, and in which words pydantic's core says what is wrong."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated, Any, Literal

import pytest
from pydantic_core import ValidationError

from pulumi_poe.core.bot.shape import Object, object_in, properties, validator


def _even(value: Any) -> Any:
    if value % 2:
        raise ValueError("must be even")
    return value


class Leaf(Object):
    text: str
    choice: Literal["a", "b"] | None = None
    number: Annotated[Any, _even] = None


class Round(Object):
    control: Literal["round"]


class Square(Object):
    control: Literal["square"]
    inside: list[Shape]


Shape = Round | Square


class Whole(Object):
    leaves: list[Leaf] | None = None
    shapes: list[Shape] | None = None
    free: Annotated[dict[str, Any], _even] | None = None
    flag: bool | None = None


WHOLE = validator(Whole)


def found(value: Any) -> list[tuple[tuple[int | str, ...], str]]:
    try:
        WHOLE.validate_python(value)
    except ValidationError as error:
        return [(detail["loc"], detail["type"]) for detail in error.errors(include_url=False)]
    return []


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"leaves": []},
        {"leaves": [{"text": "", "choice": "b", "number": 4}, {"text": "x"}]},
        {"leaves": None, "shapes": None, "free": None, "flag": None},
        {"shapes": [{"control": "round"}, {"control": "square", "inside": [{"control": "square", "inside": []}]}]},
        {"flag": True},
    ],
)
def test_what_the_annotations_say_is_right(value: Any) -> None:
    assert found(value) == []


@pytest.mark.parametrize(
    ("value", "mistake"),
    [
        ([], ((), "dict_type")),
        ({"x": 1}, (("x",), "extra_forbidden")),
        ({"flag": 1}, (("flag",), "bool_type")),
        ({"flag": "true"}, (("flag",), "bool_type")),
        ({"leaves": ()}, (("leaves",), "list_type")),
        ({"leaves": [{}]}, (("leaves", 0, "text"), "missing")),
        ({"leaves": [{"text": 1}]}, (("leaves", 0, "text"), "string_type")),
        ({"leaves": [{"text": b"x"}]}, (("leaves", 0, "text"), "string_type")),
        ({"leaves": [{"text": "", "choice": "c"}]}, (("leaves", 0, "choice"), "literal_error")),
        ({"leaves": [{"text": "", "number": 3}]}, (("leaves", 0, "number"), "value_error")),
        ({"leaves": [3]}, (("leaves", 0), "dict_type")),
        ({"shapes": [{"control": "oval"}]}, (("shapes", 0), "union_tag_not_found")),
        ({"shapes": [{"control": ["round"]}]}, (("shapes", 0), "union_tag_not_found")),
        ({"shapes": ["round"]}, (("shapes", 0), "union_tag_not_found")),
        ({"shapes": [{"control": "round", "inside": []}]}, (("shapes", 0, "round", "inside"), "extra_forbidden")),
        ({"free": []}, (("free",), "dict_type")),
        ({"free": {1: 2}}, (("free", 1, "[key]"), "string_type")),
    ],
)
def test_what_they_do_not_say_is_wrong(value: Any, mistake: tuple[tuple[int | str, ...], str]) -> None:
    assert found(value) == [mistake]


def test_all_that_is_wrong_is_found_at_once() -> None:
    assert len(found({"flag": 1, "leaves": [{"text": 1}, {}], "x": 1})) == 4


def test_a_class_has_the_properties_of_the_class_that_it_is_made_from() -> None:
    class More(Leaf):
        more: str

    assert list(properties(More)) == ["text", "choice", "number", "more"]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [(Leaf, Leaf), (Leaf | None, Leaf), (list[Leaf] | None, Leaf), (dict[str, Any], None), (str | None, None)],
)
def test_the_object_in_an_annotation(annotation: Any, expected: type[Object] | None) -> None:
    assert object_in(annotation) is expected


def test_a_check_loads_pydantics_core_and_no_more_of_it() -> None:
    program = (
        "import sys; from pulumi_poe.core.bot.checks import mistakes; assert mistakes({'handle': 5});"
        "print(sorted(name for name in sys.modules if name.partition('.')[0].startswith('pydantic')))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pydantic_core" in ran.stdout
    assert "'pydantic'" not in ran.stdout
