"""The stacks of examples/environments live side by side, by the very commands of the workflow that people copy."""

from __future__ import annotations

import doctest
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import workflows
import yaml
from stacks import OTHER_POE_KEY, POE_KEY, Run, Stack, StackFactory
from workflows import Job, Workflow

from pulumi_poe.emulator import Emulator

EXAMPLE = Path(__file__).parents[2] / "examples/environments"
WORKFLOW = EXAMPLE / ".github/workflows/poe-bots.yml"
STACKS = ("dev", "staging", "prod")
HANDLES = {"dev": "AcmeReasoner-dev", "staging": "AcmeReasoner-staging", "prod": "AcmeReasoner"}
# As the README has it, dev has an account of its own. Handles are global all the same.
KEYS = {"dev": OTHER_POE_KEY, "staging": POE_KEY, "prod": POE_KEY}
# A fake `gh`: keeps its arguments and the text of an issue, and lists the issues that it was given.
GH = """#!/bin/sh
printf '%s\\n' "$GH_TOKEN" "$@" > "$GH_CALLS/$1-$2"
if [ "$2" = create ]; then cp "$6" "$GH_CALLS/body"; fi
if [ "$2" = list ] && [ -f "$GH_CALLS/open" ]; then cat "$GH_CALLS/open"; fi
"""


@pytest.fixture
def workflow() -> Workflow:
    return Workflow(
        WORKFLOW,
        secrets={"PULUMI_ACCESS_TOKEN": "token-of-the-backend"},
        environments={stack: {"POE_API_KEY": key} for stack, key in KEYS.items()},
    )


