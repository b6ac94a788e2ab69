"""What each check makes of an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from endpoints import ENDPOINT_KEY, Endpoint
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.core.endpoint import checks
from pulumi_poe.core.endpoint.asking import Answer, Asking
from pulumi_poe.core.endpoint.result import FailedError, Result
from pulumi_poe.core.endpoint.wire import ChatCompletions, Format, Responses

FORMATS: list[Format] = [ChatCompletions(), Responses()]


class Played(Asking):
    """Answers what a test says, and notes what it was asked."""

    def __init__(self, *answers: Answer | FailedError, key: str | None = ENDPOINT_KEY) -> None:
        super().__init__("https://llm.example.com/v1", key, lambda: 1.0)
        self._answers = list(answers)
        self.asked: list[Any] = []

    def answer(self, method: str, path: str, body: Any = None, **_: Any) -> Answer:
        self.asked.append((method, path, body))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, FailedError):
            raise answer
        return answer


def played(status: int, body: Any = "", key: str | None = ENDPOINT_KEY) -> Played:
    return Played(Answer(status, body if isinstance(body, str) else json.dumps(body)), key=key)


def completed(asking: Asking, wire: Format = FORMATS[0], **how: Any) -> list[Result]:
    return list(checks.completion(asking, "m", wire, **how))


@pytest.mark.parametrize(
    ("status", "key", "cause"),
    [
        (400, ENDPOINT_KEY, ""),
        (401, ENDPOINT_KEY, ""),
        (401, None, "wants a key"),
        (403, None, "wants a key"),
        (404, ENDPOINT_KEY, "starting"),
        (422, ENDPOINT_KEY, ""),
        (429, ENDPOINT_KEY, "starting"),
        (302, ENDPOINT_KEY, ""),
        (500, ENDPOINT_KEY, "starting"),
        (503, ENDPOINT_KEY, "starting"),
        (201, ENDPOINT_KEY, ""),
    ],
)
def test_what_an_answer_means_for_the_wait(status: int, key: str | None, cause: str) -> None:
    (found,) = completed(played(status, f"no {ENDPOINT_KEY}", key))
    assert (found.outcome, found.cause) == ("failed", cause)
    assert found.said.startswith(f"/chat/completions answers {status}")
    assert found.advice
    if key is not None:
        assert ENDPOINT_KEY not in f"{found}"


def test_a_web_page_is_what_a_proxy_answers_before_the_endpoint_is_there() -> None:
    (found,) = completed(played(200, "\n<!doctype html>"))
    said = "/chat/completions answers with no completion: <!doctype html>"
    assert (found.said, found.cause) == (said, "starting")


def test_a_redirect_says_where_to_and_not_the_key() -> None:
    (found,) = completed(Played(Answer(308, "", f"https://llm.example.com/v1/?key={ENDPOINT_KEY}")))
    assert found.said.startswith("/chat/completions answers 308, a redirect to https://llm.example.com/v1/?key=")
    assert ENDPOINT_KEY not in found.said


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        [],
        {},
        {"choices": []},
        {"choices": [None]},
        {"choices": [{"text": "ok"}]},
        {"error": {"message": ""}},
    ],
    ids=str,
)
def test_what_is_no_completion_fails(body: Any) -> None:
    (found,) = completed(played(200, body))
    assert (found.outcome, found.cause) == ("failed", "")
    shown = body if isinstance(body, str) else json.dumps(body)
    assert found.said == f"/chat/completions answers with no completion{': ' if shown else ''}{shown}"


@pytest.mark.parametrize(
    "stream",
    [
        'data: {"choices": [{"delta": {"content": "o"}}]}\n\n',
        'data: {"choices": [{"delta": {"content": "o"}}]}\n\ndata: {"choices": [{"del',
    ],
)
def test_a_stream_that_breaks_off_fails(stream: str) -> None:
    (found,) = completed(played(200, stream), stream=True)
    assert (found.said, found.cause) == ("/chat/completions breaks its stream off", "starting")


def test_the_last_usage_of_a_stream_counts() -> None:
    events = [{"choices": [{"delta": {}}], "usage": {"prompt_tokens": 3, "completion_tokens": n}} for n in range(3)]
    stream = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    assert completed(played(200, stream), stream=True)[-1].said == "3 prompt_tokens and 2 completion_tokens"


@pytest.mark.parametrize(
    "usage", [None, {}, 7, {"prompt_tokens": 3}, {"prompt_tokens": 3, "completion_tokens": 0},
              {"prompt_tokens": True, "completion_tokens": True}, {"prompt_tokens": "3", "completion_tokens": "3"}]
)  # fmt: skip
def test_usage_that_says_nothing_fails(usage: Any) -> None:
    done, found = completed(played(200, {"choices": [{"message": {}}], "usage": usage}))
    assert done.outcome == "ok"
    assert (found.outcome, found.said) == (
        "failed",
        "/chat/completions reports no prompt_tokens and completion_tokens",
    )


def test_a_model_that_refuses_the_name_of_the_limit_is_asked_by_the_other() -> None:
    refused = Answer(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
    asking = Played(refused, Answer(200, json.dumps({"choices": [{"message": {}}]})))
    assert completed(asking)[0].outcome == "ok"
    first, second = (body for _, _, body in asking.asked)
    assert first.pop("max_tokens") == second.pop("max_completion_tokens") == 16
    assert first == second


def test_a_refusal_of_anything_else_is_not_asked_again() -> None:
    asking = played(400, "no such model")
    assert completed(asking)[0].said == "/chat/completions answers 400: no such model"
    assert len(asking.asked) == 1


@pytest.mark.parametrize("how", ["tools", "image"])
def test_a_refusal_says_with_what_it_was_asked(how: str) -> None:
    (found,) = completed(played(400, "no"), FORMATS[0], check=how, **{how: True})
    assert found.check == how
    assert f"with a{'n' if how == 'image' else ''} {how.removesuffix('s')}. " in found.advice


@pytest.mark.parametrize("wire", FORMATS, ids=lambda wire: wire.path)
@pytest.mark.parametrize("how", [{}, {"stream": True}, {"tools": True}, {"image": True}], ids=str)
def test_an_endpoint_that_is_as_it_should_be(wire: Format, how: dict[str, Any]) -> None:
    with Endpoint() as endpoint:
        found = completed(Asking(endpoint.url, None, lambda: 5.0), wire, **how)
    assert [one.outcome for one in found] == ["ok", "ok"]


def test_no_answer_is_the_failure_of_the_check() -> None:
    failed = FailedError("gone", "Look.", "unreachable")
    assert completed(Played(failed)) == [failed.of("completion")]
    assert checks.models(Played(failed)) == (None, failed.of("/models"))


@pytest.mark.parametrize("status", [200, 404, 405, 501])
def test_an_endpoint_needs_no_list_of_models(status: int) -> None:
    assert checks.models(played(status, "<html>"))[1].outcome == "skipped"


def test_models_that_are_none_are_not_counted() -> None:
    listed, found = checks.models(played(200, {"data": [{"id": "m"}, {"id": 7}, None, "m"]}))
    assert listed == ["m"]
    assert found.said == "1 model"


def test_a_model_that_is_not_listed_is_a_warning() -> None:
    assert checks.model_is_listed("m", None) is checks.model_is_listed("m", ["m"]) is None
    missing = checks.model_is_listed("n", ["m"])
    assert missing is not None
    assert missing.outcome == "warning"


def test_what_a_proxy_does_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Asking, "by_a_proxy", True)
    asking = Asking("https://nowhere.invalid/v1", None, lambda: 1.0)
    assert checks.name(asking).outcome == checks.tls(asking).outcome == "skipped"


@given(st.integers(100, 599), st.text() | st.binary().map(str), st.booleans(), st.sampled_from(FORMATS))
def test_whatever_is_answered_is_a_result_of_one_line(status: int, text: str, stream: bool, wire: Format) -> None:
    for found in [*completed(played(status, text), wire, stream=stream), checks.models(played(status, text))[1]]:
        assert found.outcome in ("ok", "skipped") or (found.said and found.advice)
        assert found.said.isprintable()
