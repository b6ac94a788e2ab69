"""The Bots REST API over HTTP, on real sockets: the local Poe, and a bad line to it."""

from __future__ import annotations

import base64
import itertools
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.core import machine
from pulumi_poe.core.errors import (
    AnswerError,
    HandleTakenError,
    KeyRefusedError,
    LostAnswerError,
    NotFoundError,
    PoeError,
    RefusedError,
    SettingsError,
    UnreachableError,
)
from pulumi_poe.core.poe.client import TEMPORARY, PoeClient, _told_wait
from pulumi_poe.core.poe.pacing import Budget, Pacer
from pulumi_poe.core.poe.settings import Settings
from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator

if TYPE_CHECKING:
    from tests.core.conftest import Clock, Line

BOT: dict[str, Any] = {"handle": "Acme-Bot", "description": "A bot", "api_bot_settings": {"api_key": "ENDPOINT-CANARY"}}
CHANGE = {"description": "Another"}
FAILURE = {"error": {"message": "An unexpected error occurred. Please try again."}}
NewClient = Callable[..., PoeClient]

READS_AND_REPEATABLE_WRITES: dict[str, Callable[[PoeClient, Budget], Any]] = {
    "GET": lambda client, budget: client.get_bot("Acme-Bot", budget),
    "PUT": lambda client, budget: client.replace_bot("Acme-Bot", CHANGE, budget),
    "PATCH": lambda client, budget: client.update_bot("Acme-Bot", CHANGE, budget),
    "DELETE": lambda client, budget: client.delete_bot("Acme-Bot", budget),
}
CALLS: dict[str, Callable[[PoeClient, Budget], Any]] = {
    **READS_AND_REPEATABLE_WRITES,
    "POST": lambda client, budget: client.create_bot(BOT, budget),
}


@pytest.fixture
def new_client(clock: Clock) -> NewClient:
    """Makes clients that never really wait: the pace of requests goes by ``clock``."""

    def make(url: str, key: str = API_KEY_1, **settings: Any) -> PoeClient:
        defaults: dict[str, Any] = {"api_key_source": "POE_API_KEY in the environment", "request_timeout": 5.0}
        known = Settings(api_key=key, api_url=url, **{**defaults, **settings})
        return PoeClient(known, Pacer(clock=clock, sleep=clock.sleep))

    return make


@pytest.fixture
def client(new_client: NewClient, poe: Emulator) -> PoeClient:
    return new_client(poe.url)


@pytest.fixture
def over_bad_line(new_client: NewClient, line: Line) -> PoeClient:
    return new_client(line.url)


@pytest.fixture
def budget() -> Budget:
    return Budget(5)


def for_one_try() -> Budget:
    """A budget that is used up once a request was sent."""
    return Budget(5, itertools.chain([0.0, 0.0], itertools.repeat(100.0)).__next__)


@pytest.fixture
def bot(poe: Emulator) -> dict[str, Any]:
    """A bot that the account has."""
    poe.seed(API_KEY_1, BOT)
    return BOT


# --- the six requests -------------------------------------------------------------------------------


def test_a_bot_can_be_created_read_updated_replaced_and_deleted(client: PoeClient, budget: Budget) -> None:
    assert client.create_bot(BOT, budget)
    assert client.get_bot("Acme-Bot", budget)["description"] == "A bot"
    client.update_bot("Acme-Bot", {"is_private": False}, budget)
    assert client.get_bot("Acme-Bot", budget) == {
        "handle": "Acme-Bot", "description": "A bot", "is_private": False, "api_bot_settings": {},
    }  # fmt: skip
    client.replace_bot("Acme-Bot", {"description": "Another"}, budget)
    assert client.list_bots(budget) == [{"handle": "Acme-Bot", "description": "Another", "is_private": True}]
    client.delete_bot("Acme-Bot", budget)
    assert client.list_bots(budget) == []


@pytest.mark.usefixtures("bot")
def test_a_create_of_an_own_bot_tells_that_it_was_an_edit(client: PoeClient, budget: Budget) -> None:
    assert not client.create_bot(BOT, budget)


