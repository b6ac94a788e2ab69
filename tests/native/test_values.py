"""Secrets, unknown values and whole numbers, in both directions and at any depth."""

from __future__ import annotations

from pulumi_poe.core.values.unknown import UNKNOWN
from pulumi_poe.native import values

from .conftest import NOT_KNOWN, SECRET, bag, struct


def test_secrets_come_in_plain_at_any_depth() -> None:
    sent = struct({"extra": {"list": [{**SECRET, "value": {"inner": {**SECRET, "value": "s"}}}]}})
    assert values.to_core(sent) == {"extra": {"list": [{"inner": "s"}]}}


def test_what_is_not_known_is_unknown_at_any_depth_and_back() -> None:
    sent = {"description": NOT_KNOWN, "apiBotSettings": {"inputModalities": [NOT_KNOWN]}}
    core = values.to_core(struct(sent))
    assert core == {"description": UNKNOWN, "api_bot_settings": {"input_modalities": [UNKNOWN]}}
    assert bag(values.to_engine(core)) == sent


def test_an_unknown_secret_is_unknown() -> None:
    sent = struct({"apiBotSettings": {"apiKey": {**SECRET, "value": NOT_KNOWN}}})
    assert values.to_core(sent) == {"api_bot_settings": {"api_key": UNKNOWN}}


def test_whole_numbers_come_as_floats_and_are_whole() -> None:
    settings = values.to_core(struct({"apiBotSettings": {"contextSize": 4096.0}}))["api_bot_settings"]
    assert repr(settings) == "{'context_size': 4096}"
    assert values.to_core(struct({"extra": {"a": 0.5, "b": True, "c": None}})) == {
        "extra": {"a": 0.5, "b": True, "c": None}
    }


def test_the_endpoints_key_goes_out_as_a_secret_however_it_came() -> None:
    out = bag(values.to_engine({"api_bot_settings": {"api_key": "CANARY", "model_name": "m"}}))
    assert out == {"apiBotSettings": {"apiKey": {**SECRET, "value": "CANARY"}, "modelName": "m"}}


def test_half_a_character_is_replaced() -> None:
    assert bag(values.struct_of({"description": "a\ud800"})) == {"description": "a\ufffd"}
