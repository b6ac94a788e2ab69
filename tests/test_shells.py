"""What only one of the two shells does stands in a table of docs/native.md, each row with its test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/native.md").read_text()
ROWS = re.findall(
    r"^\| (dynamic|native) \| (.*?) \| (.*?) \| `(tests/[\w/]+\.py)::(test_\w+)` \|$", PAGE, flags=re.MULTILINE
)
MARKED = [
    file.read_text() for folder in ("engine", "faults") for file in sorted((ROOT / "tests" / folder).glob("*.py"))
]
REASONS = [reason for text in MARKED for reason in re.findall(r'mark\.dynamic_only\(\s*"(.*?)"', text)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_a_row_names_a_test_that_there_is(row: tuple[str, ...]) -> None:
    *_, file, test = row
    assert f"def {test}(" in (ROOT / file).read_text()


def test_every_row_of_the_table_is_read() -> None:
    assert len(ROWS) == len(re.findall(r"^\| (?:dynamic|native) \|", PAGE, flags=re.MULTILINE))


def test_every_test_of_the_dynamic_provider_alone_says_why() -> None:
    assert len(REASONS) == sum(text.count("dynamic_only") for text in MARKED)


def test_the_table_says_why_a_test_runs_with_the_dynamic_provider_alone() -> None:
    assert REASONS
    assert {reason for shell, _, reason, *_ in ROWS if shell == "dynamic"} >= set(REASONS)
