"""What `parameter_controls` may hold (docs/poe-bots-api.md, 3)."""

from __future__ import annotations

from typing import Any

from ..asking import MISSING, Answer, Asker, at, question, said
from .settings import taken_and_refused

TOGGLE = {"control": "toggle_switch", "label": "Think", "parameter_name": "think", "default_value": True}
FIELD = {"control": "text_field", "label": "Word", "parameter_name": "word"}


def controls(*of_the_section: Any, **more: Any) -> dict[str, Any]:
    """One section with these controls."""
    return {"api_version": "2", "sections": [{"controls": list(of_the_section)}], **more}


@question("6 (20)")
def are_bad_controls_refused(ask: Asker) -> Answer:
    """Are controls that break the rules refused, or dropped in silence?"""
    handle = ask.mine.handles.new()
    body = {"handle": handle, "is_private": True, "api_bot_settings": ask.settings()}
    bad = controls({"control": "hologram", "label": "Depth", "parameter_name": "depth"})
    answer = ask.mine.request("POST", None, {**body, "parameter_controls": bad})
    if answer.status_code != 201:
        return Answer(f"refused with {answer.status_code}: {said(answer)}")
    found = at(ask.bot(handle), "parameter_controls")
    return Answer("dropped" if found is MISSING else "kept" if found == bad else "taken and changed")


@question("3.1, 3.2, 3.3, 3.6")
def which_shapes_of_controls_are_taken(ask: Asker) -> Answer:
    """Which shapes may the controls have that the sources disagree on?"""
    tab = {"name": "Tab", "controls": [FIELD]}
    return _tried(
        ask,
        {
            "no sections": {"api_version": "2", "sections": []},
            "no api_version": {"sections": [{"controls": [FIELD]}]},
            "api_version a number": controls(FIELD, api_version=2),
            "a section without anything": {"api_version": "2", "sections": [{"name": "Empty"}]},
            "controls and tabs": {"api_version": "2", "sections": [{"controls": [TOGGLE], "tabs": [tab]}]},
            "tabs": {"api_version": "2", "sections": [{"tabs": [tab]}]},
            "a tab without a name": {"api_version": "2", "sections": [{"tabs": [{"controls": [FIELD]}]}]},
            "a tab without controls": {"api_version": "2", "sections": [{"tabs": [{"name": "Tab", "controls": []}]}]},
            "two defaults": controls(TOGGLE, {**TOGGLE, "default_value": False}),
            "a hyphen in a name": controls({**FIELD, "parameter_name": "a-b"}),
            "a name in poe_": controls({**FIELD, "parameter_name": "poe_word"}),
        },
    )


@question("3.4")
def which_controls_are_taken(ask: Asker) -> Answer:
    """Which kinds of controls are taken, and which fields has a number_field?"""
    number = {"control": "number_field", "label": "Number", "parameter_name": "number"}
    slider = {"control": "slider", "label": "Slider", "parameter_name": "s", "min_value": 0, "max_value": 9, "step": 1}
    drop_down = {"control": "drop_down", "label": "Size", "parameter_name": "size"}
    ratio = {"control": "aspect_ratio", "label": "Ratio", "parameter_name": "ratio"}
    return _tried(
        ask,
        {
            "number_field": controls(number),
            "number_field with a default": controls({**number, "default_value": 1}),
            "number_field with bounds": controls({**number, "min_value": 0, "max_value": 9}),
            "number_field with a placeholder": controls({**number, "placeholder": "any"}),
            "divider": controls({"control": "divider"}),
            "divider with a label": controls({"control": "divider", "label": "Line"}),
            "aspect_ratio": controls({**ratio, "options": [{"width": 16, "height": 9}]}),
            "slider outside its range": controls({**slider, "default_value": 10}),
            "drop_down without options": controls({**drop_down, "options": []}),
            "drop_down with another default": controls(
                {**drop_down, "options": [{"value": "a", "name": "A"}], "default_value": "b"}
            ),
        },
    )


@question("3.5")
def which_conditions_are_taken(ask: Asker) -> Answer:
    """Which comparators are taken, and may a condition hold another?"""

    def condition(comparator: str, *inner: Any, right: Any = True) -> dict[str, Any]:
        compared = {"comparator": comparator, "left": {"parameter_name": "think"}, "right": {"literal": right}}
        return {"control": "condition", "condition": compared, "controls": list(inner) or [FIELD]}

    forms = {name: controls(TOGGLE, condition(name)) for name in ("equals", "eq", "ne", "gt", "ge", "lt", "le")}
    forms["one in another"] = controls(TOGGLE, condition("eq", condition("eq")))
    forms["null"] = controls(TOGGLE, condition("eq", right=None))
    return _tried(ask, forms)


def _tried(ask: Asker, forms: dict[str, dict[str, Any]]) -> Answer:
    handle = ask.new_bot()
    statuses = {
        name: ask.mine.request("PATCH", handle, {"parameter_controls": form}).status_code
        for name, form in forms.items()
    }
    return Answer(taken_and_refused(statuses))
