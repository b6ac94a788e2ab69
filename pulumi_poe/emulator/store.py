"""What the local Poe knows: bots, whom they belong to, and which handles were deleted.

State is a SQLite file, so bots survive a restart. The endpoint's `api_key` is in it in clear text.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

DEFAULTS: Final[Mapping[str, Any]] = {"description": "", "is_private": True}
"""What a bot has of which nobody has said more (docs/poe-bots-api.md, 1.2)."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS bots (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    canonical_handle TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    bot TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS deleted_handles (canonical_handle TEXT PRIMARY KEY, deleted REAL NOT NULL);
"""

# Version 0.1.0 did not keep when a handle was deleted. That was long ago.
_ADD_TIME = "ALTER TABLE deleted_handles ADD COLUMN deleted REAL NOT NULL DEFAULT 0"

_SYMBOLS = str.maketrans("", "", "-_.")


def canonical_handle(handle: str) -> str:
    """The form in which two handles are the same: lower case, without `-`, `_` and `.`.

    Example::

        canonical_handle("Bot_A") == canonical_handle("bot-a") == "bota"

    (docs/poe-bots-api.md, 4.4)
    """
    return handle.lower().translate(_SYMBOLS)


def merged_settings(stored: dict[str, Any], sent: dict[str, Any], depth: Literal["deep", "shallow"]) -> dict[str, Any]:
    """`stored` with `sent` laid over it. Arguments are left as they are.

    :param stored: the `api_bot_settings` kept so far.
    :param sent: the `api_bot_settings` of a PATCH, or of a POST that updates.
    :param depth: "deep" merges nested objects key by key, "shallow" replaces them. Arrays are always replaced.

    Example::

        merged_settings({"pricing": {"prompt": "1"}}, {"pricing": {"completion": "2"}}, "deep")
        == {"pricing": {"prompt": "1", "completion": "2"}}

    (docs/poe-bots-api.md, 1.4)
    """
    result = dict(stored)
    for key, value in sent.items():
        kept = result.get(key)
        if depth == "deep" and isinstance(kept, dict) and isinstance(value, dict):
            value = merged_settings(kept, value, depth)
        result[key] = value
    return result


def merged_bot(stored: dict[str, Any], sent: dict[str, Any], depth: Literal["deep", "shallow"]) -> dict[str, Any]:
    """A stored bot with the fields of a PATCH, or of a POST that updates, laid over it. Arguments are left as they are.

    `parameter_controls` are replaced whole, and `api_bot_settings` merged. An object that the reference does not name
    is treated as one in `api_bot_settings`: "deep" merges it, "shallow" replaces it.

    Example::

        merged_bot({"is_private": True, "new": {"a": 1}}, {"new": {"b": 2}}, "deep")
        == {"is_private": True, "new": {"a": 1, "b": 2}}

    (docs/poe-bots-api.md, 1.4)
    """
    result = merged_settings(stored, sent, depth)
    if "api_bot_settings" in sent:
        result["api_bot_settings"] = merged_settings(
            stored.get("api_bot_settings", {}), sent["api_bot_settings"], depth
        )
    if "parameter_controls" in sent:
        result["parameter_controls"] = sent["parameter_controls"]
    return result


@dataclass(frozen=True)
class StoredBot:
    """A bot and the account it belongs to."""

    account: str
    """Name of the account, not its key: a bot stays with its account when the key changes."""

    bot: dict[str, Any]
    """The bot in Poe's shape (docs/poe-bots-api.md, 1.1), with `api_key`."""


def _time_of_day() -> float:
    return time.time()


class Store:
    """Bots in a SQLite file. Every method is one transaction and may be called from any thread.

    :param path: the file. It and its folder are created where missing. None keeps all in memory.
    :param clock: the time of day in seconds. Default `time.time`.

    :raises sqlite3.Error: the file cannot be opened, or is no SQLite file.
    :raises OSError: the file or its folder cannot be created.

    Example::

        store = Store("poe.db")
        store.save("local-account-1", {"handle": "Acme-Bot", "description": "", "is_private": True})
        store.close()
    """

    def __init__(self, path: str | Path | None, clock: Callable[[], float] | None = None) -> None:
        if path is not None:
            path = Path(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            # It will hold the endpoints' keys, so a new file is for its owner alone.
            path.touch(mode=0o600)
        self.clock: Callable[[], float] = clock or _time_of_day
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path or ":memory:", check_same_thread=False)
        try:
            # A write is then an append to the log without a flush to disk: well under a millisecond.
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.executescript(_SCHEMA)
            columns = self._connection.execute("SELECT name FROM pragma_table_info('deleted_handles')").fetchall()
            if ("deleted",) not in columns:
                self._connection.execute(_ADD_TIME)
        except sqlite3.Error:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file. The store cannot be used afterwards."""
        with self._lock:
            self._connection.close()

    def get(self, handle: str) -> StoredBot | None:
        """The bot of this handle in any spelling, whoever owns it; None if there is none."""
        with self._lock:
            row = self._connection.execute(
                "SELECT account, bot FROM bots WHERE canonical_handle = ?", [canonical_handle(handle)]
            ).fetchone()
        return StoredBot(row[0], json.loads(row[1])) if row else None

    def bots(self, account: str | None = None) -> list[dict[str, Any]]:
        """The bots of one account, or of all of them, in the order of their creation."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT bot FROM bots WHERE account = :account OR :account IS NULL ORDER BY position",
                {"account": account},
            ).fetchall()
        return [json.loads(row[0]) for row in rows]

    def stored(self) -> list[StoredBot]:
        """All bots with their accounts, in the order of their creation."""
        with self._lock:
            rows = self._connection.execute("SELECT account, bot FROM bots ORDER BY position").fetchall()
        return [StoredBot(account, json.loads(bot)) for account, bot in rows]

    def save(self, account: str, bot: dict[str, Any]) -> None:
        """Store a bot under its `handle`. One of that handle, in any spelling, is replaced and keeps its place."""
        with self._lock, self._connection:
            self._connection.execute(
                "INSERT INTO bots (canonical_handle, account, bot) VALUES (?, ?, ?)"
                " ON CONFLICT (canonical_handle) DO UPDATE SET account = excluded.account, bot = excluded.bot",
                [canonical_handle(bot["handle"]), account, json.dumps(bot)],
            )

    def delete(self, handle: str) -> None:
        """Remove the bot of this handle, and remember when that was."""
        key = canonical_handle(handle)
        with self._lock, self._connection:
            self._connection.execute("DELETE FROM bots WHERE canonical_handle = ?", [key])
            self._connection.execute("INSERT OR REPLACE INTO deleted_handles VALUES (?, ?)", [key, self.clock()])

    def deleted(self, handle: str) -> float | None:
        """When a bot of this handle, in any spelling, was last deleted, by `clock`; None if never."""
        with self._lock:
            row = self._connection.execute(
                "SELECT deleted FROM deleted_handles WHERE canonical_handle = ?", [canonical_handle(handle)]
            ).fetchone()
        return row[0] if row else None

    def clear(self) -> None:
        """Forget all bots and all deleted handles."""
        with self._lock, self._connection:
            self._connection.execute("DELETE FROM bots")
            self._connection.execute("DELETE FROM deleted_handles")
