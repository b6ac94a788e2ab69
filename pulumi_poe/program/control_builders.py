"""What users may set in the chat: one line makes a control and its param definition, so the two can't drift apart.

Example::

    ui = controls(
        section(
            "Thinking",
            toggle("think", "Think first", default=True),
            when("think", eq=True, show=[slider("budget", "Budget", 0, 32768, step=1024, default=4096)]),
        ),
        section("Output", tabs={"Shape": [aspect_ratio("ratio", "Ratio", ["1:1", "16:9"], default="1:1")]}),
    )
    Bot(
        "reasoner",
        handle="Acme-Reasoner",
        api_bot_settings={..., "param_definitions": ui.param_definitions},
        parameter_controls=ui.parameter_controls,
    )

Every control that sets a parameter takes the parameter's name, which the endpoint gets, and its label, which users
read. Names are str. What users see and the defaults may be Pulumi Outputs. An argument that is left out is left out
of the result too. Poe's rules, such as those for names, are checked by ``pulumi preview``, like those of a dict
written by hand; what is refused here could not be written down, or is a slip in the call.

Poe's docs: https://creator.poe.com/docs/server-bots/parameter-controls (Parameter controls).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from pulumi import Input, Output

from .types import (
    AspectRatioOption,
    BaseControl,
    Comparator,
    Condition,
    Control,
    DropDownOption,
    LiteralOperand,
    Operand,
    ParamDefinition,
    ParameterControls,
    ParameterOperand,
    Section,
    Tab,
)

__all__ = [
    "Controls",
    "aspect_ratio",
    "controls",
    "divider",
    "drop_down",
    "literal",
    "number_field",
    "parameter",
    "section",
    "slider",
    "text_area",
    "text_field",
    "toggle",
    "when",
]


# Classes and not a Part[Slider], Part[Section] …: of those a checker can't tell what a list of several kinds holds.
@dataclass(frozen=True)
class Part:
    """A control, a condition or a section, and what :func:`controls` must define for it.

    >>> toggle("think", "Think first").param_definitions
    ({'param_name': 'think', 'param_dest': 'extra_body'},)
    """

    wire: Control | Section
    """Its JSON, as Poe wants it: for a program that writes ``parameter_controls`` by hand."""
    param_definitions: tuple[ParamDefinition, ...] = ()
    """The parameters that it sets, in the order of their controls."""


class ControlPart(Part):
    """A control or a condition: what may stand in a section."""

    wire: Control


class BaseControlPart(ControlPart):
    """A control: what may stand in a condition, too."""

    wire: BaseControl


class SectionPart(Part):
    """A section."""

    wire: Section


@dataclass(frozen=True)
class Controls:
    """What :func:`controls` made: two arguments of :class:`pulumi_poe.Bot` that belong together."""

    parameter_controls: ParameterControls
    """What users see: goes to ``parameter_controls``."""
    param_definitions: list[ParamDefinition]
    """What the endpoint gets: goes to ``api_bot_settings["param_definitions"]``."""


# --- the controls -----------------------------------------------------------------------------------


def toggle(
    name: str,
    label: Input[str],
    *,
    default: Input[bool] | None = None,
    description: Input[str] | None = None,
) -> BaseControlPart:
    """A switch: on or off. Poe's docs: Parameter controls, toggle switch.

    :param name: the parameter that it sets, to ``true`` or ``false``.
    :param label: what users read beside it.
    :param default: whether it is on before the user changes it. Left out, Poe infers one.
    :param description: a longer text under the label.

    >>> toggle("think", "Think first", default=True).wire
    {'control': 'toggle_switch', 'label': 'Think first', 'parameter_name': 'think', 'default_value': True}
    """
    return _setting("toggle_switch", name, label, description, default)


def drop_down(
    name: str,
    label: Input[str],
    options: Mapping[str, Input[str]] | Iterable[Input[str] | tuple[Input[str], Input[str]]],
    *,
    default: Input[str] | None = None,
    description: Input[str] | None = None,
) -> BaseControlPart:
    """One of several choices. Poe's docs: Parameter controls, drop down.

    :param name: the parameter that it sets, to the value of a choice.
    :param label: what users read beside it.
    :param options: the choices, in their order: values that are also what users read, or a dict from each value
        to what users read, or pairs of the two.
    :param default: the value that is chosen before the user changes it. Left out, Poe infers one.
    :param description: a longer text under the label.
    :raises TypeError: the options are a single str, or a choice is not a value or a pair.

    >>> drop_down("effort", "Effort", {"low": "Quick", "high": "Thorough"}, default="low").wire["options"]
    [{'value': 'low', 'name': 'Quick'}, {'value': 'high', 'name': 'Thorough'}]
    >>> drop_down("size", "Size", ["S", "M"]).wire["options"]
    [{'value': 'S', 'name': 'S'}, {'value': 'M', 'name': 'M'}]
    """
    choices = [_choice(option) for option in _several(options, "drop_down()")]
    return _setting("drop_down", name, label, description, default, options=choices)


def slider(
    name: str,
    label: Input[str],
    min_value: Input[float],
    max_value: Input[float],
    *,
    step: Input[float],
    default: Input[float] | None = None,
    description: Input[str] | None = None,
) -> BaseControlPart:
    """A number of a range. Poe's docs: Parameter controls, slider.

    :param name: the parameter that it sets, to a number.
    :param label: what users read beside it.
    :param min_value: the smallest number, inclusive.
    :param max_value: the largest number, inclusive.
    :param step: the distance between two numbers.
    :param default: the number before the user changes it. Left out, Poe infers one.
    :param description: a longer text under the label.

    >>> slider("budget", "Budget", 0, 32768, step=1024, default=4096).param_definitions
    ({'param_name': 'budget', 'param_dest': 'extra_body', 'default_value': 4096},)
    """
    bounds = {"min_value": min_value, "max_value": max_value, "step": step}
    return _setting("slider", name, label, description, default, **bounds)


def text_field(
    name: str,
    label: Input[str],
    *,
    default: Input[str] | None = None,
    description: Input[str] | None = None,
    placeholder: Input[str] | None = None,
) -> BaseControlPart:
    """One line of text. Poe's docs: Parameter controls, text field.

    :param name: the parameter that it sets, to a text.
    :param label: what users read beside it.
    :param default: the text before the user changes it. Left out, Poe infers one.
    :param description: a longer text under the label.
    :param placeholder: a hint that is shown while it is empty.

    >>> text_field("seed_word", "Seed word", placeholder="optional").wire
    {'control': 'text_field', 'label': 'Seed word', 'parameter_name': 'seed_word', 'placeholder': 'optional'}
    """
    return _setting("text_field", name, label, description, default, placeholder=placeholder)


def text_area(
    name: str,
    label: Input[str],
    *,
    default: Input[str] | None = None,
    description: Input[str] | None = None,
    placeholder: Input[str] | None = None,
) -> BaseControlPart:
    """Several lines of text, with the arguments of :func:`text_field`. Poe's docs: Parameter controls, text area.

    >>> text_area("rules", "House rules", default="").wire
    {'control': 'text_area', 'label': 'House rules', 'parameter_name': 'rules', 'default_value': ''}
    """
    return _setting("text_area", name, label, description, default, placeholder=placeholder)


def number_field(
    name: str,
    label: Input[str],
    *,
    default: Input[float] | None = None,
    min_value: Input[float] | None = None,
    max_value: Input[float] | None = None,
    step: Input[float] | None = None,
    description: Input[str] | None = None,
    placeholder: Input[str] | None = None,
) -> BaseControlPart:
    """A number that is typed in.

    Listed in the Bots REST API, but Poe documents none of its fields, and its library does not know it.

    :param name: the parameter that it sets, to a number.
    :param label: what users read beside it.
    :param default: the number before the user changes it. Left out, Poe infers one.
    :param min_value: the smallest number, inclusive.
    :param max_value: the largest number, inclusive.
    :param step: the distance between two numbers.
    :param description: a longer text under the label.
    :param placeholder: a hint that is shown while it is empty.

    >>> number_field("seed", "Seed", default=7).wire
    {'control': 'number_field', 'label': 'Seed', 'parameter_name': 'seed', 'default_value': 7}
    """
    others = {"min_value": min_value, "max_value": max_value, "step": step, "placeholder": placeholder}
    return _setting("number_field", name, label, description, default, **others)


def aspect_ratio(
    name: str,
    label: Input[str],
    options: Mapping[str, str] | Iterable[str],
    *,
    default: Input[str] | None = None,
    description: Input[str] | None = None,
) -> BaseControlPart:
    """One of several aspect ratios. Poe's docs: Parameter controls, aspect ratio.

    :param name: the parameter that it sets, to the value of a choice.
    :param label: what users read beside it.
    :param options: the choices, in their order: ratios such as ``"16:9"``, which are also the values, or a dict
        from each value to its ratio.
    :param default: the value that is chosen before the user changes it. Left out, Poe infers one.
    :param description: a longer text under the label.
    :raises TypeError: the options are a single str, or a ratio is no str.
    :raises ValueError: a ratio is not a width and a height with a colon between them.

    >>> aspect_ratio("ratio", "Ratio", ["1:1", "16:9"], default="16:9").wire["options"]
    [{'width': 1, 'height': 1}, {'width': 16, 'height': 9}]
    >>> aspect_ratio("ratio", "Ratio", {"wide": "16:9"}, default="wide").wire["options"]
    [{'width': 16, 'height': 9, 'value': 'wide'}]
    """
    listed = _several(options, "aspect_ratio()")
    pairs = listed if isinstance(options, Mapping) else [(ratio, ratio) for ratio in listed]
    ratios = [_ratio(value, ratio) for value, ratio in pairs]
    return _setting("aspect_ratio", name, label, description, default, options=ratios)


def divider() -> BaseControlPart:
    """A line between controls. Poe's docs: Parameter controls, divider.

    >>> divider().wire
    {'control': 'divider'}
    """
    return BaseControlPart({"control": "divider"})


# --- conditions -------------------------------------------------------------------------------------


def parameter(name: Input[str], /) -> ParameterOperand:
    """What a parameter is set to, as a side of :func:`when`. Poe's docs: Parameter controls, conditions.

    >>> parameter("think")
    {'parameter_name': 'think'}
    """
    return {"parameter_name": name}


def literal(value: Input[str | float | bool], /) -> LiteralOperand:
    """A fixed value, as a side of :func:`when`. Poe's docs: Parameter controls, conditions.

    >>> literal(True)
    {'literal': True}
    """
    return {"literal": value}


def when(
    left: str | Operand,
    *,
    eq: Operand | Input[str | float | bool] | None = None,
    ne: Operand | Input[str | float | bool] | None = None,
    gt: Operand | Input[str | float | bool] | None = None,
    ge: Operand | Input[str | float | bool] | None = None,
    lt: Operand | Input[str | float | bool] | None = None,
    le: Operand | Input[str | float | bool] | None = None,
    equals: Operand | Input[str | float | bool] | None = None,
    show: Sequence[BaseControlPart],
) -> ControlPart:
    """Controls that are shown while a comparison holds. Poe's docs: Parameter controls, conditions.

    Give one of the comparators. A plain value beside it is compared with as it is; a parameter is
    ``parameter("name")``.

    :param left: the name of a parameter, or ``literal(value)``.
    :param eq: shown while ``left`` is equal to this.
    :param ne: shown while ``left`` is not equal to this.
    :param gt: shown while ``left`` is greater than this.
    :param ge: shown while ``left`` is greater than this or equal to it.
    :param lt: shown while ``left`` is less than this.
    :param le: shown while ``left`` is less than this or equal to it.
    :param equals: the same as ``eq``. Poe's page says ``equals`` where its library takes only ``eq``, so ``eq`` is
        what is made.
    :param show: the controls, from top to bottom. Poe takes no condition within a condition.
    :raises TypeError: not exactly one comparator is given, or something in ``show`` is no control.

    >>> when("think", eq=True, show=[divider()]).wire["condition"]
    {'comparator': 'eq', 'left': {'parameter_name': 'think'}, 'right': {'literal': True}}
    >>> when(literal(8), lt=parameter("budget"), show=[divider()]).wire["condition"]
    {'comparator': 'lt', 'left': {'literal': 8}, 'right': {'parameter_name': 'budget'}}
    """
    words = {"eq": eq, "ne": ne, "gt": gt, "ge": ge, "lt": lt, "le": le, "equals": equals}
    given = [(word, right) for word, right in words.items() if right is not None]
    if len(given) != 1:
        raise TypeError(f"when() needs one comparator, such as eq=True, and was given {len(given)}")
    word, right = given[0]
    if not isinstance(left, (str, Mapping)):
        raise TypeError("when() begins with the name of a parameter, or with literal(...)")
    shown = _parts(show, BaseControlPart, "when(show=...)")
    condition: Condition = {
        "comparator": cast(Comparator, "eq" if word == "equals" else word),
        "left": parameter(left) if isinstance(left, str) else left,
        "right": right if isinstance(right, Mapping) else literal(right),
    }
    held = [part.wire for part in shown]
    return ControlPart({"control": "condition", "condition": condition, "controls": held}, _definitions(shown))


# --- their arrangement ------------------------------------------------------------------------------


def section(
    name: Input[str] | None,
    *parts: ControlPart,
    tabs: Mapping[str, Sequence[ControlPart]] | None = None,
    collapsed: Input[bool] | None = None,
) -> SectionPart:
    """A group of controls, either one below the other or on tabs. Poe's docs: Parameter controls, sections.

    :param name: what users read above it, or None for nothing.
    :param parts: the controls and conditions, from top to bottom.
    :param tabs: instead of ``parts``: for the name of each tab its controls and conditions.
    :param collapsed: whether users first see only its name: Poe's ``collapsed_by_default``.
    :raises TypeError: there are both controls and tabs, or neither, or the name is forgotten, or something in it is
        no control.

    >>> section("Tags", text_field("tag", "Tag"), collapsed=True).wire # doctest: +NORMALIZE_WHITESPACE
    {'name': 'Tags',
     'controls': [{'control': 'text_field', 'label': 'Tag', 'parameter_name': 'tag'}],
     'collapsed_by_default': True}
    """
    if isinstance(name, Part):
        raise TypeError("section() begins with its name, or with None")
    if bool(parts) == (tabs is not None):
        raise TypeError("section() takes either controls or tabs")
    within = _parts(parts, ControlPart, "section()")
    made: dict[str, Any] = {"name": name}
    if tabs is None:
        made["controls"] = [part.wire for part in within]
    else:
        made["tabs"] = []
        for tab_name, on_tab in tabs.items():
            held = _parts(on_tab, ControlPart, "a tab")
            made["tabs"].append(Tab(name=tab_name, controls=[part.wire for part in held]))
            within += held
    made["collapsed_by_default"] = collapsed
    return SectionPart(cast(Section, _without_none(made)), _definitions(within))


def controls(*parts: Part) -> Controls:
    """All that users may set in the chat, and the definitions of the parameters. Poe's docs: Parameter controls.

    :param parts: sections, controls and conditions, from top to bottom. Controls outside of a section make one
        without a name.
    :raises TypeError: a part is neither a section nor a control.
    :raises ValueError: two controls of one parameter have different defaults. Poe wants the same default for both.

    >>> ui = controls(toggle("think", "Think first", default=True))
    >>> ui.param_definitions
    [{'param_name': 'think', 'param_dest': 'extra_body', 'default_value': True}]
    >>> ui.parameter_controls["api_version"], len(ui.parameter_controls["sections"])
    ('2', 1)
    """
    sections: list[Section] = []
    loose: list[Control] = []
    for part in _parts(parts, Part, "controls()"):
        if isinstance(part, ControlPart):
            if not loose:
                sections.append({"controls": loose})
            loose.append(part.wire)
        else:
            sections.append(cast(Section, part.wire))
            loose = []
    definitions: dict[str, ParamDefinition] = {}
    for definition in _definitions(parts):
        name = cast(str, definition["param_name"])
        if _conflict(definitions.setdefault(name, definition), definition):
            raise ValueError(f"two controls of the parameter {name!r} have different defaults; give both the same one")
    return Controls({"api_version": "2", "sections": sections}, list(definitions.values()))


# --- how it is made ---------------------------------------------------------------------------------

_P = TypeVar("_P", bound=Part)


def _setting(kind: str, name: str, label: Any, description: Any, default: Any, **others: Any) -> BaseControlPart:
    """A control that sets a parameter, with the parameter's definition."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a parameter is a str, not a {type(name).__name__}")
    control = {
        "control": kind,
        "label": label,
        "parameter_name": name,
        "description": description,
        "default_value": default,
        **others,
    }
    definition = {"param_name": name, "param_dest": "extra_body", "default_value": default}
    return BaseControlPart(
        cast(BaseControl, _without_none(control)), (cast(ParamDefinition, _without_none(definition)),)
    )


