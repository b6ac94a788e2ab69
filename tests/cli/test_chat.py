"""`pulumi-poe chat HANDLE QUESTION`: one question, from a script."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chatting import CONTROLS, DEFINITIONS, ENDPOINT_KEY, Making, NotLocal
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from talking_endpoint import USAGE, TalkingEndpoint, chat_events, chunk, event

from pulumi_poe.emulator import API_KEY_2, Emulator, Fault

Run = Callable[..., tuple[int, str, str]]
Start = Callable[..., "subprocess.Popen[str]"]

ANSWER = "Hello from the end\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.fixture
def real(poe: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[NotLocal]:
    """What looks like Poe itself."""
    with NotLocal(poe.url) as passing:
        monkeypatch.setenv("POE_API_URL", passing.url)
        yield passing


def answering(*events: bytes, then: float = 0, status: int = 200) -> Callable[..., Any]:
    """An endpoint that streams these and, after so many seconds, breaks off."""

    async def parts() -> Any:
        for one in events:
            yield one
        await asyncio.sleep(then)

    async def answer(_request: Request, _body: dict[str, Any]) -> Response:
        return StreamingResponse(parts(), status, media_type="text/event-stream")

    return answer


def saying(text: str) -> list[bytes]:
    """The events of a whole answer."""
    first = chunk(choices=[{"index": 0, "delta": {"content": text}, "finish_reason": None}])
    return [event(first), *chat_events(USAGE)[-3:]]


def refusing(status: int, message: str, headers: dict[str, str] | None = None) -> Fault:
    """Poe's own refusal."""
    return Fault(status=status, headers=headers or {}, body={"error": {"message": message}})


def one_line(errors: str) -> str:
    assert len(errors.splitlines()) == 1, errors
    return errors.strip()


# --- the answer, and nothing else -------------------------------------------------------------------


@pytest.mark.parametrize("handle", ["Acme-Bot", "acme_bot", "ACMEBOT", "a.c.m.e-bot"])
def test_only_the_answer_is_printed_whatever_the_spelling(call: Run, bot: Making, handle: str) -> None:
    bot()
    assert call("chat", handle, "Hi") == (0, ANSWER, "")


