"""What is wrong with a declared endpoint, and which change of it asks again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.core.bot import checks
from pulumi_poe.core.endpoint.declared import differing, has_to_be_asked, mistakes, properties
from pulumi_poe.core.values.unknown import UNKNOWN

GOOD: dict[str, Any] = {"base_url": "https://llm.example.com/v1", "model_name": "m"}
WHOLE: dict[str, Any] = {
    **GOOD,
    "api_key": "sk-key",
    "api_type": "responses_api",
    "supported_features": ["tools"],
    "input_modalities": ["text", "image"],
    "wait": 60,
    "checks": ["reachable", "models", "completion", "streaming", "usage", "tools", "image"],
    "triggers": {"image": "sha256:1", "of": [1, None, True]},
}


def said(**declared: Any) -> list[str]:
    return [str(mistake) for mistake in mistakes({**GOOD, **declared})]


@pytest.mark.parametrize("declared", [GOOD, WHOLE, {**WHOLE, "wait": 0}, {**WHOLE, "wait": 0.5, "triggers": None}])
def test_what_is_right_has_no_mistakes(declared: dict[str, Any]) -> None:
    assert mistakes(declared) == []


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_what_is_unknown_has_none_either(name: str) -> None:
    assert mistakes({**WHOLE, name: UNKNOWN}) == []
    if isinstance(WHOLE[name], list):
        assert mistakes({**WHOLE, name: [UNKNOWN]}) == []


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"base_url": None}, "base_url: is required"),
        ({"model_name": None}, "model_name: is required"),
        ({"model_name": ""}, "model_name: must not be empty"),
        ({"base_ulr": "x"}, "base_ulr: there is no such property; did you mean 'base_url'?"),
        ({"pricing": {}}, "pricing: there is no such property"),
        ({"api_key": ""}, "api_key: is empty or has what no key can have, such as a space or a line break at its end"),
        (
            {"api_key": "k\n"},
            "api_key: is empty or has what no key can have, such as a space or a line break at its end",
        ),
        ({"api_key": 7}, "api_key: must be a string"),
        ({"api_type": "chat"}, "api_type: must be 'chat_completions_api' or 'responses_api'"),
        ({"wait": -1}, "wait: must be a number of seconds, 0 or more"),
        ({"wait": "60"}, "wait: must be a number of seconds, 0 or more"),
        ({"wait": True}, "wait: must be a number of seconds, 0 or more"),
        ({"wait": float("nan")}, "wait: must be a number of seconds, 0 or more"),
        ({"checks": []}, "checks: must name a check; leave it out for all"),
        ({"checks": "usage"}, "checks: must be a list"),
    ],
)
def test_what_is_wrong_is_said(declared: dict[str, Any], expected: str) -> None:
    assert said(**declared) == [expected]


def test_a_check_that_there_is_not_is_told_with_those_that_there_are_and_the_nearest() -> None:
    (line,) = said(checks=["reachable", "usge"])
    assert line.startswith("checks[1]: must be 'reachable', ")
    assert line.endswith("; did you mean 'usage'?")


def test_all_mistakes_are_said_at_once() -> None:
    assert len(said(base_url="http://a", api_type="b", wait=-1, checks=["c"], d=1)) == 5


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "http://llm.example.com/v1"},
        {"base_url": "https://me:pw@llm.example.com/v1"},
        {"base_url": "https://llm.example.com/v1?a=b"},
        {"base_url": "https://llm.example.com/v1/chat/completions"},
        {"base_url": "no url"},
        {"input_modalities": ["video"], "api_type": "responses_api"},
    ],
)
def test_the_rules_are_those_of_a_bots_endpoint(settings: dict[str, Any]) -> None:
    of_a_bot = checks.mistakes({"handle": "Acme-Any", "api_bot_settings": {**GOOD, **settings}})
    assert of_a_bot
    assert said(**settings) == [str(one).removeprefix("api_bot_settings.") for one in of_a_bot]


def test_what_is_nested_too_deep_is_a_mistake_and_no_endless_look() -> None:
    deep: Any = []
    for _ in range(2000):
        deep = [deep]
    assert said(triggers=deep) == ["triggers: has more than 50 objects and lists in one another"]


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_change_is_a_reason_to_ask_again_but_of_how_to_ask(name: str) -> None:
    changed = {**WHOLE, name: UNKNOWN}
    assert differing(changed, WHOLE) == [(name,)]
    assert has_to_be_asked(changed, WHOLE) is (name not in ("wait", "checks"))
    without = {one: value for one, value in WHOLE.items() if one != name}
    assert differing(without, WHOLE) == differing(WHOLE, without) == [(name,)]


def test_what_means_the_same_is_no_change() -> None:
    assert differing({**WHOLE, "input_modalities": ["image", "text"], "_beside": 1}, {**WHOLE, "extra": None}) == []
    assert differing({"triggers": True}, {"triggers": 1}) == [("triggers",)]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*WHOLE, "base_ulr", "x"]), VALUES))
def test_whatever_is_declared_is_judged_and_compared_and_no_value_is_repeated(declared: dict[str, Any]) -> None:
    secret = "sk-canary-1234567"
    mistakes(declared)
    for name in declared:
        assert all(secret not in str(one) for one in mistakes({**declared, name: secret}) if name != "x")
    assert differing(declared, declared) == []
    assert has_to_be_asked(declared, properties(declared)) is False
