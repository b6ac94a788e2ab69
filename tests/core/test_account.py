"""A look at what an account holds."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest

from pulumi_poe.core.account import Account, held_in, with_what_differs
from pulumi_poe.core.errors import NotFoundError, SettingsError
from pulumi_poe.core.fingerprint import matches
from pulumi_poe.core.lifecycle import FINGERPRINT
from pulumi_poe.core.settings import Settings
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
    threads = [Thread(target=look) for look in [account.bots, lambda: account.bot("acme.one")] * 8]
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
    monkeypatch.setattr("pulumi_poe.core.client.PoeClient.list_bots", lambda *_: [bot])

    assert account.bot("acme")["api_bot_settings"] == {}


def test_without_a_key_the_error_says_so() -> None:
    with pytest.raises(SettingsError, match="no Poe API key is set"):
        Account(Settings()).bots()


def test_what_is_recorded_proves_later_who_has_seen_the_bot(account: Account, poe: Emulator) -> None:
    recorded = account.recorded({"handle": "Acme-One"})
    assert recorded["handle"] == "Acme-One"
    assert matches(recorded[FINGERPRINT], poe.url, poe.api_key)


def test_a_states_bot_is_found_in_any_spelling() -> None:
    state = [{"handle": "Acme-One"}, {"handle": "Other"}]
    assert held_in(state, "acme_one") == {"handle": "Acme-One"}
    assert held_in(state, "acme") is None


SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}
DIFFERING: dict[str, tuple[dict[str, Any], dict[str, Any], list[Any]]] = {
    "another spelling of a price is no difference": (
        {"api_bot_settings": {"pricing": {"prompt": "0.0000010"}}},
        {"api_bot_settings": {"pricing": {"prompt": "0.000001"}}},
        [],
    ),
    "the endpoint's key is no difference": ({"api_bot_settings": {"api_key": "sk", "model_name": "m"}},
        {"api_bot_settings": {"model_name": "m"}}, []),
    "a secret is no difference": ({"description": SECRET}, {"description": "b"}, []),
    "what the provider records is no difference": ({"__provider": "x", FINGERPRINT: "y"}, {}, []),
    "what is gone is one": ({"description": "a"}, {}, [(("description",), "a", None)]),
    "what is not declared is none": ({}, {"description": "a"}, []),
}  # fmt: skip


@pytest.mark.parametrize("case", DIFFERING)
def test_a_state_and_poe_differ_where_a_refresh_would_say_so(case: str) -> None:
    recorded, bot, expected = DIFFERING[case]
    assert with_what_differs({"handle": "A", **recorded}, {"handle": "a", **bot}) == expected


def test_closing_an_account_that_was_never_asked_does_nothing(poe: Emulator) -> None:
    Account(Settings(api_key=poe.api_key, api_url=poe.url)).close()
