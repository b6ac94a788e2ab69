"""``python -m tests.simulation``: histories on all cores, until stopped or until one violates an invariant."""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

from .histories import history
from .shells import Dynamic, Native, Plugin
from .shorter import shortest, violation
from .world import World

_AT_ONCE = 100
"""Histories that a process runs before it reports."""

SHELLS: dict[str, Callable[[], Plugin]] = {"dynamic": Dynamic, "native": Native}
"""The plugins that there are."""

_world: World | None = None


def _run(shell: str, seeds: range) -> tuple[int, list[tuple[int, str]], dict[str, int]]:
    global _world
    _world = _world or World(shell=SHELLS[shell])
    _world.exceptions.clear()
    before = _world.commands_run
    violated = [
        (seed, str(found)) for seed in seeds if (found := violation(history(seed), _world)) is not None
    ]  # fmt: skip
    return _world.commands_run - before, violated, dict(_world.exceptions)


def _rounds(first: int, count: int | None, processes: int, ends: float) -> Iterator[list[range]]:
    """The seeds of each round: some for each process, until there are enough or the time is up."""
    last = None if count is None else first + count
    while (last is None or first < last) and time.monotonic() < ends:
        starts = range(first, first + processes * _AT_ONCE, _AT_ONCE)
        yield [
            range(start, start + _AT_ONCE if last is None else min(start + _AT_ONCE, last))
            for start in starts
            if last is None or start < last
        ]
        first += processes * _AT_ONCE


def main(arguments: list[str]) -> int:
    """Run histories; 1 if one of them violates an invariant, which is then shown, as short as it gets."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="the first seed; by default that of the time of day")
    parser.add_argument("--minutes", type=float, default=None, help="how long; by default until stopped")
    parser.add_argument("--histories", type=int, default=None, help="how many; by default until stopped")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="how many at once; by default all cores")
    parser.add_argument("--shell", choices=SHELLS, default="dynamic", help="which plugin they run")
    given = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else int(time.time()) * 1000
    ends = time.monotonic() + 60 * given.minutes if given.minutes is not None else float("inf")
    began = time.monotonic()
    histories = commands = 0
    violated: list[tuple[int, str]] = []
    exceptions: Counter[str] = Counter()
    with multiprocessing.Pool(given.processes) as pool:
        try:
            for seeds in _rounds(seed, given.histories, given.processes, ends):
                for ran, found, excepted in pool.map(functools.partial(_run, given.shell), seeds, chunksize=1):
                    commands += ran
                    violated += found
                    exceptions.update(excepted)
                histories += sum(map(len, seeds))
                if violated:
                    break
                if histories % 2000 < given.processes * _AT_ONCE:
                    print(f"{histories} histories, seeds {seed} to {seed + histories - 1}: none violated", flush=True)
        except KeyboardInterrupt:
            print()
    minutes = (time.monotonic() - began) / 60
    print(
        f"{histories} histories (seeds {seed} to {seed + histories - 1}), {commands} commands of the CLI, "
        f"{minutes:.1f} min, {histories / minutes:.0f} a minute on {given.processes} processes."
    )
    for name, times in exceptions.most_common():
        print(f"  {times} x {name}")
    if not violated:
        print("No invariant was violated.")
        return 0
    for seed, what in violated:
        print(f"\nSEED={seed}: {what}")
    print(f"\nThe shortest history like that of SEED={violated[0][0]}:\n")
    print(shortest(history(violated[0][0]), World(shell=SHELLS[given.shell])))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
