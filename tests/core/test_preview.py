"""What a preview says of a bot beyond its faults: what it takes over, moves, keeps and refuses."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.errors import BotExistsError, NotProvenGoneError, SettingsError
from pulumi_poe.core.lifecycle import Lifecycle
from pulumi_poe.core.registry import Resource
from pulumi_poe.core.settings import ALL, Settings
from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator
from tests.core.test_lifecycle import BOT, PROMPT, changed, delete_by_hand, sent, writes

if TYPE_CHECKING:
    from tests.core.conftest import Line, Run

MINE = Resource("mine", 1)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "pulumi_poe")
    return caplog


@pytest.fixture
def recorded(poe: Emulator, new_run: Run) -> dict[str, Any]:
    created = new_run().create(BOT)
    poe.requests.clear()
    return created


# --- taking over ------------------------------------------------------------------------------------


def test_a_preview_says_what_taking_a_bot_over_changes(
    bots: Lifecycle, poe: Emulator, told: pytest.LogCaptureFixture
) -> None:
    poe.seed(API_KEY_1, changed(PROMPT, "9", {**BOT, "description": "by hand"}))
    assert bots.check(BOT, before={}, resource=MINE, adopt=True) == []
    (said,) = told.messages
    assert said == (
        "bot 'Acme-Bot' is there already and is taken over. This changes api_bot_settings.pricing.prompt, description."
    )


def test_all_that_is_declared_may_be_taken_over_for_one_run(
    new_run: Run, poe: Emulator, told: pytest.LogCaptureFixture
) -> None:
    poe.seed(API_KEY_1, BOT)
    bots = new_run(adopt=frozenset({ALL}))
    assert bots.check(BOT, before={}, resource=MINE) == []
    assert "It is as the program declares it." in told.text
    bots.create(BOT)
    assert [method for method, _ in writes(poe)] == ["PATCH"]


def test_all_may_be_taken_over_only_by_the_environment() -> None:
    assert Settings.load({}.get, {"POE_ADOPT": "*"}).may_adopt("whatever")
    assert Settings.load({"poe:adopt": "first"}.get, {"POE_ADOPT": "*"}).may_adopt("whatever")
    with pytest.raises(SettingsError, match=r"POE_ADOPT='\*' in the environment"):
        Settings.load({"poe:adopt": "*"}.get, {})
    with pytest.raises(SettingsError):
        Settings.load({}.get, {"POE_ADOPT": "first,*"})


# --- the likeliest way out --------------------------------------------------------------------------


def refusal(bots: Lifecycle) -> str:
    with pytest.raises(BotExistsError) as raised:
        bots.create(BOT)
    return str(raised.value)


def test_a_stack_that_has_no_bot_may_have_lost_its_state(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    assert "If the stack has lost its state, other bots of the program may be there too: POE_ADOPT='*'" in refusal(bots)


def test_a_stack_that_has_bots_has_not_lost_its_state(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    bots.check({"handle": "Other"}, before={"handle": "Other"}, resource=Resource("other", 2))
    said = refusal(bots)
    assert "aliases=[pulumi.Alias(name='…')]" in said
    assert "POE_ADOPT" not in said


def test_a_bot_of_this_stack_that_another_resource_has_names_that_resource(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    bots.check({"handle": "Next"}, before=BOT, resource=Resource("other", 2))
    assert "The resource 'other' of this stack has it, and goes to another handle in this run" in refusal(bots)


def test_a_bot_that_is_replaced_under_its_own_handle_says_how(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    bots.check(BOT, before=BOT, resource=MINE)
    bots.check(BOT, before={}, resource=MINE)
    said = refusal(bots)
    assert "To replace it under its own handle, set adopt=True" in said
    assert "delete_before_replace=True" in said


@pytest.mark.parametrize("deleted_first", [True, None])
def test_where_it_may_be_deleted_first_an_existing_bot_is_a_warning(
    bots: Lifecycle, poe: Emulator, told: pytest.LogCaptureFixture, deleted_first: bool | None
) -> None:
    poe.seed(API_KEY_1, BOT)
    assert bots.check(BOT, before={}, resource=MINE, deleted_first=deleted_first) == []
    assert "unless this run deletes it first" in told.text


# --- what becomes of the old one --------------------------------------------------------------------


@pytest.mark.parametrize(("retained", "says"), [(False, "which is deleted"), (True, "which stays on Poe, in no stack")])
def test_a_replacement_says_what_becomes_of_the_old_bot(
    bots: Lifecycle, recorded: dict[str, Any], told: pytest.LogCaptureFixture, retained: bool, says: str
) -> None:
    declared = {**BOT, "handle": "Next"}
    bots.check(declared, before=BOT, resource=MINE, retained=retained)
    assert bots.diff("Acme-Bot", recorded, declared).replaces
    assert says in told.text


# --- another account --------------------------------------------------------------------------------


def test_a_bot_can_not_move_to_another_account(new_run: Run, poe: Emulator, recorded: dict[str, Any]) -> None:
    theirs = new_run(api_key=API_KEY_2)
    for declared in (BOT, changed(PROMPT, "3")):
        with pytest.raises(NotProvenGoneError, match="A bot can't move between accounts: give it another handle"):
            theirs.diff("Acme-Bot", recorded, declared)
    assert sent(poe) == [("GET", "/bots")]


def test_with_a_rotated_key_of_the_account_it_is_looked_up_once(
    new_run: Run, poe: Emulator, recorded: dict[str, Any]
) -> None:
    poe.accounts["local-account-1"] = "rotated"
    ours = new_run(api_key="rotated")
    for _ in range(3):
        assert not ours.diff("Acme-Bot", recorded, BOT).changed
    assert sent(poe) == [("GET", "/bots")]


@pytest.mark.parametrize("record", [{}, {"__fingerprint": "unreadable"}])
def test_what_no_key_has_seen_is_not_looked_up(bots: Lifecycle, poe: Emulator, record: dict[str, Any]) -> None:
    bots.diff("Acme-Bot", {**BOT, **record}, BOT)
    assert sent(poe) == []


def test_a_preview_goes_on_where_it_can_not_be_looked_up(
    new_run: Run, line: Line, told: pytest.LogCaptureFixture
) -> None:
    recorded = new_run(api_url=line.url).create(BOT)
    line.drops("GET", times=1000)
    bots = new_run(api_url=line.url, api_key=API_KEY_2, preview_timeout=0.2)
    for _ in range(2):
        assert not bots.diff("Acme-Bot", recorded, BOT).changed
    assert told.text.count("could not be looked up") == 1


def test_whoever_knows_that_it_is_gone_is_not_held_up(new_run: Run, poe: Emulator, recorded: dict[str, Any]) -> None:
    delete_by_hand(poe)
    knowing = new_run(api_key=API_KEY_2, missing_is_gone=frozenset({"acmebot"}))
    assert not knowing.diff("Acme-Bot", recorded, BOT).changed


def test_another_handle_with_another_provider_is_another_bot_in_that_account(
    new_run: Run, poe: Emulator, recorded: dict[str, Any]
) -> None:
    theirs = new_run(api_key=API_KEY_2, provider="other")
    declared = {**BOT, "handle": "Next"}
    assert theirs.diff("Acme-Bot", recorded, declared).replaces
    theirs.create(declared)
    assert [bot["handle"] for bot in poe.bots(API_KEY_2)] == ["Next"]


def test_the_provider_that_has_a_bot_is_recorded(new_run: Run) -> None:
    assert new_run(provider="other").create(BOT)["__provider_name"] == "other"
    assert "__provider_name" not in new_run().create({**BOT, "handle": "Next"})


# --- without a key ----------------------------------------------------------------------------------


def test_a_key_of_the_stack_that_is_not_used_is_not_asked_for_again() -> None:
    settings = Settings.load({"poe:apiKey": "key"}.get, {"POE_API_URL": "http://127.0.0.1:1"})
    with pytest.raises(SettingsError) as raised:
        settings.require_key()
    assert "Set POE_API_KEY too; or unset POE_API_URL" in str(raised.value)
    assert "config set --secret poe:apiKey" not in str(raised.value)
