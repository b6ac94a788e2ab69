"""A handle for each stack."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from pulumi_poe import Bot, stack_handle, testing


def handle_in(stack: str, *args: Any, **kwargs: Any) -> str:
    found: list[str] = []
    testing.run(lambda: found.append(stack_handle(*args, **kwargs)), stack=stack)
    return found[0]


def test_in_production_it_is_the_name() -> None:
    assert handle_in("prod", "Acme-Reasoner") == "Acme-Reasoner"


def test_in_any_other_stack_it_has_the_stacks_name_behind_it() -> None:
    assert handle_in("dev", "Acme-Reasoner") == "Acme-Reasoner-dev"


def test_production_may_be_called_otherwise() -> None:
    assert handle_in("live", "Acme-Reasoner", prod="live") == "Acme-Reasoner"
    assert handle_in("prod", "Acme-Reasoner", prod="live") == "Acme-Reasoner-prod"


def test_twenty_characters_are_not_too_long() -> None:
    assert handle_in("staging", "Acme-Reasone") == "Acme-Reasone-staging"


@pytest.mark.parametrize(
    ("stack", "shorter"),
    [("staging", "the name or the stack's by 1"), ("prod", "the name by 1")],
    ids=["other", "prod"],
)
def test_a_handle_that_is_too_long_is_refused_with_what_to_do(stack: str, shorter: str) -> None:
    name = "Acme-Reasoner" if stack != "prod" else "Acme-Reasoner-of-2026"

    with pytest.raises(pulumi.RunError, match=rf"has 21 characters, and a handle at most 20; shorten {shorter}$"):
        handle_in(stack, name)


def test_the_most_characters_may_be_given() -> None:
    with pytest.raises(pulumi.RunError, match="at most 10"):
        handle_in("dev", "Acme-Reasoner", max_length=10)


@pytest.mark.parametrize("name", ["", None, 3], ids=repr)
def test_a_name_that_is_no_text_is_refused(name: Any) -> None:
    with pytest.raises(pulumi.RunError, match=r"^stack_handle: the name must be a str"):
        handle_in("dev", name)


@pytest.mark.parametrize("most", ["20", None], ids=repr)
def test_a_limit_that_is_no_number_is_refused(most: Any) -> None:
    with pytest.raises(pulumi.RunError, match=r"^stack_handle: max_length must be an int"):
        testing.run(lambda: stack_handle("Acme", max_length=most))


def test_an_output_is_refused_since_it_may_not_be_known() -> None:
    late: Any = pulumi.Output.from_input("Acme")

    with pytest.raises(pulumi.RunError, match=r"^stack_handle: the name must be a str that the program knows"):
        testing.run(lambda: stack_handle(late))


def test_two_stacks_of_a_program_have_two_bots() -> None:
    def program() -> None:
        Bot("reasoner", handle=stack_handle("Acme-Reasoner"))

    declared = [testing.run(program, stack=stack).declared["reasoner"]["handle"] for stack in ("dev", "prod")]

    assert declared == ["Acme-Reasoner-dev", "Acme-Reasoner"]
