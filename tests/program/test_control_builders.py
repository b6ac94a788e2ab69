"""Controls: a line makes a control and its definition, in the form that Poe documents."""

from __future__ import annotations

import asyncio
import doctest
import importlib
import json
import warnings
from functools import cache
from typing import Any, cast

import pulumi
import pytest
from full_example import FULL_EXAMPLE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_poe.core.bot.checks import mistakes
from pulumi_poe.program.control_builders import (
    BaseControlPart,
    ControlPart,
    Controls,
    Part,
    aspect_ratio,
    controls,
    divider,
    drop_down,
    literal,
    number_field,
    parameter,
    section,
    slider,
    text_area,
    text_field,
    toggle,
    when,
)


def wire(part: Part) -> Any:
    """Its JSON, in which a test may look for any key."""
    return part.wire


def test_the_builders_make_the_references_own_example() -> None:
    efforts = {"low": "Low", "medium": "Medium", "high": "High"}
    ui = controls(
        section(
            "Thinking",
            toggle("think", "Think first", default=True),
            when(
                "think",
                eq=True,
                show=[
                    drop_down("effort", "Effort", efforts, default="medium"),
                    slider("budget", "Budget", 0, 32768, step=1024, default=4096, description="Most thinking tokens"),
                ],
            ),
            divider(),
            text_area("rules", "House rules", default="", placeholder="One per line"),
        ),
        section(
            "Output",
            tabs={
                "Shape": [aspect_ratio("ratio", "Ratio", {"1:1": "1:1", "wide": "16:9"}, default="1:1")],
                "Tags": [text_field("seed_word", "Seed word", placeholder="optional")],
            },
            collapsed=True,
        ),
    )
    assert ui.parameter_controls == FULL_EXAMPLE["parameter_controls"]
    by_hand = FULL_EXAMPLE["api_bot_settings"]["param_definitions"]
    assert sorted(ui.param_definitions, key=str) == sorted(by_hand, key=str)


# --- each control -----------------------------------------------------------------------------------

EVERY_ARGUMENT = [
    (
        toggle("p", "L", default=False, description="D"),
        {"control": "toggle_switch", "default_value": False},
    ),
    (
        drop_down("p", "L", ["a"], default="a", description="D"),
        {"control": "drop_down", "default_value": "a", "options": [{"value": "a", "name": "a"}]},
    ),
    (
        slider("p", "L", -1, max_value=1, step=0.5, default=0, description="D"),
        {"control": "slider", "default_value": 0, "min_value": -1, "max_value": 1, "step": 0.5},
    ),
    (
        text_field("p", "L", default="", description="D", placeholder="P"),
        {"control": "text_field", "default_value": "", "placeholder": "P"},
    ),
    (
        text_area("p", "L", default="x", description="D", placeholder="P"),
        {"control": "text_area", "default_value": "x", "placeholder": "P"},
    ),
    (
        number_field("p", "L", default=0, min_value=0, max_value=9, step=1, description="D", placeholder="P"),
        {"control": "number_field", "default_value": 0, "min_value": 0, "max_value": 9, "step": 1, "placeholder": "P"},
    ),
    (
        aspect_ratio("p", "L", ["1:1"], default="1:1", description="D"),
        {"control": "aspect_ratio", "default_value": "1:1", "options": [{"width": 1, "height": 1}]},
    ),
]


@pytest.mark.parametrize(("made", "own"), EVERY_ARGUMENT, ids=lambda value: getattr(value, "wire", {}).get("control"))
def test_each_control_with_every_argument(made: Part, own: dict[str, Any]) -> None:
    assert made.wire == {"label": "L", "parameter_name": "p", "description": "D", **own}
    definition = {"param_name": "p", "param_dest": "extra_body", "default_value": own["default_value"]}
    assert made.param_definitions == (definition,)


@pytest.mark.parametrize(
    "made",
    [
        toggle("p", "L"),
        drop_down("p", "L", []),
        slider("p", "L", 0, 1, step=1),
        text_field("p", "L"),
        text_area("p", "L"),
        number_field("p", "L"),
        aspect_ratio("p", "L", []),
    ],
)
def test_what_is_left_out_is_left_out(made: Part) -> None:
    assert None not in made.wire.values()
    assert not {"default_value", "description", "placeholder"} & set(made.wire)
    assert made.param_definitions == ({"param_name": "p", "param_dest": "extra_body"},)


@pytest.mark.parametrize(
    "options", [{"s": "Small", "m": "Medium"}, [("s", "Small"), ("m", "Medium")], {"s": "Small", "m": "Medium"}.items()]
)
def test_choices_with_what_users_read(options: Any) -> None:
    choices = [{"value": "s", "name": "Small"}, {"value": "m", "name": "Medium"}]
    assert wire(drop_down("p", "L", options))["options"] == choices


