"""The resource, as a program declares it and as the engine is told of it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

import pulumi_poe
from pulumi_poe import testing
from pulumi_poe.program.bot import _with_the_native_type
from pulumi_poe.tokens import BOT_TYPE, NATIVE_BOT_TYPE


class Plain(pulumi_poe.Bot):
    pass


class WithKeywords(pulumi_poe.Bot, module="acme", name="Reasoner"):
    pass


class Mixin:
    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)


class WithMixin(Mixin, pulumi_poe.Bot):
    pass


class Derived(Plain, name="Derived"):
    """A bot of the house."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts, handle=f"Acme-{name}", description="Of the house")


@pytest.mark.parametrize("kind", [Plain, WithKeywords, WithMixin, Derived], ids=lambda kind: kind.__name__)
def test_a_derived_class_has_the_type_that_is_in_states(kind: type[pulumi_poe.Bot]) -> None:
    assert f"pulumi-python:{kind._resource_type_name}" == BOT_TYPE


def test_a_bot_of_a_derived_class_is_registered_as_a_bot() -> None:
    assert testing.run(lambda: Derived("One")).declared["One"] == {"handle": "Acme-One", "description": "Of the house"}


def test_a_class_that_derives_from_a_bot_and_takes_further_keywords_passes_them_on() -> None:
    class Counted:
        count: int

        def __init_subclass__(cls, count: int = 0, **kwargs: Any) -> None:
            super().__init_subclass__(**kwargs)
            cls.count = count

    class Own(pulumi_poe.Bot, Counted, count=3):
        pass

    assert Own.count == 3


@pytest.mark.parametrize("aliases", [None, [], ["urn:of:another"], (pulumi.Alias(name="old"),)])
def test_a_bot_is_also_that_of_the_native_plugin_and_the_users_aliases_stay(aliases: Any) -> None:
    opts = pulumi.ResourceOptions(aliases=aliases, protect=True, ignore_changes=["description"])
    before = dict(vars(opts))
    found = _with_the_native_type("one", opts)
    assert found.aliases is not None
    assert found.aliases[:-1] == [*(aliases or ())]
    assert found.aliases[-1] == f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{NATIVE_BOT_TYPE}::one"
    assert vars(opts) == before
    assert {**vars(found), "aliases": aliases} == before


def test_options_are_not_needed_for_it() -> None:
    assert len(_with_the_native_type("one", None).aliases or ()) == 1


def test_below_a_parent_its_type_alone_is_another_one() -> None:
    parents: list[Any] = []

    def program() -> None:
        parent = pulumi.ComponentResource("example:index:Team", "team")
        parents.append(_with_the_native_type("one", pulumi.ResourceOptions(parent=parent)))

    testing.run(program)
    (alias,) = parents[0].aliases
    assert isinstance(alias, pulumi.Alias)
    assert alias.type_ == NATIVE_BOT_TYPE
