"""Whether it is the same Poe, the same account, and the bot really gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.errors import (
    AnswerError,
    ElsewhereError,
    HandleTakenError,
    NotFoundError,
    NotProvenGoneError,
    PoeError,
    UnreachableError,
)
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.record import FINGERPRINT
from pulumi_poe.emulator import API_KEY_2, Emulator

if TYPE_CHECKING:
    from tests.core.conftest import Line, Run

from tests.core.lifecycle.life import (
    BOT,
    FAILURE,
    NO_SUCH_BOT,
    OPERATIONS,
    PROMPT,
    changed,
    delete_by_hand,
    each_operation,
    sent,
    writes,
)

# --- the same place ---------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["read", "update", "update by PUT", "delete"])
def test_at_another_address_a_bot_of_the_same_handle_is_not_the_same(
    at_another_address: Operations, line: Line, recorded: dict[str, Any], operation: str
) -> None:
    with pytest.raises(ElsewhereError) as raised:
        OPERATIONS[operation](at_another_address, recorded)
    assert f"the address in use ({line.url}) is not the one that last saw this bot" in str(raised.value)
    assert f"POE_ACCEPT_ADDRESS={line.url}" in str(raised.value)
    assert line.requests == []


def test_a_preview_at_another_address_says_so_where_something_changes(
    at_another_address: Operations, recorded: dict[str, Any]
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


def test_a_bot_that_the_list_lacks_and_its_own_404_denies_is_gone(
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
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
    over_bad_line: Operations, poe: Emulator, recorded: dict[str, Any], operation: str
) -> None:
    delete_by_hand(poe)
    with pytest.raises(NotProvenGoneError, match="is not the one that last saw this bot"):
        OPERATIONS[operation](over_bad_line, recorded)
    assert poe.bots() == []


@each_operation
@pytest.mark.parametrize("record", [{}, {FINGERPRINT: None}, {FINGERPRINT: "unreadable"}])
def test_a_404_without_a_fingerprint_does_not_prove_that_a_bot_is_gone(
    bots: Operations, poe: Emulator, operation: str, record: dict[str, Any]
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
    bots: Operations, poe: Emulator, recorded: dict[str, Any]
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
    over_bad_line: Operations, line: Line, poe: Emulator, recorded: dict[str, Any], operation: str, content: object
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
    bots: Operations, poe: Emulator, recorded: dict[str, Any], operation: str, status: Any
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
