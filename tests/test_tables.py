"""A blank line ends a table of Markdown: what comes after it is no table any more."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]), ids=lambda page: page.name)
def test_no_table_is_broken_by_a_blank_line(page: Path) -> None:
    lines = page.read_text().splitlines()
    tables = [number for number, line in enumerate(lines) if line.startswith("| ---")]
    inside = {below for above in tables for below in range(above - 1, _end(lines, above))}
    rows = [number + 1 for number, line in enumerate(lines) if line.startswith("| ") and number not in inside]
    assert rows == []


def _end(lines: list[str], start: int) -> int:
    return next((number for number in range(start, len(lines)) if not lines[number].startswith("|")), len(lines))
