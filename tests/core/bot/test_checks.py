"""Which mistakes are found without Poe, and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from some_bots import BOTS, CONTROLS, FULL, PLACES, found, mistakes, warnings, with_controls, with_settings, with_value
from some_texts import ANY_TEXT

from pulumi_poe.core.bot.fields import body
from pulumi_poe.core.bot.mistake import Mistake
from pulumi_poe.core.values.trees import leaves
from pulumi_poe.core.values.unknown import UNKNOWN

# --- mistakes -----------------------------------------------------------------------------------------


def test_a_bot_that_uses_all_that_poe_documents_has_no_mistake() -> None:
    assert found(FULL) == []


@given(BOTS)
def test_a_bot_that_keeps_to_the_reference_has_no_mistake(bot: dict[str, Any]) -> None:
    assert found(bot) == []


def test_a_value_that_is_unknown_yet_is_no_mistake_anywhere() -> None:
    assert {place: mistakes for place in PLACES if (mistakes := found(with_value(FULL, place, UNKNOWN)))} == {}


def test_all_mistakes_are_found_at_once_each_with_its_path() -> None:
    bot = {
        "handle": 5,
        "is_private": "no",
        "api_bot_settings": {"context_size": -1, "pricing": {"prompt": "1$", "context_pricing": {"tiers": [{}, 3]}}},
        "parameter_controls": {"sections": [{"controls": [{"control": "text_field"}]}]},
    }
    assert {mistake.path for mistake in mistakes(bot)} >= {
        "handle",
        "is_private",
        "api_bot_settings.context_size",
        "api_bot_settings.pricing.prompt",
        "api_bot_settings.pricing.context_pricing.tiers[1]",
        "parameter_controls.sections[0].controls[0].label",
        "parameter_controls.sections[0].controls[0].parameter_name",
    }


def test_a_bot_without_a_handle_is_a_mistake() -> None:
    assert [mistake.path for mistake in mistakes({})] == ["handle"]


@pytest.mark.parametrize("handle", ["", "-", "._-"])
def test_a_handle_that_names_nothing_is_a_mistake(handle: str) -> None:
    assert [mistake.path for mistake in mistakes({"handle": handle})] == ["handle"]


@pytest.mark.parametrize("handle", ["o3", "Acme.Bot_2-x", "a-name-that-is-longer-than-most"])
def test_how_long_a_handle_is_poe_decides(handle: str) -> None:
    assert found({"handle": handle}) == []


@pytest.mark.parametrize("handle", ["Café", "a b", "a/b", "a\n", "🤖"])
def test_a_handle_has_letters_digits_and_three_symbols(handle: str) -> None:
    assert found({"handle": handle}) == ["handle: may only have letters a to z, digits, '-', '_' and '.'"]


@pytest.mark.parametrize("value", [0, 1, "true", "no", [], {}])
def test_no_type_is_guessed_for_a_boolean(value: object) -> None:
    assert [mistake.path for mistake in mistakes({"handle": "b", "is_private": value})] == ["is_private"]


@pytest.mark.parametrize("value", [-1, 1.5, True, "5", []])
def test_tokens_are_whole_numbers_from_0(value: object) -> None:
    assert [mistake.path for mistake in mistakes(with_settings(context_size=value))] == [
        "api_bot_settings.context_size"
    ]


@pytest.mark.parametrize(
    "price",
    [
        "",
        ".5",
        "5.",
        "-1",
        "+1",
        "1,5",
        "$1",
        " 1",
        "1\n",
        "nan",
        "inf",
        "0x1",
        "1_0",
        "1e999",
        0.1 + 0.2,
        -1,
        -0.5,
        True,
    ],
)
def test_a_price_is_a_plain_decimal_string(price: object) -> None:
    assert [mistake.path for mistake in mistakes(with_settings(pricing={"prompt": price}))] == [
        "api_bot_settings.pricing.prompt"
    ]


def test_a_price_in_digits_of_other_scripts_is_a_mistake() -> None:
    assert [mistake.path for mistake in mistakes(with_settings(pricing={"prompt": "٣"}))] == [
        "api_bot_settings.pricing.prompt"
    ]


@pytest.mark.parametrize("price", ["0", "0.0000000000", "0.000000011", "00.50", "12"])
def test_a_plain_decimal_string_is_a_price(price: str) -> None:
    assert found(with_settings(pricing={"prompt": price})) == []


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"api_type": "chat"}, "api_type"),
        ({"input_modalities": ["text", "audio"]}, "input_modalities[1]"),
        ({"output_modalities": ["image"]}, "output_modalities[0]"),
        ({"supported_features": ["tool"]}, "supported_features[0]"),
        ({"param_definitions": [{"param_name": "a", "param_dest": "body"}]}, "param_definitions[0].param_dest"),
        ({"param_definitions": [{"param_dest": "extra_body"}]}, "param_definitions[0].param_name"),
        (
            {"pricing": {"context_pricing": {"tiers": [{"max_tokens": 5}, {"min_tokens": 5, "prompt": "x"}]}}},
            "pricing.context_pricing.tiers[1].prompt",
        ),
    ],
)
def test_a_value_that_poe_does_not_know_is_a_mistake_at_its_place(settings: dict[str, Any], path: str) -> None:
    assert [mistake.path for mistake in mistakes(with_settings(**settings))] == [f"api_bot_settings.{path}"]


@pytest.mark.parametrize(
    ("declared", "wrong", "right"),
    [
        ({"handle": "b", "descripton": "x"}, "descripton", "description"),
        (with_settings(max_inputtokens=5), "api_bot_settings.max_inputtokens", "max_input_tokens"),
        (with_settings(pricing={"promt": "1"}), "api_bot_settings.pricing.promt", "prompt"),
        (with_settings(pricing={"input_cache": "1"}), "api_bot_settings.pricing.input_cache", "input_cache_reads"),
    ],
)
def test_a_misspelt_name_is_a_mistake_that_offers_the_nearest_right_one(
    declared: dict[str, Any], wrong: str, right: str
) -> None:
    (mistake,) = mistakes(declared)
    assert mistake.path == wrong
    assert repr(right) in mistake.problem


def test_a_name_that_can_not_be_shown_leaves_marks_in_its_path() -> None:
    (mistake,) = found(with_settings(**{"de\x1b[2J\nscription": "x"}))
    assert mistake.startswith("api_bot_settings.de\ufffd[2J\ufffdscription: there is no such property")


@given(st.recursive(ANY_TEXT, lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner)))
def test_no_mistake_can_move_the_cursor_or_fake_a_line(junk: Any) -> None:
    for declared in ({"handle": "b", "junk": junk}, {"handle": "b", "api_bot_settings": junk}, with_controls(junk)):
        if isinstance(junk, dict):
            declared = {**declared, **{f"x{name}": value for name, value in junk.items()}}
        assert [mistake for mistake in mistakes(declared) if not str(mistake).isprintable()] == []


@given(ANY_TEXT, ANY_TEXT)
def test_a_mistake_is_one_line_whatever_its_path_and_problem_hold(path: str, problem: str) -> None:
    assert str(Mistake(path, problem)).isprintable()


def test_a_misspelt_value_offers_the_right_ones() -> None:
    (mistake,) = mistakes(with_settings(api_type="response_api"))
    assert "'responses_api'" in mistake.problem


@pytest.mark.parametrize("wrong", ["canary", ["canary"], {"name": "canary"}])
def test_no_mistake_shows_the_value(wrong: object) -> None:
    wrong_ones = {place: "; ".join(found(with_value(FULL, place, wrong))) for place in PLACES}
    assert any(wrong_ones.values())
    assert {place: mistakes for place, mistakes in wrong_ones.items() if "canary" in mistakes} == {}


def test_a_mistake_in_a_control_is_found_at_its_place() -> None:
    place = ("parameter_controls", "sections", 0, "controls", 1, "controls", 1, "step")
    assert [mistake.path for mistake in mistakes(with_value(FULL, place, None))] == [
        "parameter_controls.sections[0].controls[1].controls[1].step"
    ]


def test_a_mistake_in_a_tab_is_found_at_its_place() -> None:
    place = ("parameter_controls", "sections", 1, "tabs", 0, "controls", 1, "label")
    assert [mistake.path for mistake in mistakes(with_value(FULL, place, 5))] == [
        "parameter_controls.sections[1].tabs[0].controls[1].label"
    ]


@pytest.mark.parametrize("value", ["a", None, [], True])
def test_one_mistake_is_one_mistake(value: object) -> None:
    slider = {"control": "slider", "label": "A", "parameter_name": "a", "max_value": 9, "step": 1, "min_value": value}
    assert [mistake.path for mistake in mistakes(with_controls(slider))] == [
        "parameter_controls.sections[0].controls[0].min_value"
    ]


@pytest.mark.parametrize("control", [{"control": "slidr"}, {"label": "x"}, "text_field", 5, {}])
def test_a_control_of_no_kind_is_a_mistake_in_words_of_the_user(control: object) -> None:
    (mistake,) = mistakes(with_controls(control))
    assert mistake.path.startswith("parameter_controls.sections[0].controls[0]")
    assert "_kind_of_control" not in mistake.problem
    assert "'unknown'" not in mistake.problem


def test_a_control_of_the_kind_unknown_is_a_mistake() -> None:
    assert found(with_controls({"control": "unknown", "anything": 1})) != []


def test_a_condition_in_a_condition_is_a_mistake_at_its_place() -> None:
    inner = {**CONTROLS[1], "controls": []}
    assert [mistake.path for mistake in mistakes(with_controls(CONTROLS[0], {**CONTROLS[1], "controls": [inner]}))] == [
        "parameter_controls.sections[0].controls[1].controls[0]"
    ]


@pytest.mark.parametrize("section", [{}, {"name": "A"}, {"controls": [], "tabs": []}])
def test_a_section_has_controls_or_tabs(section: dict[str, Any]) -> None:
    declared = {"handle": "b", "parameter_controls": {"api_version": "2", "sections": [section]}}
    assert [mistake.path for mistake in mistakes(declared)] == ["parameter_controls.sections[0]"]


@pytest.mark.parametrize("operand", [{}, {"parameter_name": "think", "literal": True}])
def test_a_side_of_a_condition_is_a_parameter_or_a_literal(operand: dict[str, Any]) -> None:
    condition = {**CONTROLS[1], "condition": {"comparator": "eq", "left": operand, "right": {"literal": True}}}
    assert [mistake.path for mistake in mistakes(with_controls(CONTROLS[0], condition))] == [
        "parameter_controls.sections[0].controls[1].condition.left"
    ]


@pytest.mark.parametrize("name", ["", "a-b", "a b", "poe_effort", "é"])
def test_a_parameter_is_named_in_letters_digits_and_underscores_and_not_poe(name: str) -> None:
    assert [mistake.path for mistake in mistakes(with_controls({**CONTROLS[0], "parameter_name": name}))] == [
        "parameter_controls.sections[0].controls[0].parameter_name"
    ]


def test_controls_of_one_parameter_have_the_same_default() -> None:
    other = {**CONTROLS[0], "default_value": False}
    (mistake,) = found(with_controls(CONTROLS[0], other))
    assert "controls[1].default_value" in mistake
    assert "sets the same parameter" in mistake


def test_controls_of_the_same_parameter_and_default_are_no_mistake() -> None:
    assert found(with_controls(CONTROLS[0], CONTROLS[0])) == []


def test_controls_that_do_not_say_their_version_are_suspicious() -> None:
    declared = {"handle": "Acme", "parameter_controls": {"sections": []}}
    assert found(declared) == []
    assert [mistake.path for mistake in warnings(declared)] == ["parameter_controls.api_version"]


def test_video_needs_chat_completions() -> None:
    declared = with_settings(input_modalities=["text", "video"], api_type="responses_api")
    (mistake,) = mistakes(declared)
    assert mistake.path.startswith("api_bot_settings.input_modalities")
    assert "chat_completions_api" in mistake.problem


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_does_not_know_is_a_mistake(number: float) -> None:
    slider = {**CONTROLS[1]["controls"][1], "min_value": number}
    assert [mistake.path for mistake in mistakes(with_controls(slider))] == [
        "parameter_controls.sections[0].controls[0].min_value"
    ]


@given(BOTS)
def test_to_declare_none_is_to_declare_nothing(bot: dict[str, Any]) -> None:
    with_nones = {"description": None, "is_private": None, "api_bot_settings": None, "extra": None, **bot}
    assert found(with_nones) == []
    assert body(with_nones) == body(bot)


@given(BOTS, st.data())
def test_a_part_of_a_bot_has_no_mistake_that_the_full_bot_does_not_have(
    bot: dict[str, Any], data: st.DataObject
) -> None:
    paths = [path for path, _ in leaves(bot) if path != ("handle",)]
    unknown = data.draw(st.lists(st.sampled_from(paths))) if paths else []
    for path in unknown:
        bot = with_value(bot, path, UNKNOWN)
    assert found(bot) == []


# --- extra ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra", "path"),
    [
        ({"handle": "x"}, "handle"),
        ({"is_private": True}, "is_private"),
        ({"api_bot_settings": {"api_key": "canary"}}, "api_bot_settings.api_key"),
        ({"api_bot_settings": {"pricing": {"prompt": "1"}}}, "api_bot_settings.pricing.prompt"),
        (
            {"api_bot_settings": {"pricing": {"context_pricing": {"tiers": []}}}},
            "api_bot_settings.pricing.context_pricing.tiers",
        ),
        ({"api_bot_settings": {"param_definitions": []}}, "api_bot_settings.param_definitions"),
        ({"api_bot_settings": "all of it"}, "api_bot_settings"),
        ({"parameter_controls": {"sections": []}}, "parameter_controls.sections"),
        ({"extra": {"a": 1}}, "extra"),
    ],
)
def test_extra_is_no_way_round_a_check_or_a_secret(extra: dict[str, Any], path: str) -> None:
    assert [mistake.path for mistake in mistakes({"handle": "b", "extra": extra})] == [f"extra.{path}"]
    assert "canary" not in " ".join(found({"handle": "b", "extra": extra}))


def test_a_field_that_poe_adds_later_is_sent_through_extra() -> None:
    declared = {**with_settings(model_name="m"), "extra": {"greeting": "Hi", "api_bot_settings": {"audio": True}}}
    assert found(declared) == []
    assert body(declared) == {"handle": "b", "api_bot_settings": {"model_name": "m", "audio": True}, "greeting": "Hi"}


@pytest.mark.parametrize("extra", [{"api_bot_settings": UNKNOWN}, {"api_bot_settings": {"pricing": UNKNOWN}}])
def test_an_object_in_extra_that_is_unknown_yet_is_no_mistake(extra: dict[str, Any]) -> None:
    assert found({"handle": "b", "extra": extra}) == []
