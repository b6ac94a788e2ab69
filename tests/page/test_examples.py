"""The examples, from `pulumi up` to the end of a conversation on the page, and their pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from example_projects import EXAMPLES, example_up
from playwright.sync_api import Page
from ports import free_port
from stacks import Stack, StackFactory
from talking_endpoint import TalkingEndpoint

from pulumi_poe.emulator import Emulator

from .showing import TIMES, answers, ask, keep

OpenPage = Callable[[], Page]


def usage(prompt: int, completion: int, cached: int = 0) -> dict[str, Any]:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


TALKS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "thinking-toggle": (
        "Acme-Reasoner",
        "Is 91 a prime number?",
        "No. 91 is 7 times 13, so it has divisors other than 1 and itself.",
        usage(24, 412),
    ),
    "tiered-pricing": (
        "Acme-Reader",
        "What do all these letters agree on? [40,000 tokens of letters]",
        "That the harbour should be dredged before winter, and that somebody else should pay for it.",
        usage(40_120, 21, 8_000),
    ),
    "vision-and-tools": (
        "Acme-Observer",
        "What is in a good picture of a lighthouse?",
        "Weather. The lighthouse is the same every day; what is around it is not.",
        usage(18, 19),
    ),
    "bot-family": (
        "Acme-R2",
        "Which of you am I talking to?",
        "The large one. The small one would have answered by now.",
        usage(15, 14),
    ),
}
"""Of each example: a handle, what is asked, what is answered, and what the endpoint reports."""


@pytest.mark.parametrize("example", TALKS)
def test_an_example_can_be_talked_to_on_the_page(
    example: str,
    new_stack: StackFactory,
    tmp_path: Path,
    poe: Emulator,
    endpoint: TalkingEndpoint,
    open_page: OpenPage,
    page: Page,
) -> None:
    handle, question, answer, reported = TALKS[example]
    answers(endpoint, answer, reported)
    example_up(new_stack, tmp_path, poe, example, handle=handle, baseUrl=endpoint.url)

    open_page()
    ask(page, question)

    assert answer in page.get_by_role("main").inner_text()
    (conversation,) = poe.conversations
    assert conversation.cost is not None
    assert f"${conversation.cost}" in page.locator(".figures").inner_text()
    keep(page, EXAMPLES / example / "picture.png", TIMES)


@pytest.fixture
def self_hosted(new_stack: StackFactory, tmp_path: Path, poe: Emulator) -> Iterator[Stack]:
    stack = example_up(new_stack, tmp_path, poe, "self-hosted", handle="Local-Model", port=str(free_port()))
    yield stack
    stack.destroy().succeeded()


@pytest.mark.usefixtures("self_hosted")
def test_a_real_model_can_be_talked_to_on_the_page(open_page: OpenPage, page: Page, poe: Emulator) -> None:
    open_page()
    page.get_by_label("Temperature").press("Home")  # 0, so that it answers the same each time
    ask(page, "Name three things to take on a sailing trip.")

    (conversation,) = poe.conversations
    assert conversation.cost is not None
    assert f"${conversation.cost}" in page.locator(".figures").inner_text()
    keep(page, EXAMPLES / "self-hosted/picture.png", {})
