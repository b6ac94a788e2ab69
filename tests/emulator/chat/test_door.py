"""What every conversation passes: faults, the limit, the delay, the log; and the list of what was said."""

from __future__ import annotations

import json
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from talking_endpoint import UPSTREAM, TalkingEndpoint, chat_answer, chat_events

from pulumi_poe.emulator import API_KEY_1, Emulator, Fault
from pulumi_poe.emulator.chat.conversations import MOST, Conversation, Conversations

CHAT: dict[str, Any] = {"model": "Acme-Bot", "messages": [{"role": "user", "content": "Hi"}]}
PATH = "/v1/chat/completions"
WHOLE = b"".join(chat_events(None)).replace(UPSTREAM.encode(), b"Acme-Bot")

pytestmark = pytest.mark.usefixtures("bots")


def streamed(client: httpx.Client) -> httpx.Response:
    return client.post(PATH, json={**CHAT, "stream": True})


# Faults.


@pytest.mark.parametrize("handle", ["acme_bot", None])
def test_a_fault_answers_before_anybody_is_asked(
    poe: Emulator, mine: httpx.Client, endpoint: TalkingEndpoint, handle: str | None
) -> None:
    poe.faults.add(Fault("POST", handle="Another"))
    fault = poe.faults.add(Fault("POST", PATH, handle=handle, status=503, headers={"Retry-After": "1"}, body={"a": 1}))
    response = streamed(mine)
    assert (response.status_code, response.json(), response.headers["retry-after"]) == (503, {"a": 1}, "1")
    assert (fault.met, endpoint.requests) == (1, [])
    assert streamed(mine).content == WHOLE
    assert [(record.status, record.fault) for record in poe.requests] == [(503, True), (200, False)]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_dropped_conversation(poe: Emulator, mine: httpx.Client, endpoint: TalkingEndpoint, moment: Any) -> None:
    poe.faults.add(Fault("POST", PATH, moment=moment, drop=True))
    with pytest.raises(httpx.RemoteProtocolError):
        streamed(mine)
    assert len(endpoint.requests) == (moment == "after")
    assert [record.status for record in poe.requests] == [None]
    assert streamed(mine).content == WHOLE


def test_an_answer_in_place_of_the_endpoints(poe: Emulator, mine: httpx.Client, endpoint: TalkingEndpoint) -> None:
    poe.faults.add(Fault("POST", PATH, moment="after", status=502, body="<html>"))
    response = streamed(mine)
    assert (response.status_code, response.text) == (502, "<html>")
    assert len(endpoint.requests) == 1
    assert [record.status for record in poe.requests] == [502]


def read(response: httpx.Response, into: bytearray) -> None:
    for part in response.iter_raw():
        into += part


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("size", [0, 10, 200])
def test_a_truncated_answer(poe: Emulator, mine: httpx.Client, stream: bool, size: int) -> None:
    poe.faults.add(Fault("POST", PATH, truncate=size))
    with mine.stream("POST", PATH, json={**CHAT, "stream": stream}) as response:
        got = bytearray()
        with pytest.raises(httpx.RemoteProtocolError):
            read(response, got)
    whole = WHOLE if stream else mine.post(PATH, json=CHAT).content
    assert got == whole[:size]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_held_conversation_goes_on_when_released(
    poe: Emulator, mine: httpx.Client, endpoint: TalkingEndpoint, moment: Any
) -> None:
    fault = poe.faults.add(Fault("POST", PATH, moment=moment, hold=True))
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(streamed(mine)))
    asking.start()
    fault.wait_until_met(5)
    assert (answers, len(endpoint.requests)) == ([], int(moment == "after"))
    fault.release()
    asking.join(5)
    assert answers[0].content == WHOLE


# The limit, the delay and the log.


