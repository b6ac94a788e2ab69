"""One mistake in a declared bot."""

from __future__ import annotations

import pytest

from pulumi_poe.core.bot.mistake import Mistake, did_you_mean, warning


def test_a_mistake_is_one_printable_line() -> None:
    assert str(Mistake("extra.a\nb", "is\x1b[2J wrong")) == "extra.a b: is�[2J wrong"


def test_a_mistake_is_an_error_and_a_warning_is_none() -> None:
    assert Mistake("handle", "is wrong").is_error
    assert not warning("handle", "is odd").is_error


@pytest.mark.parametrize(("name", "offered"), [("base_ulr", "; did you mean 'base_url'?"), ("unlike", "")])
def test_the_nearest_right_name_is_offered_if_one_is_near(name: str, offered: str) -> None:
    assert did_you_mean(name, ["api_key", "base_url"]) == offered
