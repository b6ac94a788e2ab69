"""What is sent in each format, and what is found in an answer."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import talking_endpoint
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.core.endpoint.wire import ChatCompletions, Format, Responses, events_of, format_of, json_of

FORMATS: list[Format] = [ChatCompletions(), Responses()]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "delta", "usage", "response", "output", "type", "finish_reason"]),
            inner,
        )
    ),
    max_leaves=10,
)


@pytest.mark.parametrize(("api_type", "path"), [(None, "/chat/completions"), ("responses_api", "/responses")])
def test_a_format_has_its_path(api_type: str | None, path: str) -> None:
    assert format_of(api_type).path == path


@pytest.mark.parametrize("wire", FORMATS, ids=lambda wire: wire.path)
@pytest.mark.parametrize("more", [{}, {"stream": True}, {"tools": True}, {"image": True}], ids=str)
def test_a_tiny_completion_is_asked_for(wire: Format, more: dict[str, Any]) -> None:
    body = wire.body("acme/m", **more)
    assert body["model"] == "acme/m"
    assert body[wire.limits[0]] == 16
    assert body.get("stream", False) is ("stream" in more)
    assert ("tools" in body) is ("tools" in more)
    assert ("data:image/png;base64," in str(body)) is ("image" in more)


def test_the_image_is_one() -> None:
    url = str(ChatCompletions().body("m", image=True)["messages"][0]["content"][1]["image_url"]["url"])
    picture = base64.b64decode(url.partition(",")[2])
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(url) < 400


@pytest.mark.parametrize("usage", [None, talking_endpoint.USAGE], ids=["none", "some"])
def test_answers_as_openais_library_takes_them_are_answers(usage: dict[str, Any] | None) -> None:
    answers = {
        "/chat/completions": (talking_endpoint.chat_answer(usage), talking_endpoint.chat_events(usage)),
        "/responses": (talking_endpoint.response_answer(usage), talking_endpoint.response_events(usage)),
    }
    for wire in FORMATS:
        whole, streamed = answers[wire.path]
        events = events_of(b"".join(streamed).decode())
        assert wire.is_answer(whole, stream=False)
        assert any(wire.is_answer(event, stream=True) for event in events)
        assert any(map(wire.is_end, events))
        found = [wire.usage(whole), *(counts for event in events if (counts := wire.usage(event)))]
        assert len(found) == 2 if usage else found == [None]


def test_an_answer_is_whole_also_where_it_is_as_long_as_it_may_be() -> None:
    assert Responses().is_end({"type": "response.incomplete", "response": {}})
    assert not Responses().is_end({"type": "response.failed", "response": {}})
    assert ChatCompletions().is_end({"choices": [{"finish_reason": "length"}]})


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_events_end_as_the_standard_says(end: str) -> None:
    text = end.join(["event: a", 'data: {"text": "one\u2028line"}', "", ": comment", "", "data:2", "", ""])
    assert events_of(text) == [{"text": "one\u2028line"}, 2]


@given(st.text() | JSON.map(str))
def test_whatever_comes_is_read(text: str) -> None:
    json_of(text)
    for event in [*events_of(text), *events_of(f"data: {text}")]:
        for wire in FORMATS:
            wire.is_answer(event, stream=True)


@given(JSON)
def test_whatever_json_comes_is_judged(part: Any) -> None:
    for wire in FORMATS:
        wire.is_answer(part, stream=True)
        wire.is_answer(part, stream=False)
        wire.is_end(part)
        wire.usage(part)


def test_json_that_python_can_not_hold_is_none() -> None:
    assert json_of("[" * 100_000) is None
    assert json_of("1" * 10_000) is None
