"""Creating a bot: what is needed, what is filled in, and which handles there are (docs/poe-bots-api.md, 1.2, 4.4)."""

from __future__ import annotations

from typing import Any

from full_example import FULL_EXAMPLE

from ..asking import MISSING, Answer, Asker, at, question, said

FILLED_BY_THE_LOCAL_POE = {
    "api_type": "chat_completions_api",
    "input_modalities": ["text"],
    "output_modalities": ["text"],
    "supported_features": [],
}


@question("1.2")
def is_a_handle_enough(ask: Asker) -> Answer:
    """Can a bot be created from its handle alone?"""
    handle = ask.mine.handles.new()
    answer = ask.mine.request("POST", None, {"handle": handle})
    if answer.status_code != 201:
        return Answer(f"no, {answer.status_code}: {said(answer)}")
    bot = ask.bot(handle)
    return Answer(f"yes; it has {', '.join(sorted(bot))}, and is_private is {at(bot, 'is_private')}")


@question("1.2")
def what_an_endpoint_needs(ask: Asker) -> Answer:
    """Can a bot be created without the key, the address or the model of its endpoint?"""
    results = []
    for name in ("api_key", "base_url", "model_name"):
        body = {"handle": ask.mine.handles.new(), "api_bot_settings": ask.settings(**{name: None})}
        results.append(f"without {name} {ask.mine.request('POST', None, body).status_code}")
    return Answer(", ".join(results))


@question("1.1, 6 (13, 14)", decides=["materialise_defaults"])
def what_is_filled_in(ask: Asker) -> Answer:
    """Which settings does an answer have that nobody sent?"""
    sent = ask.settings(pricing={"prompt": "0.000001", "context_pricing": {"tiers": [{"min_tokens": 1000}]}})
    found = at(ask.bot(ask.new_bot(api_bot_settings=sent)), "api_bot_settings")
    if not isinstance(found, dict):
        return Answer("the bot is shown without api_bot_settings")
    filled = {name: value for name, value in found.items() if name not in sent}
    tier = at(found, "pricing", "context_pricing", "tiers", 0, "max_tokens")
    if not filled and tier is MISSING:
        return Answer("none", {"materialise_defaults": False})
    text = ", ".join(f"{name} {value!r}" for name, value in sorted(filled.items()))
    text = f"{text or 'none'}; a tier's max_tokens is {tier!r}"
    if filled == FILLED_BY_THE_LOCAL_POE and tier is None:
        return Answer(text, {"materialise_defaults": True})
    return Answer(f"{text}; no option says just this")


@question("6 (6, 20)", decides=["dropped_fields"])
def what_is_not_kept(ask: Asker) -> Answer:
    """Which documented fields are accepted and then not shown?"""
    sent: dict[str, Any] = {name: value for name, value in FULL_EXAMPLE.items() if name != "handle"}
    sent["is_private"] = True
    sent["api_bot_settings"] = {**sent["api_bot_settings"], **ask.settings()}
    bot = ask.bot(ask.new_bot(**sent))
    dropped = tuple(sorted(set(_dropped(sent, bot)) - {"api_bot_settings.api_key"}))
    return Answer(", ".join(dropped) or "none", {"dropped_fields": dropped})


def _dropped(sent: Any, found: Any, path: str = "") -> list[str]:
    """The dotted paths of what was sent and is not found; of an array, what none of its items has."""
    if isinstance(sent, dict) and isinstance(found, dict):
        lost = []
        for name, value in sent.items():
            here = f"{path}.{name}" if path else name
            if name in found:
                lost += _dropped(value, found[name], here)
            elif value is not None:
                lost.append(here)
        return lost
    if isinstance(sent, list) and isinstance(found, list) and len(sent) == len(found):
        by_item = [set(_dropped(*pair, path)) for pair in zip(sent, found, strict=True)]
        named = [_paths(item, path) for item in sent]
        # What only some of the items have is lost if all those that have it have lost it.
        return sorted(
            lost
            for lost in set().union(*by_item)
            if all(lost in gone or lost not in there for gone, there in zip(by_item, named, strict=True))
        )
    return []


def _paths(tree: Any, path: str) -> set[str]:
    """The dotted paths of all that is in a tree."""
    if isinstance(tree, list):
        return set().union(*(_paths(item, path) for item in tree))
    if isinstance(tree, dict):
        inner = {f"{path}.{name}": value for name, value in tree.items()}
        return set(inner).union(*(_paths(value, here) for here, value in inner.items()))
    return set()


