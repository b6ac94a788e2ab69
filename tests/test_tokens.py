"""By what every state knows what this package makes."""

from __future__ import annotations

import doctest

import pytest

from pulumi_poe import tokens
from pulumi_poe.cli.common import _name_of_provider


def test_the_examples_in_the_docstrings_give_what_they_say() -> None:
    assert doctest.testmod(tokens).failed == 0


@pytest.mark.parametrize(
    ("name", "of_the_program"),
    [("default", None), ("default_0_1_0", None), ("default_partner", "default_partner"), ("other", "other")],
)
def test_the_command_line_takes_a_provider_of_a_native_program_for_its_own(
    name: str, of_the_program: str | None
) -> None:
    kind = "pulumi:providers:poe"
    assert _name_of_provider({"type": kind, "urn": f"urn:pulumi:dev::acme::{kind}::{name}"}) == of_the_program
