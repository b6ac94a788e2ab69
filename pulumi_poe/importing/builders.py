"""Calls of the package's builders that give what Poe has.

A builder is only used where its result means exactly that. So each call is made and its result compared; where it
differs, or the builder refuses, Poe's JSON is written as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.bot import comparing
from ..core.bot.prices import usd_per_million
from ..core.values.trees import Path
from .python_source import Call, evaluated

_PRICING: Path = ("api_bot_settings", "pricing")
_TIERS: Path = (*_PRICING, "context_pricing")
_CONTROLS: Path = ("parameter_controls",)
DEFINITIONS: Path = ("api_bot_settings", "param_definitions")

_ARGUMENTS = {"prompt": "input", "completion": "output", "input_cache_reads": "cached_input"}


def exactly(path: Path, call: Call, wanted: Any) -> bool:
    """Whether the call gives what is wanted at this place of a bot."""
    try:
        return comparing.same(path, evaluated(call), wanted)
    except (TypeError, ValueError):
        return False


# --- prices -----------------------------------------------------------------------------------------


def pricing(wanted: Mapping[str, Any]) -> Any:
    """``pricing`` through :func:`pulumi_poe.per_million` and :func:`pulumi_poe.tiers`, or as it is.

    >>> pricing({"prompt": "0.0000004"})
    Call(function='per_million', positional=(), named={'input': '0.40'})
    """
    context = wanted.get("context_pricing")
    tiers = {} if context is None else {"context_pricing": _tiers(context)}
    call = Call("per_million", named={**_per_million(wanted), **tiers})
    if exactly(_PRICING, call, wanted):
        return call
    return {**wanted, **tiers}


def _tiers(wanted: Mapping[str, Any]) -> Any:
    prices = {}
    for tier in wanted.get("tiers", []):
        own = {name: value for name, value in tier.items() if name in _ARGUMENTS}
        call = Call("per_million", named=_per_million(own))
        prices[tier.get("min_tokens")] = call if exactly(_PRICING, call, own) else own
    call = Call("tiers", (prices,))
    return call if exactly(_TIERS, call, wanted) else wanted


def _per_million(prices: Mapping[str, Any]) -> dict[str, str]:
    return {
        argument: usd for name, argument in _ARGUMENTS.items() if (usd := usd_per_million(prices.get(name))) is not None
    }


# --- controls ---------------------------------------------------------------------------------------


def controls(wanted: Mapping[str, Any]) -> Call | None:
    """``parameter_controls`` through :func:`pulumi_poe.program.control_builders`, or None if they can't be had so.

    The call's result is of the class ``Controls``, with these and the definitions that belong to them.
    """
    try:
        call = Call("controls", tuple(_section(section) for section in wanted["sections"]))
        if comparing.same(_CONTROLS, evaluated(call).parameter_controls, wanted):
            return call
    except (KeyError, TypeError, ValueError):
        pass  # the builders have no such thing
    return None


def _section(section: Mapping[str, Any]) -> Call:
    named: dict[str, Any] = {}
    parts: tuple[Call, ...] = ()
    if "tabs" in section:
        named["tabs"] = {tab["name"]: [_control(control) for control in tab["controls"]] for tab in section["tabs"]}
    else:
        parts = tuple(_control(control) for control in section["controls"])
    if "collapsed_by_default" in section:
        named["collapsed"] = section["collapsed_by_default"]
    return Call("section", (section.get("name"), *parts), named)


_OTHER_NAMES = {"toggle_switch": "toggle"}
"""The functions that are not called as the kind of control that they make."""

_SAME_NAME = ("description", "placeholder", "step")


def _control(control: Mapping[str, Any]) -> Call:
    kind = control["control"]
    if kind == "divider":
        return Call("divider")
    if kind == "condition":
        return _condition(control)
    positional: list[Any] = [control["parameter_name"], control["label"]]
    named = {}
    if kind == "drop_down":
        positional.append(_choices(control["options"]))
    elif kind == "aspect_ratio":
        positional.append(_ratios(control["options"]))
    elif kind == "slider":
        positional += [control["min_value"], control["max_value"]]
    else:
        named = {name: control[name] for name in ("min_value", "max_value") if name in control}
    named |= {name: control[name] for name in _SAME_NAME if name in control}
    if "default_value" in control:
        named["default"] = control["default_value"]
    return Call(_OTHER_NAMES.get(kind, kind), tuple(positional), named)


def _choices(options: list[Mapping[str, str]]) -> Any:
    pairs = [(option["value"], option["name"]) for option in options]
    if all(value == name for value, name in pairs):
        return [value for value, _ in pairs]
    return dict(pairs) if len(dict(pairs)) == len(pairs) else pairs


def _ratios(options: list[Mapping[str, Any]]) -> Any:
    pairs = []
    for option in options:
        ratio = f"{option['width']}:{option['height']}"
        pairs.append((option.get("value", ratio), ratio))
    return [ratio for _, ratio in pairs] if all(value == ratio for value, ratio in pairs) else dict(pairs)


def _condition(control: Mapping[str, Any]) -> Call:
    condition = control["condition"]
    left, right = condition["left"], condition["right"]
    return Call(
        "when",
        (left["parameter_name"] if "parameter_name" in left else Call("literal", (left["literal"],)),),
        {
            condition["comparator"]: Call("parameter", (right["parameter_name"],))
            if "parameter_name" in right
            else right["literal"],
            "show": [_control(inner) for inner in control["controls"]],
        },
    )
