"""What can be told of an address without asking the network."""

from __future__ import annotations

import pytest

from pulumi_poe.core.values.urls import is_loopback, parsed


@pytest.mark.parametrize(
    "url",
    [
        "",
        "llm.example.com",
        "ftp://llm.example.com",
        "https://",
        "https://a b.example.com",
        "https://x:port/",
        "https://\n",
    ],
)
def test_what_is_no_http_address_is_none(url: str) -> None:
    assert parsed(url) is None


def test_an_address_has_its_parts() -> None:
    parts = parsed("https://llm.example.com:8443/v1")
    assert parts is not None
    assert (parts.hostname, parts.port, parts.path) == ("llm.example.com", 8443, "/v1")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["poe.com", "10.0.0.1", "localhost.example.com", ""])
def test_no_other_is(host: str) -> None:
    assert not is_loopback(host)
