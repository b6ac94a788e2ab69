"""What is left of a bot that was deleted (docs/poe-bots-api.md, 1.5, 6 question 10)."""

from __future__ import annotations

import math

from ..asking import Answer, Asker, question, said


@question("1.5")
def what_a_second_delete_is_answered(ask: Asker) -> Answer:
    """What is a second DELETE answered?"""
    handle = ask.new_bot()
    ask.expect(ask.mine.request("DELETE", handle), 200)
    answer = ask.mine.request("DELETE", handle)
    return Answer(f"{answer.status_code}: {said(answer)}".replace(handle, "HANDLE"))


@question("6 (10)", decides=["reserve_deleted_handles"])
def how_long_a_deleted_handle_is_taken(ask: Asker) -> Answer:
    """How long is the handle of a deleted bot taken for its own account?"""
    handle = ask.new_bot()
    ask.expect(ask.mine.request("DELETE", handle), 200)
    body = {"handle": handle, "is_private": True, "api_bot_settings": ask.settings()}
    refusals: list[str] = []

    def is_free() -> bool:
        answer = ask.mine.request("POST", None, body)
        refusals.append(f"{answer.status_code}: {said(answer)}")
        return answer.status_code in (200, 201)

    seconds = ask.until(is_free)
    if seconds == 0:
        return Answer("not at all", {"reserve_deleted_handles": 0.0})
    if seconds is None:
        text = f"for longer than {ask.patience:g} s; it is refused with {refusals[0]}"
        return Answer(text, {"reserve_deleted_handles": math.inf})
    return Answer(f"for at most {seconds:g} s; then {refusals[0]}", {"reserve_deleted_handles": seconds})


@question("6 (10)", needs=["other"])
def may_others_take_a_deleted_handle(ask: Asker) -> Answer:
    """May another account take the handle of a deleted bot at once?"""
    assert ask.other is not None
    handle = ask.new_bot()
    ask.expect(ask.mine.request("DELETE", handle), 200)
    answer = ask.other.request("POST", None, {"handle": handle, "api_bot_settings": ask.settings()})
    return Answer("yes" if answer.status_code == 201 else f"no, {answer.status_code}: {said(answer)}")
