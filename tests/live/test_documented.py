"""What Poe documents of its Bots API, graded D in the reference: it holds for the local Poe, and is to hold for Poe.

Written on raw HTTP, so that it holds the emulator and the client to the same pages, and neither to the other.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from contract.asking import Asker, at
from contract.handles import canonical

pytestmark = pytest.mark.contract


def answer(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


def is_an_error(response: httpx.Response, *statuses: int) -> bool:
    return response.status_code in statuses and isinstance(at(response.json(), "error", "message"), str)


def test_the_list_is_an_object_of_bots(ask: Asker) -> None:
    handle = ask.new_bot()
    listed = ask.mine.request("GET")
    assert listed.status_code == 200
    # Of the other bots of whoever runs this, nothing is shown where it fails.
    kind = type(listed.json()["bots"]).__name__
    assert kind == "list"
    ask.until(lambda: canonical(handle) in ask.mine.listed())
    assert ask.mine.listed()[canonical(handle)]["handle"] == handle


def test_a_key_that_does_not_exist_is_answered_401(ask: Asker) -> None:
    assert is_an_error(ask.mine.request("GET", key="no-such-key-0000"), 401)


def test_a_post_creates_with_201_and_updates_with_200(ask: Asker) -> None:
    body = {"handle": ask.mine.handles.new(), "is_private": True, "api_bot_settings": ask.settings()}
    assert answer(ask.mine.request("POST", None, body)) == (201, {"create_bot_status": "success"})
    assert answer(ask.mine.request("POST", None, body)) == (200, {"edit_bot_status": "success"})


def test_a_put_creates_with_201_and_replaces_with_200(ask: Asker) -> None:
    handle, body = ask.mine.handles.new(), {"is_private": True, "api_bot_settings": ask.settings()}
    assert answer(ask.mine.request("PUT", handle, body)) == (201, {"create_bot_status": "success"})
    assert answer(ask.mine.request("PUT", handle, body)) == (200, {"edit_bot_status": "success"})


def test_a_patch_updates_with_200(ask: Asker) -> None:
    handle = ask.new_bot()
    assert answer(ask.mine.request("PATCH", handle, {"description": "second"})) == (200, {"edit_bot_status": "success"})
    assert ask.bot(handle)["description"] == "second"


def test_a_delete_is_answered_200_and_an_empty_object(ask: Asker) -> None:
    assert answer(ask.mine.request("DELETE", ask.new_bot())) == (200, {})


def test_a_bot_that_does_not_exist_is_answered_404(ask: Asker) -> None:
    handle = ask.mine.handles.new()
    assert is_an_error(ask.mine.request("GET", handle), 404)
    assert is_an_error(ask.mine.request("PATCH", handle, {"description": "none"}), 404)
    assert is_an_error(ask.mine.request("DELETE", handle), 404)


def test_a_bot_has_a_handle_a_description_and_is_private_unless_told_otherwise(ask: Asker) -> None:
    handle = ask.mine.handles.new()
    ask.expect(ask.mine.request("POST", None, {"handle": handle, "api_bot_settings": ask.settings()}), 201)
    bot = ask.bot(handle)
    assert (bot["handle"], bot["description"], bot["is_private"]) == (handle, "", True)


def test_the_endpoints_key_is_never_answered(ask: Asker) -> None:
    handle = ask.new_bot()
    assert "api_key" not in ask.bot(handle)["api_bot_settings"]
    found = [ask.mine.request("GET", of).text.count(ask.endpoint.api_key) for of in (handle, None)]
    assert found == [0, 0]


def test_a_bot_is_answered_as_it_was_sent(ask: Asker) -> None:
    handle = ask.new_bot(description="first")
    bot = ask.bot(handle)
    assert bot["description"] == "first"
    assert bot["api_bot_settings"]["model_name"] == ask.endpoint.model
    assert bot["api_bot_settings"]["base_url"] == ask.endpoint.base_url


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_an_update_keeps_the_settings_that_it_leaves_out(ask: Asker, method: str) -> None:
    handle = ask.new_bot(api_bot_settings=ask.settings(context_size=8000))
    body: dict[str, Any] = {"api_bot_settings": {"model_name": "second"}}
    if method == "POST":
        ask.expect(ask.mine.request("POST", None, {"handle": handle, **body}), 200)
    else:
        ask.patch(handle, body)
    settings = ask.bot(handle)["api_bot_settings"]
    assert (settings["model_name"], settings["context_size"]) == ("second", 8000)


def test_a_put_replaces_the_settings_as_a_whole(ask: Asker) -> None:
    handle = ask.new_bot(api_bot_settings=ask.settings(context_size=8000))
    ask.expect(ask.mine.request("PUT", handle, {"is_private": True, "api_bot_settings": ask.settings()}), 200)
    assert "context_size" not in ask.bot(handle)["api_bot_settings"]


def test_a_setting_of_another_type_is_answered_400(ask: Asker) -> None:
    answered = ask.mine.request("PATCH", ask.new_bot(), {"api_bot_settings": {"model_name": 7}})
    assert is_an_error(answered, 400)


def test_the_handle_of_another_account_is_answered_400(ask: Asker) -> None:
    if ask.other is None:
        pytest.skip("needs POE_ACC_OTHER_KEY")
    handle = ask.new_bot(ask.other)
    taken = ask.mine.request("POST", None, {"handle": handle, "description": "not mine"})
    assert taken.status_code == 400
    assert "handle_already_taken" in taken.text
