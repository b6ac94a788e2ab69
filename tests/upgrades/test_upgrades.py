"""A stack of every release goes on with today's package, on the real engine, without a change of its program."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ports import free_port
from recorded import RECORDINGS, Recording
from stacks import PASSPHRASE, Stack

from pulumi_poe.tokens import BOT_TYPE
from tools import record_state

Restore = Callable[..., Stack]

PROVIDER = "gASVKgAAAAAAAACME3B1bHVtaV9wb2UucHJvdmlkZXKUjAtCb3RQcm92aWRlcpSTlCmBlC4="
"""The pickled provider of every release: its module and its class, by name."""


@pytest.fixture
def restore(tmp_path: Path, engine: Path, pulumi_home: Path) -> Restore:
    """Makes a recorded stack one of this machine."""

    def make(recording: Recording, state: dict[str, Any] | None = None) -> Stack:
        project, states = recording.restore(tmp_path, state)
        return Stack(
            project,
            engine_path=[str(engine)],
            pulumi_home=pulumi_home,
            state=states,
            environment={"PULUMI_STACK": record_state.STACK},
        )

    return make


def bots_in(state: dict[str, Any]) -> list[dict[str, Any]]:
    return [resource for resource in state["checkpoint"]["latest"]["resources"] if resource["type"] == BOT_TYPE]


@pytest.mark.parametrize("version", RECORDINGS)
def test_a_recorded_stack_is_refreshed_previewed_updated_and_destroyed(restore: Restore, version: str) -> None:
    recording = RECORDINGS[version]
    stack = restore(recording)
    with recording.poe() as poe:
        stack.refresh("--skip-preview", "--expect-no-changes").succeeded()
        assert {record.method for record in poe.requests} == {"GET"}

        poe.requests.clear()
        stack.preview("--expect-no-changes").succeeded()
        assert poe.requests == []

        once = 'handle="Acme-Full",\n    description="{}"'
        assert once.format("first") in recording.program
        program = recording.program.replace(once.format("first"), once.format("second"))
        (stack.folder / "__main__.py").write_text(program)
        updated = stack.up().succeeded()
        assert "~ 1 updated" in updated.output
        assert not re.search(r"\d (created|deleted|replaced)", updated.output)
        writes = [record for record in poe.requests if record.method != "GET"]
        assert [(write.method, write.path, write.body) for write in writes] == [
            ("PATCH", "/bots/Acme-Full", {"description": "second"})
        ]

        poe.requests.clear()
        stack.destroy().succeeded()
        assert poe.bots() == []
        deleted = [record.path.removeprefix("/bots/") for record in poe.requests if record.method == "DELETE"]
        assert sorted(deleted) == sorted(recording.handles)
    assert stack.bots() == {}


def has_provider(recording: Recording) -> bool:
    return "Provider(" in recording.program


def test_a_state_of_before_fingerprints_is_given_them_by_a_refresh(restore: Restore) -> None:
    recording = RECORDINGS["0.1.0"]
    older = copy.deepcopy(recording.state)
    without, without_address, *rest = bots_in(older)
    del without["outputs"]["__fingerprint"]
    without_address["outputs"]["__fingerprint"] = without_address["outputs"]["__fingerprint"][:24]
    stack = restore(recording, older)
    with recording.poe() as poe:
        stack.preview("--expect-no-changes").succeeded()
        assert poe.requests == []
        stack.refresh("--skip-preview").succeeded()
        assert {record.method for record in poe.requests} == {"GET"}
        found = [bot["outputs"]["__fingerprint"] for bot in stack.bots().values()]
    assert len(found) == len(rest) + 2
    assert all(re.fullmatch("[0-9a-f]{32}", fingerprint) for fingerprint in found)


@pytest.mark.parametrize("version", RECORDINGS)
def test_a_recording_holds_bots_of_every_kind(version: str) -> None:
    recording = RECORDINGS[version]
    bots = {bot["urn"].rsplit("::", 1)[1]: bot for bot in bots_in(recording.state)}
    assert {"minimal", "full", "spelt", "renamed", "ignored", "adopted", "team-small", "team-large"} <= set(bots)
    assert ("theirs" in bots) == has_provider(recording)
    assert {bot["id"] for bot in bots.values()} == recording.handles
    assert bots["spelt"]["inputs"]["handle"] != bots["spelt"]["id"]
    for bot in bots.values():
        assert bot["inputs"]["__provider"] == bot["outputs"]["__provider"] == PROVIDER
        for bag in (bot["inputs"], bot["outputs"]):
            assert "ciphertext" in bag["api_bot_settings"]["api_key"]


@pytest.mark.parametrize("version", RECORDINGS)
def test_a_recording_names_no_folder_and_no_key_but_throwaway_ones(version: str) -> None:
    for file in RECORDINGS[version].folder.iterdir():
        text = file.read_text()
        assert not re.search(r"\.\./|/home/|/root/|/Users/|/tmp/|file://", text), file
        if file.name != "bots.json":
            assert not [key for key in record_state.SECRETS.values() if key in text], file


def test_each_recording_has_a_port_of_its_own() -> None:
    ports = [recording.about["port"] for recording in RECORDINGS.values()]
    assert len(set(ports)) == len(ports)


def test_the_releases_that_changed_the_state_are_recorded() -> None:
    assert {"0.1.0", record_state.UNRELEASED} <= set(RECORDINGS)
    assert RECORDINGS["0.1.0"].about["commit"] == "a6e53c5"
    assert record_state.PASSPHRASE == PASSPHRASE


def shape(value: Any) -> Any:
    """Names and types, without what differs from one run to the next."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def test_what_is_recorded_as_unreleased_is_what_todays_package_writes(tmp_path: Path, engine: Path) -> None:
    """If it is not: `make record-state`, and a look at what changed in users' states."""
    kept = RECORDINGS[record_state.UNRELEASED]
    assert engine.exists()

    today = Recording(record_state.record(record_state.UNRELEASED, None, tmp_path, port=free_port()))

    assert today.bots == kept.bots
    assert today.program == kept.program
    # The names of what a program tells check alone are in no input, but the engine notes them: they are not compared.
    compared = ("id", "type", "inputs", "outputs")
    by_name = [
        {bot["urn"]: {name: shape(bot[name]) for name in compared} for bot in bots_in(one.state)}
        for one in (today, kept)
    ]
    assert by_name[0] == by_name[1]
