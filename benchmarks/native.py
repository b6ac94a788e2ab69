"""The native plugin beside the dynamic provider: how soon it is there, and what many bots cost."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping

from shells import Native
from stacks import Stack

from pulumi_poe.core.values.text import counted
from pulumi_poe.emulator import Emulator
from tools.engine import install

from .contestants import FIRST_DESCRIPTION, OURS, Measured, Place, Project, project
from .operations import OPERATIONS
from .report import Section, verdict

START_LIMIT = 300.0
"""Milliseconds until the plugin says its port."""

RATIO = 1.0
"""Times the dynamic provider's time that the native plugin may take."""

BOTS = 300
LATENCY = 0.05
"""Seconds."""


class NativeProject(Project):
    """The same bots in a program in YAML, which is written for each command."""

    def run(self, *command: str, description: str = FIRST_DESCRIPTION) -> Measured:
        """See :class:`.contestants.Project`."""
        settings = "{**declared(n, DESCRIPTION)['api_bot_settings'], 'api_key': pulumi.Output.secret(ENDPOINT_KEY)}"
        self.stack.program(
            f"""
            from benchmarks.bots import ENDPOINT_KEY, declared

            DESCRIPTION = {description!r}
            for n in range({self.bots}):
                Bot(f"bot-{{n:03}}", **{{**declared(n, DESCRIPTION), "api_bot_settings": {settings}}})
            """
        )
        return super().run(*command, description=description)


def start(processes: int) -> Section:
    """Time the plugin's start, in fresh processes.

    :param processes: how many.
    """
    said = [_start() for _ in range(processes + 1)][1:]
    imported = [_import() for _ in range(processes + 1)][1:]
    median = statistics.median(said)
    rows = [
        ["until it says its port", f"{median:.0f}", f"{START_LIMIT:.0f}", verdict(median, START_LIMIT)],
        ["python -c 'import pulumi', which is a part of it", f"{statistics.median(imported):.0f}", "", ""],
    ]
    return Section("The native plugin's start", "Milliseconds, medians.", ["", "median", "limit", ""], rows)


def _start() -> float:
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "pulumi_poe.native", "127.0.0.1:1"], stdout=subprocess.PIPE, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seconds = time.perf_counter() - begun
        process.kill()
    return seconds * 1000


def _import() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import pulumi"], check=True)
    return (time.perf_counter() - begun) * 1000


def compare(place: Place, rounds: int, bots: int = BOTS) -> Section:
    """Let both shells live through all operations, in turns.

    :param rounds: how often.
    :param bots: how many each has.
    """
    lives: dict[str, list[Mapping[str, Measured]]] = {"dynamic": [], "native": []}
    for number in range(rounds):
        for shell in ("dynamic", "native") if number % 2 == 0 else ("native", "dynamic"):
            print(f"{counted(bots, 'bot')}, round {number + 1}: {shell}", file=sys.stderr, flush=True)
            lives[shell].append(_live(shell, place, bots))
    rows = []
    for operation in OPERATIONS:
        figures: list[str] = []
        for figure in ("seconds", "cpu"):
            dynamic, native = (
                statistics.median(getattr(life[operation], figure) for life in lives[shell]) for shell in lives
            )
            ratio = native / dynamic
            figures += [f"{dynamic:.2f}", f"{native:.2f}", f"{ratio:.2f}", verdict(round(ratio, 2), RATIO)]
        sent = [str(max(life[operation].requests for life in lives[shell])) for shell in lives]
        rows.append([operation, *figures, *sent])
    return Section(
        "The native plugin beside the dynamic provider",
        f"{counted(bots, 'bot')}, {LATENCY * 1000:.0f} ms an answer: wall time, then processor time, in seconds of the "
        f"command with its preview; then requests. Medians of {rounds} interleaved round(s).",
        ["operation", "dynamic", "native", "ratio", "", "dynamic cpu", "native cpu", "ratio", "", "dynamic", "native"],
        rows,
    )


def _live(shell: str, place: Place, bots: int) -> Mapping[str, Measured]:
    if shell == "dynamic":
        with project(OURS, place, bots, LATENCY) as lived:
            return {name: run(lived) for name, run in OPERATIONS.items()}
    folder = place.folder / f"native-{time.monotonic_ns()}"
    (folder / "program").mkdir(parents=True)
    with Emulator() as poe:
        poe.options.latency = LATENCY
        stack = Stack(
            folder / "program",
            engine_path=[str(place.engine)],
            pulumi_home=place.folder / "home",
            state=folder / "state",
            environment={"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key, "PYTHONDONTWRITEBYTECODE": ""},
            shell=Native(install.find_or_build_yaml_host(place.engine)),
        ).init()
        return {name: run(NativeProject(stack, poe, bots)) for name, run in OPERATIONS.items()}