def test_conversations_count_for_the_limit(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.requests_per_minute = 2
    assert mine.get("/bots").status_code == 200
    assert streamed(mine).headers["x-ratelimit-remaining-requests"] == "0"
    response = streamed(mine)
    assert (response.status_code, response.json()["error"]["type"]) == (429, "rate_limit_error")
    assert int(response.headers["retry-after"]) > 0


@pytest.mark.parametrize("status", [401, 404])
def test_an_account_that_is_not_enabled(poe: Emulator, mine: httpx.Client, status: Any) -> None:
    poe.options.not_enabled_status = status
    assert streamed(mine).status_code == status


def test_latency_delays_the_first_byte(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.latency = 0.1
    started = time.monotonic()
    assert streamed(mine).content == WHOLE
    assert time.monotonic() - started >= 0.1


def test_the_log_has_conversations_without_their_content(poe: Emulator, mine: httpx.Client) -> None:
    streamed(mine)
    mine.get("/v1/models")
    log = [(record.method, record.path, record.status, record.body) for record in poe.requests]
    assert log == [("POST", PATH, 200, None), ("GET", "/v1/models", 200, None)]


def test_beyond_this_machine_there_are_no_conversations(client_of: Callable[..., httpx.Client]) -> None:
    with Emulator(host="0.0.0.0") as poe:  # noqa: S104 -- this is what is tested
        client = client_of(poe)
        assert client.get("/bots").status_code == 200
        for path in (PATH, f"/local-poe{PATH}"):
            response = client.post(path, json=CHAT)
            assert (response.status_code, "conversations are off" in response.text) == (403, True)


# What was said.


def test_the_list_has_no_content_and_can_be_emptied(poe: Emulator, mine: httpx.Client) -> None:
    streamed(mine)
    mine.post(PATH, json={**CHAT, "model": "Nobody"})
    first, second = mine.get("/local-poe/conversations").json()["conversations"]
    assert (first["model"], first["cost"], first["stream"]) == ("Acme-Bot", "0.00195", True)
    assert 0 < first["first_byte"] <= first["first_token"] <= first["seconds"]
    assert (second["model"], second["status"], second["cost"]) == ("Nobody", 404, None)
    assert "Hello" not in json.dumps(first)
    assert mine.delete("/local-poe/conversations").status_code == 200
    assert list(poe.conversations) == []


def test_a_reset_forgets_conversations(poe: Emulator, mine: httpx.Client) -> None:
    streamed(mine)
    poe.reset()
    assert list(poe.conversations) == []


def test_limits_of_tokens_are_told_after_the_answer_or_refused(
    poe: Emulator, mine: httpx.Client, bot_of: Callable[..., None], endpoint: TalkingEndpoint
) -> None:
    bot_of(max_input_tokens=10)
    assert streamed(mine).status_code == 200
    assert next(iter(poe.conversations)).notes == ["max_input_tokens: is 10, and the input had 1000 tokens"]
    poe.options.strict_chat = True
    assert streamed(mine).status_code == 200
    question = {**CHAT, "messages": [{"role": "user", "content": "x" * 100}]}
    response = mine.post(PATH, json=question)
    assert (response.status_code, "max_input_tokens: is 10" in response.text) == (400, True)
    assert len(endpoint.requests) == 2


def conversation(number: int) -> Conversation:
    return Conversation(f"id-{number}", "Acme", "me", PATH, False, float(number))


def test_the_last_200_are_remembered() -> None:
    conversations = Conversations()
    for number in range(MOST + 5):
        conversations.add(conversation(number))
    assert [said.started for said in conversations] == [float(number) for number in range(5, MOST + 5)]


def test_what_is_kept_has_what_was_said_and_is_there_after_a_restart(
    tmp_path: Path, client_of: Callable[..., httpx.Client], endpoint: TalkingEndpoint
) -> None:
    folder = tmp_path / "chats"
    settings = {"base_url": endpoint.url, "model_name": UPSTREAM, "api_key": "sk-endpoint-canary"}
    with Emulator(keep_chats=folder) as poe:
        poe.seed(API_KEY_1, {"handle": "Acme-Bot", "is_private": False, "api_bot_settings": settings})
        client = client_of(poe)
        streamed(client)
        client.post(PATH, json=CHAT)
        said = list(poe.conversations)
    kept = [folder / each.id for each in said]
    assert sorted(folder.iterdir()) == sorted(kept)
    assert json.loads((kept[0] / "request.json").read_text()) == {**CHAT, "stream": True}
    assert (kept[0] / "answer").read_bytes() == WHOLE
    assert json.loads((kept[1] / "answer").read_text()) == {**chat_answer(endpoint.usage), "model": "Acme-Bot"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.glob("*/*")} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not [file for file in folder.glob("*/*") if b"canary" in file.read_bytes()]
    (folder / "x").mkdir()
    (folder / "x/conversation.json").write_text("[]")
    again = Emulator(keep_chats=folder)
    assert sorted(each.id for each in again.conversations) == sorted(each.id for each in said)


def test_a_folder_that_takes_nothing_ends_no_conversation(
    tmp_path: Path, client_of: Callable[..., httpx.Client], endpoint: TalkingEndpoint
) -> None:
    folder = tmp_path / "chats"
    settings = {"base_url": endpoint.url}
    with Emulator(keep_chats=folder) as poe:
        poe.seed(API_KEY_1, {"handle": "Acme-Bot", "is_private": False, "api_bot_settings": settings})
        folder.rmdir()
        assert streamed(client_of(poe)).status_code == 200
        (said,) = poe.conversations
    assert "it could not be kept: No such file or directory" in said.notes
