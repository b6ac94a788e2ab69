"""What can't be right although every type is: the rules within and between the properties of a bot.

What Poe's documentation forbids, or what can't work, is an error. What is only suspicious is a warning.
Every rule looks at what it needs and nothing else: where a value is missing, unknown yet or of a wrong
type, the rule waits, because that is either right or somebody else's fault.

What Poe documents is in docs/poe-bots-api.md, graded by its evidence.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from ..values.text import counted
from ..values.unknown import UNKNOWN
from ..values.urls import is_loopback, parsed
from . import prices
from .mistake import Mistake, did_you_mean, warning

SHORTEST_HANDLE: Final = 4
LONGEST_HANDLE: Final = 20

DEAREST_PRICE: Final = Decimal("0.001")
"""USD per token. A higher price is taken for one per million tokens: this one is $1000 a million."""


def check_rules(bot: Mapping[str, Any]) -> Iterator[Mistake]:
    """Every rule that a declared bot breaks.

    :param bot: the declared properties; any may be unknown, and any may be of a wrong type.
    """
    yield from _handle(bot.get("handle"))
    settings = _object(bot.get("api_bot_settings"))
    yield from _endpoint(settings)
    yield from _pricing(_object(settings.get("pricing")))
    controls = Controls.of(bot.get("parameter_controls"))
    yield from _sections(_object(bot.get("parameter_controls")))
    for path, control in controls.found:
        yield from _control(path, control)
    yield from _conditions(controls)
    yield from _defaults(controls)
    if bot.get("api_bot_settings") is not UNKNOWN:
        yield from _definitions(settings.get("param_definitions"), controls)


# --- handle and endpoint (docs/poe-bots-api.md, 4.4, 2) ---------------------------------------------


def _handle(handle: Any) -> Iterator[Mistake]:
    if not isinstance(handle, str):
        return
    if not re.fullmatch(r"[A-Za-z0-9._-]*", handle):
        yield Mistake("handle", "may only have letters a to z, digits, '-', '_' and '.'")
    elif not re.search(r"[A-Za-z0-9]", handle):
        yield Mistake("handle", "must have a letter or digit")
    elif not SHORTEST_HANDLE <= len(handle) <= LONGEST_HANDLE:
        yield warning(
            "handle",
            f"has {counted(len(handle), 'character')}; Poe documents {SHORTEST_HANDLE} to {LONGEST_HANDLE} and may "
            "refuse it",
        )


def _endpoint(settings: Mapping[str, Any]) -> Iterator[Mistake]:
    yield from _base_url(settings.get("base_url"))
    modalities = settings.get("input_modalities")
    if isinstance(modalities, list) and "video" in modalities and settings.get("api_type") == "responses_api":
        yield Mistake(
            "api_bot_settings.input_modalities", "video is only supported with api_type 'chat_completions_api'"
        )
    longest, context = _number(settings.get("max_input_tokens")), _number(settings.get("context_size"))
    if longest is not None and context is not None and longest > context:
        yield Mistake(
            "api_bot_settings.max_input_tokens", "is more than context_size, which holds input and output together"
        )


def _base_url(url: Any) -> Iterator[Mistake]:
    path = "api_bot_settings.base_url"
    if not isinstance(url, str):
        return
    example = "such as https://llm.example.com/v1"
    parts = parsed(url)
    if parts is None:
        yield Mistake(path, f"must be an https URL, {example}")
        return
    if parts.username is not None or parts.password is not None:
        yield Mistake(path, "must not have a user name or password; the endpoint's key goes into api_key")
    if parts.query or parts.fragment:
        yield Mistake(path, f"must not have a query or fragment, because Poe adds a path to it; use one {example}")
    if parts.scheme == "http":
        if is_loopback(parts.hostname or ""):
            yield warning(path, "is an address of this machine, which Poe can't reach")
        else:
            yield Mistake(path, f"must be https, {example}")
    called = re.search(r"/(chat/completions|responses)/*$", parts.path)
    if called:
        yield Mistake(path, f"must end before /{called[1]}, which Poe adds itself")


# --- prices and tiers (docs/poe-bots-api.md, 2.1, 2.2) ----------------------------------------------


def _pricing(pricing: Mapping[str, Any]) -> Iterator[Mistake]:
    path = "api_bot_settings.pricing"
    yield from _dear_prices(path, pricing)
    tiers = _object(pricing.get("context_pricing")).get("tiers")
    if not isinstance(tiers, list):
        return
    path += ".context_pricing.tiers"
    ranges: list[tuple[int, int, int | None]] = []
    for index, tier in enumerate(tiers):
        if not isinstance(tier, Mapping):
            return
        yield from _dear_prices(f"{path}[{index}]", tier)
        lower, upper = tier.get("min_tokens", 0), tier.get("max_tokens")
        if not _is_int(lower) or not (upper is None or _is_int(upper)):
            return  # its range is not known yet, so nothing can be said about its neighbours
        if upper is not None and lower >= upper:
            yield Mistake(f"{path}[{index}]", "min_tokens must be less than max_tokens")
            return
        ranges.append((lower, index, upper))
    yield from _ranges(path, ranges)


def _dear_prices(path: str, pricing: Mapping[str, Any]) -> Iterator[Mistake]:
    for name in prices.NAMES:
        price = prices.as_decimal(pricing.get(name))
        if price is not None and price > DEAREST_PRICE:
            yield warning(
                f"{path}.{name}",
                "is more than $1000 per million tokens. Prices are in USD per token: "
                "pulumi_poe.per_million() makes them from prices per million",
            )


def _ranges(path: str, ranges: list[tuple[int, int, int | None]]) -> Iterator[Mistake]:
    """Whether tiers follow one another; each range is its lower bound, its index and its upper bound."""
    if ranges != sorted(ranges, key=lambda range_: range_[0]):
        yield warning(path, "are not in the order of min_tokens")
        ranges = sorted(ranges, key=lambda range_: range_[0])
    for (_, before, upper), (lower, after, _) in itertools.pairwise(ranges):
        if upper is None or lower < upper:
            end = "has no max_tokens" if upper is None else "ends after that"
            yield Mistake(f"{path}[{after}]", f"begins within the range of [{before}], which {end}")
        elif lower > upper:
            yield warning(f"{path}[{after}]", f"leaves a gap after [{before}], in which the base prices apply")


# --- controls (docs/poe-bots-api.md, 3) -------------------------------------------------------------


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
    low, high, step = (_number(control.get(name)) for name in ("min_value", "max_value", "step"))
    if low is not None and high is not None and low >= high:
        yield Mistake(f"{path}.min_value", "must be less than max_value")
        return
    if step is not None and step <= 0:
        yield Mistake(f"{path}.step", "must be more than 0")
        return
    value = _number(default)
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
    width, height = _number(option.get("width")), _number(option.get("height"))
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
        condition = _object(control.get("condition"))
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
        if _differ(default, first_default):
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
            if None not in (default, shown) and UNKNOWN not in (default, shown) and _differ(default, shown):
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


# --- looking at values that may be anything ---------------------------------------------------------


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = Decimal(repr(value))
    return number if number.is_finite() else None


def _differ(one: Any, other: Any) -> bool:
    return (type(one) is not type(other) and bool in (type(one), type(other))) or bool(one != other)
