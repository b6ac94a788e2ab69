"""A bot goes from one resource of a program to another, or does not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.errors import ElsewhereError, NotProvenGoneError, NotYoursError, RefusedError, UnreachableError
from pulumi_poe.core.fingerprint import fingerprint
from pulumi_poe.core.lifecycle import RESOURCE, Lifecycle
from pulumi_poe.core.proof import FINGERPRINT
from pulumi_poe.core.registry import Registry, Resource
from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator

if TYPE_CHECKING:
    from tests.core.conftest import Line, Run

BOT: dict[str, Any] = {"handle": "Acme-Bot", "api_bot_settings": {"model_name": "m", "api_key": "endpoint-canary"}}
OTHER = {**BOT, "handle": "Other-Bot"}
FIRST, SECOND = Resource("first", 1), Resource("second", 2)

ELSEWHERE = {**BOT, RESOURCE: "second", FINGERPRINT: fingerprint("http://127.0.0.1:9", API_KEY_1)}
"""What a state has of the bot of a resource that was created at another address."""


def recorded_by(run: Lifecycle, resource: Resource) -> dict[str, Any]:
    """What a state records of BOT, created by this resource."""
    run.check(BOT, before={}, resource=resource)
    return run.create(BOT)


def test_a_bot_that_another_resource_declares_without_adopt_is_not_deleted_before_its_own_is_replaced(
    new_run: Run, poe: Emulator
) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run()
    bots.check(OTHER, before=BOT, resource=FIRST, deleted_first=True, others=[("acme_bot", SECOND, False)])
    with pytest.raises(RefusedError, match=r"the resource 'second' .* declares this bot too, and may not take it over"):
        bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_a_bot_that_only_its_own_resource_declares_is_deleted_before_it_is_replaced(
    new_run: Run, poe: Emulator
) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run()
    bots.check(BOT, before=BOT, resource=FIRST, deleted_first=True, others=[("Acme-Bot", FIRST, False)])
    bots.check(BOT, before={}, resource=FIRST, deleted_first=True, others=[("Acme-Bot", FIRST, False)])
    bots.delete("Acme-Bot", recorded)
    assert poe.bots() == []


def test_a_resource_that_was_renamed_gives_its_bot_up_to_one_of_its_old_name(new_run: Run, poe: Emulator) -> None:
    recorded = recorded_by(new_run(), Resource("old", 1))
    assert recorded[RESOURCE] == "old"
    bots = new_run()
    # By an alias the engine takes `new` for the `old` of the state; and there is another `old` now.
    bots.check(OTHER, before=BOT, resource=Resource("new", 1), deleted_first=True)
    bots.check(BOT, before={}, resource=Resource("old", 2), adopt=True)
    bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_of_two_entries_with_one_bot_the_one_that_declares_it_keeps_it(new_run: Run, poe: Emulator) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run()
    others = [("Acme-Bot", SECOND, True)]
    bots.check(OTHER, before=BOT, resource=FIRST, deleted_first=True, others=others)
    bots._registry.own("Acme-Bot", "second")  # whose check has just begun
    bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_a_bot_is_handed_over_only_in_an_account_that_has_it(new_run: Run) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run(api_key=API_KEY_2)
    bots.check(OTHER, before=BOT, resource=FIRST, deleted_first=True)
    bots.check(BOT, before={}, resource=SECOND, adopt=True)
    with pytest.raises(NotProvenGoneError, match="does not have this bot, and another key last saw it"):
        bots.delete("Acme-Bot", recorded)


def test_a_bot_goes_to_another_provider_only_if_its_account_could_be_looked_up(new_run: Run, line: Line) -> None:
    recorded = recorded_by(new_run(), FIRST)
    line.answers("GET", 500, times=100)
    other_key = {"api_url": line.url, "api_key": API_KEY_2, "attempts": 1}
    assert not new_run(**other_key).diff("Acme-Bot", recorded, BOT).changed
    with pytest.raises(UnreachableError, match=r"^change bot 'Acme-Bot'"):
        new_run(**other_key, provider="theirs").diff("Acme-Bot", recorded, BOT)


def test_where_a_foreign_handle_is_forbidden_the_create_says_to_choose_another(new_run: Run, poe: Emulator) -> None:
    poe.options.foreign_post_status = 403
    poe.seed(API_KEY_2, BOT)
    with pytest.raises(NotYoursError, match="For a new bot choose another handle"):
        new_run().create(BOT)


def test_a_bot_of_another_address_does_not_go_to_another_provider(new_run: Run) -> None:
    recorded = recorded_by(new_run(), FIRST)
    elsewhere = {"api_url": "http://127.0.0.1:9", "accept_address": None}
    assert not new_run(**elsewhere).diff("Acme-Bot", recorded, BOT).changed
    with pytest.raises(ElsewhereError):
        new_run(**elsewhere, provider="theirs").diff("Acme-Bot", recorded, BOT)


def test_what_is_to_be_said_of_a_bot_that_is_gone_takes_nothing_back_that_was_said_of_others(new_run: Run) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run(api_key=API_KEY_2, missing_is_gone=frozenset({"another"}))
    with pytest.raises(NotProvenGoneError, match="POE_MISSING_IS_GONE=another,Acme-Bot in the environment"):
        bots.read("Acme-Bot", recorded)


def test_a_bot_is_not_given_up_to_a_resource_whose_check_has_failed(new_run: Run, poe: Emulator) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run()
    wrong = {**BOT, "is_private": "perhaps"}
    assert bots.check(wrong, before={}, resource=SECOND, adopt=True)
    bots.check(OTHER, before=BOT, resource=FIRST, deleted_first=True)
    with pytest.raises(RefusedError, match="under another resource, which failed in this run"):
        bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_a_bot_is_deleted_only_once_it_is_known_where_the_state_has_the_bot_of_another_resource(
    new_run: Run, poe: Emulator
) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run(accept_address=None)
    bots.check(BOT, before=BOT, resource=SECOND, adopt=True)
    bots.check(OTHER, before=BOT, resource=FIRST, deleted_first=True)
    with ThreadPoolExecutor() as threads:
        deleted = threads.submit(bots.delete, "Acme-Bot", recorded)
        with pytest.raises(TimeoutError):
            deleted.result(timeout=0.2)
        bots.diff("Acme-Bot", ELSEWHERE, BOT)
        with pytest.raises(RefusedError, match="the state has it at another address"):
            deleted.result()
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


@pytest.mark.parametrize("declared", [{**BOT, "description": "changed"}, BOT], ids=["changed", "unchanged"])
def test_a_bot_is_not_kept_for_a_resource_that_has_one_at_another_address(
    new_run: Run, declared: dict[str, Any]
) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run(accept_address=None)
    bots.check(declared, before=BOT, resource=SECOND, adopt=True)
    with suppress(ElsewhereError):
        bots.diff("Acme-Bot", ELSEWHERE, declared)
    with pytest.raises(RefusedError, match="the state has it at another address"):
        bots.delete("Acme-Bot", recorded)


def test_a_bot_is_not_kept_for_a_resource_whose_diff_has_failed(new_run: Run, poe: Emulator) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run(api_key=API_KEY_2)
    bots.check(BOT, before=BOT, resource=SECOND)
    with pytest.raises(NotProvenGoneError):
        bots.diff("Acme-Bot", recorded, BOT)
    with pytest.raises(RefusedError, match="under another resource, which failed in this run"):
        bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_a_bot_that_the_process_of_another_provider_has_deleted_is_made_anew(new_run: Run, poe: Emulator) -> None:
    recorded = recorded_by(new_run(), FIRST)
    registry = Registry()
    of_the_stack, of_the_provider = new_run(registry), new_run(registry, provider="theirs")
    of_the_provider.check(BOT, before={}, resource=FIRST, deleted_first=True)  # which looks at the list
    of_the_stack.delete("Acme-Bot", recorded)
    of_the_provider.create(BOT)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_what_was_said_of_a_bot_that_is_there_again_is_not_said_again(new_run: Run) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run(api_key=API_KEY_2, missing_is_gone=frozenset({"mine"}))
    bots.create({**BOT, "handle": "Mine"})
    with pytest.raises(NotProvenGoneError, match="POE_MISSING_IS_GONE=Acme-Bot in the environment"):
        bots.read("Acme-Bot", recorded)
