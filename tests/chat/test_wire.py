"""Questions and answers in the two formats, as OpenAI's clients spell and read them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from talking_endpoint import USAGE, chat_events, response_events

from pulumi_poe.chat.cost import Usage, usage_in
from pulumi_poe.chat.wire import Api, Event, Message, body, event

PICTURE = "data:image/png;base64,AAAA"
SAID = [Message("user", "What is this?", (PICTURE,)), Message("assistant", "A cat"), Message("user", "Sure?")]
CHAT: Api = "chat_completions_api"
RESPONSES: Api = "responses_api"


def test_a_chat_completion_has_the_parameters_at_its_top_and_asks_for_the_usage() -> None:
    assert body(CHAT, "Acme", SAID, {"effort": "high"}) == {
        "effort": "high",
        "model": "Acme",
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": PICTURE}},
                ],
            },
            {"role": "assistant", "content": "A cat"},
            {"role": "user", "content": "Sure?"},
        ],
    }


def test_a_response_has_the_whole_conversation_as_its_input() -> None:
    sent = body(RESPONSES, "Acme", SAID, {"effort": "high"})
    assert set(sent) == {"effort", "model", "stream", "input"}
    assert sent["input"][0]["content"] == [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": PICTURE, "detail": "auto"},
    ]


def test_no_parameter_takes_the_place_of_the_question() -> None:
    assert body(CHAT, "Acme", [], {"model": "other", "messages": 1})["model"] == "Acme"


def data_of(raw: bytes) -> str:
    return raw.decode().split("data: ", 1)[1].strip()


@pytest.mark.parametrize(("api", "events"), [(CHAT, chat_events(USAGE)), (RESPONSES, response_events(USAGE))])
def test_a_whole_stream_is_read(api: Api, events: list[bytes]) -> None:
    said = [event(api, data_of(raw)) for raw in events]
    assert "".join(one.text for one in said) == "Hello from the end"
    assert any(one.is_last for one in said)
    assert [usage_in(one.counted) for one in said if one.counted] == [Usage(1000, 3, 400)]


def chat(**delta: Any) -> dict[str, Any]:
    return {"choices": [{"delta": delta}]}


@pytest.mark.parametrize(
    ("api", "said", "read"),
    [
        (CHAT, chat(reasoning_content="hm"), Event(thought="hm")),
        (CHAT, chat(reasoning="hm", content=None), Event(thought="hm")),
        (CHAT, chat(refusal="no"), Event(text="no")),
        (CHAT, {"choices": [{"delta": {}, "finish_reason": "length"}]}, Event(is_last=True, reason="length")),
        (CHAT, {"error": {"message": "out of memory"}}, Event(error="out of memory")),
        (CHAT, {"error": "busy"}, Event(error="busy")),
        (CHAT, {"error": {}}, Event(error="an error without words")),
        (CHAT, {"choices": [3]}, Event()),
        (CHAT, {"choices": {}}, Event()),
        (CHAT, {"choices": [{"delta": {"content": ["x"]}}]}, Event()),
        (RESPONSES, {"type": "response.reasoning_summary_text.delta", "delta": "hm"}, Event(thought="hm")),
        (RESPONSES, {"type": "response.created", "response": {}}, Event()),
        (RESPONSES, {"type": "error", "message": "busy"}, Event(error="busy")),
        (RESPONSES, {"type": "response.failed", "response": {"error": {"message": "oh"}}}, Event(error="oh")),
        (RESPONSES, {"type": "response.failed"}, Event(error="the answer failed")),
        (RESPONSES, {"type": "response.completed", "response": 3}, Event(is_last=True)),
    ],
)
def test_an_event_says(api: Api, said: dict[str, Any], read: Event) -> None:
    assert event(api, json.dumps(said)) == read


def test_an_answer_that_is_cut_off_says_why() -> None:
    response = {"incomplete_details": {"reason": "max_output_tokens"}, "usage": {}}
    said = event(RESPONSES, json.dumps({"type": "response.incomplete", "response": response}))
    assert said == Event(is_last=True, reason="max_output_tokens", counted=response)


@pytest.mark.parametrize("data", ["", "{", "[]", "3", "null", "[" * 100_000])
def test_what_is_no_object_is_no_event(data: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- json's own words
        event(CHAT, data)
