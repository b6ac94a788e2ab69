"""The official client of OpenAI in both APIs, sync and async, streaming and not."""

from __future__ import annotations

import asyncio

import openai
import pytest
from talking_endpoint import UPSTREAM, WORDS, TalkingEndpoint

from pulumi_poe.emulator import API_KEY_1, Emulator

pytestmark = pytest.mark.usefixtures("bots")

SAID = "".join(WORDS)
MESSAGES: list[openai.types.chat.ChatCompletionMessageParam] = [{"role": "user", "content": "Hi"}]


def test_a_chat_completion(client: openai.OpenAI, endpoint: TalkingEndpoint, poe: Emulator) -> None:
    answer = client.chat.completions.create(model="acme.BOT", messages=MESSAGES)
    assert (answer.choices[0].message.content, answer.model) == (SAID, "Acme-Bot")
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == 1000
    assert endpoint.asked == {"model": UPSTREAM, "messages": MESSAGES}
    assert endpoint.headers["authorization"] == "Bearer sk-endpoint-canary"
    (said,) = poe.conversations
    assert (said.model, said.status, said.cost, said.notes) == ("Acme-Bot", 200, "0.00195", [])
    assert answer._request_id == said.id


def test_a_chat_completion_that_streams(client: openai.OpenAI, endpoint: TalkingEndpoint, poe: Emulator) -> None:
    chunks = list(client.chat.completions.create(model="Acme-Bot", messages=MESSAGES, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == SAID
    assert {chunk.model for chunk in chunks} == {"Acme-Bot"}
    assert [chunk.usage for chunk in chunks] == [None] * 4
    assert endpoint.asked["stream_options"] == {"include_usage": True}
    (said,) = poe.conversations
    assert (said.prompt_tokens, said.completion_tokens, said.cached_tokens, said.cost) == (1000, 3, 400, "0.00195")


def test_a_client_that_asks_for_usage_gets_it(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="Acme-Bot", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    *_, last = stream
    assert last.usage is not None
    assert (last.choices, last.usage.prompt_tokens, last.model) == ([], 1000, "Acme-Bot")


def test_a_response(client: openai.OpenAI, endpoint: TalkingEndpoint, poe: Emulator) -> None:
    answer = client.responses.create(model="acme-responder", input="Hi", instructions="Be kind")
    assert (answer.output_text, answer.model) == (SAID, "Acme-Responder")
    assert endpoint.requests[-1][0] == "/v1/responses"
    assert endpoint.asked == {"model": UPSTREAM, "input": "Hi", "instructions": "Be kind"}
    assert [said.cost for said in poe.conversations] == ["0.00195"]


def test_a_response_that_streams(client: openai.OpenAI, poe: Emulator) -> None:
    events = list(client.responses.create(model="acme-responder", input="Hi", stream=True))
    assert "".join(each.delta for each in events if each.type == "response.output_text.delta") == SAID
    assert [each.response.model for each in events if each.type in ("response.created", "response.completed")] == [
        "Acme-Responder"
    ] * 2
    assert [(said.cost, said.notes) for said in poe.conversations] == [("0.00195", [])]


def test_the_async_client(poe: Emulator) -> None:
    async def talk() -> list[str]:
        async with openai.AsyncOpenAI(base_url=f"{poe.url}/v1", api_key=API_KEY_1, max_retries=0) as client:
            whole = await client.chat.completions.create(model="Acme-Bot", messages=MESSAGES)
            stream = await client.chat.completions.create(model="Acme-Bot", messages=MESSAGES, stream=True)
            words = [chunk.choices[0].delta.content or "" async for chunk in stream]
            response = await client.responses.create(model="Acme-Responder", input="Hi")
            events = await client.responses.create(model="Acme-Responder", input="Hi", stream=True)
            deltas = [each.delta async for each in events if each.type == "response.output_text.delta"]
            return [whole.choices[0].message.content or "", "".join(words), response.output_text, "".join(deltas)]

    assert asyncio.run(talk()) == [SAID] * 4
    assert len(list(poe.conversations)) == 4


def test_the_list_of_models_needs_no_key(poe: Emulator) -> None:
    with openai.OpenAI(base_url=f"{poe.url}/v1", api_key="none") as client:
        assert [model.id for model in client.models.list()] == ["acme-bot", "acme-responder"]
