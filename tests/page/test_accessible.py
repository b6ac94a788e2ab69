"""The page works without a mouse and with a screen reader, in both schemes, and on a narrow screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from full_example import FULL_EXAMPLE
from playwright.sync_api import Page, expect
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from talking_endpoint import TalkingEndpoint

from pulumi_poe.emulator import Emulator

from .showing import ANSWER, QUESTION, show
from .watching import Watching

BotOf = Callable[..., None]
OpenPage = Callable[[], Page]

EVERY_KIND: list[dict[str, Any]] = [
    {
        "control": "text_field",
        "label": "Text",
        "parameter_name": "a",
        "placeholder": "a word",
        "description": "One line",
    },
    {"control": "text_area", "label": "Area", "parameter_name": "b", "placeholder": "words", "description": "Several"},
    {"control": "number_field", "label": "Number", "parameter_name": "c", "description": "Any"},
    {"control": "drop_down", "label": "Choice", "parameter_name": "d", "options": [{"value": "x", "name": "X"}]},
    {"control": "toggle_switch", "label": "Switch", "parameter_name": "e", "description": "On or off"},
    {"control": "slider", "label": "Slider", "parameter_name": "f", "min_value": 0, "max_value": 9, "step": 1},
    {"control": "aspect_ratio", "label": "Ratio", "parameter_name": "g", "options": [{"width": 1, "height": 2}]},
    {"control": "divider"},
    {
        "control": "condition",
        "condition": {"comparator": "eq", "left": {"literal": 1}, "right": {"literal": 1}},
        "controls": [{"control": "text_field", "label": "Shown", "parameter_name": "h"}],
    },
]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest, page: Page) -> str:
    page.emulate_media(color_scheme=request.param)
    return str(request.param)


@pytest.fixture(params=[1280, 800, 320])
def width(request: pytest.FixtureRequest, page: Page) -> int:
    page.set_viewport_size({"width": request.param, "height": 800})
    return int(request.param)


@pytest.fixture
def axe(watching: Watching) -> Callable[[Page], list[str]]:
    """Finds what is not accessible."""
    # It is put in for the test, and so does not keep to the page's policy.
    watching.expected = ("console: policy: require-trusted-types-for", "console: This document requires 'Trusted")
    own = Axe()

    def found(page: Page) -> list[str]:
        results = own.run(page).response["violations"]
        return [f"{one['id']}: {node['html'][:200]}" for one in results for node in one["nodes"]]

    return found


@pytest.mark.usefixtures("scheme", "width")
class TestAxeFindsNothing:
    """In every state of the page."""

    def test_without_bots(self, open_page: OpenPage, axe: Callable[[Page], list[str]]) -> None:
        assert axe(open_page()) == []

    def test_without_a_token(self, poe: Emulator, page: Page, axe: Callable[[Page], list[str]]) -> None:
        page.goto(poe.url)
        page.locator("#trouble:not(:empty)").wait_for()
        assert axe(page) == []

    def test_with_every_kind_of_control(
        self, open_page: OpenPage, bot_of: BotOf, axe: Callable[[Page], list[str]]
    ) -> None:
        tabs = [{"name": "One", "controls": EVERY_KIND}, {"name": "Two", "controls": [{"control": "x"}]}]
        sections = [{"name": "Open", "controls": EVERY_KIND}, {"controls": EVERY_KIND}, {"name": "Tabs", "tabs": tabs}]
        bot_of(
            controls={"api_version": "2", "sections": sections}, input_modalities=["image"], description="Long " * 90
        )
        bot_of("Private", is_private=True, account=1)
        page = open_page()
        page.get_by_role("slider").first.press("ArrowRight")
        page.get_by_role("radio").first.check()
        assert axe(page) == []

    def test_during_an_answer_and_after_it(
        self, open_page: OpenPage, poe: Emulator, endpoint: TalkingEndpoint, axe: Callable[[Page], list[str]]
    ) -> None:
        show(poe, endpoint, pause=0.2)
        page = open_page()
        page.get_by_label("Your question").fill(QUESTION)
        page.get_by_label("Your question").press("Enter")
        page.locator(".answer .text", has_text="Three").wait_for()
        assert axe(page) == []
        page.keyboard.press("Escape")
        page.locator(".answer .mistakes").wait_for()
        for summary in page.locator("summary").all():
            summary.click()
        assert axe(page) == []

    def test_after_an_error(
        self, open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint, axe: Callable[[Page], list[str]]
    ) -> None:
        async def answering(_request: Request, _body: dict[str, Any]) -> Response:
            return JSONResponse({}, 500)

        endpoint.answering = answering
        bot_of(pricing={"prompt": "wrong"}, controls={"sections": [3]})
        page = open_page()
        page.get_by_label("Your question").fill("Hi")
        page.get_by_label("Your question").press("Enter")
        page.locator(".answer .trouble").wait_for()
        assert axe(page) == []


def test_axe_finds_what_there_is(open_page: OpenPage, axe: Callable[[Page], list[str]]) -> None:
    page = open_page()
    page.evaluate("""() => {
      const button = document.createElement('button');
      const pale = document.createElement('p');
      pale.append('Too pale to be read');
      pale.className = 'badge';
      pale.style.color = '#ddd';
      document.querySelector('main').append(button, pale);
    }""")
    assert [one.partition(":")[0] for one in axe(page)] == ["button-name", "color-contrast"]


def test_nothing_is_wider_than_a_narrow_screen(
    open_page: OpenPage, page: Page, poe: Emulator, endpoint: TalkingEndpoint
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    show(poe, endpoint)
    poe.seed(poe.api_key, {"handle": "A" * 200, "description": "B" * 900, "api_bot_settings": {"base_url": "C" * 300}})
    open_page()
    page.get_by_label("Your question").fill("D" * 500)
    page.get_by_label("Your question").press("Enter")
    page.locator(".figures").wait_for()
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.get_by_role("button", name="AAA").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_landmarks_and_headings(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of()
    page = open_page()
    for role, name in [("banner", ""), ("navigation", "Bots"), ("main", ""), ("complementary", "The bot")]:
        expect(page.get_by_role(role, name=name)).to_have_count(1)  # type: ignore[arg-type, unused-ignore]  # a literal
    expect(page.get_by_role("heading", level=1)).to_have_text("Local Poe")
    expect(page.get_by_role("heading", level=2)).to_have_text(["Bots", "Acme-Bot", "About Acme-Bot"])
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_keyboard_reaches_everything_in_the_order_of_the_page(
    open_page: OpenPage, poe: Emulator, endpoint: TalkingEndpoint
) -> None:
    settings = {**FULL_EXAMPLE["api_bot_settings"], "base_url": endpoint.url}
    poe.seed(poe.api_key, {**FULL_EXAMPLE, "api_bot_settings": settings})
    page = open_page()
    page.get_by_label("Your question").fill("Hi")
    page.get_by_label("Your question").press("Enter")
    page.locator(".figures").wait_for()
    page.get_by_role("link", name="Skip").focus()
    reached = []
    for _ in range(40):
        name = page.evaluate("""() => {
          const it = document.activeElement;
          const outline = getComputedStyle(it).outlineStyle;
          const label = it.getAttribute('aria-label') ?? it.labels?.[0]?.textContent ?? it.textContent;
          return it === document.body ? '' : `${label.trim()}${outline === 'none' ? ' UNSEEN' : ''}`;
        }""")
        if not name or name in reached:
            break
        reached.append(name)
        page.keyboard.press("Tab")
    assert reached == [
        "Skip to the conversation",
        "Reload",
        "Acme-Reasoner",
        "New conversation",
        "Conversation",
        "Raw request",
        "Raw answer",
        "Copy as curl",
        "Your question",
        "Add pictures",
        "Send",
        "Stream",
        "Thinking",
        "Think first",
        "Effort",
        "Budget",
        "House rules",
        "Output",
        "Back to the defaults",
        "All as JSON",
    ]


def test_the_first_link_skips_to_the_conversation(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of()
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the conversation")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="New conversation")).to_be_focused()
    # It is not taken for a token.
    page.reload()
    expect(page.get_by_role("button", name="Acme-Bot")).to_be_visible()


def test_a_bot_that_is_chosen_by_the_keyboard_keeps_the_focus(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of("One")
    bot_of("Two")
    page = open_page()
    page.get_by_role("button", name="Two").press("Enter")
    expect(page.get_by_role("button", name="Two")).to_be_focused()
    expect(page.get_by_role("button", name="Two")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("heading", name="Two", exact=True)).to_be_visible()


def test_an_answer_is_announced_once_when_it_is_complete(
    open_page: OpenPage, poe: Emulator, endpoint: TalkingEndpoint
) -> None:
    show(poe, endpoint, pause=0.01)
    page = open_page()
    page.evaluate("""() => {
      window.announced = [];
      const said = document.getElementById('said');
      new MutationObserver(() => { if (said.textContent) window.announced.push(said.textContent); })
        .observe(said, {childList: true});
    }""")
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_label("Your question").press("Enter")
    page.locator(".figures").wait_for()
    page.wait_for_timeout(200)
    (announced,) = page.evaluate("window.announced")
    assert announced.startswith("Acme-Reasoner has answered: Three things")
    assert ANSWER[-20:] in announced
    assert announced.endswith(" It took 64 tokens and cost $0.0003664.")
    expect(page.get_by_role("status").last).to_have_attribute("id", "said")
    # Nothing else is read out while it streams.
    assert page.locator(".log [aria-live], .log [role=log], .log [role=status], .log [role=alert]").count() == 0


def test_an_error_and_a_stop_are_announced(
    open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint, poe: Emulator
) -> None:
    bot_of()
    endpoint.pause = 0.3
    page = open_page()
    page.get_by_label("Your question").fill("Hi")
    page.get_by_label("Your question").press("Enter")
    page.locator(".answer .text", has_text="Hello").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator("#said")).to_have_text("Acme-Bot was stopped: Hello")
    poe.seed(poe.api_key, {"handle": "Acme-Bot", "api_bot_settings": {"base_url": "none", "model_name": "m"}})
    page.get_by_label("Your question").fill("Hi")
    page.get_by_label("Your question").press("Enter")
    expect(page.locator("#said")).to_have_text("No answer: Bot Acme-Bot: its base_url is no http or https address")


def test_who_wants_no_motion_sees_none(open_page: OpenPage, bot_of: BotOf, endpoint: TalkingEndpoint) -> None:
    bot_of()
    endpoint.pause = 0.3
    page = open_page()
    page.get_by_label("Your question").fill("Hi")
    page.get_by_label("Your question").press("Enter")
    page.locator(".answer .text", has_text="Hello").wait_for()
    cursor = "getComputedStyle(document.querySelector('.answer .text'), '::after').animationName"
    assert page.evaluate(cursor) == "none"
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(cursor) == "blink"
