"""The bots with their settings and prices."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from full_example import FULL_EXAMPLE
from playwright.sync_api import Page, expect

from pulumi_poe.emulator import Emulator

BotOf = Callable[..., None]
OpenPage = Callable[[], Page]


def test_without_bots_it_says_how_to_get_some(open_page: OpenPage) -> None:
    expect(open_page().get_by_role("navigation")).to_contain_text("There are no bots yet")


def test_the_bots_of_all_accounts_are_listed(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of("Acme-Bot")
    bot_of("Their-Bot", account=1, is_private=True)
    nav = open_page().get_by_role("navigation", name="Bots")
    expect(nav.get_by_role("heading")).to_have_text(["Bots", "local-account-1", "local-account-2"])
    expect(nav.get_by_role("listitem")).to_have_text(["Acme-Bot", "Their-Botprivate"])


def test_prices_are_dollars_a_million_tokens(open_page: OpenPage, poe: Emulator) -> None:
    poe.seed(poe.api_key, FULL_EXAMPLE)
    table = open_page().get_by_role("table", name="US dollars a million tokens")
    expect(table.get_by_role("row")).to_have_text(
        [
            "Input tokensInputCachedOutput",
            "base$0.4$0.1$1.6",
            "32,000–127,999$0.6$0.1$1.6",
            "128,000 or more$0.9$0.1$3",
        ]
    )


def test_a_bot_without_tiers_has_one_row(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of(pricing={"prompt": "0.0000000123456789012345678901234567891"})
    expect(open_page().get_by_role("table").get_by_role("row")).to_have_text(
        ["InputCachedOutput", "$0.0123456789012345678901234567891––"]
    )


def test_a_bot_without_prices_says_so(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of(pricing=None)
    expect(open_page().get_by_text("It has no prices.")).to_be_visible()


def test_prices_that_are_none_are_said(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of(pricing={"prompt": "1e-6", "completion": "0.00001"})
    page = open_page()
    expect(page.get_by_text("pricing.prompt: '1e-6' is no plain decimal string")).to_be_visible()
    expect(page.get_by_role("table").get_by_role("row").nth(1)).to_have_text("––$10")


def test_its_settings_are_shown_without_its_key(open_page: OpenPage, poe: Emulator) -> None:
    poe.seed(poe.api_key, FULL_EXAMPLE)
    page = open_page()
    about = page.get_by_role("complementary", name="The bot")
    for name, value in [
        ("Account", "local-account-1"),
        ("Seen by", "everybody"),
        ("Endpoint", "https://llm.acme.example/v1"),
        ("Endpoint’s key", "set"),
        ("Model", "acme/reasoner-2"),
        ("API", "chat_completions_api"),
        ("Context", "262,144 tokens"),
        ("Most input", "200,000 tokens"),
        ("Takes", "text, image"),
        ("Features", "tools"),
    ]:
        row = about.locator(".facts div").filter(has=page.get_by_text(name, exact=True))
        expect(row.locator("dd")).to_have_text(value)
    about.get_by_text("All as JSON").click()
    expect(about.get_by_label("All as JSON")).to_contain_text('"param_name": "effort"')
    assert "acme-secret" not in page.content()
    assert "api_key" not in page.content()


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "This bot has no api_bot_settings, so there is no endpoint to ask."),
        ({"api_type": "new_api"}, "This bot has an api_type that Poe does not document"),
        ({"api_type": ["chat_completions_api"]}, "This bot has an api_type that Poe does not document"),
    ],
)
def test_a_bot_that_cannot_be_asked_says_why(
    open_page: OpenPage, poe: Emulator, settings: dict[str, object], why: str
) -> None:
    poe.seed(poe.api_key, {"handle": "Odd", "api_bot_settings": settings})
    page = open_page()
    expect(page.get_by_role("main")).to_contain_text(why)
    expect(page.get_by_label("Your question")).to_have_count(0)


def test_reload_shows_what_pulumi_has_changed(open_page: OpenPage, bot_of: BotOf, poe: Emulator) -> None:
    bot_of("Acme-Bot", pricing={"prompt": "0.000001"})
    page = open_page()
    bot_of("Acme-Bot", pricing={"prompt": "0.000002"})
    bot_of("New-Bot")
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("table").get_by_role("row").nth(1)).to_contain_text("$2")
    expect(page.get_by_role("button", name="New-Bot")).to_be_visible()
    poe.reset()
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("navigation")).to_contain_text("There are no bots yet")
    expect(page.get_by_role("main")).to_contain_text("Here you talk to the bots")


def test_a_reload_leaves_a_bot_that_has_not_changed_as_it_is(open_page: OpenPage, bot_of: BotOf) -> None:
    bot_of("Acme-Bot")
    page = open_page()
    page.get_by_label("Your question").fill("half a question")
    page.get_by_text("All as JSON").click()
    page.get_by_role("button", name="Reload").click()
    bot_of("New-Bot")
    page.get_by_role("button", name="Reload").click()
    page.get_by_role("button", name="New-Bot").wait_for()
    expect(page.get_by_label("Your question")).to_have_value("half a question")
    expect(page.get_by_label("All as JSON")).to_be_visible()


def test_an_address_may_name_the_bot_to_begin_with(page: Page, poe: Emulator, bot_of: BotOf) -> None:
    bot_of("Acme-First")
    bot_of("Acme-Second")
    page.goto(f"{poe.page_url}&bot=Acme-Second")
    expect(page.get_by_role("heading", name="Acme-Second", exact=True)).to_be_visible()
    assert page.evaluate("location.hash") == ""


def test_the_bot_that_was_looked_at_is_shown_again_after_the_page_was_loaded_anew(
    open_page: OpenPage, bot_of: BotOf
) -> None:
    bot_of("Acme-First")
    bot_of("Acme-Second")
    page = open_page()
    page.get_by_role("button", name="Acme-Second").click()
    page.reload()
    expect(page.get_by_role("heading", name="Acme-Second", exact=True)).to_be_visible()
