"""What programs of the last release rely on is still there, and asks for nothing more."""

from __future__ import annotations

from pathlib import Path

from tools import api

RELEASED = max(Path(__file__).parent.glob("api/*.txt"), key=lambda file: [int(part) for part in file.stem.split(".")])
"""What `python -m tools.api` said of the last release. A line that is taken out of it is a break for the changelog."""


def test_nothing_is_gone_since_the_last_release() -> None:
    assert sorted({*RELEASED.read_text().splitlines()} - {*api.lines()}) == []


def test_nothing_has_to_be_given_that_the_last_release_did_not_ask_for() -> None:
    released = {*RELEASED.read_text().splitlines()}
    of_then = {line.removesuffix(api.REQUIRED) for line in released}
    asked = [line for line in api.lines() if line.endswith(api.REQUIRED) and line not in released]
    # What belongs to a new name may ask for whatever it needs.
    assert [line for line in asked if _owner(line) in of_then] == []


def _owner(line: str) -> str:
    return line.partition("(")[0].partition("[")[0]
