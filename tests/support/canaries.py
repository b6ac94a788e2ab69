"""Keys that nobody may ever see, and the search for them in everything that a run leaves behind."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

from stacks import OTHER_POE_KEY, POE_KEY, Stack

ENDPOINT_KEY = 'sk-canary+"7f/3e\\2d='
NEXT_ENDPOINT_KEY = "sk-canary-rotated-41c2"
KEYS = (POE_KEY, OTHER_POE_KEY, ENDPOINT_KEY, NEXT_ENDPOINT_KEY)


def forms(key: str) -> set[str]:
    """The key as it may be written somewhere: escaped, encoded, or in the base64 of a longer text."""
    raw = key.encode()
    inside_base64 = {
        encode(b"\0" * before + raw).decode()[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        for before in range(3)
        for encode in (base64.b64encode, base64.urlsafe_b64encode)
    }
    return {
        key,
        json.dumps(key)[1:-1],
        json.dumps(json.dumps(key)[1:-1])[1:-1],
        quote(key, safe=""),
        quote(key, safe="").lower(),
        quote_plus(key),
        *inside_base64,
    }


def echo(*keys: str) -> str:
    """What a careless server may say: the keys, in every form."""
    bearers = [base64.b64encode(f"Authorization: Bearer {key}".encode()).decode() for key in keys]
    return " ".join([*(f"Bearer {form}" for key in keys for form in sorted(forms(key))), *bearers])


def found_in(text: str) -> list[str]:
    """The keys that are in the text in any form, by their first letters."""
    return sorted({key[:12] for key in KEYS for form in forms(key) if form in text})


def assert_no_key_was_seen(stack: Stack) -> None:
    """Neither in what the CLI printed, nor in the state, nor in any file of the project's folder but its program."""
    for run in stack.runs:
        if run.command[0] != "config":
            lines = [line for line in run.output.splitlines() if found_in(line)]
            assert not lines, f"in the output of {run.command}:\n" + "\n".join(lines)
    for file in files_of(stack):
        assert found_in(file.read_text(errors="replace")) == [], file


def files_of(stack: Stack) -> list[Path]:
    """The state, with its history and backups, and what commands wrote, such as import files."""
    written = [*stack.state.rglob("*"), *stack.folder.glob("*.json"), *stack.folder.glob("*.log")]
    return [file for file in written if file.is_file()]