def _without_none(made: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in made.items() if value is not None}


def _several(options: Any, where: str) -> list[Any]:
    """The items of a list, or the pairs of a dict. Not the letters of a str."""
    if isinstance(options, Mapping):
        return list(options.items())
    if isinstance(options, (str, Output)) or not isinstance(options, Iterable):
        raise TypeError(f"{where} takes its options as a list or a dict")
    return list(options)


def _choice(option: Any) -> DropDownOption:
    pair = option if isinstance(option, (tuple, list)) else (option, option)
    if len(pair) != 2:
        raise TypeError("an option of drop_down() is a value, or a pair of a value and what users read")
    return {"value": pair[0], "name": pair[1]}


_SIDE = r"[0-9]{1,6}(?:\.[0-9]{1,6})?"
_RATIO = f"({_SIDE}):({_SIDE})"


def _ratio(value: str, ratio: Any) -> AspectRatioOption:
    if not isinstance(ratio, str):
        raise TypeError('a ratio of aspect_ratio() is a str, such as "16:9"')
    found = re.fullmatch(_RATIO, ratio)
    if found is None:
        raise ValueError('a ratio of aspect_ratio() is a width and a height with a colon between, such as "16:9"')
    width, height = map(_side, found.groups())
    option: AspectRatioOption = {"width": width, "height": height}
    # Without a value, Poe takes width:height for it. What was written says the same, unless as in "1.0:1".
    if value != f"{width}:{height}":
        option["value"] = value
    return option