@pytest.fixture
def project(new_stack: StackFactory, poe: Emulator, tmp_path: Path) -> Stack:
    """The example's three stacks as a person sets them up once, on the local Poe, without a key of Poe."""
    folder = shutil.copytree(EXAMPLE, tmp_path / "environments", ignore=shutil.ignore_patterns("__pycache__"))
    # No index: what the workflow installs is here already, and nothing is to come from anywhere else.
    project = new_stack(folder=folder, POE_API_URL=poe.url, PIP_NO_INDEX="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    for stack in STACKS:
        project.pulumi("stack", "init", stack, check=True)
        project.pulumi("config", "set", "handle", "AcmeReasoner", "--stack", stack, check=True)
        project.pulumi("config", "set", "--secret", "endpointKey", f"sk-{stack}", "--stack", stack, check=True)
    return project


@pytest.fixture
def gh(project: Stack, tmp_path: Path) -> Path:
    """Puts a fake `gh` first on PATH; gives the folder where it keeps how it was called."""
    calls, programs = tmp_path / "gh-calls", tmp_path / "gh-bin"
    for folder in (calls, programs):
        folder.mkdir()
    (programs / "gh").write_text(GH)
    (programs / "gh").chmod(0o755)
    project.environment["PATH"] = os.pathsep.join([str(programs), project.environment["PATH"]])
    project.environment["GH_CALLS"] = str(calls)
    return calls


def run_all(jobs: list[Job], project: Stack) -> list[Run]:
    """Run jobs, each of which has to succeed. The last run of each."""
    return [[run.succeeded() for run in job.run(project)][-1] for job in jobs]


def bots(poe: Emulator) -> dict[str, dict[str, Any]]:
    return {bot["handle"]: bot for bot in poe.bots()}


def edit(poe: Emulator, handle: str, **changes: object) -> None:
    poe.seed(POE_KEY, {**bots(poe)[handle], **changes})


def test_pull_requests_are_previewed_without_a_key_of_poe(workflow: Workflow, project: Stack, poe: Emulator) -> None:
    jobs = workflow.jobs("pull_request")

    previews = run_all(jobs, project)

    assert [job.environment for job in jobs] == [None, None, None]
    for preview, handle in zip(previews, HANDLES.values(), strict=True):
        assert re.search(rf'handle\s+: "{handle}"', preview.output)
    assert "POE_API_KEY" not in project.environment
    with pytest.raises(KeyError):
        jobs[-1].filled("${{ secrets.POE_API_KEY }}")
    assert poe.requests == []


@pytest.mark.long
def test_the_stacks_live_side_by_side_and_drift_raises_an_alarm(
    workflow: Workflow, project: Stack, poe: Emulator, gh: Path
) -> None:
    up, drift = workflow.jobs("push"), workflow.jobs("schedule")

    # main: one bot a stack, in this order
    ups = run_all(up, project)
    assert [job.environment for job in up] == list(STACKS)
    assert ["2 created" in run.output for run in ups] == [True, True, True]
    assert set(bots(poe)) == set(HANDLES.values())
    assert {handle: bot["is_private"] for handle, bot in bots(poe).items()} == {
        "AcmeReasoner-dev": True,
        "AcmeReasoner-staging": True,
        "AcmeReasoner": False,
    }
    assert {stack: project.bots("--stack", stack)["reasoner"].get("protect", False) for stack in STACKS} == {
        "dev": False,
        "staging": False,
        "prod": True,
    }

    # main again, and a pull request that changes nothing
    assert "2 unchanged" in run_all(up[-1:], project)[0].output
    assert ["2 unchanged" in run.output for run in run_all(workflow.jobs("pull_request"), project)] == [True] * 3

    # a night without drift
    run_all(drift, project)
    assert list(gh.iterdir()) == []

    # a night after an edit on poe.com
    edit(poe, "AcmeReasoner", description="by hand")
    readme = project.preview("--refresh", "--expect-no-changes", "--diff", "--stack", "prod", POE_API_KEY=POE_KEY)
    assert readme.exit_code == 7
    run_all(drift[-1:], project)
    assert (gh / "issue-create").read_text().splitlines() == [
        "token-of-the-job",
        *("issue", "create", "--title", "Drift in prod", "--body-file", "issue.md"),
    ]
    body = (gh / "body").read_text()
    assert "the stack prod declares" in body
    assert '"by hand" => "Acme\'s reasoning model"' in body
    assert "sk-prod" not in body

    # the next night: the issue is still open, so there is no second one
    assert '.[] | select(.title == "Drift in prod") | .number' in (gh / "issue-list").read_text()
    (gh / "issue-create").unlink()
    (gh / "open").write_text("12\n")
    run_all(drift[-1:], project)
    assert not (gh / "issue-create").exists()

    # a plain up would not notice, the README's puts it back
    run_all(up[-1:], project)
    assert bots(poe)["AcmeReasoner"]["description"] == "by hand"
    project.up("--refresh", "--skip-preview", "--stack", "prod", POE_API_KEY=POE_KEY).succeeded()
    assert bots(poe)["AcmeReasoner"]["description"] == "Acme's reasoning model"

    # prod's bot is protected, from another handle in the config too
    project.pulumi("config", "set", "handle", "AcmeThinker", "--stack", "prod", check=True)
    assert "protect" in project.up("--stack", "prod", "--skip-preview", POE_API_KEY=POE_KEY).failed().output
    project.pulumi("config", "set", "handle", "AcmeReasoner", "--stack", "prod", check=True)
    assert "protect" in project.destroy("--stack", "prod", "--skip-preview", POE_API_KEY=POE_KEY).failed().output
    project.destroy("--stack", "dev", "--skip-preview", POE_API_KEY=OTHER_POE_KEY).succeeded()
    assert set(bots(poe)) == {"AcmeReasoner", "AcmeReasoner-staging"}
    project.pulumi("state", "unprotect", "--all", "--yes", "--stack", "prod", check=True)
    project.destroy("--stack", "prod", "--skip-preview", POE_API_KEY=POE_KEY).succeeded()
    assert set(bots(poe)) == {"AcmeReasoner-staging"}


def test_what_is_no_drift_but_an_error_fails_the_nightly_job(workflow: Workflow, project: Stack, gh: Path) -> None:
    run_all(workflow.jobs("push")[-1:], project)
    project.environment["POE_API_URL"] = "http://127.0.0.1:9"
    project.environment["POE_ATTEMPTS"] = "1"

    last = workflow.jobs("schedule")[-1].run(project)[-1]

    assert last.exit_code not in (0, 7), str(last)
    assert "error: " in last.output
    assert list(gh.iterdir()) == []


def test_a_failed_stack_stops_those_after_it(workflow: Workflow) -> None:
    needs = {name: job.get("needs") for name, job in workflow.text["jobs"].items() if name.startswith("up-")}

    assert needs == {"up-dev": None, "up-staging": "up-dev", "up-prod": "up-staging"}


def test_a_further_stack_gets_a_private_bot_with_a_handle_of_its_own(new_stack: StackFactory, tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "environments", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(folder / "Pulumi.dev.yaml", folder / "Pulumi.anna.yaml")

    preview = new_stack("anna", folder=folder).init().config("handle", "AcmeReasoner").preview("--diff").succeeded()

    assert '"AcmeReasoner-anna"' in preview.output
    assert re.search(r"is_private\s+: true", preview.output)


def test_no_stack_file_of_the_example_holds_a_secret() -> None:
    for stack in STACKS:
        config = yaml.safe_load((EXAMPLE / f"Pulumi.{stack}.yaml").read_text())["config"]
        assert all(isinstance(value, str) for value in config.values()), "a secret is an object"
        assert not [name for name in config if "key" in name.lower()]


def test_every_permission_and_comment_of_the_workflow_is_where_it_is_needed(workflow: Workflow) -> None:
    jobs = workflow.text["jobs"]

    assert {name: job["permissions"] for name, job in jobs.items() if "permissions" in job} == {
        "preview": {"contents": "read", "pull-requests": "write"},
        "drift": {"contents": "read", "issues": "write"},
    }
    assert [name for name in jobs if "comment-on-pr" in str(jobs[name])] == ["preview"]
    assert [name for name in jobs if "POE_API_KEY" not in str(jobs[name])] == ["preview"]


def test_the_example_of_how_an_action_becomes_commands_is_right() -> None:
    assert doctest.testmod(workflows).failed == 0


@pytest.mark.parametrize("name", ["expect-no-change", "comment-on-PR", "target"])
def test_an_input_whose_effect_the_tests_do_not_know_fails_them(name: str) -> None:
    with pytest.raises(AssertionError, match=name):
        workflows.commands({"command": "up", "stack-name": "dev", name: True})
