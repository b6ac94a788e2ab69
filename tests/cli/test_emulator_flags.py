"""Each option of the local Poe is a flag of its command, with the limits and the default of its type."""

from __future__ import annotations

import dataclasses
from typing import Any

import click
import pytest

from pulumi_poe.cli.emulator_flags import flags
from pulumi_poe.emulator import Options

FLAGS = {flag.name: flag for flag in flags()}


def parsed(*arguments: str) -> dict[str, Any]:
    command = click.Command("emulator", params=list(flags()))
    return dict(command.make_context("emulator", list(arguments)).params)


def test_there_is_one_for_each_option_with_a_help_of_its_own() -> None:
    assert list(FLAGS) == [field.name for field in dataclasses.fields(Options)]
    helps = [flag.help for flag in FLAGS.values()]
    assert all(helps)
    assert len(set(helps)) == len(helps)


def test_without_a_flag_every_option_has_its_own_default() -> None:
    assert Options(**parsed()) == Options()


@pytest.mark.parametrize(
    ("arguments", "option", "value"),
    [
        (["--foreign-edit-status", "404"], "foreign_edit_status", 404),
        (["--not-enabled-status", "401"], "not_enabled_status", 401),
        (["--keep-unknown-fields", "hidden"], "keep_unknown_fields", "hidden"),
        (["--dropped-field", "a.b", "--dropped-field", "c"], "dropped_fields", ("a.b", "c")),
        (["--reserve-deleted-handles", "inf"], "reserve_deleted_handles", float("inf")),
        (["--requests-per-minute", "500"], "requests_per_minute", 500),
        (["--materialise-defaults"], "materialise_defaults", True),
    ],
)
def test_a_flag_gives_the_value_that_the_option_takes(arguments: list[str], option: str, value: Any) -> None:
    given = parsed(*arguments)[option]
    assert given == value
    assert type(given) is type(value)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--latency", "-1"],
        ["--clock-speed", "0"],
        ["--requests-per-minute", "0"],
        ["--patch-merge", "half"],
        ["--foreign-edit-status", "500"],
    ],
)
def test_what_the_option_does_not_take_is_refused(arguments: list[str]) -> None:
    with pytest.raises(click.UsageError):
        parsed(*arguments)
