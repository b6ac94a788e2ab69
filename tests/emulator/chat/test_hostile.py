"""Endpoints and clients that misbehave: one line for the owner, no key, and nothing that hangs."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import openai
import pytest
from ports import free_port
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.responses import StreamingResponse as Streaming
from talking_endpoint import UPSTREAM, TalkingEndpoint, chat_answer, chat_events, chunk, event, response_events

from pulumi_poe.emulator import API_KEY_1, Emulator
from pulumi_poe.emulator.chat import api
from pulumi_poe.emulator.chat import endpoint as calling

KEY = "sk-endpoint-canary"
CHAT: dict[str, Any] = {"model": "Acme-Bot", "messages": [{"role": "user", "content": "Hi"}]}
BotOf = Callable[..., None]
PATH = "/v1/chat/completions"
WORD = event(chunk(choices=[{"index": 0, "delta": {"content": "Hello"}, "finish_reason": None}]))

pytestmark = pytest.mark.usefixtures("bots")


@pytest.fixture(autouse=True)
def no_key_is_shown(poe: Emulator, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever happens, neither the log nor the list has a key."""
    caplog.set_level(logging.INFO, "pulumi_poe")
    yield
    shown = caplog.text + repr([vars(said) for said in poe.conversations])
    assert KEY not in shown
    assert API_KEY_1 not in shown


def answers(endpoint: TalkingEndpoint, make: Callable[[], Response]) -> None:
    async def answering(_request: Request, _body: dict[str, Any]) -> Response:
        return make()

    endpoint.answering = answering


def streams(endpoint: TalkingEndpoint, *parts: bytes, fails: bool = False) -> None:
    """Have it stream these bytes, and then end, or break off."""

    async def body() -> AsyncIterator[bytes]:
        for part in parts:
            yield part
            await asyncio.sleep(0)
        if fails:
            raise ConnectionError("on purpose")

    answers(endpoint, lambda: Streaming(body(), media_type="text/event-stream"))


def error(response: httpx.Response) -> tuple[int, str]:
    message: str = response.json()["error"]["message"]
    assert "\n" not in message
    assert KEY not in message
    return response.status_code, message


def await_one(things: Callable[[], list[Any]]) -> None:
    """Wait until there is one: nobody tells a client that has hung up."""
    deadline = time.monotonic() + 5
    while not things() and time.monotonic() < deadline:
        time.sleep(0.01)


# Errors of the endpoint.


