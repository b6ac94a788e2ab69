"""What this process has seen of the program's bots."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_poe.core.lifecycle.registry import Mark, Registry, Resource

FIRST, SECOND = Resource("first"), Resource("second")

SPELLINGS = ["Acme-Bot", "acme_bot", "ACME.BOT", "acmebot"]


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_handle_that_another_resource_declares_names_that_resource(registry: Registry, spelling: str) -> None:
    registry.claim("Acme-Bot", FIRST)
    assert registry.claim(spelling, SECOND) == FIRST


def test_the_same_resource_may_declare_its_handle_again(registry: Registry) -> None:
    registry.claim("Acme-Bot", FIRST)
    assert registry.claim("acme_bot", FIRST) is None


def test_two_handles_are_two_bots(registry: Registry) -> None:
    registry.claim("Acme-Bot", FIRST)
    assert registry.claim("Acme-Bot-2", SECOND) is None


def test_of_many_threads_one_gets_the_handle(registry: Registry) -> None:
    with ThreadPoolExecutor(8) as threads:
        holders = Counter(
            threads.map(lambda number: registry.claim("Acme-Bot", Resource(f"resource {number}")), range(50))
        )
    assert holders[None] == 1
    assert len(holders) == 2


def test_nothing_may_be_adopted_unless_the_program_says_so(registry: Registry) -> None:
    registry.claim("Acme-Bot", FIRST)
    assert not registry.has("Acme-Bot", Mark.ADOPTING)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_may_be_adopted_may_be_in_any_spelling(registry: Registry, spelling: str) -> None:
    registry.mark("Acme-Bot", Mark.ADOPTING)
    assert registry.has(spelling, Mark.ADOPTING)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_bot_is_alive_from_when_it_is_managed_until_it_is_let_go(registry: Registry, spelling: str) -> None:
    assert not registry.has("Acme-Bot", Mark.ALIVE)
    registry.keep_alive("Acme-Bot")
    assert registry.has(spelling, Mark.ALIVE)
    registry.unmark(spelling, Mark.ALIVE)
    assert not registry.has("Acme-Bot", Mark.ALIVE)


def test_to_let_go_of_what_was_never_alive_is_no_error(registry: Registry) -> None:
    registry.unmark("Acme-Bot", Mark.ALIVE)
    assert not registry.has("Acme-Bot", Mark.ALIVE)