def test_a_bot_is_asked_in_the_api_that_it_has(call: Run, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot(api_type="responses_api")
    assert call("chat", "Acme-Bot", "Hi") == (0, ANSWER, "")
    assert endpoint.requests[-1][0] == "/v1/responses"
    assert endpoint.asked["input"] == [{"role": "user", "content": "Hi"}]


def test_a_private_bot_answers_on_the_local_poe(call: Run, bot: Making, poe: Emulator) -> None:
    bot(is_private=True)
    assert call("chat", "Acme-Bot", "Hi") == (0, ANSWER, "")
    assert poe.requests[-1].path == "/local-poe/v1/chat/completions"


def test_somebody_elses_public_bot_answers(call: Run, bot: Making) -> None:
    bot("Their-Bot", key=API_KEY_2)
    bot("Their-Responder", key=API_KEY_2, api_type="responses_api")
    assert call("chat", "their_bot", "Hi") == (0, ANSWER, "")
    assert call("chat", "their_responder", "Hi") == (0, ANSWER, "")


def test_the_answer_streams(start: Start, bot: Making, poe: Emulator, endpoint: TalkingEndpoint) -> None:
    bot()
    endpoint.answering = answering(chat_events(None)[0], then=60)
    process = start("chat", "Acme-Bot", "Hi", environment={"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key})
    assert process.stdout is not None
    assert process.stdout.read(5) == "Hello"
    assert process.poll() is None


@pytest.mark.parametrize("arguments", [["Acme-Bot"], ["Acme-Bot", "-"]])
def test_a_question_can_be_piped_in(
    start: Start, bot: Making, poe: Emulator, endpoint: TalkingEndpoint, arguments: list[str]
) -> None:
    bot()
    environment = {"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key}
    process = start("chat", *arguments, environment=environment, stdin=subprocess.PIPE)
    assert process.communicate("one\ntwo \u2603\n", timeout=20) == (ANSWER, "")
    assert endpoint.asked["messages"][0]["content"] == "one\ntwo \u2603\n"


def test_a_question_that_is_no_utf8_is_asked_all_the_same(
    start: Start, bot: Making, poe: Emulator, endpoint: TalkingEndpoint, tmp_path: Path
) -> None:
    bot()
    (tmp_path / "question").write_bytes(b"caf\xe9")
    environment = {"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key}
    with (tmp_path / "question").open() as question:
        process = start("chat", "Acme-Bot", environment=environment, stdin=question)
        assert process.communicate(timeout=20) == (ANSWER, "")
    assert endpoint.asked["messages"][0]["content"] == "caf\ufffd"


def test_an_answer_ends_in_one_line_end(call: Run, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()
    for text, printed in (("two\nlines\n", "two\nlines\n"), ("no end", "no end\n"), ("a\r\n", "a\n"), ("a\r", "a\n")):
        endpoint.answering = answering(*saying(text))
        assert call("chat", "Acme-Bot", "Hi") == (0, printed, "")


def test_an_answer_can_not_move_the_cursor(call: Run, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()
    endpoint.answering = answering(*saying("\x1b[2J\u202eEVIL\x07\n[bold]kept[/bold]"))
    assert call("chat", "Acme-Bot", "Hi")[1] == "\ufffd[2J\ufffdEVIL\ufffd\n[bold]kept[/bold]\n"


def test_what_a_model_thinks_is_not_its_answer(call: Run, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()
    thought = event(chunk(choices=[{"index": 0, "delta": {"reasoning_content": "hm"}}]))
    endpoint.answering = answering(thought, *saying("yes"))
    assert call("chat", "Acme-Bot", "Hi") == (0, "yes\n", "")


def test_an_answer_that_is_cut_off_is_a_warning(call: Run, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()
    last = event(chunk(choices=[{"index": 0, "delta": {"content": "half"}, "finish_reason": "length"}]))
    endpoint.answering = answering(last, b"data: [DONE]\n\n")
    assert call("chat", "Acme-Bot", "Hi") == (0, "half\n", "Warning: the answer is not whole: length.\n")


@pytest.mark.usefixtures("real")
def test_the_last_event_counts_without_the_blank_line_after_it(
    call: Run, bot: Making, endpoint: TalkingEndpoint
) -> None:
    bot()
    endpoint.answering = answering(*saying("yes")[:-2], saying("yes")[-2].rstrip())
    code, _, errors = call("chat", "Acme-Bot", "Hi", "--cost")
    assert (code, errors.split(" · ")[0]) == (0, "1000 in (400 cached) + 3 out tokens")


# --- what it took and cost --------------------------------------------------------------------------


def test_the_cost_is_said_on_the_error_output(call: Run, bot: Making) -> None:
    bot()
    code, output, errors = call("chat", "Acme-Bot", "Hi", "--cost")
    assert (code, output) == (0, ANSWER)
    tokens, first, *_, cost, total = one_line(errors).split(" · ")
    assert (tokens, cost, total) == ("1000 in (400 cached) + 3 out tokens", "$0.00195", "total $0.00195")
    assert first.endswith(" s to the first")


def test_the_cost_is_reckoned_here_where_it_is_not_the_local_poe(call: Run, bot: Making, real: NotLocal) -> None:
    bot()
    assert one_line(call("chat", "Acme-Bot", "Hi", "--cost")[2]).endswith(" · $0.00195 · total $0.00195")
    # Whether it is the local Poe is asked of this machine alone.
    assert [path for path in real.asked if path.startswith("/local-poe")] == ["/local-poe/options"]


@pytest.mark.usefixtures("real")
def test_the_cost_of_somebody_elses_bot_is_about_what_the_list_says(call: Run, bot: Making) -> None:
    bot("Their-Bot", key=API_KEY_2, pricing={"prompt": "0.00000123", "completion": "0.00000987"})
    assert one_line(call("chat", "Their-Bot", "Hi", "--cost")[2]).endswith("about $0.0012297 · total about $0.0012297")


@pytest.mark.usefixtures("real")
def test_without_prices_the_cost_is_unknown(call: Run, bot: Making) -> None:
    bot(pricing={})
    errors = call("chat", "Acme-Bot", "Hi", "--cost")[2]
    assert one_line(errors).endswith(" · cost unknown · total $0, and 1 of unknown cost")


@pytest.mark.usefixtures("real")
def test_without_usage_it_says_that_poe_could_not_charge(call: Run, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()
    endpoint.usage = None
    errors = one_line(call("chat", "Acme-Bot", "Hi", "--cost")[2])
    assert errors.startswith("the endpoint reports no usage, by which Poe charges · ")


def test_the_local_poe_says_what_the_owner_should_know(call: Run, bot: Making) -> None:
    bot(max_input_tokens=10)
    _, _, errors = call("chat", "Acme-Bot", "Hi", "--cost")
    assert errors.splitlines()[1:] == ["Note: max_input_tokens: is 10, and the input had 1000 tokens"]


# --- parameters and images --------------------------------------------------------------------------


def test_what_is_set_is_at_the_top_of_the_question(call: Run, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot(param_definitions=DEFINITIONS, parameter_controls=CONTROLS)
    settings = ["think=yes", "effort=High", "budget=8", "ratio=wide", "rules=be kind = always", "lines=2.5"]
    assert call("chat", "Acme-Bot", "Hi", *(word for one in settings for word in ("--set", one))) == (0, ANSWER, "")
    asked = {name: endpoint.asked[name] for name in ("think", "effort", "budget", "ratio", "rules", "lines")}
    assert asked == {
        "think": True, "effort": "high", "budget": 8, "ratio": "wide", "rules": "be kind = always", "lines": 2.5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "said"), [("effrt=high", "Did you mean effort?"), ("effort=huge", "It is one of: low, medium, high.")]
)
def test_a_mistake_in_what_is_set_is_said_before_anything_is_sent(
    call: Run, bot: Making, endpoint: TalkingEndpoint, setting: str, said: str
) -> None:
    bot(param_definitions=DEFINITIONS, parameter_controls=CONTROLS)
    code, output, errors = call("chat", "Acme-Bot", "Hi", "--set", setting)
    assert (code, output) == (1, "")
    assert one_line(errors).startswith("Error: talk to bot 'Acme-Bot': ")
    assert said in errors
    assert endpoint.requests == []


def test_what_is_no_setting_is_wrong_usage(call: Run, bot: Making) -> None:
    bot()
    code, _, errors = call("chat", "Acme-Bot", "Hi", "--set", "effort")
    assert code == 2
    assert "a setting is NAME=VALUE, such as effort=high" in errors


@pytest.mark.parametrize("api", ["chat_completions_api", "responses_api"])
def test_images_go_along(call: Run, bot: Making, endpoint: TalkingEndpoint, tmp_path: Path, api: str) -> None:
    bot(api_type=api, input_modalities=["text", "image"])
    (tmp_path / "picture").write_bytes(PNG)
    image = str(tmp_path / "picture")
    assert call("chat", "Acme-Bot", "Which?", "--image", image, "--image", image) == (0, ANSWER, "")
    url = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    if api == "responses_api":
        (message,) = endpoint.asked["input"]
        assert [part.get("image_url") for part in message["content"]] == [None, url, url]
    else:
        (message,) = endpoint.asked["messages"]
        assert [part.get("image_url") for part in message["content"]] == [None, {"url": url}, {"url": url}]


def test_an_image_that_is_none_is_one_line(call: Run, bot: Making, tmp_path: Path) -> None:
    bot()
    code, _, errors = call("chat", "Acme-Bot", "Hi", "--image", str(tmp_path / "nowhere.png"))
    assert code == 1
    assert one_line(errors).endswith("nowhere.png can't be read: No such file or directory. Nothing was sent.")


def test_a_bot_that_does_not_say_that_it_takes_images_is_a_warning(call: Run, bot: Making, tmp_path: Path) -> None:
    bot()
    (tmp_path / "picture").write_bytes(PNG)
    code, _, errors = call("chat", "Acme-Bot", "Hi", "--image", str(tmp_path / "picture"))
    assert (code, errors) == (0, "Warning: Acme-Bot does not say that it takes images.\n")


# --- what goes wrong --------------------------------------------------------------------------------


def test_a_private_bot_can_not_be_reached_on_poe_itself(
    call: Run, bot: Making, real: NotLocal, endpoint: TalkingEndpoint
) -> None:
    bot(is_private=True)
    code, output, errors = call("chat", "acmebot", "Hi")
    assert (code, output) == (1, "")
    assert one_line(errors) == (
        "Error: talk to bot 'acmebot': the bot 'Acme-Bot' is private, and Poe's API calls public bots alone. Talk to "
        "it at https://poe.com/Acme-Bot, or set is_private to False, or try it on the local Poe (`pulumi-poe "
        "emulator`). Nothing was sent to it."
    )
    assert "/v1/chat/completions" not in real.asked
    assert endpoint.requests == []


def test_a_bot_that_nobody_has_is_one_line_with_the_nearest(call: Run, bot: Making) -> None:
    bot()
    code, output, errors = call("chat", "Acme-Bat", "Hi")
    assert (code, output) == (1, "")
    assert one_line(errors).startswith("Error: ask bot 'Acme-Bat': Poe answered 404 Not Found: ")
    assert errors.endswith("Did you mean 'Acme-Bot'?\n")


@pytest.mark.usefixtures("poe")
def test_a_handle_without_a_letter_names_no_bot(call: Run) -> None:
    assert one_line(call("chat", "..", "Hi")[2]).startswith("Error: talk to bot '..': a handle without a letter or")


def test_an_answer_is_not_cut_at_what_is_a_line_end_elsewhere(
    call: Run, bot: Making, endpoint: TalkingEndpoint
) -> None:
    bot()
    raw = b"".join(saying("one\u2028two\x85three\x0bfour"))
    endpoint.answering = answering(raw.replace(b"\\u2028", "\u2028".encode()))
    assert call("chat", "Acme-Bot", "Hi")[1] == "one\ufffdtwo\ufffdthree\ufffdfour\n"


def test_an_answer_without_text_prints_nothing(call: Run, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()
    endpoint.answering = answering(*chat_events(USAGE)[-3:])
    assert call("chat", "Acme-Bot", "Hi") == (0, "", "")


def test_a_key_that_poe_refuses_is_one_line_and_not_shown(
    call: Run, bot: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot()
    monkeypatch.setenv("POE_API_KEY", "wrong-canary")
    code, output, errors = call("chat", "Acme-Bot", "Hi")
    assert (code, output) == (1, "")
    assert "Poe answered 401" in one_line(errors)
    assert "wrong-canary" not in errors


def test_an_account_that_is_not_enabled_can_talk_to_public_bots(call: Run, bot: Making, poe: Emulator) -> None:
    bot()
    poe.faults.add(Fault("GET", "/bots", status=404, times=None, body={"error": {"message": "no such path"}}))
    assert call("chat", "Acme-Bot", "Hi") == (0, ANSWER, "")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (refusing(429, "slow", {"Retry-After": "7"}), "429 Too Many Requests: slow. Try again in 7 s."),
        (refusing(402, "no points"), "402 Payment Required: no points. Poe charges the account of the key"),
        (refusing(502, "bad"), "502 Bad Gateway: bad. `pulumi-poe doctor Acme-Bot --completion`"),
        (refusing(500, "oh"), "500 Internal Server Error: oh. Try again."),
        (Fault(status=503, body="<html>"), "503 Service Unavailable, with a body that is not its own. Is http"),
        (Fault(status=200, body="<html>"), "Poe answered with text/html in place of a stream."),
        (Fault(status=307, headers={"Location": "https://x.example.com"}, body=""), "307 Temporary Redirect, with a"),
        (Fault(drop=True), "broke the connection off. Try again."),
        (Fault(moment="after", truncate=30), "broke the connection off. Try again."),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else "",
)
def test_what_poe_does_amiss_is_one_line(call: Run, bot: Making, poe: Emulator, fault: Fault, said: str) -> None:
    bot()
    fault.method, fault.path = "POST", "/v1/chat/completions"
    poe.faults.add(fault)
    code, _, errors = call("chat", "Acme-Bot", "Hi")
    assert code == 1
    assert one_line(errors).startswith("Error: ask bot 'Acme-Bot': ")
    assert said in errors


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (chat_events(None)[:2], "the answer ended with an error: "),
        (
            [*chat_events(None)[:2], event({"error": {"message": f"{ENDPOINT_KEY}\x1b[2J"}})],
            "with an error: ***\ufffd[2J.",
        ),
        ([*chat_events(None)[:1], b"data: oops\n\n"], "the answer has an event that is no JSON object: oops."),
    ],
)
def test_an_answer_that_breaks_off_is_printed_as_far_as_it_came(
    call: Run, bot: Making, endpoint: TalkingEndpoint, events: list[bytes], said: str
) -> None:
    bot()
    endpoint.answering = answering(*events)
    code, output, errors = call("chat", "Acme-Bot", "Hi")
    assert code == 1
    assert output in ("Hello\n", "Hello from\n")
    assert said in one_line(errors)
    assert "pulumi-poe doctor Acme-Bot" in errors


def test_an_answer_that_just_ends_broke_off(call: Run, bot: Making, poe: Emulator) -> None:
    bot()
    body = b"".join(chat_events(None)[:2]).decode()
    poe.faults.add(Fault("POST", "/v1/chat/completions", status=200, body=body, content_type="text/event-stream"))
    code, output, errors = call("chat", "Acme-Bot", "Hi")
    assert (code, output) == (1, "Hello from\n")
    assert "the answer broke off before its end." in one_line(errors)


def test_an_answer_of_which_nothing_comes_is_given_up(call: Run, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()
    endpoint.pause = 60
    code, output, errors = call("chat", "Acme-Bot", "Hi", "--timeout", "0.3")
    assert (code, output) == (1, "Hello\n")
    assert one_line(errors).endswith("was silent for 0.3 s. Try again, or with a longer --timeout.")
    assert endpoint.hung_up.wait(10)


@pytest.mark.usefixtures("poe")
def test_a_poe_that_is_not_there_is_one_line(call: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        monkeypatch.setenv("POE_API_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
    monkeypatch.setenv("POE_OPERATION_TIMEOUT", "0.5")
    code, _, errors = call("chat", "Acme-Bot", "Hi")
    assert code == 1
    assert "can't be reached" in one_line(errors)


@pytest.mark.usefixtures("bot")
def test_an_answer_that_is_no_object_where_a_list_is_due(call: Run, poe: Emulator) -> None:
    poe.faults.add(Fault("GET", "/v1/models", status=200, body=[1]))
    assert "with a body that is no JSON object" in one_line(call("chat", "Acme-Bot", "Hi")[2])


@pytest.mark.parametrize("arguments", [["Acme-Bot", " "], ["Acme-Bot", "Hi", "--ask-controls"]])
@pytest.mark.usefixtures("poe")
def test_a_question_has_to_be_one(call: Run, arguments: list[str]) -> None:
    code, _, errors = call("chat", *arguments)
    assert code == 2
    assert "There is no question." in errors or "--ask-controls needs a conversation." in errors


@pytest.mark.usefixtures("poe")
def test_a_conversation_needs_a_terminal_to_answer_in(start: Start) -> None:
    typed, terminal = os.openpty()
    process = start("chat", "Acme-Bot", environment={"POE_API_KEY": "key"}, stdin=terminal)
    assert "A conversation needs a terminal. Give a QUESTION, or - to read it." in process.communicate(timeout=20)[1]
    assert process.returncode == 2
    os.close(typed)
    os.close(terminal)


def test_nothing_piped_in_is_no_question(start: Start) -> None:
    process = start("chat", "Acme-Bot", environment={"POE_API_KEY": "key"}, stdin=subprocess.DEVNULL)
    assert "There is no question." in process.communicate(timeout=20)[1]
    assert process.returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_ctrl_c_stops_the_answer_and_the_endpoints_work(
    start: Start, bot: Making, poe: Emulator, endpoint: TalkingEndpoint
) -> None:
    bot()
    endpoint.pause = 60
    process = start("chat", "Acme-Bot", "Hi", environment={"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key})
    assert process.stdout is not None
    assert process.stdout.read(5) == "Hello"
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output.strip(), errors.strip()) == (130, "", "")
    assert endpoint.hung_up.wait(10)


def test_a_pipe_that_nobody_reads_ends_it_without_a_word(
    start: Start, bot: Making, poe: Emulator, endpoint: TalkingEndpoint
) -> None:
    bot()
    endpoint.pause = 0.3
    process = start("chat", "Acme-Bot", "Hi", environment={"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key})
    assert process.stdout is not None
    assert process.stdout.read(5) == "Hello"
    process.stdout.close()
    assert process.wait(timeout=20) == 1
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stdout = None


@pytest.mark.usefixtures("real")
def test_no_key_is_ever_shown(call: Run, bot: Making, poe: Emulator) -> None:
    bot()
    echo = {"error": {"message": f"Bearer {poe.api_key} is wrong"}}
    poe.faults.add(Fault("POST", "/v1/chat/completions", status=401, body=echo))
    _, output, errors = call("chat", "Acme-Bot", "Hi")
    assert poe.api_key not in output + errors
    assert "Bearer [secret] is wrong" in errors


@pytest.mark.usefixtures("real")
def test_json_that_is_no_stream_is_named(call: Run, bot: Making, poe: Emulator) -> None:
    bot()
    poe.faults.add(Fault("POST", "/v1/chat/completions", status=200, body={"choices": []}))
    assert "Poe answered with application/json in place of a stream" in one_line(call("chat", "Acme-Bot", "Hi")[2])


def test_the_endpoints_error_says_what_to_do(call: Run, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()

    async def refuses(_request: Request, _body: dict[str, Any]) -> Response:
        return JSONResponse({"error": {"message": f"bad key {ENDPOINT_KEY}"}}, 401)

    endpoint.answering = refuses
    errors = one_line(call("chat", "Acme-Bot", "Hi")[2])
    assert "Poe answered 502 Bad Gateway: Bot Acme-Bot: the endpoint " in errors
    assert errors.endswith("`pulumi-poe doctor Acme-Bot --completion` looks at the endpoint.")
    assert ENDPOINT_KEY not in errors


@pytest.mark.parametrize("seconds", ["nan", "inf", "-inf", "0", "1e10"])
def test_a_time_that_no_socket_can_wait_is_wrong_usage(run: Run, seconds: str) -> None:
    code, _, said = run("chat", "Acme-Bot", "Hi", "--timeout", seconds)
    assert code == 2
    assert "Invalid value for '--timeout'" in said