def test_a_handle_is_escaped_in_the_path(over_bad_line: PoeClient, budget: Budget, line: Line, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {"handle": "a/b ?é"})
    assert over_bad_line.get_bot("a/b ?é", budget)["handle"] == "a/b ?é"
    assert line.sent() == [("GET", "/bots/a%2Fb%20%3F%C3%A9")]


def test_every_request_carries_the_key_and_what_it_sends_is_json(
    over_bad_line: PoeClient, budget: Budget, line: Line
) -> None:
    over_bad_line.create_bot(BOT, budget)
    (request,) = line.requests
    assert request.headers["Authorization"] == f"Bearer {API_KEY_1}"
    assert request.headers["Content-Type"] == "application/json"
    assert request.body == BOT


def test_an_address_may_have_a_path(new_client: NewClient, line: Line, budget: Budget) -> None:
    with pytest.raises(AnswerError):
        new_client(line.url + "/poe").list_bots(budget)
    assert line.sent() == [("GET", "/poe/bots")]


def test_without_a_key_there_is_no_client() -> None:
    with pytest.raises(SettingsError, match="no Poe API key is set"):
        PoeClient(Settings())


def test_one_connection_serves_many_requests(client: PoeClient, budget: Budget) -> None:
    for _ in range(5):
        client.list_bots(budget)
    transport = client._http._transport
    assert isinstance(transport, httpx.HTTPTransport)
    assert len(transport._pool.connections) == 1


def test_many_threads_may_use_one_client(client: PoeClient, budget: Budget, poe: Emulator) -> None:
    with ThreadPoolExecutor(8) as threads:
        created = list(threads.map(lambda number: client.create_bot({"handle": f"Bot-{number}"}, budget), range(24)))
    assert created == [True] * 24
    assert len(poe.bots()) == 24


# --- what is answered -------------------------------------------------------------------------------


def test_fields_that_poe_adds_later_are_kept(client: PoeClient, budget: Budget, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {"handle": "Acme-Bot", "since": 2027})
    assert client.list_bots(budget)[0]["since"] == 2027


def test_bots_that_are_no_api_bots_are_in_the_list(client: PoeClient, budget: Budget, poe: Emulator) -> None:
    poe.seed(API_KEY_1, {"handle": "Prompt-Bot"})
    assert [bot["handle"] for bot in client.list_bots(budget)] == ["Prompt-Bot"]


def test_what_is_no_bot_in_the_list_is_left_out(over_bad_line: PoeClient, budget: Budget, line: Line) -> None:
    line.answers("GET", 200, {"bots": [{"handle": "a"}, {"handle": None}, {}, None, "b"]})
    assert over_bad_line.list_bots(budget) == [{"handle": "a"}]


@pytest.mark.parametrize("answered", [{}, {"bots": None}, {"bots": {}}, {"error": {"message": "x"}}])
def test_an_answer_that_is_no_list_is_an_error_and_not_an_empty_list(
    over_bad_line: PoeClient, budget: Budget, line: Line, answered: object
) -> None:
    line.answers("GET", 200, answered, times=100)
    with pytest.raises(PoeError, match="can't be read"):
        over_bad_line.list_bots(budget)


@pytest.mark.parametrize("answered", [{}, {"handle": 5}, {"bots": []}])
def test_an_answer_that_is_no_bot_is_an_error(
    over_bad_line: PoeClient, budget: Budget, line: Line, answered: object
) -> None:
    line.answers("GET", 200, answered, times=100)
    with pytest.raises(PoeError, match="is no bot"):
        over_bad_line.get_bot("a", budget)


def test_a_key_that_poe_refuses_says_where_it_came_from(new_client: NewClient, poe: Emulator, budget: Budget) -> None:
    with pytest.raises(KeyRefusedError) as raised:
        new_client(poe.url, "WRONG-CANARY").list_bots(budget)
    said = str(raised.value)
    assert said.startswith("Poe answered 401 Unauthorized: Incorrect API key provided.")
    assert "The key is POE_API_KEY in the environment" in said
    assert "its account is not enabled for API bots" in said
    assert "refresh and destroy use the settings of the last `pulumi up`" in said
    assert "https://poe.com/api/keys" in said
    assert "WRONG-CANARY" not in said


