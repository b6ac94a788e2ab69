"""What the person who runs `make test-live` has to say before anything is sent."""

from __future__ import annotations

import pytest
from contract.environment import NEEDED, PACE, Live, UnusableError, missing
from stacks import OTHER_POE_KEY, POE_KEY

WHOLE = {
    "POE_ACC": "1",
    "POE_API_KEY": POE_KEY,
    "POE_ACC_ENDPOINT": "https://llm.example.com/v1",
    "POE_ACC_ENDPOINT_KEY": "sk-canary",
    "POE_ACC_MODEL": "acme/model",
}


def test_with_all_that_is_needed_poe_itself_is_asked_at_a_pace() -> None:
    live = Live.load(WHOLE)
    assert live is not None
    assert (live.url, live.pace, live.requests, live.other_key) == ("https://api.poe.com", PACE, 600, None)
    assert live.may == frozenset()
    assert POE_KEY not in repr(live)
    assert "sk-canary" not in repr(live)


def test_what_a_person_agrees_to_is_asked_too() -> None:
    agreed = {"POE_ACC_PUBLIC": "1", "POE_ACC_LIMIT": "0", "POE_ACC_OTHER_KEY": OTHER_POE_KEY}
    live = Live.load({**WHOLE, **agreed, "POE_API_URL": "http://127.0.0.1:8787"})
    assert live is not None
    assert live.may == {"public", "other"}
    assert live.pace == 0


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("value", ["", "  ", None])
def test_without_one_of_them_nothing_may_be_sent(name: str, value: str | None) -> None:
    environment = {key: text for key, text in {**WHOLE, name: value}.items() if text is not None}
    assert missing(environment) == [name]
    assert Live.load(environment) is None


@pytest.mark.parametrize("value", ["0", "no", "true", "2"])
def test_only_1_agrees(value: str) -> None:
    assert missing({**WHOLE, "POE_ACC": value}) == ["POE_ACC"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("POE_API_URL", "http://poe.example.com", "would send the key over an open connection"),
        ("POE_API_KEY", "a key", "holds a character that no key can hold"),
        ("POE_ACC_OTHER_KEY", POE_KEY, "is the same as POE_API_KEY"),
        ("POE_ACC_ENDPOINT", "http://llm.example.com/v1", "is no plain https URL"),
        ("POE_ACC_ENDPOINT", "https://user:pass@llm.example.com/v1", "is no plain https URL"),
        ("POE_ACC_ENDPOINT", "https://llm.example.com/v1?key=secret", "is no plain https URL"),
        ("POE_ACC_REQUESTS", "many", "is no number above 0"),
        ("POE_ACC_PATIENCE", "-1", "is no number above 0"),
    ],
)
def test_a_variable_that_can_not_be_used_is_named_without_its_value(name: str, value: str, said: str) -> None:
    with pytest.raises(UnusableError) as refused:
        Live.load({**WHOLE, name: value})
    assert said in str(refused.value)
    assert name in str(refused.value)
    assert value not in str(refused.value)
