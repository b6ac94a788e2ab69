"""The shortest history with the same violation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from .histories import History, Run
from .invariants import Violation
from .world import World


def violation(history: History, world: World) -> Violation | None:
    """What does not hold in this history."""
    try:
        world.run(history)
    except Violation as found:
        return found
    return None


def shortest(history: History, world: World, is_like: Callable[[Violation], bool] | None = None) -> History:
    """Leave out what can be left out, as long as the same invariant is violated.

    :param is_like: whether a violation is like that of the whole history.
    """
    first = violation(history, world)
    assert first is not None, "there is nothing to look for"
    invariant = first.invariant
    is_alike = is_like or (lambda found: found.invariant == invariant)
    while True:
        for shorter in _shorter(history):
            found = violation(shorter, world)
            if found is not None and is_alike(found):
                history = shorter
                break
        else:
            return history


def _shorter(history: History) -> Iterator[History]:
    commands = history.commands
    size = len(commands) // 2
    while size:
        for start in range(0, len(commands), size):
            yield replace(history, commands=commands[:start] + commands[start + size :])
        size //= 2
    calm: dict[str, Any] = {
        "faults": (), "killed_at": None, "cancelled_at": None, "hand": None, "refresh": False,
        "continue_on_error": False, "replaced": (), "only": False,
    }  # fmt: skip
    for place, command in enumerate(commands):
        if not isinstance(command, Run):
            continue
        for option, value in calm.items():
            if getattr(command, option) != value:
                simpler = replace(command, **{option: value})
                yield replace(history, commands=(*commands[:place], simpler, *commands[place + 1 :]))
        for fault in command.faults if len(command.faults) > 1 else ():
            simpler = replace(command, faults=(fault,))
            yield replace(history, commands=(*commands[:place], simpler, *commands[place + 1 :]))