def test_a_bot_that_poe_does_not_show_is_not_found(client: PoeClient, budget: Budget) -> None:
    with pytest.raises(NotFoundError, match="Poe answered 404 Not Found: Bot Acme-Bot does not exist or access denied"):
        client.get_bot("Acme-Bot", budget)


@pytest.mark.parametrize("content", ["", "<html>Not Found</html>", {}, {"error": "x"}, {"message": "x"}, []])
def test_a_404_that_is_not_in_poes_words_says_nothing_about_the_bot(
    over_bad_line: PoeClient, budget: Budget, line: Line, content: object
) -> None:
    line.answers("GET", 404, content)
    with pytest.raises(AnswerError) as raised:
        over_bad_line.get_bot("Acme-Bot", budget)
    assert not isinstance(raised.value, NotFoundError)
    assert f"Is {line.url} the right address" in str(raised.value)


def test_a_404_of_the_list_says_that_the_account_may_not_be_enabled(
    client: PoeClient, budget: Budget, poe: Emulator
) -> None:
    poe.options.not_enabled_status = 404
    with pytest.raises(AnswerError) as raised:
        client.list_bots(budget)
    assert "enabled for API bots" in str(raised.value)
    assert "POE_API_KEY in the environment" in str(raised.value)
    assert not isinstance(raised.value, NotFoundError)


def test_a_bot_of_another_account_says_whose_key_is_in_use(client: PoeClient, budget: Budget, poe: Emulator) -> None:
    poe.seed(API_KEY_2, BOT)
    with pytest.raises(AnswerError, match="belongs to another account than the key") as raised:
        client.update_bot("Acme-Bot", CHANGE, budget)
    assert raised.value.status == 403
    assert "POE_API_KEY in the environment" in str(raised.value)


def test_a_handle_of_another_account_is_taken(client: PoeClient, budget: Budget, poe: Emulator) -> None:
    poe.seed(API_KEY_2, BOT)
    with pytest.raises(HandleTakenError, match="belongs to another Poe account"):
        client.create_bot(BOT, budget)


def test_a_handle_is_taken_however_poe_says_so(over_bad_line: PoeClient, budget: Budget, line: Line) -> None:
    line.answers("POST", 400, {"create_bot_status": "handle_already_taken"})
    with pytest.raises(HandleTakenError):
        over_bad_line.create_bot(BOT, budget)


@pytest.mark.usefixtures("bot")
def test_what_poe_refuses_is_told_in_poes_words(client: PoeClient, budget: Budget) -> None:
    with pytest.raises(AnswerError, match=r"Poe answered 400 Bad Request: is_private: .*Correct the bot"):
        client.update_bot("Acme-Bot", {"is_private": "no"}, budget)


def test_long_words_of_poe_are_cut(over_bad_line: PoeClient, budget: Budget, line: Line) -> None:
    line.answers("GET", 400, {"error": {"message": "x" * 5000}})
    with pytest.raises(AnswerError) as raised:
        over_bad_line.get_bot("a", budget)
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_key_does_not_follow_a_redirect(
    over_bad_line: PoeClient, budget: Budget, line: Line, poe: Emulator, status: int
) -> None:
    line.answers("GET", status, "", Location=poe.url + "/bots")
    with pytest.raises(AnswerError, match="a redirect, which the key does not follow"):
        over_bad_line.list_bots(budget)
    assert poe.requests == []


# --- secrets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [API_KEY_1, "ENDPOINT-CANARY"])
@pytest.mark.parametrize("spelled", [str, lambda text: base64.b64encode(text.encode()).decode()])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500])
def test_no_key_that_poe_echoes_is_in_an_error(
    over_bad_line: PoeClient, line: Line, secret: str, spelled: Callable[[str], str], status: int
) -> None:
    line.answers("POST", status, {"error": {"message": f"can't use {spelled(secret)} here"}}, times=100)
    with pytest.raises(PoeError) as raised:
        over_bad_line.create_bot(BOT, for_one_try())
    assert spelled(secret) not in str(raised.value)
    assert "can't use [secret] here" in str(raised.value)