@pytest.mark.parametrize(
    ("status", "given", "advice"),
    [
        (400, 400, "look at the request"),
        (401, 502, "set the bot's api_key"),
        (402, 502, "no credit"),
        (403, 502, "may use this model"),
        (404, 502, "base_url and model_name"),
        (418, 502, "the endpoint's own log"),
        (429, 429, "try again later"),
        (500, 502, "the endpoint's own log"),
        (503, 502, "the endpoint's own log"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_an_error_says_which_bot_what_was_said_and_what_to_do(
    mine: httpx.Client, endpoint: TalkingEndpoint, status: int, given: int, advice: str, stream: bool
) -> None:
    said = {"error": {"message": f"no\n\x1b[2J {KEY}"}}
    answers(endpoint, lambda: JSONResponse(said, status, {"Retry-After": "7"}))
    response = mine.post(PATH, json={**CHAT, "stream": stream})
    found, message = error(response)
    assert found == given
    assert message.startswith(f"Bot Acme-Bot: the endpoint {endpoint.url}{PATH[3:]} answered {status}")
    assert 'and said "no \ufffd[2J ***"' in message
    assert advice in message
    assert response.headers["retry-after"] == "7"


def test_the_client_of_openai_sees_an_error_as_its_own(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    answers(endpoint, lambda: JSONResponse({"error": "busy"}, 429))
    with pytest.raises(openai.RateLimitError, match='said "busy"'):
        client.chat.completions.create(**CHAT)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: HTMLResponse("<html>"), "answered with a web page; base_url has to be that of the API"),
        (lambda: RedirectResponse("http://127.0.0.1:9/x", 307), "a redirect, which is not followed"),
        (lambda: PlainTextResponse("hello"), 'what is no JSON object, "hello"'),
        (lambda: PlainTextResponse(""), "what is no JSON object, nothing"),
        (lambda: JSONResponse([KEY]), 'what is no JSON object, "["***"]"'),
        (lambda: Response("[" * 99999), "what is no JSON object"),
        (lambda: Streaming(iter([WORD]), media_type="text/event-stream"), "streams though it was not asked to"),
        (lambda: Response(b"x" * 99, headers={"Content-Encoding": "gzip"}), "broke off"),
    ],
)
def test_what_is_no_answer(
    mine: httpx.Client, endpoint: TalkingEndpoint, make: Callable[[], Response], said: str
) -> None:
    answers(endpoint, make)
    status, message = error(mine.post(PATH, json=CHAT))
    assert (status, said in message) == (502, True), message
    assert len(endpoint.requests) == 1


def test_an_endpoint_that_does_not_stream(mine: httpx.Client, endpoint: TalkingEndpoint) -> None:
    answers(endpoint, lambda: JSONResponse(chat_answer(None)))
    status, message = error(mine.post(PATH, json={**CHAT, "stream": True}))
    assert (status, "does not stream" in message) == (502, True)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"base_url": None}, "has no base_url"),
        ({"base_url": "ftp://x/v1"}, "is no http or https address"),
        ({"base_url": "http://"}, "is no http or https address"),
        ({"base_url": "http://x:99999999/"}, "Bot Acme-Bot"),
        ({"base_url": "http://\ud800/"}, "Bot Acme-Bot"),
        ({"base_url": "http://me:sk-endpoint-canary@127.0.0.1:PORT/v1?k=sk-endpoint-canary"}, "cannot be reached"),
        ({"api_key": "sk-1\r\nX-Injected: 1"}, "characters that no header can carry"),
        ({"api_key": "sk-\u00e4"}, "characters that no header can carry"),
        ({"api_key": " "}, "characters that no header can carry"),
    ],
)
def test_settings_with_which_nobody_can_be_called(
    mine: httpx.Client, endpoint: TalkingEndpoint, bot_of: BotOf, settings: dict[str, Any], said: str
) -> None:
    if settings.get("base_url"):
        settings = {"base_url": settings["base_url"].replace("PORT", str(free_port()))}
    bot_of(**settings)
    status, message = error(mine.post(PATH, json=CHAT))
    assert (status, said in message, "Injected" in message) == (502, True, False), message
    assert endpoint.requests == []


def test_a_handle_that_would_be_two_lines_is_one(poe: Emulator, mine: httpx.Client) -> None:
    poe.seed(API_KEY_1, {"handle": "Two\nLines", "is_private": False, "api_bot_settings": {"base_url": "x"}})
    status, message = error(mine.post(PATH, json={**CHAT, "model": "two\nlines"}))
    assert (status, message) == (502, "Bot Two Lines: its base_url is no http or https address")


# Endpoints that take their time.


def test_an_endpoint_that_says_nothing(
    mine: httpx.Client, endpoint: TalkingEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "SILENCE", 0.1)

    async def late(_request: Request, _body: dict[str, Any]) -> Response:
        await asyncio.sleep(1)
        return Response()

    endpoint.answering = late
    status, message = error(mine.post(PATH, json=CHAT))
    assert (status, "took longer than 0.1 s" in message) == (408, True)


