"""What a request uses that its bot does not declare."""

from __future__ import annotations

import json
from typing import Any

import pytest
from full_example import FULL_EXAMPLE

from pulumi_poe.emulator.chat.asking import Api, asked
from pulumi_poe.emulator.chat.bots import CalledBot
from pulumi_poe.emulator.chat.declared import beyond_limits, estimated, undeclared
from pulumi_poe.emulator.chat.pricing import Usage

CONTROLS = FULL_EXAMPLE["parameter_controls"]
APIS: tuple[Api, Api] = ("chat_completions_api", "responses_api")
NAMES = ("think", "effort", "budget", "rules", "ratio", "seed_word")


def bot(**settings: Any) -> CalledBot:
    settings.setdefault("param_definitions", [{"param_name": name, "param_dest": "extra_body"} for name in NAMES])
    return CalledBot("Acme", {"handle": "Acme", "api_bot_settings": settings, "parameter_controls": CONTROLS})


def found(of: CalledBot, api: Api = "chat_completions_api", **body: Any) -> list[str]:
    return list(undeclared(asked(json.dumps({"model": "Acme", **body}).encode(), api), of))


def with_part(kind: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": kind}]}]


def test_what_openai_has_and_the_bot_declares_is_no_news() -> None:
    assert found(bot(), messages=[], temperature=1, stream=True, think=False, effort="low", budget=2048, rules="") == []
    responder = bot(api_type="responses_api")
    assert found(responder, "responses_api", input="Hi", max_output_tokens=1, store=False) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("top_k", 1, "top_k: is sent, and no param_definitions of the bot has it"),
        ("input", "Hi", "input: is sent, and no param_definitions of the bot has it"),
        ("think", 1, "think: is not true or false, and its control is a toggle_switch"),
        ("effort", "most", "effort: is none of the values of its drop_down, low, medium, high"),
        ("effort", ["low"], "effort: is none of the values of its drop_down, low, medium, high"),
        ("budget", "1", "budget: is no number, and its control is a slider"),
        ("budget", True, "budget: is no number, and its control is a slider"),
        ("budget", 1000, "budget: is between two steps of its slider, each of which is 1024"),
        ("budget", 65536, "budget: is more than 32768, the most of its slider"),
        ("budget", -1024, "budget: is less than 0, the least of its slider"),
        ("rules", 1, "rules: is no string, and its control is a text_area"),
        ("ratio", "2:1", "ratio: is none of the values of its aspect_ratio, 1:1, wide"),
        ("messages", with_part("image_url"), "image: is sent, and input_modalities of the bot has it not"),
        ("messages", with_part("video_url"), "video: is sent, and input_modalities of the bot has it not"),
        ("modalities", ["text", "audio"], "audio: is asked for, and output_modalities of the bot has it not"),
        ("tools", [{}], "tools: are sent, and supported_features of the bot has them not"),
    ],
)
def test_each_thing_is_a_line(name: str, value: object, said: str) -> None:
    body: dict[str, Any] = {name: value}
    assert found(bot(), **body) == [said]


def test_what_is_declared_passes() -> None:
    able = bot(input_modalities=["text", "image"], supported_features=["tools"])
    assert found(able, messages=with_part("image_url"), tools=[{}]) == []
    responder = bot(api_type="responses_api", input_modalities=["text", "image"])
    assert found(responder, "responses_api", input=with_part("input_image")) == []


@pytest.mark.parametrize(("has", "asked_by"), [APIS, APIS[::-1]], ids=["a response", "a chat completion"])
def test_that_a_bot_is_asked_by_the_other_api_is_a_line(has: Api, asked_by: Api) -> None:
    (line,) = found(bot(api_type=has), asked_by)
    assert line == f"the bot has the api_type {has} and was asked by the other API; whether Poe translates is not known"


@pytest.mark.parametrize("junk", [1, "x", [1], {"a": 1}, None])
def test_a_seeded_bot_and_a_question_may_hold_anything(junk: Any) -> None:
    settings = dict.fromkeys(("param_definitions", "input_modalities", "output_modalities", "supported_features"), junk)
    odd = CalledBot("Acme", {"handle": "Acme", "api_bot_settings": settings, "parameter_controls": junk})
    assert found(odd, messages=junk, modalities=junk, functions=[]) in ([], ["x: is asked for"])


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (Usage(100, 50), []),
        (Usage(101, 0), ["max_input_tokens: is 100, and the input had 101 tokens"]),
        (Usage(100, 51), ["context_size: is 150, and input and output had 151 tokens"]),
    ],
)
def test_limits_of_tokens(usage: Usage, said: list[str]) -> None:
    assert list(beyond_limits(usage, bot(max_input_tokens=100, context_size=150))) == said
    assert list(beyond_limits(usage, bot())) == []


def test_an_estimate_is_a_token_for_four_bytes_of_text_and_none_for_an_image() -> None:
    parts = [{"type": "text", "text": "x" * 40}, {"type": "image_url", "image_url": {"url": "data:" + "y" * 4000}}]
    body = {"model": "Acme", "messages": [{"role": "user", "content": parts}, {"content": "z" * 40}]}
    assert estimated(asked(json.dumps(body).encode(), "chat_completions_api")) == 20
