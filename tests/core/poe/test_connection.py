"""What all operations share to reach Poe."""

from __future__ import annotations

import httpx
import pytest

from pulumi_poe.core.errors import SettingsError
from pulumi_poe.core.poe.connection import Connection, within
from pulumi_poe.core.poe.settings import Settings

SETTINGS = Settings(api_key="key", operation_timeout=7.0, preview_timeout=3.0)


def test_there_is_one_client_for_all() -> None:
    connection = Connection(SETTINGS)
    assert connection.client is connection.client
    connection.close()


def test_only_what_has_to_be_sent_needs_a_key() -> None:
    connection = Connection(Settings())
    with pytest.raises(SettingsError, match="no Poe API key is set"):
        _ = connection.client
    connection.close()


def test_requests_travel_by_the_transport_that_is_given() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        return httpx.Response(200, json={"bots": []})

    connection = Connection(SETTINGS, httpx.MockTransport(answer))
    assert connection.client.list_bots(connection.budget()) == []
    assert sent == ["/bots"]
    connection.close()


def test_an_operation_may_have_a_time_of_its_own() -> None:
    connection = Connection(SETTINGS)
    with within(20.0):
        assert connection.budget().seconds == 20
        assert connection.budget_of_a_preview().seconds == 3
    with within(0.0):
        assert connection.budget().seconds == 7
    assert connection.budget().seconds == 7
