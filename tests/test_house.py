"""The core's own pages say what is so: which module decides what, and what its examples give."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

import pulumi_poe.core
from pulumi_poe.core import settings

CORE = Path(pulumi_poe.core.__file__).parent
MODULES = sorted(file.stem for file in CORE.glob("*.py") if file.stem != "__init__")


def test_the_core_says_what_each_of_its_modules_decides() -> None:
    listed = re.findall(r"^``(\w+)``", pulumi_poe.core.__doc__ or "", flags=re.MULTILINE)
    assert sorted(listed) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_a_modules_docstrings_give_what_they_say(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"pulumi_poe.core.{name}")).failed == 0


def test_the_page_on_configuration_lists_every_setting() -> None:
    listed = re.findall(r"``(POE_\w+)``", settings.__doc__ or "")
    page = (CORE.parents[1] / "docs/installation-configuration.md").read_text()
    assert re.findall(r"^\| (?:`.*` )?\| `(POE_\w+)` \|", page, flags=re.MULTILINE) == listed


def test_every_promise_on_reliability_names_a_test_that_there_is() -> None:
    page = (CORE.parents[1] / "docs/reliability.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| promise", "| ---"))]
    for row in rows:
        (file, test) = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)` \|$", row)[0]
        assert f"def {test}(" in (CORE.parents[1] / file).read_text(), row
