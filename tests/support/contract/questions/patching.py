"""How much of a bot a PATCH, or a POST that updates, replaces (docs/poe-bots-api.md, 1.2, 1.4)."""

from __future__ import annotations

from typing import Any

from ..asking import MISSING, Answer, Asker, at, fate, question, said
from .controls import FIELD, TOGGLE, controls

PRICING = {"prompt": "0.000003", "completion": "0.000004"}


@question("1.4, 6 (5)", decides=["patch_merge"])
def does_a_patch_of_one_price_keep_the_other(ask: Asker) -> Answer:
    """Does a PATCH of one price keep the other one?"""
    handle = ask.new_bot(api_bot_settings=ask.settings(pricing=PRICING))
    ask.patch(handle, {"api_bot_settings": {"pricing": {"prompt": "0.000005"}}})
    return _depth(ask.bot(handle))


@question("1.2, 6 (5)", decides=["patch_merge"])
def does_a_post_of_one_price_keep_the_other(ask: Asker) -> Answer:
    """Does a POST that updates one price keep the other one?"""
    handle = ask.new_bot(api_bot_settings=ask.settings(pricing=PRICING))
    body = {"handle": handle, "api_bot_settings": {"pricing": {"prompt": "0.000005"}}}
    ask.expect(ask.mine.request("POST", None, body), 200)
    return _depth(ask.bot(handle))


def _depth(bot: dict[str, Any]) -> Answer:
    pricing = at(bot, "api_bot_settings", "pricing")
    others = (
        sorted(set(at(bot, "api_bot_settings")) - {"pricing"}) if at(bot, "api_bot_settings") is not MISSING else []
    )
    kept = f"beside pricing there is {', '.join(others) or 'nothing'}"
    if at(pricing, "prompt") != "0.000005":
        return Answer(f"the price that was sent is not shown; {kept}")
    if at(pricing, "completion") is MISSING:
        return Answer(f"no, pricing is replaced as a whole; {kept}", {"patch_merge": "shallow"})
    return Answer(f"yes, objects are merged; {kept}", {"patch_merge": "deep"})


@question("1.4, 6 (5)")
def does_a_patch_of_one_setting_keep_the_others(ask: Asker) -> Answer:
    """Does a PATCH of one setting keep the others, at the first level?"""
    handle = ask.new_bot(api_bot_settings=ask.settings(context_size=8000))
    ask.patch(handle, {"api_bot_settings": {"model_name": "second"}})
    found = at(ask.bot(handle), "api_bot_settings")
    return Answer(f"context_size is {fate(8000, None, at(found, 'context_size'))}")


@question("1.4, 6 (5)")
def what_a_patch_of_tiers_does(ask: Asker) -> Answer:
    """Does a PATCH of the tiers replace the list?"""
    first, second = {"min_tokens": 1000, "prompt": "0.000003"}, {"min_tokens": 2000, "prompt": "0.000004"}
    handle = ask.new_bot(api_bot_settings=ask.settings(pricing={"context_pricing": {"tiers": [first]}}))
    ask.patch(handle, {"api_bot_settings": {"pricing": {"context_pricing": {"tiers": [second]}}}})
    tiers = at(ask.bot(handle), "api_bot_settings", "pricing", "context_pricing", "tiers")
    bounds = [at(tier, "min_tokens") for tier in tiers] if isinstance(tiers, list) else tiers
    return Answer(_of_a_list([1000], [2000], bounds))


@question("1.4, 6 (5)")
def what_a_patch_of_modalities_does(ask: Asker) -> Answer:
    """Does a PATCH of a list of words replace it?"""
    handle = ask.new_bot(api_bot_settings=ask.settings(input_modalities=["text"]))
    ask.patch(handle, {"api_bot_settings": {"input_modalities": ["image"]}})
    return Answer(_of_a_list(["text"], ["image"], at(ask.bot(handle), "api_bot_settings", "input_modalities")))


@question("1.4, 6 (5)")
def what_a_patch_of_definitions_does(ask: Asker) -> Answer:
    """Does a PATCH of the definitions replace the list?"""
    first, second = (
        {"param_name": "think", "param_dest": "extra_body"},
        {"param_name": "word", "param_dest": "extra_body"},
    )
    handle = ask.new_bot(
        api_bot_settings=ask.settings(param_definitions=[first]), parameter_controls=controls(TOGGLE, FIELD)
    )
    ask.patch(handle, {"api_bot_settings": {"param_definitions": [second]}})
    found = at(ask.bot(handle), "api_bot_settings", "param_definitions")
    names = [at(one, "param_name") for one in found] if isinstance(found, list) else found
    return Answer(_of_a_list(["think"], ["word"], names))


@question("1.4")
def what_a_patch_of_controls_does(ask: Asker) -> Answer:
    """Does a PATCH of the controls replace them as a whole?"""
    handle = ask.new_bot(parameter_controls=controls(TOGGLE))
    ask.patch(handle, {"parameter_controls": controls(FIELD)})
    found = at(ask.bot(handle), "parameter_controls", "sections")
    kinds = (
        [at(one, "control") for section in found for one in at(section, "controls")]
        if isinstance(found, list)
        else found
    )
    return Answer(_of_a_list(["toggle_switch"], ["text_field"], kinds))


def _of_a_list(before: list[Any], sent: list[Any], after: Any) -> str:
    if after == sent:
        return "yes, it is replaced"
    if after == before + sent:
        return "no, it is added to"
    return f"neither replaced nor added to: {fate(before, sent, after)}"