def test_no_key_is_in_an_error_if_the_status_line_echoes_it(
    over_bad_line: PoeClient, line: Line, budget: Budget
) -> None:
    line.answers("GET", 400, {}, reason=f"No {API_KEY_1} here")
    with pytest.raises(AnswerError) as raised:
        over_bad_line.get_bot("a", budget)
    assert API_KEY_1 not in str(raised.value)


def test_the_key_is_not_in_a_message_about_the_connection(new_client: NewClient) -> None:
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:1 can't be reached") as raised:
        new_client("http://127.0.0.1:1", "CANARY-KEY").list_bots(Budget(0.05))
    assert "CANARY-KEY" not in str(raised.value)


# --- retries ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("status", sorted(TEMPORARY))
@pytest.mark.parametrize("method", READS_AND_REPEATABLE_WRITES)
def test_what_may_be_sent_twice_is_sent_again_after_a_temporary_answer(
    over_bad_line: PoeClient, budget: Budget, line: Line, method: str, status: int
) -> None:
    line.answers(method, status, FAILURE, times=2)
    CALLS[method](over_bad_line, budget)
    assert len(line.sent()) == 3


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
@pytest.mark.parametrize("fault", ["drops", "loses"])
def test_what_may_be_sent_twice_is_sent_again_after_a_lost_connection(
    over_bad_line: PoeClient, budget: Budget, line: Line, method: str, fault: str
) -> None:
    getattr(line, fault)(method, times=2)
    CALLS[method](over_bad_line, budget)
    assert len(line.sent()) == 3


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("content", ["", '{"handle": "Acme-', "<html>", "[]", '"x"', "[" * 100_000])
def test_an_answer_that_is_cut_or_not_poes_is_asked_for_again(
    over_bad_line: PoeClient, budget: Budget, line: Line, content: str
) -> None:
    line.answers("GET", 200, content)
    assert over_bad_line.get_bot("Acme-Bot", budget)["handle"] == "Acme-Bot"


@pytest.mark.usefixtures("bot")
def test_a_body_that_ends_before_its_length_is_asked_for_again(
    over_bad_line: PoeClient, budget: Budget, line: Line
) -> None:
    line.answers("GET", 200, '{"handle": "Acme-Bot"}', Content_Length="500", Connection="close")
    assert over_bad_line.get_bot("Acme-Bot", budget)["description"] == "A bot"


@pytest.mark.usefixtures("bot")
def test_a_body_that_can_not_be_decoded_is_asked_for_again(
    over_bad_line: PoeClient, budget: Budget, line: Line
) -> None:
    line.answers("GET", 200, '{"handle": "Acme-Bot"}', Content_Encoding="gzip")
    assert over_bad_line.get_bot("Acme-Bot", budget)["description"] == "A bot"


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("status", [201, 202, 204])
def test_a_write_that_is_not_answered_as_documented_is_sent_again(
    over_bad_line: PoeClient, budget: Budget, line: Line, status: int
) -> None:
    line.answers("PATCH", status, "" if status == 204 else {"edit_bot_status": "pending"})
    over_bad_line.update_bot("Acme-Bot", CHANGE, budget)
    assert len(line.sent("PATCH")) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
@pytest.mark.parametrize("method", CALLS)
def test_what_poe_refuses_is_not_sent_again(
    over_bad_line: PoeClient, budget: Budget, line: Line, method: str, status: int
) -> None:
    line.answers(method, status, {"error": {"message": "no"}}, times=100)
    with pytest.raises(AnswerError) as raised:
        CALLS[method](over_bad_line, budget)
    assert raised.value.status == status
    assert len(line.sent()) == 1


@pytest.mark.usefixtures("bot")
def test_the_waits_between_tries_are_random_and_grow_to_a_limit(
    over_bad_line: PoeClient, line: Line, waits: list[float]
) -> None:
    line.answers("GET", 500, FAILURE, times=12)
    over_bad_line.get_bot("Acme-Bot", Budget(1000, attempts=13))
    longest = [min(0.5 * 2**number, 8) for number in range(12)]
    assert all(0 <= wait <= limit for wait, limit in zip(waits, longest, strict=True))
    assert sum(waits) < sum(longest)


