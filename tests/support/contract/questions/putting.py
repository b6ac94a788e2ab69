"""What a PUT does with what it leaves out (docs/poe-bots-api.md, 1.3)."""

from __future__ import annotations

from typing import Any

from ..asking import Answer, Asker, at, fate, question, said
from .controls import TOGGLE, controls


@question("1.3, 6 (2)")
def is_a_put_without_the_key_taken(ask: Asker) -> Answer:
    """Is a PUT taken that leaves out the endpoint's key?"""
    body = {"is_private": True, "api_bot_settings": ask.settings(api_key=None)}
    answer = ask.mine.request("PUT", ask.new_bot(), body)
    if answer.status_code != 200:
        return Answer(f"no, {answer.status_code}: {said(answer)}")
    return Answer("yes; whether Poe keeps the key only a chat can tell")


@question("1.3, 6 (2)", needs=["public", "chat"])
def does_a_put_without_the_key_drop_it(ask: Asker) -> Answer:
    """Is the endpoint's key gone after a PUT that leaves it out?"""
    handle = ask.new_bot(is_private=False)
    before = ask.mine.chat(handle)
    if before.status_code != 200:
        return Answer(f"not told: the bot can't be talked to, {before.status_code}: {said(before)}")
    body = {"is_private": False, "api_bot_settings": ask.settings(api_key=None)}
    ask.expect(ask.mine.request("PUT", handle, body), 200)
    ask.sleep(ask.settle)
    after = ask.mine.chat(handle)
    if after.status_code == 200:
        return Answer("no, the bot still answers (if the endpoint asks for a key at all)")
    return Answer(f"yes, a chat is answered {after.status_code}: {said(after)}")


@question("1.3")
def what_a_put_without_settings_does(ask: Asker) -> Answer:
    """What becomes of the settings in a PUT that leaves them out?"""
    handle = ask.new_bot(api_bot_settings=ask.settings(context_size=8000))
    return _after(ask, handle, {"is_private": True, "description": "second"}, "api_bot_settings")


@question("1.3, 6 (6)")
def what_a_put_without_controls_does(ask: Asker) -> Answer:
    """What becomes of the controls in a PUT that leaves them out?"""
    handle = ask.new_bot(parameter_controls=controls(TOGGLE))
    return _after(ask, handle, {"is_private": True, "api_bot_settings": ask.settings()}, "parameter_controls")


@question("1.3")
def what_a_put_without_a_description_does(ask: Asker) -> Answer:
    """What becomes of the description in a PUT that leaves it out?"""
    handle = ask.new_bot(description="first")
    return _after(ask, handle, {"is_private": True, "api_bot_settings": ask.settings()}, "description")


@question("6 (6)")
def does_a_put_remove_a_setting(ask: Asker) -> Answer:
    """Is a setting gone that a PUT leaves out?"""
    handle = ask.new_bot(api_bot_settings=ask.settings(context_size=8000))
    return _after(
        ask, handle, {"is_private": True, "api_bot_settings": ask.settings()}, "api_bot_settings", "context_size"
    )


@question("1.3, 6 (4)", needs=["public"])
def does_a_put_hide_a_public_bot(ask: Asker) -> Answer:
    """Does a PUT make a public bot private if it leaves out is_private?"""
    handle = ask.new_bot(is_private=False)
    return _after(ask, handle, {"api_bot_settings": ask.settings()}, "is_private")


@question("1.3")
def what_a_handle_in_a_put_does(ask: Asker) -> Answer:
    """What does a handle in the body of a PUT do?"""
    handle, new = ask.new_bot(), ask.mine.handles.new()
    ask.mine.ledger.add(new, ask.mine.url, ask.mine.key)  # should it rename
    answer = ask.mine.request("PUT", handle, {"handle": new, "is_private": True, "api_bot_settings": ask.settings()})
    if answer.status_code != 200:
        return Answer(f"{answer.status_code}: {said(answer)}")
    return Answer("nothing" if ask.mine.request("GET", handle).status_code == 200 else "it renames the bot")


@question("6 (8)")
def does_a_put_respell_the_handle(ask: Asker) -> Answer:
    """Does a PUT under another spelling change how the handle is shown?"""
    handle = ask.new_bot()
    answer = ask.mine.request("PUT", handle.upper(), {"is_private": True, "api_bot_settings": ask.settings()})
    if answer.status_code != 200:
        return Answer(f"{answer.status_code}: {said(answer)}")
    return Answer("no" if ask.bot(handle).get("handle") == handle else "yes")


def _after(ask: Asker, handle: str, body: dict[str, Any], *path: str) -> Answer:
    before = at(ask.bot(handle), *path)
    answer = ask.mine.request("PUT", handle, body)
    if answer.status_code != 200:
        return Answer(f"such a PUT is refused with {answer.status_code}: {said(answer)}")
    return Answer(f"it is {fate(before, '', at(ask.bot(handle), *path)).replace('as sent', 'empty')}")
