"""The options of a resource, beside those that a program gives it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from pulumi_poe import testing
from pulumi_poe.program.options import with_the_native_type
from pulumi_poe.tokens import NATIVE_BOT_TYPE


@pytest.mark.parametrize("aliases", [None, [], ["urn:of:another"], (pulumi.Alias(name="old"),)])
def test_a_bot_is_also_that_of_the_native_plugin_and_the_users_aliases_stay(aliases: Any) -> None:
    opts = pulumi.ResourceOptions(aliases=aliases, protect=True, ignore_changes=["description"])
    before = dict(vars(opts))
    found = with_the_native_type("one", opts, NATIVE_BOT_TYPE)
    assert found.aliases is not None
    assert found.aliases[:-1] == [*(aliases or ())]
    assert found.aliases[-1] == f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{NATIVE_BOT_TYPE}::one"
    assert vars(opts) == before
    assert {**vars(found), "aliases": aliases} == before


def test_options_are_not_needed_for_it() -> None:
    assert len(with_the_native_type("one", None, NATIVE_BOT_TYPE).aliases or ()) == 1


def test_below_a_parent_its_type_alone_is_another_one() -> None:
    parents: list[Any] = []

    def program() -> None:
        parent = pulumi.ComponentResource("example:index:Team", "team")
        parents.append(with_the_native_type("one", pulumi.ResourceOptions(parent=parent), NATIVE_BOT_TYPE))

    testing.run(program)
    (alias,) = parents[0].aliases
    assert isinstance(alias, pulumi.Alias)
    assert alias.type_ == NATIVE_BOT_TYPE