@pytest.mark.parametrize("method", READS_AND_REPEATABLE_WRITES)
def test_when_its_time_is_used_up_a_request_ends_with_what_happened_last(
    over_bad_line: PoeClient, line: Line, method: str
) -> None:
    line.answers(method, 503, FAILURE, times=1000)
    with pytest.raises(UnreachableError) as raised:
        CALLS[method](over_bad_line, for_one_try())
    assert str(raised.value).startswith("Poe answered 503 Service Unavailable: An unexpected error occurred")
    assert str(raised.value).endswith("This may pass: run the same command again.")


def test_a_request_is_sent_so_often_and_not_more(over_bad_line: PoeClient, line: Line) -> None:
    line.answers("GET", 500, FAILURE, times=1000)
    with pytest.raises(UnreachableError):
        over_bad_line.get_bot("Acme-Bot", Budget(1000, attempts=4))
    assert len(line.sent("GET")) == 4


def test_an_answer_that_never_ends_is_given_up(new_client: NewClient, line: Line) -> None:
    line.trickles("GET")
    with pytest.raises(UnreachableError) as raised:
        new_client(line.url, request_timeout=0.3).get_bot("Acme-Bot", for_one_try())
    assert "did not answer within 0.3 s" in str(raised.value)


def test_of_a_refusal_without_end_only_the_beginning_is_read(
    over_bad_line: PoeClient, line: Line, budget: Budget
) -> None:
    line.answers("GET", 404, "x" * 60_000_000)
    with pytest.raises(AnswerError) as raised:
        over_bad_line.get_bot("Acme-Bot", budget)
    assert "Poe answered 404 Not Found" in str(raised.value)


@pytest.mark.parametrize("handle", ["..", ".", "", "-_.", "..."])
def test_a_handle_that_could_lead_to_another_path_is_not_sent(
    over_bad_line: PoeClient, line: Line, budget: Budget, handle: str
) -> None:
    with pytest.raises(RefusedError):
        over_bad_line.delete_bot(handle, budget)
    assert line.requests == []


def test_every_request_is_logged_for_whoever_asks_and_no_value_with_it(
    over_bad_line: PoeClient, budget: Budget, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("pulumi_poe"), "propagate", True)
    caplog.set_level(logging.DEBUG, "pulumi_poe")
    over_bad_line.create_bot(BOT, budget)
    (told,) = caplog.messages
    assert told.startswith(
        "POST /bots (handle, description, api_bot_settings.api_key): Poe answered 201 Created, after"
    )


def test_a_request_that_takes_too_long_is_given_up(new_client: NewClient, line: Line) -> None:
    line.hangs("GET", times=100)
    started = time.monotonic()
    with pytest.raises(UnreachableError, match=r"did not answer within 0\.0\d+ s"):
        new_client(line.url, request_timeout=0.05).list_bots(Budget(0.06))
    assert time.monotonic() - started < 1


def test_the_last_request_takes_no_longer_than_its_operation_may(new_client: NewClient, line: Line) -> None:
    line.hangs("GET", times=100)
    started = time.monotonic()
    with pytest.raises(UnreachableError):
        new_client(line.url, request_timeout=30).list_bots(Budget(0.05))
    assert time.monotonic() - started < 1


# --- a create whose answer is lost ------------------------------------------------------------------


@pytest.mark.parametrize("status", sorted(TEMPORARY - {429}))
def test_a_create_is_not_sent_again_if_it_may_have_taken_effect(
    over_bad_line: PoeClient, budget: Budget, line: Line, status: int
) -> None:
    line.answers("POST", status, FAILURE, reaches_poe=True)
    with pytest.raises(LostAnswerError):
        over_bad_line.create_bot(BOT, budget)
    assert len(line.sent()) == 1


@pytest.mark.parametrize("fault", ["drops", "loses"])
def test_a_create_is_not_sent_again_after_a_lost_connection(
    over_bad_line: PoeClient, budget: Budget, line: Line, fault: str
) -> None:
    getattr(line, fault)("POST")
    with pytest.raises(LostAnswerError):
        over_bad_line.create_bot(BOT, budget)
    assert len(line.sent()) == 1


