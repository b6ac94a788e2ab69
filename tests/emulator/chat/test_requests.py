"""What reaches the endpoint, and which bots may be called."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest
from full_example import FULL_EXAMPLE
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from talking_endpoint import UPSTREAM, TalkingEndpoint, chat_answer

from pulumi_poe.emulator import API_KEY_2, Emulator

CHAT: dict[str, Any] = {"model": "Acme-Bot", "messages": [{"role": "user", "content": "Hi"}]}
BotOf = Callable[..., None]


def error(response: httpx.Response) -> tuple[int, str]:
    assert set(response.json()["error"]) >= {"message", "type"}
    message: str = response.json()["error"]["message"]
    assert "\n" not in message
    return response.status_code, message


def test_parameters_are_at_the_top_of_the_body_and_have_their_defaults(
    client: openai.OpenAI, endpoint: TalkingEndpoint, bot_of: BotOf, poe: Emulator
) -> None:
    definitions = [
        {"param_name": "effort", "param_dest": "extra_body", "default_value": "high"},
        {"param_name": "budget", "param_dest": "extra_body"},
        {"param_name": "think", "param_dest": "extra_body", "default_value": False},
        {"param_name": "seed_word", "param_dest": "extra_body", "default_value": None},
    ]
    bot_of(param_definitions=definitions, parameter_controls=FULL_EXAMPLE["parameter_controls"])
    client.chat.completions.create(**CHAT, extra_body={"think": True})
    asked = {"model": UPSTREAM, "effort": "high", "budget": 4096, "think": True, "messages": CHAT["messages"]}
    assert endpoint.asked == asked
    assert [said.notes for said in poe.conversations] == [[]]


def test_a_literal_extra_body_is_taken_apart(mine: httpx.Client, endpoint: TalkingEndpoint, bot_of: BotOf) -> None:
    bot_of()
    mine.post("/v1/chat/completions", json={**CHAT, "extra_body": {"a": 1, "messages": [], "model": "x"}})
    assert endpoint.asked == {**CHAT, "model": UPSTREAM, "a": 1}


@pytest.mark.parametrize(
    ("path", "extra", "said"),
    [
        ("/chat/completions", {"stream": 1}, "stream: Input should be true or false"),
        ("/chat/completions", {"stream": True, "stream_options": [1]}, "stream_options: Input should be a JSON object"),
        ("/responses", {"store": True}, "store: no response is stored here"),
        ("/responses", {"previous_response_id": "r1"}, "previous_response_id: no response is stored here"),
    ],
)
def test_what_is_refused_is_refused_in_a_literal_extra_body_too(
    mine: httpx.Client, bot_of: BotOf, path: str, extra: dict[str, Any], said: str
) -> None:
    bot_of()
    status, message = error(mine.post(f"/v1{path}", json={**CHAT, "input": "Hi", "extra_body": extra}))
    assert (status, message.startswith(said)) == (400, True)


def test_a_literal_extra_body_may_ask_for_a_stream(mine: httpx.Client, bot_of: BotOf) -> None:
    bot_of()
    answer = mine.post("/v1/chat/completions", json={**CHAT, "extra_body": {"stream": True}})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert "usage" not in answer.text


def test_what_was_asked_of_a_stream_stays(client: openai.OpenAI, endpoint: TalkingEndpoint, bot_of: BotOf) -> None:
    bot_of()
    list(client.chat.completions.create(**CHAT, stream=True, stream_options={"include_obfuscation": False}))
    assert endpoint.asked["stream_options"] == {"include_obfuscation": False, "include_usage": True}


def test_a_cookie_of_one_endpoint_reaches_no_other(
    mine: httpx.Client, endpoint: TalkingEndpoint, bot_of: BotOf
) -> None:
    async def answering(_request: Request, _body: dict[str, Any]) -> Response:
        return JSONResponse(chat_answer(None), headers={"Set-Cookie": "session=of-the-first"})

    endpoint.answering = answering
    bot_of()
    mine.post("/v1/chat/completions", json=CHAT)
    mine.post("/v1/chat/completions", json=CHAT)
    assert "cookie" not in endpoint.headers


def test_no_header_of_the_client_reaches_the_endpoint(
    mine: httpx.Client, endpoint: TalkingEndpoint, bot_of: BotOf
) -> None:
    bot_of(api_key="")
    mine.post("/v1/chat/completions", json=CHAT, headers={"X-Own": "1", "Cookie": "a=b"})
    assert not {"authorization", "x-own", "cookie"} & endpoint.headers.keys()


@pytest.mark.parametrize("suffix", ["", "/", "?version=1"])
def test_the_path_comes_after_the_base_url(
    mine: httpx.Client, endpoint: TalkingEndpoint, bot_of: BotOf, suffix: str
) -> None:
    bot_of(base_url=endpoint.url + suffix)
    assert mine.post("/v1/chat/completions", json=CHAT).status_code == 200
    assert endpoint.requests[-1][0] == "/v1/chat/completions"


def test_a_user_in_the_address_does_not_take_the_place_of_the_key(
    mine: httpx.Client, endpoint: TalkingEndpoint, bot_of: BotOf
) -> None:
    bot_of(base_url=endpoint.url.replace("//", "//me:word@"))
    mine.post("/v1/chat/completions", json=CHAT)
    assert endpoint.headers["authorization"] == "Bearer sk-endpoint-canary"


# Which bots.


def test_a_private_bot_is_called_by_the_local_path_alone_and_by_its_owner(
    mine: httpx.Client, theirs: httpx.Client, bot_of: BotOf
) -> None:
    bot_of(is_private=True)
    status, message = error(mine.post("/v1/chat/completions", json=CHAT))
    assert (status, "is private" in message, "/local-poe/v1" in message) == (404, True, True)
    assert mine.post("/local-poe/v1/chat/completions", json=CHAT).status_code == 200
    nobodys = error(theirs.post("/v1/chat/completions", json={**CHAT, "model": "Nobody"}))
    for path in ("/v1", "/local-poe/v1"):
        status, message = error(theirs.post(f"{path}/chat/completions", json=CHAT))
        assert (status, message.replace("Acme-Bot", "Nobody")) == nobodys


def test_the_list_has_public_bots_and_by_the_local_path_ones_own(
    poe: Emulator, mine: httpx.Client, theirs: httpx.Client, bot_of: BotOf
) -> None:
    bot_of("Public-1")
    bot_of("Mine", is_private=True)
    bot_of("Public-2", API_KEY_2)
    bot_of("Theirs", API_KEY_2, is_private=True)
    poe.seed(poe.api_key, {"handle": "Prompt-Bot", "is_private": False})

    def ids(response: httpx.Response) -> list[str]:
        return [model["id"] for model in response.json()["data"]]

    public = ["public-1", "public-2"]
    assert ids(mine.get("/v1/models")) == public
    assert ids(mine.get("/v1/models", headers={"Authorization": ""})) == public
    assert ids(mine.get("/local-poe/v1/models")) == [*public, "mine"]
    assert ids(theirs.get("/local-poe/v1/models")) == [*public, "theirs"]


def test_a_model_of_the_list(mine: httpx.Client, bot_of: BotOf) -> None:
    bot_of(parameter_controls=FULL_EXAMPLE["parameter_controls"], context_size=9)
    (model,) = mine.get("/v1/models").json()["data"]
    assert model["pricing"]["prompt"] == "0.0000030"
    assert model["metadata"] == {"display_name": "Acme-Bot", "image": None, "url": "https://poe.com/Acme-Bot"}
    assert model["context_length"] == 9
    assert model["parameters"][1] == {
        "name": "effort",
        "schema": {"enum": ["low", "medium", "high"]},
        "default_value": "medium",
    }
    assert UPSTREAM not in json.dumps(model)


def test_a_bot_with_an_api_type_that_nobody_knows_is_refused(mine: httpx.Client, bot_of: BotOf) -> None:
    bot_of(api_type="letters")
    status, message = error(mine.post("/v1/chat/completions", json=CHAT))
    assert (status, "has the api_type letters" in message) == (400, True)


def test_a_bot_made_on_poe_com_has_no_endpoint(poe: Emulator, mine: httpx.Client) -> None:
    poe.seed(poe.api_key, {"handle": "Acme-Bot", "is_private": False})
    assert error(mine.post("/v1/chat/completions", json=CHAT))[0] == 404


# What is refused before anybody is asked.


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"", 400, "body: Input should be JSON"),
        (b"{", 400, "body: Input should be JSON"),
        (b'{"model": NaN}', 400, "body: Input should be JSON"),
        (b"[" * 100_000, 400, "body: Input should be JSON"),
        (b"\xff", 400, "body: Input should be JSON"),
        (b"[]", 400, "body: Input should be a JSON object"),
        (b"{}", 400, "model: Input should be the handle of a bot"),
        (b'{"model": 1}', 400, "model: Input should be the handle of a bot"),
        (b'{"model": "\\ud800"}', 404, "Bot \ufffd does not exist or access denied; GET /v1/models lists them"),
        (
            b'{"model": "a\\n\\u001b[2Jb"}',
            404,
            "Bot a \ufffd[2Jb does not exist or access denied; GET /v1/models lists them",
        ),
        (b'{"model": "Acme-Bot", "stream": 1}', 400, "stream: Input should be true or false"),
        (b'{"model": "Acme-Bot", "stream_options": 1}', 400, "stream_options: Input should be a JSON object"),
        (b'{"model": "Acme-Bot", "top_p": 1e999}', 400, "body: Input should have no number beyond what a double holds"),
    ],
)
def test_a_body_that_is_no_question(mine: httpx.Client, bot_of: BotOf, content: bytes, status: int, said: str) -> None:
    bot_of()
    headers = {"Content-Type": "application/json"}
    assert error(mine.post("/v1/chat/completions", content=content, headers=headers)) == (status, said)


@pytest.mark.parametrize(
    "field", [{"previous_response_id": "r1"}, {"conversation": "c1"}, {"store": True}, {"background": True}]
)
def test_nothing_is_stored(mine: httpx.Client, bot_of: BotOf, field: dict[str, Any]) -> None:
    bot_of(api_type="responses_api")
    status, said = error(mine.post("/v1/responses", json={"model": "Acme-Bot", "input": "Hi", **field}))
    assert (status, "no response is stored here" in said) == (400, True)


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_there_is_no_stored_response(mine: httpx.Client, method: str) -> None:
    assert error(mine.request(method, "/v1/responses/r1"))[0] == 404


@pytest.mark.parametrize(
    "type_", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_question_is_json(mine: httpx.Client, type_: str) -> None:
    response = mine.post("/v1/chat/completions", content=json.dumps(CHAT), headers={"Content-Type": type_})
    assert error(response)[0] == 415


def test_a_path_may_be_spelt_in_any_way(mine: httpx.Client, bot_of: BotOf, poe: Emulator) -> None:
    bot_of()
    assert mine.post("/v1/chat/completion%73", json=CHAT).json()["model"] == "Acme-Bot"
    assert [record.path for record in poe.requests] == ["/v1/chat/completion%73"]


def test_a_key_is_needed(mine: httpx.Client, bot_of: BotOf) -> None:
    bot_of()
    response = mine.post("/v1/chat/completions", json=CHAT, headers={"Authorization": "Bearer wrong"})
    assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize(
    ("method", "path", "allowed"), [("GET", "/v1/chat/completions", "POST"), ("POST", "/v1/models", "GET")]
)
def test_a_wrong_method_names_the_right_one(mine: httpx.Client, method: str, path: str, allowed: str) -> None:
    response = mine.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)
