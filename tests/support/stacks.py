"""A Pulumi project in a folder of its own, driven by the real Pulumi CLI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

POE_KEY = "poe-canary-9f8e7d6c5b4a"
OTHER_POE_KEY = "poe-canary-of-another-account"
PASSPHRASE = "tests"
CONCERNING_POE = ("POE_", "PULUMI_")

HEAD = """
import pulumi
import pulumi_poe
from pulumi_poe import Bot
"""


@dataclass(frozen=True)
class Run:
    """What one command of the CLI did."""

    command: tuple[str, ...]
    exit_code: int
    output: str
    """Standard output and standard error, as a person sees them."""
    stdout: str = ""

    def __str__(self) -> str:
        return f"$ pulumi {' '.join(self.command)}\n{self.output}\n(exit code {self.exit_code})"

    def succeeded(self) -> Run:
        assert self.exit_code == 0, str(self)
        return self

    def failed(self) -> Run:
        assert self.exit_code != 0, str(self)
        return self

    @property
    def errors(self) -> list[str]:
        """Every error once. The engine prints it while it runs, and again at the end."""
        lines = [line.split("error: ", 1)[1].strip() for line in self.output.splitlines() if "error: " in line]
        return [line for line in dict.fromkeys(lines) if line not in ("update failed", "preview failed")]

    @property
    def tracebacks(self) -> list[str]:
        """All but those of the program's end: today's language hosts interrupt the program of a run that failed."""
        found = self.output.split("Traceback (most recent call last):")[1:]
        return [traceback for traceback in found if "KeyboardInterrupt" not in traceback]


@dataclass(frozen=True)
class Started:
    """A command of the CLI that is under way."""

    command: tuple[str, ...]
    process: subprocess.Popen[str]


class Stack:
    """One stack of a project with its own state, on the machine's real engine.

    :param folder: where the project lies.
    :param engine_path: folders to put first on PATH.
    :param environment: further variables for every command.
    """

    def __init__(
        self,
        folder: Path,
        *,
        engine_path: Sequence[str],
        pulumi_home: Path,
        state: Path,
        environment: Mapping[str, str] = {},
        name: str = "dev",
    ) -> None:
        self.folder = folder
        self.state = state
        self.name = name
        self.runs: list[Run] = []
        project = folder / "Pulumi.yaml"
        if not project.exists():
            project.write_text("name: tested\nruntime: python\n")
        state.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(CONCERNING_POE)}
        self.environment = {
            **kept,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), *engine_path, kept["PATH"]]),
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # In an editable install the engine overlooks pulumi-plugin.json, and looks online for a plugin `poe`.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": str(pulumi_home),
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        }

    def program(self, text: str) -> Stack:
        """Write the project's program; the imports of pulumi, pulumi_poe and Bot go before it."""
        (self.folder / "__main__.py").write_text(HEAD + textwrap.dedent(text))
        return self

    def pulumi(self, *command: str, check: bool = False, typed: str | None = None, **environment: str) -> Run:
        """Run a command of the CLI in the project's folder.

        :param typed: what goes to its standard input.
        """
        run = self.finished(self.start(*command, **environment), typed=typed)
        return run.succeeded() if check else run

    def start(self, *command: str, **environment: str) -> Started:
        """Start a command of the CLI, and leave it running."""
        return Started(
            command,
            subprocess.Popen(
                ["pulumi", *command, "--non-interactive"],
                cwd=self.folder,
                env={**self.environment, **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ),
        )

    def finished(self, started: Started, *, typed: str | None = None) -> Run:
        """Wait for the end of a command that was started."""
        try:
            stdout, stderr = started.process.communicate(typed or "", timeout=300)
        except subprocess.TimeoutExpired:
            started.process.kill()
            raise
        run = Run(started.command, started.process.returncode, stdout + stderr, stdout)
        self.runs.append(run)
        return run

    def init(self) -> Stack:
        self.pulumi("stack", "init", self.name, check=True)
        return self

    def config(self, key: str, value: str, *, secret: bool = False) -> Stack:
        self.pulumi("config", "set", *(["--secret"] if secret else []), key, value, check=True)
        return self

    def preview(self, *options: str, **environment: str) -> Run:
        return self.pulumi("preview", *options, **environment)

    def up(self, *options: str, **environment: str) -> Run:
        """Without a preview of its own unless asked for: tests of previews call :meth:`preview`."""
        return self.pulumi("up", "--yes", *(options or ("--skip-preview",)), **environment)

    def refresh(self, *options: str, **environment: str) -> Run:
        return self.pulumi("refresh", "--yes", *(options or ("--skip-preview",)), **environment)

    def destroy(self, *options: str, **environment: str) -> Run:
        return self.pulumi("destroy", "--yes", *(options or ("--skip-preview",)), **environment)

    def export(self, *options: str) -> dict[str, Any]:
        """The stack's whole state."""
        exported: dict[str, Any] = json.loads(self.pulumi("stack", "export", *options, check=True).stdout)
        return exported

    def bots(self, *options: str) -> dict[str, dict[str, Any]]:
        """The state of every bot, by its resource's name."""
        resources = self.export(*options)["deployment"].get("resources", [])
        return {
            resource["urn"].rsplit("::", 1)[1]: resource
            for resource in resources
            if resource["type"] == "pulumi-python:dynamic/poe:Bot"
        }

    def outputs(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json", check=True).stdout)
        return found


StackFactory = Callable[..., Stack]
"""Makes a stack; takes its name, its folder and further variables of the environment."""
