"""What a program would declare of a bot that exists."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
from hand_made import hand_made, not_api_bots
from hypothesis import strategies as st
from some_bots import BOTS, FULL, answer_to

from pulumi_poe.core.bot import checks, comparing, drift
from pulumi_poe.core.bot.declaring import existing

NAMES = st.sampled_from(["pricing", "tiers", "sections", "controls", "control", "new"])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["pricing", "tiers", "sections", "controls", "control", "new"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def errors(declared: dict[str, Any]) -> list[str]:
    return [str(mistake) for mistake in checks.mistakes(declared) if mistake.is_error and mistake.path != "handle"]


@hypothesis.given(BOTS)
def test_a_bot_that_a_program_made_is_declared_as_it_was(declared: dict[str, Any]) -> None:
    hypothesis.assume(not errors(declared))
    answered = answer_to(declared)

    bot = existing(answered)

    assert bot.refused == []
    assert drift.holds(answered, bot.declared)
    without_extra = {name: value for name, value in answered.items() if name in declared and name != "extra"}
    assert [path for path in comparing.taken_out(bot.declared, without_extra) if path not in bot.unknown] == []


@hypothesis.given(
    st.fixed_dictionaries(
        {"handle": st.text(min_size=1, max_size=4)},
        optional=dict.fromkeys(["description", "is_private", "api_bot_settings", "parameter_controls", "extra"], JUNK),
    )
)
def test_whatever_poe_answers_what_is_declared_passes_the_checks_and_is_what_poe_has(answered: dict[str, Any]) -> None:
    bot = existing(answered)

    assert errors(bot.declared) == []
    assert drift.holds(answered, bot.declared)


@pytest.mark.parametrize("answered", hand_made(60), ids=lambda bot: bot["handle"])
def test_bots_made_by_hand_are_declared_as_far_as_the_checks_let_them(answered: dict[str, Any]) -> None:
    bot = existing(answered)

    assert errors(bot.declared) == []
    assert drift.holds(answered, bot.declared)
    assert bot.is_api_bot


@pytest.mark.parametrize(
    ("answered", "refused"),
    [
        (
            {"api_bot_settings": {"base_url": "http://x.org", "model_name": "m"}},
            ("api_bot_settings", "base_url"),
        ),
        ({"parameter_controls": {"sections": [{"controls": [{"control": "new"}]}]}}, ("parameter_controls",)),
        ({"description": "\ud83d"}, ("description",)),
        ({"description": 1}, ("description",)),
    ],
)
def test_what_the_checks_refuse_is_left_out_alone_and_said(answered: dict[str, Any], refused: tuple[str, ...]) -> None:
    bot = existing({"handle": "Acme", "is_private": True, **answered})

    assert [path for path, _ in bot.refused] == [refused]
    assert bot.declared["is_private"] is True


def test_two_mistakes_of_a_list_leave_out_that_list_and_nothing_else() -> None:
    definitions = [{"name": "a"}, {"name": "b"}]
    bot = existing({"handle": "Acme", "api_bot_settings": {"model_name": "m", "param_definitions": definitions}})

    assert bot.declared == {"handle": "Acme", "api_bot_settings": {"model_name": "m"}}
    assert [path for path, _ in bot.refused] == [("api_bot_settings", "param_definitions")]


def test_names_that_are_not_known_are_not_declared_not_even_as_extra() -> None:
    bot = existing(
        {"handle": "Acme", "greeting": "hi", "extra": {"a": 1}, "api_bot_settings": {"pricing": {"image": "1"}}}
    )

    assert "extra" not in bot.declared
    assert bot.unknown == [("greeting",), ("api_bot_settings", "pricing", "image"), ("extra",)]


def test_the_endpoints_key_is_not_declared() -> None:
    assert "canary" not in str(existing(FULL))


def test_a_handle_that_the_checks_refuse_is_declared_all_the_same_and_said() -> None:
    bot = existing({"handle": "Not a handle!"})
    assert bot.declared == {"handle": "Not a handle!"}
    assert bot.handle_mistakes == ["may only have letters a to z, digits, '-', '_' and '.'"]


def test_bots_without_settings_are_no_api_bots() -> None:
    assert not any(existing(bot).is_api_bot for bot in not_api_bots())
