"""Each switch of the local Poe, both ways."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import Any

import httpx
import pytest

from pulumi_poe.emulator import API_KEY_1, Emulator, Options

TAKEN = {"error": {"message": "create_bot_status: handle_already_taken"}}


def answer(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def test_the_defaults_are_the_choices_of_section_6_1() -> None:
    assert Options() == Options(
        latency=0.0,
        patch_merge="deep",
        foreign_put_status=400,
        materialise_defaults=False,
        normalise_prices=False,
        reserve_deleted_handles=False,
        not_enabled_status=None,
        refuse_unknown_fields=False,
    )


def test_every_option_has_its_tests_here() -> None:
    named = {name for name in globals() if name.startswith("test_")}
    for option in fields(Options):
        assert any(name.startswith(f"test_{option.name}") for name in named), option.name


# latency


def test_latency_delays_an_answer(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.latency = 0.1
    started = time.monotonic()
    assert mine.get("/bots").status_code == 200
    assert time.monotonic() - started >= 0.1


def test_latency_is_that_of_each_answer_not_of_all_together(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.latency = 0.2
    started = time.monotonic()
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: mine.get("/bots"), range(10)))
    assert time.monotonic() - started < 1


def test_latency_that_outlasts_the_client_loses_the_answer_not_the_write(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.latency = 30
    with pytest.raises(httpx.ReadTimeout):
        mine.post("/bots", json={"handle": "Acme"}, timeout=0.1)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme"]


def test_latency_applies_to_refusals_too(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.latency = 0.1
    started = time.monotonic()
    assert mine.get("/bots", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert time.monotonic() - started >= 0.1


# patch_merge

PRICED = {"model_name": "m", "pricing": {"prompt": "1", "context_pricing": {"tiers": []}}}


@pytest.mark.parametrize("method", ["PATCH", "POST"])
@pytest.mark.parametrize(
    ("depth", "pricing"),
    [
        ("deep", {"prompt": "1", "context_pricing": {"tiers": []}, "completion": "2"}),
        ("shallow", {"completion": "2"}),
    ],
)
def test_patch_merge_decides_on_nested_objects(
    poe: Emulator, mine: httpx.Client, method: str, depth: Any, pricing: dict[str, Any]
) -> None:
    poe.options.patch_merge = depth
    mine.post("/bots", json={"handle": "Acme", "api_bot_settings": PRICED})
    body = {"handle": "Acme", "api_bot_settings": {"pricing": {"completion": "2"}}}
    mine.request(method, "/bots" if method == "POST" else "/bots/Acme", json=body)
    assert mine.get("/bots/Acme").json()["api_bot_settings"] == {"model_name": "m", "pricing": pricing}


# foreign_put_status


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, TAKEN), (403, {"error": {"message": "Unauthorized to edit bot 'Acme'"}})],
)
def test_foreign_put_status_is_the_answer_to_a_put_on_anothers_handle(
    poe: Emulator, mine: httpx.Client, theirs: httpx.Client, status: Any, body: object
) -> None:
    poe.options.foreign_put_status = status
    theirs.post("/bots", json={"handle": "Acme"})
    assert answer(mine.put("/bots/Acme", json={})) == (status, body)


# materialise_defaults

TIERS = {"pricing": {"context_pricing": {"tiers": [{"min_tokens": 1}]}}}


def test_materialise_defaults_off_answers_what_was_set(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme", "api_bot_settings": TIERS})
    assert mine.get("/bots/Acme").json()["api_bot_settings"] == TIERS


def test_materialise_defaults_on_adds_them_to_answers_alone(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.materialise_defaults = True
    mine.post("/bots", json={"handle": "Acme", "api_bot_settings": TIERS})
    expected = {
        "api_type": "chat_completions_api",
        "input_modalities": ["text"],
        "output_modalities": ["text"],
        "supported_features": [],
        "pricing": {"context_pricing": {"tiers": [{"min_tokens": 1, "max_tokens": None}]}},
    }
    assert mine.get("/bots/Acme").json()["api_bot_settings"] == expected
    assert mine.get("/bots").json()["bots"][0]["api_bot_settings"] == expected
    assert poe.bots()[0]["api_bot_settings"] == TIERS


def test_materialise_defaults_on_keeps_what_was_set(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.materialise_defaults = True
    settings = {
        "api_type": "responses_api",
        "input_modalities": ["image"],
        "output_modalities": [],
        "supported_features": ["tools"],
    }
    mine.post("/bots", json={"handle": "Acme", "api_bot_settings": settings})
    assert mine.get("/bots/Acme").json()["api_bot_settings"] == settings


def test_materialise_defaults_on_makes_no_api_bot_of_another(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.materialise_defaults = True
    poe.seed(API_KEY_1, {"handle": "Prompt-Bot"})
    assert "api_bot_settings" not in mine.get("/bots/Prompt-Bot").json()


# normalise_prices


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("0.0000010", "0.000001"),
        ("0.0000000000", "0"),
        ("1.0", "1"),
        ("10", "10"),
        ("0.5", "0.5"),
    ],
)
def test_normalise_prices_strips_trailing_zeros_from_answers_alone(
    poe: Emulator, mine: httpx.Client, sent: str, answered: str
) -> None:
    def pricing(price: str) -> dict[str, Any]:
        prices = {"prompt": price, "completion": price, "input_cache_reads": price}
        return {"pricing": {**prices, "context_pricing": {"tiers": [{"min_tokens": 10, **prices}]}}}

    mine.post("/bots", json={"handle": "Acme", "api_bot_settings": pricing(sent)})
    assert mine.get("/bots/Acme").json()["api_bot_settings"] == pricing(sent)
    poe.options.normalise_prices = True
    assert mine.get("/bots/Acme").json()["api_bot_settings"] == pricing(answered)
    assert poe.bots()[0]["api_bot_settings"] == pricing(sent)


def test_normalise_prices_needs_no_prices(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.normalise_prices = True
    mine.post("/bots", json={"handle": "Acme", "api_bot_settings": {"model_name": "1.0"}})
    assert mine.get("/bots/Acme").json()["api_bot_settings"] == {"model_name": "1.0"}


# reserve_deleted_handles


def test_reserve_deleted_handles_off_lets_anybody_have_them(mine: httpx.Client, theirs: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme"})
    mine.delete("/bots/Acme")
    assert theirs.post("/bots", json={"handle": "Acme"}).status_code == 201


@pytest.mark.parametrize("who", ["mine", "theirs"])
def test_reserve_deleted_handles_on_keeps_them_taken(
    poe: Emulator, request: pytest.FixtureRequest, mine: httpx.Client, who: str
) -> None:
    client: httpx.Client = request.getfixturevalue(who)
    poe.options.reserve_deleted_handles = True
    mine.post("/bots", json={"handle": "Acme-Bot"})
    mine.delete("/bots/Acme-Bot")
    assert answer(client.post("/bots", json={"handle": "acmebot"})) == (400, TAKEN)
    assert answer(client.put("/bots/ACME.BOT", json={})) == (400, TAKEN)
    assert client.get("/bots/Acme-Bot").status_code == 404


# not_enabled_status


def test_not_enabled_status_none_answers_as_usual(mine: httpx.Client) -> None:
    assert mine.get("/bots").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_not_enabled_status_401_answers_as_to_a_wrong_key(poe: Emulator, mine: httpx.Client, method: str) -> None:
    wrong_key = mine.get("/bots", headers={"Authorization": "Bearer wrong"}).json()
    poe.options.not_enabled_status = 401
    assert answer(mine.request(method, "/bots", json={"handle": "Acme"})) == (401, wrong_key)
    assert poe.bots() == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_not_enabled_status_404_answers_as_to_an_unknown_path(poe: Emulator, mine: httpx.Client, method: str) -> None:
    poe.options.not_enabled_status = 404
    expected = (404, {"error": {"message": "Not Found"}})
    assert answer(mine.request(method, "/bots", json={"handle": "Acme"})) == expected
    assert poe.bots() == []


def test_not_enabled_status_404_still_refuses_a_wrong_key_first(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.not_enabled_status = 404
    assert mine.get("/bots", headers={"Authorization": "Bearer wrong"}).status_code == 401


# refuse_unknown_fields


def test_refuse_unknown_fields_off_neither_stores_nor_echoes_them(poe: Emulator, mine: httpx.Client) -> None:
    body = {"handle": "Acme", "x": 1, "api_bot_settings": {"y": 2, "model_name": "m"}}
    assert mine.post("/bots", json=body).status_code == 201
    expected = {
        "handle": "Acme",
        "description": "",
        "is_private": True,
        "api_bot_settings": {"model_name": "m"},
    }
    assert poe.bots() == [expected]
    assert mine.get("/bots/Acme").json() == expected


def test_refuse_unknown_fields_on_answers_400_with_their_path(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.refuse_unknown_fields = True
    body = {"handle": "Acme", "api_bot_settings": {"y": 2, "model_name": "m"}}
    assert answer(mine.post("/bots", json=body)) == (
        400,
        {"error": {"message": "api_bot_settings: Unknown field y"}},
    )
    assert poe.bots() == []


def test_refuse_unknown_fields_on_refuses_a_handle_in_a_patch(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.refuse_unknown_fields = True
    mine.post("/bots", json={"handle": "Acme"})
    assert answer(mine.patch("/bots/Acme", json={"handle": "Acme"})) == (
        400,
        {"error": {"message": "body: Unknown field handle"}},
    )
