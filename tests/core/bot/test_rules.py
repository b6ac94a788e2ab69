"""Every rule within and between properties, with the words in which its breach is told."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from full_example import FULL_EXAMPLE
from hypothesis import given
from hypothesis import strategies as st
from some_bots import places, with_value

from pulumi_poe.core.bot.checks import mistakes
from pulumi_poe.core.values.unknown import UNKNOWN

SETTINGS = "api_bot_settings"
TIERS = f"{SETTINGS}.pricing.context_pricing.tiers"
CONTROL = "parameter_controls.sections[0].controls[0]"


def settings(**values: Any) -> dict[str, Any]:
    return {SETTINGS: values}


def tiers(*ranges: tuple[int | None, int | None]) -> dict[str, Any]:
    made = [{"min_tokens": low, "max_tokens": high} for low, high in ranges]
    return settings(pricing={"context_pricing": {"tiers": made}})


def controls(*those: Any, definitions: tuple[str, ...] = ("a",)) -> dict[str, Any]:
    return {
        SETTINGS: {"param_definitions": [{"param_name": name} for name in definitions]},
        "parameter_controls": {"api_version": "2", "sections": [{"controls": list(those)}]},
    }


def slider(**values: Any) -> dict[str, Any]:
    basis = {"control": "slider", "label": "A", "parameter_name": "a", "min_value": 0, "max_value": 1, "step": 0.1}
    return {**basis, **values}


def drop_down(**values: Any) -> dict[str, Any]:
    options = [{"value": "low", "name": "Low"}, {"value": "high", "name": "High"}]
    return {"control": "drop_down", "label": "A", "parameter_name": "a", "options": options, **values}


def toggle(**values: Any) -> dict[str, Any]:
    return {"control": "toggle_switch", "label": "A", "parameter_name": "a", **values}


def condition(**values: Any) -> dict[str, Any]:
    basis = {"comparator": "eq", "left": {"parameter_name": "a"}, "right": {"literal": True}}
    return {"control": "condition", "condition": {**basis, **values}, "controls": []}


def ratio(**values: Any) -> dict[str, Any]:
    options = [{"width": 1, "height": 1}, {"width": 16, "height": 9, "value": "wide"}]
    return {"control": "aspect_ratio", "label": "A", "parameter_name": "a", "options": options, **values}


ERRORS: list[tuple[dict[str, Any], str]] = [
    ({"handle": "a b"}, "handle: may only have letters a to z, digits, '-', '_' and '.'"),
    ({"handle": "-._"}, "handle: must have a letter or digit"),
    (settings(base_url="llm.example.com"), f"{SETTINGS}.base_url: must be an https URL, such as https://llm.example.com/v1"),
    (settings(base_url="ftp://llm.example.com"), f"{SETTINGS}.base_url: must be an https URL, such as https://llm.example.com/v1"),
    (settings(base_url="https://llm.example.com/v1\n"), f"{SETTINGS}.base_url: must be an https URL, such as https://llm.example.com/v1"),
    (settings(base_url="http://llm.example.com/v1"), f"{SETTINGS}.base_url: must be https, such as https://llm.example.com/v1"),
    (settings(base_url="https://user:word@llm.example.com"), f"{SETTINGS}.base_url: must not have a user name or password; the endpoint's key goes into api_key"),
    (settings(base_url="https://llm.example.com/v1?key=1"), f"{SETTINGS}.base_url: must not have a query or fragment, because Poe adds a path to it; use one such as https://llm.example.com/v1"),
    (settings(base_url="https://llm.example.com/v1/chat/completions"), f"{SETTINGS}.base_url: must end before /chat/completions, which Poe adds itself"),
    (settings(base_url="https://llm.example.com/v1/responses/"), f"{SETTINGS}.base_url: must end before /responses, which Poe adds itself"),
    (settings(api_type="responses_api", input_modalities=["video"]), f"{SETTINGS}.input_modalities: video is only supported with api_type 'chat_completions_api'"),
    (settings(max_input_tokens=9, context_size=8), f"{SETTINGS}.max_input_tokens: is more than context_size, which holds input and output together"),
    (settings(pricing={"prompt": "-1"}), f"{SETTINGS}.pricing.prompt: must not be negative"),
    (settings(pricing={"prompt": "$1"}), f'{SETTINGS}.pricing.prompt: must be USD per token as a plain decimal string, such as "0.0000004"'),
    (settings(context_size=2**53), f"{SETTINGS}.context_size: is too large to be carried exactly; it must be below 2**53"),
    (tiers((5, 5)), f"{TIERS}[0]: min_tokens must be less than max_tokens"),
    (tiers((0, 9), (8, None)), f"{TIERS}[1]: begins within the range of [0], which ends after that"),
    (tiers((0, None), (8, None)), f"{TIERS}[1]: begins within the range of [0], which has no max_tokens"),
    (controls(toggle(), definitions=("a", "a")), f"{SETTINGS}.param_definitions[1].param_name: is defined twice"),
    (controls(toggle(parameter_name="effort"), definitions=("effort", "efort")), f"{SETTINGS}.param_definitions[1].param_name: is the parameter_name of no control; did you mean 'effort'?"),
    (controls(toggle(parameter_name="a-b"), definitions=("a-b",)), f"{CONTROL}.parameter_name: may only have letters, digits and '_'"),
    (controls(toggle(parameter_name="poe_a"), definitions=("poe_a",)), f"{CONTROL}.parameter_name: must not begin with 'poe_', which is Poe's own"),
    (controls(toggle(default_value=True), toggle(default_value=False)), f"parameter_controls.sections[0].controls[1].default_value: differs from that of {CONTROL}, which sets the same parameter"),
    (controls(slider(min_value=1)), f"{CONTROL}.min_value: must be less than max_value"),
    (controls(slider(step=0)), f"{CONTROL}.step: must be more than 0"),
    (controls(slider(default_value=2)), f"{CONTROL}.default_value: must be between min_value and max_value"),
    (controls(slider(default_value=0.25)), f"{CONTROL}.default_value: is on no step that is counted from min_value"),
    (controls(drop_down(default_value="medium")), f"{CONTROL}.default_value: is not among the values of the options"),
    (controls(drop_down(options=[])), f"{CONTROL}.options: is empty; there must be something to choose from"),
    (controls(ratio(default_value="16:9")), f"{CONTROL}.default_value: is not among the values of the options"),
    ({"parameter_controls": {"api_version": "2", "sections": [{}]}}, "parameter_controls.sections[0]: has neither of controls and tabs; it needs one"),
    ({"parameter_controls": {"api_version": "2", "sections": [{"controls": [], "tabs": []}]}}, "parameter_controls.sections[0]: has both of controls and tabs; it needs one"),
    (controls(toggle(), {**condition(), "controls": [condition()]}), "parameter_controls.sections[0].controls[1].controls[0]: is a condition in a condition, which Poe does not have; put it beside"),
    (controls(toggle(), condition(left={"parameter_name": "aa"})), "parameter_controls.sections[0].controls[1].condition.left.parameter_name: is the name of no control; did you mean 'a'?"),
    (controls(toggle(), condition(right={})), "parameter_controls.sections[0].controls[1].condition.right: needs one of parameter_name and literal"),
]  # fmt: skip

WARNINGS: list[tuple[dict[str, Any], str]] = [
    ({"handle": "o3"}, "handle: has 2 characters; Poe documents 4 to 20 and may refuse it"),
    ({"handle": "a" * 21}, "handle: has 21 characters; Poe documents 4 to 20 and may refuse it"),
    (settings(base_url="http://127.0.0.1:8000/v1"), f"{SETTINGS}.base_url: is an address of this machine, which Poe can't reach"),
    (settings(pricing={"prompt": "0.40"}), f"{SETTINGS}.pricing.prompt: is more than $1000 per million tokens. Prices are in USD per token: pulumi_poe.per_million() makes them from prices per million"),
    (tiers((8, 9), (0, 8)), f"{TIERS}: are not in the order of min_tokens"),
    (tiers((0, 8), (9, None)), f"{TIERS}[1]: leaves a gap after [0], in which the base prices apply"),
    (settings(param_definitions=[{"param_name": "a"}]), f"{SETTINGS}.param_definitions[0].param_name: has no control: parameter_controls is not declared"),
    (controls(toggle(), definitions=()), f"{CONTROL}.parameter_name: has no definition in {SETTINGS}.param_definitions, so it does not reach the endpoint"),
    (controls(toggle(), condition(comparator="equals")), "parameter_controls.sections[0].controls[1].condition.comparator: is refused by Poe's own library; 'eq' means the same"),
    ({**controls(toggle(default_value=True)), **settings(param_definitions=[{"param_name": "a", "default_value": False}])}, f"{SETTINGS}.param_definitions[0].default_value: differs from the default of the control of that name"),
    (controls(drop_down(options=[{"value": "a", "name": "A"}, {"value": "a", "name": "B"}])), f"{CONTROL}.options: has a value twice"),
    ({"parameter_controls": {"sections": []}}, "parameter_controls.api_version: is required by Poe's docs, though not by its library; set \"2\""),
]  # fmt: skip


@pytest.mark.parametrize(("bot", "told"), ERRORS, ids=[told for _, told in ERRORS])
def test_what_poe_forbids_or_can_not_work_is_one_error(bot: dict[str, Any], told: str) -> None:
    (mistake,) = [mistake for mistake in mistakes({"handle": "Acme-Bot", **bot}) if mistake.is_error]
    assert str(mistake) == told


@pytest.mark.parametrize(("bot", "told"), WARNINGS, ids=[told for _, told in WARNINGS])
def test_what_is_only_suspicious_is_one_warning(bot: dict[str, Any], told: str) -> None:
    (mistake,) = mistakes({"handle": "Acme-Bot", **bot})
    assert str(mistake) == told
    assert not mistake.is_error


def test_the_references_own_example_has_neither() -> None:
    assert mistakes(FULL_EXAMPLE) == []


@pytest.mark.parametrize(
    "price", ["0.0000004", "4e-7", "4E-7", "0.4e-6", 4e-7, 0, "0", 0.0005], ids=lambda price: repr(price)
)
def test_prices_that_can_be_written_out_exactly_pass(price: object) -> None:
    assert mistakes({"handle": "Acme-Bot", **settings(pricing={"prompt": price})}) == []


@pytest.mark.parametrize("default", [0.1 * 3, 0.7, 1])
def test_a_default_on_a_step_passes_although_floats_are_not_exact(default: float) -> None:
    assert mistakes({"handle": "Acme-Bot", **controls(slider(default_value=default))}) == []


def test_a_slider_of_huge_range_and_tiny_steps_passes() -> None:
    huge = slider(max_value=1e308, step=1e-9, default_value=1e300)
    assert mistakes({"handle": "Acme-Bot", **controls(huge)}) == []


def test_tiers_that_follow_one_another_pass() -> None:
    assert mistakes({"handle": "Acme-Bot", **tiers((0, 8), (8, 9), (9, None))}) == []


# --- values that are unknown yet --------------------------------------------------------------------

WRONG = copy.deepcopy(FULL_EXAMPLE)
for bot, _ in (*ERRORS[2:6], *ERRORS[10:12], ERRORS[16]):
    WRONG = {**WRONG, SETTINGS: {**WRONG[SETTINGS], **bot.get(SETTINGS, {})}}
WRONG["parameter_controls"]["sections"][0]["controls"] += [slider(step=0), condition(left={}), {"control": "dropdown"}]


def with_unknowns(bot: dict[str, Any], unknown: list[tuple[str | int, ...]]) -> dict[str, Any]:
    for place in sorted(unknown, key=len, reverse=True):
        bot = with_value(bot, place, UNKNOWN)
    return bot


@pytest.mark.parametrize("bot", [FULL_EXAMPLE, WRONG], ids=["right", "wrong"])
@given(data=st.data())
def test_no_fault_appears_that_the_full_bot_does_not_have(bot: dict[str, Any], data: st.DataObject) -> None:
    unknown = data.draw(st.lists(st.sampled_from(list(places(bot))), max_size=12, unique=True))

    seen = {str(mistake) for mistake in mistakes(with_unknowns(bot, unknown))}

    assert seen <= {str(mistake) for mistake in mistakes(bot)}


# --- junk -------------------------------------------------------------------------------------------


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


JUNK: list[Any] = [
    None, [], {}, "", "\x00\u202e\n", "\ud7ff🤖", True, 0, -1, 2**53, 10**400, 1.5, float("nan"), float("inf"),
    nested(40), nested(10_000), {"a": {"b": [None, {"c": "\x07"}]}}, [[]], [None], [{}],
]  # fmt: skip


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:20] if not isinstance(junk, list) else None)
def test_junk_anywhere_gives_clean_lines_and_nothing_else(junk: Any) -> None:
    for place in places(FULL_EXAMPLE):
        for mistake in mistakes(with_value(FULL_EXAMPLE, place, junk)):
            assert str(mistake).isprintable()
            assert len(str(mistake)) < 300
            assert "Error" not in str(mistake)


def test_ten_thousand_controls_pass() -> None:
    names = [f"p{number}" for number in range(10_000)]
    many = controls(*(slider(parameter_name=name) for name in names), definitions=tuple(names))
    assert mistakes({"handle": "Acme-Bot", **many}) == []
