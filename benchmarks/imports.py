"""What ``pulumi_poe`` adds to a program that has imported pulumi."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from .report import Section, verdict

LIMIT = 30.0
"""Milliseconds."""

ONLY_IN_THE_PLUGIN = ("httpx", "pydantic_core", "tenacity")
"""What a program that declares bots must not load."""

_IMPORT = """
import json, sys, time
started = time.perf_counter()
import pulumi
between = time.perf_counter()
{statement}
ended = time.perf_counter()
print(json.dumps([(between - started) * 1000, (ended - between) * 1000, sorted(sys.modules)]))
"""

STATEMENTS = {"pulumi_poe": "from pulumi_poe import Bot, controls, per_million", "requests": "import requests"}
"""What a program says. pulumi_poe loads a name when it is first used, so the names are part of it."""


def measure(processes: int) -> Section:
    """Time both imports in fresh processes, ours and the tutorial's library in turns.

    :param processes: how many of each.
    """
    pulumi: list[float] = []
    added: dict[str, list[float]] = {package: [] for package in STATEMENTS}
    loaded: set[str] = set()
    for number in range(processes + 1):
        for package, times in added.items():
            base, more, modules = _import(package)
            if number == 0:
                continue  # compiles the modules and reads them from the disk
            pulumi.append(base)
            times.append(more)
            if package == "pulumi_poe":
                loaded |= set(modules) & set(ONLY_IN_THE_PLUGIN)
    ours = statistics.median(added["pulumi_poe"])
    rows = [
        ["import pulumi", *_figures(pulumi), "", ""],
        [
            "then from pulumi_poe import Bot, controls, per_million",
            *_figures(added["pulumi_poe"]),
            f"{LIMIT:.0f}",
            verdict(ours, LIMIT),
        ],
        ["then import requests (the tutorial)", *_figures(added["requests"]), "", ""],
        [
            f"loads {', '.join(ONLY_IN_THE_PLUGIN)}",
            ", ".join(sorted(loaded)) or "no",
            "",
            "no",
            verdict(len(loaded), 0),
        ],
    ]
    return Section(
        "Import time in the program",
        f"Milliseconds, medians of {processes} fresh processes of each kind in turns.",
        ["", "median", "range", "limit", ""],
        rows,
        [f"import pulumi_poe loads {name}" for name in sorted(loaded)],
    )


def _import(package: str) -> tuple[float, float, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT.format(statement=STATEMENTS[package])],
        capture_output=True,
        text=True,
        check=True,
    )
    base, more, modules = json.loads(done.stdout)
    return base, more, modules


def _figures(times: list[float]) -> list[str]:
    return [f"{statistics.median(times):.1f}", f"{min(times):.1f}-{max(times):.1f}"]
