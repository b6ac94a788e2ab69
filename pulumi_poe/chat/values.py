"""Which value does a text stand for?"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Any, Final

from ..core.errors import RefusedError
from ..core.values.text import nearest, printable
from .controls import Control, Controls
from .wire import OWN_NAMES

_YES: Final = ("true", "yes", "on", "1")
_NO: Final = ("false", "no", "off", "0")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_MOST_LISTED: Final = 30


class _WrongError(Exception):
    """It stands for none. Says which values there are."""


def value_of(controls: Controls | None, name: str, text: str) -> Any:
    """The value of a parameter.

    :param controls: what can be set; None where nobody knows, and then any name will do.
    :param text: what somebody typed.
    :raises RefusedError: there is no such parameter, or it has no such value.
    """
    if controls is None:
        if name in OWN_NAMES:
            raise RefusedError(f"{name!r} is no parameter: every question has it", "Nothing was sent.")
        return _guessed(text)
    found = controls.named(name)
    if not found:
        raise RefusedError(f"the bot has no parameter {printable(name)!r}", _which(controls, name))
    refused: list[RefusedError] = []
    for control in found:
        try:
            return typed(control, text)
        except RefusedError as error:
            refused.append(error)
    raise refused[0]


def typed(control: Control, text: str) -> Any:
    """The value of one control.

    :raises RefusedError: it has no such value.
    """
    try:
        return _typed(control, text)
    except _WrongError as error:
        raise RefusedError(f"{control.name} can't be {printable(text[:60])!r}", f"{error} Nothing was sent.") from None


def shown(value: object) -> str:
    """The text by which a value is set.

    >>> shown(True), shown("high"), shown(0.5)
    ('true', 'high', '0.5')
    """
    return value if isinstance(value, str) else json.dumps(value)


def what_it_takes(control: Control) -> str:
    """Which texts it takes, in a few words; nothing where any will do."""
    match control.kind:
        case "toggle_switch":
            return "true or false"
        case "drop_down" | "aspect_ratio":
            names = [choice.value for choice in control.choices]
            more = f", and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
            return ", ".join(names[:_MOST_LISTED]) + more
        case "slider" | "number_field":
            return _range(control)
        case _:
            return ""


def _which(controls: Controls, name: str) -> str:
    if not controls.all:
        return "It has none at all. Nothing was sent."
    near = nearest(name.lower(), controls.names)
    if near:
        return f"Did you mean {' or '.join(near)}? Nothing was sent."
    return f"It has {', '.join(controls.names)}. Nothing was sent."


def _typed(control: Control, text: str) -> Any:
    match control.kind:
        case "toggle_switch":
            return _switch(text)
        case "drop_down" | "aspect_ratio":
            return _choice(control, text)
        case "slider" | "number_field":
            return _in_range(control, text)
        case "":
            return _like(control.default, text)
        case _:
            return text


def _switch(text: str) -> bool:
    if text.strip().lower() in _YES:
        return True
    if text.strip().lower() in _NO:
        return False
    raise _WrongError("It is a switch: true or false.")


def _choice(control: Control, text: str) -> str:
    """By its value, or by either of value and name in any case."""
    if any(choice.value == text for choice in control.choices):
        return text
    wanted = text.strip().casefold()
    found = {choice.value for choice in control.choices if wanted in (choice.value.casefold(), choice.name.casefold())}
    if len(found) == 1:
        return found.pop()
    raise _WrongError(f"It is one of: {what_it_takes(control)}.")


def _number(text: str) -> int | float:
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise _WrongError("It is a number.")
    number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,15}", text) else float(text)
    if not math.isfinite(number):
        raise _WrongError("It is a number.")
    return number


def _in_range(control: Control, text: str) -> int | float:
    number = _number(text)
    is_below = control.least is not None and number < control.least
    is_above = control.most is not None and number > control.most
    if is_below or is_above or _is_between_steps(control, number):
        raise _WrongError(f"It is {_range(control)}.")
    return number


def _is_between_steps(control: Control, number: float) -> bool:
    if control.least is None or control.step is None or control.step <= 0:
        return False
    steps = (Decimal(repr(number)) - Decimal(repr(control.least))) / Decimal(repr(control.step))
    return abs(steps - steps.to_integral_value()) > Decimal("1e-9")


def _range(control: Control) -> str:
    said = "a number"
    if control.least is not None:
        said += f" from {control.least:g}" if abs(control.least) < 1e6 else f" from {control.least}"
    if control.most is not None:
        said += f" to {control.most:g}" if abs(control.most) < 1e6 else f" to {control.most}"
    return said if control.step is None else f"{said} in steps of {control.step}"


def _like(default: object, text: str) -> Any:
    """A parameter that has no control is of the type of its default."""
    if isinstance(default, bool):
        return _switch(text)
    if isinstance(default, int | float):
        return _number(text)
    return text if isinstance(default, str) else _guessed(text)


def _guessed(text: str) -> Any:
    """JSON where it is JSON, such as a number or true; else the text."""
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)  # Python reads NaN, and 1e999 as infinite
    except (ValueError, RecursionError):
        return text
    return value
