"""`make up` and its companions, on a checkout of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.long
def test_make_up_creates_the_quickstart_and_changes_nothing_the_second_time(make: Callable[[str], str]) -> None:
    first = make("up")
    second = make("up")

    assert "Bot Local-Quickstart" in first
    assert "https://poe.com/Local-Quickstart" in first
    assert "What to try next" in first
    assert "Nothing changed." in second
    assert "2 unchanged" in make("preview")
    assert "Nothing changed." in make("refresh")
    assert "are gone" in make("down")
    assert "nothing to take down" in make("down")
