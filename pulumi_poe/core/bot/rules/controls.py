"""The rules of controls, conditions, and the definitions of their parameters (docs/poe-bots-api.md, 2.3, 3)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...values.unknown import UNKNOWN
from ..mistake import Mistake, did_you_mean, warning
from .reading import differ, number, object_


def control_rules(parameter_controls: Any, definitions: Any) -> Iterator[Mistake]:
    """Those that controls break, and the definitions of their parameters.

    :param definitions: ``param_definitions``; unknown where the settings are.
    """
    controls = Controls.of(parameter_controls)
    yield from _sections(object_(parameter_controls))
    for path, control in controls.found:
        yield from _control(path, control)
    yield from _conditions(controls)
    yield from _defaults(controls)
    if definitions is not UNKNOWN:
        yield from _definitions(definitions, controls)


@dataclass
class Controls:
    """All controls of a bot, those of tabs and conditions included.

    :param found: each with its path; conditions are among them, and so are their controls.
    :param complete: no control could be missing from ``found``, and all their names are known.
    :param declared: the program says something about controls.
    """

    found: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    complete: bool = True
    declared: bool = False

    @classmethod
    def of(cls, parameter_controls: Any) -> Controls:
        """Find them in a bot's ``parameter_controls``."""
        controls = cls(declared=parameter_controls is not None)
        if parameter_controls is not None:
            for path, section in controls._objects("parameter_controls", parameter_controls, "sections"):
                for tab_path, tab in controls._objects(path, section, "tabs"):
                    controls._add(tab_path, tab)
                controls._add(path, section)
        return controls

    def parameters(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Path, parameter name and control of each control that sets a parameter."""
        for path, control in self.found:
            name = control.get("parameter_name")
            if isinstance(name, str):
                yield path, name, control

    def _add(self, path: str, holder: Any) -> None:
        for control_path, control in self._objects(path, holder, "controls"):
            self.found.append((control_path, control))
            kind = control.get("control")
            if kind == "condition":
                self._add(control_path, control)
            elif kind != "divider" and not isinstance(control.get("parameter_name"), str):
                self.complete = False

    def _objects(self, path: str, holder: Any, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The objects of the list ``holder[name]``, each with its path."""
        values = holder.get(name, []) if isinstance(holder, Mapping) else UNKNOWN
        if not isinstance(values, list):
            self.complete = False
            return
        for index, value in enumerate(values):
            if isinstance(value, Mapping):
                yield f"{path}.{name}[{index}]", value
            else:
                self.complete = False


def _sections(parameter_controls: Mapping[str, Any]) -> Iterator[Mistake]:
    if parameter_controls and "api_version" not in parameter_controls:
        yield warning(
            "parameter_controls.api_version", 'is required by Poe\'s docs, though not by its library; set "2"'
        )
    sections = parameter_controls.get("sections")
    for index, section in enumerate(sections if isinstance(sections, list) else []):
        if isinstance(section, Mapping) and ("controls" in section) == ("tabs" in section):
            which = "both" if "controls" in section else "neither"
            yield Mistake(f"parameter_controls.sections[{index}]", f"has {which} of controls and tabs; it needs one")


def _control(path: str, control: Mapping[str, Any]) -> Iterator[Mistake]:
    name = control.get("parameter_name")
    if isinstance(name, str):
        yield from _parameter_name(f"{path}.parameter_name", name)
    default = control.get("default_value")
    kind = control.get("control")
    if kind in ("slider", "number_field"):
        yield from _range_of_values(path, control, default)
    elif kind == "drop_down":
        yield from _choice(path, default, _values_of(control, lambda option: option.get("value")))
    elif kind == "aspect_ratio":
        yield from _choice(path, default, _values_of(control, _ratio))


def _parameter_name(path: str, name: str) -> Iterator[Mistake]:
    if not re.fullmatch(r"[A-Za-z0-9_]+", name):
        yield Mistake(path, "may only have letters, digits and '_'")
    elif name.startswith("poe_"):
        yield Mistake(path, "must not begin with 'poe_', which is Poe's own")


def _range_of_values(path: str, control: Mapping[str, Any], default: Any) -> Iterator[Mistake]:
    low, high, step = (number(control.get(name)) for name in ("min_value", "max_value", "step"))
    if low is not None and high is not None and low >= high:
        yield Mistake(f"{path}.min_value", "must be less than max_value")
        return
    if step is not None and step <= 0:
        yield Mistake(f"{path}.step", "must be more than 0")
        return
    value = number(default)
    if value is None:
        return
    if (low is not None and value < low) or (high is not None and value > high):
        yield Mistake(f"{path}.default_value", "must be between min_value and max_value")
    elif low is not None and step is not None and not _is_whole(float(value - low) / float(step)):
        yield Mistake(f"{path}.default_value", "is on no step that is counted from min_value")


def _is_whole(steps: float) -> bool:
    """Within what float arithmetic loses: 0.1 * 3 is a multiple of 0.1."""
    return math.isinf(steps) or math.isclose(steps, round(steps), rel_tol=1e-9, abs_tol=1e-9)


def _values_of(control: Mapping[str, Any], value_of: Callable[[Mapping[str, Any]], Any]) -> list[str] | None:
    """The values that a user can choose; None while one of them is not known."""
    options = control.get("options")
    if not isinstance(options, list):
        return None
    values = [value_of(option) for option in options if isinstance(option, Mapping)]
    known = [value for value in values if isinstance(value, str)]
    return known if len(known) == len(options) else None


def _ratio(option: Mapping[str, Any]) -> Any:
    if "value" in option:
        return option["value"]
    width, height = number(option.get("width")), number(option.get("height"))
    return None if width is None or height is None else f"{width}:{height}"


def _choice(path: str, default: Any, values: list[str] | None) -> Iterator[Mistake]:
    if values is None:
        return
    if not values:
        yield Mistake(f"{path}.options", "is empty; there must be something to choose from")
        return
    if len(set(values)) < len(values):
        yield warning(f"{path}.options", "has a value twice")
    if isinstance(default, str) and default not in values:
        yield Mistake(f"{path}.default_value", "is not among the values of the options")


def _conditions(controls: Controls) -> Iterator[Mistake]:
    names = {name for _, name, _ in controls.parameters()}
    for path, control in controls.found:
        if control.get("control") != "condition":
            continue
        inner = control.get("controls")
        for index, nested in enumerate(inner if isinstance(inner, list) else []):
            if isinstance(nested, Mapping) and nested.get("control") == "condition":
                yield Mistake(
                    f"{path}.controls[{index}]", "is a condition in a condition, which Poe does not have; put it beside"
                )
        condition = object_(control.get("condition"))
        if condition.get("comparator") == "equals":
            yield warning(f"{path}.condition.comparator", "is refused by Poe's own library; 'eq' means the same")
        for side in ("left", "right"):
            operand = condition.get(side)
            if not isinstance(operand, Mapping):
                continue
            if ("parameter_name" in operand) == ("literal" in operand):
                yield Mistake(f"{path}.condition.{side}", "needs one of parameter_name and literal")
            name = operand.get("parameter_name")
            if isinstance(name, str) and name not in names and controls.complete:
                yield Mistake(
                    f"{path}.condition.{side}.parameter_name", f"is the name of no control{did_you_mean(name, names)}"
                )


def _defaults(controls: Controls) -> Iterator[Mistake]:
    """Controls may share a parameter, but not have it begin with two values (docs/poe-bots-api.md, 3.6)."""
    first: dict[str, tuple[str, Any]] = {}
    for path, name, control in controls.parameters():
        default = control.get("default_value")
        if default is UNKNOWN:
            continue
        first_path, first_default = first.setdefault(name, (path, default))
        if differ(default, first_default):
            yield Mistake(f"{path}.default_value", f"differs from that of {first_path}, which sets the same parameter")


def _definitions(definitions: Any, controls: Controls) -> Iterator[Mistake]:
    """Each parameter needs a control to be set by, and a definition to be passed on by (docs/poe-bots-api.md, 2.3)."""
    path = "api_bot_settings.param_definitions"
    names = {name: control for _, name, control in controls.parameters()}
    defined: set[str] = set()
    all_known = definitions is None or isinstance(definitions, list)
    for index, definition in enumerate(definitions if isinstance(definitions, list) else []):
        name = definition.get("param_name") if isinstance(definition, Mapping) else None
        if not isinstance(name, str):
            all_known = False
            continue
        here = f"{path}[{index}]"
        if name in defined:
            yield Mistake(f"{here}.param_name", "is defined twice")
        defined.add(name)
        if name in names:
            default, shown = definition.get("default_value"), names[name].get("default_value")
            if None not in (default, shown) and UNKNOWN not in (default, shown) and differ(default, shown):
                yield warning(f"{here}.default_value", "differs from the default of the control of that name")
        elif not controls.declared:
            yield warning(f"{here}.param_name", "has no control: parameter_controls is not declared")
        elif controls.complete:
            yield Mistake(f"{here}.param_name", f"is the parameter_name of no control{did_you_mean(name, names)}")
    if all_known:
        for control_path, name, _ in controls.parameters():
            if name not in defined:
                defined.add(name)
                yield warning(
                    f"{control_path}.parameter_name", f"has no definition in {path}, so it does not reach the endpoint"
                )
