"""Create, read, update and delete, on the local Poe and over a bad line to it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.errors import (
    BotExistsError,
    ElsewhereError,
    HandleTakenError,
    InvalidBotError,
    KeyRefusedError,
    LostAnswerError,
    NotProvenGoneError,
    OverwroteError,
    PoeError,
    RefusedError,
    SettingsError,
)
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.record import FINGERPRINT
from pulumi_poe.core.poe.client import PoeClient
from pulumi_poe.core.values.trees import at, overlay, without
from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator

if TYPE_CHECKING:
    from tests.core.conftest import Line, Run

from tests.core.lifecycle.life import (
    BOT,
    CACHE,
    FAILURE,
    NO_SUCH_BOT,
    OPERATIONS,
    PROMPT,
    SPELLINGS,
    changed,
    checked,
    delete_by_hand,
    edit_by_hand,
    sent,
    writes,
)

# --- create -----------------------------------------------------------------------------------------


def test_create_sends_what_is_declared_with_extra_over_it(bots: Operations, poe: Emulator) -> None:
    bots.create({**BOT, "extra": {"greeting": "Hi", "api_bot_settings": {"audio": True}}})
    assert sent(poe) == [("GET", "/bots"), ("POST", "/bots")]
    assert poe.requests[-1].body == overlay({"greeting": "Hi", "api_bot_settings": {"audio": True}}, BOT)


def test_create_records_what_is_declared_and_a_fingerprint_and_nothing_else(bots: Operations) -> None:
    assert without(bots.create(BOT).record, [(FINGERPRINT,)]) == BOT


def test_what_is_recorded_does_not_hold_the_key_of_poe(bots: Operations) -> None:
    assert API_KEY_1 not in str(bots.create(BOT).record)


def test_a_created_bot_does_not_differ_from_what_is_declared(bots: Operations) -> None:
    assert not bots.diff("Acme-Bot", bots.create(BOT).record, BOT).changed


def test_many_creates_cost_one_request_each_and_one_for_all(bots: Operations, poe: Emulator) -> None:
    for number in range(20):
        bots.create({**BOT, "handle": f"Bot-{number}"})
    assert len(sent(poe)) == 21


def test_many_creates_at_once_share_the_list(bots: Operations, poe: Emulator) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: bots.create({**BOT, "handle": f"Bot-{number}"}), range(24)))
    assert len(sent(poe, "GET")) == 1
    assert len(poe.bots()) == 24


def test_all_threads_use_one_client(
    bots: Operations, clients: list[PoeClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    make = PoeClient.__init__

    def make_slowly(client: PoeClient, *arguments: Any, **named: Any) -> None:
        time.sleep(0.02)
        make(client, *arguments, **named)

    monkeypatch.setattr(PoeClient, "__init__", make_slowly)
    start = threading.Barrier(8, timeout=5)

    def delete(number: int) -> None:
        start.wait()
        with pytest.raises(NotProvenGoneError):
            bots.delete(f"Bot-{number}", {})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(delete, range(8)))
    assert len(clients) == 1


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_create_refuses_a_handle_that_the_account_has_in_any_spelling(
    bots: Operations, poe: Emulator, spelling: str
) -> None:
    poe.seed(API_KEY_1, BOT)
    with pytest.raises(BotExistsError, match=f"^create bot '{spelling}': this account already has a bot 'Acme-Bot'"):
        bots.create({**BOT, "handle": spelling})
    assert writes(poe) == []


def test_create_names_the_ways_out_in_the_order_in_which_they_should_be_tried(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    with pytest.raises(BotExistsError) as raised:
        bots.create(BOT)
    said = str(raised.value)
    ways = ["aliases=", "adopt=True", "pulumi config set poe:adopt Acme-Bot", "POE_ADOPT='*'", "The bot exists already"]
    assert [said.index(way) for way in ways] == sorted(said.index(way) for way in ways)


def test_create_refuses_a_handle_that_this_run_created(bots: Operations, poe: Emulator) -> None:
    bots.create(BOT)
    with pytest.raises(BotExistsError):
        bots.create({**BOT, "handle": "acme_bot"})
    assert writes(poe) == [("POST", "/bots")]


def test_a_handle_of_another_account_is_its_own_error(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_2, BOT)
    with pytest.raises(HandleTakenError, match=r"^create bot 'Acme-Bot': .* belongs to another Poe account"):
        bots.create(BOT)


def test_a_bot_with_mistakes_is_not_sent(bots: Operations, poe: Emulator) -> None:
    with pytest.raises(InvalidBotError, match=r"is_private: .*Nothing was sent"):
        bots.create({**BOT, "is_private": "no"})
    assert sent(poe) == []


def test_create_without_a_key_asks_for_one(new_run: Run) -> None:
    with pytest.raises(SettingsError, match=r"^create bot 'Acme-Bot': no Poe API key is set"):
        new_run(api_key=None).create(BOT)


def test_a_create_that_poe_answers_as_an_edit_is_said_loudly(over_bad_line: Operations, line: Line) -> None:
    line.answers("POST", 200, {"edit_bot_status": "success"})
    with pytest.raises(OverwroteError, match="came into being between the check and the write") as raised:
        over_bad_line.create(BOT)
    assert "https://poe.com/Acme-Bot" in str(raised.value)
    assert "adopt=True" in str(raised.value)


def test_a_bot_that_came_into_being_in_between_is_seen_by_the_next_create(bots: Operations, poe: Emulator) -> None:
    bots.create({**BOT, "handle": "Other"})
    poe.seed(API_KEY_1, BOT)
    with pytest.raises(OverwroteError):
        bots.create(BOT)
    with pytest.raises(BotExistsError):
        bots.create(BOT)


# --- read -------------------------------------------------------------------------------------------


def test_many_reads_cost_one_request(new_run: Run, poe: Emulator) -> None:
    recorded = {}
    for number in range(20):
        poe.seed(API_KEY_1, {**BOT, "handle": f"Bot-{number}"})
        recorded[f"Bot-{number}"] = {**BOT, "handle": f"Bot-{number}"}
    bots = new_run()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda handle: bots.read(handle, recorded[handle]), recorded))
    assert all(found)
    assert sent(poe) == [("GET", "/bots")]


def test_a_bot_that_the_list_lacks_is_asked_for_by_name(
    over_bad_line: Operations, line: Line, recorded: dict[str, Any]
) -> None:
    line.answers("GET", 200, {"bots": []}, path="/bots")
    assert over_bad_line.read("Acme-Bot", recorded) is not None
    assert line.sent() == [("GET", "/bots"), ("GET", "/bots/Acme-Bot")]


def test_an_unchanged_bot_reads_as_it_was_recorded(new_run: Run, recorded: dict[str, Any]) -> None:
    assert new_run().read("Acme-Bot", recorded) == recorded


def test_read_shows_a_declared_property_that_was_changed_by_hand(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    edit_by_hand(poe, PROMPT, "9")
    found = bots.read("Acme-Bot", recorded)
    assert at(found, PROMPT) == "9"
    assert found is not None
    assert bots.diff("Acme-Bot", found, BOT).changed


def test_only_what_is_declared_can_drift(bots: Operations, poe: Emulator, recorded: dict[str, Any]) -> None:
    edit_by_hand(poe, CACHE, "9")
    edit_by_hand(poe, ("since",), 2027)
    assert bots.read("Acme-Bot", recorded) == recorded


@pytest.mark.parametrize("option", ["normalise_prices", "materialise_defaults"])
def test_how_poe_spells_its_answer_is_no_drift(
    bots: Operations, poe: Emulator, recorded: dict[str, Any], option: str
) -> None:
    setattr(poe.options, option, True)
    assert bots.read("Acme-Bot", recorded) == recorded


def test_read_keeps_the_declared_spelling_of_the_handle(bots: Operations, recorded: dict[str, Any]) -> None:
    found = bots.read("Acme-Bot", {**recorded, "handle": "acme_bot"})
    assert found is not None
    assert found["handle"] == "acme_bot"


def test_read_keeps_the_endpoints_key_that_poe_never_gives_back(bots: Operations, recorded: dict[str, Any]) -> None:
    assert at(bots.read("Acme-Bot", recorded), ("api_bot_settings", "api_key")) == "ENDPOINT-CANARY"


def test_a_read_that_finds_the_bot_with_another_key_renews_the_fingerprint(
    new_run: Run, poe: Emulator, recorded: dict[str, Any]
) -> None:
    poe.accounts["local-account-1"] = "rotated"
    rotated = new_run(api_key="rotated")
    found = rotated.read("Acme-Bot", recorded)
    assert found is not None
    assert found[FINGERPRINT] != recorded[FINGERPRINT]
    rotated.delete("Acme-Bot", found)
    assert rotated.read("Acme-Bot", found) is None


def test_a_read_that_finds_the_bot_gives_a_fingerprint_that_does_not_say_where_the_address(
    bots: Operations, at_another_address: Operations, line: Line, recorded: dict[str, Any]
) -> None:
    early = {**recorded, FINGERPRINT: recorded[FINGERPRINT][:24]}
    found = bots.read("Acme-Bot", early)
    assert found is not None
    with pytest.raises(ElsewhereError):
        at_another_address.delete("Acme-Bot", found)
    assert line.requests == []


def test_read_points_to_the_bot_that_a_missing_one_was_renamed_to_on_poe(
    bots: Operations, poe: Emulator, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    delete_by_hand(poe)
    poe.seed(API_KEY_1, {**BOT, "handle": "New-Name"})
    assert bots.read("Acme-Bot", recorded) is None
    assert "New-Name" in warnings.text
    assert "adopt=True" in warnings.text


# --- update -----------------------------------------------------------------------------------------


def test_an_update_is_one_patch_with_what_changed_in_a_complete_object(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    declared = changed(PROMPT, "3")
    updated = bots.update("Acme-Bot", recorded, declared)
    assert writes(poe) == [("PATCH", "/bots/Acme-Bot")]
    assert poe.requests[-1].body == {"api_bot_settings": {"pricing": {"prompt": "3", "completion": "0.000002"}}}
    assert poe.bots() == [declared]
    assert not bots.diff("Acme-Bot", updated, declared).changed


@pytest.mark.parametrize("depth", ["deep", "shallow"])
def test_an_update_keeps_what_people_set_by_hand_at_either_depth_of_merging(
    bots: Operations, poe: Emulator, recorded: dict[str, Any], depth: Any
) -> None:
    poe.options.patch_merge = depth
    edit_by_hand(poe, CACHE, "0.5")
    edit_by_hand(poe, ("api_bot_settings", "context_size"), 5)
    bots.update("Acme-Bot", recorded, changed(PROMPT, "3"))
    (stored,) = poe.bots()
    assert at(stored, CACHE) == "0.5"
    assert at(stored, ("api_bot_settings", "context_size")) == 5
    assert at(stored, PROMPT) == "3"
    assert at(stored, ("api_bot_settings", "api_key")) == "ENDPOINT-CANARY"


def test_an_update_keeps_what_is_not_declared_at_all(bots: Operations, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    bare = {"handle": "Acme-Bot", "description": "Old"}
    bots.update("Acme-Bot", bare, {**bare, "description": "New"})
    assert poe.bots() == [{**BOT, "description": "New"}]


def test_an_update_goes_to_the_handle_that_the_bot_was_created_with(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    updated = bots.update("Acme-Bot", recorded, {**changed(PROMPT, "3"), "handle": "acme_bot"})
    assert writes(poe) == [("PATCH", "/bots/Acme-Bot")]
    assert updated["handle"] == "acme_bot"


def test_a_second_update_of_a_run_builds_on_the_first(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    poe.options.patch_merge = "shallow"
    first = changed(CACHE, "0.5")
    bots.update("Acme-Bot", recorded, first)
    bots.update("Acme-Bot", BOT, changed(PROMPT, "3"))
    assert poe.bots() == [changed(PROMPT, "3", first)]


def test_a_second_update_of_a_run_keeps_what_people_set_by_hand_before_the_first(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    poe.options.patch_merge = "shallow"
    edit_by_hand(poe, CACHE, "0.5")
    bots.update("Acme-Bot", recorded, changed(PROMPT, "2"))
    bots.update("Acme-Bot", changed(PROMPT, "2"), changed(PROMPT, "3"))
    assert poe.bots() == [changed(PROMPT, "3", changed(CACHE, "0.5"))]


def test_what_was_taken_out_does_not_come_back_with_the_next_update_of_a_run(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    bots.read("Acme-Bot", recorded)
    fewer = without(BOT, [PROMPT])
    bots.update("Acme-Bot", recorded, fewer)
    bots.update("Acme-Bot", fewer, {**fewer, "description": "Another"})
    assert poe.bots() == [{**fewer, "description": "Another"}]


def test_a_property_that_was_taken_out_is_removed_by_a_put_and_looked_for_again(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    declared = without(BOT, [PROMPT])
    updated = bots.update("Acme-Bot", recorded, declared)
    assert sent(poe) == [("GET", "/bots/Acme-Bot"), ("PUT", "/bots/Acme-Bot"), ("GET", "/bots/Acme-Bot")]
    assert poe.bots() == [declared]
    assert not bots.diff("Acme-Bot", updated, declared).changed


def test_a_put_keeps_what_people_set_by_hand(bots: Operations, poe: Emulator, recorded: dict[str, Any]) -> None:
    edit_by_hand(poe, CACHE, "0.5")
    edit_by_hand(poe, ("api_bot_settings", "context_size"), 5)
    declared = without(BOT, [PROMPT])
    bots.update("Acme-Bot", recorded, declared)
    (stored,) = poe.bots()
    assert stored == changed(CACHE, "0.5", changed(("api_bot_settings", "context_size"), 5, declared))


def test_all_controls_can_be_taken_out(bots: Operations, poe: Emulator) -> None:
    with_controls = {**BOT, "parameter_controls": {"api_version": "2", "sections": []}}
    bots.update("Acme-Bot", bots.create(with_controls).record, BOT)
    assert poe.bots() == [BOT]


def test_a_property_that_poe_keeps_although_it_was_taken_out_is_told(
    over_bad_line: Operations, line: Line, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    line.answers("PUT", 200, {"edit_bot_status": "success"})
    over_bad_line.update("Acme-Bot", recorded, without(BOT, [PROMPT]))
    assert "still has api_bot_settings.pricing.prompt" in warnings.text


def test_a_put_without_the_endpoints_key_is_refused_before_anything_is_written(bots: Operations, poe: Emulator) -> None:
    recorded = bots.create(BOT).record
    poe.requests.clear()
    with pytest.raises(RefusedError) as raised:
        bots.update("Acme-Bot", recorded, without(BOT, [PROMPT, ("api_bot_settings", "api_key")]))
    assert "api_bot_settings.pricing.prompt was taken out" in str(raised.value)
    assert "Declare api_bot_settings.api_key" in str(raised.value)
    assert writes(poe) == []


def test_a_field_of_extra_that_was_taken_out_is_removed_by_a_put(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    edit_by_hand(poe, ("greeting",), "Hi")
    bots.update("Acme-Bot", {**recorded, "extra": {"greeting": "Hi"}}, BOT)
    assert [method for method, _ in writes(poe)] == ["PUT"]


@pytest.mark.parametrize(("name", "default"), [("description", ""), ("is_private", True)])
def test_what_poe_has_a_default_for_goes_back_to_it_by_a_patch(
    bots: Operations, poe: Emulator, recorded: dict[str, Any], name: str, default: object
) -> None:
    declared = without(BOT, [(name,)])
    updated = bots.update("Acme-Bot", recorded, declared)
    assert writes(poe) == [("PATCH", "/bots/Acme-Bot")]
    assert poe.bots() == [{**BOT, name: default}]
    assert not bots.diff("Acme-Bot", updated, declared).changed


def test_a_default_and_another_property_that_are_taken_out_together_are_both_undone(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    bots.update("Acme-Bot", recorded, without(BOT, [("is_private",), PROMPT]))
    assert poe.bots() == [{**without(BOT, [PROMPT]), "is_private": True}]


def test_to_take_out_the_endpoints_key_sends_nothing_for_it(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    declared = without(BOT, [("api_bot_settings", "api_key")])
    updated = bots.update("Acme-Bot", recorded, declared)
    assert sent(poe) == []
    assert poe.bots() == [BOT]
    assert not bots.diff("Acme-Bot", updated, declared).changed


def test_an_update_whose_answer_was_lost_is_sent_again(
    over_bad_line: Operations, line: Line, poe: Emulator, recorded: dict[str, Any]
) -> None:
    line.loses("PATCH")
    over_bad_line.update("Acme-Bot", recorded, changed(PROMPT, "3"))
    assert poe.bots() == [changed(PROMPT, "3")]


def test_an_update_with_mistakes_is_not_sent(bots: Operations, poe: Emulator, recorded: dict[str, Any]) -> None:
    with pytest.raises(InvalidBotError):
        bots.update("Acme-Bot", recorded, changed(PROMPT, "five"))
    assert sent(poe) == []


def test_a_bot_that_is_proven_to_be_gone_is_created_again(
    bots: Operations, poe: Emulator, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    delete_by_hand(poe)
    declared = changed(PROMPT, "3")
    updated = bots.update("Acme-Bot", recorded, declared)
    assert poe.bots() == [declared]
    assert "was gone from Poe and is created again" in warnings.text
    assert not bots.diff("Acme-Bot", updated, declared).changed


def test_a_bot_that_is_gone_is_created_again_where_a_property_was_taken_out(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    delete_by_hand(poe)
    declared = without(BOT, [PROMPT])
    bots.update("Acme-Bot", recorded, declared)
    assert poe.bots() == [declared]


def test_every_write_renews_the_fingerprint(bots: Operations, recorded: dict[str, Any]) -> None:
    assert bots.update("Acme-Bot", recorded, changed(PROMPT, "3"))[FINGERPRINT] != recorded[FINGERPRINT]


def test_nothing_is_sent_that_poe_does_not_document(bots: Operations, poe: Emulator) -> None:
    poe.options.refuse_unknown_fields = True
    created = bots.create(BOT).record
    updated = bots.update("Acme-Bot", created, changed(CACHE, "0.5"))
    replaced = bots.update("Acme-Bot", updated, BOT)
    bots.delete("Acme-Bot", {**replaced})
    assert {one.status for one in poe.requests} == {200, 201}


# --- delete -----------------------------------------------------------------------------------------


def test_delete_removes_the_bot_for_good(bots: Operations, poe: Emulator, recorded: dict[str, Any]) -> None:
    bots.delete("Acme-Bot", recorded)
    assert poe.bots() == []
    assert sent(poe) == [("DELETE", "/bots/Acme-Bot")]


def test_after_a_delete_the_handle_is_free_for_this_run(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
) -> None:
    checked(bots)
    bots.delete("Acme-Bot", recorded)
    bots.create(BOT)
    assert poe.bots() == [BOT]


def test_delete_of_a_bot_that_is_gone_is_done(bots: Operations, poe: Emulator, recorded: dict[str, Any]) -> None:
    delete_by_hand(poe)
    bots.delete("Acme-Bot", recorded)
    assert sent(poe) == [("DELETE", "/bots/Acme-Bot"), ("GET", "/bots")]


def test_a_404_after_our_own_lost_delete_is_done(
    over_bad_line: Operations, line: Line, poe: Emulator, recorded: dict[str, Any]
) -> None:
    seen = over_bad_line.read("Acme-Bot", recorded)  # by way of the line's address
    assert seen is not None
    line.loses("DELETE")
    over_bad_line.delete("Acme-Bot", seen)
    assert line.sent()[1:] == [("DELETE", "/bots/Acme-Bot")] * 2 + [("GET", "/bots")]
    assert poe.bots() == []


def test_a_404_after_a_lost_delete_with_the_key_of_another_account_proves_nothing(
    new_run: Run, line: Line, poe: Emulator, recorded: dict[str, Any]
) -> None:
    line.answers("DELETE", 503, FAILURE)
    line.answers("DELETE", 404, NO_SUCH_BOT)
    with pytest.raises(NotProvenGoneError):
        new_run(api_url=line.url, api_key=API_KEY_2).delete("Acme-Bot", recorded)
    assert poe.bots() == [BOT]


def test_a_secret_in_extra_that_poe_echoes_is_in_no_error(over_bad_line: Operations, line: Line) -> None:
    line.answers("POST", 400, {"error": {"message": "bad input sk-very-secret"}})
    with pytest.raises(PoeError) as raised:
        over_bad_line.create({**BOT, "extra": {"new": {"token": "sk-very-secret"}}})
    assert "sk-very-secret" not in str(raised.value)


def test_a_default_that_poe_fills_in_is_not_said_to_have_been_kept(
    bots: Operations, poe: Emulator, warnings: pytest.LogCaptureFixture
) -> None:
    poe.options.materialise_defaults = True
    path = ("api_bot_settings", "input_modalities")
    declared = overlay({"api_bot_settings": {"input_modalities": ["text", "image"]}}, BOT)
    recorded = bots.create(declared).record
    bots.update("Acme-Bot", recorded, without(declared, [path]))
    assert "Poe kept it" not in warnings.text


@pytest.mark.parametrize("adopt", ["true", 1, None])
def test_adopt_is_a_boolean(bots: Operations, adopt: object) -> None:
    assert checked(bots, BOT, adopt=adopt) == ["adopt: must be true or false"]


def test_a_number_in_place_of_a_boolean_is_a_change_and_a_mistake(bots: Operations) -> None:
    before = {"handle": "Acme-Bot", "is_private": True}
    assert checked(bots, {**before, "is_private": 1}, before=before) == ["is_private: must be true or false"]


def test_a_create_that_may_adopt_takes_a_bot_that_came_into_being_meanwhile(bots: Operations, poe: Emulator) -> None:
    checked(bots, BOT, adopt=True)  # the list is fetched here
    poe.seed(API_KEY_1, {**BOT, "description": "by hand"})
    bots.create(BOT)
    assert poe.bots() == [BOT]


# --- errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["read", "update", "delete"])
def test_an_error_says_what_was_being_done_to_which_bot(new_run: Run, recorded: dict[str, Any], operation: str) -> None:
    with pytest.raises(KeyRefusedError, match=f"^{operation} bot 'Acme-Bot': Poe answered 401") as raised:
        OPERATIONS[operation](new_run(api_key="WRONG-CANARY"), recorded)
    assert "\n" not in str(raised.value)
    assert "WRONG-CANARY" not in str(raised.value)


def test_threads_that_share_a_failed_list_each_name_their_own_bot(new_run: Run) -> None:
    bots = new_run(api_key="wrong")

    def error_of(number: int) -> str:
        try:
            bots.create({**BOT, "handle": f"Bot-{number}"})
        except KeyRefusedError as error:
            return str(error)
        raise AssertionError("was created")

    with ThreadPoolExecutor(8) as threads:
        for number, said in enumerate(threads.map(error_of, range(16))):
            assert said.startswith(f"create bot 'Bot-{number}': Poe answered 401")


def test_without_a_key_an_operation_says_where_to_set_one(new_run: Run, recorded: dict[str, Any]) -> None:
    for operation in OPERATIONS.values():
        with pytest.raises(SettingsError, match="pulumi config set --secret poe:apiKey"):
            operation(new_run(api_key=None), recorded)


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_a_lost_create_that_can_not_be_settled_is_not_sent_again(
    over_bad_line: Operations, line: Line, status: int
) -> None:
    line.loses("POST")
    line.answers("GET", status, FAILURE, path="/bots/Acme-Bot", times=1000)
    with pytest.raises(LostAnswerError, match="may or may not exist now"):
        over_bad_line.create(BOT)
    assert len(line.sent("POST")) == 1
