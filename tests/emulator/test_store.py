"""What the local Poe keeps."""

from __future__ import annotations

import sqlite3
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import pytest

from pulumi_poe.emulator.store import Store, canonical_handle, merged_bot, merged_settings


def bot(handle: str, **fields: object) -> dict[str, object]:
    return {"handle": handle, "description": "", "is_private": True, **fields}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "poe.db")
    yield store
    store.close()


# Handles (docs/poe-bots-api.md, 4.4).


@pytest.mark.parametrize("spelling", ["Acme-Bot.1", "ACMEBOT1", "acme_bot_1", "a.c.m.e-Bot1"])
def test_spellings_of_a_handle_have_one_canonical_form(spelling: str) -> None:
    assert canonical_handle(spelling) == "acmebot1"


def test_other_letters_make_another_handle() -> None:
    assert canonical_handle("AcmeBot") != canonical_handle("AcmeBot2")


# Merging (docs/poe-bots-api.md, 1.4).


def test_a_merge_keeps_what_was_not_sent() -> None:
    assert merged_settings({"a": 1, "b": 2}, {"b": 3}, "deep") == {"a": 1, "b": 3}


def test_a_deep_merge_merges_nested_objects() -> None:
    stored = {"pricing": {"prompt": "1", "context_pricing": {"tiers": []}}}
    assert merged_settings(stored, {"pricing": {"completion": "2"}}, "deep") == {
        "pricing": {"prompt": "1", "context_pricing": {"tiers": []}, "completion": "2"}
    }


def test_a_shallow_merge_replaces_nested_objects() -> None:
    stored = {"pricing": {"prompt": "1"}, "model_name": "m"}
    assert merged_settings(stored, {"pricing": {"completion": "2"}}, "shallow") == {
        "pricing": {"completion": "2"},
        "model_name": "m",
    }


@pytest.mark.parametrize("depth", ["deep", "shallow"])
def test_a_merge_replaces_arrays(depth: Literal["deep", "shallow"]) -> None:
    assert merged_settings({"a": [1, 2]}, {"a": [3]}, depth) == {"a": [3]}


def test_a_merge_leaves_its_arguments_alone() -> None:
    stored, sent = {"pricing": {"prompt": "1"}}, {"pricing": {"completion": "2"}}
    merged_settings(stored, sent, "deep")
    assert (stored, sent) == ({"pricing": {"prompt": "1"}}, {"pricing": {"completion": "2"}})


@pytest.mark.parametrize(("depth", "new"), [("deep", {"a": 1, "b": 2}), ("shallow", {"b": 2})])
def test_a_merge_of_bots_treats_an_unknown_object_as_one_in_the_settings(depth: Any, new: object) -> None:
    stored, sent = {"new": {"a": 1}}, {"new": {"b": 2}}
    assert merged_bot(stored, sent, depth) == {"new": new}
    assert merged_bot({"api_bot_settings": stored}, {"api_bot_settings": sent}, depth) == {
        "api_bot_settings": {"new": new}
    }


@pytest.mark.parametrize("depth", ["deep", "shallow"])
def test_a_merge_of_bots_replaces_the_controls(depth: Any) -> None:
    stored = {"parameter_controls": {"api_version": "2", "theme": "dark", "sections": [{"controls": []}]}}
    sent = {"parameter_controls": {"api_version": "2", "sections": []}}
    assert merged_bot(stored, sent, depth) == sent


# The store.


def test_a_bot_is_found_in_any_spelling_and_keeps_its_own(store: Store) -> None:
    store.save("one", bot("Acme-Bot"))
    found = store.get("acme_bot")
    assert found is not None
    assert (found.account, found.bot) == ("one", bot("Acme-Bot"))


def test_an_absent_bot_is_none(store: Store) -> None:
    assert store.get("acme") is None


def test_bots_come_in_the_order_of_their_creation(store: Store) -> None:
    for handle in ("Zulu", "Alpha", "Mike"):
        store.save("one", bot(handle))
    assert [each["handle"] for each in store.bots()] == ["Zulu", "Alpha", "Mike"]


def test_a_replaced_bot_keeps_its_place(store: Store) -> None:
    for handle in ("Zulu", "Alpha"):
        store.save("one", bot(handle))
    store.save("one", bot("Zulu", description="new"))
    assert store.bots() == [bot("Zulu", description="new"), bot("Alpha")]


def test_bots_of_one_account_can_be_asked_for(store: Store) -> None:
    store.save("one", bot("Alpha"))
    store.save("two", bot("Beta"))
    assert store.bots("two") == [bot("Beta")]


def test_a_deleted_bot_is_gone_and_remembered(store: Store) -> None:
    store.save("one", bot("Acme-Bot"))
    store.delete("Acme-Bot")
    assert store.get("Acme-Bot") is None
    assert time.time() - 5 < (store.deleted("acmebot") or 0) <= time.time()


def test_a_handle_that_never_was_is_not_remembered(store: Store) -> None:
    assert store.deleted("acme") is None


def test_a_handle_that_is_deleted_again_is_remembered_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for now in (1.0, 2.0):
        monkeypatch.setattr("time.time", lambda now=now: now)
        store.delete("Acme")
    assert store.deleted("Acme") == 2.0


def test_a_cleared_store_is_as_new(store: Store) -> None:
    store.save("one", bot("Acme"))
    store.save("two", bot("Beta"))
    store.delete("Acme")
    store.clear()
    assert (store.bots(), store.deleted("Acme")) == ([], None)


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "poe.db"
    first = Store(path)
    first.save("one", bot("Alpha", api_bot_settings={"api_key": "endpoint-key"}))
    first.save("one", bot("Beta"))
    first.delete("Beta")
    first.close()
    second = Store(path)
    try:
        assert second.bots() == [bot("Alpha", api_bot_settings={"api_key": "endpoint-key"})]
        assert second.deleted("beta") is not None
    finally:
        second.close()


def test_a_file_of_version_0_1_0_is_opened(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "poe.db")) as old, old:
        old.execute("CREATE TABLE deleted_handles (canonical_handle TEXT PRIMARY KEY)")
        old.execute("INSERT INTO deleted_handles VALUES ('beta')")
    for _ in range(2):
        store = Store(tmp_path / "poe.db")
        assert store.deleted("Beta") == 0
        store.close()


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    Store(tmp_path / "a" / "b" / "poe.db").close()
    assert (tmp_path / "a" / "b" / "poe.db").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    Store(tmp_path / "poe.db").close()
    assert stat.S_IMODE((tmp_path / "poe.db").stat().st_mode) == 0o600


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "poe.db").write_text("something else, and long enough to be read as a header" * 10)
    with pytest.raises(sqlite3.DatabaseError):
        Store(tmp_path / "poe.db")


def test_a_write_takes_well_under_a_millisecond(store: Store) -> None:
    started = time.perf_counter()
    for number in range(200):
        store.save("one", bot(f"Bot{number}"))
    # Five times what it should take, for a busy machine.
    assert (time.perf_counter() - started) / 200 < 0.005
