"""A conversation of `pulumi-poe chat`, in a real terminal."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from chatting import CONTROLS, DEFINITIONS, Making, NotLocal, Typed
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from talking_endpoint import USAGE, TalkingEndpoint, chat_events, response_events

from pulumi_poe.emulator import API_KEY_2, Emulator, Fault

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
TOLD = " · $0.00195 · total $"
Chatting = Callable[..., AbstractContextManager[Typed]]


@pytest.fixture
def chat(poe: Emulator) -> Chatting:
    """`pulumi-poe chat Acme-Bot ARGUMENTS…` in a terminal."""

    def begin(*arguments: str, handle: str = "Acme-Bot", url: str = poe.url) -> Typed:
        return Typed("chat", handle, *arguments, environment={"POE_API_URL": url, "POE_API_KEY": poe.api_key})

    return begin


def texts(endpoint: TalkingEndpoint) -> list[str]:
    """What was said in the last question, from the first message on."""
    messages = endpoint.asked.get("messages") or endpoint.asked["input"]
    return [message["content"] for message in messages]


def test_the_whole_conversation_is_sent_each_time(chat: Chatting, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot(is_private=True)
    with chat() as terminal:
        terminal.wait_for("Acme-Bot on the local Poe. /help says what there is, Ctrl-D ends.")
        terminal.say("One")
        assert "Hello from the end\n" in terminal.wait_for(TOLD)
        terminal.wait_for("0.00195\n")
        terminal.say("Two")
        terminal.wait_for("total $0.0039\n")
        assert texts(endpoint) == ["One", "Hello from the end", "Two"]
        terminal.say("/quit")
        assert terminal.end() == (0, "/quit\n")


def test_a_conversation_by_the_responses_api(chat: Chatting, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot(api_type="responses_api")
    with chat() as terminal:
        for text in ("One", "Two"):
            terminal.say(text)
            terminal.wait_for(TOLD)
        assert texts(endpoint) == ["One", "Hello from the end", "Two"]


def test_each_answer_is_told_in_one_line(chat: Chatting, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot(max_input_tokens=10)
    has_begun = threading.Event()

    async def parts() -> AsyncIterator[bytes]:
        first, *rest = chat_events(USAGE)
        yield first
        await asyncio.to_thread(has_begun.wait, 20)
        await asyncio.sleep(0.2)
        for one in rest:
            yield one

    async def answer(_request: Request, _body: dict[str, Any]) -> Response:
        return StreamingResponse(parts(), media_type="text/event-stream")

    endpoint.answering = answer
    with chat() as terminal:
        terminal.say("Hi")
        terminal.wait_for("Hello")
        has_begun.set()
        terminal.wait_for("the end\n1000 in (400 cached) + 3 out tokens · ")
        assert terminal.wait_for(" s to the first · ").startswith("0.")
        terminal.wait_for(" tokens/s · $0.00195 · total $0.00195\n")
        terminal.wait_for("Note: max_input_tokens: is 10, and the input had 1000 tokens\n")


def test_control_d_ends_it(chat: Chatting, bot: Making) -> None:
    bot()
    with chat() as terminal:
        terminal.wait_for("> ")
        terminal.type("\x04")
        assert terminal.end() == (0, "\n")


def test_ctrl_c_clears_the_line_and_a_second_one_ends_it(chat: Chatting, bot: Making) -> None:
    bot()
    with chat() as terminal:
        terminal.wait_for("> ")
        terminal.type("half a question")
        terminal.wait_for("question")
        terminal.interrupt()
        terminal.wait_for("Ctrl-C again, or Ctrl-D, ends.\n")
        terminal.say("whole")
        terminal.wait_for(TOLD)
        terminal.wait_for("> ")
        terminal.interrupt()
        terminal.wait_for("Ctrl-C again, or Ctrl-D, ends.\n")
        terminal.wait_for("> ")
        terminal.interrupt()
        assert terminal.end()[0] == 130


def test_ctrl_c_stops_the_answer_and_the_endpoints_work_and_what_came_was_said(
    chat: Chatting, bot: Making, endpoint: TalkingEndpoint
) -> None:
    bot()
    endpoint.pause = 60
    with chat() as terminal:
        terminal.say("One")
        terminal.wait_for("Hello")
        terminal.type("\x03")
        assert endpoint.hung_up.wait(10)
        terminal.wait_for("stopped · ")
        terminal.wait_for("cost unknown · total $0, and 1 of unknown cost\n")
        endpoint.pause = 0
        terminal.say("Two")
        terminal.wait_for("total $0.00195, and 1 of unknown cost\n")
        assert texts(endpoint) == ["One", "Hello", "Two"]


def test_a_question_whose_answer_is_stopped_before_it_begins_is_dropped(
    chat: Chatting, bot: Making, poe: Emulator, endpoint: TalkingEndpoint
) -> None:
    bot()
    held = poe.faults.add(Fault("POST", "/v1/chat/completions", hold=True))
    with chat() as terminal:
        terminal.say("One")
        held.wait_until_met(20)
        terminal.type("\x03")
        terminal.wait_for("stopped · ")
        terminal.say("Two")
        terminal.wait_for(TOLD.partition("total")[0])
        assert texts(endpoint) == ["Two"]


def test_a_question_whose_answer_fails_is_dropped_and_the_conversation_goes_on(
    chat: Chatting, bot: Making, poe: Emulator, endpoint: TalkingEndpoint
) -> None:
    bot()
    poe.faults.add(Fault("POST", "/v1/chat/completions", status=429, body={"error": {"message": "slow down"}}))
    with chat() as terminal:
        terminal.say("One")
        terminal.wait_for(
            "Error: ask bot 'Acme-Bot': Poe answered 429 Too Many Requests: slow down. Try again later.\n"
        )
        terminal.say("One")
        terminal.wait_for(TOLD)
        assert texts(endpoint) == ["One"]


def test_a_question_whose_answer_has_no_text_is_dropped(chat: Chatting, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()

    async def silent(_request: Request, _body: dict[str, Any]) -> Response:
        return Response(b"".join(chat_events(USAGE)[-3:]), media_type="text/event-stream")

    endpoint.answering = silent
    with chat() as terminal:
        terminal.say("One")
        terminal.wait_for(TOLD)
        endpoint.answering = None
        terminal.say("Two")
        terminal.wait_for(TOLD)
        assert texts(endpoint) == ["Two"]


def test_what_is_pasted_is_one_question(bot: Making, poe: Emulator, endpoint: TalkingEndpoint) -> None:
    bot()
    environment = {"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key, "TERM": "xterm"}
    with Typed("chat", "Acme-Bot", environment=environment) as terminal:
        terminal.wait_for("> ")
        terminal.type("\x1b[200~first\nsecond\x1b[201~\r")
        terminal.wait_for(TOLD)
        assert texts(endpoint) == ["first\nsecond"]


def test_a_backslash_says_that_another_line_follows(chat: Chatting, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()
    with chat() as terminal:
        terminal.say("first\\")
        terminal.wait_for("… ")
        terminal.type("second\r")
        terminal.wait_for(TOLD)
        assert texts(endpoint) == ["first\nsecond"]


def test_two_strokes_begin_a_question_with_one(chat: Chatting, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()
    with chat() as terminal:
        terminal.say("//etc/hosts?")
        terminal.wait_for(TOLD)
        assert texts(endpoint) == ["/etc/hosts?"]


def test_an_unknown_command_is_named_with_the_nearest(chat: Chatting, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()
    with chat() as terminal:
        terminal.say("/cots")
        terminal.wait_for(
            "Error: there is no /cots. Did you mean /cost? A line that begins with // is sent with one /.\n"
        )
        terminal.say("   ")
        terminal.wait_for("> ")
    assert endpoint.requests == []


def test_help_names_every_command(chat: Chatting, bot: Making) -> None:
    bot()
    with chat() as terminal:
        terminal.say("/help")
        shown = terminal.wait_for("stays said\n")
        for line in ("/set [NAME[=VALUE]]   set a", "/raw ", "/curl ", "/quit ", "a \\ at the end ", "Ctrl-C "):
            assert f"\n{line}" in shown


# --- what is set ------------------------------------------------------------------------------------


def test_a_parameter_is_set_and_left_again(chat: Chatting, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot(param_definitions=DEFINITIONS, parameter_controls=CONTROLS)
    with chat("--set", "lines=3") as terminal:
        terminal.say("/set effort=HIGH")
        terminal.wait_for("effort = high\n")
        terminal.say("/unset lines")
        terminal.wait_for("lines is left to its default.\n")
        terminal.say("/set budget=5")
        terminal.wait_for("Error: budget can't be '5'. It is a number from 0 to 32 in steps of 4. Nothing was sent.\n")
        terminal.say("/set efort")
        terminal.wait_for("Error: the bot has no parameter 'efort'. Did you mean effort? Nothing was sent.\n")
        terminal.say("Hi")
        terminal.wait_for(TOLD)
    assert endpoint.asked["effort"] == "high"


@pytest.mark.parametrize("begun", ["/set", "--ask-controls"])
def test_the_controls_are_asked_for_as_far_as_they_are_shown(
    chat: Chatting, bot: Making, endpoint: TalkingEndpoint, begun: str
) -> None:
    bot(is_private=True, param_definitions=DEFINITIONS, parameter_controls=CONTROLS)
    with chat(*([begun] if begun.startswith("--") else [])) as terminal:
        if begun == "/set":
            terminal.say("/set")
        for asked, text in (
            ("Thinking\nThink first\nthink (true or false) [false]: ", "on"),
            ("Effort\neffort (low, medium, high) [medium]: ", "huge"),
            ("effort can't be 'huge'. It is one of: low, medium, high. Nothing was sent.\neffort (low, ", ""),
            ("medium, high) [medium]: ", "low"),
            ("Budget\nbudget (a number from 0 to 32 in steps of 4) [0]: ", ""),
            ("House rules\nrules []: ", "be kind"),
            ("Output › Shape\nRatio\nratio (1:1, wide) [1:1]: ", "wide"),
            ("Output › Words\nSeed word\nseed_word []: ", ""),
            ("Lines\nlines (a number from 1): ", "7"),
        ):
            assert "condition" not in terminal.wait_for(asked)
            if not asked.endswith("(low, "):
                terminal.type(f"{text}\r")
        terminal.say("Hi")
        terminal.wait_for(TOLD)
    set_ = {name: value for name, value in endpoint.asked.items() if name in {one["param_name"] for one in DEFINITIONS}}
    assert set_ == {"think": True, "effort": "low", "rules": "be kind", "ratio": "wide", "lines": 7}


def test_a_control_under_a_condition_that_is_not_met_is_not_asked_for(chat: Chatting, bot: Making) -> None:
    bot(param_definitions=DEFINITIONS, parameter_controls=CONTROLS)
    with chat() as terminal:
        terminal.say("/set")
        terminal.wait_for("think (true or false) [false]: ")
        terminal.type("\r")
        assert "effort" not in terminal.wait_for("rules []: ")
        terminal.type("\x04")
        terminal.wait_for("> ")


def test_a_control_that_users_do_not_see_now_is_not_asked_for_by_its_name_either(chat: Chatting, bot: Making) -> None:
    bot(param_definitions=DEFINITIONS, parameter_controls=CONTROLS)
    with chat() as terminal:
        terminal.say("/set effort")
        terminal.wait_for("Users do not see effort with what is set now. /set effort=VALUE sets it all the same.\n")
        terminal.say("/set think=on")
        terminal.say("/set effort")
        terminal.wait_for("effort (low, medium, high) [medium]: ")
        terminal.type("\r")
        terminal.say("/unset rules")
        terminal.wait_for("Error: rules is not set\n")


def test_one_control_is_asked_for_by_its_name(chat: Chatting, bot: Making) -> None:
    bot(param_definitions=DEFINITIONS, parameter_controls=CONTROLS)
    with chat() as terminal:
        terminal.say("/set ratio")
        terminal.wait_for("ratio (1:1, wide) [1:1]: ")
        terminal.type("wide\r")
        terminal.say("/set ratio")
        terminal.wait_for("ratio (1:1, wide) [wide]: ")
        terminal.interrupt()
        terminal.say("/quit")
        assert terminal.end()[0] == 0


def test_of_somebody_elses_bot_only_the_owner_knows_what_can_be_set(
    chat: Chatting, bot: Making, endpoint: TalkingEndpoint
) -> None:
    bot("Their-Bot", key=API_KEY_2)
    with chat(handle="their-bot") as terminal:
        terminal.say("/set")
        terminal.wait_for("Error: only its owner sees what can be set. /set NAME=VALUE sends whatever you say\n")
        terminal.say("/set depth=3")
        terminal.wait_for("depth = 3\n")
        terminal.say("Hi")
        terminal.wait_for(TOLD)
    assert endpoint.asked["depth"] == 3


def test_a_bot_that_nothing_lists_is_remarked_upon(chat: Chatting, bot: Making) -> None:
    bot()
    with chat(handle="Acme-Bat") as terminal:
        terminal.wait_for("Neither the account's bots nor Poe's list have 'Acme-Bat'. Did you mean 'Acme-Bot'?\n")


# --- images, cost, and what went over the wire ------------------------------------------------------


def test_an_image_goes_with_the_next_question(
    chat: Chatting, bot: Making, endpoint: TalkingEndpoint, tmp_path: Path
) -> None:
    bot()
    (tmp_path / "a picture").write_bytes(PNG)
    with chat() as terminal:
        terminal.say(f"/image {tmp_path}/a picture")
        terminal.wait_for("1 image goes with the next question.\n")
        terminal.wait_for("The bot does not say that it takes images.\n")
        terminal.say("/image")
        terminal.wait_for("Error: /image takes the path of a file\n")
        terminal.say("/image nowhere.png")
        terminal.wait_for("Error: the image nowhere.png can't be read: No such file or directory. Nothing was sent.\n")
        terminal.say("Which?")
        terminal.wait_for(TOLD)
        terminal.say("Sure?")
        terminal.wait_for(TOLD)
    first, _, second = texts(endpoint)
    assert [part["type"] for part in first] == ["text", "image_url"]  # type: ignore[index]  # parts, and no text
    assert second == "Sure?"


def test_a_conversation_that_has_become_too_long_says_so(chat: Chatting, bot: Making, tmp_path: Path) -> None:
    bot()
    image = tmp_path / "large.png"
    with image.open("wb") as sparse:
        sparse.write(PNG)
        sparse.truncate(11 * 2**20)
    with chat("--image", str(image), "--image", str(image)) as terminal:
        terminal.say("Which?")
        terminal.wait_for(
            "Error: the conversation has 29.3 MB with its images, and may have 20 MB. Begin a new one (/new)."
        )
        terminal.say("/new")
        terminal.wait_for("What was said is forgotten.\n")
        terminal.say("Hi")
        terminal.wait_for(TOLD)


def test_cost_is_a_table_of_all_answers(chat: Chatting, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()
    with chat() as terminal:
        terminal.say("One")
        terminal.wait_for(TOLD)
        endpoint.usage = None
        terminal.say("Two")
        terminal.wait_for("Note: the endpoint reports no usage, by which Poe charges")
        terminal.say("/cost")
        table = [line.split() for line in terminal.wait_for("of unknown cost").splitlines()]
    rows = {cells[0]: cells[1:] for cells in table if cells}
    assert rows["1"][:3] == ["1000", "400", "3"]
    assert rows["1"][-1] == "$0.00195"
    assert rows["2"][-1] == "unknown"
    assert rows["total"][:3] == ["1000", "400", "3"]
    assert "$0.00195," in rows["total"]


def test_raw_shows_both_sides_as_they_went_and_no_key(chat: Chatting, bot: Making, poe: Emulator) -> None:
    bot()
    with chat() as terminal:
        terminal.say("/raw")
        terminal.wait_for("Error: nothing was asked yet\n")
        terminal.say("Hi")
        terminal.wait_for(TOLD)
        terminal.say("/raw")
        shown = terminal.wait_for("data: [DONE]\n")
    assert f"POST {poe.url}/v1/chat/completions\nAuthorization: Bearer $POE_API_KEY\n" in shown
    assert '"messages": [{"role": "user", "content": "Hi"}]' in shown.replace("\n", "")
    assert "\n200\n" in shown
    assert "\nx-request-id: " in shown
    assert poe.api_key not in terminal.seen


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl_is_a_command_that_asks_the_same(
    chat: Chatting, bot: Making, poe: Emulator, endpoint: TalkingEndpoint
) -> None:
    bot()
    question = 'I\'m "here" for $HOME, `id` \\n and ☃'
    with chat() as terminal:
        terminal.say(question)
        terminal.wait_for(TOLD)
        terminal.say("/curl")
        shown = terminal.wait_for("}'\n")
        assert poe.api_key not in terminal.seen
    asked = endpoint.asked
    command = shown[shown.index("curl -N") :]
    done = subprocess.run(
        ["sh", "-c", command],
        env={"PATH": os.environ["PATH"], "POE_API_KEY": poe.api_key, "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert "data: [DONE]" in done.stdout, done.stderr
    assert len(endpoint.requests) == 2
    assert endpoint.asked == asked
    assert texts(endpoint) == [question]


# --- a model's own ----------------------------------------------------------------------------------


def test_nothing_that_a_model_says_reaches_the_terminal_as_it_is(
    chat: Chatting, bot: Making, endpoint: TalkingEndpoint
) -> None:
    bot(api_type="responses_api")

    async def evil(_request: Request, _body: dict[str, Any]) -> Response:
        events = response_events(USAGE)
        whole = b"".join(events).replace(b'"Hello"', json.dumps("\x1b[2J\x9b1m\u202e\rEVIL").encode())
        return Response(whole, media_type="text/event-stream")

    endpoint.answering = evil
    with chat() as terminal:
        terminal.say("Hi")
        terminal.wait_for("\ufffd[2J\ufffd1m\ufffd\nEVIL from the end\n")
        terminal.say("/raw")
        terminal.wait_for("response.completed")
        assert "\x1b[2J" not in terminal.seen


def test_on_a_terminal_with_colours_only_what_is_not_the_answer_is_dim(bot: Making, poe: Emulator) -> None:
    bot()
    environment = {"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key, "TERM": "xterm", "NO_COLOR": ""}
    with Typed("chat", "Acme-Bot", environment=environment) as terminal:
        terminal.wait_for("> ")
        terminal.type("Hi\r")
        terminal.wait_for("\nHello from the end\n\x1b[2m1000 in (400 cached) + 3 out tokens")
        terminal.wait_for("total $0.00195\x1b[0m\n")


def test_what_a_model_thinks_stands_before_its_answer(chat: Chatting, bot: Making, endpoint: TalkingEndpoint) -> None:
    bot()

    async def thinking(_request: Request, _body: dict[str, Any]) -> Response:
        deltas = [{"reasoning_content": "hm"}, {"content": "yes"}]
        chunks = [{"model": "m", "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
        chunks[-1]["choices"][0]["finish_reason"] = "stop"  # type: ignore[index]  # a list of objects
        return Response("".join(f"data: {json.dumps(one)}\n\n" for one in chunks), media_type="text/event-stream")

    endpoint.answering = thinking
    with chat() as terminal:
        terminal.say("Hi")
        terminal.wait_for("hm\nyes\n")
        terminal.say("Again")
        terminal.wait_for("hm\nyes\n")
        assert texts(endpoint) == ["Hi", "yes", "Again"]


def test_on_poe_itself_it_says_so(chat: Chatting, bot: Making, poe: Emulator) -> None:
    bot()
    with NotLocal(poe.url) as real, chat(url=real.url) as terminal:
        terminal.wait_for("Acme-Bot on Poe. ")
        terminal.say("Hi")
        terminal.wait_for(TOLD)


def test_an_endpoint_that_fails_is_one_line_and_the_conversation_goes_on(
    chat: Chatting, bot: Making, endpoint: TalkingEndpoint
) -> None:
    bot()

    async def fails(_request: Request, _body: dict[str, Any]) -> Response:
        return JSONResponse({"error": {"message": "out of memory"}}, 500)

    endpoint.answering = fails
    with chat() as terminal:
        terminal.say("Hi")
        assert "out of memory" in terminal.wait_for("looks at the endpoint.\n")
        terminal.wait_for("> ")
