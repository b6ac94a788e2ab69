"""What `api_bot_settings` may hold (docs/poe-bots-api.md, 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..asking import Answer, Asker, at, question, said


@question("6 (12)", decides=["normalise_prices"])
def how_a_price_is_spelt(ask: Asker) -> Answer:
    """Does a price come back as it was sent?"""
    sent = {"prompt": "0.0000010", "completion": "0.000002"}
    found = at(ask.bot(ask.new_bot(api_bot_settings=ask.settings(pricing=sent))), "api_bot_settings", "pricing")
    prices = (at(found, "prompt"), at(found, "completion"))
    if prices == ("0.0000010", "0.000002"):
        return Answer("as sent, 0.0000010", {"normalise_prices": False})
    if prices == ("0.000001", "0.000002"):
        return Answer("without zeros at the end: 0.0000010 becomes 0.000001", {"normalise_prices": True})
    return Answer(f"0.0000010 becomes {prices[0]!r}, 0.000002 {prices[1]!r}; no option says this")


@question("2.1")
def which_prices_are_taken(ask: Asker) -> Answer:
    """Which values may a price have?"""
    forms = {
        "0": "0",
        "ten decimals": "0.0000000000",
        "20 decimals": "0.00000000000000000001",
        "1e-6": "1e-6",
        "-1": "-1",
        "a number": 0.000001,
        "text": "free",
        "empty": "",
    }
    return _tried(ask, {name: {"pricing": {"prompt": value, "completion": "0.1"}} for name, value in forms.items()})


@question("2.1")
def may_a_price_stand_alone(ask: Asker) -> Answer:
    """May there be a price for input without one for output?"""
    body = {"handle": ask.mine.handles.new(), "api_bot_settings": ask.settings(pricing={"prompt": "0.000001"})}
    answer = ask.mine.request("POST", None, body)
    return Answer("yes" if answer.status_code == 201 else f"no, {answer.status_code}: {said(answer)}")


@question("2.2")
def which_tiers_are_taken(ask: Asker) -> Answer:
    """May tiers overlap, leave gaps, come in any order, lack a bound or be many?"""
    price = {"prompt": "0.000001"}
    first, second = {"min_tokens": 0, "max_tokens": 10, **price}, {"min_tokens": 10, "max_tokens": None, **price}
    forms = {
        "one after the other": [first, second],
        "overlapping": [first, {**second, "min_tokens": 5}],
        "with a gap": [first, {**second, "min_tokens": 20}],
        "last one first": [second, first],
        "without min_tokens": [{"max_tokens": 10, **price}],
        "empty range": [{"min_tokens": 10, "max_tokens": 10, **price}],
        "none": [],
        "50": [{"min_tokens": 10 * i, "max_tokens": 10 * i + 10, **price} for i in range(50)],
        "with input_cache_reads": [{**second, "input_cache_reads": "0.0000001"}],
    }
    return _tried(ask, {name: {"pricing": {"context_pricing": {"tiers": tiers}}} for name, tiers in forms.items()})


@question("6 (18)")
def is_the_address_checked(ask: Asker) -> Answer:
    """Does a write check that the endpoint's address is https, and that something answers there?"""
    forms = {
        "http": "http://llm.example.com/v1",
        "nobody there": "https://nobody.invalid/v1",
        "no address": "endpoint",
        "a slash at the end": ask.endpoint.base_url.rstrip("/") + "/",
    }
    # With no key of anybody's: a Poe that looks whether something answers may show it the key.
    return _tried(ask, {name: {"base_url": url} for name, url in forms.items()}, api_key="no-key")


@question("2")
def which_numbers_and_combinations_are_taken(ask: Asker) -> Answer:
    """Are numbers bounded, and are fields compared with each other?"""
    return _tried(
        ask,
        {
            "max_input_tokens 0": {"max_input_tokens": 0},
            "max_input_tokens -1": {"max_input_tokens": -1},
            "max_input_tokens 1.5": {"max_input_tokens": 1.5},
            "more input than context": {"max_input_tokens": 9000, "context_size": 8000},
            "video with responses_api": {"input_modalities": ["text", "video"], "api_type": "responses_api"},
            "a modality twice": {"input_modalities": ["text", "text"]},
            "no modality": {"output_modalities": []},
            "another api_type": {"api_type": "assistants_api"},
            "another feature": {"supported_features": ["hologram"]},
            "an empty model_name": {"model_name": ""},
        },
    )


@question("2.3")
def which_definitions_are_taken(ask: Asker) -> Answer:
    """May a parameter be defined without a control, and where may it go?"""
    return _tried(
        ask,
        {
            "without a control": {"param_definitions": [{"param_name": "size", "param_dest": "extra_body"}]},
            "without param_dest": {"param_definitions": [{"param_name": "size"}]},
            "another param_dest": {"param_definitions": [{"param_name": "size", "param_dest": "headers"}]},
            "default null": {"param_definitions": [{"param_name": "size", "default_value": None}]},
            "default an object": {"param_definitions": [{"param_name": "size", "default_value": {"a": [1]}}]},
            "one name twice": {"param_definitions": [{"param_name": "size"}, {"param_name": "size"}]},
        },
    )


def _tried(ask: Asker, forms: Mapping[str, dict[str, Any]], **settings: str) -> Answer:
    """Which of these settings a PATCH takes, and which it refuses."""
    handle = ask.new_bot(api_bot_settings=ask.settings(**settings))
    statuses = {
        name: ask.mine.request("PATCH", handle, {"api_bot_settings": form}).status_code for name, form in forms.items()
    }
    return Answer(taken_and_refused(statuses))


def taken_and_refused(statuses: Mapping[str, int]) -> str:
    """The forms by what they are answered."""
    by_status: dict[int, list[str]] = {}
    for name, status in statuses.items():
        by_status.setdefault(status, []).append(name)
    return "; ".join(f"{status}: {', '.join(names)}" for status, names in sorted(by_status.items()))
