"""The bytes in a bot's state that are not the declared properties."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .bots import ENDPOINT_KEY, declared
from .contestants import FIRST_DESCRIPTION, OURS, TUTORIAL, Place, project
from .report import Section, verdict

LIMIT = 300
"""Bytes a bot, in inputs and outputs together."""

BOTS = 3


def measure(place: Place) -> Section:
    """Create some bots with each contestant and look into the state; the largest of the bots counts."""
    rows, over = [], []
    for contestant in (OURS, TUTORIAL):
        with project(contestant, place, BOTS, 0) as created:
            created.run("up", "--yes")
            resources = created.bots_in_state()
        assert len(resources) == BOTS
        inputs = {"inputs": max(extra_bytes(resource["inputs"]) for resource in resources)}
        outputs = {"outputs": max(extra_bytes(resource["outputs"]) for resource in resources)}
        largest = max(extra_bytes(resource["inputs"]) + extra_bytes(resource["outputs"]) for resource in resources)
        is_ours = contestant == OURS
        if is_ours and largest > LIMIT:
            over.append(f"{largest} bytes in state beyond the declared properties, at most {LIMIT}")
        rows.append(
            [
                contestant,
                str(inputs["inputs"]),
                str(outputs["outputs"]),
                str(largest),
                str(LIMIT) if is_ours else "",
                verdict(largest, LIMIT) if is_ours else "",
            ]
        )
    return Section(
        "State beyond the declared properties",
        "Bytes a bot as JSON text, keys included, from `pulumi stack export`.",
        ["", "inputs", "outputs", "in all", "limit", ""],
        rows,
        over,
    )


def extra_bytes(bag: Mapping[str, Any]) -> int:
    """What a bag of properties takes as JSON beyond those that the program declares."""
    program = declared(0, FIRST_DESCRIPTION)
    program["api_bot_settings"]["api_key"] = ENDPOINT_KEY
    return _size(bag) - _size(_only(bag, program))


def _only(bag: Mapping[str, Any], program: Mapping[str, Any]) -> dict[str, Any]:
    kept = {}
    for name, value in bag.items():
        if name in program:
            inner = program[name]
            is_object = isinstance(inner, Mapping) and isinstance(value, Mapping)
            kept[name] = _only(value, inner) if is_object else value
    return kept


def _size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
