"""A bot is called by either API, whichever its endpoint has, by OpenAI's own client."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from talking_endpoint import TalkingEndpoint, chat_events, chunk, event, response_answer, response_events

from pulumi_poe.emulator import Emulator
from pulumi_poe.emulator.chat import as_chat
from pulumi_poe.emulator.chat.as_chat import ChatToResponse, asked_as_chat
from pulumi_poe.emulator.chat.as_response import ResponseToChat, asked_as_response
from pulumi_poe.emulator.chat.asking import Ask
from pulumi_poe.emulator.chat.bots import CalledBot
from pulumi_poe.emulator.chat.refusal import RefusedError

IMAGE = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
RESPONSE_CHOICE: Any = {"type": "function", "name": "weather"}
CHAT_TOOL: Any = {"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}
RESPONSE_TOOL: Any = {"type": "function", "name": "weather", "parameters": PARAMETERS}
SCHEMA: Any = {"name": "answer", "schema": {"type": "object"}}
FORMAT: Any = {"format": {"type": "json_schema", **SCHEMA}}
NOTE = "was asked by the other API; whether Poe translates is not known"

BotOf = Callable[..., None]


@pytest.fixture
def responder(bot_of: BotOf) -> None:
    """A bot whose endpoint has the Responses API."""
    bot_of("Responder", api_type="responses_api", input_modalities=["text", "image"], supported_features=["tools"])


@pytest.fixture
def completer(bot_of: BotOf) -> None:
    """A bot whose endpoint has the Chat Completions API."""
    bot_of("Completer", input_modalities=["text", "image"], supported_features=["tools"])


def answers(endpoint: TalkingEndpoint, body: Any) -> None:
    """Let the endpoint answer so: an object whole, a list as the events of a stream."""

    async def answering(_request: Request, _body: dict[str, Any]) -> Response:
        if isinstance(body, list):
            return StreamingResponse(iter(body), media_type="text/event-stream")
        return JSONResponse(body)

    endpoint.answering = answering


# --- a chat completion that is asked as a response ---------------------------------------------------


@pytest.mark.usefixtures("responder")
def test_a_chat_completion_is_asked_as_a_response(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    done = client.chat.completions.create(
        model="Responder", messages=[{"role": "user", "content": "Hi"}], max_tokens=9, reasoning_effort="low"
    )

    assert endpoint.requests[-1][0] == "/v1/responses"
    assert endpoint.asked["input"] == [{"role": "user", "content": "Hi"}]
    assert endpoint.asked["max_output_tokens"] == 9
    assert endpoint.asked["reasoning"] == {"effort": "low"}
    assert "messages" not in endpoint.asked
    assert done.model == "Responder"
    assert done.choices[0].message.content == "Hello from the end"
    assert done.choices[0].finish_reason == "stop"
    assert done.usage is not None
    assert (done.usage.prompt_tokens, done.usage.completion_tokens) == (1000, 3)


@pytest.mark.usefixtures("responder")
def test_its_stream_comes_as_chunks(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(model="Responder", messages=[{"role": "user", "content": "Hi"}], stream=True)
    )

    assert "".join(one.choices[0].delta.content or "" for one in chunks) == "Hello from the end"
    assert [one.choices[0].finish_reason for one in chunks][-1] == "stop"
    assert {one.model for one in chunks} == {"Responder"}
    assert all(one.usage is None for one in chunks)


@pytest.mark.usefixtures("responder")
def test_its_stream_ends_with_usage_for_who_asked_for_it(client: openai.OpenAI) -> None:
    *_, last = client.chat.completions.create(
        model="Responder",
        messages=[{"role": "user", "content": "Hi"}],
        stream=True,
        stream_options={"include_usage": True},
    )

    assert last.usage is not None
    assert last.usage.prompt_tokens_details is not None
    assert (last.usage.completion_tokens, last.usage.prompt_tokens_details.cached_tokens) == (3, 400)


@pytest.mark.usefixtures("responder")
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_its_cost_is_known_and_its_owner_is_told(client: openai.OpenAI, poe: Emulator, stream: bool) -> None:
    asked: Any = client.chat.completions.create(
        model="Responder", messages=[{"role": "user", "content": "Hi"}], stream=stream
    )
    if stream:
        list(asked)

    (said,) = poe.conversations
    assert said.cost == "0.00195"
    assert [NOTE in note for note in said.notes] == [True]


@pytest.mark.usefixtures("responder")
def test_strict_chat_refuses_to_translate(client: openai.OpenAI, poe: Emulator) -> None:
    poe.options.strict_chat = True

    with pytest.raises(openai.BadRequestError, match=NOTE):
        client.chat.completions.create(model="Responder", messages=[{"role": "user", "content": "Hi"}])


@pytest.mark.usefixtures("responder")
def test_a_whole_conversation_with_images_and_tools_becomes_items(
    client: openai.OpenAI, endpoint: TalkingEndpoint
) -> None:
    messages: list[Any] = [
        {"role": "system", "content": "Be brief"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Where?"}, {"type": "image_url", "image_url": {"url": IMAGE}}],
        },
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "I look"}],
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
    ]

    client.chat.completions.create(
        model="Responder",
        messages=messages,
        tools=[CHAT_TOOL],
        tool_choice={"type": "function", "function": {"name": "weather"}},
        response_format={"type": "json_schema", "json_schema": SCHEMA},
    )

    assert endpoint.asked["input"] == [
        {"role": "system", "content": "Be brief"},
        {
            "role": "user",
            "content": [{"type": "input_text", "text": "Where?"}, {"type": "input_image", "image_url": IMAGE}],
        },
        {"role": "assistant", "content": [{"type": "output_text", "text": "I look"}]},
        {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "rain"},
    ]
    assert endpoint.asked["tools"] == [RESPONSE_TOOL]
    assert endpoint.asked["tool_choice"] == {"type": "function", "name": "weather"}
    assert endpoint.asked["text"] == {"format": {"type": "json_schema", **SCHEMA}}


CALL: Any = {"type": "function_call", "id": "f1", "call_id": "c1", "name": "weather", "arguments": '{"city": "Rome"}'}


@pytest.mark.usefixtures("responder")
def test_a_call_of_a_function_comes_back_as_one(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    answers(endpoint, {**response_answer(None), "output": [CALL]})

    done = client.chat.completions.create(
        model="Responder", messages=[{"role": "user", "content": "Hi"}], tools=[CHAT_TOOL]
    )

    (call,) = done.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert (call.id, call.function.name, call.function.arguments) == ("c1", "weather", '{"city": "Rome"}')
    assert done.choices[0].finish_reason == "tool_calls"


@pytest.mark.usefixtures("responder")
def test_a_call_of_a_function_is_streamed_in_its_parts(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    whole = {**response_answer(None), "output": [CALL]}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": whole},
        {"type": "response.output_item.added", "output_index": 1, "item": {**CALL, "arguments": ""}},
        {"type": "response.function_call_arguments.delta", "output_index": 1, "item_id": "f1", "delta": '{"city":'},
        {"type": "response.function_call_arguments.delta", "output_index": 1, "item_id": "f1", "delta": ' "Rome"}'},
        {"type": "response.completed", "response": whole},
    ]
    answers(endpoint, [event(each, each["type"]) for each in events])

    chunks = list(
        client.chat.completions.create(
            model="Responder", messages=[{"role": "user", "content": "Hi"}], tools=[CHAT_TOOL], stream=True
        )
    )

    calls = [call for one in chunks for call in one.choices[0].delta.tool_calls or []]
    assert [call.index for call in calls] == [0, 0, 0]
    assert calls[0].function is not None
    assert (calls[0].id, calls[0].function.name) == ("c1", "weather")
    assert "".join(call.function.arguments or "" for call in calls if call.function) == '{"city": "Rome"}'
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


@pytest.mark.usefixtures("responder")
@pytest.mark.parametrize(("reason", "finish"), [("max_output_tokens", "length"), ("content_filter", "content_filter")])
def test_an_answer_that_is_cut_off_says_so(
    client: openai.OpenAI, endpoint: TalkingEndpoint, reason: str, finish: str
) -> None:
    answers(endpoint, {**response_answer(None), "status": "incomplete", "incomplete_details": {"reason": reason}})

    done = client.chat.completions.create(model="Responder", messages=[{"role": "user", "content": "Hi"}])

    assert done.choices[0].finish_reason == finish


@pytest.mark.usefixtures("responder")
def test_a_failed_response_is_an_error(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    answers(endpoint, {**response_answer(None), "status": "failed", "output": [], "error": {"message": "no memory"}})

    with pytest.raises(
        openai.InternalServerError, match="Bot Responder: the endpoint answered with an error: no memory"
    ):
        client.chat.completions.create(model="Responder", messages=[{"role": "user", "content": "Hi"}])


@pytest.mark.usefixtures("responder")
@pytest.mark.parametrize(
    "failure",
    [
        {"type": "response.failed", "response": {"error": {"message": "no memory"}}},
        {"type": "error", "code": "server_error", "message": "no memory", "param": None},
    ],
    ids=["failed", "error"],
)
def test_a_stream_that_fails_ends_with_an_error(
    client: openai.OpenAI, endpoint: TalkingEndpoint, failure: dict[str, Any]
) -> None:
    answers(endpoint, [event({"type": "response.created", "response": {}}), event(failure)])

    with pytest.raises(openai.APIError, match="no memory"):
        list(
            client.chat.completions.create(model="Responder", messages=[{"role": "user", "content": "Hi"}], stream=True)
        )


@pytest.mark.usefixtures("responder")
def test_what_has_no_place_there_is_left_out_and_named(
    client: openai.OpenAI, endpoint: TalkingEndpoint, poe: Emulator
) -> None:
    client.chat.completions.create(model="Responder", messages=[{"role": "user", "content": "Hi"}], stop="x", seed=1)

    assert not {"stop", "seed"} & set(endpoint.asked)
    (said,) = poe.conversations
    assert [note.partition(":")[0] for note in said.notes[1:]] == ["seed", "stop"]


@pytest.mark.usefixtures("responder")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"n": 2}, "n: the bot's endpoint gives one answer at a time"),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
            "the bot's endpoint takes no input_audio",
        ),
        ({"messages": "Hi"}, "messages: Input should be a list of messages"),
        ({"messages": [{"role": "user", "content": ["Hi"]}]}, "messages: Input should have content"),
        ({"messages": [{"role": "user", "content": None}]}, "messages: Input should have content"),
        ({"tools": [{"type": "custom"}]}, "tools: Input should be functions"),
    ],
    ids=["n", "audio", "no messages", "no parts", "no content", "no functions"],
)
def test_what_a_response_cant_have_is_refused_in_one_line(client: openai.OpenAI, more: Any, said: str) -> None:
    with pytest.raises(openai.BadRequestError, match=said):
        client.chat.completions.create(
            **{"model": "Responder", "messages": [{"role": "user", "content": "Hi"}], **more}
        )


@pytest.mark.usefixtures("responder")
def test_a_response_that_failed_in_the_midst_is_an_error(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    answers(endpoint, {**response_answer(None), "status": "failed", "error": {"message": "no memory"}})

    with pytest.raises(openai.InternalServerError, match="no memory"):
        client.chat.completions.create(model="Responder", messages=[{"role": "user", "content": "Hi"}])


@pytest.mark.usefixtures("responder")
def test_a_refusal_of_an_earlier_turn_stays_one(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    refused: Any = {"role": "assistant", "content": None, "refusal": "I can't"}
    client.chat.completions.create(model="Responder", messages=[{"role": "user", "content": ""}, refused])

    assert endpoint.asked["input"] == [
        {"role": "user", "content": ""},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "I can't"}]},
    ]


WEATHER_OF_ROME: list[dict[str, Any]] = [
    {"type": "response.output_item.added", "output_index": 0, "item": CALL},
    {"type": "response.function_call_arguments.done", "output_index": 0, "arguments": CALL["arguments"]},
]


@pytest.mark.usefixtures("responder")
@pytest.mark.parametrize("begins", [True, False], ids=["created", "not created"])
@pytest.mark.parametrize("parts", [WEATHER_OF_ROME, []], ids=["arguments at once", "all at the end"])
def test_what_an_endpoint_does_not_stream_in_parts_comes_at_once(
    client: openai.OpenAI, endpoint: TalkingEndpoint, begins: bool, parts: list[dict[str, Any]]
) -> None:
    whole = {**response_answer(None), "output": [CALL]}
    events = [{"type": "response.created", "response": {}}, *parts, {"type": "response.completed", "response": whole}]
    answers(endpoint, [event(each) for each in events[0 if begins else 1 :]])

    stream = client.chat.completions.create(
        model="Responder", messages=[{"role": "user", "content": "Hi"}], stream=True
    )
    deltas = [chunk.choices[0].delta for chunk in stream]

    assert deltas[0].role == "assistant"
    calls = [call for delta in deltas for call in delta.tool_calls or []]
    assert {call.index for call in calls} == {0}
    assert [call.function.name for call in calls if call.function and call.function.name] == ["weather"]
    assert "".join(call.function.arguments or "" for call in calls if call.function) == CALL["arguments"]


@pytest.mark.usefixtures("responder")
@pytest.mark.parametrize("created", ["1e999", "NaN", "true", '"x"'])
def test_a_time_that_is_none_breaks_nothing(client: openai.OpenAI, endpoint: TalkingEndpoint, created: str) -> None:
    said = json.dumps(response_answer(None)).replace('"created_at": 1', f'"created_at": {created}')

    async def answering(_request: Request, _body: dict[str, Any]) -> Response:
        return Response(said, media_type="application/json")

    endpoint.answering = answering
    done = client.chat.completions.create(model="Responder", messages=[{"role": "user", "content": "Hi"}])
    assert done.choices[0].message.content == "Hello from the end"


# --- a response that is asked as a chat completion ---------------------------------------------------


@pytest.mark.usefixtures("completer")
def test_a_response_is_asked_as_a_chat_completion(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    done = client.responses.create(
        model="Completer", input="Hi", instructions="Be brief", max_output_tokens=9, reasoning={"effort": "low"}
    )

    assert endpoint.requests[-1][0] == "/v1/chat/completions"
    assert endpoint.asked["messages"] == [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "Hi"},
    ]
    assert endpoint.asked["max_tokens"] == 9
    assert endpoint.asked["reasoning_effort"] == "low"
    assert (done.model, done.status, done.output_text) == ("Completer", "completed", "Hello from the end")
    assert done.usage is not None
    assert (done.usage.input_tokens, done.usage.output_tokens) == (1000, 3)


@pytest.mark.usefixtures("completer")
def test_its_stream_comes_as_the_events_of_a_response(client: openai.OpenAI) -> None:
    events = list(client.responses.create(model="Completer", input="Hi", stream=True))

    assert [each.type for each in events] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        *["response.output_text.delta"] * 3,
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [each.sequence_number for each in events] == list(range(len(events)))
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == "Hello from the end"
    assert last.response.usage is not None
    assert last.response.usage.output_tokens == 3


@pytest.mark.usefixtures("completer")
def test_the_clients_own_helper_for_streams_accumulates_it(client: openai.OpenAI) -> None:
    with client.responses.stream(model="Completer", input="Hi") as stream:
        final = stream.get_final_response()

    assert final.output_text == "Hello from the end"


@pytest.mark.usefixtures("completer")
def test_items_with_images_and_tools_become_messages(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    items: list[Any] = [
        {
            "role": "user",
            "content": [{"type": "input_text", "text": "Where?"}, {"type": "input_image", "image_url": IMAGE}],
        },
        {"type": "reasoning", "id": "r", "summary": []},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look"}]},
        {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
        {"type": "function_call", "call_id": "c2", "name": "weather", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "rain"},
        {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "sun"}]},
    ]

    client.responses.create(
        model="Completer",
        input=items,
        tools=[RESPONSE_TOOL],
        tool_choice=RESPONSE_CHOICE,
        text=FORMAT,
    )

    called = [
        {"id": name, "type": "function", "function": {"name": "weather", "arguments": "{}"}} for name in ("c1", "c2")
    ]
    assert endpoint.asked["messages"] == [
        {
            "role": "user",
            "content": [{"type": "text", "text": "Where?"}, {"type": "image_url", "image_url": {"url": IMAGE}}],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "I look"}], "tool_calls": called},
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
        {"role": "tool", "tool_call_id": "c2", "content": "sun"},
    ]
    assert endpoint.asked["tools"] == [CHAT_TOOL]
    assert endpoint.asked["tool_choice"] == {"type": "function", "function": {"name": "weather"}}
    assert endpoint.asked["response_format"] == {"type": "json_schema", "json_schema": SCHEMA}


def parts_of_a_call() -> list[dict[str, Any]]:
    deltas = [
        {"index": 0, "id": "c1", "type": "function", "function": {"name": "weather", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"city":'}},
        {"index": 0, "function": {"arguments": ' "Rome"}'}},
    ]
    return [chunk(choices=[{"index": 0, "delta": {"tool_calls": [delta]}}]) for delta in deltas]


@pytest.mark.usefixtures("completer")
def test_a_call_of_a_function_comes_back_as_an_item(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    ends = chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "tool_calls"}])
    answers(endpoint, [*map(event, [*parts_of_a_call(), ends]), b"data: [DONE]\n\n"])

    with client.responses.stream(model="Completer", input="Hi", tools=[RESPONSE_TOOL]) as stream:
        final = stream.get_final_response()

    (call,) = final.output
    assert call.type == "function_call"
    assert (call.call_id, call.name, json.loads(call.arguments)) == ("c1", "weather", {"city": "Rome"})


@pytest.mark.usefixtures("completer")
@pytest.mark.parametrize("index", [{}, {"index": 0}], ids=["no index", "one index"])
def test_whole_calls_that_endpoints_do_not_count_are_kept_apart(
    client: openai.OpenAI, endpoint: TalkingEndpoint, index: dict[str, int]
) -> None:
    calls = [
        {**index, "id": name, "type": "function", "function": {"name": "weather", "arguments": f'{{"city": "{name}"}}'}}
        for name in ("Rome", "Oslo")
    ]
    ends = chunk(choices=[{"index": 0, "delta": {"tool_calls": calls}, "finish_reason": "tool_calls"}])
    answers(endpoint, [event(ends), b"data: [DONE]\n\n"])

    with client.responses.stream(model="Completer", input="Hi", tools=[RESPONSE_TOOL]) as stream:
        final = stream.get_final_response()

    said = [(call.call_id, call.arguments) for call in final.output if call.type == "function_call"]
    assert said == [("Rome", '{"city": "Rome"}'), ("Oslo", '{"city": "Oslo"}')]


@pytest.mark.usefixtures("completer")
def test_a_refusal_is_streamed_as_one(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    deltas: list[dict[str, Any]] = [{"refusal": "I "}, {"refusal": "can't"}, {}]
    parts = [chunk(choices=[{"index": 0, "delta": delta}]) for delta in deltas]
    parts[-1]["choices"][0]["finish_reason"] = "stop"
    answers(endpoint, [*map(event, parts), b"data: [DONE]\n\n"])

    events = list(client.responses.create(model="Completer", input="Hi", stream=True))

    assert "".join(each.delta for each in events if each.type == "response.refusal.delta") == "I can't"
    last = events[-1]
    assert last.type == "response.completed"
    (message,) = last.response.output
    assert message.type == "message"
    assert [part.to_dict() for part in message.content] == [{"type": "refusal", "refusal": "I can't"}]


@pytest.mark.usefixtures("completer")
def test_of_several_choices_the_first_one_is_the_answer(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    said = [
        chunk(choices=[{"index": index, "delta": {"content": text}, "finish_reason": "stop"}])
        for text in ("A", "B")
        for index in (0, 1)
    ]
    answers(endpoint, [*map(event, said), b"data: [DONE]\n\n"])

    with client.responses.stream(model="Completer", input="Hi") as stream:
        assert stream.get_final_response().output_text == "AB"


@pytest.mark.usefixtures("completer")
def test_an_error_that_is_null_in_every_event_is_none(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    said = [{**json.loads(each[6:]), "error": None} for each in chat_events(None)[:-1]]
    answers(endpoint, [*map(event, said), b"data: [DONE]\n\n"])

    with client.responses.stream(model="Completer", input="Hi") as stream:
        assert stream.get_final_response().output_text == "Hello from the end"


@pytest.mark.usefixtures("completer", "responder")
def test_usage_has_all_that_openais_own_has(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    endpoint.usage = {"prompt_tokens": 5, "completion_tokens": 2}
    counted = client.responses.create(model="Completer", input="Hi").usage
    assert counted is not None
    details = (counted.input_tokens_details.cached_tokens, counted.output_tokens_details.reasoning_tokens)
    assert (counted.total_tokens, *details) == (7, 0, 0)

    answers(endpoint, {**response_answer(None), "usage": {"input_tokens": 5, "output_tokens": 2}})
    done = client.chat.completions.create(model="Responder", messages=[{"role": "user", "content": "Hi"}])
    assert done.usage is not None
    assert (done.usage.total_tokens, done.usage.prompt_tokens) == (7, 5)


@pytest.mark.usefixtures("completer")
def test_a_chat_of_which_nothing_comes_is_a_response_that_says_nothing(
    client: openai.OpenAI, endpoint: TalkingEndpoint
) -> None:
    answers(endpoint, [b"data: [DONE]\n\n"])

    with client.responses.stream(model="Completer", input="Hi") as stream:
        assert stream.get_final_response().output == []


@pytest.mark.usefixtures("responder")
def test_done_alone_does_not_complete_a_response(
    client: openai.OpenAI, endpoint: TalkingEndpoint, mine: httpx.Client
) -> None:
    answers(endpoint, [*response_events(None)[:2], b"data: [DONE]\n\n"])

    with pytest.raises(openai.APIError, match="ended its stream before the answer's end"):
        list(
            client.chat.completions.create(model="Responder", messages=[{"role": "user", "content": "Hi"}], stream=True)
        )
    # OpenAI's own client looks no further than [DONE].
    raw = mine.post("/v1/responses", json={"model": "Responder", "input": "Hi", "stream": True}).text
    assert "ended its stream before the answer's end" in raw.rpartition("[DONE]")[2]


@pytest.mark.usefixtures("completer")
def test_no_more_is_held_of_an_answer_than_one_may_have(
    client: openai.OpenAI, endpoint: TalkingEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_chat, "LONGEST", 2**20)
    word = event(chunk(choices=[{"index": 0, "delta": {"content": "x" * 2**18}}]))
    answers(endpoint, [word] * 6)

    with pytest.raises(openai.APIError, match="longer than 1 MB"):
        list(client.responses.create(model="Completer", input="Hi", stream=True))


@pytest.mark.usefixtures("completer")
def test_an_answer_that_is_cut_off_is_incomplete(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    cut = chunk(choices=[{"index": 0, "delta": {"content": "Hel"}, "finish_reason": "length"}])
    answers(endpoint, [event(cut), b"data: [DONE]\n\n"])

    *_, last = client.responses.create(model="Completer", input="Hi", stream=True)

    assert last.type == "response.incomplete"
    assert last.response.incomplete_details is not None
    assert last.response.incomplete_details.reason == "max_output_tokens"


@pytest.mark.usefixtures("completer")
def test_a_chat_that_fails_in_the_midst_ends_with_an_error(client: openai.OpenAI, endpoint: TalkingEndpoint) -> None:
    answers(endpoint, [chat_events(None)[0], event({"error": {"message": "no memory"}})])

    with pytest.raises(openai.APIError, match="no memory"):
        list(client.responses.create(model="Completer", input="Hi", stream=True))


@pytest.mark.usefixtures("completer")
def test_a_stream_that_breaks_off_ends_with_an_error_in_the_clients_own_form(
    client: openai.OpenAI, endpoint: TalkingEndpoint
) -> None:
    answers(endpoint, chat_events(None)[:2])

    with pytest.raises(openai.APIError, match="ended its stream before the answer's end"):
        list(client.responses.create(model="Completer", input="Hi", stream=True))


@pytest.mark.usefixtures("completer")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"input": [{"type": "computer_call"}]}, "input: the bot's endpoint takes no computer_call"),
        ({"input": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "takes no input_audio"),
        ({"input": 3}, "input: Input should be a string or a list of items"),
        ({"input": [{"role": "user", "content": [{"text": "Hi"}]}]}, "input: Input should have content"),
        ({"input": [{"role": "user", "content": 3}]}, "input: Input should have content"),
        ({"tools": [{"type": "web_search"}]}, "takes functions, and no tools of OpenAI's own"),
    ],
    ids=["an item", "audio", "no input", "no type", "no content", "a tool of OpenAI's"],
)
def test_what_a_chat_completion_cant_have_is_refused_in_one_line(client: openai.OpenAI, more: Any, said: str) -> None:
    with pytest.raises(openai.BadRequestError, match=said):
        client.responses.create(**{"model": "Completer", "input": "Hi", **more})


# --- parameters of the bot's own ---------------------------------------------------------------------

NAMED = [
    {"param_name": "reasoning_effort", "default_value": "low"},
    {"param_name": "include", "default_value": "a"},
    {"param_name": "seed", "default_value": 7},
]


@pytest.mark.parametrize("api_type", ["responses_api", "chat_completions_api"])
def test_a_declared_parameter_is_at_the_top_whatever_the_apis_call_so(
    client: openai.OpenAI, endpoint: TalkingEndpoint, poe: Emulator, bot_of: BotOf, api_type: str
) -> None:
    bot_of("Own", api_type=api_type, param_definitions=NAMED)
    sent: Any = {"reasoning_effort": "high", "include": "b"}
    if api_type == "responses_api":
        client.chat.completions.create(model="Own", messages=[{"role": "user", "content": "Hi"}], extra_body=sent)
    else:
        client.responses.create(model="Own", input="Hi", extra_body=sent)

    assert {name: endpoint.asked.get(name) for name in ("reasoning_effort", "include", "seed", "reasoning")} == {
        **sent,
        "seed": 7,
        "reasoning": None,
    }
    (said,) = poe.conversations
    assert ["left out" in note for note in said.notes] == [False]


# --- whatever comes ----------------------------------------------------------------------------------

NAMES = (
    "type", "role", "content", "text", "id", "call_id", "name", "arguments", "messages", "input", "instructions",
    "tools", "tool_choice", "tool_calls", "function", "index", "delta", "choices", "usage", "output", "item",
    "response", "error", "output_index", "finish_reason", "image_url", "url", "file", "n", "format",
    "incomplete_details", "reason", "message", "response_format", "json_schema",
)  # fmt: skip
KINDS = (
    "text", "image_url", "file", "input_text", "input_image", "input_file", "output_text", "message", "function",
    "function_call", "assistant", "tool", "function_call_output", "response.created", "response.output_text.delta",
    "response.output_item.added", "response.completed", "response.function_call_arguments.delta",
    "response.failed", "error", "user",
)  # fmt: skip
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(KINDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(NAMES), JUNK, max_size=6)


@pytest.mark.parametrize("translate", [asked_as_chat, asked_as_response])
@given(body=BODIES)
def test_any_question_is_translated_or_refused(translate: Callable[[Any], Any], body: dict[str, Any]) -> None:
    with contextlib.suppress(RefusedError):
        json.dumps(translate(body))


@pytest.mark.parametrize("translation", [ChatToResponse, ResponseToChat])
@given(events=st.lists(BODIES, max_size=5), body=BODIES)
def test_any_answer_is_translated_or_refused(translation: Any, events: list[dict[str, Any]], body: Any) -> None:
    ask = Ask("responses_api", "Acme", True, True, 0, body)
    made = translation(ask, CalledBot("Acme", {}))

    for each in events:
        assert all(part.endswith(b"\n\n") for part in made.event(each))
    assert all(part.endswith(b"\n\n") for part in made.end())
    with contextlib.suppress(RefusedError):
        json.dumps(translation(ask, CalledBot("Acme", {})).whole(body))
