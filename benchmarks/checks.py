"""What the offline checks of a bot cost: each once warm, and loading them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from full_example import FULL_EXAMPLE

from .report import Section, verdict

_IMPORT = """
import time
between = time.perf_counter()
import pulumi_poe.core.bot.checks
print((time.perf_counter() - between) * 1000)
"""


def measure(rounds: int) -> Section:
    """Time the checks.

    :param rounds: how often each is measured; the median counts.
    """
    from pulumi_poe.core.bot.checks import mistakes

    many = _many_controls(10_000)
    assert mistakes(FULL_EXAMPLE) == []
    assert mistakes(many) == []
    figures = [
        (
            "the reference's full example",
            1.0,
            [_milliseconds(lambda: mistakes(FULL_EXAMPLE), 20) for _ in range(rounds)],
        ),
        ("10,000 controls", 1000.0, [_milliseconds(lambda: mistakes(many), 1) for _ in range(rounds)]),
        ("loading the checks", 50.0, [_import() for _ in range(rounds + 1)][1:]),
    ]
    rows = [
        [name, f"{statistics.median(times):.2f}", f"{min(times):.2f}-{max(times):.2f}", f"{limit:.0f}",
         verdict(statistics.median(times), limit)]
        for name, limit, times in figures
    ]  # fmt: skip
    return Section("Offline checks", "Milliseconds, medians.", ["", "median", "range", "limit", ""], rows)


def _milliseconds(call: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - started) * 1000 / times


def _import() -> float:
    """In a fresh process that has pulumi_poe already."""
    program = f"import pulumi_poe\n{_IMPORT}"
    return float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)


def _many_controls(count: int) -> dict[str, Any]:
    names = [f"p{number}" for number in range(count)]
    slider = {"control": "slider", "label": "A", "min_value": 0, "max_value": 10, "step": 1, "default_value": 5}
    return {
        "handle": "Many-Controls",
        "api_bot_settings": {"param_definitions": [{"param_name": name} for name in names]},
        "parameter_controls": {
            "api_version": "2",
            "sections": [{"controls": [{**slider, "parameter_name": name} for name in names]}],
        },
    }
