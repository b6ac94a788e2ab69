"""Wall time and requests of every operation, in ratio to the tutorial's provider."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pulumi_poe.core.values.text import counted

from .contestants import NEXT_DESCRIPTION, OURS, TUTORIAL, Measured, Place, Project, project
from .report import Section, verdict

OPERATIONS: Mapping[str, Callable[[Project], Measured]] = {
    "up": lambda project: project.run("up", "--yes"),
    "no-op up": lambda project: project.run("up", "--yes"),
    "update": lambda project: project.run("up", "--yes", description=NEXT_DESCRIPTION),
    "refresh": lambda project: project.run("refresh", "--yes", description=NEXT_DESCRIPTION),
    "destroy": lambda project: project.run("destroy", "--yes", description=NEXT_DESCRIPTION),
}
"""In the order of a stack's life. Each command includes its preview, because that is what users type and wait for."""

MORE_THAN_BOTS = 4
"""Requests that an operation may send beyond one a bot."""

REQUESTS: Mapping[str, Callable[[int], int]] = {
    "up": lambda bots: bots + MORE_THAN_BOTS,
    "no-op up": lambda _: 0,
    "update": lambda bots: bots + MORE_THAN_BOTS,
    "refresh": lambda _: 2,
    "destroy": lambda bots: bots + MORE_THAN_BOTS,
}
"""How many requests an operation on so many bots may send."""

RATIO = 1.1
"""Times the tutorial's wall time that ours may take."""

Lives = Sequence[Mapping[str, Measured]]
"""A contestant's rounds: what each operation cost."""


@dataclass(frozen=True)
class Comparison:
    """All rounds of one setting."""

    bots: int
    latency: int
    """Milliseconds."""
    ours: Lives
    tutorial: Lives

    def ratios(self, operation: str) -> list[float]:
        """Ours/tutorial in each round."""
        rounds = zip(self.ours, self.tutorial, strict=True)
        return [mine[operation].seconds / theirs[operation].seconds for mine, theirs in rounds]


def compare(place: Place, bots: int, latency: int, rounds: int) -> Comparison:
    """Let both live through all operations, in turns, so that a busy machine hits both alike."""
    lives: dict[str, list[Mapping[str, Measured]]] = {OURS: [], TUTORIAL: []}
    for number in range(rounds):
        for contestant in (OURS, TUTORIAL) if number % 2 == 0 else (TUTORIAL, OURS):
            print(
                f"{counted(bots, 'bot')}, {latency} ms, round {number + 1}: {contestant}", file=sys.stderr, flush=True
            )
            with project(contestant, place, bots, latency / 1000) as lived:
                lives[contestant].append({name: run(lived) for name, run in OPERATIONS.items()})
    return Comparison(bots, latency, lives[OURS], lives[TUTORIAL])


def requests(comparisons: Sequence[Comparison]) -> Section:
    """The most requests of any round against the limits."""
    rows, over = [], []
    for one in comparisons:
        for operation, limit_for in REQUESTS.items():
            sent = max(life[operation].requests for life in one.ours)
            limit = limit_for(one.bots)
            if sent > limit:
                of = f"{operation} of {counted(one.bots, 'bot')} at {one.latency} ms"
                over.append(f"{of}: {counted(sent, 'request')}, at most {limit}")
            theirs = max(life[operation].requests for life in one.tutorial)
            rows.append(
                [operation, str(one.bots), str(one.latency), str(sent), str(limit), verdict(sent, limit), str(theirs)]
            )
    return Section(
        "Requests to Poe",
        "The most of any round, previews included; latency in ms.",
        ["operation", "bots", "latency", "ours", "limit", "", "tutorial"],
        rows,
        over,
    )


def times(comparisons: Sequence[Comparison]) -> Section:
    """Medians of all rounds. Never a reason to fail: the machine may be busy."""
    rows = []
    for one in comparisons:
        for operation in OPERATIONS:
            ratios = one.ratios(operation)
            ratio = statistics.median(ratios)
            rows.append(
                [
                    operation,
                    str(one.bots),
                    str(one.latency),
                    f"{_median(one.ours, operation):.2f}",
                    f"{_median(one.tutorial, operation):.2f}",
                    f"{ratio:.2f}",
                    f"{min(ratios):.2f}-{max(ratios):.2f}",
                    verdict(round(ratio, 2), RATIO),
                ]
            )
    rounds = max(len(one.ours) for one in comparisons)
    return Section(
        "Wall time against the tutorial's provider",
        f"Seconds of the command with its preview, and the ratio ours/tutorial: medians of {rounds} interleaved "
        f"round(s), and the range of the ratio. At most {RATIO} is wanted; latency in ms.",
        ["operation", "bots", "latency", "ours", "tutorial", "ratio", "range", ""],
        rows,
    )


def _median(lives: Lives, operation: str) -> float:
    return statistics.median(life[operation].seconds for life in lives)
