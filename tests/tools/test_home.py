"""The address of the repository stands in one place, and no release is made while it is a placeholder."""

from __future__ import annotations

import doctest
import subprocess
import sys
from typing import Any

from tools import home, schema

OURS = home.project()
A_HOME: dict[str, Any] = {"urls": {"Repository": "https://git.acme.test/acme/pulumi-poe"}, "classifiers": []}
A_PLACEHOLDER: dict[str, Any] = {"urls": {"Repository": "https://git.example/acme/pulumi-poe"}, "classifiers": []}


def test_the_address_stands_in_one_place() -> None:
    """But for imports of the Go package, whose path begins with it: a program can't take it from anywhere."""
    command = ["git", "grep", "--untracked", "--only-matching", "-P", rf"\Q{home.go_path(OURS)}\E(?!/sdk/go\b)"]
    named = subprocess.run(command, cwd=home.ROOT, capture_output=True, text=True, check=True)
    assert named.stdout.splitlines() == [f"pyproject.toml:{home.go_path(OURS)}"]


def test_a_placeholder_is_not_released() -> None:
    assert home.why_not_to_release(A_PLACEHOLDER) == (
        "Repository, in pyproject.toml, is the placeholder https://git.example/acme/pulumi-poe. "
        "Say where the project lives."
    )


def test_what_is_not_to_be_uploaded_is_not_released() -> None:
    why = home.why_not_to_release({**A_HOME, "classifiers": [home.NOT_TO_BE_UPLOADED]})
    assert why == "pyproject.toml has the classifier 'Private :: Do Not Upload'. Take it out."


def test_a_project_with_a_home_is_released() -> None:
    assert home.why_not_to_release(A_HOME) is None


def test_the_index_of_packages_refuses_this_one_while_its_home_is_a_placeholder() -> None:
    assert (home.NOT_TO_BE_UPLOADED in OURS["classifiers"]) == home.is_placeholder(OURS)


def test_the_command_says_why_in_one_line_and_fails() -> None:
    done = subprocess.run([sys.executable, "-m", "tools.home"], cwd=home.ROOT, capture_output=True, text=True)
    why = home.why_not_to_release(OURS)
    assert (done.returncode, done.stderr) == ((1, f"not to be released: {why}\n") if why else (0, ""))


def test_the_schema_names_no_placeholder() -> None:
    assert home.in_schema(A_PLACEHOLDER) == {}


def test_the_schema_names_the_home() -> None:
    assert home.in_schema(A_HOME) == {
        "repository": "https://git.acme.test/acme/pulumi-poe",
        "pluginDownloadURL": "https://git.acme.test/acme/pulumi-poe/releases/download/v${VERSION}",
    }
    assert home.in_schema(OURS).items() <= schema.schema().items()


def test_the_examples_give_what_they_say() -> None:
    assert doctest.testmod(home).failed == 0
