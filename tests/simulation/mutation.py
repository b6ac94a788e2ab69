"""``python -m tests.simulation.mutation``: whether the simulation notices when a rule is left out.

Each mutant is the package with one rule left out, by a piece of its source that is replaced. It has to violate the
invariant that the table names: at once in the history of the seed that is known for it, or in one of 2,000.

Whatever changes what a seed stands for, such as another weight in ``histories``, needs new seeds: ``--find`` looks for
them, and writes them into the table.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import re
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

# So that a process that is forked for a mutant loads nothing but the package and the simulation.
import httpx  # noqa: F401 -- loaded before the fork
import pulumi.dynamic  # noqa: F401 -- loaded before the fork
import pydantic  # noqa: F401 -- loaded before the fork
import starlette.applications  # noqa: F401 -- loaded before the fork
import tenacity  # noqa: F401 -- loaded before the fork

from .mutants import MUTANTS, Mutant

HISTORIES = 2000
"""In how many a mutant has to be found."""

_PATIENCE = 30
"""Seconds of the real clock after which a history does not end."""

_PACKAGE = Path(__file__).parents[2] / "pulumi_poe"


class StaleError(Exception):
    """The source that a mutant replaces is not there, or not just once."""


def sources(mutant: Mutant) -> dict[str, str]:
    """The changed modules: their names, and their source with the rule left out.

    :raises StaleError: the table has to be brought up to date.
    """
    changed: dict[str, str] = {}
    for file, old, new in mutant.edits:
        module = f"pulumi_poe.{file.removesuffix('.py').replace('/', '.')}"
        source = changed.get(module) or (_PACKAGE / file).read_text()
        if source.count(old) != 1:
            raise StaleError(f"{mutant.what!r}: pulumi_poe/{file} has {source.count(old)} times:\n{old}")
        changed[module] = source.replace(old, new)
        compile(changed[module], file, "exec")
    return changed


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 -- as the loader's own
        code: CodeType = compile(self._source, self.path, "exec")
        return code


class _Finder(MetaPathFinder):
    def __init__(self, changed: dict[str, str]) -> None:
        self._changed = changed

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname in self._changed else None
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin, self._changed[fullname])
        return spec


def _load(changed: dict[str, str]) -> tuple[Any, Any]:
    """The modules ``histories`` and ``world``, over a new copy of the package. For a process of its own."""
    for name in list(sys.modules):
        if name.startswith(("pulumi_poe", "tests.simulation.")) and name != __name__:
            del sys.modules[name]
    sys.meta_path.insert(0, _Finder(changed))
    return importlib.import_module("tests.simulation.histories"), importlib.import_module("tests.simulation.world")


@dataclass(frozen=True)
class Found:
    """What became of one mutant.

    :param seed: of the history that violates the invariant of the table; None if there was none.
    :param what: the violation.
    :param others: how often another invariant was violated before.
    """

    seed: int | None
    what: str = ""
    histories: int = 0
    others: tuple[tuple[str, int], ...] = ()


class _EndlessError(Exception):
    pass


def _does_not_end(*_: object) -> None:
    raise _EndlessError


def look_for(mutant: Mutant, seeds: list[int]) -> Found:
    """Run histories until one violates the invariant of the table. For a process of its own."""
    histories, world = _load(sources(mutant))
    shell = getattr(importlib.import_module("tests.simulation.shells"), mutant.shell)
    signal.signal(signal.SIGALRM, _does_not_end)
    others: Counter[str] = Counter()
    runs = world.World(shell=shell)
    for number, seed in enumerate(seeds, 1):
        signal.alarm(_PATIENCE)
        try:
            runs.run(histories.history(seed))
        except world.Violation as found:
            if found.invariant == mutant.found_by:
                return Found(seed, str(found), number, tuple(others.most_common()))
            others[f"{found.invariant} (seed {seed})" if os.environ.get("TOLD") else found.invariant] += 1
        except _EndlessError:
            others["a history that does not end"] += 1
            runs = world.World(shell=shell)
        except Exception as error:
            others[f"{type(error).__name__}, seed {seed}"] += 1
            runs = world.World(shell=shell)
        finally:
            signal.alarm(0)
    return Found(None, "", len(seeds), tuple(others.most_common()))


def _asked(arguments: tuple[int, list[int]]) -> tuple[int, Found | str]:
    number, seeds = arguments
    try:
        return number, look_for(MUTANTS[number], seeds)
    except StaleError as error:
        return number, str(error)


def _violations_without(seeds: list[tuple[int, str]]) -> list[str]:
    """What the package itself violates in these histories. For a process of its own."""
    histories, world = _load({})
    shells = importlib.import_module("tests.simulation.shells")
    found = []
    for seed, shell in seeds:
        try:
            world.World(shell=getattr(shells, shell)).run(histories.history(seed))
        except world.Violation as violation:
            found.append(f"seed {seed}: {violation}")
    return found


def _write(seeds: dict[int, int]) -> None:
    """Put new seeds into the table."""
    path = Path(__file__).with_name("mutants.py")
    text = path.read_text()
    for number, seed in seeds.items():
        what = re.escape(MUTANTS[number].what)
        text = re.sub(rf'("{what}",\s+[A-Z_]+,\s+)\d+,', rf"\g<1>{seed},", text)
    path.write_text(text)


def main(arguments: list[str]) -> int:
    """Look for the mutants; 1 if one is not found."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutation", description=__doc__)
    parser.add_argument("--known", action="store_true", help="run only the known seeds")
    parser.add_argument("--find", action="store_true", help="look for the first seed of each, and write it down")
    parser.add_argument("--only", default="", help="mutants whose sentence has this word")
    parser.add_argument("--histories", type=int, default=HISTORIES, help="in how many each has to be found")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="how many at once; by default all cores")
    given = parser.parse_args(arguments)
    chosen = [number for number, mutant in enumerate(MUTANTS) if given.only in mutant.what]
    anew = list(range(given.histories))
    tries = [
        (number, anew if given.find else [MUTANTS[number].seed, *([] if given.known else anew)]) for number in chosen
    ]
    began = time.monotonic()
    found_by: Counter[str] = Counter()
    seeds: dict[int, int] = {}
    missed = 0
    processes = multiprocessing.get_context("fork")
    with processes.Pool(given.processes, maxtasksperchild=1) as pool:
        for number, found in pool.imap_unordered(_asked, tries, chunksize=1):
            mutant = MUTANTS[number]
            if isinstance(found, str):
                print(f"STALE      {found}", flush=True)
                missed += 1
            elif found.seed is None:
                print(f"NOT FOUND  {mutant.what} ({mutant.found_by}); else {dict(found.others)}", flush=True)
                missed += 1
            else:
                seeds[number] = found.seed
                found_by[mutant.found_by] += 1
                other = f"; before it {dict(found.others)}" if found.others else ""
                print(f"found      {mutant.what} (seed {found.seed}: {found.what[:150]}{other})", flush=True)
        known = sorted({(MUTANTS[number].seed, MUTANTS[number].shell) for number in chosen})
        clean = pool.apply(_violations_without, [known])
    if given.find:
        _write(seeds)
    for violation in clean:
        print(f"Without any mutant: {violation}")
    for invariant, times in found_by.most_common():
        print(f"  {times} x {invariant}")
    print(f"{len(chosen) - missed} of {len(chosen)} mutants found in {time.monotonic() - began:.0f} s.")
    if missed and given.known:
        print("If what a seed stands for has changed: `.venv/bin/python -m tests.simulation.mutation --find`.")
    return 1 if missed or clean else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
