"""The life of a bot: every rule, on the local Poe and over a bad line to it."""

from __future__ import annotations

import http.client
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from pulumi_poe.core.client import PoeClient
from pulumi_poe.core.errors import (
    AnswerError,
    BotExistsError,
    ElsewhereError,
    HandleTakenError,
    InvalidBotError,
    KeyRefusedError,
    LostAnswerError,
    NotFoundError,
    NotProvenGoneError,
    OverwroteError,
    PoeError,
    RefusedError,
    SettingsError,
    UnreachableError,
)
from pulumi_poe.core.lifecycle import FINGERPRINT, Difference, Lifecycle
from pulumi_poe.core.registry import Resource
from pulumi_poe.core.trees import Path, at, overlay, without
from pulumi_poe.core.unknown import UNKNOWN
from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator

if TYPE_CHECKING:
    from tests.core.conftest import Line, Run

BOT: dict[str, Any] = {
    "handle": "Acme-Bot",
    "description": "A bot",
    "is_private": False,
    "api_bot_settings": {
        "model_name": "acme/one",
        "api_key": "ENDPOINT-CANARY",
        "pricing": {"prompt": "0.0000010", "completion": "0.000002"},
    },
}
PROMPT: Path = ("api_bot_settings", "pricing", "prompt")
CACHE: Path = ("api_bot_settings", "pricing", "input_cache_reads")
SPELLINGS = ["Acme-Bot", "acme_bot", "ACME.BOT"]
FAILURE = {"error": {"message": "An unexpected error occurred. Please try again."}}
NO_SUCH_BOT = {"error": {"message": "Bot Acme-Bot does not exist or access denied"}}


def changed(path: Path, value: object, bot: dict[str, Any] = BOT) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    assert isinstance(value, dict)
    return overlay(value, bot)


def checked(bots: Lifecycle, bot: dict[str, Any] = BOT, *, before: Any = None, **options: Any) -> list[str]:
    return bots.check(bot, before=before or {}, **{"resource": Resource("mine"), **options})


def adopting(bots: Lifecycle, bot: dict[str, Any] = BOT) -> dict[str, Any]:
    assert checked(bots, bot, adopt=True) == []
    return bots.create(bot)


def sent(poe: Emulator, *methods: str) -> list[tuple[str, str]]:
    """Method and path of the requests that Poe answered, all or only those of some methods."""
    return [(one.method, one.path) for one in poe.requests if not methods or one.method in methods]


def writes(poe: Emulator) -> list[tuple[str, str]]:
    return sent(poe, "POST", "PUT", "PATCH", "DELETE")


def edit_by_hand(poe: Emulator, path: Path, value: object) -> None:
    """Somebody changes the bot on poe.com."""
    (stored,) = poe.bots()
    poe.seed(API_KEY_1, changed(path, value, stored))


def delete_by_hand(poe: Emulator) -> None:
    """Somebody deletes the bot on poe.com."""
    connection = http.client.HTTPConnection(urlsplit(poe.url).netloc)
    connection.request("DELETE", "/bots/Acme-Bot", headers={"Authorization": f"Bearer {API_KEY_1}"})
    assert connection.getresponse().status == 200
    connection.close()
    poe.requests.clear()


