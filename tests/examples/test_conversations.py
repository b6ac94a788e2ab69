"""Examples to the end of a conversation: what `pulumi up` made is asked, by OpenAI's own client, and has its cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import openai
import pytest
from example_projects import example_up
from ports import free_port
from stacks import POE_KEY, Stack, StackFactory
from talking_endpoint import TalkingEndpoint

from pulumi_poe.emulator import Conversation, Emulator

PICTURE = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
TOOL: Any = {
    "type": "function",
    "function": {"name": "time", "parameters": {"type": "object", "properties": {}}},
}


@pytest.fixture
def client(poe: Emulator) -> Iterator[openai.OpenAI]:
    """Reaches one's own private bots too, as the bots of the examples are."""
    with openai.OpenAI(base_url=f"{poe.url}/local-poe/v1", api_key=POE_KEY, max_retries=0, timeout=60) as made:
        yield made


@pytest.fixture
def up(new_stack: StackFactory, tmp_path: Path, poe: Emulator) -> Callable[..., Stack]:
    """Brings an example up."""
    return partial(example_up, new_stack, tmp_path, poe)


def ask(client: openai.OpenAI, model: str = "T-Ex", content: Any = "Hi", **more: Any) -> str:
    """What the bot answers, as it streams."""
    messages: Any = [{"role": "user", "content": content}]
    stream = client.chat.completions.create(model=model, messages=messages, stream=True, **more)
    return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)


def last(poe: Emulator) -> Conversation:
    return list(poe.conversations)[-1]


def test_thinking_toggle_gives_the_endpoint_what_the_user_chose(
    up: Callable[..., Stack], endpoint: TalkingEndpoint, client: openai.OpenAI, poe: Emulator
) -> None:
    up("thinking-toggle", baseUrl=endpoint.url)

    assert ask(client) == "Hello from the end"
    assert (endpoint.asked["enable_thinking"], endpoint.asked["thinking_budget"]) == (True, 4096)
    ask(client, extra_body={"enable_thinking": False})
    assert endpoint.asked["enable_thinking"] is False
    assert [one.notes for one in poe.conversations] == [[], []]


@pytest.mark.parametrize(
    ("tokens", "cost"),
    [
        (1_000, "0.0004016"),  # 1,000 at 0.40 a million, and one at 1.60
        (31_999, "0.0128012"),
        (32_000, "0.0192024"),  # at 0.60 and 2.40
        (200_000, "0.2400048"),  # at 1.20 and 4.80
    ],
)
def test_tiered_pricing_prices_an_answer_by_the_length_of_the_prompt(
    up: Callable[..., Stack],
    endpoint: TalkingEndpoint,
    client: openai.OpenAI,
    poe: Emulator,
    tokens: int,
    cost: str,
) -> None:
    up("tiered-pricing", baseUrl=endpoint.url)
    endpoint.usage = {"prompt_tokens": tokens, "completion_tokens": 1}

    ask(client)

    assert last(poe).cost == cost


def test_tiered_pricing_prices_cached_tokens_apart(
    up: Callable[..., Stack], endpoint: TalkingEndpoint, client: openai.OpenAI, poe: Emulator
) -> None:
    up("tiered-pricing", baseUrl=endpoint.url)
    endpoint.usage = {
        "prompt_tokens": 40_000,
        "completion_tokens": 0,
        "prompt_tokens_details": {"cached_tokens": 30_000},
    }

    ask(client)

    assert last(poe).cost == "0.009"  # 10,000 at 0.60, and 30,000 at 0.10, which this tier leaves as it is


def test_vision_and_tools_passes_both_on_and_there_is_nothing_to_tell(
    up: Callable[..., Stack], endpoint: TalkingEndpoint, client: openai.OpenAI, poe: Emulator
) -> None:
    up("vision-and-tools", baseUrl=endpoint.url)
    parts = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PICTURE}}]

    assert ask(client, content=parts, tools=[TOOL]) == "Hello from the end"

    assert endpoint.asked["messages"][0]["content"] == parts
    assert endpoint.asked["tools"] == [TOOL]
    assert last(poe).notes == []


def test_bot_family_has_a_bot_for_each_size_with_prices_of_its_own(
    up: Callable[..., Stack], endpoint: TalkingEndpoint, client: openai.OpenAI, poe: Emulator
) -> None:
    up("bot-family", baseUrl=endpoint.url)
    endpoint.usage = {"prompt_tokens": 1_000_000, "completion_tokens": 1_000_000}

    for size in ("small", "large"):
        ask(client, f"T-Ex-dev-{size}")

    assert [(one.model, one.cost) for one in poe.conversations] == [
        ("T-Ex-dev-small", "0.5"),
        ("T-Ex-dev-large", "5"),
    ]


@pytest.mark.long
def test_self_hosted_starts_a_real_model_answers_and_stops_it(
    up: Callable[..., Stack], client: openai.OpenAI, poe: Emulator
) -> None:
    stack = up("self-hosted", port=str(free_port()))
    try:
        assert ask(client, content="What is the capital of France?", extra_body={"temperature": 0}).strip()
        said = last(poe)
        assert said.cost is not None
        assert said.completion_tokens
        assert said.notes == []
        stack.preview("--refresh", "--expect-no-changes").succeeded()
    finally:
        stack.destroy().succeeded()
    with pytest.raises(openai.NotFoundError):
        ask(client)


@pytest.mark.long
def test_self_hosted_starts_the_model_anew_where_its_process_is_gone_and_leaves_the_bot_alone(
    up: Callable[..., Stack], client: openai.OpenAI, poe: Emulator
) -> None:
    import psutil

    stack = up("self-hosted", port=str(free_port()))
    try:
        psutil.Process(int(stack.outputs()["pid"])).kill()
        poe.requests.clear()

        stack.up().succeeded()

        assert [request.path for request in poe.requests if request.method != "GET"] == []
        assert ask(client, extra_body={"max_tokens": 32})
    finally:
        stack.destroy().succeeded()


@pytest.mark.long
def test_self_hosted_takes_another_key_at_the_same_port(up: Callable[..., Stack], client: openai.OpenAI) -> None:
    stack = up("self-hosted", port=str(free_port()))
    try:
        stack.config("endpointKey", "sk-2", secret=True).up().succeeded()
        assert ask(client, extra_body={"max_tokens": 32})
    finally:
        stack.destroy().succeeded()
