"""The Bots REST API as the local Poe serves it (docs/poe-bots-api.md, 1, 6.1)."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator

ENDPOINT_KEY = "sk-endpoint-canary"

SETTINGS = {
    "model_name": "acme/reasoner-2",
    "base_url": "https://llm.acme.example/v1",
    "pricing": {"prompt": "0.0000004", "completion": "0.0000016"},
    "input_modalities": ["text", "image"],
}
CONTROLS = {"api_version": "2", "sections": [{"controls": [{"control": "divider"}]}]}

WRONG_KEY = {
    "error": {
        "message": "Incorrect API key provided. You can find your API key at https://poe.com/api/keys.",
        "type": "authentication_error",
        "code": "invalid_api_key",
    }
}
CREATED = {"create_bot_status": "success"}
EDITED = {"edit_bot_status": "success"}
TAKEN = {"error": {"message": "create_bot_status: handle_already_taken"}}


def missing(handle: str) -> dict[str, Any]:
    return {"error": {"message": f"Bot {handle} does not exist or access denied"}}


def foreign(handle: str) -> dict[str, Any]:
    return {"error": {"message": f"Unauthorized to edit bot '{handle}'"}}


def answer(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


# Who may ask (docs/poe-bots-api.md, 4.1).


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", f"Basic {API_KEY_1}", API_KEY_1])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/bots"), ("PUT", "/bots/Acme"), ("GET", "/nowhere"), ("POST", "/bots")],
)
def test_without_a_known_key_every_request_is_answered_401(
    poe: Emulator, mine: httpx.Client, authorization: str | None, method: str, path: str
) -> None:
    del mine.headers["Authorization"]
    headers = {} if authorization is None else {"Authorization": authorization}
    response = mine.request(method, path, headers=headers, content=b"{malformed")
    assert answer(response) == (401, WRONG_KEY)
    assert poe.bots() == []


def test_the_word_bearer_may_be_in_any_case(mine: httpx.Client) -> None:
    assert mine.get("/bots", headers={"Authorization": f"bearer {API_KEY_1}"}).status_code == 200


# GET /bots (docs/poe-bots-api.md, 1.1).


def test_an_account_without_bots_lists_none(mine: httpx.Client) -> None:
    assert answer(mine.get("/bots")) == (200, {"bots": []})


def test_bots_are_listed_in_the_order_of_their_creation(mine: httpx.Client) -> None:
    for handle in ("Zulu", "Alpha", "Mike"):
        mine.post("/bots", json={"handle": handle})
    mine.patch("/bots/Zulu", json={"description": "edited"})
    assert [bot["handle"] for bot in mine.get("/bots").json()["bots"]] == ["Zulu", "Alpha", "Mike"]


def test_an_account_lists_its_own_bots_only(mine: httpx.Client, theirs: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Mine"})
    theirs.post("/bots", json={"handle": "Theirs"})
    assert [bot["handle"] for bot in theirs.get("/bots").json()["bots"]] == ["Theirs"]


def test_a_bot_that_is_no_api_bot_is_listed_without_settings(poe: Emulator, mine: httpx.Client) -> None:
    poe.seed(API_KEY_1, {"handle": "Prompt-Bot"})
    assert mine.get("/bots").json() == {"bots": [{"handle": "Prompt-Bot", "description": "", "is_private": True}]}


# GET /bots/{handle} (docs/poe-bots-api.md, 1.1).


def test_a_bot_is_read_as_it_was_sent(mine: httpx.Client) -> None:
    sent = {
        "handle": "Acme-Bot",
        "description": "ä “quoted” 🤖",
        "is_private": False,
        "api_bot_settings": SETTINGS,
        "parameter_controls": CONTROLS,
    }
    mine.post("/bots", json=sent)
    assert answer(mine.get("/bots/Acme-Bot")) == (200, sent)


def test_only_description_and_is_private_are_filled_in(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme", "api_bot_settings": {"model_name": "m"}})
    assert mine.get("/bots/Acme").json() == {
        "handle": "Acme",
        "description": "",
        "is_private": True,
        "api_bot_settings": {"model_name": "m"},
    }


def test_a_bot_is_found_in_any_spelling_and_answers_in_its_own(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme-Bot.1"})
    assert mine.get("/bots/ACME_bot1").json()["handle"] == "Acme-Bot.1"


def test_a_bot_that_does_not_exist_is_answered_404(mine: httpx.Client) -> None:
    assert answer(mine.get("/bots/Acme-Bot")) == (404, missing("Acme-Bot"))


def test_reading_another_accounts_bot_is_answered_as_if_it_did_not_exist(
    mine: httpx.Client, theirs: httpx.Client
) -> None:
    theirs.post("/bots", json={"handle": "Acme"})
    assert answer(mine.get("/bots/Acme")) == (404, missing("Acme"))


def test_a_query_changes_nothing(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme"})
    assert mine.get("/bots/Acme?x=1").status_code == 200


# POST /bots (docs/poe-bots-api.md, 1.2).


def test_post_creates_a_new_bot(poe: Emulator, mine: httpx.Client) -> None:
    assert answer(mine.post("/bots", json={"handle": "Acme"})) == (201, CREATED)
    assert poe.bots(API_KEY_1) == [{"handle": "Acme", "description": "", "is_private": True}]


def test_post_updates_a_bot_of_ones_own_in_any_spelling(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme-Bot"})
    assert answer(mine.post("/bots", json={"handle": "acmebot", "description": "new"})) == (200, EDITED)
    assert mine.get("/bots").json()["bots"] == [{"handle": "Acme-Bot", "description": "new", "is_private": True}]


def test_post_keeps_what_it_does_not_send(mine: httpx.Client) -> None:
    sent = {
        "handle": "Acme",
        "description": "old",
        "is_private": False,
        "api_bot_settings": SETTINGS,
        "parameter_controls": CONTROLS,
    }
    mine.post("/bots", json=sent)
    mine.post("/bots", json={"handle": "Acme", "api_bot_settings": {"model_name": "new"}})
    assert mine.get("/bots/Acme").json() == {**sent, "api_bot_settings": {**SETTINGS, "model_name": "new"}}


def test_post_on_another_accounts_handle_is_answered_400(mine: httpx.Client, theirs: httpx.Client) -> None:
    theirs.post("/bots", json={"handle": "Acme-Bot"})
    assert answer(mine.post("/bots", json={"handle": "ACMEBOT", "description": "x"})) == (400, TAKEN)
    assert theirs.get("/bots/Acme-Bot").json()["description"] == ""


def test_post_needs_a_handle(mine: httpx.Client) -> None:
    assert answer(mine.post("/bots", json={})) == (400, {"error": {"message": "handle: Field required"}})


def test_post_needs_a_handle_that_names_something(mine: httpx.Client) -> None:
    assert mine.post("/bots", json={"handle": "--"}).status_code == 400


# PUT /bots/{handle} (docs/poe-bots-api.md, 1.3).


def test_put_creates_a_new_bot(mine: httpx.Client) -> None:
    response = mine.put("/bots/Acme-Bot", json={"api_bot_settings": SETTINGS})
    assert answer(response) == (201, CREATED)
    assert mine.get("/bots/acmebot").json() == {
        "handle": "Acme-Bot",
        "description": "",
        "is_private": True,
        "api_bot_settings": SETTINGS,
    }


def test_put_replaces_everything(mine: httpx.Client) -> None:
    mine.put(
        "/bots/Acme",
        json={
            "description": "old",
            "is_private": False,
            "api_bot_settings": SETTINGS,
            "parameter_controls": CONTROLS,
        },
    )
    assert answer(mine.put("/bots/Acme", json={"api_bot_settings": {"model_name": "m"}})) == (200, EDITED)
    assert mine.get("/bots/Acme").json() == {
        "handle": "Acme",
        "description": "",
        "is_private": True,
        "api_bot_settings": {"model_name": "m"},
    }


def test_put_without_api_key_drops_it(poe: Emulator, mine: httpx.Client) -> None:
    mine.put("/bots/Acme", json={"api_bot_settings": {"model_name": "m", "api_key": ENDPOINT_KEY}})
    mine.put("/bots/Acme", json={"api_bot_settings": {"model_name": "m"}})
    assert poe.bots()[0]["api_bot_settings"] == {"model_name": "m"}


def test_put_in_another_spelling_replaces_and_keeps_the_first(mine: httpx.Client) -> None:
    mine.put("/bots/Acme-Bot", json={})
    assert answer(mine.put("/bots/acme_bot", json={"description": "new"})) == (200, EDITED)
    assert [bot["handle"] for bot in mine.get("/bots").json()["bots"]] == ["Acme-Bot"]


def test_put_on_another_accounts_handle_changes_nothing(mine: httpx.Client, theirs: httpx.Client) -> None:
    theirs.post("/bots", json={"handle": "Acme", "description": "theirs"})
    assert answer(mine.put("/bots/Acme", json={"description": "mine"})) == (400, TAKEN)
    assert theirs.get("/bots/Acme").json()["description"] == "theirs"


# PATCH /bots/{handle} (docs/poe-bots-api.md, 1.4).


def test_patch_changes_only_what_it_sends(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme", "description": "old", "api_bot_settings": SETTINGS})
    assert answer(mine.patch("/bots/acme", json={"is_private": False})) == (200, EDITED)
    assert mine.get("/bots/Acme").json() == {
        "handle": "Acme",
        "description": "old",
        "is_private": False,
        "api_bot_settings": SETTINGS,
    }


def test_patch_replaces_arrays(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme", "api_bot_settings": SETTINGS})
    mine.patch("/bots/Acme", json={"api_bot_settings": {"input_modalities": ["text"]}})
    assert mine.get("/bots/Acme").json()["api_bot_settings"] == {**SETTINGS, "input_modalities": ["text"]}


def test_patch_replaces_parameter_controls_whole(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme", "parameter_controls": CONTROLS})
    mine.patch("/bots/Acme", json={"parameter_controls": {"api_version": "2", "sections": []}})
    assert mine.get("/bots/Acme").json()["parameter_controls"] == {"api_version": "2", "sections": []}


def test_patch_keeps_the_api_key(poe: Emulator, mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme", "api_bot_settings": {"api_key": ENDPOINT_KEY}})
    mine.patch("/bots/Acme", json={"api_bot_settings": {"model_name": "m"}})
    assert poe.bots()[0]["api_bot_settings"] == {"api_key": ENDPOINT_KEY, "model_name": "m"}


def test_patch_cannot_rename(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme"})
    mine.patch("/bots/Acme", json={"handle": "Other"})
    assert [bot["handle"] for bot in mine.get("/bots").json()["bots"]] == ["Acme"]


def test_patch_of_nothing_changes_nothing(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme", "description": "old"})
    assert answer(mine.patch("/bots/Acme", json={})) == (200, EDITED)
    assert mine.get("/bots/Acme").json()["description"] == "old"


def test_patch_of_a_bot_that_does_not_exist_is_answered_404(mine: httpx.Client) -> None:
    assert answer(mine.patch("/bots/Acme", json={})) == (404, missing("Acme"))


def test_patch_of_another_accounts_bot_is_answered_403(mine: httpx.Client, theirs: httpx.Client) -> None:
    theirs.post("/bots", json={"handle": "Acme"})
    assert answer(mine.patch("/bots/Acme", json={"description": "mine"})) == (403, foreign("Acme"))
    assert theirs.get("/bots/Acme").json()["description"] == ""


# DELETE /bots/{handle} (docs/poe-bots-api.md, 1.5).


def test_delete_removes_the_bot(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme-Bot"})
    assert answer(mine.delete("/bots/acmebot")) == (200, {})
    assert mine.get("/bots/Acme-Bot").status_code == 404


def test_a_second_delete_is_answered_404(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme"})
    mine.delete("/bots/Acme")
    assert answer(mine.delete("/bots/Acme")) == (404, missing("Acme"))


def test_delete_of_another_accounts_bot_is_answered_403(mine: httpx.Client, theirs: httpx.Client) -> None:
    theirs.post("/bots", json={"handle": "Acme"})
    assert answer(mine.delete("/bots/Acme")) == (403, foreign("Acme"))
    assert theirs.get("/bots/Acme").status_code == 200


# The endpoint's api_key is write-only (docs/poe-bots-api.md, 1.1).


def test_no_answer_holds_the_endpoints_key(poe: Emulator, mine: httpx.Client, theirs: httpx.Client) -> None:
    settings = {"api_bot_settings": {"api_key": ENDPOINT_KEY, "pricing": {"prompt": "x"}}}
    good = {"api_bot_settings": {"api_key": ENDPOINT_KEY}}
    answers = [
        mine.post("/bots", json={"handle": "Acme", **good}),
        mine.post("/bots", json={"handle": "Acme", **good}),
        mine.put("/bots/Acme", json=good),
        mine.patch("/bots/Acme", json=good),
        mine.get("/bots/Acme"),
        mine.get("/bots"),
        mine.put("/bots/Acme", json=settings),
        mine.put("/bots/Acme", json={"api_bot_settings": {"api_key": [ENDPOINT_KEY]}}),
        mine.put("/bots/Acme", json={"api_bot_settings": ENDPOINT_KEY}),
        theirs.put("/bots/Acme", json=good),
        theirs.patch("/bots/Acme", json=good),
    ]
    assert [each.status_code for each in answers] == [201, 200, 200, 200, 200, 200, 400, 400, 400, 400, 403]
    assert not any(ENDPOINT_KEY in each.text + str(each.headers) for each in answers)
    assert poe.bots()[0]["api_bot_settings"] == {"api_key": ENDPOINT_KEY}


def test_settings_that_hold_only_a_key_are_answered_empty(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme", "api_bot_settings": {"api_key": ENDPOINT_KEY}})
    assert mine.get("/bots/Acme").json()["api_bot_settings"] == {}


# Bodies that cannot be used (docs/poe-bots-api.md, 1.6).


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"handle": "Acme"', b"\xff\xfe", b'{"x": NaN}', b"[" * 100_000, b"null", b'"text"', b"[]"],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/bots"), ("PUT", "/bots/New"), ("PATCH", "/bots/Old")])
def test_a_body_that_is_no_json_object_is_answered_400(
    mine: httpx.Client, method: str, path: str, content: bytes
) -> None:
    mine.post("/bots", json={"handle": "Old"})
    response = mine.request(method, path, content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith("body: ")


@pytest.mark.parametrize(("method", "path"), [("POST", "/bots"), ("PUT", "/bots/Acme"), ("PATCH", "/bots/Acme")])
def test_an_invalid_field_is_answered_400_and_changes_nothing(mine: httpx.Client, method: str, path: str) -> None:
    mine.post("/bots", json={"handle": "Acme", "description": "old"})
    body = {"handle": "Acme", "description": "new", "api_bot_settings": {"context_size": "big"}}
    assert answer(mine.request(method, path, json=body)) == (
        400,
        {"error": {"message": "api_bot_settings.context_size: Input should be a valid integer"}},
    )
    assert mine.get("/bots/Acme").json()["description"] == "old"


def test_text_that_is_no_unicode_does_not_break_the_answer(mine: httpx.Client) -> None:
    mine.post("/bots", content=b'{"handle": "Acme", "description": "\\ud800"}')
    assert mine.get("/bots").content.count(b"\\ud800") == 1


# Paths and methods.


@pytest.mark.parametrize(
    ("handle", "escaped"),
    [
        ("Acme.Bot", "Acme.Bot"),
        ("Acme Bot", "Acme%20Bot"),
        ("Acme/Bot", "Acme%2FBot"),
        ("Acme?Bot", "Acme%3FBot"),
        ("Ärger", "%C3%84rger"),
        ("100%41", "100%2541"),
    ],
)
def test_an_escaped_handle_in_the_path_is_that_handle(mine: httpx.Client, handle: str, escaped: str) -> None:
    assert mine.put(f"/bots/{escaped}", json={}).status_code == 201
    assert mine.get("/bots").json()["bots"][0]["handle"] == handle
    assert mine.get(f"/bots/{escaped}").json()["handle"] == handle


@pytest.mark.parametrize("path", ["/bot", "/bots/", "/bots/a/b", "/v1/bots", "/%62ots"])
def test_an_unknown_path_is_answered_404_in_json(mine: httpx.Client, path: str) -> None:
    assert answer(mine.get(path)) == (404, {"error": {"message": "Not Found"}})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/bots", "GET, POST"),
        ("PUT", "/bots", "GET, POST"),
        ("POST", "/bots/Acme", "GET, PUT, PATCH, DELETE"),
        ("OPTIONS", "/bots/Acme", "GET, PUT, PATCH, DELETE"),
        ("BREW", "/bots", "GET, POST"),
    ],
)
def test_an_unknown_method_is_answered_405(mine: httpx.Client, method: str, path: str, allowed: str) -> None:
    response = mine.request(method, path)
    assert answer(response) == (405, {"error": {"message": "Method Not Allowed"}})
    assert response.headers["Allow"] == allowed


def test_every_answer_is_json(mine: httpx.Client) -> None:
    for response in (mine.get("/bots"), mine.get("/nowhere"), mine.post("/bots", content=b"{")):
        assert response.headers["Content-Type"] == "application/json"


def test_a_fault_of_the_emulator_is_answered_500_in_json(
    poe: Emulator, mine: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    poe.options.normalise_prices = True
    poe.seed(API_KEY_1, {"handle": "Acme", "api_bot_settings": {"pricing": "broken"}})
    assert answer(mine.get("/bots/Acme")) == (
        500,
        {
            "error": {
                "message": "An unexpected error occurred. Please try again.",
                "type": "api_error",
                "code": "internal_error",
            }
        },
    )
    poe.stop()  # the log is written after the answer
    assert "AttributeError" in caplog.text


# Many at once.


def test_twenty_writers_at_once_lose_nothing(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Shared", "api_bot_settings": {}})
    keys = ("model_name", "base_url", "api_key")

    def write(number: int) -> list[int]:
        handle = f"Bot{number}"
        fields = {keys[number % 3]: "x"}
        return [
            mine.post("/bots", json={"handle": handle}).status_code,
            mine.patch("/bots/Shared", json={"api_bot_settings": fields}).status_code,
            mine.put(f"/bots/{handle}", json={"description": handle}).status_code,
            mine.patch(f"/bots/{handle}", json={"is_private": False}).status_code,
        ]

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(write, range(40))) == [[201, 200, 200, 200]] * 40
    bots = {bot["handle"]: bot for bot in mine.get("/bots").json()["bots"]}
    assert bots.pop("Shared")["api_bot_settings"] == {"model_name": "x", "base_url": "x"}
    assert bots == {f"Bot{n}": {"handle": f"Bot{n}", "description": f"Bot{n}", "is_private": False} for n in range(40)}


def test_of_twenty_that_create_one_handle_only_one_does(mine: httpx.Client) -> None:
    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda _: mine.post("/bots", json={"handle": "Acme"}).status_code, range(20)))
    assert sorted(statuses) == [200] * 19 + [201]


def test_a_long_list_comes_in_one_answer(poe: Emulator, mine: httpx.Client) -> None:
    for number in range(600):
        poe.seed(API_KEY_1, {"handle": f"Bot{number}"})
    assert len(json.loads(mine.get("/bots").content)["bots"]) == 600


def test_the_second_key_is_another_account(poe: Emulator, theirs: httpx.Client) -> None:
    theirs.post("/bots", json={"handle": "Acme"})
    assert poe.bots(API_KEY_1) == []
    assert [bot["handle"] for bot in poe.bots(API_KEY_2)] == ["Acme"]
