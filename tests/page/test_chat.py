"""A conversation on the page: what is asked, what is shown of the answer, and how it ends."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from talking_endpoint import USAGE, TalkingEndpoint, chunk, event, response_events

from pulumi_poe.emulator import Emulator, Fault

BotOf = Callable[..., None]
OpenPage = Callable[[], Page]
BOTH = pytest.mark.parametrize("api", ["chat_completions_api", "responses_api"])
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def ask(page: Page, question: str = "Hi") -> None:
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")


def figures(page: Page, at: int = -1) -> dict[str, str]:
    """What is said under an answer, once it is."""
    shown = page.locator(".answer .figures").nth(at)
    shown.wait_for()
    lines = shown.locator("div").all_inner_texts()
    return {name: value for name, _, value in (line.partition("\n") for line in lines)}


def answers_with(endpoint: TalkingEndpoint, make: Callable[[], Response]) -> None:
    async def answering(_request: Request, _body: dict[str, Any]) -> Response:
        return make()

    endpoint.answering = answering


# Asking.


@BOTH
def test_an_answer_streams_and_its_figures_are_those_of_the_local_poe(
    open_page: OpenPage, bot_of: BotOf, poe: Emulator, endpoint: TalkingEndpoint, api: str
) -> None:
    bot_of(api_type=api)
    endpoint.pause = 0.05
    page = open_page()
    ask(page)
    found = figures(page)
    (said,) = poe.conversations
    assert said.stream
    assert said.seconds is not None
    assert said.first_token is not None
    expect(page.locator(".answer .text")).to_have_text("Hello from the end")
    expect(page.locator(".question .text")).to_have_text("Hi")
    rate = re.fullmatch(r"[\d.]+", found.pop("Tokens a second"))
    assert rate
    assert abs(float(rate[0]) - 3 / (said.seconds - said.first_token)) < 1
    assert found == {
        "Tokens in": "1,000 (400 cached)",
        "Tokens out": "3",
        "Time": f"{said.seconds:.2f} s",
        "First token": f"{said.first_token:.2f} s",
        "Cost": "$0.00195",
    }


@BOTH
def test_an_answer_need_not_stream(open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint, api: str) -> None:
    bot_of(api_type=api)
    page = open_page()
    page.get_by_label("Stream").uncheck()
    ask(page)
    assert figures(page)["Cost"] == "$0.00195"
    expect(page.locator(".answer .text")).to_have_text("Hello from the end")
    assert endpoint.asked["stream"] is False


@BOTH
def test_a_conversation_has_several_turns(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint, api: str
) -> None:
    bot_of(api_type=api)
    page = open_page()
    ask(page, "One")
    figures(page)
    ask(page, "Two")
    expect(page.locator(".figures")).to_have_count(2)
    assert endpoint.asked["messages" if api == "chat_completions_api" else "input"] == [
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "Hello from the end"},
        {"role": "user", "content": "Two"},
    ]


def test_what_all_answers_cost_is_exact(open_page: OpenPage, bot_of: BotOf) -> None:
    price = "0.0000000000000000000000001"
    bot_of(pricing={"prompt": price, "completion": "0.1"})
    page = open_page()
    for _ in range(3):
        count = page.locator(".figures").count()
        ask(page)
        expect(page.locator(".figures")).to_have_count(count + 1)
    one = 1000 * Decimal(price) + Decimal("0.3")
    assert figures(page, 0)["Cost"] == f"${one.normalize():f}" == "$0.3000000000000000000001"
    assert figures(page, 2)["So far"] == f"${(3 * one).normalize():f}" == "$0.9000000000000000000003"
    expect(page.locator(".sum")).to_have_text("3 answers, $0.9000000000000000000003")


def test_an_answer_of_unknown_cost(open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint) -> None:
    bot_of()
    endpoint.usage = None
    page = open_page()
    ask(page)
    assert figures(page)["Cost"] == "not known"
    expect(page.locator(".answer .mistakes")).to_contain_text("the endpoint reports no usage")
    expect(page.locator(".sum")).to_have_text("1 answer, cost not known")
    endpoint.usage = USAGE
    ask(page)
    expect(page.locator(".sum")).to_have_text("2 answers, $0.00195, and 1 of unknown cost")


def test_the_owner_is_told_what_the_local_poe_has_noted(open_page: OpenPage, bot_of: BotOf) -> None:
    controls = {"control": "text_field", "label": "Word", "parameter_name": "word"}
    bot_of(controls={"api_version": "2", "sections": [{"controls": [controls]}]}, max_input_tokens=5)
    page = open_page()
    page.get_by_label("Word").fill("x")
    ask(page)
    notes = page.locator(".answer .mistakes").get_by_role("listitem")
    expect(notes).to_have_text(
        [
            "word: is sent, and no param_definitions of the bot has it",
            "max_input_tokens: is 5, and the input had 1000 tokens",
        ]
    )


def test_a_private_bot_of_another_account_answers_too(open_page: OpenPage, bot_of: BotOf, poe: Emulator) -> None:
    bot_of("Their-Bot", account=1, is_private=True)
    page = open_page()
    ask(page)
    figures(page)
    assert [said.account for said in poe.conversations] == ["local-account-2"]


def test_each_bot_has_a_conversation_of_its_own(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of("One")
    bot_of("Two")
    page = open_page()
    ask(page, "for One")
    figures(page)
    page.get_by_role("button", name="Two").click()
    expect(page.locator(".question")).to_have_count(0)
    page.get_by_role("button", name="One").click()
    expect(page.locator(".question .text")).to_have_text("for One")


def test_a_new_conversation_begins_anew(open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint) -> None:
    bot_of()
    page = open_page()
    ask(page)
    figures(page)
    page.get_by_role("button", name="New conversation").press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()
    expect(page.locator(".question")).to_have_count(0)
    expect(page.locator(".sum")).to_have_text("")
    ask(page, "Again")
    figures(page)
    assert endpoint.asked["messages"] == [{"role": "user", "content": "Again"}]


def test_the_end_of_the_conversation_stays_in_sight(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint
) -> None:
    bot_of()
    page = open_page()
    for number in range(5):
        ask(page, "Line\n" * 10)
        expect(page.locator(".figures")).to_have_count(number + 1)
        expect(page.get_by_text("Copy as curl").last).to_be_in_viewport()
    answers_with(endpoint, lambda: JSONResponse({"error": {"message": "why " * 200}}, 400))
    ask(page)
    expect(page.locator(".answer .trouble")).to_be_in_viewport()
    expect(page.get_by_text("Copy as curl").last).to_be_in_viewport()


# Keys.


def test_enter_sends_and_shift_enter_begins_a_line(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint
) -> None:
    bot_of()
    page = open_page()
    question = page.get_by_label("Your question")
    question.press("Enter")
    question.type("One")
    question.press("Shift+Enter")
    question.type("Two")
    question.press("Enter")
    figures(page)
    assert [body["messages"][0]["content"] for _, _, body in endpoint.requests] == ["One\nTwo"]
    expect(question).to_be_focused()


def test_send_is_a_button_too(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of()
    page = open_page()
    page.get_by_label("Your question").fill("Hi")
    page.get_by_role("button", name="Send").press("Enter")
    figures(page)


# Stopping.


@pytest.mark.parametrize("how", ["button", "Escape", "new conversation"])
def test_stop_ends_the_call_of_the_endpoint(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint, how: str
) -> None:
    bot_of()
    endpoint.pause = 0.5
    page = open_page()
    ask(page)
    expect(page.locator(".answer .text")).to_contain_text("Hello")
    match how:
        case "button":
            page.get_by_role("button", name="Stop").press("Enter")
        case "Escape":
            page.keyboard.press("Escape")
        case _:
            page.get_by_role("button", name="New conversation").click()
    assert endpoint.hung_up.wait(3)
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    if how == "new conversation":
        expect(page.locator(".answer")).to_have_count(0)
        return
    expect(page.locator(".answer")).to_contain_text("Stopped.")
    expect(page.locator(".answer .mistakes")).to_contain_text("the client hung up before the answer's end")
    expect(page.get_by_label("Your question")).to_be_focused()
    # What there was of it stays a part of the conversation.
    endpoint.pause = 0
    ask(page, "Go on")
    expect(page.locator(".figures")).to_have_count(2)
    assert [one["content"] for one in endpoint.asked["messages"]] == ["Hi", "Hello", "Go on"]


def test_an_answer_can_be_stopped_before_it_begins(
    open_page: OpenPage, bot_of: BotOf, poe: Emulator, endpoint: TalkingEndpoint
) -> None:
    bot_of()
    fault = poe.faults.add(Fault("POST", hold=True))
    page = open_page()
    ask(page)
    fault.wait_until_met(5)
    page.keyboard.press("Escape")
    expect(page.locator(".answer")).to_contain_text("Stopped.")
    expect(page.get_by_label("Your question")).to_have_value("Hi")
    assert endpoint.requests == []


# Errors.


@pytest.mark.parametrize(
    ("status", "said", "shown"),
    [
        (401, {"error": {"message": "bad key"}}, "set the bot's api_key to one that the endpoint takes"),
        (429, {"error": {"message": "slow down"}}, "it is asked too often; try again later"),
        (500, {}, "look at the endpoint's own log"),
    ],
)
def test_an_error_says_what_failed_and_what_to_do(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint, status: int, said: Any, shown: str
) -> None:
    bot_of()
    answers_with(endpoint, lambda: JSONResponse(said, status))
    page = open_page()
    ask(page)
    expect(page.locator(".answer .trouble")).to_contain_text("Bot Acme-Bot: the endpoint http://127.0.0.1:")
    expect(page.locator(".answer .trouble")).to_contain_text(shown)
    expect(page.locator(".answer .mistakes")).to_have_count(0)
    expect(page.locator(".sum")).to_have_text("")
    # It can be asked again, as if it had not been asked.
    expect(page.get_by_label("Your question")).to_have_value("Hi")
    endpoint.answering = None
    page.get_by_label("Your question").press("Enter")
    expect(page.locator(".figures")).to_have_count(2)
    assert len(endpoint.asked["messages"]) == 1


@BOTH
def test_an_error_in_a_stream_is_said_below_what_there_was(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint, api: str
) -> None:
    bot_of(api_type=api)
    first = (
        event(chunk(choices=[{"index": 0, "delta": {"content": "Half"}}]))
        if api == "chat_completions_api"
        else event({"type": "response.output_text.delta", "delta": "Half"})
    )
    answers_with(endpoint, lambda: StreamingResponse(iter([first]), media_type="text/event-stream"))
    page = open_page()
    ask(page)
    expect(page.locator(".answer .text")).to_have_text("Half")
    expect(page.locator(".answer .trouble")).to_contain_text("the endpoint ended its stream before the answer's end")


def test_an_answer_that_ends_early_says_why(open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint) -> None:
    bot_of()
    choice = {"index": 0, "message": {"role": "assistant", "content": "Half"}, "finish_reason": "length"}
    answers_with(endpoint, lambda: JSONResponse({"choices": [choice]}))
    page = open_page()
    page.get_by_label("Stream").uncheck()
    ask(page)
    expect(page.locator(".answer")).to_contain_text("Ended early: length.")


@pytest.mark.parametrize("body", ["<html>", {"error": {"message": "on purpose"}}, [], {"error": "on purpose"}])
def test_a_fault_of_the_local_poe_is_shown(open_page: OpenPage, bot_of: BotOf, poe: Emulator, body: Any) -> None:
    bot_of()
    poe.faults.add(Fault("POST", status=503, body=body))
    page = open_page()
    ask(page)
    text = "on purpose" if isinstance(body, dict) else "The local Poe answered 503 with what is no answer:"
    expect(page.locator(".answer .trouble")).to_contain_text(text)


def test_a_dropped_answer_is_said(open_page: OpenPage, bot_of: BotOf, poe: Emulator) -> None:
    bot_of()
    poe.faults.add(Fault("POST", moment="after", truncate=30))
    page = open_page()
    ask(page)
    expect(page.locator(".answer .trouble")).to_have_text("The local Poe broke off. Does it still run?")


def test_what_ends_with_an_error_is_no_part_of_the_conversation(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint
) -> None:
    bot_of()
    first = event(chunk(choices=[{"index": 0, "delta": {"content": "Half"}}]))
    answers_with(endpoint, lambda: StreamingResponse(iter([first]), media_type="text/event-stream"))
    page = open_page()
    ask(page)
    expect(page.get_by_label("Your question")).to_have_value("Hi")
    endpoint.answering = None
    ask(page, "Again")
    expect(page.locator(".figures")).to_have_count(2)
    assert endpoint.asked["messages"] == [{"role": "user", "content": "Again"}]


def test_a_401_that_the_local_poe_was_told_to_answer_is_not_taken_for_an_old_page(
    open_page: OpenPage, bot_of: BotOf, poe: Emulator
) -> None:
    bot_of()
    poe.options.not_enabled_status = 401
    page = open_page()
    ask(page)
    expect(page.locator(".answer .trouble")).to_contain_text("Incorrect API key provided")


def test_a_conversation_goes_on_when_pulumi_has_changed_the_bot(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint
) -> None:
    fields = [{"control": "text_field", "label": name, "parameter_name": name} for name in ("kept", "gone")]
    definitions = [{"param_name": "kept"}, {"param_name": "gone"}]

    def controls(count: int) -> dict[str, Any]:
        return {"api_version": "2", "sections": [{"controls": fields[:count]}]}

    bot_of(controls=controls(2), param_definitions=definitions)
    page = open_page()
    page.get_by_label("kept").fill("x")
    page.get_by_label("gone").fill("x")
    ask(page, "One")
    figures(page)
    bot_of(controls=controls(1), param_definitions=definitions, api_type="responses_api", input_modalities=["image"])
    page.get_by_role("button", name="Reload").click()
    page.get_by_label("Add pictures").wait_for()
    expect(page.get_by_label("gone")).to_have_count(0)
    ask(page, "Two")
    expect(page.locator(".figures")).to_have_count(2)
    assert [one["content"] for one in endpoint.asked["input"]] == ["One", "Hello from the end", "Two"]
    assert (endpoint.asked["kept"], endpoint.asked.get("gone")) == ("x", None)


def test_the_next_question_need_not_wait_for_the_figures(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint
) -> None:
    bot_of()
    page = open_page()
    page.route("**/local-poe/page/conversations/*", lambda _: None)
    ask(page, "One")
    page.get_by_role("button", name="Send").wait_for()
    ask(page, "Two")
    expect(page.locator(".answer:not([aria-busy])")).to_have_count(2)
    assert [one["content"] for one in endpoint.asked["messages"]] == ["One", "Hello from the end", "Two"]


def test_an_answer_that_is_said_as_a_whole_at_the_end_of_a_stream(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint
) -> None:
    bot_of(api_type="responses_api")
    whole = response_events(USAGE)[-1]
    answers_with(endpoint, lambda: StreamingResponse(iter([whole]), media_type="text/event-stream"))
    page = open_page()
    ask(page)
    expect(page.locator(".answer .text")).to_have_text("Hello from the end")


# Raw.


def test_the_raw_request_and_answer(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of()
    page = open_page()
    ask(page)
    figures(page)
    page.locator("summary", has_text="Raw request").press("Enter")
    expect(page.get_by_label("Raw request")).to_contain_text("Acme-Bot")
    request = json.loads(page.get_by_label("Raw request").text_content() or "")
    assert request == {"model": "Acme-Bot", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    page.locator("summary", has_text="Raw answer").press("Enter")
    expect(page.get_by_label("Raw answer")).to_contain_text("DONE")
    answer = page.get_by_label("Raw answer").text_content() or ""
    assert answer.count("data: {") == 4
    assert answer.endswith("data: [DONE]\n\n")


def test_characters_that_are_cut_by_the_network_are_whole(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint
) -> None:
    bot_of()
    whole = b"".join(
        [
            b'data: {"choices": [{"delta": {"content": "\xe2\x82\xac \xf0\x9f\x9a\xa2"}}]}\r\n\r\n',
            b'data: {"choices": [{"delta": {},\r\ndata: "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n',
        ]
    )

    async def bytewise() -> AsyncIterator[bytes]:
        for at in range(len(whole)):
            yield whole[at : at + 1]

    answers_with(endpoint, lambda: StreamingResponse(bytewise(), media_type="text/event-stream"))
    page = open_page()
    ask(page)
    expect(page.locator(".answer .text")).to_have_text("€ 🚢")


# Pictures.


@BOTH
def test_a_picture_goes_with_the_question(
    open_page: OpenPage, bot_of: BotOf, poe: Emulator, endpoint: TalkingEndpoint, api: str, tmp_path: Path
) -> None:
    bot_of(api_type=api, input_modalities=["text", "image"])
    files = [tmp_path / "one.png", tmp_path / "two.png"]
    for file in files:
        file.write_bytes(PIXEL)
    page = open_page()
    page.get_by_label("Add pictures").set_input_files(files)
    page.get_by_role("button", name="Remove two.png").click()
    expect(page.locator(".files li")).to_have_count(1)
    ask(page, "What is it?")
    figures(page)
    url = f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"
    if api == "chat_completions_api":
        (message,) = endpoint.asked["messages"]
        picture: Any = {"type": "image_url", "image_url": {"url": url}}
        text = {"type": "text", "text": "What is it?"}
    else:
        (message,) = endpoint.asked["input"]
        picture = {"type": "input_image", "image_url": url}
        text = {"type": "input_text", "text": "What is it?"}
    assert message["content"] == [text, picture]
    assert [said.notes for said in poe.conversations] == [[]]
    expect(page.locator(".files li")).to_have_count(0)
    expect(page.locator(".question")).to_contain_text("with 1 picture")


def test_a_question_that_failed_has_its_pictures_again(
    open_page: OpenPage, bot_of: BotOf, poe: Emulator, endpoint: TalkingEndpoint, tmp_path: Path
) -> None:
    bot_of(input_modalities=["image"])
    file = tmp_path / "one.png"
    file.write_bytes(PIXEL)
    poe.faults.add(Fault("POST", status=500))
    page = open_page()
    page.get_by_label("Add pictures").set_input_files(file)
    page.locator(".files li").wait_for()
    ask(page)
    page.locator(".answer .trouble").wait_for()
    page.get_by_label("Your question").press("Enter")
    figures(page)
    assert len(endpoint.asked["messages"][0]["content"]) == 2


def test_a_bot_that_takes_no_pictures_offers_none(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of()
    page = open_page()
    page.get_by_label("Your question").wait_for()
    expect(page.get_by_label("Add pictures")).to_have_count(0)


def test_pictures_that_are_too_large_are_not_taken(open_page: OpenPage, bot_of: BotOf, tmp_path: Path) -> None:
    bot_of(input_modalities=["image"])
    large = tmp_path / "large.png"
    large.write_bytes(bytes(12 * 2**20))
    page = open_page()
    page.get_by_label("Add pictures").set_input_files(large)
    expect(page.locator(".images .trouble")).to_contain_text("too large")
    expect(page.locator(".files li")).to_have_count(0)