@question("1.4")
def what_an_empty_patch_does(ask: Asker) -> Answer:
    """Is a PATCH with nothing in it, or with empty objects, a success that changes nothing?"""
    handle = ask.new_bot()
    before = ask.bot(handle)
    results = []
    bodies: dict[str, Any] = {"nothing": {}, "empty settings": {"api_bot_settings": {}}, "no JSON": b"{"}
    for name, body in bodies.items():
        answer = ask.mine.request("PATCH", handle, body)
        changed = "" if ask.bot(handle) == before else ", and changes the bot"
        results.append(f"{name} {answer.status_code}{changed}")
    return Answer(", ".join(results))


@question("1.4")
def does_a_patch_rename(ask: Asker) -> Answer:
    """What does a handle in the body of a PATCH do?"""
    handle, new = ask.new_bot(), ask.mine.handles.new()
    # Should it rename, then there is a bot of the new handle to remove.
    ask.mine.ledger.add(new, ask.mine.url, ask.mine.key)
    answer = ask.mine.request("PATCH", handle, {"handle": new, "description": "second"})
    if answer.status_code != 200:
        return Answer(f"{answer.status_code}: {said(answer)}")
    return Answer("nothing" if ask.mine.request("GET", handle).status_code == 200 else "it renames the bot")


NULLS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "description": ({"description": None}, ("description",)),
    "api_bot_settings": ({"api_bot_settings": None}, ("api_bot_settings",)),
    "parameter_controls": ({"parameter_controls": None}, ("parameter_controls",)),
    "a setting": ({"api_bot_settings": {"context_size": None}}, ("api_bot_settings", "context_size")),
    "a list": ({"api_bot_settings": {"input_modalities": None}}, ("api_bot_settings", "input_modalities")),
    "pricing": ({"api_bot_settings": {"pricing": None}}, ("api_bot_settings", "pricing")),
    "a price": (
        {"api_bot_settings": {"pricing": {"prompt": None, "completion": "0.000004"}}},
        ("api_bot_settings", "pricing", "prompt"),
    ),
}


@question("1.4, 6 (5)")
def what_a_null_does_to_a_description(ask: Asker) -> Answer:
    """Does a null in a PATCH take away the description?"""
    return _null(ask, "description")


@question("1.4, 6 (5)")
def what_a_null_does_to_the_settings(ask: Asker) -> Answer:
    """Does a null in a PATCH take away all settings?"""
    return _null(ask, "api_bot_settings")


@question("1.4, 6 (6)")
def what_a_null_does_to_the_controls(ask: Asker) -> Answer:
    """Does a null in a PATCH take away the controls?"""
    return _null(ask, "parameter_controls")


@question("1.4, 6 (5)")
def what_a_null_does_to_a_setting(ask: Asker) -> Answer:
    """Does a null in a PATCH take away one setting?"""
    return _null(ask, "a setting")


@question("1.4, 6 (5)")
def what_a_null_does_to_a_list(ask: Asker) -> Answer:
    """Does a null in a PATCH take away a list?"""
    return _null(ask, "a list")


@question("1.4, 6 (5)")
def what_a_null_does_to_the_pricing(ask: Asker) -> Answer:
    """Does a null in a PATCH take away all prices?"""
    return _null(ask, "pricing")


@question("1.4, 6 (5)")
def what_a_null_does_to_a_price(ask: Asker) -> Answer:
    """Does a null in a PATCH take away one price?"""
    return _null(ask, "a price")


def _null(ask: Asker, which: str) -> Answer:
    body, path = NULLS[which]
    settings = ask.settings(context_size=8000, input_modalities=["text", "image"], pricing=PRICING)
    handle = ask.new_bot(description="first", api_bot_settings=settings, parameter_controls=controls(TOGGLE))
    before = at(ask.bot(handle), *path)
    answer = ask.mine.request("PATCH", handle, body)
    if answer.status_code != 200:
        return Answer(f"refused with {answer.status_code}: {said(answer)}")
    after = at(ask.bot(handle), *path)
    return Answer("it is null" if after is None else f"taken, and it is {fate(before, None, after)}")


@question("1.4")
def what_an_empty_value_does(ask: Asker) -> Answer:
    """Does an empty list or text in a PATCH take away what was there?"""
    handle = ask.new_bot(description="first", api_bot_settings=ask.settings(supported_features=["tools"]))
    ask.patch(handle, {"description": "", "api_bot_settings": {"supported_features": []}})
    bot = ask.bot(handle)
    features = at(bot, "api_bot_settings", "supported_features")
    return Answer(f"the text is {fate('first', '', at(bot, 'description'))}, the list {fate(['tools'], [], features)}")


@question("1.2")
def what_a_post_that_updates_leaves(ask: Asker) -> Answer:
    """Does a POST that updates keep the description that it leaves out?"""
    handle = ask.new_bot(description="first")
    ask.expect(ask.mine.request("POST", None, {"handle": handle, "api_bot_settings": ask.settings()}), 200)
    return Answer(f"the description is {fate('first', '', at(ask.bot(handle), 'description'))}")


@question("1.2, 6 (4)", needs=["public"])
def does_a_post_that_updates_hide_a_public_bot(ask: Asker) -> Answer:
    """Does a POST that updates make a public bot private if it leaves out is_private?"""
    handle = ask.new_bot(is_private=False)
    ask.expect(ask.mine.request("POST", None, {"handle": handle, "description": "second"}), 200)
    return Answer(f"is_private is {at(ask.bot(handle), 'is_private')}")
