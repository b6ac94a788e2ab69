"""Parts of the page that reckon, by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

OpenPage = Callable[[], Page]


@pytest.mark.parametrize(
    ("one", "other", "total"),
    [
        ("0", "0", "0"),
        ("0.1", "0.2", "0.3"),
        ("0.0031", "0.1", "0.1031"),
        ("1.5", "2.5", "4"),
        ("100", "20", "120"),
        ("0", "10", "10"),
        ("99999999999999999999.9", "0.1", "100000000000000000000"),
        ("0.0000000000000000000000000001", "1", "1.0000000000000000000000000001"),
    ],
)
def test_sums_are_exact(open_page: OpenPage, one: str, other: str, total: str) -> None:
    program = "async ([one, other]) => (await import('/page/money.js')).sum(one, other)"
    assert open_page().evaluate(program, [one, other]) == total


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_end_with_a_blank_line_however_they_are_cut(open_page: OpenPage, end: str, size: int) -> None:
    lines = [
        ": a comment",
        'data: {"a": 1}',
        "",
        "event: x",
        'data:{"b":',
        "data:2}",
        "",
        "data: [DONE]",
        "",
        "data: 3",
        "",
    ]
    text = end.join([*lines, ""])
    program = """async (parts) => {
      const { Events } = await import('/page/wire.js');
      const events = new Events();
      return [...parts, '\\n\\n'].flatMap((part) => [...events.feed(part)]);
    }"""
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    assert open_page().evaluate(program, parts) == [{"a": 1}, {"b": 2}, 3]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Acme", "Acme"),
        ("a\nb\tc", "a b c"),
        ("a\u202eb\u0000c\u200bd", "a\ufffdb\ufffdc\ufffdd"),
        ("x" * 400, "x" * 300 + " …"),
        (3, "3"),
        (None, "null"),
        ({"a": 1}, '{ "a": 1 }'),
    ],
)
def test_what_is_shown_of_somebody_elses_text(open_page: OpenPage, text: Any, shown: str) -> None:
    found = open_page().evaluate("async (text) => (await import('/page/elements.js')).line(text)", text)
    assert " ".join(found.split()) == shown


@pytest.mark.parametrize(
    ("api", "answer", "said"),
    [
        ("chat_completions_api", {"choices": [{"message": {"content": "a", "refusal": "b"}}]}, {"text": "ab"}),
        ("chat_completions_api", {"choices": []}, {"text": ""}),
        ("chat_completions_api", {"choices": 3}, {"text": ""}),
        ("chat_completions_api", {"error": {"message": "no"}}, {"text": "", "error": "no"}),
        ("chat_completions_api", {"error": {}}, {"text": "", "error": "The endpoint answered with an error."}),
        ("responses_api", {"output": 3}, {"text": ""}),
        ("responses_api", {"output": [{}, {"content": [{"text": "a"}, {"refusal": "b"}, 3]}]}, {"text": "ab"}),
        (
            "responses_api",
            {"incomplete_details": {"reason": "max_output_tokens"}},
            {"text": "", "reason": "max_output_tokens"},
        ),
        ("responses_api", {"error": {"code": "x", "message": "no"}}, {"text": "", "error": "no"}),
    ],
)
def test_what_an_answer_says(open_page: OpenPage, api: str, answer: Any, said: Any) -> None:
    program = "async ([api, answer]) => JSON.stringify((await import('/page/wire.js')).whole(api, answer))"
    assert open_page().evaluate(f"async (it) => JSON.parse(await ({program})(it))", [api, answer]) == said


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"type": "response.output_text.delta", "delta": "a"}, {"text": "a"}),
        ({"type": "response.completed", "response": {"output": [{"content": [{"text": "all"}]}]}}, {"whole": "all"}),
        (
            {"type": "response.incomplete", "response": {"incomplete_details": {"reason": "content_filter"}}},
            {"text": "", "reason": "content_filter"},
        ),
        ({"type": "response.failed", "response": {"error": {"message": "no"}}}, {"text": "", "error": "no"}),
        ({"type": "error", "message": "no"}, {"error": "no"}),
        (3, {}),
        (None, {}),
        ([], {}),
    ],
)
def test_what_an_event_says(open_page: OpenPage, event: Any, said: Any) -> None:
    program = "async (event) => JSON.stringify((await import('/page/wire.js')).part('responses_api', event))"
    assert open_page().evaluate(f"async (it) => JSON.parse(await ({program})(it))", event) == said
