"""Copy as curl: the command asks the same, whatever the question is, and has no key in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from talking_endpoint import TalkingEndpoint

from pulumi_poe.emulator import API_KEY_1, Emulator

BotOf = Callable[..., None]
OpenPage = Callable[[], Page]
NASTY = "it's \"$HOME\" `id` $(id) \\ !! %s\n\nEOF\n'; echo bad \u202e\u200b\u0007 ünï 🚢 <b>"


@pytest.fixture
def clipboard(context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])


def copied(page: Page, question: str) -> str:
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")
    page.locator(".figures").wait_for()
    page.get_by_role("button", name="Copy as curl").press("Enter")
    expect(page.locator(".copied")).to_have_text("Copied")
    text = page.evaluate("navigator.clipboard.readText()")
    assert isinstance(text, str)
    return text


def run(command: str) -> str:
    assert shutil.which("curl")
    environment = {**os.environ, "POE_API_KEY": API_KEY_1, "no_proxy": "*"}
    done = subprocess.run(["sh"], input=command, capture_output=True, text=True, timeout=20, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.usefixtures("clipboard")
@pytest.mark.parametrize("api", ["chat_completions_api", "responses_api"])
@pytest.mark.parametrize("is_private", [False, True])
@pytest.mark.parametrize("question", ["Hi", NASTY, NASTY + 100_000 * "x"], ids=["plain", "nasty", "long"])
def test_the_command_asks_the_same(
    open_page: OpenPage,
    bot_of: BotOf,
    poe: Emulator,
    endpoint: TalkingEndpoint,
    api: str,
    is_private: bool,
    question: str,
) -> None:
    controls = {"control": "text_field", "label": "Word", "parameter_name": "it's", "default_value": "it's"}
    bot_of(
        api_type=api,
        is_private=is_private,
        controls={"api_version": "2", "sections": [{"controls": [controls]}]},
        param_definitions=[{"param_name": "it's"}],
    )
    page = open_page()
    page.get_by_label("Word").fill(NASTY.replace("\n", " "))
    command = copied(page, question)
    assert "Hello" in run(command)
    by_page, by_command = (body for _, _, body in endpoint.requests)
    assert by_command == by_page
    assert by_page["it's"] == NASTY.replace("\n", " ")
    paths = {said.path for said in poe.conversations}
    path = "/chat/completions" if api == "chat_completions_api" else "/responses"
    assert paths == {f"/local-poe/v1{path}", f"/local-poe/v1{path}" if is_private else f"/v1{path}"}
    # In a terminal, nothing is unseen, and no key is in the history.
    assert [one for one in command if not one.isprintable() and one != "\n"] == []
    assert "$POE_API_KEY" in command
    assert [key for key in (API_KEY_1, str(poe.page_url).partition("=")[2]) if key in command] == []


def test_where_the_browser_copies_nothing_the_command_is_shown(open_page: OpenPage, bot_of: BotOf, page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    bot_of()
    open_page()
    page.get_by_label("Your question").fill("Hi")
    page.get_by_label("Your question").press("Enter")
    page.get_by_role("button", name="Copy as curl").press("Enter")
    by_hand = page.get_by_label("To copy by hand")
    expect(by_hand).to_be_focused()
    assert by_hand.input_value().startswith("curl -N 'http://127.0.0.1:")
    assert page.evaluate("getSelection().toString()") == by_hand.input_value()


@pytest.mark.usefixtures("clipboard")
def test_a_picture_is_in_the_command(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint, tmp_path: Path
) -> None:
    picture = tmp_path / "large.png"
    picture.write_bytes(bytes(300_000))
    bot_of(input_modalities=["image"])
    page = open_page()
    page.get_by_label("Add pictures").set_input_files(picture)
    page.locator(".files li").wait_for()
    run(copied(page, "What is it?"))
    by_page, by_command = (body for _, _, body in endpoint.requests)
    assert by_command == by_page
