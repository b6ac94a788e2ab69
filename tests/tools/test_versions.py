"""Which Pythons and which versions of our dependencies `make test-versions` takes."""

from __future__ import annotations

import doctest
import sys

import pytest

from tools import versions

from .conftest import ROOT

PROJECT = (ROOT / "pyproject.toml").read_text()


def test_the_lower_bound_of_every_dependency_is_known() -> None:
    assert doctest.testmod(versions).failed == 0
    names = [one.partition("==")[0] for one in versions.lower_bounds(PROJECT)]
    assert {"pulumi", "httpx", "typing-extensions", "starlette", "uvicorn"} <= set(names)
    assert len(names) == len(set(names))


def test_what_only_lints_is_no_tool_of_the_tests() -> None:
    names = {one.partition(">=")[0] for one in versions.tools(PROJECT)}

    assert {"pytest", "hypothesis", "mypy", "pyright[nodejs]"} <= names
    assert not names & {"ruff", "import-linter", "pulumi-poe"}


def test_the_newest_of_each_minor_version_is_found_and_none_that_is_too_old() -> None:
    found = versions.found()

    assert sys.version_info[:2] in found
    assert min(found) >= (3, 10)


def test_a_python_that_is_not_here_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert versions.main(["3.99"]) == 1
    assert "not on this machine: 3.99; there are 3." in capsys.readouterr().out
