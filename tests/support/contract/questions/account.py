"""The account, its list and the headers, before anything else (docs/poe-bots-api.md, 1.1, 4.2, 4.3, 4.6)."""

from __future__ import annotations

from ..asking import Answer, Asker, NotAskedError, at, question, said

LIMIT = "x-ratelimit-limit-requests"


@question("4.2", decides=["not_enabled_status"])
def is_the_account_enabled(ask: Asker) -> Answer:
    """What does GET /bots answer to the key?"""
    answer = ask.mine.request("GET")
    if answer.status_code == 200:
        return Answer("200, so the account is enabled for API bots", {"not_enabled_status": None})
    ask.closed = f"GET /bots is answered {answer.status_code}: the key is wrong, or the account is not enabled"
    options = {"not_enabled_status": answer.status_code} if answer.status_code in (401, 404) else {}
    return Answer(f"{answer.status_code}, so the account is not enabled or the key is wrong: {said(answer)}", options)


@question("1.6")
def what_a_wrong_key_is_answered(ask: Asker) -> Answer:
    """What body has the 401 of a key that does not exist?"""
    answer = ask.mine.request("GET", key="no-such-key-0000")
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return Answer(f"{answer.status_code}, no JSON")
    error = at(answer.json(), "error")
    return Answer(f"{answer.status_code}, type {at(error, 'type')}, code {at(error, 'code')}: {said(answer)}")


@question("4.3, 4.6", decides=["requests_per_minute"])
def which_headers_answers_have(ask: Asker) -> Answer:
    """Do answers say how much of the limit is left, and do they have a version or an id?"""
    answer = ask.mine.request("GET")
    known = ("x-ratelimit-", "etag", "last-modified", "x-request-id", "retry-after", "poe-", "x-poe-", "server")
    names = sorted(name for name in answer.headers if name.lower().startswith(known))
    text = ", ".join(names) or "none of those that were looked for"
    limit = answer.headers.get(LIMIT, "")
    if not limit.isdecimal():
        return Answer(text, {} if limit else {"requests_per_minute": None})
    return Answer(f"{text}; {LIMIT} is {limit}", {"requests_per_minute": int(limit)})


@question("1.1, 6 (16)")
def does_the_list_hold_other_bots(ask: Asker) -> Answer:
    """Does the list hold bots that are no API bots?"""
    bots = ask.expect(ask.mine.request("GET"), 200).json().get("bots", [])
    if not bots:
        raise NotAskedError("the account has no bot of its own to tell it from")
    others = sum("api_bot_settings" not in bot for bot in bots)
    return Answer(f"{others} of its {len(bots)} bots have no api_bot_settings")


@question("1.1")
def how_the_list_is_ordered(ask: Asker) -> Answer:
    """In which order does the list have the bots?"""
    by_name = [ask.mine.handles.new() for _ in range(3)]
    made = [ask.new_bot(handle=by_name[number]) for number in (1, 2, 0)]
    ask.until(lambda: len(ask.mine.listed()) == len(made))
    found = [bot["handle"] for bot in ask.mine.listed().values()]
    orders = {"by creation": made, "newest first": made[::-1], "by name": by_name}
    ask.patch(made[1], {"description": "patched"})
    ask.sleep(ask.settle)
    again = [bot["handle"] for bot in ask.mine.listed().values()]
    moved = "" if again == found else ", and a patched bot moves"
    return Answer(next((name for name, order in orders.items() if found == order), "none that is known") + moved)


@question("6 (15)")
def how_soon_a_write_is_seen(ask: Asker) -> Answer:
    """How long after a write does GET of the bot show it?"""
    handle = ask.new_bot(description="first")
    created = ask.until(lambda: ask.mine.request("GET", handle).status_code == 200)
    ask.patch(handle, {"description": "second"})
    patched = ask.until(lambda: at(_json(ask, handle), "description") == "second")
    ask.settle = max(created or 0.0, patched or 0.0)
    return Answer(f"a create {_seconds(created)}, a PATCH {_seconds(patched)}")


@question("6 (15)")
def how_soon_the_list_shows_a_write(ask: Asker) -> Answer:
    """How long after a write does the list show it?"""
    handle = ask.new_bot(description="first")
    created = ask.until(lambda: len(ask.mine.listed()) == 1)
    ask.patch(handle, {"description": "second"})
    patched = ask.until(lambda: [bot["description"] for bot in ask.mine.listed().values()] == ["second"])
    ask.mine.request("DELETE", handle)
    deleted = ask.until(lambda: not ask.mine.listed())
    return Answer(f"a create {_seconds(created)}, a PATCH {_seconds(patched)}, a DELETE {_seconds(deleted)}")


def _json(ask: Asker, handle: str) -> object:
    answer = ask.mine.request("GET", handle)
    return answer.json() if answer.status_code == 200 else None


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "not within the time that was waited"
    return "at once" if seconds == 0 else f"within {seconds:g} s"
