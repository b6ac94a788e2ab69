"""The controls as what they are: all nine kinds, tabs, and conditions that show and hide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from full_example import FULL_EXAMPLE
from playwright.sync_api import Page, expect
from talking_endpoint import TalkingEndpoint

from pulumi_poe.emulator import Emulator

BotOf = Callable[..., None]
OpenPage = Callable[[], Page]


def section(*controls: Any, **of: Any) -> dict[str, Any]:
    return {"api_version": "2", "sections": [{"name": "Own", "controls": list(controls), **of}]}


def control(kind: str, name: str = "it", **of: Any) -> dict[str, Any]:
    return {"control": kind, "label": f"The {name}", "parameter_name": name, **of}


def when(comparator: str, left: Any, right: Any, *controls: Any) -> dict[str, Any]:
    condition = {"comparator": comparator, "left": left, "right": right}
    return {"control": "condition", "condition": condition, "controls": list(controls)}


def parameter(name: str) -> dict[str, str]:
    return {"parameter_name": name}


def literal(value: Any) -> dict[str, Any]:
    return {"literal": value}


def sent(page: Page, endpoint: TalkingEndpoint) -> dict[str, Any]:
    """The parameters of a question that is asked now, as the endpoint gets them."""
    count = page.get_by_text("Raw answer").count()
    page.get_by_label("Your question").fill("Hi")
    page.get_by_label("Your question").press("Enter")
    expect(page.get_by_text("Tokens out")).to_have_count(count + 1)
    own = {"model", "messages", "stream", "stream_options"}
    return {name: value for name, value in endpoint.asked.items() if name not in own}


OPTIONS = [{"value": "low", "name": "Low"}, {"value": "high", "name": "High"}]
RATIOS = [{"width": 1, "height": 1}, {"width": 16, "height": 9, "value": "wide"}]
RANGE: dict[str, Any] = {"min_value": 0, "max_value": 10, "step": 0.5}


def set_by_keyboard(page: Page, kind: str) -> None:
    """Set the one control, without a mouse."""
    match kind:
        case "text_field" | "text_area" | "number_field":
            page.get_by_label("The it").fill("7")
        case "drop_down":
            page.get_by_label("The it").focus()
            page.keyboard.press("ArrowDown")
        case "toggle_switch":
            page.get_by_role("switch", name="The it").press("Space")
        case "slider":
            page.get_by_role("slider", name="The it").press("ArrowRight")
        case "aspect_ratio":
            page.get_by_role("radio", name="1:1").focus()
            page.keyboard.press("ArrowRight")


@pytest.mark.parametrize(
    ("kind", "of", "default", "value"),
    [
        ("text_field", {"placeholder": "a word"}, "5", "7"),
        ("text_area", {"placeholder": "words"}, "5", "7"),
        ("number_field", {"min_value": 0, "placeholder": "a number"}, 5, 7),
        ("drop_down", {"options": OPTIONS}, "low", "high"),
        ("toggle_switch", {}, False, True),
        ("slider", RANGE, 5, 5.5),
        ("aspect_ratio", {"options": RATIOS}, "1:1", "wide"),
    ],
)
def test_each_kind_begins_at_its_default_and_sends_what_is_set(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint, kind: str, of: Any, default: Any, value: Any
) -> None:
    one = control(kind, default_value=default, description="What it is for", **of)
    bot_of(controls=section(one), param_definitions=[{"param_name": "it", "param_dest": "extra_body"}])
    page = open_page()
    expect(page.get_by_text("What it is for")).to_be_visible()
    assert sent(page, endpoint) == {"it": default}
    set_by_keyboard(page, kind)
    assert sent(page, endpoint) == {"it": value}
    assert type(endpoint.asked["it"]) is type(value)
    page.get_by_role("button", name="Back to the defaults").click()
    assert sent(page, endpoint) == {"it": default}


@pytest.mark.parametrize("kind", ["text_field", "text_area", "number_field", "drop_down", "slider", "aspect_ratio"])
def test_what_has_no_default_and_is_not_set_is_not_sent(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint, kind: str
) -> None:
    of: dict[str, Any] = {"drop_down": {"options": OPTIONS}, "aspect_ratio": {"options": RATIOS}, "slider": RANGE}
    bot_of(controls=section(control(kind, **of.get(kind, {}))), param_definitions=[{"param_name": "it"}])
    page = open_page()
    if kind in ("drop_down", "slider"):
        expect(page.locator(".input")).to_contain_text("not set")
    assert sent(page, endpoint) == {}


def test_the_default_of_the_definition_is_the_one(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint
) -> None:
    definitions = [{"param_name": "it", "default_value": "high"}]
    bot_of(controls=section(control("drop_down", options=OPTIONS, default_value="low")), param_definitions=definitions)
    page = open_page()
    expect(page.get_by_label("The it").locator("option:checked")).to_have_text("High")
    assert sent(page, endpoint) == {"it": "high"}


def test_the_text_of_a_field_can_be_taken_out(open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint) -> None:
    bot_of(controls=section(control("text_field", default_value="a")), param_definitions=[{"param_name": "it"}])
    page = open_page()
    page.get_by_label("The it").fill("")
    assert sent(page, endpoint) == {"it": ""}


def test_a_number_that_is_taken_out_is_the_default_again(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint
) -> None:
    bot_of(controls=section(control("number_field", default_value=5)), param_definitions=[{"param_name": "it"}])
    page = open_page()
    page.get_by_label("The it").fill("1e3")
    assert sent(page, endpoint) == {"it": 1000}
    page.get_by_label("The it").fill("")
    expect(page.get_by_label("The it")).to_have_value("")
    assert sent(page, endpoint) == {"it": 5}
    expect(page.get_by_label("The it")).to_have_value("5")


def test_a_divider_is_a_line(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of(controls=section(control("text_field"), {"control": "divider"}, control("text_field", "other")))
    expect(open_page().get_by_role("separator")).to_be_visible()


def test_two_controls_of_one_parameter_have_one_value(open_page: OpenPage, bot_of: BotOf) -> None:
    one, other = control("slider", **RANGE), control("number_field")
    bot_of(controls=section({**one, "label": "One"}, {**other, "label": "Other"}))
    page = open_page()
    page.get_by_label("Other").fill("7")
    expect(page.get_by_role("slider", name="One")).to_have_value("7")
    expect(page.locator("output")).to_have_text("7")


# Sections and tabs.


def test_a_section_can_be_collapsed(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of(controls=section(control("text_field"), collapsed_by_default=True))
    page = open_page()
    expect(page.get_by_label("The it")).to_be_hidden()
    page.locator("summary", has_text="Own").press("Enter")
    expect(page.get_by_label("The it")).to_be_visible()


def test_tabs_are_chosen_by_the_arrow_keys(open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint) -> None:
    tabs = [{"name": name, "controls": [control("text_field", name)]} for name in ("one", "two", "three")]
    definitions = [{"param_name": name} for name in ("one", "two", "three")]
    bot_of(controls={"api_version": "2", "sections": [{"name": "Own", "tabs": tabs}]}, param_definitions=definitions)
    page = open_page()
    expect(page.get_by_role("tab")).to_have_text(["one", "two", "three"])
    page.get_by_role("tab", name="one").focus()
    for key, name in [("ArrowRight", "two"), ("End", "three"), ("ArrowRight", "one"), ("ArrowLeft", "three")]:
        page.keyboard.press(key)
        expect(page.get_by_role("tab", name=name)).to_be_focused()
        expect(page.get_by_role("tab", selected=True)).to_have_text(name)
        expect(page.get_by_role("tabpanel")).to_have_count(1)
        page.get_by_label(f"The {name}").fill(name)
        page.get_by_role("tab", name=name).focus()
    # What is on a tab that is not shown is set all the same.
    assert sent(page, endpoint) == {"one": "one", "two": "two", "three": "three"}


# Conditions.


@pytest.mark.parametrize(
    ("comparator", "right", "holding", "failing"),
    [
        ("eq", 5, "5", "6"),
        ("equals", 5, "5", "6"),
        ("ne", 5, "6", "5"),
        ("gt", 5, "6", "5"),
        ("ge", 5, "5", "4"),
        ("lt", 5, "4", "5"),
        ("le", 5, "5", "6"),
    ],
)
def test_a_condition_shows_and_hides(
    open_page: OpenPage,
    bot_of: BotOf,
    endpoint: TalkingEndpoint,
    comparator: str,
    right: Any,
    holding: str,
    failing: str,
) -> None:
    hidden = when(comparator, parameter("it"), literal(right), control("text_field", "other"))
    bot_of(
        controls=section(control("number_field"), hidden),
        param_definitions=[{"param_name": "it"}, {"param_name": "other"}],
    )
    page = open_page()
    page.get_by_label("The it").fill(holding)
    page.get_by_label("The other").fill("x")
    assert sent(page, endpoint) == {"it": float(holding), "other": "x"}
    page.get_by_label("The it").fill(failing)
    expect(page.get_by_label("The other")).to_be_hidden()
    assert sent(page, endpoint) == {"it": float(failing)}
    page.get_by_label("The it").fill(holding)
    expect(page.get_by_label("The other")).to_have_value("x")


@pytest.mark.parametrize(
    ("left", "right", "shown"),
    [
        (literal(1), literal(1), True),
        (literal(1), literal(True), False),
        (literal("1"), literal(1), False),
        (literal(True), parameter("on"), True),
        (parameter("off"), literal(False), True),  # a switch without a default is off
        (parameter("nobody"), literal("x"), False),
        (parameter("on"), parameter("on"), True),
    ],
)
def test_operands_on_both_sides(open_page: OpenPage, bot_of: BotOf, left: Any, right: Any, shown: bool) -> None:
    switches = [control("toggle_switch", "on", default_value=True), control("toggle_switch", "off")]
    bot_of(controls=section(*switches, when("eq", left, right, control("text_field", "other"))))
    expect(open_page().get_by_label("The other")).to_be_visible(visible=shown)


@pytest.mark.parametrize(
    ("kind", "of", "value"),
    [
        ("toggle_switch", {}, False),
        ("drop_down", {"options": OPTIONS}, "low"),
        ("aspect_ratio", {"options": RATIOS}, "1:1"),
        ("slider", RANGE, 0),
        ("text_field", {}, ""),
        ("text_area", {}, ""),
    ],
)
def test_a_condition_sees_what_a_control_without_a_default_shows(
    open_page: OpenPage, bot_of: BotOf, kind: str, of: dict[str, Any], value: Any
) -> None:
    shown = when("eq", parameter("it"), literal(value), control("text_field", "other"))
    hidden = when("ne", parameter("it"), literal(value), control("text_field", "another"))
    bot_of(controls=section(control(kind, **of), shown, hidden))
    page = open_page()
    expect(page.get_by_label("The other")).to_be_visible()
    expect(page.get_by_label("The another")).to_be_hidden()


def test_what_a_hidden_control_had_set_does_not_count(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint
) -> None:
    """As it is not sent, a condition on it sees its default, too."""
    bot_of(
        controls=section(
            control("toggle_switch", "first", default_value=True),
            when("eq", parameter("first"), literal(True), control("toggle_switch", "second")),
            when("eq", parameter("second"), literal(True), control("text_field", "third")),
        ),
        param_definitions=[{"param_name": name} for name in ("first", "second", "third")],
    )
    page = open_page()
    page.get_by_role("switch", name="The second").press("Space")
    page.get_by_label("The third").fill("x")
    assert sent(page, endpoint) == {"first": True, "second": True, "third": "x"}
    page.get_by_role("switch", name="The first").press("Space")
    expect(page.get_by_label("The third")).to_be_hidden()
    assert sent(page, endpoint) == {"first": False}


def test_the_references_example(open_page: OpenPage, poe: Emulator, endpoint: TalkingEndpoint) -> None:
    settings = {**FULL_EXAMPLE["api_bot_settings"], "base_url": endpoint.url}
    poe.seed(poe.api_key, {**FULL_EXAMPLE, "api_bot_settings": settings})
    page = open_page()
    expect(page.locator(".mistakes")).to_have_count(0)
    page.get_by_label("Effort").select_option("High")
    page.locator("summary", has_text="Output").click()
    page.get_by_role("radio", name="wide").check()
    expected = {"effort": "high", "think": True, "budget": 4096, "rules": "", "ratio": "wide"}
    assert sent(page, endpoint) == expected
    assert [said.notes for said in poe.conversations] == [[]]


# What nobody has checked.

BROKEN: list[tuple[Any, str]] = [
    ([], "is no object"),
    ("text", "is no object"),
    ({}, "sections: is no list"),
    ({"sections": []}, 'api_version: is not "2"'),
    ({"api_version": "2", "sections": [3]}, "sections[0]: is no object"),
    ({"api_version": "2", "sections": [{}]}, "sections[0]: has neither controls and tabs"),
    ({"api_version": "2", "sections": [{"controls": [], "tabs": []}]}, "sections[0]: has both controls and tabs"),
    ({"api_version": "2", "sections": [{"tabs": 3}]}, "sections[0].tabs: is no list"),
    ({"api_version": "2", "sections": [{"tabs": [3]}]}, "sections[0].tabs[0]: is no object"),
    ({"api_version": "2", "sections": [{"tabs": [{}]}]}, "sections[0].tabs[0].controls: is no list"),
    (section(None), "sections[0].controls[0]: is no object"),
    (section({}), "sections[0].controls[0].control:"),
    (section(control("color_picker")), "color_picker is no kind of control; it is left out"),
    (section(control("__proto__")), "__proto__ is no kind of control; it is left out"),
    (section({"control": "slider", "label": "x"}), "parameter_name: is missing; the control is left out"),
    (section(control("text_field", label=3)), "label: is missing"),
    (section(control("text_field", default_value=3)), "default_value: is none"),
    (section(control("toggle_switch", default_value="true")), "default_value: is none"),
    (section(control("slider")), "min_value, max_value and step: are no range"),
    (section(control("slider", min_value=5, max_value=1, step=1)), "min_value, max_value and step: are no range"),
    (section(control("slider", **RANGE, default_value=11)), "default_value: is none"),
    (section(control("drop_down")), "options: is no list"),
    (section(control("drop_down", options=[])), "options: is empty"),
    (section(control("drop_down", options=[3])), "options: not all are objects"),
    (section(control("drop_down", options=[{"value": 3, "name": "x"}])), "options: a value is no text"),
    (section(control("drop_down", options=OPTIONS, default_value="none")), "default_value: is none"),
    (section(control("aspect_ratio", options=[{"width": "a", "height": -1}, {}])), ""),
    (section({"control": "condition"}), "condition: is no object; its controls are always shown"),
    (section(when("like", literal(1), literal(1))), "condition.comparator: is none of eq, equals"),
    (section(when("toString", literal(1), literal(1))), "condition.comparator: is none of eq, equals"),
    (section(when("eq", {}, literal(1))), "condition.left: is neither"),
    (section(when("eq", literal(1), literal(1), when("eq", literal(1), literal(1)))), "is a condition in a condition"),
]


@pytest.mark.parametrize(("controls", "mistake"), BROKEN)
def test_what_is_broken_is_said_and_the_bot_can_be_asked(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint, controls: Any, mistake: str
) -> None:
    bot_of(controls=controls, param_definitions=[3, {"param_name": 3}])
    page = open_page()
    if mistake:
        expect(page.locator(".mistakes")).to_contain_text(mistake)
    sent(page, endpoint)


def test_controls_without_an_end_are_cut_off(open_page: OpenPage, bot_of: BotOf) -> None:
    inner = control("text_field")
    for _ in range(200):
        inner = when("eq", literal(1), literal(1), inner)
    bot_of(controls=section(inner))
    expect(open_page().get_by_text("is too deep; it is left out")).to_be_visible()


@pytest.mark.parametrize("name", ["__proto__", "constructor", "model", "messages", "stream"])
def test_a_parameter_may_be_called_anything_and_never_is_the_question(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint, name: str
) -> None:
    bot_of(controls=section(control("text_field", name)), param_definitions=[{"param_name": name}])
    page = open_page()
    page.get_by_label(f"The {name}").fill("x")
    found = sent(page, endpoint)
    assert found == ({name: "x"} if name in ("__proto__", "constructor") else {})
    assert endpoint.asked["messages"] == [{"role": "user", "content": "Hi"}]
