"""What all operations in one account share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_poe.core.lifecycle.registry import Resource
from pulumi_poe.core.lifecycle.session import Session, forget_sessions, session_of
from pulumi_poe.core.poe.settings import Settings

OURS, THEIRS = Settings(api_key="ours"), Settings(api_key="theirs")
ELSEWHERE = Settings(api_key="ours", api_url="https://poe.example.com")


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    forget_sessions()
    yield
    forget_sessions()


def test_an_account_has_one_session_in_a_process() -> None:
    assert session_of(OURS, None) is session_of(Settings(api_key="ours"), None)
    assert session_of(OURS, None) is not session_of(THEIRS, None)


def test_all_accounts_at_one_address_share_what_the_run_has_seen() -> None:
    session_of(OURS, None).registry.claim("Acme-Bot", Resource("first"))
    assert session_of(THEIRS, None).registry.claim("acme_bot", Resource("second")) == Resource("first")
    assert session_of(ELSEWHERE, None).registry.claim("Acme-Bot", Resource("second")) is None


def test_what_was_said_is_not_said_again(warnings: pytest.LogCaptureFixture) -> None:
    session = Session(Settings())
    for _ in range(2):
        session.warn_once("this once")
    assert warnings.messages == ["this once"]
