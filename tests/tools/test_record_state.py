"""`make record-state`: what it is told, and what gets into a recording. The engine records in tests/upgrades."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pulumi_poe.emulator import DEFAULT_ACCOUNTS
from pulumi_poe.emulator.store import Store
from tools import record_state
from tools.record_state import FIRST_PORT, KEYS, RecordError


def about(into: Path, version: str, port: int) -> None:
    (into / version).mkdir()
    (into / version / "about.json").write_text(json.dumps({"port": port}))


def test_a_version_keeps_its_port_and_a_new_one_gets_a_free_one(tmp_path: Path) -> None:
    assert record_state.port_of("0.1.0", tmp_path) == FIRST_PORT
    about(tmp_path, "0.1.0", FIRST_PORT)
    about(tmp_path, "0.2.0", FIRST_PORT + 2)
    assert record_state.port_of("0.2.0", tmp_path) == FIRST_PORT + 2
    assert record_state.port_of("0.3.0", tmp_path) == FIRST_PORT + 1


def test_the_accounts_are_those_of_a_local_poe() -> None:
    assert KEYS == DEFAULT_ACCOUNTS


def test_bots_are_read_as_the_local_poe_keeps_them_and_sorted(tmp_path: Path) -> None:
    store = Store(tmp_path / "poe.sqlite")
    for handle in ("B", "A"):
        store.save("local-account-1", {"handle": handle, "api_bot_settings": {"api_key": "sk-canary"}})
    store.close()
    bots = record_state.stored_bots(tmp_path / "poe.sqlite")["local-account-1"]
    assert [bot["handle"] for bot in bots] == ["A", "B"]
    assert bots[0]["api_bot_settings"] == {"api_key": "sk-canary"}


def test_a_database_without_bots_is_an_error_and_no_empty_recording(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "empty.sqlite")), pytest.raises(sqlite3.OperationalError):
        record_state.stored_bots(tmp_path / "empty.sqlite")


def test_where_the_program_lies_is_not_kept(tmp_path: Path) -> None:
    work, folder = tmp_path / "work", tmp_path / "kept"
    (work / "project").mkdir(parents=True)
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py"):
        (work / "project" / name).write_text("any")
    resource = {
        "urn": "u",
        "sourcePosition": f"project:///{tmp_path}",
        "stackTrace": [{"sourcePosition": str(tmp_path)}],
    }
    state = work / record_state.STATE
    state.parent.mkdir(parents=True)
    state.write_text(json.dumps({"checkpoint": {"latest": {"resources": [resource]}}}))
    Store(work / "poe.sqlite").close()

    record_state.keep(work, folder, {"version": "unreleased"})

    assert json.loads((folder / "state.json").read_text()) == {"checkpoint": {"latest": {"resources": [{"urn": "u"}]}}}
    assert sorted(file.name for file in folder.iterdir()) == [
        "Pulumi.dev.yaml", "Pulumi.yaml", "__main__.py.txt", "about.json", "bots.json", "state.json",
    ]  # fmt: skip


@pytest.mark.parametrize("version", ["../elsewhere", "latest", "", "1"])
def test_a_version_that_is_none_is_refused(version: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        record_state.main(["--version", version])
    assert ended.value.code == 2
    assert "a version is unreleased or such as 0.2.0" in capsys.readouterr().err


def test_what_fails_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def failing(*_: object) -> Path:
        raise RecordError("the port is in use")

    monkeypatch.setattr(record_state, "record", failing)
    assert record_state.main(["--into", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "make record-state: the port is in use\n"


def test_a_version_is_asked_without_the_checkout_in_the_way() -> None:
    """In its folder Python would take the checkout's package for the installed one."""
    assert record_state.said_by(Path(sys.executable), "import sys; print('' in sys.path)") == "False"