@question("6 (8)")
def which_spelling_comes_back(ask: Asker) -> Answer:
    """Is a bot found under another spelling of its handle, and how is it spelt then?"""
    handle = ask.new_bot()
    other = handle.lower().replace("-", "_")
    answer = ask.mine.request("GET", other)
    if answer.status_code != 200:
        return Answer(f"no, {answer.status_code}")
    spelt = answer.json().get("handle")
    return Answer(
        "yes, spelt " + ("as it was created" if spelt == handle else "as asked for" if spelt == other else "otherwise")
    )


@question("6 (7)")
def does_another_spelling_create(ask: Asker) -> Answer:
    """Does a POST of another spelling of a handle mean the same bot?"""
    handle = ask.new_bot()
    answer = ask.mine.request("POST", None, {"handle": handle.upper().replace("-", "."), "description": "second"})
    if answer.status_code == 200:
        spelt = ask.bot(handle).get("handle")
        return Answer("yes, and the handle " + ("stays as it was" if spelt == handle else "takes the new spelling"))
    return Answer(f"{answer.status_code}: {said(answer)}")


@question("6 (9)")
def how_long_a_handle_may_be(ask: Asker) -> Answer:
    """How long may a handle be?"""
    longest = 0
    for length in (20, 21, 30, 31, 64, 65):
        handle = ask.mine.handles.new(length=length)
        answer = ask.mine.request("POST", None, {"handle": handle, "api_bot_settings": ask.settings()})
        if answer.status_code not in (200, 201):
            return Answer(f"{length} characters are refused with {answer.status_code}, {longest} taken: {said(answer)}")
        longest = length
    return Answer(f"{longest} characters are taken; more were not tried")


@question("6 (9)")
def which_characters_a_handle_may_have(ask: Asker) -> Answer:
    """Which characters beside letters, digits, dash, period and underscore may a handle have?"""
    results = []
    for name, end in (("a space", " x"), ("!", "!"), ("a slash", "/x"), ("é", "é")):
        body = {"handle": ask.mine.handles.new(end=end), "api_bot_settings": ask.settings()}
        results.append(f"{name} {ask.mine.request('POST', None, body).status_code}")
    return Answer(", ".join(results))


@question("6 (19)", decides=["refuse_unknown_fields", "keep_unknown_fields"])
def what_becomes_of_unknown_fields(ask: Asker) -> Answer:
    """Are fields that Poe does not document refused, kept or ignored?"""
    handle = ask.mine.handles.new()
    unknown = {"x_unknown": {"deep": 1}}
    body = {"handle": handle, "is_private": True, "api_bot_settings": {**ask.settings(), **unknown}, **unknown}
    answer = ask.mine.request("POST", None, body)
    if answer.status_code not in (200, 201):
        return Answer(
            f"refused with {answer.status_code}: {said(answer)}",
            {"refuse_unknown_fields": True, "keep_unknown_fields": None},
        )
    bot = ask.bot(handle)
    kept = [at(bot, "x_unknown") == {"deep": 1}, at(bot, "api_bot_settings", "x_unknown") == {"deep": 1}]
    if all(kept):
        options = {"refuse_unknown_fields": False, "keep_unknown_fields": "echoed"}
        return Answer("kept as sent, and shown", options)
    if any(kept):
        return Answer(
            f"kept {'beside' if kept[0] else 'in'} api_bot_settings only; no option says just this",
            {"refuse_unknown_fields": False},
        )
    # Whether Poe keeps what it does not show, nobody can see.
    return Answer("taken, and not shown", {"refuse_unknown_fields": False, "keep_unknown_fields": None})


@question("4.4")
def how_long_a_description_may_be(ask: Asker) -> Answer:
    """How long may a description be?"""
    handle, longest = ask.new_bot(), 0
    for length in (1_000, 4_000, 10_000, 100_000):
        answer = ask.mine.request("PATCH", handle, {"description": "d" * length})
        if answer.status_code != 200:
            return Answer(f"{length} characters are refused with {answer.status_code}, {longest} taken: {said(answer)}")
        longest = length
    return Answer(f"{longest} characters are taken; more were not tried")