@pytest.mark.parametrize(
    ("ratio", "option"),
    [
        ("16:9", {"width": 16, "height": 9}),
        ("1.91:1", {"width": 1.91, "height": 1}),
        ("1.0:1", {"width": 1, "height": 1, "value": "1.0:1"}),
        ("02:1", {"width": 2, "height": 1, "value": "02:1"}),
        ("0.000001:1", {"width": 0.000001, "height": 1, "value": "0.000001:1"}),
    ],
)
def test_a_ratio_is_sent_as_it_is_written(ratio: str, option: dict[str, Any]) -> None:
    """Poe makes a missing value from the two numbers; where that says something else, the value is there."""
    assert wire(aspect_ratio("p", "L", [ratio]))["options"] == [option]


# --- conditions -------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["eq", "ne", "gt", "ge", "lt", "le", "equals"])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("a", {"literal": 3}),
        (parameter("a"), {"parameter_name": "b"}),
        (literal(False), {"parameter_name": "b"}),
    ],
)
def test_every_comparator_between_every_pair_of_operands(word: str, left: Any, right: Any) -> None:
    arguments: dict[str, Any] = {word: right}
    made = when(left, show=[divider()], **arguments)
    assert wire(made)["condition"] == {
        "comparator": "eq" if word == "equals" else word,
        "left": parameter("a") if left == "a" else left,
        "right": right,
    }


@pytest.mark.parametrize("value", [True, False, 0, 1.5, "", "text"])
def test_a_plain_value_is_compared_with_as_it_is(value: Any) -> None:
    right = wire(when("a", eq=value, show=[divider()]))["condition"]["right"]
    assert right == {"literal": value}
    assert type(right["literal"]) is type(value)


def test_a_condition_defines_what_it_shows() -> None:
    made = when("think", eq=True, show=[text_field("a", "A"), divider(), text_field("b", "B")])
    assert [definition["param_name"] for definition in made.param_definitions] == ["a", "b"]


# --- their arrangement ------------------------------------------------------------------------------


def shape(ui: Controls) -> list[Any]:
    """Each section's name and the parameters in it."""
    sections: Any = ui.parameter_controls["sections"]
    return [(part.get("name"), [held["parameter_name"] for held in part["controls"]]) for part in sections]


def test_controls_without_a_section_make_one() -> None:
    assert shape(controls(toggle("a", "A"), toggle("b", "B"))) == [(None, ["a", "b"])]


def test_controls_stay_in_their_order_among_sections() -> None:
    ui = controls(toggle("a", "A"), section("S", toggle("b", "B")), toggle("c", "C"), toggle("d", "D"))
    assert shape(ui) == [(None, ["a"]), ("S", ["b"]), (None, ["c", "d"])]
    assert [definition["param_name"] for definition in ui.param_definitions] == ["a", "b", "c", "d"]


def test_a_section_without_a_name() -> None:
    assert section(None, divider(), collapsed=False).wire == {
        "controls": [{"control": "divider"}],
        "collapsed_by_default": False,
    }


def test_one_parameter_of_two_controls_is_defined_once() -> None:
    ui = controls(
        when("a", eq=1, show=[slider("p", "Few", 0, 9, step=1, default=3)]),
        when("a", ne=1, show=[slider("p", "Many", 0, 99, step=1, default=3)]),
    )
    assert ui.param_definitions == [{"param_name": "p", "param_dest": "extra_body", "default_value": 3}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (text_field("p", "L", default="a"), text_area("p", "L", default="b")),
        (text_field("p", "L", default="a"), text_area("p", "L")),
        (text_field("p", "L"), text_area("p", "L", default="")),
        (toggle("p", "L", default=True), number_field("p", "L", default=1)),
        (number_field("p", "L", default=0), toggle("p", "L", default=False)),
    ],
)
def test_one_parameter_with_two_defaults_is_refused(one: ControlPart, other: ControlPart) -> None:
    with pytest.raises(ValueError, match="two controls of the parameter 'p' have different defaults"):
        controls(one, section("S", other))


