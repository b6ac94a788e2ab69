"""Each switch of the local Poe, both ways."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from endpoints import served_by
from talking_endpoint import TalkingEndpoint

from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator, Fault, Options

TAKEN = {"error": {"message": "create_bot_status: handle_already_taken"}}


NOT_YOURS = {"error": {"message": "Unauthorized to edit bot 'Acme'"}}


def answer(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def test_the_defaults_are_the_choices_of_section_6_1() -> None:
    assert Options() == Options(
        latency=0.0,
        patch_merge="deep",
        foreign_post_status=400,
        foreign_put_status=400,
        foreign_edit_status=403,
        materialise_defaults=False,
        normalise_prices=False,
        dropped_fields=(),
        reserve_deleted_handles=0.0,
        not_enabled_status=None,
        refuse_unknown_fields=False,
        keep_unknown_fields=None,
        requests_per_minute=None,
        retry_after="seconds",
        clock_speed=1.0,
        strict_chat=False,
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


# foreign_post_status, foreign_put_status, foreign_edit_status


@pytest.mark.parametrize(("status", "body"), [(400, TAKEN), (403, NOT_YOURS)])
def test_foreign_post_status_is_the_answer_to_a_post_of_anothers_handle(
    poe: Emulator, mine: httpx.Client, theirs: httpx.Client, status: Any, body: object
) -> None:
    poe.options.foreign_post_status = status
    theirs.post("/bots", json={"handle": "Acme"})
    assert answer(mine.post("/bots", json={"handle": "Acme"})) == (status, body)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("status", "body"),
    [(403, NOT_YOURS), (404, {"error": {"message": "Bot Acme does not exist or access denied"}})],
)
def test_foreign_edit_status_is_the_answer_to_a_patch_or_delete_of_anothers_bot(
    poe: Emulator, mine: httpx.Client, theirs: httpx.Client, method: str, status: Any, body: object
) -> None:
    poe.options.foreign_edit_status = status
    theirs.post("/bots", json={"handle": "Acme"})
    assert answer(mine.request(method, "/bots/Acme", json={})) == (status, body)
    assert len(poe.bots(API_KEY_2)) == 1


@pytest.mark.parametrize(("status", "body"), [(400, TAKEN), (403, NOT_YOURS)])
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


# dropped_fields

SETTINGS = {"model_name": "m", "pricing": {"prompt": "1", "context_pricing": {"tiers": [{"prompt": "1"}]}}}
FULL = {"description": "d", "api_bot_settings": SETTINGS, "parameter_controls": {"api_version": "2", "sections": []}}


def test_dropped_fields_none_stores_all(poe: Emulator, mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme", **FULL})
    assert poe.bots() == [{"handle": "Acme", "is_private": True, **FULL}]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("parameter_controls", {"description": "d", "api_bot_settings": SETTINGS}),
        ("api_bot_settings.pricing", {**FULL, "api_bot_settings": {"model_name": "m"}}),
        ("api_bot_settings.model_name", {**FULL, "api_bot_settings": {"pricing": SETTINGS["pricing"]}}),
        (
            "api_bot_settings.pricing.context_pricing.tiers.prompt",
            {
                **FULL,
                "api_bot_settings": {
                    "model_name": "m",
                    "pricing": {"prompt": "1", "context_pricing": {"tiers": [{}]}},
                },
            },
        ),
        ("description", {**FULL, "description": ""}),
        ("api_bot_settings.no.such.field", FULL),
        ("handle", FULL),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_dropped_fields_are_accepted_and_not_stored(
    poe: Emulator, mine: httpx.Client, method: str, path: str, expected: dict[str, Any]
) -> None:
    poe.options.dropped_fields = (path,)
    body = {"handle": "Acme", **FULL}
    assert mine.request(method, "/bots" if method == "POST" else "/bots/Acme", json=body).status_code == 201
    assert poe.bots() == [{"handle": "Acme", "is_private": True, **expected}]


def test_dropped_fields_are_left_as_they_are_by_a_patch(poe: Emulator, mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme", "description": "old"})
    poe.options.dropped_fields = ("description", "parameter_controls")
    assert mine.patch("/bots/Acme", json={"description": "new", "is_private": False}).status_code == 200
    assert poe.bots() == [{"handle": "Acme", "description": "old", "is_private": False}]


def test_dropped_fields_are_still_checked(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.dropped_fields = ("description",)
    assert mine.post("/bots", json={"handle": "Acme", "description": 1}).status_code == 400


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
    poe.options.reserve_deleted_handles = math.inf
    mine.post("/bots", json={"handle": "Acme-Bot"})
    mine.delete("/bots/Acme-Bot")
    assert answer(client.post("/bots", json={"handle": "acmebot"})) == (400, TAKEN)
    assert answer(client.put("/bots/ACME.BOT", json={})) == (400, TAKEN)
    assert client.get("/bots/Acme-Bot").status_code == 404


def test_reserve_deleted_handles_ends_after_its_seconds(
    poe: Emulator, mine: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    poe.options.reserve_deleted_handles = 60.0
    mine.post("/bots", json={"handle": "Acme"})
    mine.delete("/bots/Acme")
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 59)
    assert answer(mine.post("/bots", json={"handle": "Acme"})) == (400, TAKEN)
    monkeypatch.setattr("time.time", lambda: now + 61)
    assert mine.post("/bots", json={"handle": "Acme"}).status_code == 201


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


# keep_unknown_fields

TIER = {"min_tokens": 1, "image": {"price": None}}
SWITCH = {"control": "toggle_switch", "label": "L", "parameter_name": "p", "icon": [None, 1]}
WITH_UNKNOWN = {
    "description": "d",
    "greeting": {"text": "Hi", "locale": None},
    "api_bot_settings": {
        "model_name": "m",
        "audio": {"in": True},
        "param_definitions": [{"param_name": "p", "unit": "s", "default_value": {"any": None}}],
        "pricing": {"prompt": "1", "image": None, "context_pricing": {"per": "call", "tiers": [TIER]}},
    },
    "parameter_controls": {
        "api_version": "2",
        "theme": "dark",
        "sections": [{"controls": [SWITCH], "hint": {}}],
    },
}
ITS_KNOWN_FIELDS = {
    "description": "d",
    "api_bot_settings": {
        "model_name": "m",
        "param_definitions": [{"param_name": "p", "default_value": {"any": None}}],
        "pricing": {"prompt": "1", "context_pricing": {"tiers": [{"min_tokens": 1}]}},
    },
    "parameter_controls": {
        "api_version": "2",
        "sections": [{"controls": [{name: value for name, value in SWITCH.items() if name != "icon"}]}],
    },
}


@pytest.mark.parametrize(
    ("keep", "stored", "answered"),
    [
        (None, ITS_KNOWN_FIELDS, ITS_KNOWN_FIELDS),
        ("echoed", WITH_UNKNOWN, WITH_UNKNOWN),
        ("hidden", WITH_UNKNOWN, ITS_KNOWN_FIELDS),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/bots"), ("PUT", "/bots/Acme"), ("PATCH", "/bots/Acme")])
def test_keep_unknown_fields_stores_them_as_sent_and_answers_them_or_not(
    poe: Emulator, mine: httpx.Client, keep: Any, stored: Any, answered: Any, method: str, path: str
) -> None:
    poe.options.keep_unknown_fields = keep
    poe.seed(API_KEY_1, {"handle": "Acme"})
    assert mine.request(method, path, json={"handle": "Acme", **WITH_UNKNOWN}).status_code == 200
    rest = {"handle": "Acme", "is_private": True}
    assert poe.bots() == [{**rest, **stored}]
    assert mine.get("/bots/Acme").json() == {**rest, **answered}
    assert mine.get("/bots").json() == {"bots": [{**rest, **answered}]}


@pytest.mark.parametrize("method", ["PATCH", "POST"])
@pytest.mark.parametrize(
    ("depth", "new", "audio"),
    [
        ("deep", {"a": {"b": 1, "c": None}, "list": [2]}, {"in": True, "out": None}),
        ("shallow", {"a": {"c": None}, "list": [2]}, {"out": None}),
    ],
)
def test_keep_unknown_fields_merges_their_objects_as_patch_merge_says(
    poe: Emulator, mine: httpx.Client, method: str, depth: Any, new: object, audio: object
) -> None:
    poe.options.keep_unknown_fields = "echoed"
    poe.options.patch_merge = depth
    first = {"handle": "Acme", "new": {"a": {"b": 1}, "list": [1]}, "api_bot_settings": {"audio": {"in": True}}}
    then = {"new": {"a": {"c": None}, "list": [2]}, "api_bot_settings": {"audio": {"out": None}}}
    mine.post("/bots", json=first)
    mine.request(method, "/bots" if method == "POST" else "/bots/Acme", json={"handle": "Acme", **then})
    bot = mine.get("/bots/Acme").json()
    assert (bot["new"], bot["api_bot_settings"]) == (new, {"audio": audio})


def test_keep_unknown_fields_lets_a_patch_leave_out_what_stays(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.keep_unknown_fields = "hidden"
    mine.post("/bots", json={"handle": "Acme", **WITH_UNKNOWN})
    mine.patch("/bots/Acme", json={"description": "d"})
    assert poe.bots() == [{"handle": "Acme", "is_private": True, **WITH_UNKNOWN}]


def test_keep_unknown_fields_replaces_the_controls_with_theirs(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.keep_unknown_fields = "echoed"
    mine.post("/bots", json={"handle": "Acme", **WITH_UNKNOWN})
    controls = {"api_version": "2", "sections": []}
    mine.patch("/bots/Acme", json={"parameter_controls": controls})
    assert mine.get("/bots/Acme").json()["parameter_controls"] == controls


def test_keep_unknown_fields_is_no_match_for_a_put(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.keep_unknown_fields = "echoed"
    mine.post("/bots", json={"handle": "Acme", **WITH_UNKNOWN})
    mine.put("/bots/Acme", json={"new": {"a": 1}})
    assert poe.bots() == [{"handle": "Acme", "description": "", "is_private": True, "new": {"a": 1}}]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_keep_unknown_fields_takes_no_handle_from_a_body(poe: Emulator, mine: httpx.Client, method: str) -> None:
    poe.options.keep_unknown_fields = "echoed"
    mine.put("/bots/Acme", json={"handle": "Other"})
    mine.request(method, "/bots/Acme", json={"handle": {"no": "text"}})
    assert [bot["handle"] for bot in poe.bots()] == ["Acme"]


@pytest.mark.parametrize("junk", [None, True, 7, "text", [], [[None]], {}, {"control": ["x"]}, [{"control": "new"}]])
def test_keep_unknown_fields_hidden_answers_seeded_junk(poe: Emulator, mine: httpx.Client, junk: object) -> None:
    poe.options.keep_unknown_fields = "hidden"
    names = ("description", "is_private", "api_bot_settings", "parameter_controls")
    bots: list[dict[str, Any]] = [
        dict.fromkeys(names, junk),
        {"api_bot_settings": {"pricing": junk, "param_definitions": junk}},
        {"parameter_controls": {"sections": [{"controls": junk, "tabs": junk}, junk]}},
    ]
    for number, bot in enumerate(bots):
        poe.seed(API_KEY_1, {"handle": f"Bot-{number}", "unknown": junk, **bot})
    answered = mine.get("/bots")
    assert [bot["handle"] for bot in answered.json()["bots"]] == ["Bot-0", "Bot-1", "Bot-2"]
    assert "unknown" not in answered.text


def test_keep_unknown_fields_does_not_stop_refusing_them(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.keep_unknown_fields = "echoed"
    poe.options.refuse_unknown_fields = True
    assert mine.post("/bots", json={"handle": "Acme", "x": 1}).status_code == 400
    assert poe.bots() == []


def test_keep_unknown_fields_lets_dropped_fields_go(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.keep_unknown_fields = "echoed"
    poe.options.dropped_fields = ("new.a",)
    mine.post("/bots", json={"handle": "Acme", "new": {"a": 1, "b": 2}})
    assert mine.get("/bots/Acme").json()["new"] == {"b": 2}
    assert poe.requests[0].body["new"] == {"a": 1, "b": 2}


# requests_per_minute, retry_after, clock_speed

TOO_MANY = {
    "error": {
        "message": "Rate limit exceeded. Please try again later.",
        "type": "rate_limit_error",
        "code": "rate_limit_exceeded",
    }
}


def limits(response: httpx.Response) -> list[str | None]:
    """What an answer says of the limit, of what remains of it, and of the time until there is more."""
    return [response.headers.get(f"x-ratelimit-{name}-requests") for name in ("limit", "remaining", "reset")]


def test_requests_per_minute_none_says_and_refuses_nothing(mine: httpx.Client) -> None:
    response = [mine.get("/bots") for _ in range(20)][-1]
    assert (response.status_code, limits(response)) == (200, [None] * 3)


def test_requests_per_minute_refuses_what_is_over_it(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.requests_per_minute = 3
    assert [mine.get("/bots").status_code for _ in range(3)] == [200, 200, 200]
    assert answer(mine.post("/bots", json={"handle": "Acme"})) == (429, TOO_MANY)
    assert poe.bots() == []


def test_requests_per_minute_is_said_in_every_answer(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.requests_per_minute = 4
    said = [limits(response) for response in (mine.get("/bots"), mine.get("/bots/No"), mine.post("/bots"))]
    assert said == [["4", "3", "60"], ["4", "2", "60"], ["4", "1", "60"]]
    wrong_key = {"Authorization": "Bearer wrong"}
    assert limits(mine.get("/bots", headers=wrong_key)) == ["4", "3", "60"]
    mine.get("/bots")
    assert limits(mine.get("/bots")) == ["4", "0", "60"]


def test_requests_per_minute_is_that_of_each_account(poe: Emulator, mine: httpx.Client, theirs: httpx.Client) -> None:
    poe.options.requests_per_minute = 1
    assert [mine.get("/bots").status_code, theirs.get("/bots").status_code] == [200, 200]
    assert [mine.get("/bots").status_code, theirs.get("/bots").status_code] == [429, 429]


@pytest.mark.parametrize("limit", [1, None])
def test_requests_per_minute_can_be_changed_at_any_time(poe: Emulator, mine: httpx.Client, limit: int | None) -> None:
    poe.options.requests_per_minute = 2
    assert [mine.get("/bots").status_code for _ in range(3)] == [200, 200, 429]
    poe.options.requests_per_minute = limit
    assert mine.get("/bots").status_code == (429 if limit else 200)


def test_requests_per_minute_counts_what_poe_saw(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.requests_per_minute = 1
    poe.faults.add(Fault(status=503))
    assert [mine.get("/bots").status_code for _ in range(3)] == [503, 200, 429]


@pytest.mark.parametrize(("speed", "within"), [(1.0, {"60"}), (100.0, {str(60 - late) for late in range(40)})])
def test_retry_after_seconds_are_on_the_clock_of_the_limit(
    poe: Emulator, mine: httpx.Client, speed: float, within: set[str]
) -> None:
    poe.options.requests_per_minute = 1
    poe.options.clock_speed = speed
    mine.get("/bots")
    refused = mine.get("/bots")
    assert refused.headers["Retry-After"] in within
    assert limits(refused)[2] == refused.headers["Retry-After"]


@pytest.mark.parametrize(("speed", "seconds"), [(1.0, 60), (20.0, 3)])
def test_retry_after_date_is_on_the_real_clock(poe: Emulator, mine: httpx.Client, speed: float, seconds: float) -> None:
    poe.options.requests_per_minute = 1
    poe.options.retry_after = "date"
    poe.options.clock_speed = speed
    before = time.time()
    mine.get("/bots")
    value = mine.get("/bots").headers["Retry-After"]
    assert value.endswith(" GMT")
    assert before + seconds - 1 <= parsedate_to_datetime(value).timestamp() <= time.time() + seconds + 1


def test_retry_after_none_leaves_the_header_out(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.requests_per_minute = 1
    poe.options.retry_after = "none"
    mine.get("/bots")
    refused = mine.get("/bots")
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, False)


def test_retry_after_is_in_refusals_alone(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.requests_per_minute = 1
    assert "Retry-After" not in mine.get("/bots").headers


def test_clock_speed_makes_minutes_short(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.requests_per_minute = 1
    poe.options.clock_speed = 600  # a minute is 0.1 s
    assert mine.get("/bots").status_code == 200
    time.sleep(0.11)
    assert mine.get("/bots").status_code == 200


# strict_chat


CHAT = {"model": "Acme", "messages": [], "unheard_of": 1}


def test_strict_chat_off_passes_what_the_bot_does_not_declare(poe: Emulator, mine: httpx.Client) -> None:
    with TalkingEndpoint() as endpoint:
        poe.seed(API_KEY_1, {**served_by(endpoint.url, "Acme"), "is_private": False})
        assert mine.post("/v1/chat/completions", json=CHAT).status_code == 200
        assert endpoint.asked["unheard_of"] == 1
    (said,) = poe.conversations
    assert "unheard_of: is sent, and no param_definitions of the bot has it" in said.notes


def test_strict_chat_on_answers_400_and_asks_nobody(poe: Emulator, mine: httpx.Client) -> None:
    poe.options.strict_chat = True
    poe.seed(API_KEY_1, {**served_by("http://127.0.0.1:9/v1", "Acme"), "is_private": False})
    status, said = answer(mine.post("/v1/chat/completions", json=CHAT))
    message = "Bot Acme: unheard_of: is sent, and no param_definitions of the bot has it"
    assert (status, said["error"]["message"]) == (400, message)
