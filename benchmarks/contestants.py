"""The programs that are compared, each in a project folder, a state and a local Poe of its own."""

from __future__ import annotations

import resource
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stacks import Stack

from pulumi_poe.emulator import Emulator

HERE = Path(__file__).resolve().parent
OURS = "ours"
TUTORIAL = "tutorial"
IDLE = "idle"

FIRST_DESCRIPTION = "Thinks before it answers."
NEXT_DESCRIPTION = "Thinks twice before it answers."


@dataclass(frozen=True)
class Place:
    """Where this run's things lie.

    :param engine: the folder of the Pulumi CLI.
    :param folder: a temporary folder.
    """

    engine: Path
    folder: Path


@dataclass(frozen=True)
class Measured:
    """What one command cost."""

    seconds: float
    """Wall time."""
    cpu: float
    """Seconds of the processor's time, in the CLI and in all that it started. Poe, which runs in here, is not in it."""
    requests: int


class Project:
    """One contestant's program in a fresh stack, with a fresh local Poe."""

    def __init__(self, stack: Stack, poe: Emulator, bots: int) -> None:
        self.stack = stack
        self.bots = bots
        self._poe = poe

    def run(self, *command: str, description: str = FIRST_DESCRIPTION) -> Measured:
        """Run a command of the CLI as a user types it, which includes its preview."""
        self._poe.requests.clear()
        started, used = time.perf_counter(), _cpu_of_children()
        run = self.stack.pulumi(*command, BENCHMARK_BOTS=str(self.bots), BENCHMARK_DESCRIPTION=description)
        seconds = time.perf_counter() - started
        if run.exit_code != 0:
            raise RuntimeError(str(run))
        return Measured(seconds, _cpu_of_children() - used, len(self._poe.requests))

    def bots_in_state(self) -> list[dict[str, Any]]:
        """The bots' resources, as ``pulumi stack export`` shows them."""
        resources = self.stack.export()["deployment"].get("resources", [])
        return [resource for resource in resources if resource["type"].startswith("pulumi-python:dynamic")]


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def project(contestant: str, place: Place, bots: int, latency: float) -> Iterator[Project]:
    """Set a contestant up; everything is gone afterwards.

    :param bots: how many it declares.
    :param latency: seconds before each answer of the local Poe.
    """
    folder = place.folder / contestant
    shutil.copytree(HERE / contestant, folder / "program", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "bots.py", folder / "program")
    try:
        with Emulator() as poe:
            poe.options.latency = latency
            stack = Stack(
                folder / "program",
                engine_path=[str(place.engine)],
                pulumi_home=place.folder / "home",
                state=folder / "state",
                environment={
                    "POE_API_URL": poe.url,
                    "POE_API_KEY": poe.api_key,
                    # Users have compiled modules; tests do not.
                    "PYTHONDONTWRITEBYTECODE": "",
                },
            ).init()
            yield Project(stack, poe, bots)
    finally:
        shutil.rmtree(folder)
