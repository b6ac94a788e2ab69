"""Stacks as earlier versions of this package left them, and the bots that they mean."""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi_poe.emulator import Emulator
from tools.record_state import KEYS, RECORDED, STACK, STATE


@dataclass(frozen=True)
class Recording:
    """One version's recording, as `make record-state` keeps it."""

    folder: Path

    @property
    def about(self) -> dict[str, Any]:
        """How it was made."""
        about: dict[str, Any] = self._json("about")
        return about

    @property
    def state(self) -> dict[str, Any]:
        """The state, as the engine's file backend has it."""
        state: dict[str, Any] = self._json("state")
        return state

    @property
    def bots(self) -> dict[str, list[dict[str, Any]]]:
        """Each account's bots, with the keys of their endpoints."""
        bots: dict[str, list[dict[str, Any]]] = self._json("bots")
        return bots

    @property
    def handles(self) -> set[str]:
        """All of the bots', as Poe spells them."""
        return {bot["handle"] for bots in self.bots.values() for bot in bots}

    @property
    def program(self) -> str:
        """What its version last ran."""
        return (self.folder / "__main__.py.txt").read_text()

    def restore(self, work: Path, state: dict[str, Any] | None = None) -> tuple[Path, Path]:
        """Lay it out, and return the folders of the project and of the state.

        :param state: another one in place of the recorded one.
        """
        project, file = work / "project", work / STATE
        project.mkdir()
        for name in ("Pulumi.yaml", f"Pulumi.{STACK}.yaml"):
            shutil.copy(self.folder / name, project / name)
        (project / "__main__.py").write_text(self.program)
        file.parent.mkdir(parents=True)
        (file.parents[2] / "meta.yaml").write_text("version: 1\n")
        file.write_text(json.dumps(state or self.state))
        return project, work / "state"

    @contextmanager
    def poe(self) -> Iterator[Emulator]:
        """A local Poe at the address that the state knows, with the bots that it means."""
        with (
            the_port(self.about["port"]),
            Emulator(port=self.about["port"], accounts=KEYS) as poe,
        ):
            for account, bots in self.bots.items():
                for bot in bots:
                    poe.seed(KEYS[account], bot)
            yield poe

    def _json(self, name: str) -> Any:
        return json.loads((self.folder / f"{name}.json").read_text())


RECORDINGS = {file.parent.name: Recording(file.parent) for file in sorted(RECORDED.glob("*/about.json"))}


@contextmanager
def the_port(port: int) -> Iterator[None]:
    """Wait until no other test of this machine has it: a state goes on only at the address that it knows."""
    with (Path(tempfile.gettempdir()) / f"pulumi-poe-port-{port}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
