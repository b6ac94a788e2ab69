"""Processor time, wall time and requests of every operation, in ratio to the tutorial's provider."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pulumi_poe.core.values.text import counted

from .contestants import IDLE, NEXT_DESCRIPTION, OURS, TUTORIAL, Measured, Place, Project, project
from .report import Section, verdict

OPERATIONS: Mapping[str, Callable[[Project], Measured]] = {
    "preview": lambda project: project.run("preview"),
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
    "preview": lambda _: 1,
    "up": lambda bots: bots + MORE_THAN_BOTS,
    "no-op up": lambda _: 0,
    "update": lambda bots: bots + MORE_THAN_BOTS,
    "refresh": lambda _: 2,
    "destroy": lambda bots: bots + MORE_THAN_BOTS,
}
"""How many requests an operation on so many bots may send."""

RATIO = 1.1
"""Times the tutorial's wall time that ours may take."""

SMALLEST, RATIO_OF_FEW, RATIO_OF_MANY = 10, 1.03, 1.0
MANY = 60
"""Times the tutorial's processor time that ours may take: from this many bots on, and from so many."""

MORE_FOR_ONE = 0.05
"""Seconds of the processor's time that a stack with fewer bots may take beyond the tutorial's."""

MORE_IN_A_REFRESH = 0.1
"""Seconds of the processor's time that a refresh may take beyond one with a provider that does nothing."""

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

    idle: Lives
    """Of a provider that does nothing: only with no latency, which it would not notice."""

    def ratios(self, operation: str) -> list[float]:
        """Ours/tutorial in each round."""
        rounds = zip(self.ours, self.tutorial, strict=True)
        return [mine[operation].seconds / theirs[operation].seconds for mine, theirs in rounds]


def compare(place: Place, bots: int, latency: int, rounds: int) -> Comparison:
    """Let all live through all operations, in turns, so that a busy machine hits all alike."""
    contestants = [OURS, TUTORIAL] if latency else [OURS, TUTORIAL, IDLE]
    lives: dict[str, list[Mapping[str, Measured]]] = {OURS: [], TUTORIAL: [], IDLE: []}
    for number in range(rounds):
        for contestant in contestants if number % 2 == 0 else contestants[::-1]:
            print(
                f"{counted(bots, 'bot')}, {latency} ms, round {number + 1}: {contestant}", file=sys.stderr, flush=True
            )
            with project(contestant, place, bots, latency / 1000) as lived:
                lives[contestant].append({name: run(lived) for name, run in OPERATIONS.items()})
    return Comparison(bots, latency, lives[OURS], lives[TUTORIAL], lives[IDLE])


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


def cpu(comparisons: Sequence[Comparison]) -> Section:
    """Medians of all rounds. Never a reason to fail, either: Python, the SDK and the engine are another's."""
    rows = []
    for one in (one for one in comparisons if one.idle):
        for operation in OPERATIONS:
            ours, tutorial, idle = (_median(lives, operation, "cpu") for lives in (one.ours, one.tutorial, one.idle))
            limit, within = _limit_of_cpu(operation, one.bots, ours, tutorial, idle)
            rows.append(
                [
                    operation,
                    str(one.bots),
                    *(f"{seconds:.2f}" for seconds in (idle, tutorial, ours)),
                    f"{ours / tutorial:.2f}",
                    f"{ours - tutorial:+.2f}",
                    limit,
                    within,
                ]
            )
    rounds = max(len(one.ours) for one in comparisons)
    return Section(
        "Processor time against the tutorial's provider",
        f"Seconds of the command with its preview, in the CLI and all that it starts: medians of {rounds} interleaved "
        "round(s). `idle` is a provider that does nothing; `ratio` and `more` compare ours with the tutorial's. In a "
        "refresh the tutorial asks Poe nothing, so there `idle` is what ours is held against.",
        ["operation", "bots", "idle", "tutorial", "ours", "ratio", "more", "limit", ""],
        rows,
    )


def _limit_of_cpu(operation: str, bots: int, ours: float, tutorial: float, idle: float) -> tuple[str, str]:
    """What is wanted, and whether it is so."""
    if operation == "refresh":
        return f"idle + {MORE_IN_A_REFRESH:g}", verdict(round(ours - idle, 2), MORE_IN_A_REFRESH)
    if bots < SMALLEST:
        return f"+{MORE_FOR_ONE:g}", verdict(round(ours - tutorial, 2), MORE_FOR_ONE)
    limit = RATIO_OF_FEW if bots < MANY else RATIO_OF_MANY
    return f"{limit:.2f}", verdict(round(ours / tutorial, 2), limit)


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
                    f"{_median(one.ours, operation, 'seconds'):.2f}",
                    f"{_median(one.tutorial, operation, 'seconds'):.2f}",
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


def _median(lives: Lives, operation: str, figure: str) -> float:
    return float(statistics.median(getattr(life[operation], figure) for life in lives))
