"""What went over the wire, as a person may see it."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from pulumi_poe.chat.calling import Exchange
from pulumi_poe.chat.curl import as_curl, as_it_went

URL = "https://api.poe.com/v1/chat/completions"


def exchange(body: dict[str, Any]) -> Exchange:
    return Exchange(URL, {"Content-Type": "application/json"}, json.dumps(body))


@pytest.mark.parametrize("text", ["plain", 'I\'m "quoted"', "$HOME `id` \\ !!", "two\nlines", "\x1b[2J é ☃"])
def test_a_shell_gives_curl_the_very_body(text: str) -> None:
    words = shlex.split(as_curl(exchange({"text": text})).replace("\\\n", ""))
    assert words[:2] == ["curl", "-N"]
    assert json.loads(words[words.index("-d") + 1]) == {"text": text}
    assert as_curl(exchange({"text": text})).replace("\n", "").isprintable()


def test_a_body_that_is_too_long_for_an_argument_is_read_from_the_command_itself() -> None:
    command = as_curl(exchange({"text": "x" * 200_000}))
    first, _, rest = command.partition(" <<'END'\n")
    assert first.endswith("--data-binary @-")
    assert json.loads(rest.removesuffix("\nEND"))["text"] == "x" * 200_000


def test_the_data_of_an_image_is_cut_short() -> None:
    asked = exchange({"url": f"data:image/png;base64,{'A' * 5000}"})
    assert f'"data:image/png;base64,{"A" * 20}…"' in as_it_went(asked, str)


def test_both_sides_are_shown_without_the_key() -> None:
    asked = exchange({"text": "hi"})
    asked.status = 200
    asked.answer_headers = [("content-type", "text/event-stream")]
    asked.answer += b"data: the key is sk-canary\n\n"
    shown = as_it_went(asked, lambda text: text.replace("sk-canary", "[secret]"))
    assert shown == (
        f"POST {URL}\nAuthorization: Bearer $POE_API_KEY\nContent-Type: application/json\n\n"
        '{"text": "hi"}\n\n200\ncontent-type: text/event-stream\n\ndata: the key is [secret]\n\n'
    )


def test_a_question_without_an_answer_says_so() -> None:
    assert as_it_went(exchange({}), str).endswith("\n\n{}\n\n(no answer)")
