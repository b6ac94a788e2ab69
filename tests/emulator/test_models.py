"""Which bodies the local Poe accepts (docs/poe-bots-api.md, 2, 3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_poe.emulator.models import (
    BotFields,
    CreateBody,
    InvalidBodyError,
    check_handle,
    validated,
)

SETTINGS: dict[str, Any] = {
    "model_name": "acme/reasoner-2",
    "base_url": "https://llm.acme.example/v1",
    "api_key": "acme-secret",
    "api_type": "chat_completions_api",
    "max_input_tokens": 200000,
    "context_size": 262144,
    "input_modalities": ["text", "image", "video"],
    "output_modalities": ["text"],
    "supported_features": ["tools"],
    "pricing": {
        "prompt": "0.0000004",
        "completion": "0.0000000000",
        "input_cache_reads": "1",
        "context_pricing": {
            "tiers": [
                {"min_tokens": 32000, "max_tokens": 128000, "prompt": "0.0000006"},
                {
                    "min_tokens": 128000,
                    "max_tokens": None,
                    "completion": "0.000003",
                    "input_cache_reads": "0.10",
                },
            ]
        },
    },
    "param_definitions": [
        {"param_name": "effort", "param_dest": "extra_body", "default_value": "medium"},
        {"param_name": "schema", "default_value": {"any": ["json", 1, 1.0, None, False]}},
    ],
}

CONTROLS: dict[str, dict[str, Any]] = {
    "divider": {"control": "divider"},
    "text_field": {
        "control": "text_field",
        "label": "L",
        "parameter_name": "a",
        "description": "D",
        "default_value": "x",
        "placeholder": "p",
    },
    "text_area": {
        "control": "text_area",
        "label": "L",
        "parameter_name": "b",
        "default_value": "",
        "placeholder": "p",
    },
    "number_field": {
        "control": "number_field",
        "label": "L",
        "parameter_name": "c",
        "default_value": 1.5,
        "min_value": 0,
        "max_value": 9,
    },
    "drop_down": {
        "control": "drop_down",
        "label": "L",
        "parameter_name": "d",
        "default_value": "low",
        "options": [{"value": "low", "name": "Low"}],
    },
    "toggle_switch": {
        "control": "toggle_switch",
        "label": "L",
        "parameter_name": "e",
        "default_value": True,
    },
    "slider": {
        "control": "slider",
        "label": "L",
        "parameter_name": "f",
        "default_value": 4096,
        "min_value": 0,
        "max_value": 32768,
        "step": 0.5,
    },
    "aspect_ratio": {
        "control": "aspect_ratio",
        "label": "L",
        "parameter_name": "g",
        "default_value": "1:1",
        "options": [{"width": 1, "height": 1}, {"width": 16, "height": 9, "value": "wide"}],
    },
    "condition": {
        "control": "condition",
        "condition": {"comparator": "eq", "left": {"parameter_name": "e"}, "right": {"literal": True}},
        "controls": [{"control": "divider"}],
    },
}


def accepted(body: object) -> dict[str, Any]:
    return validated(body, BotFields, refuse_unknown_fields=False)


def refusal(body: object, *, refuse_unknown_fields: bool = False) -> str:
    with pytest.raises(InvalidBodyError) as caught:
        validated(body, BotFields, refuse_unknown_fields=refuse_unknown_fields)
    return str(caught.value)


def settings(**fields: object) -> dict[str, Any]:
    return {"api_bot_settings": fields}


def controls(*items: object) -> dict[str, Any]:
    return {"parameter_controls": {"api_version": "2", "sections": [{"controls": list(items)}]}}


def compared(**condition: object) -> dict[str, Any]:
    return controls(
        {
            "control": "condition",
            "condition": {
                "comparator": "eq",
                "left": {"parameter_name": "e"},
                "right": {"literal": 1},
                **condition,
            },
            "controls": [],
        }
    )


# What is accepted comes back as sent.


def test_every_documented_setting_is_accepted_as_sent() -> None:
    assert json.dumps(accepted({"api_bot_settings": SETTINGS}), sort_keys=True) == json.dumps(
        {"api_bot_settings": SETTINGS}, sort_keys=True
    )


@pytest.mark.parametrize("kind", CONTROLS)
def test_each_of_the_nine_controls_is_accepted_as_sent(kind: str) -> None:
    body = controls(CONTROLS[kind])
    assert json.dumps(accepted(body), sort_keys=True) == json.dumps(body, sort_keys=True)


def test_an_empty_body_is_accepted_and_stays_empty() -> None:
    assert accepted({}) == {}


def test_empty_settings_stay_empty() -> None:
    assert accepted(settings()) == settings()


@pytest.mark.parametrize("comparator", ["equals", "eq", "ne", "gt", "ge", "lt", "le"])
def test_each_of_the_seven_comparators_is_accepted(comparator: str) -> None:
    accepted(compared(comparator=comparator))


@pytest.mark.parametrize("literal", ["x", "", 1, 1.5, True, False])
def test_a_literal_is_a_string_a_number_or_a_boolean(literal: object) -> None:
    accepted(compared(right={"literal": literal}))


def test_sections_may_hold_tabs() -> None:
    body = {
        "parameter_controls": {
            "api_version": "2",
            "sections": [
                {
                    "name": "S",
                    "collapsed_by_default": True,
                    "tabs": [{"name": "T", "controls": [CONTROLS["condition"]]}, {"controls": []}],
                }
            ],
        }
    }
    assert accepted(body) == body


def test_sections_may_be_empty() -> None:
    accepted({"parameter_controls": {"api_version": "2", "sections": []}})


def test_tiers_may_overlap_and_leave_gaps() -> None:
    accepted(settings(pricing={"context_pricing": {"tiers": [{"min_tokens": 5, "max_tokens": 1}, {}]}}))


def test_an_unknown_field_is_left_out() -> None:
    assert accepted({"is_private": True, "x": 1, **settings(y=2, model_name="m")}) == {
        "is_private": True,
        "api_bot_settings": {"model_name": "m"},
    }


# What is refused, and by which words.


@pytest.mark.parametrize("body", [None, [], "text", 1, True])
def test_a_body_that_is_no_object_is_refused(body: object) -> None:
    assert refusal(body) == "body: Input should be a JSON object"


@pytest.mark.parametrize("handle", [None, 5, True, ["x"]])
def test_a_post_needs_a_handle_that_is_a_string(handle: object) -> None:
    with pytest.raises(InvalidBodyError, match=r"^handle: Input should be a valid string$"):
        validated({"handle": handle}, CreateBody, refuse_unknown_fields=False)


def test_a_post_without_handle_is_refused() -> None:
    with pytest.raises(InvalidBodyError, match=r"^handle: Field required$"):
        validated({}, CreateBody, refuse_unknown_fields=False)


@pytest.mark.parametrize("handle", ["", "-", "_.-"])
def test_a_handle_of_symbols_alone_is_refused(handle: str) -> None:
    with pytest.raises(InvalidBodyError, match=r"^handle: "):
        check_handle(handle)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"description": 1}, "description"),
        ({"description": None}, "description"),
        ({"is_private": "true"}, "is_private"),
        ({"is_private": 1}, "is_private"),
        ({"is_private": None}, "is_private"),
        ({"api_bot_settings": []}, "api_bot_settings"),
        ({"api_bot_settings": None}, "api_bot_settings"),
        ({"parameter_controls": None}, "parameter_controls"),
        (settings(model_name=1), "api_bot_settings.model_name"),
        (settings(base_url=None), "api_bot_settings.base_url"),
        (settings(api_key=1), "api_bot_settings.api_key"),
        (settings(api_type="completions"), "api_bot_settings.api_type"),
        (settings(max_input_tokens="5"), "api_bot_settings.max_input_tokens"),
        (settings(max_input_tokens=5.0), "api_bot_settings.max_input_tokens"),
        (settings(context_size=True), "api_bot_settings.context_size"),
        (settings(input_modalities="text"), "api_bot_settings.input_modalities"),
        (settings(input_modalities=["text", "audio"]), "api_bot_settings.input_modalities[1]"),
        (settings(output_modalities=["image"]), "api_bot_settings.output_modalities[0]"),
        (settings(supported_features=["vision"]), "api_bot_settings.supported_features[0]"),
        (settings(param_definitions={}), "api_bot_settings.param_definitions"),
        (
            settings(param_definitions=[{"param_dest": "header"}]),
            "api_bot_settings.param_definitions[0].param_dest",
        ),
        (
            settings(param_definitions=[{"param_name": 1}]),
            "api_bot_settings.param_definitions[0].param_name",
        ),
        (settings(pricing="free"), "api_bot_settings.pricing"),
        (
            settings(pricing={"context_pricing": {"tiers": {}}}),
            "api_bot_settings.pricing.context_pricing.tiers",
        ),
        (
            settings(pricing={"context_pricing": {"tiers": [{"min_tokens": "1"}]}}),
            "api_bot_settings.pricing.context_pricing.tiers[0].min_tokens",
        ),
        (
            settings(pricing={"context_pricing": {"tiers": [{"prompt": "x"}]}}),
            "api_bot_settings.pricing.context_pricing.tiers[0].prompt",
        ),
    ],
)
def test_a_wrong_type_or_word_is_refused_by_its_path(body: object, path: str) -> None:
    assert refusal(body).startswith(f"{path}: Input should be ")


@pytest.mark.parametrize(
    "price", ["1e-6", "-0.1", "+1", ".5", "5.", "", " 1", "1\n", "0,1", "$1", "NaN", "Infinity", "١"]
)
def test_a_price_is_a_plain_decimal_string(price: str) -> None:
    assert (
        refusal(settings(pricing={"prompt": price}))
        == 'api_bot_settings.pricing.prompt: Input should be a plain decimal string, such as "0.000003"'
    )


@pytest.mark.parametrize("price", [0.000003, 0, None, True])
def test_a_price_is_no_number(price: object) -> None:
    assert refusal(settings(pricing={"completion": price})).startswith("api_bot_settings.pricing.completion: ")


@pytest.mark.parametrize("version", [2, "1", None])
def test_the_version_of_the_controls_is_the_string_2(version: object) -> None:
    body = {"parameter_controls": {"api_version": version, "sections": []}}
    assert refusal(body) == "parameter_controls.api_version: Input should be '2'"


def test_controls_need_their_version_and_their_sections() -> None:
    assert refusal({"parameter_controls": {}}) == (
        "parameter_controls.api_version: Field required; parameter_controls.sections: Field required"
    )


@pytest.mark.parametrize("section", [{}, {"controls": [], "tabs": []}])
def test_a_section_has_exactly_one_of_controls_and_tabs(section: object) -> None:
    body = {"parameter_controls": {"api_version": "2", "sections": [section]}}
    assert refusal(body) == ("parameter_controls.sections[0]: Input should have exactly one of controls and tabs")


def test_a_tab_needs_its_controls() -> None:
    body = {"parameter_controls": {"api_version": "2", "sections": [{"tabs": [{"name": "T"}]}]}}
    assert refusal(body) == "parameter_controls.sections[0].tabs[0].controls: Field required"


@pytest.mark.parametrize("control", ["checkbox", 5, ["slider"], None])
def test_an_unknown_control_is_refused(control: object) -> None:
    assert refusal(controls({"control": control})).startswith(
        "parameter_controls.sections[0].controls[0].control: Input should be one of 'text_field',"
    )


def test_a_control_says_which_it_is() -> None:
    assert refusal(controls({})) == "parameter_controls.sections[0].controls[0].control: Field required"


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        *((kind, field) for kind in CONTROLS if "label" in CONTROLS[kind] for field in ("label", "parameter_name")),
        ("drop_down", "options"),
        ("aspect_ratio", "options"),
        ("slider", "min_value"),
        ("slider", "max_value"),
        ("slider", "step"),
        ("condition", "condition"),
        ("condition", "controls"),
    ],
)
def test_a_control_needs_its_required_fields(kind: str, field: str) -> None:
    control = {key: value for key, value in CONTROLS[kind].items() if key != field}
    assert refusal(controls(control)) == (f"parameter_controls.sections[0].controls[0].{field}: Field required")


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("text_field", 1),
        ("text_area", None),
        ("number_field", "1"),
        ("number_field", True),
        ("drop_down", 1),
        ("toggle_switch", "true"),
        ("toggle_switch", 1),
        ("slider", "4096"),
        ("slider", False),
        ("aspect_ratio", 1),
    ],
)
def test_a_default_has_the_type_of_its_control(kind: str, default: object) -> None:
    assert refusal(controls({**CONTROLS[kind], "default_value": default})).startswith(
        "parameter_controls.sections[0].controls[0].default_value: Input should be a"
    )


@pytest.mark.parametrize("name", ["with-hyphen", "with space", "", "ä", "a.b", "a\n"])
def test_a_parameter_name_is_letters_digits_and_underscores(name: str) -> None:
    assert refusal(controls({**CONTROLS["text_field"], "parameter_name": name})) == (
        "parameter_controls.sections[0].controls[0].parameter_name: "
        "Input should hold only letters, digits and underscores"
    )


def test_a_parameter_name_does_not_start_with_poe() -> None:
    assert refusal(controls({**CONTROLS["text_field"], "parameter_name": "poe_x"})) == (
        "parameter_controls.sections[0].controls[0].parameter_name: Input should not start with poe_, which is reserved"
    )


def test_controls_of_one_parameter_need_one_default() -> None:
    toggle = CONTROLS["toggle_switch"]
    slider = {**CONTROLS["slider"], "parameter_name": toggle["parameter_name"], "default_value": 1}
    nested = {**CONTROLS["condition"], "controls": [slider]}
    assert refusal(controls(toggle, nested)) == (
        "parameter_controls: Controls that share a parameter_name should have the same default_value"
    )


def test_controls_of_one_parameter_may_share_a_default() -> None:
    accepted(controls(CONTROLS["text_field"], {**CONTROLS["text_area"], "parameter_name": "a", "default_value": "x"}))


def test_a_condition_holds_no_condition() -> None:
    assert refusal(controls({**CONTROLS["condition"], "controls": [CONTROLS["condition"]]})).startswith(
        "parameter_controls.sections[0].controls[0].controls[0].control: Input should be one of "
    )


def test_an_unknown_comparator_is_refused() -> None:
    assert refusal(compared(comparator="==")) == (
        "parameter_controls.sections[0].controls[0].condition.comparator: "
        "Input should be 'equals', 'eq', 'ne', 'gt', 'ge', 'lt' or 'le'"
    )


@pytest.mark.parametrize("operand", [{}, {"parameter_name": "a", "literal": 1}])
def test_an_operand_is_a_parameter_or_a_literal(operand: object) -> None:
    assert refusal(compared(left=operand)) == (
        "parameter_controls.sections[0].controls[0].condition.left: "
        "Input should have exactly one of parameter_name and literal"
    )


@pytest.mark.parametrize("literal", [None, [], {}])
def test_a_literal_is_nothing_else(literal: object) -> None:
    assert refusal(compared(right={"literal": literal})) == (
        "parameter_controls.sections[0].controls[0].condition.right.literal: "
        "Input should be a string, a number or a boolean"
    )


def test_all_faults_are_named_at_once() -> None:
    assert refusal({"description": 1, **settings(context_size="x")}) == (
        "description: Input should be a valid string; api_bot_settings.context_size: Input should be a valid integer"
    )


def test_a_handle_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(InvalidBodyError, match=r"^handle: Input should be Unicode text$"):
        validated({"handle": "\ud800"}, CreateBody, refuse_unknown_fields=False)


def test_a_body_nested_too_deeply_is_refused() -> None:
    value: object = 1
    for _ in range(150):
        value = [value]
    assert refusal(settings(param_definitions=[{"default_value": value}])) == (
        "body: Input should not be nested so deeply"
    )


# Unknown fields, where they are refused.


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"x": 1, "b": 2}, "body: Unknown field b, x"),
        (settings(profile_picture="p"), "api_bot_settings: Unknown field profile_picture"),
        (
            settings(pricing={"context_pricing": {"tiers": [{"image": "1"}]}}),
            "api_bot_settings.pricing.context_pricing.tiers[0]: Unknown field image",
        ),
        (
            controls({"control": "divider", "label": "L"}),
            "parameter_controls.sections[0].controls[0]: Unknown field label",
        ),
    ],
)
def test_an_unknown_field_is_refused_by_its_path_if_so_asked(body: object, message: str) -> None:
    assert refusal(body, refuse_unknown_fields=True) == message


def test_known_fields_pass_where_unknown_ones_are_refused() -> None:
    body = {"api_bot_settings": SETTINGS, **controls(*CONTROLS.values())}
    assert validated(body, BotFields, refuse_unknown_fields=True) == body


# A message never holds a value.

CANARY = "sk-canary-7f3a"


def canaries(value: object) -> list[object]:
    """`value` with each of its leaves and containers in turn replaced by the canary, alone or in an array."""
    found: list[object] = [CANARY, [CANARY], {"value": CANARY}]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += [{**value, key: changed} for changed in canaries(inner)]
    if isinstance(value, list):
        for index, inner in enumerate(value):
            found += [[*value[:index], changed, *value[index + 1 :]] for changed in canaries(inner)]
    return found


def test_no_message_holds_a_value_wherever_it_stands() -> None:
    body = {"description": "", "is_private": True, "api_bot_settings": SETTINGS, **controls(*CONTROLS.values())}
    messages = []
    for changed in canaries(body):
        try:
            accepted(changed)
        except InvalidBodyError as error:
            messages.append(str(error))
    assert len(messages) > 200
    assert not [message for message in messages if CANARY in message]
