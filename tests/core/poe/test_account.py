"""A look at what an account holds."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from pulumi_poe.core.errors import NotFoundError, SettingsError
from pulumi_poe.core.poe.account import Account
from pulumi_poe.core.poe.settings import Settings
from pulumi_poe.emulator import Emulator


@pytest.fixture
def account(poe: Emulator) -> Account:
    poe.seed(poe.api_key, {"handle": "Acme-One", "is_private": False, "api_bot_settings": {"api_key": "canary"}})
    poe.seed(poe.api_key, {"handle": "Acme-Two"})
    poe.seed(poe.api_key, {"handle": "Other"})
    return Account(Settings(api_key=poe.api_key, api_url=poe.url))


def handles(bots: list[dict[str, Any]]) -> list[str]:
    return [bot["handle"] for bot in bots]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ["Acme-One", "Acme-Two", "Other"]),
        ({"prefix": "ACME-"}, ["Acme-One", "Acme-Two"]),
        ({"private": True}, ["Acme-Two", "Other"]),
        ({"prefix": "acme", "private": False}, ["Acme-One"]),
    ],
)
def test_bots_are_listed_in_poes_order(account: Account, arguments: dict[str, Any], expected: list[str]) -> None:
    assert handles(account.bots(**arguments)) == expected


def test_many_looks_from_many_threads_are_one_request(account: Account, poe: Emulator) -> None:
    looks: list[Callable[[], object]] = [account.bots, lambda: account.bot("acme.one")]
    threads = [Thread(target=look) for look in looks * 8]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [request.path for request in poe.requests] == ["/bots"]


def test_a_bot_that_came_after_the_list_is_asked_for_by_its_handle(account: Account, poe: Emulator) -> None:
    account.bots()
    poe.seed(poe.api_key, {"handle": "Late-Bot"})

    assert account.bot("late_bot")["handle"] == "Late-Bot"
    assert [request.path for request in poe.requests] == ["/bots", "/bots/late_bot"]


def test_a_bot_that_is_not_there_names_the_nearest(account: Account) -> None:
    with pytest.raises(NotFoundError, match=r"has no such bot\. Did you mean 'Acme-One' or 'Acme-Two'\?"):
        account.bot("acmeon")


def test_a_handle_of_another_account_is_not_there(account: Account, poe: Emulator) -> None:
    other = list(poe.accounts.values())[1]
    poe.seed(other, {"handle": "Theirs"})
    with pytest.raises(NotFoundError):
        account.bot("Theirs")


def test_a_key_that_poe_might_answer_is_left_out(poe: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = {"handle": "Acme", "api_bot_settings": {"api_key": "canary"}}
    account = Account(Settings(api_key=poe.api_key, api_url=poe.url))
    monkeypatch.setattr("pulumi_poe.core.poe.client.PoeClient.list_bots", lambda *_: [bot])

    assert account.bot("acme")["api_bot_settings"] == {}


def test_without_a_key_the_error_says_so() -> None:
    with pytest.raises(SettingsError, match="no Poe API key is set"):
        Account(Settings()).bots()


def test_closing_an_account_that_was_never_asked_does_nothing(poe: Emulator) -> None:
    Account(Settings(api_key=poe.api_key, api_url=poe.url)).close()
