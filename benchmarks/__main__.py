"""``make bench``: all figures, and an exit code of 1 where a limit that holds on any machine is exceeded."""

from __future__ import annotations

import argparse
import importlib.util
import platform
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from tools.engine.install import EngineError, find_or_install

from . import chat, checks, commands, imports, native, operations, page, state
from .contestants import IDLE, OURS, TUTORIAL, Place, project
from .report import Section, as_markdown, as_text


def parsed(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1 and 10 bots, one round")
    parser.add_argument("--bots", type=int, nargs="*", metavar="N", help="how many bots (1 10 60 100)")
    parser.add_argument("--latency", type=int, nargs="+", metavar="MS", help="of the local Poe (0)")
    parser.add_argument("--rounds", type=int, metavar="N", help="interleaved rounds (3)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--shells", type=int, metavar="N", help="rounds of 300 bots in both shells (5; quick: none)")
    options = parser.parse_args(arguments)
    if options.bots is None:
        options.bots = [1, 10] if options.quick else [1, 10, 60, 100]
    if options.shells is None:
        options.shells = 0 if options.quick else 5
    options.latency = options.latency or [0]
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.processes = 5 if options.quick else 15
    return options


def measure(place: Place, options: argparse.Namespace) -> Iterator[Section]:
    """Every section, as soon as it is there."""
    yield imports.measure(options.processes)
    yield checks.measure(options.processes)
    yield commands.measure(options.processes)
    yield native.start(options.processes)
    yield chat.measure(20 if options.quick else 100, 20 if options.quick else 200)
    yield page.measure(5 if options.quick else 20)
    if options.shells:
        yield native.compare(place, options.shells)
    if not options.bots:
        return
    for contestant in (OURS, TUTORIAL, IDLE):  # a warm-up: compiles the modules, fills the CLI's home
        with project(contestant, place, 1, 0) as once:
            once.run("up", "--yes")
    yield state.measure(place)
    comparisons = [
        operations.compare(place, bots, latency, options.rounds) for bots in options.bots for latency in options.latency
    ]
    yield operations.requests(comparisons)
    yield operations.cpu(comparisons)
    yield operations.times(comparisons)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and return the exit code."""
    options = parsed(arguments)
    if importlib.util.find_spec("requests") is None:
        print("The tutorial's provider needs requests: pip install -e '.[bench]'", file=sys.stderr)
        return 2
    try:
        engine = find_or_install()
    except EngineError as error:
        print(error, file=sys.stderr)
        return 2
    about = f"pulumi-poe {version('pulumi-poe')}, pulumi {version('pulumi')}, Python {platform.python_version()}"
    print(about)
    sections = []
    with tempfile.TemporaryDirectory(prefix="pulumi-poe-bench-") as folder:
        for section in measure(Place(engine, Path(folder)), options):
            print(f"\n{as_text(section)}", flush=True)
            sections.append(section)
    if options.markdown:
        text = "\n\n".join(["# Figures", f"Measured by `make bench` with {about}.", *map(as_markdown, sections)])
        options.markdown.write_text(text + "\n", encoding="utf-8")
    over = [line for section in sections for line in section.over]
    for line in over:
        print(f"\nOVER: {line}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
