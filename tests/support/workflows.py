"""A GitHub workflow's jobs, run on this machine: the commands that its steps run, in their order."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from stacks import Run, Stack

ON_THIS_MACHINE = ("actions/checkout@v4", "actions/setup-python@v5")
"""Actions that bring what a test has already."""

OPTIONS = {"diff": "--diff", "refresh": "--refresh", "expect-no-changes": "--expect-no-changes"}
"""Inputs of pulumi/actions@v6 that it hands on to the CLI."""

ON_GITHUB_ONLY = ("comment-on-pr",)
"""Inputs of pulumi/actions@v6 that change no command."""

INSTALLED: set[str] = set()
"""Steps that installed something. On GitHub each job has a machine of its own; here all share one."""

COMMANDS = {"preview": ["preview"], "up": ["up", "--yes", "--skip-preview"]}
"""What the action's Automation API gives to the CLI."""


def commands(inputs: Mapping[str, Any]) -> list[list[str]]:
    """What pulumi/actions@v6 runs.

    >>> commands({"command": "up", "stack-name": "dev", "refresh": True})
    [['stack', 'select', '--stack', 'dev'], ['up', '--yes', '--skip-preview', '--stack', 'dev', '--refresh']]
    >>> commands({})
    []
    """
    rest = dict(inputs)
    if "command" not in rest:
        assert not rest, f"without a command these do nothing: {rest}"
        return []
    stack = rest.pop("stack-name")
    command = [*COMMANDS[rest.pop("command")], "--stack", stack]
    for name, value in rest.items():
        assert isinstance(value, bool), f"{name} is a switch"
        assert name in OPTIONS or name in ON_GITHUB_ONLY, f"what does pulumi/actions do with {name}?"
        if value and name in OPTIONS:
            command.append(OPTIONS[name])
    return [["stack", "select", "--stack", stack], command]


@dataclass(frozen=True)
class Job:
    """One job, or one of a matrix."""

    name: str
    steps: list[dict[str, Any]]
    environment: str | None
    """The GitHub environment whose secrets it sees."""
    contexts: Mapping[str, Mapping[str, str]]
    env: Mapping[str, str] = field(default_factory=dict)

    def filled(self, value: Any) -> Any:
        """With the values of its ``${{ expressions }}``. A secret that this job does not see is a KeyError."""
        if not isinstance(value, str):
            return value
        return re.sub(r"\$\{\{ (\w+)\.(\w+) \}\}", lambda match: self.contexts[match[1]][match[2]], value)

    def run(self, stack: Stack) -> list[Run]:
        """Run its steps up to the first that fails, as GitHub does."""
        runs: list[Run] = []
        for step in self.steps:
            for run in self._run(step, stack):
                runs.append(run)
                if run.exit_code:
                    return runs
        return runs

    def _run(self, step: dict[str, Any], stack: Stack) -> Iterator[Run]:
        assert set(step) <= {"name", "uses", "with", "run", "env"}, f"a step with more than this knows: {step}"
        env = {name: self.filled(value) for name, value in {**self.env, **step.get("env", {})}.items()}
        if "run" in step:
            if step["run"] in INSTALLED:
                return
            # GitHub's shell on Linux, where a step names none.
            run = shell(step["run"], stack, env)
            if step["run"].startswith("python -m pip install") and run.exit_code == 0:
                INSTALLED.add(step["run"])
            yield run
        elif step["uses"] == "pulumi/actions@v6":
            for command in commands({name: self.filled(value) for name, value in step.get("with", {}).items()}):
                yield stack.pulumi(*command, **env)
        else:
            assert step["uses"] in ON_THIS_MACHINE, step["uses"]


def shell(script: str, stack: Stack, env: Mapping[str, str]) -> Run:
    assert "${{" not in script, "values reach a script through its env, so that no value is run as code"
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=stack.folder,
        env={**stack.environment, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return Run((script,), done.returncode, done.stdout + done.stderr, done.stdout)


class Workflow:
    """A workflow's file.

    :param secrets: the repository's secrets.
    :param environments: the secrets of each GitHub environment.
    """

    def __init__(
        self, file: Path, *, secrets: Mapping[str, str], environments: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.text: dict[Any, Any] = yaml.safe_load(file.read_text())
        # YAML 1.1 reads `on` as true.
        self.events: dict[str, Any] = self.text[True]
        self.secrets = secrets
        self.environments = environments

    def jobs(self, event: str) -> list[Job]:
        """The jobs of an event, each after those that it needs."""
        found = {name: job for name, job in self.text["jobs"].items() if self._event_of(job) == event}
        needs = {name: [job["needs"]] if "needs" in job else [] for name, job in found.items()}
        return [each for name in TopologicalSorter(needs).static_order() for each in self._matrix(name, found[name])]

    def _event_of(self, job: Mapping[str, Any]) -> str:
        (event,) = re.findall(r"github\.event_name == '(\w+)'", job["if"])
        assert event in self.events
        return str(event)

    def _matrix(self, name: str, job: Mapping[str, Any]) -> Iterator[Job]:
        matrix: dict[str, list[str]] = job.get("strategy", {}).get("matrix", {})
        for values in product(*matrix.values()):
            chosen = dict(zip(matrix, values, strict=True))
            contexts = {"matrix": chosen, "github": {"token": "token-of-the-job"}}
            environment = Job(name, [], None, contexts).filled(job.get("environment"))
            secrets = {**self.secrets, **(self.environments[environment] if environment else {})}
            yield Job(name, job["steps"], environment, {**contexts, "secrets": secrets}, self.text.get("env", {}))