def test_an_answer_that_trickles_for_ever_or_has_no_end(
    mine: httpx.Client, endpoint: TalkingEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    async def flood() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 2**20
            await asyncio.sleep(0)

    monkeypatch.setattr(calling, "WHOLE", 0.2)
    answers(endpoint, lambda: Streaming(trickle(), media_type="application/json"))
    assert error(mine.post(PATH, json=CHAT))[0] == 408
    monkeypatch.setattr(calling, "WHOLE", 10)
    answers(endpoint, lambda: Streaming(flood(), media_type="application/json"))
    status, message = error(mine.post(PATH, json=CHAT))
    assert (status, "longer than 20 MB" in message) == (502, True)


@pytest.mark.parametrize(("idle", "connections"), [(5.0, 1), (0.0, 2)])
def test_a_connection_is_given_up_before_its_endpoint_does(
    mine: httpx.Client, endpoint: TalkingEndpoint, monkeypatch: pytest.MonkeyPatch, idle: float, connections: int
) -> None:
    ports = set()

    async def answering(request: Request, _body: dict[str, Any]) -> Response:
        ports.add(request.client and request.client.port)
        return JSONResponse(chat_answer(None))

    assert calling.IDLE < 5, "that of uvicorn and of Node"
    monkeypatch.setattr(calling, "IDLE", idle)
    endpoint.answering = answering
    for _ in range(2):
        mine.post(PATH, json=CHAT)
        time.sleep(0.05)
    assert len(ports) == connections


@pytest.mark.parametrize("more", [b"", b": still here\n\n", b"data: {"], ids=["silent", "trickles", "midst"])
@pytest.mark.parametrize("of", ["chat", "response"])
def test_a_stream_that_stays_open_after_its_last_event_is_ended(
    mine: httpx.Client, endpoint: TalkingEndpoint, poe: Emulator, monkeypatch: pytest.MonkeyPatch, of: str, more: bytes
) -> None:
    async def body() -> AsyncIterator[bytes]:
        for part in chat_events(endpoint.usage) if of == "chat" else response_events(endpoint.usage):
            yield part
        while True:
            yield more
            await asyncio.sleep(0.05)

    monkeypatch.setattr(calling, "LINGER", 0.2)
    answers(endpoint, lambda: Streaming(body(), media_type="text/event-stream"))
    path, model = (PATH, "Acme-Bot") if of == "chat" else ("/v1/responses", "Acme-Responder")
    begun = time.monotonic()
    asked = {"messages": CHAT["messages"]} if of == "chat" else {"input": "Hi"}
    answer = mine.post(path, json={**asked, "model": model, "stream": True})
    assert time.monotonic() - begun < 3
    assert ("[DONE]" if of == "chat" else "response.completed") in answer.text
    assert [said.notes for said in poe.conversations] == [[]]


def test_a_stream_without_end_goes_on_until_the_client_has_enough(
    client: openai.OpenAI, endpoint: TalkingEndpoint, poe: Emulator
) -> None:
    ended = threading.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield WORD
                await asyncio.sleep(0.005)
        finally:
            ended.set()

    answers(endpoint, lambda: Streaming(endless(), media_type="text/event-stream"))
    stream = client.chat.completions.create(**CHAT, stream=True)
    for _ in range(20):
        next(iter(stream))
    assert not ended.is_set()
    stream.close()
    assert ended.wait(5)
    await_one(lambda: list(poe.conversations))
    (said,) = poe.conversations
    assert said.notes == ["the client hung up before the answer's end"]


def test_an_event_is_there_before_the_next_one_is(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    go_on = threading.Event()

    async def stepwise() -> AsyncIterator[bytes]:
        yield WORD
        await asyncio.to_thread(go_on.wait, 5)
        for each in chat_events(None)[-2:]:
            yield each

    answers(endpoint, lambda: Streaming(stepwise(), media_type="text/event-stream"))
    stream = client.chat.completions.create(**CHAT, stream=True)
    assert next(iter(stream)).choices[0].delta.content == "Hello"
    go_on.set()
    assert [part.choices[0].finish_reason for part in stream] == ["stop"]


def test_a_client_that_hangs_up_before_the_answer_ends_the_call(
    mine: httpx.Client, endpoint: TalkingEndpoint, poe: Emulator
) -> None:
    ended = threading.Event()

    async def late(request: Request, _body: dict[str, Any]) -> Response:
        while not await request.is_disconnected():
            await asyncio.sleep(0.01)
        ended.set()
        return Response()

    endpoint.answering = late
    with pytest.raises(httpx.ReadTimeout):
        mine.post(PATH, json=CHAT, timeout=0.2)
    assert ended.wait(5)
    await_one(lambda: poe.requests)
    assert [record.status for record in poe.requests] == [None]


def test_a_client_that_hangs_up_in_its_question_leaves_nothing(poe: Emulator, endpoint: TalkingEndpoint) -> None:
    with socket.create_connection(("127.0.0.1", int(poe.url.rpartition(":")[2]))) as half:
        head = f"POST {PATH} HTTP/1.1\r\nHost: {poe.url[7:]}\r\nContent-Type: application/json\r\n"
        half.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        time.sleep(0.05)
    assert (endpoint.requests, poe.requests, list(poe.conversations)) == ([], [], [])


def test_stop_cuts_a_stream_off(endpoint: TalkingEndpoint, poe: Emulator) -> None:
    endpoint.pause = 30
    with openai.OpenAI(base_url=f"{poe.url}/v1", api_key=API_KEY_1, max_retries=0) as client:
        stream = client.chat.completions.create(**CHAT, stream=True)
        next(iter(stream))
        started = time.monotonic()
        poe.stop()
        assert time.monotonic() - started < 2
        assert endpoint.hung_up.wait(5)


# Streams that are not as they should be.


@pytest.mark.parametrize(
    ("parts", "fails", "said"),
    [
        ([WORD, WORD[:30]], False, "broke its stream off in the middle of an event"),
        ([WORD, WORD[:30]], True, "broke off"),
        ([WORD], True, "broke off"),
        ([WORD], False, "ended its stream before the answer's end"),
        ([], False, "ended its stream before the answer's end"),
        ([WORD, b"data: " + b"x" * 2**20, b"x" * 2**20, b"x" * 2**20, b"x" * 2**20], False, "that does not end"),
    ],
)
def test_a_stream_that_breaks_off_ends_with_an_error(
    client: openai.OpenAI,
    endpoint: TalkingEndpoint,
    poe: Emulator,
    parts: list[bytes],
    fails: bool,
    said: str,
) -> None:
    streams(endpoint, *parts, fails=fails)
    words: list[str | None] = []
    with pytest.raises(openai.APIError, match=said) as caught:
        words.extend(part.choices[0].delta.content for part in client.chat.completions.create(**CHAT, stream=True))
    assert caught.value.type == "upstream_error"
    assert said in next(iter(poe.conversations)).notes[-1]


def test_a_response_that_breaks_off_ends_with_an_error(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    streams(endpoint, *response_events(None)[:-1])
    with pytest.raises(openai.APIError, match="before the answer's end"):
        list(client.responses.create(model="Acme-Responder", input="Hi", stream=True))


def test_all_but_the_model_passes_byte_for_byte(mine: httpx.Client, endpoint: TalkingEndpoint) -> None:
    odd = (
        b": ping\n\n"
        b"event: x\r\nid: 7\r\ndata: not json\r\n\r\n"
        b'data:{"a" : 1.0e5,"choices":[],  "x":"\\u00e4\xc3\xa4"}\n\n'
        b'data: {"model" : "MODEL", "n": 12345678901234567890.10, "choices": [{"delta": '
        b'{"content": "\\"model\\": \\"x\\""}}]}\n\n'
        b'data: {"choices": [{"finish_reason": "stop"}]}\n\n'
        b"data: [DONE]\n\n"
    )
    streams(endpoint, odd.replace(b"MODEL", UPSTREAM.encode()))
    answer = mine.post(PATH, json={**CHAT, "stream": True})
    assert answer.content == odd.replace(b"MODEL", b"Acme-Bot")


@pytest.mark.parametrize(
    "data",
    [
        b'{"mod\\u0065l": "acme/secret-model-70b", "choices": [{"finish_reason": "stop"}]}',
        b'{"model": "acme/secret-model-70b", "choices": [{"finish_reason": "stop"}], "x": {"model": "own"}}',
    ],
)
def test_the_endpoints_model_is_hidden_however_it_is_spelt(
    mine: httpx.Client, endpoint: TalkingEndpoint, data: bytes
) -> None:
    streams(endpoint, b"data: " + data + b"\n\n", b"data: [DONE]\n\n")
    first = mine.post(PATH, json={**CHAT, "stream": True}).text.split("\n\n")[0]
    assert json.loads(first.removeprefix("data: "))["model"] == "Acme-Bot"
    assert UPSTREAM not in first


def test_an_error_in_a_stream_passes_without_the_key(mine: httpx.Client, endpoint: TalkingEndpoint) -> None:
    streams(endpoint, event({"error": {"message": f"wrong key {KEY}"}}))
    assert mine.post(PATH, json={**CHAT, "stream": True}).text == 'data: {"error": {"message": "wrong key ***"}}\n\n'


def test_an_error_that_is_called_a_success_passes_without_the_key(
    mine: httpx.Client, endpoint: TalkingEndpoint
) -> None:
    answers(endpoint, lambda: JSONResponse({"error": {"message": f"wrong key {KEY}"}}))
    assert mine.post(PATH, json=CHAT).json() == {"error": {"message": "wrong key ***"}}


ODD_KEY = 'sk-endpoint/canary"2'
QUOTED = json.dumps(ODD_KEY)[1:-1].encode()


@pytest.mark.parametrize("spelt", [QUOTED, QUOTED.replace(b"/", b"\\/")], ids=["escaped", "as PHP does"])
@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (PATH, b'{"error": {"message": "wrong key KEY"}}'),
        (PATH, b'{"error": {"message": "wrong key KEY", "model": "b"}, "model": "a"}'),
        (PATH, b'{"object": "error", "message": "wrong key KEY"}'),
        (PATH, b'{"detail": "wrong key KEY"}'),
        (PATH, b'{"choices": [{"error": {"message": "wrong key KEY"}}]}'),
        ("/v1/responses", b'{"type": "response.failed", "response": {"error": {"message": "wrong key KEY"}}}'),
        ("/v1/responses", b'{"type": "error", "message": "wrong key KEY"}'),
    ],
)
def test_no_form_of_an_error_shows_the_key_in_any_spelling(
    mine: httpx.Client, endpoint: TalkingEndpoint, bot_of: BotOf, path: str, answer: bytes, spelt: bytes
) -> None:
    bot_of("Odd", api_key=ODD_KEY, api_type="responses_api" if "responses" in path else "chat_completions_api")
    said = answer.replace(b"KEY", spelt)
    asked = {"model": "Odd", "messages": CHAT["messages"], "input": "Hi"}

    shown = []
    answers(endpoint, lambda: Response(said, media_type="application/json"))
    shown += [mine.post(at, json=asked).text for at in (PATH, "/v1/responses")]
    answers(endpoint, lambda: Response(said, 401, media_type="application/json"))
    shown += [mine.post(at, json=asked).text for at in (PATH, "/v1/responses")]
    streams(endpoint, b"data: " + said + b"\n\ndata: not json " + spelt + b"\n\n")
    shown += [mine.post(at, json={**asked, "stream": True}).text for at in (PATH, "/v1/responses")]

    assert not [text for text in shown if "canary" in text]
    assert any("wrong key ***" in text for text in shown)


@pytest.mark.parametrize(
    "data", [b'{"choices": [], "response": {"model": "own"}}', b'{"model": 7}', b'{"response": 7}']
)
def test_a_model_elsewhere_is_none_of_ours(mine: httpx.Client, endpoint: TalkingEndpoint, data: bytes) -> None:
    sent = b"data: " + data + b"\n\ndata: [DONE]\n\n"
    streams(endpoint, sent)
    assert mine.post(PATH, json={**CHAT, "stream": True}).content == sent


def test_a_stream_may_lack_done_and_the_last_line_end(
    client: openai.OpenAI, endpoint: TalkingEndpoint, poe: Emulator
) -> None:
    streams(endpoint, *chat_events(None)[:-2], chat_events(None)[-2].rstrip())
    parts = list(client.chat.completions.create(**CHAT, stream=True))
    assert parts[-1].choices[0].finish_reason == "stop"
    assert "the endpoint's stream ends without data: [DONE]" in next(iter(poe.conversations)).notes


@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_without_usage_passes_and_its_owner_is_told(
    mine: httpx.Client, endpoint: TalkingEndpoint, poe: Emulator, caplog: pytest.LogCaptureFixture, stream: bool
) -> None:
    endpoint.usage = None
    assert mine.post(PATH, json={**CHAT, "stream": stream}).status_code == 200
    (said,) = poe.conversations
    assert (said.cost, said.prompt_tokens) == (None, None)
    assert ["reports no usage" in note for note in said.notes] == [True]
    assert "with Acme-Bot: the endpoint reports no usage" in caplog.text


@pytest.mark.parametrize(
    "counts",
    [
        {"choices": [], "usage": {"prompt_tokens": 5.0, "completion_tokens": 1}},
        {"usage": {"prompt_tokens": 5, "completion_tokens": 1}},
        {"choices": None, "usage": {}, "error": None},
    ],
    ids=["no whole numbers", "no choices", "nothing"],
)
def test_the_event_that_counts_is_hidden_whatever_is_in_it(
    mine: httpx.Client, endpoint: TalkingEndpoint, counts: dict[str, Any]
) -> None:
    said = chat_events(None)
    streams(endpoint, *said[:-1], event(counts), said[-1])
    hidden = mine.post(PATH, json={**CHAT, "stream": True}).text
    shown = mine.post(PATH, json={**CHAT, "stream": True, "stream_options": {"include_usage": True}}).text
    assert ("usage" in hidden, "usage" in shown) == (False, True)


def test_an_error_that_is_null_is_none(mine: httpx.Client, endpoint: TalkingEndpoint) -> None:
    streams(endpoint, event(chunk(choices=[{"index": 0, "delta": {"content": "Hello"}}], error=None)))
    assert "ended its stream before the answer's end" in mine.post(PATH, json={**CHAT, "stream": True}).text


# Size.


def test_50_mb_are_answered_413_and_not_kept(mine: httpx.Client, endpoint: TalkingEndpoint, poe: Emulator) -> None:
    content = b'{"model": "Acme-Bot", "x": "' + b"x" * 50 * 2**20
    headers = {"Content-Type": "application/json"}
    status, message = error(mine.post(PATH, content=content, headers=headers))
    assert (status, message) == (413, "body: Input should have at most 20 MB")
    assert error(mine.post(PATH, content=iter([content[: 2**20]] * 50), headers=headers))[0] == 413
    assert [(record.status, record.body) for record in poe.requests] == [(413, None)] * 2
    assert endpoint.requests == []


def test_a_long_question_passes(mine: httpx.Client, endpoint: TalkingEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "LONGEST", 2**23)
    content = "x" * 2**21
    assert mine.post(PATH, json={**CHAT, "messages": [{"role": "user", "content": content}]}).status_code == 200
    assert endpoint.asked["messages"][0]["content"] == content


# Ways back.


@pytest.mark.parametrize("at", ["", "/v1", "/local-poe/v1", "/bots"])
def test_a_base_url_that_leads_back_is_found(mine: httpx.Client, bot_of: BotOf, poe: Emulator, at: str) -> None:
    bot_of(base_url=poe.url + at)
    status, message = error(mine.post(PATH, json=CHAT))
    assert (status, "leads back to the local Poe" in message) == (502, True)


def test_two_local_poes_that_lead_to_each_other_are_found(mine: httpx.Client, bot_of: BotOf, poe: Emulator) -> None:
    with Emulator() as other:
        settings = {"base_url": f"{poe.url}/v1", "model_name": "Acme-Bot", "api_key": API_KEY_1}
        other.seed(API_KEY_1, {"handle": "Other", "is_private": False, "api_bot_settings": settings})
        bot_of(base_url=f"{other.url}/v1", model_name="Other", api_key=API_KEY_1)
        status, message = error(mine.post(PATH, json=CHAT))
        assert (status, "leads back to the local Poe" in message) == (502, True)


def test_two_hundred_at_once(endpoint: TalkingEndpoint, poe: Emulator) -> None:
    async def talk() -> list[bytes]:
        limits = httpx.Limits(max_connections=None)
        headers = {"Authorization": f"Bearer {API_KEY_1}"}
        async with httpx.AsyncClient(base_url=poe.url, headers=headers, limits=limits, timeout=20) as client:
            asking = [client.post(PATH, json={**CHAT, "stream": True}) for _ in range(200)]
            return [answer.content for answer in await asyncio.gather(*asking)]

    endpoint.pause = 0.02
    expected = b"".join(chat_events(None)).replace(UPSTREAM.encode(), b"Acme-Bot")
    assert set(asyncio.run(talk())) == {expected}
    assert {said.cost for said in poe.conversations} == {"0.00195"}
    assert len(list(poe.conversations)) == 200
