"""Handles that nobody else has, and what remembers them until their bots are gone.

A run may be killed. So each handle is written to a file before the request that may create its bot, and leaves it when
the bot is known to be gone. The next run begins with what it finds there.
"""

from __future__ import annotations

import json
import secrets
import string
from pathlib import Path

from pulumi_poe.core.poe.fingerprint import fingerprint, matches

PREFIX = "Pp-"
"""What every handle begins with that was made up here."""

_RANDOM = 9
_LETTERS = string.ascii_lowercase + string.digits


def canonical(handle: str) -> str:
    """The form in which two handles are the same."""
    return handle.lower().translate(str.maketrans("", "", "-_."))


class Handles:
    """The handles of one run.

    >>> handles = Handles()
    >>> first = handles.new()
    >>> first in handles, first.upper() in handles, "Pp-somebodys" in handles
    (True, True, False)
    """

    def __init__(self) -> None:
        self._random = "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM))
        self._count = 0
        self._known: set[str] = set()

    def new(self, *, length: int = 0, end: str = "") -> str:
        """Another handle.

        :param length: of how many characters it is at least.
        :param end: what it ends with.
        """
        self._count += 1
        handle = f"{PREFIX}{self._random}-{self._count:02}"
        handle += "x" * (length - len(handle) - len(end)) + end
        self._known.add(canonical(handle))
        return handle

    def admit(self, handle: str) -> None:
        """Take in a handle that an earlier run has made up."""
        known = canonical(handle)
        if not known.startswith(canonical(PREFIX)) or len(known) < len(canonical(PREFIX)) + _RANDOM:
            raise ValueError("no run makes up such a handle")
        self._known.add(canonical(handle))

    def __contains__(self, handle: str) -> bool:
        return canonical(handle) in self._known


class Ledger:
    """Which of the handles may have a bot, and in which account. Of a key it holds a salted digest.

    :param file: where it is kept; None keeps it in memory, for a Poe that ends with the run.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lines: list[tuple[str, str]] = []
        if file is not None and file.exists():
            self._lines = [(line["handle"], line["account"]) for line in map(json.loads, file.read_text().splitlines())]

    def add(self, handle: str, url: str, key: str) -> None:
        """Remember a handle, before anything is sent."""
        if not self.has(handle, url, key):
            self._lines.append((handle, fingerprint(url, key)))
            self._write()

    def remove(self, handle: str, url: str, key: str) -> None:
        """Forget a handle whose bot is gone."""
        is_it = [canonical(known) == canonical(handle) and matches(account, url, key) for known, account in self._lines]
        if any(is_it):
            self._lines = [line for line, found in zip(self._lines, is_it, strict=True) if not found]
            self._write()

    def of(self, url: str, key: str) -> list[str]:
        """The handles of one account, oldest first."""
        return [handle for handle, account in self._lines if matches(account, url, key)]

    def has(self, handle: str, url: str, key: str) -> bool:
        """Whether it holds a handle of one account, in any spelling."""
        return canonical(handle) in map(canonical, self.of(url, key))

    def __len__(self) -> int:
        return len(self._lines)

    def _write(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps({"handle": handle, "account": account}) + "\n" for handle, account in self._lines]
        new = self._file.with_suffix(".new")
        new.write_text("".join(lines))
        new.replace(self._file)
