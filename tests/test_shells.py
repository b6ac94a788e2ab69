"""What only one of the two shells does stands in a table of docs/native.md, each row with its test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = re.findall(
    r"^\| (dynamic|native) \| (.*?) \| (.*?) \| `(tests/[\w/]+\.py)::(test_\w+)` \|$",
    (ROOT / "docs/native.md").read_text(),
    flags=re.MULTILINE,
)
REASONS = {
    reason
    for folder in ("engine", "faults")
    for file in (ROOT / "tests" / folder).glob("*.py")
    for reason in re.findall(r'mark\.dynamic_only\(\s*"(.*?)"', file.read_text())
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_a_row_names_a_test_that_there_is(row: tuple[str, ...]) -> None:
    *_, file, test = row
    assert f"def {test}(" in (ROOT / file).read_text()


def test_the_table_says_why_a_test_runs_with_the_dynamic_provider_alone() -> None:
    assert REASONS
    assert {reason for shell, _, reason, *_ in ROWS if shell == "dynamic"} >= REASONS
