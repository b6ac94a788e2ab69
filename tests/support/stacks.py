"""A Pulumi project in a folder of its own, driven by the real Pulumi CLI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend import IS_SECRET, Backend
from kept import Kept
from shells import Dynamic, Shell

from pulumi_poe.core.poe import fingerprint
from pulumi_poe.emulator import Emulator, Options
from pulumi_poe.tokens import NATIVE_BOT_TYPE, NATIVE_ENDPOINT_TYPE

POE_KEY = "poe-canary-9f8e7d6c5b4a"
OTHER_POE_KEY = "poe-canary-of-another-account"
PASSPHRASE = "tests"
CONCERNING_POE = ("POE_", "PULUMI_")


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
    :param kept: where a stack that was made before is found; without it each command is run.
    :param poe: the local Poe that the stack's bots are on.
    :param shell: how its programs are written, and read.
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
        kept: Kept | None = None,
        poe: Emulator | None = None,
        shell: Shell | None = None,
    ) -> None:
        self.folder = folder
        self.state = state
        self.name = name
        self.poe = poe
        self.shell = shell or Dynamic()
        self._kept = kept
        self._engine_path = engine_path
        self._salt: str | None = None
        """That of a stack that was copied. Its settings are written without the CLI."""

        self.runs: list[Run] = []
        project = folder / "Pulumi.yaml"
        if not project.exists():
            project.write_text(f"name: tested\nruntime: {self.shell.runtime}\n")
        state.mkdir(parents=True, exist_ok=True)
        self._files = Backend(state, pulumi_home, folder, name)
        commands = [*([str(kept.commands)] if kept else []), *self.shell.path()]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(CONCERNING_POE)}
        self.environment = {
            **inherited,
            "PATH": os.pathsep.join([*commands, str(Path(sys.executable).parent), *engine_path, inherited["PATH"]]),
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
        self.shell.write(self.folder, text, self.environment)
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
        stdout, stderr = self.shell.read(stdout), self.shell.read(stderr)
        run = Run(started.command, started.process.returncode, stdout + stderr, stdout)
        self.runs.append(run)
        return run

    def init(self) -> Stack:
        """Make the stack, as `pulumi stack init` does."""
        has_settings = self._files.settings.exists()
        new = None
        if self._kept is not None and not has_settings:
            new = self._kept.get("new", self._kept.engine, self._kept.sources, make=self._new)
        if new is None:
            self.pulumi("stack", "init", self.name, check=True)
            return self
        self._salt = new["salt"]
        own = f"organization/{self._files.project}/{self.name}"
        checkpoint = new["checkpoint"].replace("organization/tested/dev", own)
        self._files.write({**new, "checkpoint": checkpoint}, self._salt)
        return self

    def _new(self) -> dict[str, str] | None:
        """The files of a new stack; None where the CLI keeps it in other ones than are known here."""
        with tempfile.TemporaryDirectory() as folder:
            scratch = self._elsewhere(Path(folder))
            scratch.pulumi("stack", "init", "dev", check=True)
            files = scratch._files
            needed = (files.checkpoint, files.meta, files.selection, files.settings)
            if not all(file.exists() for file in needed) or files.selection.read_text().strip() != files.selected:
                return None
            return {**files.read(), "salt": files.read_settings()["encryptionsalt"]}

    def _elsewhere(self, folder: Path) -> Stack:
        """A stack of another project, with the same CLI, of which nothing is kept."""
        (folder / "project").mkdir()
        return Stack(
            folder / "project", engine_path=self._engine_path, pulumi_home=folder / "home", state=folder / "state"
        )

    def config(self, key: str, value: str, *, secret: bool = False) -> Stack:
        """Set one of the stack's settings, as `pulumi config set` does."""
        if self._salt is None:
            self.pulumi("config", "set", *(["--secret"] if secret else []), key, value, check=True)
            return self
        assert self._kept is not None
        settings = self._files.read_settings()
        name = key if ":" in key else f"{self._files.project}:{key}"
        kept: str | dict[str, str] = value
        if secret:
            kept = self._kept.get("secret", self._salt, value, make=lambda: self._encrypted(value))
        settings.setdefault("config", {})[name] = kept
        self._files.write_settings(settings)
        return self

    def _encrypted(self, value: str) -> dict[str, str]:
        """A value of the stack's settings, as the CLI encrypts it for the stacks that are copied."""
        with tempfile.TemporaryDirectory() as folder:
            scratch = self._elsewhere(Path(folder))
            assert self._salt is not None
            scratch._files.write(self._files.read(), self._salt)
            scratch.pulumi("config", "set", "--secret", "--stack", "dev", "value", value, check=True)
            found: dict[str, str] = scratch._files.read_settings()["config"]["tested:value"]
            return found

    def holding(self, program: str) -> Stack:
        """Bring the stack to a program with which a test begins: `program(…).up().succeeded()`, which is kept.

        The bots are on the local Poe then, and its requests are forgotten. Where something was done before, or is
        set so that it would matter, the command is run.
        """
        self.program(program)
        poe = self.poe
        as_new = poe is not None and not poe.bots() and poe.options == Options() and not list(poe.faults)
        if self._kept is None or self._salt is None or poe is None or not as_new or self.bots():
            self.up().succeeded()
        else:
            settings = {name: value for name, value in self.environment.items() if name.startswith("POE_")}
            about = [self.shell.name, program, settings, self._files.read_settings(), self._files.project, self.name]
            depends_on = json.dumps(about)
            by = (self._kept.engine, self._kept.packages, self._kept.sources)
            found = self._kept.get("up", *by, _without(poe, depends_on), make=lambda: self._up(poe))
            self._restore(poe, found)
        if poe is not None:
            poe.requests.clear()
        return self

    def _up(self, poe: Emulator) -> dict[str, Any]:
        """Run the command, and return the stack and its bots in a form that is good for any port of the local Poe."""
        self.up().succeeded()
        files = self._files.read()
        checkpoint = json.loads(files["checkpoint"])
        for resource in checkpoint["checkpoint"]["latest"]["resources"]:
            seen_with = resource.get("outputs", {}).get("__fingerprint")
            for account, key in poe.accounts.items():
                if fingerprint.matches(seen_with, poe.url, key):
                    resource["outputs"]["__fingerprint"] = {"account": account}
        bots = {account: poe.bots(key) for account, key in poe.accounts.items()}
        return {"files": {**files, "checkpoint": _without(poe, json.dumps(checkpoint))}, "bots": bots}

    def _restore(self, poe: Emulator, found: dict[str, Any]) -> None:
        checkpoint = json.loads(found["files"]["checkpoint"].replace(POES_ADDRESS, poe.url))
        for resource in checkpoint["checkpoint"]["latest"]["resources"]:
            seen_with = resource.get("outputs", {}).get("__fingerprint")
            if isinstance(seen_with, dict):
                key = poe.accounts[seen_with["account"]]
                resource["outputs"]["__fingerprint"] = fingerprint.fingerprint(poe.url, key)
        self._files.checkpoint.write_text(json.dumps(checkpoint))
        have = poe.bots()
        for account, bots in found["bots"].items():
            for bot in bots:
                if bot not in have:
                    poe.seed(poe.accounts[account], bot)

    def preview(self, *options: str, **environment: str) -> Run:
        return self._run("preview", *options, **environment)

    def up(self, *options: str, **environment: str) -> Run:
        """Without a preview of its own unless asked for: tests of previews call :meth:`preview`."""
        return self._run("up", "--yes", *(options or ("--skip-preview",)), **environment)

    def refresh(self, *options: str, **environment: str) -> Run:
        return self._run("refresh", "--yes", *(options or ("--skip-preview",)), **environment)

    def destroy(self, *options: str, **environment: str) -> Run:
        return self._run("destroy", "--yes", *(options or ("--skip-preview",)), **environment)

    def _run(self, *command: str, **environment: str) -> Run:
        return self.finished(self.start(*command, **environment))

    def export(self, *options: str) -> dict[str, Any]:
        """The stack's whole state. Without options it is read from its file, which has the same."""
        if not options and self._files.checkpoint.exists():
            return {"version": 3, "deployment": self._files.latest()}
        exported: dict[str, Any] = json.loads(self.pulumi("stack", "export", *options, check=True).stdout)
        return exported

    def bots(self, *options: str) -> dict[str, dict[str, Any]]:
        """The state of every bot, by its resource's name, in Poe's names."""
        return self._of_type(self.shell.bot_type, NATIVE_BOT_TYPE, *options)

    def endpoints(self, *options: str) -> dict[str, dict[str, Any]]:
        """The state of every endpoint, by its resource's name, in Poe's names."""
        return self._of_type(self.shell.endpoint_type, NATIVE_ENDPOINT_TYPE, *options)

    def _of_type(self, type_: str, native_type: str, *options: str) -> dict[str, dict[str, Any]]:
        resources = self.export(*options)["deployment"].get("resources", [])
        return {
            resource["urn"].rsplit("::", 1)[1]: {
                **resource,
                **{bag: self.shell.bag(resource[bag], native_type) for bag in ("inputs", "outputs") if bag in resource},
            }
            for resource in resources
            if resource["type"] == type_
        }

    def restore_the_clis_copy(self) -> None:
        """Put the CLI's copy of its state in place of one that it has not written to the end."""
        copy = self._files.checkpoint.with_suffix(".json.bak")
        assert json.loads(copy.read_text())
        copy.replace(self._files.checkpoint)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, as `pulumi stack output` shows them; what is secret is not to be had here."""
        resources = self.export()["deployment"].get("resources", [])
        found: dict[str, Any] = next(
            (one.get("outputs", {}) for one in resources if one["type"] == "pulumi:pulumi:Stack"), {}
        )
        assert IS_SECRET not in json.dumps(found)
        by_poes_names: dict[str, Any] = json.loads(self.shell.read(json.dumps(found)))
        return by_poes_names


POES_ADDRESS = "the-address-of-the-local-poe"


def _without(poe: Emulator, text: str) -> str:
    """A text in which the address of the local Poe, which has another port in each test, is a word."""
    return text.replace(poe.url, POES_ADDRESS)


StackFactory = Callable[..., Stack]
"""Makes a stack; takes its name, its folder and further variables of the environment."""
