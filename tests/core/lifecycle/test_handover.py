"""A bot goes from one resource of a program to another, or does not."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FuturesTimeoutError
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.errors import (
    BotExistsError,
    ElsewhereError,
    NotProvenGoneError,
    RefusedError,
    UnreachableError,
)
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.record import FINGERPRINT
from pulumi_poe.core.lifecycle.registry import Resource
from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator

if TYPE_CHECKING:
    from tests.core.conftest import Line, Run

from contextlib import suppress
from typing import TYPE_CHECKING

from pulumi_poe.core.errors import (
    NotYoursError,
)
from pulumi_poe.core.lifecycle import handover
from pulumi_poe.core.lifecycle.handover import Handover
from pulumi_poe.core.lifecycle.journal import Journal
from pulumi_poe.core.lifecycle.record import RESOURCE
from pulumi_poe.core.lifecycle.registry import Mark, Registry
from pulumi_poe.core.lifecycle.session import Session
from pulumi_poe.core.poe.fingerprint import fingerprint
from pulumi_poe.core.poe.settings import Settings
from tests.core.lifecycle.life import BOT, adopting, checked, sent, writes

if TYPE_CHECKING:
    from tests.core.conftest import Line, Run

OTHER = {**BOT, "handle": "Other-Bot"}
FIRST, SECOND = Resource("first", 1), Resource("second", 2)

ELSEWHERE = {**BOT, RESOURCE: "second", FINGERPRINT: fingerprint("http://127.0.0.1:9", API_KEY_1)}
"""What a state has of the bot of a resource that was created at another address."""


def recorded_by(run: Operations, resource: Resource) -> dict[str, Any]:
    """What a state records of BOT, created by this resource."""
    run.check(BOT, before={}, resource=resource)
    return run.create(BOT).record


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
    bots.check({**BOT, "adopt": True}, before={}, resource=Resource("old", 2))
    bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_of_two_entries_with_one_bot_the_one_that_declares_it_keeps_it(new_run: Run, poe: Emulator) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run()
    others = [("Acme-Bot", SECOND, True)]
    bots.check(OTHER, before=BOT, resource=FIRST, deleted_first=True, others=others)
    bots._session.registry.own("Acme-Bot", "second")  # whose check has just begun
    bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_a_bot_is_handed_over_only_in_an_account_that_has_it(new_run: Run) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run(api_key=API_KEY_2)
    bots.check(OTHER, before=BOT, resource=FIRST, deleted_first=True)
    bots.check({**BOT, "adopt": True}, before={}, resource=SECOND)
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
    assert bots.check({**wrong, "adopt": True}, before={}, resource=SECOND).mistakes
    bots.check(OTHER, before=BOT, resource=FIRST, deleted_first=True)
    with pytest.raises(RefusedError, match="under another resource, which failed in this run"):
        bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_a_bot_is_deleted_only_once_it_is_known_where_the_state_has_the_bot_of_another_resource(
    new_run: Run, poe: Emulator
) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run(accept_address=None)
    bots.check({**BOT, "adopt": True}, before=BOT, resource=SECOND)
    bots.check(OTHER, before=BOT, resource=FIRST, deleted_first=True)
    with ThreadPoolExecutor() as threads:
        deleted = threads.submit(bots.delete, "Acme-Bot", recorded)
        with pytest.raises(FuturesTimeoutError):  # which Python has as its own from 3.11 on
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
    bots.check({**declared, "adopt": True}, before=BOT, resource=SECOND)
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


def test_delete_of_a_bot_that_another_resource_adopted_sends_nothing(
    bots: Operations, poe: Emulator, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    adopting(bots)
    poe.requests.clear()
    bots.delete("acme_bot", recorded)
    assert sent(poe) == []
    assert poe.bots() == [BOT]
    assert "kept: another resource of this stack manages it now" in warnings.text


def test_delete_of_a_bot_that_the_stack_still_declares_sends_nothing(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    checked(bots, before=BOT)
    bots.diff("Acme-Bot", recorded, BOT)
    bots.delete("Acme-Bot", recorded)
    assert sent(poe) == []


def test_delete_of_a_bot_that_was_updated_in_this_run_sends_nothing(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    bots.update("Acme-Bot", recorded, BOT)
    bots.delete("Acme-Bot", recorded)
    assert sent(poe, "DELETE") == []


def test_a_bot_whose_handle_changes_is_deleted(bots: Operations, poe: Emulator, recorded: dict[str, Any]) -> None:
    checked(bots, {**BOT, "handle": "Acme-Bot-2"}, before=BOT)
    bots.create({**BOT, "handle": "Acme-Bot-2"})
    bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot-2"]


def test_a_bot_that_is_deleted_before_it_is_replaced_is_deleted(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    checked(bots, before=BOT)
    bots.diff("Acme-Bot", recorded, BOT)
    assert checked(bots) == []
    bots.delete("Acme-Bot", recorded)
    bots.create(BOT)
    assert writes(poe) == [("DELETE", "/bots/Acme-Bot"), ("POST", "/bots")]


def test_a_bot_whose_new_resource_could_not_take_it_over_is_not_deleted_with_the_old_one(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    with pytest.raises(BotExistsError):
        bots.create(BOT)
    with pytest.raises(RefusedError, match="declares this bot under another resource"):
        bots.delete("Acme-Bot", recorded)
    assert writes(poe) == []


def test_a_bot_that_is_taken_over_at_the_second_try_is_kept(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    with pytest.raises(BotExistsError):
        bots.create(BOT)
    adopting(bots)
    bots.delete("Acme-Bot", recorded)
    assert writes(poe) == [("PATCH", "/bots/Acme-Bot")]


@pytest.mark.usefixtures("recorded")
def test_a_bot_to_be_replaced_under_its_own_handle_is_told_in_the_preview(
    bots: Operations, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    checked(bots, before=BOT)
    bots.diff("Acme-Bot", recorded, BOT)
    assert checked(bots) == []
    assert "is to be replaced under its own handle" in warnings.text
    assert "delete_before_replace=True" in warnings.text


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("options", [{"deleted_first": True}, {"adopt": True}])
def test_a_bot_that_may_be_replaced_under_its_own_handle_is_not(
    bots: Operations, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture, options: dict[str, Any]
) -> None:
    checked(bots, before=BOT, **options)
    bots.diff("Acme-Bot", recorded, BOT)
    assert checked(bots, **options) == []
    assert warnings.text == ""


def test_what_a_targeted_replacement_deletes_first_is_no_fault_but_is_told(
    bots: Operations, poe: Emulator, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    assert checked(bots, deleted_first=True) == []
    assert "unless this run deletes it first" in warnings.text
    bots.delete("Acme-Bot", recorded)
    bots.create(BOT)
    assert writes(poe) == [("DELETE", "/bots/Acme-Bot"), ("POST", "/bots")]


# --- the adopter ------------------------------------------------------------------------------------


def test_an_adopter_that_the_program_announces_is_one_before_the_engine_asks_for_it() -> None:
    one = Session(Settings())
    one.registry.delete_first("Acme-Bot", FIRST)
    one.registry.announce("Acme-Bot", SECOND, adopts=True)
    assert Handover(one)._wait_for_the_adopter("Acme-Bot", "first") == SECOND
    assert Handover(one)._account_of("Acme-Bot", SECOND) == ""


def test_an_adopter_of_another_provider_is_waited_for_because_its_account_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where the run's journal lies
    one, two = Session(Settings(), Registry(Journal("run"))), Registry(Journal("run"))
    theirs = Resource("second", 2, "other")
    one.registry.delete_first("Acme-Bot", FIRST)
    one.registry.announce("Acme-Bot", theirs, adopts=True)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(Handover(one)._wait_for_the_adopter, "Acme-Bot", "first")
        time.sleep(0.05)
        assert not waiting.done()
        two.claim("Acme-Bot", theirs, "its account")
        two.mark("Acme-Bot", Mark.ADOPTING)
        assert waiting.result(5) == theirs
    assert Handover(one)._account_of("Acme-Bot", theirs) == "its account"


@pytest.mark.parametrize("announced", [None, FIRST])
def test_a_bot_has_no_adopter_where_none_is_announced_but_its_own_resource(announced: Resource | None) -> None:
    one = Session(Settings())
    if announced is not None:
        one.registry.announce("Acme-Bot", announced, adopts=True)
    assert Handover(one)._wait_for_the_adopter("Acme-Bot", "first") is None


def test_the_account_of_an_adopter_that_never_comes_stays_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "_PATIENCE", 0.05)
    one = Session(Settings())
    theirs = Resource("second", 2, "other")
    one.registry.delete_first("Acme-Bot", FIRST)
    one.registry.announce("Acme-Bot", theirs, adopts=True)
    assert Handover(one)._wait_for_the_adopter("Acme-Bot", "first") == theirs
    assert Handover(one)._account_of("Acme-Bot", theirs) is None


def test_what_was_said_of_a_bot_that_is_there_again_is_not_said_again(new_run: Run) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run(api_key=API_KEY_2, missing_is_gone=frozenset({"mine"}))
    bots.create({**BOT, "handle": "Mine"})
    with pytest.raises(NotProvenGoneError, match="POE_MISSING_IS_GONE=Acme-Bot in the environment"):
        bots.read("Acme-Bot", recorded)


def test_a_bot_is_not_deleted_while_it_is_not_known_where_the_state_has_that_of_another_resource(
    new_run: Run, poe: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "_PATIENCE", 0.05)
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run()
    bots.check(BOT, before=BOT, resource=SECOND)
    bots.check(OTHER, before=BOT, resource=FIRST, deleted_first=True)
    with pytest.raises(RefusedError, match="did not ask about that one"):
        bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_the_old_copy_of_an_entry_is_deleted_only_once_it_is_known_what_becomes_of_the_new_one(
    new_run: Run, poe: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "_PATIENCE", 0.05)
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run()
    bots.check(BOT, before=BOT, resource=FIRST)
    with pytest.raises(RefusedError, match="did not ask about that one"):
        bots.delete("Acme-Bot", recorded)
    bots.diff("Acme-Bot", recorded, BOT)
    bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_a_bot_is_not_given_up_to_a_resource_that_has_it_and_whose_check_has_failed(
    new_run: Run, poe: Emulator
) -> None:
    recorded = recorded_by(new_run(), FIRST)
    bots = new_run()
    assert bots.check({**BOT, "is_private": "perhaps"}, before=BOT, resource=SECOND).mistakes
    bots.check(OTHER, before=BOT, resource=FIRST, deleted_first=True)
    with pytest.raises(RefusedError, match="under another resource, which failed in this run"):
        bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_a_bot_is_not_left_to_an_announced_adopter_of_another_account_although_its_resource_goes_there_too(
    new_run: Run, poe: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "_PATIENCE", 0.05)
    recorded = recorded_by(new_run(provider="theirs"), Resource("first", 1, "theirs"))
    registry = Registry()
    of_the_stack, of_the_provider = new_run(registry, api_key=API_KEY_2), new_run(registry, provider="theirs")
    others = [("Acme-Bot", SECOND, True)]
    of_the_stack.check(OTHER, before=BOT, resource=FIRST, deleted_first=True, others=others)
    with pytest.raises(RefusedError, match="adopts this bot with another Poe key"):
        of_the_provider.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]