def _side(digits: str) -> int | float:
    number = float(digits)
    return int(number) if number.is_integer() else number


def _parts(parts: Any, kind: type[_P], where: str) -> list[_P]:
    what = "sections and controls" if kind is Part else "controls"
    if isinstance(parts, (Part, str, Mapping, Output)) or not isinstance(parts, Iterable):
        raise TypeError(f"{where} takes a list of {what}, such as [toggle(...)]")
    found = list(parts)
    for part in found:
        if isinstance(part, kind):
            continue
        if isinstance(part, SectionPart):
            raise TypeError(f"{where} takes {what}, not a section")
        if isinstance(part, ControlPart):
            raise TypeError(f"{where} takes {what}, not a when(): Poe takes no condition within a condition")
        raise TypeError(f"{where} takes {what} such as toggle(...), not a {type(part).__name__}")
    return found


def _definitions(parts: Iterable[Part]) -> tuple[ParamDefinition, ...]:
    return tuple(definition for part in parts for definition in part.param_definitions)


def _conflict(one: ParamDefinition, other: ParamDefinition) -> bool:
    """Whether two definitions of a parameter can't both hold. An Output is not known yet, so it can."""
    if ("default_value" in one) != ("default_value" in other):
        return True
    first, second = one.get("default_value"), other.get("default_value")
    if isinstance(first, Output) or isinstance(second, Output):
        return False
    return first != second or isinstance(first, bool) != isinstance(second, bool)
