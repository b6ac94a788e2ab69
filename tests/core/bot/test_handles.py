"""When two handles are the same to Poe, and where the page of a bot is."""

from __future__ import annotations

import pytest

from pulumi_poe.core.bot.handles import canonical_handle, page_of, same_handle


@pytest.mark.parametrize("spelling", ["Acme-Bot", "acme_bot", "ACME.BOT", "acmebot", "-a.c_m-e.b_o-t-"])
def test_case_and_separators_do_not_count(spelling: str) -> None:
    assert canonical_handle(spelling) == "acmebot"
    assert same_handle("Acme-Bot", spelling)


@pytest.mark.parametrize("other", ["Acme-Bot-2", "AcmeB0t", "", None, 7])
def test_whatever_else_differs_is_another_handle_or_none(other: object) -> None:
    assert not same_handle("Acme-Bot", other)


@pytest.mark.parametrize(
    ("handle", "page"),
    [
        ("Acme.Bot_2", "https://poe.com/Acme.Bot_2"),
        ("a/b?c", "https://poe.com/a%2Fb%3Fc"),
        ("half \ud83d", "https://poe.com/half%20%3F"),
    ],
)
def test_a_page_is_an_address_whatever_the_handle_holds(handle: str, page: str) -> None:
    assert page_of(handle) == page
