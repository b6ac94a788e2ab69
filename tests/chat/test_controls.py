"""What can be set of a bot, and which of it users see."""

from __future__ import annotations

from typing import Any

import pytest
from chatting import CONTROLS, DEFINITIONS

from pulumi_poe.chat.controls import Controls

BOT: dict[str, Any] = {"api_bot_settings": {"param_definitions": DEFINITIONS}, "parameter_controls": CONTROLS}


def shown(values: dict[str, Any], bot: dict[str, Any] = BOT) -> list[str]:
    controls = Controls(bot)
    return [control.name for control in controls.all if controls.is_shown(control, values)]


def test_a_control_is_shown_once_its_condition_is_met() -> None:
    assert shown({}) == ["think", "rules", "ratio", "seed_word", "lines"]
    assert shown({"think": True}) == ["think", "effort", "budget", "rules", "ratio", "seed_word", "lines"]


def test_each_control_has_the_section_and_the_tab_that_it_is_in() -> None:
    places = {control.name: control.place for control in Controls(BOT).all}
    assert places["think"] == places["effort"] == "Thinking"
    assert (places["ratio"], places["lines"]) == ("Output › Shape", "Output › Words")


@pytest.mark.parametrize(
    ("comparator", "left", "right", "holds"),
    [
        ("eq", 1, 1.0, True),
        ("equals", "a", "a", True),
        ("eq", True, 1, False),
        ("ne", "a", "b", True),
        ("ne", 1, 1, False),
        ("gt", 2, 1, True),
        ("gt", 1, 1, False),
        ("ge", 1, 1, True),
        ("lt", "a", "b", True),
        ("le", 2, 1, False),
        ("lt", "a", 1, False),
        ("gt", True, 0, False),
        ("unheard_of", 1, 2, True),
    ],
)
def test_a_condition_compares_as_json_does(comparator: str, left: Any, right: Any, holds: bool) -> None:
    condition = {"comparator": comparator, "left": {"literal": left}, "right": {"literal": right}}
    inner = {"control": "text_field", "parameter_name": "inner"}
    control = {"control": "condition", "condition": condition, "controls": [inner]}
    bot = {"parameter_controls": {"sections": [{"controls": [control]}]}}
    assert shown({}, bot) == (["inner"] if holds else [])


def test_what_is_not_set_counts_as_its_default_or_as_what_its_control_shows() -> None:
    controls = Controls(BOT)
    in_force = {name: controls.in_force(name, {"lines": 3}) for name in controls.names}
    assert in_force == {
        "think": False,
        "effort": "medium",
        "budget": 0,
        "rules": "",
        "ratio": "1:1",
        "seed_word": "",
        "lines": 3,
    }


def test_the_default_of_the_definition_comes_before_that_of_the_control() -> None:
    control = {"control": "toggle_switch", "parameter_name": "think", "default_value": False}
    bot = {
        "api_bot_settings": {"param_definitions": [{"param_name": "think", "default_value": True}]},
        "parameter_controls": {"sections": [{"controls": [control]}]},
    }
    assert Controls(bot).in_force("think", {}) is True


@pytest.mark.parametrize("junk", [None, 3, [], "x", {"sections": 1}, {"sections": [{"controls": [{"control": 1}]}]}])
def test_what_makes_no_sense_is_nothing_to_set(junk: Any) -> None:
    assert Controls({"api_bot_settings": junk, "parameter_controls": junk}).all == ()
