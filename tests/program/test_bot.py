"""The resource, as a program declares it and as the engine is told of it."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

import pulumi_poe
from pulumi_poe import testing
from pulumi_poe.tokens import BOT_TYPE


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
