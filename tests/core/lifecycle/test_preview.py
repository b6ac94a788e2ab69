"""What a preview says of a bot beyond its mistakes: what it takes over, moves, keeps and refuses."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.errors import (
    BotExistsError,
    NotProvenGoneError,
    SettingsError,
)
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.registry import Resource
from pulumi_poe.core.lifecycle.session import Session
from pulumi_poe.core.values.unknown import UNKNOWN
from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator

if TYPE_CHECKING:
    from tests.core.conftest import Line, Run

from typing import TYPE_CHECKING

from pulumi_poe.core.poe.settings import ALL, Settings
from tests.core.lifecycle.life import BOT, PROMPT, SPELLINGS, changed, checked, delete_by_hand, sent, writes

if TYPE_CHECKING:
    from tests.core.conftest import Line, Run

MINE = Resource("mine", 1)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "pulumi_poe")
    return caplog


@pytest.fixture
def recorded(poe: Emulator, new_run: Run) -> dict[str, Any]:
    created = new_run().create(BOT).record
    poe.requests.clear()
    return created


# --- what is only suspicious -------------------------------------------------------------------------

ON_THIS_MACHINE = {"handle": "Acme-Bot", "api_bot_settings": {"model_name": "m", "base_url": "http://127.0.0.1:1/v1"}}


def test_poe_itself_cant_reach_an_endpoint_on_this_machine(told: pytest.LogCaptureFixture) -> None:
    elsewhere = Operations(Session(Settings()))
    assert elsewhere.check(ON_THIS_MACHINE, before={}, resource=MINE).mistakes == []
    (said,) = told.messages
    assert said.endswith("base_url: is an address of this machine, which Poe can't reach")


def test_a_poe_on_this_machine_can(bots: Operations, told: pytest.LogCaptureFixture) -> None:
    assert bots.check(ON_THIS_MACHINE, before={}, resource=MINE).mistakes == []
    assert told.messages == []


# --- taking over ------------------------------------------------------------------------------------


def test_a_preview_says_what_taking_a_bot_over_changes(
    bots: Operations, poe: Emulator, told: pytest.LogCaptureFixture
) -> None:
    poe.seed(API_KEY_1, changed(PROMPT, "9", {**BOT, "description": "by hand"}))
    assert bots.check({**BOT, "adopt": True}, before={}, resource=MINE).mistakes == []
    (said,) = told.messages
    assert said == (
        "bot 'Acme-Bot' is there already and is taken over. This changes api_bot_settings.pricing.prompt, description."
    )


def test_all_that_is_declared_may_be_taken_over_for_one_run(
    new_run: Run, poe: Emulator, told: pytest.LogCaptureFixture
) -> None:
    poe.seed(API_KEY_1, BOT)
    bots = new_run(adopt=frozenset({ALL}))
    assert bots.check(BOT, before={}, resource=MINE).mistakes == []
    assert "It is as the program declares it." in told.text
    bots.create(BOT)
    assert [method for method, _ in writes(poe)] == ["PATCH"]


def test_all_may_be_taken_over_only_by_the_environment() -> None:
    no_config: dict[str, str] = {}
    assert Settings.load(no_config.get, {"POE_ADOPT": "*"}).may_adopt("whatever")
    assert Settings.load({"poe:adopt": "first"}.get, {"POE_ADOPT": "*"}).may_adopt("whatever")
    with pytest.raises(SettingsError, match=r"POE_ADOPT='\*' in the environment"):
        Settings.load({"poe:adopt": "*"}.get, {})
    with pytest.raises(SettingsError):
        Settings.load(no_config.get, {"POE_ADOPT": "first,*"})


# --- the likeliest way out --------------------------------------------------------------------------


def refusal(bots: Operations) -> str:
    with pytest.raises(BotExistsError) as raised:
        bots.create(BOT)
    return str(raised.value)


def test_a_stack_that_has_no_bot_may_have_lost_its_state(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    assert "If the stack has lost its state, other bots of the program may be there too: POE_ADOPT='*'" in refusal(bots)


def test_a_stack_that_has_bots_has_not_lost_its_state(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    bots.check({"handle": "Other"}, before={"handle": "Other"}, resource=Resource("other", 2))
    said = refusal(bots)
    assert "aliases=[pulumi.Alias(name='…')]" in said
    assert "POE_ADOPT" not in said


def test_a_bot_of_this_stack_that_another_resource_has_names_that_resource(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    bots.check({"handle": "Next"}, before=BOT, resource=Resource("other", 2))
    assert "The resource 'other' of this stack has it, and goes to another handle in this run" in refusal(bots)


def test_a_bot_that_is_replaced_under_its_own_handle_says_how(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    bots.check(BOT, before=BOT, resource=MINE)
    bots.check(BOT, before={}, resource=MINE)
    said = refusal(bots)
    assert "To replace it under its own handle, set adopt=True" in said
    assert "delete_before_replace=True" in said


@pytest.mark.parametrize("deleted_first", [True, None])
def test_where_it_may_be_deleted_first_an_existing_bot_is_a_warning(
    bots: Operations, poe: Emulator, told: pytest.LogCaptureFixture, deleted_first: bool | None
) -> None:
    poe.seed(API_KEY_1, BOT)
    assert bots.check(BOT, before={}, resource=MINE, deleted_first=deleted_first).mistakes == []
    assert "unless this run deletes it first" in told.text


# --- what becomes of the old one --------------------------------------------------------------------


@pytest.mark.parametrize(("retained", "says"), [(False, "which is deleted"), (True, "which stays on Poe, in no stack")])
def test_a_replacement_says_what_becomes_of_the_old_bot(
    bots: Operations, recorded: dict[str, Any], told: pytest.LogCaptureFixture, retained: bool, says: str
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
def test_what_no_key_has_seen_is_not_looked_up(bots: Operations, poe: Emulator, record: dict[str, Any]) -> None:
    bots.diff("Acme-Bot", {**BOT, **record}, BOT)
    assert sent(poe) == []


def test_a_preview_goes_on_where_it_can_not_be_looked_up(
    new_run: Run, line: Line, told: pytest.LogCaptureFixture
) -> None:
    recorded = new_run(api_url=line.url).create(BOT).record
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
    assert new_run(provider="other").create(BOT).record["__provider_name"] == "other"
    assert "__provider_name" not in new_run().create({**BOT, "handle": "Next"}).record


# --- without a key ----------------------------------------------------------------------------------


def test_a_key_of_the_stack_that_is_not_used_is_not_asked_for_again() -> None:
    settings = Settings.load({"poe:apiKey": "key"}.get, {"POE_API_URL": "http://127.0.0.1:1"})
    with pytest.raises(SettingsError) as raised:
        settings.require_key()
    assert "Set POE_API_KEY too; or unset POE_API_URL" in str(raised.value)
    assert "config set --secret poe:apiKey" not in str(raised.value)


def test_all_mistakes_of_a_bot_are_shown_at_once_each_in_one_line(bots: Operations) -> None:
    mistakes = checked(bots, {"handle": "Acme-Bot", "is_private": "no", "api_bot_settings": {"context_size": -1}})
    assert [mistake.split(":")[0] for mistake in mistakes] == ["is_private", "api_bot_settings.context_size"]


def test_a_handle_that_two_resources_declare_is_a_fault_of_the_second(bots: Operations) -> None:
    assert checked(bots, {"handle": "Acme-Bot"}, resource=Resource("first", 1)) == []
    (mistake,) = checked(bots, {"handle": "acme_bot"}, resource=Resource("second"))
    assert "the resource 'first' (bot 1 of the program) of this program declares the bot 'acme_bot' too" in mistake


def test_a_handle_that_two_resources_declare_is_written_by_neither_preview_nor_up(
    bots: Operations, poe: Emulator
) -> None:
    checked(bots, {"handle": "Acme-Bot"}, resource=Resource("first"))
    assert checked(bots, {"handle": "acme_bot"}, resource=Resource("second"), adopt=True) != []
    assert writes(poe) == []


def test_the_same_resource_may_be_checked_again(bots: Operations) -> None:
    assert checked(bots) == []
    assert checked(bots) == []


def test_handles_that_are_unknown_yet_are_not_the_same(bots: Operations) -> None:
    assert checked(bots, {"handle": UNKNOWN}, resource=Resource("first")) == []
    assert checked(bots, {"handle": UNKNOWN}, resource=Resource("second")) == []


def test_a_preview_needs_no_key(new_run: Run) -> None:
    assert checked(new_run(api_key=None)) == []


def test_a_preview_of_bots_that_the_stack_has_costs_no_request(bots: Operations, poe: Emulator) -> None:
    assert checked(bots, before={"handle": "Acme-Bot"}) == []
    assert sent(poe) == []


def test_a_preview_of_new_bots_costs_one_request(bots: Operations, poe: Emulator) -> None:
    for number in range(20):
        checked(bots, {"handle": f"Bot-{number}"}, resource=Resource(f"resource {number}"))
    assert sent(poe) == [("GET", "/bots")]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_preview_reports_a_bot_that_the_account_already_has(bots: Operations, poe: Emulator, spelling: str) -> None:
    poe.seed(API_KEY_1, BOT)
    (mistake,) = checked(bots, {"handle": spelling})
    assert mistake.startswith("handle: this account already has a bot 'Acme-Bot'.")


def test_a_preview_reports_a_bot_that_can_not_be_adopted(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {"handle": "Acme-Bot", "description": "A prompt bot"})
    (mistake,) = checked(bots, adopt=True)
    assert "no API bot" in mistake


def test_a_preview_does_not_report_a_bot_that_is_to_be_adopted(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    assert checked(bots, adopt=True) == []


def test_a_preview_says_once_that_poe_can_not_be_reached_and_goes_on(
    new_run: Run, line: Line, warnings: pytest.LogCaptureFixture
) -> None:
    line.drops("GET", times=1000)
    bots = new_run(api_url=line.url, preview_timeout=0.3)
    for number in range(5):
        assert checked(bots, {"handle": f"Bot-{number}"}, resource=Resource(f"resource {number}")) == []
    assert len(warnings.messages) == 1
    assert "could not be looked up" in warnings.messages[0]


def test_a_preview_gives_up_its_look_up_soon(new_run: Run, line: Line) -> None:
    line.hangs("GET", times=1000)
    started = time.monotonic()
    assert checked(new_run(api_url=line.url, preview_timeout=0.05)) == []
    assert time.monotonic() - started < 2


def test_a_preview_goes_on_with_a_key_that_poe_refuses(new_run: Run, warnings: pytest.LogCaptureFixture) -> None:
    assert checked(new_run(api_key="wrong")) == []
    assert "Poe answered 401" in warnings.text


def test_what_a_preview_could_not_look_up_is_looked_up_before_the_create(
    new_run: Run, line: Line, poe: Emulator
) -> None:
    poe.seed(API_KEY_1, BOT)
    line.answers("GET", 404, "", times=1)
    bots = new_run(api_url=line.url)
    assert checked(bots) == []
    with pytest.raises(BotExistsError):
        bots.create(BOT)
