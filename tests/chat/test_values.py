"""What is typed becomes a value that the bot takes, or is refused with those that it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chatting import CONTROLS, DEFINITIONS
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.chat.controls import Controls
from pulumi_poe.chat.values import shown, value_of
from pulumi_poe.core.errors import RefusedError
from pulumi_poe.emulator.chat.asking import asked
from pulumi_poe.emulator.chat.bots import CalledBot
from pulumi_poe.emulator.chat.declared import undeclared

BOT: dict[str, Any] = {
    "handle": "Acme-Bot",
    "api_bot_settings": {"param_definitions": DEFINITIONS},
    "parameter_controls": CONTROLS,
}
NAMES = [definition["param_name"] for definition in DEFINITIONS]


def bot_with(control: dict[str, Any]) -> dict[str, Any]:
    return {
        "handle": "Acme-Bot",
        "api_bot_settings": {"param_definitions": [{"param_name": control["parameter_name"]}]},
        "parameter_controls": {"sections": [{"controls": [control]}]},
    }


def what_the_local_poe_says(bot: dict[str, Any], name: str, value: Any) -> list[str]:
    """Its notes on a question with this parameter, by rules of its own."""
    question = {"model": "Acme-Bot", "messages": [], name: value}
    return list(undeclared(asked(json.dumps(question).encode(), "chat_completions_api"), CalledBot("Acme-Bot", bot)))


typed_texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["true", "OFF", "1", "low", "Medium", "HIGH", "wide", "1:1", "0", "8", "7", "1e999", "nan", "-1"]),
    st.integers(-10, 50).map(str),
    st.floats().map(str),
)


@given(st.sampled_from(NAMES), typed_texts)
def test_a_value_is_one_that_the_bot_declares_or_is_refused(name: str, text: str) -> None:
    try:
        value = value_of(Controls(BOT), name, text)
    except RefusedError:
        return
    assert what_the_local_poe_says(BOT, name, value) == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("think", st.booleans()),
        ("effort", st.sampled_from(["low", "medium", "high"])),
        ("ratio", st.sampled_from(["1:1", "wide"])),
        ("budget", st.integers(0, 8).map(lambda steps: steps * 4)),
        ("lines", st.one_of(st.integers(1, 10**12), st.floats(1, 1e12))),
        ("rules", st.text()),
        ("seed_word", st.text()),
    ],
)
def test_every_value_can_be_set_by_the_text_that_shows_it(name: str, values: st.SearchStrategy[Any]) -> None:
    @given(values)
    def holds(value: Any) -> None:
        found = value_of(Controls(BOT), name, shown(value))
        assert (type(found), found) == (type(value), value)

    holds()


@given(st.integers(-20, 20), st.integers(1, 40), st.sampled_from([0.1, 0.25, 0.05, 1, 3]), st.data())
def test_each_step_of_a_slider_is_a_value(least: int, count: int, step: float, data: st.DataObject) -> None:
    control = {"control": "slider", "parameter_name": "level", "min_value": least, "step": step}
    bot = bot_with({**control, "max_value": least + count * step})
    number = data.draw(st.integers(0, count))
    text = f"{least + number * step:.4f}"

    assert what_the_local_poe_says(bot, "level", value_of(Controls(bot), "level", text)) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("effrt", "high", "the bot has no parameter 'effrt'. Did you mean effort? Nothing was sent."),
        ("zzz", "1", "the bot has no parameter 'zzz'. It has think, effort, budget, rules, ratio, seed_word, lines. "),
        ("effort", "huge", "effort can't be 'huge'. It is one of: low, medium, high. Nothing was sent."),
        ("ratio", "4:3", "ratio can't be '4:3'. It is one of: 1:1, wide. Nothing was sent."),
        ("think", "maybe", "think can't be 'maybe'. It is a switch: true or false. Nothing was sent."),
        ("budget", "40", "budget can't be '40'. It is a number from 0 to 32 in steps of 4. Nothing was sent."),
        ("budget", "5", "budget can't be '5'. It is a number from 0 to 32 in steps of 4. Nothing was sent."),
        ("budget", "much", "budget can't be 'much'. It is a number. Nothing was sent."),
        ("lines", "0", "lines can't be '0'. It is a number from 1. Nothing was sent."),
        ("\x1b[2J", "1", "the bot has no parameter '\ufffd[2J'. It has think,"),
    ],
)
def test_a_mistake_is_one_line_with_what_would_be_right(name: str, text: str, said: str) -> None:
    with pytest.raises(RefusedError) as refused:
        value_of(Controls(BOT), name, text)
    assert str(refused.value).startswith(said)


def test_a_choice_can_be_named_as_users_read_it_and_in_any_case() -> None:
    assert value_of(Controls(BOT), "effort", "HIGH") == "high"
    assert value_of(Controls(BOT), "ratio", "Wide") == "wide"


@pytest.mark.parametrize(
    ("default", "text", "value"),
    [(True, "no", False), (1, "2.5", 2.5), ("a", "2", "2"), (None, "2", 2), (None, "NaN", "NaN"), ([1], "[2]", [2])],
)
def test_a_parameter_without_a_control_is_of_the_type_of_its_default(default: Any, text: str, value: Any) -> None:
    bot = {"api_bot_settings": {"param_definitions": [{"param_name": "depth", "default_value": default}]}}
    assert value_of(Controls(bot), "depth", text) == value


def test_a_bot_without_parameters_says_so() -> None:
    with pytest.raises(RefusedError, match="It has none at all"):
        value_of(Controls({"api_bot_settings": {}}), "effort", "high")


def test_of_somebody_elses_bot_any_parameter_can_be_set() -> None:
    assert value_of(None, "effort", "high") == "high"
    assert value_of(None, "depth", "3") == 3
    with pytest.raises(RefusedError, match="'model' is no parameter"):
        value_of(None, "model", "other")