@pytest.fixture
def recorded(poe: Emulator, new_run: Run) -> dict[str, Any]:
    """What an earlier run recorded when it created the bot, which is on Poe."""
    created = new_run().create(BOT)
    poe.requests.clear()
    return created


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is said to the user beside errors."""
    logging.getLogger("pulumi_poe").propagate = True
    caplog.set_level(logging.INFO, "pulumi_poe")
    return caplog


# --- check ------------------------------------------------------------------------------------------


def test_all_faults_of_a_bot_are_shown_at_once_each_in_one_line(bots: Lifecycle) -> None:
    faults = checked(bots, {"handle": "Acme-Bot", "is_private": "no", "api_bot_settings": {"context_size": -1}})
    assert [fault.split(":")[0] for fault in faults] == ["is_private", "api_bot_settings.context_size"]


def test_a_handle_that_two_resources_declare_is_a_fault_of_the_second(bots: Lifecycle) -> None:
    assert checked(bots, {"handle": "Acme-Bot"}, resource=Resource("first", 1)) == []
    (fault,) = checked(bots, {"handle": "acme_bot"}, resource=Resource("second"))
    assert "the resource 'first' (bot 1 of the program) of this program declares the bot 'acme_bot' too" in fault


def test_a_handle_that_two_resources_declare_is_written_by_neither_preview_nor_up(
    bots: Lifecycle, poe: Emulator
) -> None:
    checked(bots, {"handle": "Acme-Bot"}, resource=Resource("first"))
    assert checked(bots, {"handle": "acme_bot"}, resource=Resource("second"), adopt=True) != []
    assert writes(poe) == []


def test_the_same_resource_may_be_checked_again(bots: Lifecycle) -> None:
    assert checked(bots) == []
    assert checked(bots) == []


def test_handles_that_are_unknown_yet_are_not_the_same(bots: Lifecycle) -> None:
    assert checked(bots, {"handle": UNKNOWN}, resource=Resource("first")) == []
    assert checked(bots, {"handle": UNKNOWN}, resource=Resource("second")) == []


def test_a_preview_needs_no_key(new_run: Run) -> None:
    assert checked(new_run(api_key=None)) == []


def test_a_preview_of_bots_that_the_stack_has_costs_no_request(bots: Lifecycle, poe: Emulator) -> None:
    assert checked(bots, before={"handle": "Acme-Bot"}) == []
    assert sent(poe) == []


def test_a_preview_of_new_bots_costs_one_request(bots: Lifecycle, poe: Emulator) -> None:
    for number in range(20):
        checked(bots, {"handle": f"Bot-{number}"}, resource=Resource(f"resource {number}"))
    assert sent(poe) == [("GET", "/bots")]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_preview_reports_a_bot_that_the_account_already_has(bots: Lifecycle, poe: Emulator, spelling: str) -> None:
    poe.seed(API_KEY_1, BOT)
    (fault,) = checked(bots, {"handle": spelling})
    assert fault.startswith("handle: this account already has a bot 'Acme-Bot'.")


def test_a_preview_reports_a_bot_that_can_not_be_adopted(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {"handle": "Acme-Bot", "description": "A prompt bot"})
    (fault,) = checked(bots, adopt=True)
    assert "no API bot" in fault


def test_a_preview_does_not_report_a_bot_that_is_to_be_adopted(bots: Lifecycle, poe: Emulator) -> None:
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


# --- diff -------------------------------------------------------------------------------------------


def test_diff_needs_no_key(new_run: Run, recorded: dict[str, Any]) -> None:
    bots = new_run(api_key=None)
    assert bots.diff("Acme-Bot", recorded, BOT) == Difference(changed=False)
    assert bots.diff("Acme-Bot", recorded, changed(PROMPT, "1")) == Difference(changed=True)


@pytest.mark.parametrize("path", [("description",), ("is_private",), PROMPT, ("api_bot_settings", "api_key")])
def test_a_declared_property_that_changes_is_a_change(bots: Lifecycle, recorded: dict[str, Any], path: Path) -> None:
    value = True if path == ("is_private",) else "9"
    assert bots.diff("Acme-Bot", recorded, changed(path, value)).changed


@pytest.mark.parametrize("path", [("description",), ("is_private",), PROMPT, ("api_bot_settings", "api_key")])
def test_a_property_that_is_no_longer_declared_is_a_change(
    bots: Lifecycle, recorded: dict[str, Any], path: Path
) -> None:
    assert bots.diff("Acme-Bot", recorded, without(BOT, [path])).changed


def test_another_spelling_of_a_price_is_no_change(bots: Lifecycle, recorded: dict[str, Any]) -> None:
    assert not bots.diff("Acme-Bot", recorded, changed(PROMPT, "0.000001")).changed


@pytest.mark.parametrize("spelling", SPELLINGS[1:])
def test_another_spelling_of_the_handle_is_no_change_and_a_note(
    bots: Lifecycle, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture, spelling: str
) -> None:
    assert bots.diff("Acme-Bot", recorded, {**BOT, "handle": spelling}) == Difference(changed=False)
    assert "can only be changed on poe.com" in warnings.text


def test_another_handle_is_another_bot_and_a_warning(
    bots: Lifecycle, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    assert bots.diff("Acme-Bot", recorded, {**BOT, "handle": "Acme-Bot-2"}) == Difference(changed=True, replaces=True)
    assert "users, picture and sharing stay with the old one" in warnings.text


def test_a_handle_that_is_unknown_yet_does_not_replace(bots: Lifecycle, recorded: dict[str, Any]) -> None:
    assert bots.diff("Acme-Bot", recorded, {**BOT, "handle": UNKNOWN}) == Difference(changed=True)


# --- create -----------------------------------------------------------------------------------------


def test_create_sends_what_is_declared_with_extra_over_it(bots: Lifecycle, poe: Emulator) -> None:
    bots.create({**BOT, "extra": {"greeting": "Hi", "api_bot_settings": {"audio": True}}})
    assert sent(poe) == [("GET", "/bots"), ("POST", "/bots")]
    assert poe.requests[-1].body == overlay({"greeting": "Hi", "api_bot_settings": {"audio": True}}, BOT)


def test_create_records_what_is_declared_and_a_fingerprint_and_nothing_else(bots: Lifecycle) -> None:
    assert without(bots.create(BOT), [(FINGERPRINT,)]) == BOT


def test_what_is_recorded_does_not_hold_the_key_of_poe(bots: Lifecycle) -> None:
    assert API_KEY_1 not in str(bots.create(BOT))


def test_a_created_bot_does_not_differ_from_what_is_declared(bots: Lifecycle) -> None:
    assert not bots.diff("Acme-Bot", bots.create(BOT), BOT).changed


def test_many_creates_cost_one_request_each_and_one_for_all(bots: Lifecycle, poe: Emulator) -> None:
    for number in range(20):
        bots.create({**BOT, "handle": f"Bot-{number}"})
    assert len(sent(poe)) == 21


def test_many_creates_at_once_share_the_list(bots: Lifecycle, poe: Emulator) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: bots.create({**BOT, "handle": f"Bot-{number}"}), range(24)))
    assert len(sent(poe, "GET")) == 1
    assert len(poe.bots()) == 24


def test_all_threads_use_one_client(bots: Lifecycle, clients: list[PoeClient], monkeypatch: pytest.MonkeyPatch) -> None:
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
    bots: Lifecycle, poe: Emulator, spelling: str
) -> None:
    poe.seed(API_KEY_1, BOT)
    with pytest.raises(BotExistsError, match=f"^create bot '{spelling}': this account already has a bot 'Acme-Bot'"):
        bots.create({**BOT, "handle": spelling})
    assert writes(poe) == []


def test_create_names_the_ways_out_in_the_order_in_which_they_should_be_tried(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    with pytest.raises(BotExistsError) as raised:
        bots.create(BOT)
    said = str(raised.value)
    ways = ["aliases=", "adopt=True", "pulumi config set poe:adopt Acme-Bot", "POE_ADOPT='*'", "The bot exists already"]
    assert [said.index(way) for way in ways] == sorted(said.index(way) for way in ways)


def test_create_refuses_a_handle_that_this_run_created(bots: Lifecycle, poe: Emulator) -> None:
    bots.create(BOT)
    with pytest.raises(BotExistsError):
        bots.create({**BOT, "handle": "acme_bot"})
    assert writes(poe) == [("POST", "/bots")]


def test_a_handle_of_another_account_is_its_own_error(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_2, BOT)
    with pytest.raises(HandleTakenError, match=r"^create bot 'Acme-Bot': .* belongs to another Poe account"):
        bots.create(BOT)


def test_a_bot_with_faults_is_not_sent(bots: Lifecycle, poe: Emulator) -> None:
    with pytest.raises(InvalidBotError, match=r"is_private: .*Nothing was sent"):
        bots.create({**BOT, "is_private": "no"})
    assert sent(poe) == []


def test_create_without_a_key_asks_for_one(new_run: Run) -> None:
    with pytest.raises(SettingsError, match=r"^create bot 'Acme-Bot': no Poe API key is set"):
        new_run(api_key=None).create(BOT)


def test_a_create_that_poe_answers_as_an_edit_is_said_loudly(over_bad_line: Lifecycle, line: Line) -> None:
    line.answers("POST", 200, {"edit_bot_status": "success"})
    with pytest.raises(OverwroteError, match="came into being between the check and the write") as raised:
        over_bad_line.create(BOT)
    assert "https://poe.com/Acme-Bot" in str(raised.value)
    assert "adopt=True" in str(raised.value)


def test_a_bot_that_came_into_being_in_between_is_seen_by_the_next_create(bots: Lifecycle, poe: Emulator) -> None:
    bots.create({**BOT, "handle": "Other"})
    poe.seed(API_KEY_1, BOT)
    with pytest.raises(OverwroteError):
        bots.create(BOT)
    with pytest.raises(BotExistsError):
        bots.create(BOT)


# --- adopt ------------------------------------------------------------------------------------------


def test_adopting_takes_the_bot_over_with_one_write(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {**BOT, "description": "Old"})
    taken = adopting(bots)
    assert writes(poe) == [("PATCH", "/bots/Acme-Bot")]
    assert poe.bots() == [BOT]
    assert not bots.diff("Acme-Bot", taken, BOT).changed


def test_adopting_leaves_what_is_not_declared(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, changed(CACHE, "0.5"))
    adopting(bots, {"handle": "Acme-Bot", "api_bot_settings": {"pricing": {"prompt": "1"}}})
    assert poe.bots() == [changed(PROMPT, "1", changed(CACHE, "0.5"))]


def test_adopting_keeps_the_declared_spelling_of_the_handle(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    assert adopting(bots, {**BOT, "handle": "acme_bot"})["handle"] == "acme_bot"


def test_adopting_what_the_account_has_not_creates_it(bots: Lifecycle, poe: Emulator) -> None:
    adopting(bots)
    assert poe.bots() == [BOT]


def test_adopting_refuses_a_bot_that_is_no_api_bot(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {"handle": "Acme-Bot", "description": "A prompt bot"})
    checked(bots, adopt=True)
    with pytest.raises(RefusedError, match="no API bot"):
        bots.create(BOT)
    assert writes(poe) == []


def test_a_handle_in_the_stacks_list_is_adopted_without_a_change_of_the_program(new_run: Run, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {**BOT, "description": "Old"})
    bots = new_run(adopt=frozenset({"acmebot"}))
    assert checked(bots) == []
    bots.create(BOT)
    assert poe.bots() == [BOT]


def test_adopt_of_one_bot_lets_no_other_be_adopted(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    checked(bots, {"handle": "Other"}, resource=Resource("other"), adopt=True)
    with pytest.raises(BotExistsError):
        bots.create(BOT)


def test_adopt_is_in_no_record(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    assert "adopt" not in adopting(bots)


def test_a_bot_that_was_renamed_on_poe_is_taken_over_under_its_new_handle(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    delete_by_hand(poe)
    renamed = {**BOT, "handle": "New-Name"}
    poe.seed(API_KEY_1, renamed)
    assert checked(bots, renamed, before=BOT, adopt=True) == []
    bots.create(renamed)
    bots.delete("Acme-Bot", recorded)
    assert poe.bots() == [renamed]


# --- a create whose answer is lost ------------------------------------------------------------------


def test_a_lost_create_that_took_effect_is_done(over_bad_line: Lifecycle, line: Line, poe: Emulator) -> None:
    line.loses("POST")
    assert without(over_bad_line.create(BOT), [(FINGERPRINT,)]) == BOT
    assert line.sent() == [("GET", "/bots"), ("POST", "/bots"), ("GET", "/bots/Acme-Bot")]
    assert poe.bots() == [BOT]


def test_a_lost_create_that_took_no_effect_is_sent_again(over_bad_line: Lifecycle, line: Line, poe: Emulator) -> None:
    line.drops("POST")
    over_bad_line.create(BOT)
    assert len(line.sent("POST")) == 2
    assert poe.bots() == [BOT]


def test_a_lost_create_of_a_bot_that_is_not_what_was_sent_is_an_error_and_overwrites_nothing(
    over_bad_line: Lifecycle, line: Line, poe: Emulator
) -> None:
    over_bad_line.create({**BOT, "handle": "Other"})
    poe.seed(API_KEY_1, {**BOT, "description": "Somebody else's"})
    line.drops("POST")
    with pytest.raises(RefusedError, match="not what was sent"):
        over_bad_line.create(BOT)
    assert [bot["description"] for bot in poe.bots(API_KEY_1)] == ["A bot", "Somebody else's"]


@pytest.mark.parametrize(
    ("status", "content"), [(500, FAILURE), (503, FAILURE), (408, ""), (200, ""), (201, "{"), (202, {}), (204, "")]
)
def test_a_create_without_its_documented_answer_is_settled_by_reading(
    over_bad_line: Lifecycle, line: Line, poe: Emulator, status: int, content: object
) -> None:
    line.answers("POST", status, content, reaches_poe=True)
    over_bad_line.create(BOT)
    assert len(line.sent("POST")) == 1
    assert poe.bots() == [BOT]


def test_a_lost_create_that_shows_only_later_is_done(over_bad_line: Lifecycle, line: Line, poe: Emulator) -> None:
    line.loses("POST")
    line.answers("GET", 404, NO_SUCH_BOT, path="/bots/Acme-Bot")
    over_bad_line.create(BOT)
    assert poe.bots() == [BOT]


def test_a_lost_create_is_settled_although_poe_fills_in_defaults(
    over_bad_line: Lifecycle, line: Line, poe: Emulator
) -> None:
    poe.options.materialise_defaults = True
    poe.options.normalise_prices = True
    line.loses("POST")
    over_bad_line.create(without(BOT, [("description",), ("is_private",)]))
    assert len(line.sent("POST")) == 1


def test_a_create_that_keeps_failing_ends_and_is_not_hammered(new_run: Run, line: Line, poe: Emulator) -> None:
    line.answers("POST", 500, FAILURE, times=10_000)
    with pytest.raises(UnreachableError, match="Poe answered 500"):
        new_run(api_url=line.url, operation_timeout=0.5).create(BOT)
    assert len(line.sent("POST")) < 20
    assert poe.bots() == []


def test_a_lost_create_that_can_not_be_settled_says_that_the_bot_may_exist(new_run: Run, line: Line) -> None:
    line.loses("POST")
    line.answers("GET", 500, FAILURE, path="/bots/Acme-Bot", times=1000)
    with pytest.raises(UnreachableError) as raised:
        new_run(api_url=line.url, operation_timeout=0.3).create(BOT)
    assert "may" in str(raised.value)
    assert "https://poe.com/Acme-Bot" in str(raised.value)


def test_after_a_create_of_unknown_outcome_the_list_is_asked_for_again(new_run: Run, line: Line) -> None:
    bots = new_run(api_url=line.url, operation_timeout=0.3)
    line.loses("POST")
    line.answers("GET", 500, FAILURE, path="/bots/Acme-Bot", times=1000)
    with pytest.raises(UnreachableError):
        bots.create(BOT)
    line.heals()
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
    over_bad_line: Lifecycle, line: Line, recorded: dict[str, Any]
) -> None:
    line.answers("GET", 200, {"bots": []}, path="/bots")
    assert over_bad_line.read("Acme-Bot", recorded) is not None
    assert line.sent() == [("GET", "/bots"), ("GET", "/bots/Acme-Bot")]


def test_an_unchanged_bot_reads_as_it_was_recorded(new_run: Run, recorded: dict[str, Any]) -> None:
    assert new_run().read("Acme-Bot", recorded) == recorded


def test_read_shows_a_declared_property_that_was_changed_by_hand(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    edit_by_hand(poe, PROMPT, "9")
    found = bots.read("Acme-Bot", recorded)
    assert at(found, PROMPT) == "9"
    assert found is not None
    assert bots.diff("Acme-Bot", found, BOT).changed


def test_only_what_is_declared_can_drift(bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]) -> None:
    edit_by_hand(poe, CACHE, "9")
    edit_by_hand(poe, ("since",), 2027)
    assert bots.read("Acme-Bot", recorded) == recorded


@pytest.mark.parametrize("option", ["normalise_prices", "materialise_defaults"])
def test_how_poe_spells_its_answer_is_no_drift(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any], option: str
) -> None:
    setattr(poe.options, option, True)
    assert bots.read("Acme-Bot", recorded) == recorded


def test_read_keeps_the_declared_spelling_of_the_handle(bots: Lifecycle, recorded: dict[str, Any]) -> None:
    found = bots.read("Acme-Bot", {**recorded, "handle": "acme_bot"})
    assert found is not None
    assert found["handle"] == "acme_bot"


def test_read_keeps_the_endpoints_key_that_poe_never_gives_back(bots: Lifecycle, recorded: dict[str, Any]) -> None:
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
    bots: Lifecycle, at_another_address: Lifecycle, line: Line, recorded: dict[str, Any]
) -> None:
    early = {**recorded, FINGERPRINT: recorded[FINGERPRINT][:24]}
    found = bots.read("Acme-Bot", early)
    assert found is not None
    with pytest.raises(ElsewhereError):
        at_another_address.delete("Acme-Bot", found)
    assert line.requests == []


def test_read_points_to_the_bot_that_a_missing_one_was_renamed_to_on_poe(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    delete_by_hand(poe)
    poe.seed(API_KEY_1, {**BOT, "handle": "New-Name"})
    assert bots.read("Acme-Bot", recorded) is None
    assert "New-Name" in warnings.text
    assert "adopt=True" in warnings.text


# --- update -----------------------------------------------------------------------------------------


def test_an_update_is_one_patch_with_what_changed_in_a_complete_object(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    declared = changed(PROMPT, "3")
    updated = bots.update("Acme-Bot", recorded, declared)
    assert writes(poe) == [("PATCH", "/bots/Acme-Bot")]
    assert poe.requests[-1].body == {"api_bot_settings": {"pricing": {"prompt": "3", "completion": "0.000002"}}}
    assert poe.bots() == [declared]
    assert not bots.diff("Acme-Bot", updated, declared).changed


@pytest.mark.parametrize("depth", ["deep", "shallow"])
def test_an_update_keeps_what_people_set_by_hand_at_either_depth_of_merging(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any], depth: Any
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


def test_an_update_keeps_what_is_not_declared_at_all(bots: Lifecycle, poe: Emulator) -> None:
    poe.seed(API_KEY_1, BOT)
    bare = {"handle": "Acme-Bot", "description": "Old"}
    bots.update("Acme-Bot", bare, {**bare, "description": "New"})
    assert poe.bots() == [{**BOT, "description": "New"}]


def test_an_update_goes_to_the_handle_that_the_bot_was_created_with(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    updated = bots.update("Acme-Bot", recorded, {**changed(PROMPT, "3"), "handle": "acme_bot"})
    assert writes(poe) == [("PATCH", "/bots/Acme-Bot")]
    assert updated["handle"] == "acme_bot"


def test_a_second_update_of_a_run_builds_on_the_first(bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]) -> None:
    poe.options.patch_merge = "shallow"
    first = changed(CACHE, "0.5")
    bots.update("Acme-Bot", recorded, first)
    bots.update("Acme-Bot", BOT, changed(PROMPT, "3"))
    assert poe.bots() == [changed(PROMPT, "3", first)]


def test_a_second_update_of_a_run_keeps_what_people_set_by_hand_before_the_first(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    poe.options.patch_merge = "shallow"
    edit_by_hand(poe, CACHE, "0.5")
    bots.update("Acme-Bot", recorded, changed(PROMPT, "2"))
    bots.update("Acme-Bot", changed(PROMPT, "2"), changed(PROMPT, "3"))
    assert poe.bots() == [changed(PROMPT, "3", changed(CACHE, "0.5"))]


def test_what_was_taken_out_does_not_come_back_with_the_next_update_of_a_run(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    bots.read("Acme-Bot", recorded)
    fewer = without(BOT, [PROMPT])
    bots.update("Acme-Bot", recorded, fewer)
    bots.update("Acme-Bot", fewer, {**fewer, "description": "Another"})
    assert poe.bots() == [{**fewer, "description": "Another"}]


def test_a_property_that_was_taken_out_is_removed_by_a_put_and_looked_for_again(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    declared = without(BOT, [PROMPT])
    updated = bots.update("Acme-Bot", recorded, declared)
    assert sent(poe) == [("GET", "/bots/Acme-Bot"), ("PUT", "/bots/Acme-Bot"), ("GET", "/bots/Acme-Bot")]
    assert poe.bots() == [declared]
    assert not bots.diff("Acme-Bot", updated, declared).changed


def test_a_put_keeps_what_people_set_by_hand(bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]) -> None:
    edit_by_hand(poe, CACHE, "0.5")
    edit_by_hand(poe, ("api_bot_settings", "context_size"), 5)
    declared = without(BOT, [PROMPT])
    bots.update("Acme-Bot", recorded, declared)
    (stored,) = poe.bots()
    assert stored == changed(CACHE, "0.5", changed(("api_bot_settings", "context_size"), 5, declared))


def test_all_controls_can_be_taken_out(bots: Lifecycle, poe: Emulator) -> None:
    with_controls = {**BOT, "parameter_controls": {"api_version": "2", "sections": []}}
    bots.update("Acme-Bot", bots.create(with_controls), BOT)
    assert poe.bots() == [BOT]


def test_a_property_that_poe_keeps_although_it_was_taken_out_is_told(
    over_bad_line: Lifecycle, line: Line, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    line.answers("PUT", 200, {"edit_bot_status": "success"})
    over_bad_line.update("Acme-Bot", recorded, without(BOT, [PROMPT]))
    assert "still has api_bot_settings.pricing.prompt" in warnings.text


def test_a_put_without_the_endpoints_key_is_refused_before_anything_is_written(bots: Lifecycle, poe: Emulator) -> None:
    recorded = bots.create(BOT)
    poe.requests.clear()
    with pytest.raises(RefusedError) as raised:
        bots.update("Acme-Bot", recorded, without(BOT, [PROMPT, ("api_bot_settings", "api_key")]))
    assert "api_bot_settings.pricing.prompt was taken out" in str(raised.value)
    assert "Declare api_bot_settings.api_key" in str(raised.value)
    assert writes(poe) == []


def test_a_field_of_extra_that_was_taken_out_is_removed_by_a_put(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    edit_by_hand(poe, ("greeting",), "Hi")
    bots.update("Acme-Bot", {**recorded, "extra": {"greeting": "Hi"}}, BOT)
    assert [method for method, _ in writes(poe)] == ["PUT"]


@pytest.mark.parametrize(("name", "default"), [("description", ""), ("is_private", True)])
def test_what_poe_has_a_default_for_goes_back_to_it_by_a_patch(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any], name: str, default: object
) -> None:
    declared = without(BOT, [(name,)])
    updated = bots.update("Acme-Bot", recorded, declared)
    assert writes(poe) == [("PATCH", "/bots/Acme-Bot")]
    assert poe.bots() == [{**BOT, name: default}]
    assert not bots.diff("Acme-Bot", updated, declared).changed


def test_a_default_and_another_property_that_are_taken_out_together_are_both_undone(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    bots.update("Acme-Bot", recorded, without(BOT, [("is_private",), PROMPT]))
    assert poe.bots() == [{**without(BOT, [PROMPT]), "is_private": True}]


def test_to_take_out_the_endpoints_key_sends_nothing_for_it(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    declared = without(BOT, [("api_bot_settings", "api_key")])
    updated = bots.update("Acme-Bot", recorded, declared)
    assert sent(poe) == []
    assert poe.bots() == [BOT]
    assert not bots.diff("Acme-Bot", updated, declared).changed


def test_an_update_whose_answer_was_lost_is_sent_again(
    over_bad_line: Lifecycle, line: Line, poe: Emulator, recorded: dict[str, Any]
) -> None:
    line.loses("PATCH")
    over_bad_line.update("Acme-Bot", recorded, changed(PROMPT, "3"))
    assert poe.bots() == [changed(PROMPT, "3")]


def test_an_update_with_faults_is_not_sent(bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]) -> None:
    with pytest.raises(InvalidBotError):
        bots.update("Acme-Bot", recorded, changed(PROMPT, "five"))
    assert sent(poe) == []


def test_a_bot_that_is_proven_to_be_gone_is_created_again(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    delete_by_hand(poe)
    declared = changed(PROMPT, "3")
    updated = bots.update("Acme-Bot", recorded, declared)
    assert poe.bots() == [declared]
    assert "was gone from Poe and is created again" in warnings.text
    assert not bots.diff("Acme-Bot", updated, declared).changed


def test_a_bot_that_is_gone_is_created_again_where_a_property_was_taken_out(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    delete_by_hand(poe)
    declared = without(BOT, [PROMPT])
    bots.update("Acme-Bot", recorded, declared)
    assert poe.bots() == [declared]


def test_every_write_renews_the_fingerprint(bots: Lifecycle, recorded: dict[str, Any]) -> None:
    assert bots.update("Acme-Bot", recorded, changed(PROMPT, "3"))[FINGERPRINT] != recorded[FINGERPRINT]


def test_nothing_is_sent_that_poe_does_not_document(bots: Lifecycle, poe: Emulator) -> None:
    poe.options.refuse_unknown_fields = True
    created = bots.create(BOT)
    updated = bots.update("Acme-Bot", created, changed(CACHE, "0.5"))
    replaced = bots.update("Acme-Bot", updated, BOT)
    bots.delete("Acme-Bot", {**replaced})
    assert {one.status for one in poe.requests} == {200, 201}


# --- delete -----------------------------------------------------------------------------------------


def test_delete_removes_the_bot_for_good(bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]) -> None:
    bots.delete("Acme-Bot", recorded)
    assert poe.bots() == []
    assert sent(poe) == [("DELETE", "/bots/Acme-Bot")]


def test_after_a_delete_the_handle_is_free_for_this_run(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    checked(bots)
    bots.delete("Acme-Bot", recorded)
    bots.create(BOT)
    assert poe.bots() == [BOT]


def test_delete_of_a_bot_that_is_gone_is_done(bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]) -> None:
    delete_by_hand(poe)
    bots.delete("Acme-Bot", recorded)
    assert sent(poe) == [("DELETE", "/bots/Acme-Bot"), ("GET", "/bots")]


def test_a_404_after_our_own_lost_delete_is_done(
    over_bad_line: Lifecycle, line: Line, poe: Emulator, recorded: dict[str, Any]
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


def test_a_secret_in_extra_that_poe_echoes_is_in_no_error(over_bad_line: Lifecycle, line: Line) -> None:
    line.answers("POST", 400, {"error": {"message": "bad input sk-very-secret"}})
    with pytest.raises(PoeError) as raised:
        over_bad_line.create({**BOT, "extra": {"new": {"token": "sk-very-secret"}}})
    assert "sk-very-secret" not in str(raised.value)


def test_a_default_that_poe_fills_in_is_not_said_to_have_been_kept(
    bots: Lifecycle, poe: Emulator, warnings: pytest.LogCaptureFixture
) -> None:
    poe.options.materialise_defaults = True
    path = ("api_bot_settings", "input_modalities")
    declared = overlay({"api_bot_settings": {"input_modalities": ["text", "image"]}}, BOT)
    recorded = bots.create(declared)
    bots.update("Acme-Bot", recorded, without(declared, [path]))
    assert "Poe kept it" not in warnings.text


@pytest.mark.parametrize("adopt", ["true", 1, None])
def test_adopt_is_a_boolean(bots: Lifecycle, adopt: object) -> None:
    assert checked(bots, BOT, adopt=adopt) == ["adopt: must be true or false"]


def test_a_number_in_place_of_a_boolean_is_a_change_and_a_fault(bots: Lifecycle) -> None:
    before = {"handle": "Acme-Bot", "is_private": True}
    assert checked(bots, {**before, "is_private": 1}, before=before) == ["is_private: must be true or false"]


def test_a_create_that_may_adopt_takes_a_bot_that_came_into_being_meanwhile(bots: Lifecycle, poe: Emulator) -> None:
    checked(bots, BOT, adopt=True)  # the list is fetched here
    poe.seed(API_KEY_1, {**BOT, "description": "by hand"})
    bots.create(BOT)
    assert poe.bots() == [BOT]


# --- alive ------------------------------------------------------------------------------------------


def test_delete_of_a_bot_that_another_resource_adopted_sends_nothing(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    adopting(bots)
    poe.requests.clear()
    bots.delete("acme_bot", recorded)
    assert sent(poe) == []
    assert poe.bots() == [BOT]
    assert "kept: another resource of this stack manages it now" in warnings.text


def test_delete_of_a_bot_that_the_stack_still_declares_sends_nothing(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    checked(bots, before=BOT)
    bots.diff("Acme-Bot", recorded, BOT)
    bots.delete("Acme-Bot", recorded)
    assert sent(poe) == []


def test_delete_of_a_bot_that_was_updated_in_this_run_sends_nothing(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    bots.update("Acme-Bot", recorded, BOT)
    bots.delete("Acme-Bot", recorded)
    assert sent(poe, "DELETE") == []


def test_a_bot_whose_handle_changes_is_deleted(bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]) -> None:
    checked(bots, {**BOT, "handle": "Acme-Bot-2"}, before=BOT)
    bots.create({**BOT, "handle": "Acme-Bot-2"})
    bots.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot-2"]


def test_a_bot_that_is_deleted_before_it_is_replaced_is_deleted(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    checked(bots, before=BOT)
    bots.diff("Acme-Bot", recorded, BOT)
    assert checked(bots) == []
    bots.delete("Acme-Bot", recorded)
    bots.create(BOT)
    assert writes(poe) == [("DELETE", "/bots/Acme-Bot"), ("POST", "/bots")]


def test_a_bot_whose_new_resource_could_not_take_it_over_is_not_deleted_with_the_old_one(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    with pytest.raises(BotExistsError):
        bots.create(BOT)
    with pytest.raises(RefusedError, match="declares this bot under another resource"):
        bots.delete("Acme-Bot", recorded)
    assert writes(poe) == []


def test_a_bot_that_is_taken_over_at_the_second_try_is_kept(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    with pytest.raises(BotExistsError):
        bots.create(BOT)
    adopting(bots)
    bots.delete("Acme-Bot", recorded)
    assert writes(poe) == [("PATCH", "/bots/Acme-Bot")]


@pytest.mark.usefixtures("recorded")
def test_a_bot_to_be_replaced_under_its_own_handle_is_told_in_the_preview(
    bots: Lifecycle, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    checked(bots, before=BOT)
    bots.diff("Acme-Bot", recorded, BOT)
    assert checked(bots) == []
    assert "is to be replaced under its own handle" in warnings.text
    assert "delete_before_replace=True" in warnings.text


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("options", [{"deleted_first": True}, {"adopt": True}])
def test_a_bot_that_may_be_replaced_under_its_own_handle_is_not(
    bots: Lifecycle, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture, options: dict[str, Any]
) -> None:
    checked(bots, before=BOT, **options)
    bots.diff("Acme-Bot", recorded, BOT)
    assert checked(bots, **options) == []
    assert warnings.text == ""


def test_what_a_targeted_replacement_deletes_first_is_no_fault_but_is_told(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    assert checked(bots, deleted_first=True) == []
    assert "unless this run deletes it first" in warnings.text
    bots.delete("Acme-Bot", recorded)
    bots.create(BOT)
    assert writes(poe) == [("DELETE", "/bots/Acme-Bot"), ("POST", "/bots")]


# --- the same place ---------------------------------------------------------------------------------


@pytest.fixture
def at_another_address(new_run: Run, line: Line) -> Lifecycle:
    """A run at an address that answers as the right one does, and even has a bot of the same handle."""
    return new_run(api_url=line.url, accept_address=None)


@pytest.mark.parametrize("operation", ["read", "update", "update by PUT", "delete"])
def test_at_another_address_a_bot_of_the_same_handle_is_not_the_same(
    at_another_address: Lifecycle, line: Line, recorded: dict[str, Any], operation: str
) -> None:
    with pytest.raises(ElsewhereError) as raised:
        OPERATIONS[operation](at_another_address, recorded)
    assert f"the address in use ({line.url}) is not the one that last saw this bot" in str(raised.value)
    assert f"POE_ACCEPT_ADDRESS={line.url}" in str(raised.value)
    assert line.requests == []


def test_a_preview_at_another_address_says_so_where_something_changes(
    at_another_address: Lifecycle, recorded: dict[str, Any]
) -> None:
    assert not at_another_address.diff("Acme-Bot", recorded, BOT).changed
    for declared in (changed(PROMPT, "3"), {**BOT, "handle": "Another"}):
        with pytest.raises(ElsewhereError):
            at_another_address.diff("Acme-Bot", recorded, declared)


def test_whoever_knows_that_poe_has_moved_may_say_so(new_run: Run, line: Line, recorded: dict[str, Any]) -> None:
    moved = new_run(api_url=line.url, accept_address=line.url).read("Acme-Bot", recorded)
    assert moved is not None
    assert new_run(api_url=line.url, accept_address=None).read("Acme-Bot", moved) == moved


def test_a_bot_is_not_replaced_in_another_account(new_run: Run, poe: Emulator, recorded: dict[str, Any]) -> None:
    declared = {**BOT, "handle": "Another"}
    theirs = new_run(api_key=API_KEY_2)
    assert theirs.diff("Acme-Bot", recorded, declared).replaces
    with pytest.raises(NotProvenGoneError, match="replaces 'Acme-Bot', which the account of the key"):
        theirs.create(declared)
    assert writes(poe) == []


def test_a_bot_is_replaced_with_a_new_key_of_the_same_account(
    new_run: Run, poe: Emulator, recorded: dict[str, Any]
) -> None:
    poe.accounts["local-account-1"] = "rotated"
    ours = new_run(api_key="rotated")
    declared = {**BOT, "handle": "Another"}
    assert ours.diff("Acme-Bot", recorded, declared).replaces
    ours.create(declared)
    ours.delete("Acme-Bot", recorded)
    assert [bot["handle"] for bot in poe.bots()] == ["Another"]


def test_after_a_read_with_a_new_key_of_the_account_a_bot_can_be_proven_gone(
    new_run: Run, poe: Emulator, recorded: dict[str, Any]
) -> None:
    poe.accounts["local-account-1"] = "rotated"
    seen = new_run(api_key="rotated").read("Acme-Bot", recorded)
    assert seen is not None
    new_run(api_key="rotated").delete("Acme-Bot", seen)
    assert new_run(api_key="rotated").read("Acme-Bot", seen) is None


@pytest.mark.parametrize("operation", ["update", "delete"])
def test_a_handle_that_somebody_else_has_by_now_may_be_said_to_be_gone(
    new_run: Run, poe: Emulator, recorded: dict[str, Any], operation: str
) -> None:
    poe.seed(API_KEY_2, BOT)
    if operation == "update":
        with pytest.raises(HandleTakenError):
            new_run().update("Acme-Bot", recorded, changed(PROMPT, "3"))
    else:
        with pytest.raises(NotProvenGoneError, match=r"403 .*POE_MISSING_IS_GONE=Acme-Bot"):
            new_run().delete("Acme-Bot", recorded)
        new_run(missing_is_gone=frozenset({"acmebot"})).delete("Acme-Bot", recorded)
    assert poe.bots(API_KEY_2) == [{**BOT}]


# --- gone -------------------------------------------------------------------------------------------

OPERATIONS: dict[str, Any] = {
    "read": lambda bots, recorded: bots.read("Acme-Bot", recorded),
    "update": lambda bots, recorded: bots.update("Acme-Bot", recorded, changed(PROMPT, "3")),
    "update by PUT": lambda bots, recorded: bots.update("Acme-Bot", recorded, without(BOT, [PROMPT])),
    "delete": lambda bots, recorded: bots.delete("Acme-Bot", recorded),
}
each_operation = pytest.mark.parametrize("operation", list(OPERATIONS))


def test_a_bot_that_the_list_lacks_and_its_own_404_denies_is_gone(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    delete_by_hand(poe)
    assert bots.read("Acme-Bot", recorded) is None
    assert sent(poe) == [("GET", "/bots"), ("GET", "/bots/Acme-Bot")]


@each_operation
def test_a_404_with_another_key_does_not_prove_that_a_bot_is_gone(
    new_run: Run, poe: Emulator, recorded: dict[str, Any], operation: str
) -> None:
    delete_by_hand(poe)
    poe.accounts["local-account-1"] = "another-key"
    with pytest.raises(NotProvenGoneError) as raised:
        OPERATIONS[operation](new_run(api_key="another-key"), recorded)
    assert "is not the one that last saw this bot" in str(raised.value)
    assert "poe:apiKey in the stack config" in str(raised.value)
    assert "POE_MISSING_IS_GONE=Acme-Bot" in str(raised.value)
    assert writes(poe) in ([], [("PATCH", "/bots/Acme-Bot")], [("DELETE", "/bots/Acme-Bot")])


def test_a_bot_of_another_account_does_not_vanish_from_the_state(new_run: Run, recorded: dict[str, Any]) -> None:
    with pytest.raises(NotProvenGoneError):
        new_run(api_key=API_KEY_2).read("Acme-Bot", recorded)


@pytest.mark.parametrize("operation", ["update", "update by PUT", "delete"])
def test_a_bot_of_another_account_is_neither_written_nor_forgotten(
    new_run: Run, poe: Emulator, recorded: dict[str, Any], operation: str
) -> None:
    with pytest.raises((AnswerError, NotProvenGoneError)):
        OPERATIONS[operation](new_run(api_key=API_KEY_2), recorded)
    assert poe.bots() == [BOT]


@each_operation
def test_a_404_of_another_poe_does_not_prove_that_a_bot_is_gone(
    over_bad_line: Lifecycle, poe: Emulator, recorded: dict[str, Any], operation: str
) -> None:
    delete_by_hand(poe)
    with pytest.raises(NotProvenGoneError, match="is not the one that last saw this bot"):
        OPERATIONS[operation](over_bad_line, recorded)
    assert poe.bots() == []


@each_operation
@pytest.mark.parametrize("record", [{}, {FINGERPRINT: None}, {FINGERPRINT: "unreadable"}])
def test_a_404_without_a_fingerprint_does_not_prove_that_a_bot_is_gone(
    bots: Lifecycle, poe: Emulator, operation: str, record: dict[str, Any]
) -> None:
    with pytest.raises(NotProvenGoneError):
        OPERATIONS[operation](bots, {**BOT, **record})
    assert poe.bots() == []


@pytest.mark.parametrize("operation", ["update", "update by PUT", "delete"])
def test_a_bot_that_is_still_in_the_list_is_not_gone(
    new_run: Run, line: Line, poe: Emulator, recorded: dict[str, Any], operation: str
) -> None:
    bots = new_run(api_url=line.url)
    seen = bots.read("Acme-Bot", recorded)
    for method in ("GET", "PATCH", "DELETE"):
        line.answers(method, 404, NO_SUCH_BOT, path="/bots/Acme-Bot", times=1000)
    with pytest.raises(NotProvenGoneError, match="list of this account's bots holds it"):
        OPERATIONS[operation](bots, seen)
    assert poe.bots() == [BOT]


def test_a_list_from_before_the_bots_end_does_not_keep_it_from_being_gone(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any]
) -> None:
    bots.read("Acme-Bot", recorded)
    delete_by_hand(poe)
    bots.delete("Acme-Bot", recorded)
    assert sent(poe) == [("DELETE", "/bots/Acme-Bot"), ("GET", "/bots")]


@pytest.mark.parametrize("operation", ["read", "update"])
def test_a_404_of_the_list_is_no_404_of_the_bot(
    new_run: Run, line: Line, recorded: dict[str, Any], operation: str
) -> None:
    seen = new_run(api_url=line.url).read("Acme-Bot", recorded)
    line.answers("GET", 404, {"error": {"message": "Not Found"}}, path="/bots")
    line.answers("GET", 200, {"bots": []}, path="/bots", times=1000)
    with pytest.raises(AnswerError):
        OPERATIONS[operation](new_run(api_url=line.url), seen)
    assert line.sent("POST") == []


@each_operation
@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_a_refusal_or_a_failure_never_makes_a_bot_vanish(
    new_run: Run, line: Line, poe: Emulator, recorded: dict[str, Any], operation: str, status: int
) -> None:
    bots = new_run(api_url=line.url, operation_timeout=0.2)
    for method in ("GET", "PATCH", "DELETE"):
        line.answers(method, status, FAILURE, times=1000)
    with pytest.raises((AnswerError, UnreachableError, NotProvenGoneError)):
        OPERATIONS[operation](bots, recorded)
    assert poe.bots() == [BOT]


@each_operation
@pytest.mark.parametrize("content", ["", "{", "<html>Not Found</html>", {"detail": "Not Found"}])
def test_a_404_that_is_not_in_poes_words_never_makes_a_bot_vanish(
    over_bad_line: Lifecycle, line: Line, poe: Emulator, recorded: dict[str, Any], operation: str, content: object
) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        line.answers(method, 404, content, times=1000)
    with pytest.raises(AnswerError) as raised:
        OPERATIONS[operation](over_bad_line, recorded)
    assert not isinstance(raised.value, NotFoundError)
    assert poe.bots() == [BOT]


@each_operation
def test_a_list_that_can_not_be_read_never_makes_a_bot_vanish(
    new_run: Run, line: Line, recorded: dict[str, Any], operation: str
) -> None:
    bots = new_run(api_url=line.url, operation_timeout=0.2)
    line.answers("GET", 200, {"bots": None}, path="/bots", times=1000)
    for method in ("GET", "PATCH", "DELETE"):
        line.answers(method, 404, NO_SUCH_BOT, path="/bots/Acme-Bot", times=1000)
    with pytest.raises(PoeError):
        OPERATIONS[operation](bots, recorded)
    assert line.sent("POST") == []


@each_operation
@pytest.mark.parametrize("status", [401, 404])
def test_an_account_that_is_no_longer_enabled_never_makes_a_bot_vanish(
    bots: Lifecycle, poe: Emulator, recorded: dict[str, Any], operation: str, status: Any
) -> None:
    poe.options.not_enabled_status = status
    with pytest.raises(AnswerError, match="enabled for API bots"):
        OPERATIONS[operation](bots, recorded)
    assert poe.bots() == [BOT]


def test_whoever_knows_that_a_bot_is_gone_may_say_so(new_run: Run, poe: Emulator, recorded: dict[str, Any]) -> None:
    delete_by_hand(poe)
    poe.accounts["local-account-1"] = "another-key"
    bots = new_run(api_key="another-key", missing_is_gone=frozenset({"acmebot"}))
    assert bots.read("Acme-Bot", recorded) is None
    bots.delete("Acme-Bot", recorded)
    bots.update("Acme-Bot", recorded, changed(PROMPT, "3"))
    assert poe.bots() == [changed(PROMPT, "3")]


def test_to_say_that_one_bot_is_gone_says_nothing_of_another(
    new_run: Run, poe: Emulator, recorded: dict[str, Any]
) -> None:
    delete_by_hand(poe)
    bots = new_run(api_key=API_KEY_2, missing_is_gone=frozenset({"other"}))
    with pytest.raises(NotProvenGoneError):
        bots.read("Acme-Bot", recorded)


def test_a_bot_that_is_there_is_read_although_it_was_said_to_be_gone(new_run: Run, recorded: dict[str, Any]) -> None:
    assert new_run(missing_is_gone=frozenset({"acmebot"})).read("Acme-Bot", recorded) == recorded


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
    over_bad_line: Lifecycle, line: Line, status: int
) -> None:
    line.loses("POST")
    line.answers("GET", status, FAILURE, path="/bots/Acme-Bot", times=1000)
    with pytest.raises(LostAnswerError, match="may or may not exist now"):
        over_bad_line.create(BOT)
    assert len(line.sent("POST")) == 1
