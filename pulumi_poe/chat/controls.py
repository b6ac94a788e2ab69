"""What can be set, and what of it is asked for? (docs/poe-bots-api.md, 2.3, 3)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_COMPARED: Final[Mapping[str, Any]] = {
    "eq": lambda left, right: _same(left, right),
    "equals": lambda left, right: _same(left, right),
    "ne": lambda left, right: not _same(left, right),
    "gt": lambda left, right: _have_an_order(left, right) and left > right,
    "ge": lambda left, right: _have_an_order(left, right) and left >= right,
    "lt": lambda left, right: _have_an_order(left, right) and left < right,
    "le": lambda left, right: _have_an_order(left, right) and left <= right,
}


@dataclass(frozen=True)
class Choice:
    """One of the values of a drop_down or an aspect_ratio, and what users read."""

    value: str
    name: str


@dataclass(frozen=True)
class Control:
    """One parameter that can be set, by a control or, where it has none, by its definition.

    :param kind: of the control; empty for a definition without one.
    :param default: what counts while nothing is set; None where nobody says.
    :param place: the section and the tab that it is in.
    :param conditions: what all has to hold for it to be shown.
    """

    name: str
    kind: str = ""
    label: str = ""
    description: str = ""
    default: Any = None
    choices: tuple[Choice, ...] = ()
    least: int | float | None = None
    most: int | float | None = None
    step: int | float | None = None
    place: str = ""
    conditions: tuple[Mapping[str, Any], ...] = ()


class Controls:
    """All that can be set of a bot.

    :param bot: the bot, as Poe answers it.
    """

    def __init__(self, bot: Mapping[str, Any]) -> None:
        settings = bot.get("api_bot_settings")
        defined = settings.get("param_definitions") if isinstance(settings, Mapping) else None
        definitions = {
            name: one.get("default_value")
            for one in _objects(defined)
            if isinstance(name := one.get("param_name"), str)
        }
        shown = list(_in_sections(bot.get("parameter_controls"), definitions))
        named = {control.name for control in shown}
        further = (Control(name, default=value) for name, value in definitions.items() if name not in named)
        self.all: tuple[Control, ...] = (*shown, *further)
        """In the order in which users see them; those without a control last."""

    @property
    def names(self) -> list[str]:
        """The names of the parameters, each once."""
        return list(dict.fromkeys(control.name for control in self.all))

    def named(self, name: str) -> list[Control]:
        """Those that set a parameter. It may be several, under different conditions."""
        return [control for control in self.all if control.name == name]

    def is_shown(self, control: Control, values: Mapping[str, Any]) -> bool:
        """Whether users see it.

        :param values: what is set.
        """
        return all(self._holds(condition, values) for condition in control.conditions)

    def in_force(self, name: str, values: Mapping[str, Any]) -> Any:
        """What counts for a parameter: what is set, or its default, or what its control shows without one."""
        if name in values:
            return values[name]
        return next((_at_first(control) for control in self.named(name)), None)

    def _holds(self, condition: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
        compared = _COMPARED.get(str(condition.get("comparator")))
        left, right = (self._operand(condition.get(side), values) for side in ("left", "right"))
        # What nobody knows how to compare hides nothing.
        return True if compared is None else bool(compared(left, right))

    def _operand(self, operand: object, values: Mapping[str, Any]) -> Any:
        if not isinstance(operand, Mapping):
            return None
        name = operand.get("parameter_name")
        return self.in_force(name, values) if isinstance(name, str) else operand.get("literal")


def _in_sections(controls: object, definitions: Mapping[str, Any]) -> Iterator[Control]:
    for section in _objects(controls.get("sections") if isinstance(controls, Mapping) else None):
        yield from _in_list(section.get("controls"), definitions, _text(section, "name"), ())
        for tab in _objects(section.get("tabs")):
            place = " › ".join(filter(None, [_text(section, "name"), _text(tab, "name")]))
            yield from _in_list(tab.get("controls"), definitions, place, ())


def _in_list(
    controls: object, definitions: Mapping[str, Any], place: str, conditions: tuple[Mapping[str, Any], ...]
) -> Iterator[Control]:
    for one in _objects(controls):
        name, kind = one.get("parameter_name"), one.get("control")
        condition = one.get("condition")
        if kind == "condition" and isinstance(condition, Mapping):
            yield from _in_list(one.get("controls"), definitions, place, (*conditions, condition))
        elif isinstance(name, str) and isinstance(kind, str):
            default = definitions.get(name)
            yield Control(
                name,
                kind,
                label=_text(one, "label"),
                description=_text(one, "description"),
                default=one.get("default_value") if default is None else default,
                choices=tuple(_choices(one.get("options"))),
                least=_number(one.get("min_value")),
                most=_number(one.get("max_value")),
                step=_number(one.get("step")),
                place=place,
                conditions=conditions,
            )


def _choices(options: object) -> Iterator[Choice]:
    for option in _objects(options):
        value = option.get("value")
        if not isinstance(value, str):
            value = f"{option.get('width')}:{option.get('height')}"
        yield Choice(value, _text(option, "name") or value)


def _at_first(control: Control) -> Any:
    """What a control shows before anybody has set it."""
    if control.default is not None:
        return control.default
    match control.kind:
        case "toggle_switch":
            return False
        case "drop_down" | "aspect_ratio":
            return control.choices[0].value if control.choices else None
        case "slider":
            return control.least
        case "text_field" | "text_area":
            return ""
        case _:
            return None


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _text(of: Mapping[str, Any], name: str) -> str:
    value = of.get(name)
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _same(left: object, right: object) -> bool:
    """As JSON has it, in which true is no 1."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _have_an_order(left: object, right: object) -> bool:
    numbers = _number(left) is not None and _number(right) is not None
    return numbers or (isinstance(left, str) and isinstance(right, str))