def test_outputs_pass_through() -> None:
    async def program() -> None:
        text: pulumi.Output[str] = pulumi.Output.from_input("x")
        ui = controls(
            section(
                text,
                text_field("p", text, default=text, description=text),
                text_area("p", "L", default="y"),
                when("p", eq=text, show=[drop_down("q", "L", {"a": text}), drop_down("r", "L", [text])]),
            )
        )
        made: Any = ui.parameter_controls["sections"][0]
        assert made["name"] is text
        assert made["controls"][0]["default_value"] is text
        assert made["controls"][2]["condition"]["right"]["literal"] is text
        assert made["controls"][2]["controls"][0]["options"][0]["name"] is text
        assert made["controls"][2]["controls"][1]["options"] == [{"value": text, "name": text}]
        assert ui.param_definitions[0]["default_value"] is text
        assert len(ui.param_definitions) == 3

    asyncio.run(program())


# --- slips in a call --------------------------------------------------------------------------------

ANY: Any = toggle("a", "A")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: toggle(cast(Any, 1), "L"), "the name of a parameter is a str, not a int"),
        (lambda: drop_down("p", "L", "low"), "drop_down.. takes its options as a list or a dict"),
        (lambda: drop_down("p", "L", cast(Any, 3)), "drop_down.. takes its options as a list or a dict"),
        (lambda: drop_down("p", "L", cast(Any, [("a", "b", "c")])), "an option of drop_down"),
        (lambda: drop_down("p", "L", cast(Any, [("a",)])), "an option of drop_down"),
        (lambda: aspect_ratio("p", "L", "16:9"), "aspect_ratio.. takes its options as a list or a dict"),
        (lambda: aspect_ratio("p", "L", cast(Any, [(16, 9)])), "is a str, such as"),
        (lambda: when("a", show=[ANY]), "when.. needs one comparator, such as eq=True, and was given 0"),
        (lambda: when("a", gt=1, lt=9, show=[ANY]), "was given 2"),
        (lambda: when(cast(Any, 3), gt=1, show=[ANY]), "begins with the name of a parameter, or with literal"),
        (lambda: when("a", eq=1, show=ANY), r"when.show=.... takes a list of controls"),
        (lambda: when("a", eq=1, show=[cast(Any, when("b", eq=1, show=[ANY]))]), "no condition within a condition"),
        (lambda: when("a", eq=1, show=[cast(Any, section("S", ANY))]), "takes controls, not a section"),
        (lambda: section(ANY, ANY), "begins with its name, or with None"),
        (lambda: section("S"), "takes either controls or tabs"),
        (lambda: section("S", ANY, tabs={"T": [ANY]}), "takes either controls or tabs"),
        (lambda: section("S", cast(Any, [ANY])), "section.. takes controls such as toggle.*, not a list"),
        (lambda: section("S", cast(Any, section("T", ANY))), "takes controls, not a section"),
        (lambda: section("S", tabs={"T": cast(Any, ANY)}), "a tab takes a list of controls"),
        (lambda: controls(cast(Any, [ANY])), "controls.. takes sections and controls such as toggle.*, not a list"),
        (lambda: controls(cast(Any, {"control": "divider"})), "not a dict"),
    ],
)
def test_a_slip_is_refused_in_words(call: Any, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        call()


@pytest.mark.parametrize("ratio", ["16/9", "16x9", "16", "16:9:1", "a:b", "-1:1", "1e3:1", ""])
def test_what_is_no_ratio_is_refused(ratio: str) -> None:
    with pytest.raises(ValueError, match='a width and a height with a colon between, such as "16:9"'):
        aspect_ratio("p", "L", [ratio])


# --- all that can be made ---------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=6).filter(str.strip)
NAME = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,7}", fullmatch=True).filter(lambda name: not name.startswith("poe_"))
NUMBER = st.integers(-1000, 1000)
RATIO = st.builds("{}:{}".format, st.integers(1, 40), st.integers(1, 40))
TEXTS = {"default": TEXT, "description": TEXT, "placeholder": TEXT}


