"""What Poe answers of that which is declared."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from some_bots import BOTS, FULL, SEEN_ON_POE, answer_to, with_settings, with_value

from pulumi_poe.core.bot import drift
from pulumi_poe.core.bot.comparing import differing
from pulumi_poe.core.bot.drift import SAME_AS_ABSENT, holds, projected
from pulumi_poe.core.bot.fields import API_KEY, DEFAULTS, body, is_api_bot
from pulumi_poe.core.values.trees import Path, at, leaves, overlay, without


@given(BOTS)
def test_the_answer_to_what_was_sent_is_no_drift(bot: dict[str, Any]) -> None:
    assert differing(bot, projected(bot, answer_to(bot))) == []


@given(BOTS)
def test_the_answer_to_what_was_sent_holds_it(bot: dict[str, Any]) -> None:
    assert holds(answer_to(bot), body(bot))


@given(BOTS, BOTS)
def test_only_what_is_declared_can_drift(bot: dict[str, Any], other: dict[str, Any]) -> None:
    answered = overlay(answer_to(bot), {"since": "2027", **answer_to(other)})
    assert differing(bot, projected(bot, {**answered, "handle": bot["handle"]})) == []


@given(BOTS, BOTS)
def test_what_is_projected_is_declared(bot: dict[str, Any], other: dict[str, Any]) -> None:
    declared = {path for path, _ in leaves(bot)}
    assert {path for path, _ in leaves(projected(bot, answer_to(other)))} <= declared


@given(BOTS, BOTS)
def test_to_project_again_changes_nothing(bot: dict[str, Any], other: dict[str, Any]) -> None:
    once = projected(bot, answer_to(other))
    assert differing(once, projected(once, answer_to(other))) == []


def test_any_declared_leaf_that_was_changed_on_poe_drifts() -> None:
    for path in SEEN_ON_POE:
        assert differing(FULL, projected(FULL, with_value(answer_to(FULL), path, ["changed by hand"]))) == [path]


def test_any_declared_leaf_that_was_removed_on_poe_drifts_unless_poe_leaves_its_default_out() -> None:
    for path in SEEN_ON_POE:
        if at(FULL, path) == SAME_AS_ABSENT.get(path):
            continue
        assert differing(FULL, projected(FULL, without(answer_to(FULL), [path]))) == [path]


def test_the_endpoints_key_is_kept_as_it_was_declared() -> None:
    assert at(projected(FULL, answer_to(FULL)), API_KEY) == "endpoint-canary"


def test_the_declared_spelling_is_kept_where_it_means_the_same() -> None:
    declared = with_settings(pricing={"prompt": "0.10"}, input_modalities=["text", "image"])
    answered = {
        "handle": "B",
        "api_bot_settings": {"pricing": {"prompt": "0.1"}, "input_modalities": ["image", "text"]},
    }
    assert projected(declared, answered) == declared


def test_a_spelling_that_means_something_else_is_that_of_poe() -> None:
    assert projected(with_settings(pricing={"prompt": "0.10"}), with_settings(pricing={"prompt": "0.2"})) == (
        with_settings(pricing={"prompt": "0.2"})
    )


@pytest.mark.parametrize(("path", "default"), list(DEFAULTS.items()))
def test_a_declared_default_and_its_absence_in_the_answer_are_the_same(path: Path, default: object) -> None:
    declared = {"handle": "b", path[0]: default}
    assert projected(declared, {"handle": "b"}) == declared
    assert holds({"handle": "b"}, declared)


@pytest.mark.parametrize(("path", "other"), [(("description",), "x"), (("is_private",), False)])
def test_a_declared_value_other_than_the_default_drifts_if_the_answer_lacks_it(path: Path, other: object) -> None:
    declared = {"handle": "b", path[0]: other}
    assert projected(declared, {"handle": "b"}) == {"handle": "b"}
    assert not holds({"handle": "b"}, declared)


def test_a_leaf_of_extra_that_the_answer_lacks_is_no_drift() -> None:
    declared = {"handle": "b", "extra": {"greeting": "Hi", "api_bot_settings": {"audio": True}}}
    assert projected(declared, {"handle": "b"}) == declared


def test_a_leaf_of_extra_that_the_answer_has_drifts() -> None:
    declared = {"handle": "b", "extra": {"greeting": "Hi"}}
    assert projected(declared, {"handle": "b", "greeting": "Ho"}) == {"handle": "b", "extra": {"greeting": "Ho"}}


def test_a_bot_that_differs_anywhere_is_not_what_was_sent() -> None:
    for path in SEEN_ON_POE:
        assert not holds(with_value(answer_to(FULL), path, ["another"]), body(FULL))


def test_a_bot_with_endpoint_settings_is_an_api_bot() -> None:
    assert is_api_bot({"handle": "b", "api_bot_settings": {}})
    assert not is_api_bot({"handle": "b"})
    assert not is_api_bot({"handle": "b", "api_bot_settings": None})


TIER = {"min_tokens": 1, "prompt": "0.0000010"}
TWO: list[dict[str, Any]] = [{"param_name": "a", "default_value": 1}, {"param_name": "b"}]


@pytest.mark.parametrize(
    ("path", "declared", "answered", "is_drift"),
    [
        (("pricing", "context_pricing", "tiers"), [TIER], [{**TIER, "prompt": "0.000001", "image": "1"}], False),
        (("pricing", "context_pricing", "tiers"), [TIER], [{**TIER, "prompt": "0.000002"}], True),
        (("pricing", "context_pricing", "tiers"), [TIER], [TIER, TIER], True),
        (("pricing", "context_pricing", "tiers"), [TIER], [{"min_tokens": 1}], True),
        (("param_definitions",), TWO, [{"param_name": "b", "new": {}}, {**TWO[0], "new": 1}], False),
        (("param_definitions",), TWO, [{"param_name": "b"}, {"param_name": "b"}], True),
        (("param_definitions",), TWO, [{"param_name": "b"}, {"param_name": "a", "default_value": 2}], True),
    ],
)
def test_in_a_list_too_only_what_is_declared_can_drift(
    path: tuple[str, ...], declared: object, answered: object, is_drift: bool
) -> None:
    def bot(value: object) -> dict[str, Any]:
        for key in reversed(("api_bot_settings", *path)):
            value = {key: value}
        assert isinstance(value, dict)
        return {"handle": "b", **value}

    assert (not drift.holds(bot(answered), bot(declared))) == is_drift
    if not is_drift:
        assert drift.projected(bot(declared), bot(answered)) == bot(declared)
