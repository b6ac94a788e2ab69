"""A fingerprint tells whether the same address and key are in use, and nothing more."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.core.poe.fingerprint import fingerprint, is_elsewhere, is_here, matches

URL = "https://api.poe.com"
KEY = "poe-canary-key"
STORED = "01234567603ca1ea7e5748ee"
"""Made of these by version 0.1.0."""


def test_the_same_address_and_key_match() -> None:
    assert matches(fingerprint(URL, KEY), URL, KEY)


def test_another_key_does_not_match() -> None:
    assert not matches(fingerprint(URL, KEY), URL, KEY + "2")


def test_another_address_does_not_match() -> None:
    assert not matches(fingerprint(URL, KEY), "https://poe.example", KEY)


def test_two_fingerprints_of_the_same_key_can_not_be_compared() -> None:
    assert fingerprint(URL, KEY) != fingerprint(URL, KEY)


def test_a_fingerprint_is_short_and_says_neither_address_nor_key() -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", fingerprint(URL, KEY))


def test_a_fingerprint_of_an_earlier_release_still_matches() -> None:
    assert matches(STORED, URL, KEY)


@pytest.mark.parametrize("stored", [None, 5, b"", [], "", "x" * 24, STORED[:-1], STORED + "0", STORED[:8], "ÿ" * 24])
def test_what_is_no_fingerprint_matches_nothing(stored: object) -> None:
    assert not matches(stored, URL, KEY)


@given(st.text())
def test_no_text_is_taken_for_a_fingerprint_and_none_is_an_error(stored: str) -> None:
    assert not matches(stored, URL, KEY)
    assert not matches(STORED[:8] + stored, URL, "another key")


def test_another_address_is_told_from_another_key() -> None:
    assert is_elsewhere(fingerprint(URL, KEY), "https://poe.example")
    assert not is_elsewhere(fingerprint(URL, "another key"), URL)


@pytest.mark.parametrize("stored", [None, STORED, "x" * 32, ""])
def test_a_fingerprint_that_does_not_say_where_is_not_elsewhere(stored: object) -> None:
    assert not is_elsewhere(stored, "https://poe.example")


def test_only_a_fingerprint_that_says_where_is_here() -> None:
    assert is_here(fingerprint(URL, "another key"), URL)
    assert not is_here(fingerprint(URL, KEY), "https://poe.example")
    for stored in (None, STORED, "x" * 32, ""):
        assert not is_here(stored, URL)