@cache
def poes_own_model() -> Any:
    """The model in Poe's own library, which pydantic warns of when it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi_poe.types import ParameterControls
    return ParameterControls


KINDS = ("toggle", "drop_down", "slider", "text_field", "text_area", "aspect_ratio", "divider", "number_field")


@st.composite
def a_control(draw: st.DrawFn, kind: str, name: str) -> BaseControlPart:
    """A control of this kind, made of arguments that are valid."""
    label = draw(TEXT)
    about: dict[str, Any] = draw(st.fixed_dictionaries({}, optional={"description": TEXT}))
    with_default = draw(st.booleans())
    if kind == "divider":
        return divider()
    if kind == "toggle":
        return toggle(name, label, **about, default=draw(st.none() | st.booleans()))
    if kind == "drop_down":
        options = draw(
            st.dictionaries(TEXT, TEXT, min_size=1, max_size=3) | st.lists(TEXT, min_size=1, max_size=3, unique=True)
        )
        return drop_down(name, label, options, **about, default=next(iter(options)) if with_default else None)
    if kind == "aspect_ratio":
        ratios = draw(
            st.dictionaries(TEXT, RATIO, min_size=1, max_size=3) | st.lists(RATIO, min_size=1, max_size=3, unique=True)
        )
        return aspect_ratio(name, label, ratios, **about, default=next(iter(ratios)) if with_default else None)
    if kind in ("slider", "number_field"):
        low, step, steps = draw(NUMBER), draw(st.sampled_from([0.5, 1, 8])), draw(st.integers(1, 100))
        high, default = low + step * steps, low + step * draw(st.integers(0, steps)) if with_default else None
        if kind == "slider":
            return slider(name, label, low, high, step=step, default=default, **about)
        bounds: dict[str, Any] = {"min_value": low, "max_value": high, "step": step} if draw(st.booleans()) else {}
        return number_field(name, label, default=default, **bounds, **about)
    texts = draw(st.fixed_dictionaries({}, optional=TEXTS))
    return text_field(name, label, **texts) if kind == "text_field" else text_area(name, label, **texts)


@st.composite
def a_ui(draw: st.DrawFn, kinds: tuple[str, ...]) -> Controls:
    """Sections, tabs and conditions in any arrangement. The conditions are on a toggle and two sliders."""
    names = draw(st.lists(NAME, min_size=3, max_size=9, unique=True))
    switch, least, most, *others = names
    fixed = [toggle(switch, "S"), slider(least, "L", 0, 9, step=1), slider(most, "M", 0, 9, step=1)]
    made = [draw(a_control(draw(st.sampled_from(kinds)), name)) for name in others]
    comparison = st.one_of(
        st.tuples(st.just(switch), st.sampled_from(["eq", "ne", "equals"]), st.booleans()),
        st.tuples(st.just(least), st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]), st.integers(0, 9)),
        st.tuples(st.just(literal(5)), st.sampled_from(["gt", "le"]), st.just(parameter(most))),
        st.tuples(st.just(least), st.sampled_from(["lt", "ge"]), st.just(parameter(most))),
    )

    def grouped(parts: list[BaseControlPart]) -> list[ControlPart]:
        groups: list[ControlPart] = []
        while parts:
            size = draw(st.integers(1, 3))
            now, parts = parts[:size], parts[size:]
            if draw(st.booleans()):
                left, word, right = draw(comparison)
                arguments: dict[str, Any] = {word: right}
                groups.append(when(left, show=now, **arguments))
            else:
                groups += now
        return groups

    parts = grouped(made)
    arrangement = draw(st.sampled_from(["loose", "section", "tabs"]))
    if not parts or arrangement == "loose":
        return controls(*fixed, *parts)
    name, collapsed = draw(st.none() | TEXT), draw(st.none() | st.booleans())
    if arrangement == "section":
        return controls(section("First", *fixed), section(name, *parts, collapsed=collapsed))
    tabs: dict[str, list[ControlPart]] = {draw(TEXT): parts, "The fixed": [*fixed]}
    return controls(section(name, tabs=tabs, collapsed=collapsed))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(a_ui(KINDS))
def test_all_that_can_be_made_passes_the_checks(ui: Controls) -> None:
    declared: dict[str, Any] = {
        "handle": "Acme-Reasoner",
        "api_bot_settings": {"param_definitions": ui.param_definitions},
        "parameter_controls": ui.parameter_controls,
    }
    assert mistakes(declared) == []
    assert json.loads(json.dumps(declared)) == declared


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(a_ui(tuple(kind for kind in KINDS if kind != "number_field")))
def test_all_that_can_be_made_is_taken_by_poes_own_library_as_it_is(ui: Controls) -> None:
    made: Any = ui.parameter_controls
    assert poes_own_model().model_validate(made).model_dump(exclude_none=True) == made


def _inputs(parts: Any) -> list[Any]:
    """Every control that sets a parameter, however deep."""
    found = []
    for part in parts:
        found += [part] if "parameter_name" in part else []
        for below in ("sections", "controls", "tabs"):
            found += _inputs(part.get(below, []))
    return found


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(a_ui(KINDS))
def test_every_control_has_a_definition_with_its_default(ui: Controls) -> None:
    missing = object()
    defined = {made["param_name"]: made.get("default_value", missing) for made in ui.param_definitions}
    shown = {made["parameter_name"]: made.get("default_value", missing) for made in _inputs([ui.parameter_controls])}
    assert defined == shown
    assert len(ui.param_definitions) == len(defined)


def test_the_examples_are_true() -> None:
    module = importlib.import_module("pulumi_poe.program.control_builders")  # the name in the package is the function
    assert doctest.testmod(module).failed == 0
