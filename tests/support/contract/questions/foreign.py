"""A bot of another account: the second key's, so that no stranger's is touched (docs/poe-bots-api.md, 1.6)."""

from __future__ import annotations

import json

import httpx

from ..asking import Answer, Asker, question, said

BODY = {"description": "not mine"}


@question("1.6")
def what_a_missing_bot_is_answered(ask: Asker) -> Answer:
    """What are GET, PATCH and DELETE of a handle answered that nobody has?"""
    handle = ask.mine.handles.new()
    return Answer(
        "; ".join(
            f"{method} {_told(ask.mine.request(method, handle, body), handle)}"
            for method, body in (("GET", None), ("PATCH", BODY), ("DELETE", None))
        )
    )


@question("1.6", needs=["other"])
def what_a_foreign_get_is_answered(ask: Asker) -> Answer:
    """What is GET of another account's bot answered?"""
    handle = ask.new_bot(ask.other)
    return Answer(_told(ask.mine.request("GET", handle), handle))


@question("1.6, 6 (23)", decides=["foreign_post_status"], needs=["other"])
def what_a_foreign_post_is_answered(ask: Asker) -> Answer:
    """What is a POST of another account's handle answered, and where does it say that it is taken?"""
    handle = ask.new_bot(ask.other)
    answer = ask.mine.request("POST", None, {"handle": handle, **BODY})
    return _status(answer, handle, "foreign_post_status", (400, 403))


@question("1.6", decides=["foreign_put_status"], needs=["other"])
def what_a_foreign_put_is_answered(ask: Asker) -> Answer:
    """What is a PUT on another account's handle answered?"""
    handle = ask.new_bot(ask.other)
    answer = ask.mine.request("PUT", handle, {"is_private": True, "api_bot_settings": ask.settings()})
    return _status(answer, handle, "foreign_put_status", (400, 403))


@question("1.6", decides=["foreign_edit_status"], needs=["other"])
def what_a_foreign_patch_is_answered(ask: Asker) -> Answer:
    """What is a PATCH of another account's bot answered?"""
    handle = ask.new_bot(ask.other)
    return _status(ask.mine.request("PATCH", handle, BODY), handle, "foreign_edit_status", (403, 404))


@question("1.6", decides=["foreign_edit_status"], needs=["other"])
def what_a_foreign_delete_is_answered(ask: Asker) -> Answer:
    """What is a DELETE of another account's bot answered?"""
    handle = ask.new_bot(ask.other)
    return _status(ask.mine.request("DELETE", handle), handle, "foreign_edit_status", (403, 404))


def _status(answer: httpx.Response, handle: str, option: str, known: tuple[int, ...]) -> Answer:
    options = {option: answer.status_code} if answer.status_code in known else {}
    return Answer(_told(answer, handle), options)


def _told(answer: httpx.Response, handle: str) -> str:
    """The status and the whole body, without the handle, which is another one in each run."""
    try:
        body = json.dumps(answer.json())
    except ValueError:
        body = said(answer)
    return f"{answer.status_code} {body}".replace(handle, "HANDLE")
