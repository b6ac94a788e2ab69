"""What do the processes of one run tell one another? The engine starts one process for each provider of a program.

A file to which every process appends a line for each thing that it has seen, and which all read from the beginning: so
all see the same, in the same order. A line is written and read in microseconds; most runs have only one process.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from .. import machine

Entry = list[str]
"""What has been seen: a word that says what it is, and its arguments."""

_STARTED: Final = "started"

_AT_ONCE: Final = 1024 * 1024
"""Bytes."""

_KEPT: Final = 24 * 60 * 60
"""Seconds after which the file of a run that was killed is removed by another run."""

_YOUNG: Final = 5
"""Seconds in which a file without a process may be one that another process is just opening."""

logger = logging.getLogger("pulumi_poe")


class Journal:
    """The entries of all processes of a run, in one order. Not thread-safe.

    :param run: what is the same in all processes of the run, and in no other run. None: there is no other process.
    """

    def __init__(self, run: str | None = None) -> None:
        self._unread: list[Entry] = []
        self._file = None if run is None else _open(run)

    def write(self, *entry: str) -> None:
        """Add an entry. It is read like all others."""
        if self._file is None:
            self._unread.append(list(entry))
        else:
            self._file.append(entry)

    def read(self) -> list[Entry]:
        """The entries that were not read yet, of this process and of others."""
        if self._file is not None:
            return self._file.new_entries()
        entries, self._unread = self._unread, []
        return entries


class _File:
    """A file that is written at its end, wherever that is by then, and read from its beginning.

    :raises OSError: it can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self._end = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._place = os.open(path, os.O_RDONLY)
        self._rest = b""

    def append(self, entry: Iterable[str]) -> None:
        # One write, which the system does not mix with another's.
        os.write(self._end, json.dumps(list(entry)).encode() + b"\n")

    def new_entries(self) -> list[Entry]:
        if not (chunk := os.read(self._place, _AT_ONCE)):
            return []
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        entries = [entry for line in lines if (entry := json.loads(line))[0] != _STARTED]
        return entries if len(chunk) < _AT_ONCE else entries + self.new_entries()


def _open(run: str) -> _File | None:
    try:
        folder = _own_folder()
        path = folder / hashlib.blake2b(run.encode(), digest_size=16).hexdigest()
        _remove_what_killed_runs_left(folder, path)
        file = _File(path)
        file.append((_STARTED, str(machine.process())))
    except OSError as error:
        logger.warning(
            "What several Providers of one run have to tell one another can't be kept in %s (%s). In this run, move no "
            "bot from one Provider to another.",
            tempfile.tempdir or "a folder for temporary files",  # there may be none, which gettempdir() raises for
            error.strerror,
        )
        return None
    atexit.register(path.unlink, missing_ok=True)
    return file


def _own_folder() -> Path:
    """A folder for this user alone: what is in it decides what is deleted.

    :raises OSError: somebody else has it.
    """
    user = os.getuid() if sys.platform != "win32" else 0
    folder = Path(tempfile.gettempdir()) / f"pulumi-poe-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if sys.platform != "win32" and (found.st_uid != user or found.st_mode & 0o077 or folder.is_symlink()):
        raise PermissionError(13, f"{folder} is not for this user alone")
    return folder


def _remove_what_killed_runs_left(folder: Path, path: Path) -> None:
    """Old files, and one of the same name of an earlier engine at the same address, if none of its processes runs."""
    now = time.time()
    for file in folder.iterdir():
        try:
            age = now - file.stat().st_mtime
            if age > _KEPT or (age > _YOUNG and file == path and not _has_a_process(file)):
                file.unlink()
        except OSError:
            continue  # another process removes it at the same time


def _has_a_process(file: Path) -> bool:
    entries = map(json.loads, file.read_bytes().split(b"\n")[:-1])
    return any(machine.is_running(int(entry[1])) for entry in entries if entry[0] == _STARTED)