@pytest.mark.parametrize(
    ("status", "content"),
    [(200, ""), (201, {}), (201, {"edit_bot_status": "success"}), (202, {"create_bot_status": "success"}), (204, "")],
)
def test_a_create_that_is_not_answered_as_documented_may_have_taken_effect(
    over_bad_line: PoeClient, budget: Budget, line: Line, status: int, content: object
) -> None:
    line.answers("POST", status, content)
    with pytest.raises(LostAnswerError):
        over_bad_line.create_bot(BOT, budget)


def test_a_create_whose_answer_can_not_be_decoded_may_have_taken_effect(
    over_bad_line: PoeClient, budget: Budget, line: Line
) -> None:
    line.answers("POST", 201, {"create_bot_status": "success"}, Content_Encoding="gzip")
    with pytest.raises(LostAnswerError):
        over_bad_line.create_bot(BOT, budget)


def test_a_create_that_poe_did_not_take_is_sent_again(over_bad_line: PoeClient, budget: Budget, line: Line) -> None:
    line.answers("POST", 429, FAILURE, times=2)
    assert over_bad_line.create_bot(BOT, budget)
    assert len(line.sent("POST")) == 3


def test_a_create_that_never_left_is_unreachable_and_not_lost(new_client: NewClient) -> None:
    with pytest.raises(UnreachableError) as raised:
        new_client("http://127.0.0.1:1").create_bot(BOT, Budget(0.05))
    assert not isinstance(raised.value, LostAnswerError)


# --- pace -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_poe_asks_for_is_kept(
    over_bad_line: PoeClient, budget: Budget, line: Line, clock: Clock, status: int
) -> None:
    line.answers("GET", status, FAILURE, Retry_After="30")
    over_bad_line.list_bots(budget)
    assert clock.slept == [30]


def test_the_wait_that_poe_asks_for_holds_for_the_requests_of_other_operations_too(
    over_bad_line: PoeClient, budget: Budget, line: Line, clock: Clock
) -> None:
    line.answers("POST", 429, FAILURE, Retry_After="30")
    with pytest.raises(UnreachableError):
        over_bad_line.create_bot(BOT, for_one_try())
    over_bad_line.list_bots(budget)
    assert clock.slept == [30]


def test_waits_that_poe_asks_for_may_be_longer_than_an_operation(
    over_bad_line: PoeClient, line: Line, clock: Clock
) -> None:
    line.answers("GET", 429, FAILURE, Retry_After="100")
    budget = Budget(5, clock)
    over_bad_line.list_bots(budget)
    assert budget.left() == 5


def test_without_a_limit_in_sight_no_request_waits(client: PoeClient, budget: Budget, clock: Clock) -> None:
    for _ in range(20):
        client.list_bots(budget)
    assert clock.slept == []


def headers(retry_after: str | bytes | None) -> httpx.Headers:
    if retry_after is None:
        return httpx.Headers()
    sent = retry_after.encode("ascii") if isinstance(retry_after, str) else retry_after
    return httpx.Headers({b"Retry-After": sent})


NOW = datetime(2027, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("soon", None),
        ("-5", None),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        ("Fri, 01 Jan 2027 00:00:30", 30),
    ],
)
def test_poe_may_ask_for_a_wait_in_seconds_or_as_a_date(
    value: str | None, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "now", lambda: NOW)
    assert _told_wait(headers(value)) == seconds


@pytest.mark.parametrize(
    "value", ["²", "9" * 400, "Fri, 01 Jan 99999 00:00:00 GMT", "Fri, 01 Jan 2027 00:00:00 +99999999"]
)
def test_a_wait_that_can_not_be_read_is_none(value: str) -> None:
    assert _told_wait(headers(value.encode("latin-1"))) is None


@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0")))
def test_whatever_poe_asks_for_the_wait_has_an_end(value: str) -> None:
    assert 0 <= (_told_wait(headers(value.encode("latin-1"))) or 0) < float("inf")


def test_the_wait_may_be_in_the_headers_of_the_limit() -> None:
    assert _told_wait(httpx.Headers({"x-ratelimit-reset-requests": "12"})) == 12
    assert _told_wait(httpx.Headers({"x-ratelimit-reset-requests": "12", "Retry-After": "3"})) == 3


# --- proxies ----------------------------------------------------------------------------------------


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, new_client: NewClient, poe: Emulator, budget: Budget
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert new_client(poe.url).list_bots(budget) == []
