"""What an operation writes: the leaves in which program and state differ, and no other, however deep Poe merges."""

from __future__ import annotations

import copy
from typing import Any, Literal

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.core.bot import comparing, drift
from pulumi_poe.core.bot.fields import API_KEY, DEFAULTS, OBJECTS
from pulumi_poe.core.bot.model import Bot
from pulumi_poe.core.lifecycle.change import Change, Write
from pulumi_poe.core.values.trees import Path, at, leaves, tree_of, without
from pulumi_poe.emulator.store import merged_settings

Depth = Literal["deep", "shallow"]

PROMPT: Path = ("api_bot_settings", "pricing", "prompt")
CACHE: Path = ("api_bot_settings", "pricing", "input_cache_reads")
TIERS: Path = ("api_bot_settings", "pricing", "context_pricing", "tiers")
BOT: dict[str, Any] = {
    "handle": "Acme-Bot",
    "description": "A bot",
    "is_private": False,
    "api_bot_settings": {
        "model_name": "one",
        "api_key": "ENDPOINT-CANARY",
        "pricing": {"prompt": "1", "completion": "2"},
    },
}


def changed(values: dict[Path, Any], bot: dict[str, Any] = BOT) -> dict[str, Any]:
    laid_over: dict[str, Any] = _laid_over(tree_of(values), bot)
    return laid_over


def _laid_over(over: Any, under: Any) -> Any:
    if not isinstance(over, dict) or not isinstance(under, dict):
        return over
    return {**under, **{key: _laid_over(value, under.get(key)) for key, value in over.items()}}


def after(write: Write | None, stored: dict[str, Any], depth: Depth) -> dict[str, Any]:
    """The bot that Poe keeps once it has got the request, by the reference's two readings of a merge."""
    if write is None:
        return stored
    if write.method == "PUT":
        return {"handle": stored["handle"], "description": "", "is_private": True, **write.body}
    bot = {**stored, **write.body}
    if "api_bot_settings" in write.body:
        bot["api_bot_settings"] = merged_settings(
            stored.get("api_bot_settings", {}), write.body["api_bot_settings"], depth
        )
    return bot


def shown(stored: dict[str, Any]) -> dict[str, Any]:
    return without(stored, [API_KEY])


# --- PATCH ------------------------------------------------------------------------------------------


def test_only_what_changed_is_sent() -> None:
    write = Change(changed({("description",): "new"}), BOT).on(shown(BOT))
    assert write == Write("PATCH", {"description": "new"})


def test_nothing_is_sent_where_program_and_state_agree() -> None:
    assert Change(BOT, BOT).on({"handle": "Acme-Bot", "description": "by hand"}) is None


def test_the_endpoints_key_is_sent_when_it_changed() -> None:
    write = Change(changed({API_KEY: "next"}), BOT).on(shown(BOT))
    assert write == Write("PATCH", {"api_bot_settings": {"api_key": "next"}})


def test_an_object_is_completed_from_what_poe_has_and_not_from_the_program() -> None:
    on_poe = shown(changed({("api_bot_settings", "pricing", "completion"): "by hand", CACHE: "by hand"}))
    write = Change(changed({PROMPT: "3"}), BOT).on(on_poe)
    assert write is not None
    assert write.body == tree_of(
        {PROMPT: "3", ("api_bot_settings", "pricing", "completion"): "by hand", CACHE: "by hand"}
    )


def test_a_documented_object_that_poe_does_not_show_has_nothing_to_complete() -> None:
    write = Change(changed({PROMPT: "3"}), BOT).on({"handle": "Acme-Bot", "api_bot_settings": {"model_name": "one"}})
    assert write == Write("PATCH", tree_of({PROMPT: "3"}))


def test_the_controls_are_completed_too() -> None:
    before = {"handle": "b", "parameter_controls": {"api_version": "2", "sections": []}}
    on_poe = {"handle": "b", "parameter_controls": {"api_version": "2", "sections": [], "new": 1}}
    declared: dict[str, Any] = {
        "handle": "b",
        "parameter_controls": {"api_version": "2", "sections": [{"controls": []}]},
    }
    write = Change(declared, before).on(on_poe)
    assert write is not None
    assert write.body == {"parameter_controls": {**declared["parameter_controls"], "new": 1}}


def test_a_list_is_one_leaf() -> None:
    before = changed({TIERS: [{"min_tokens": 1}, {"min_tokens": 2}]})
    after_ = changed({TIERS: [{"min_tokens": 1}, {"min_tokens": 3}]})
    assert list(Change(after_, before).written) == [TIERS]


def test_an_object_of_extra_that_poe_shows_is_completed_from_poe() -> None:
    before = {"handle": "b", "extra": {"theme": {"color": "red", "size": 1}}}
    declared = {"handle": "b", "extra": {"theme": {"color": "blue", "size": 1}}}
    write = Change(declared, before).on({"handle": "b", "theme": {"color": "red", "size": 2, "more": None}})
    assert write == Write("PATCH", {"theme": {"color": "blue", "size": 2, "more": None}})


@pytest.mark.parametrize("where", [(), ("api_bot_settings",)])
@pytest.mark.parametrize("by_hand", [{"more": 3}, {"size": None}, "plain"])
def test_an_object_of_extra_that_poe_shows_gets_nothing_back_that_was_taken_out_there_by_hand(
    where: Path, by_hand: Any
) -> None:
    def program(color: str) -> dict[str, Any]:
        return {"handle": "b", "extra": tree_of({(*where, "theme"): {"color": color, "size": 1}})}

    write = Change(program("blue"), program("red")).on({"handle": "b", **tree_of({(*where, "theme"): by_hand})})
    kept = by_hand if isinstance(by_hand, dict) else {}
    assert write == Write("PATCH", tree_of({(*where, "theme"): {"color": "blue", **kept}}))


@pytest.mark.parametrize("where", [(), ("api_bot_settings",), ("api_bot_settings", "pricing")])
def test_an_object_of_extra_that_poe_does_not_show_is_completed_from_the_state(where: Path) -> None:
    def program(color: str) -> dict[str, Any]:
        return {"handle": "b", "extra": tree_of({(*where, "theme"): {"color": color, "size": 1}})}

    write = Change(program("blue"), program("red")).on({"handle": "b"})
    assert write == Write("PATCH", tree_of({(*where, "theme"): {"color": "blue", "size": 1}}))


def test_a_hidden_field_of_extra_survives_a_change_beside_it() -> None:
    extra = {"extra": {"api_bot_settings": {"pricing": {"new_price": "5"}}}}
    write = Change({**changed({PROMPT: "3"}), **extra}, {**BOT, **extra}).on(shown(BOT))
    assert write is not None
    assert write.body["api_bot_settings"]["pricing"] == {"prompt": "3", "completion": "2", "new_price": "5"}


def test_nulls_of_poes_answer_are_not_sent_back_but_where_null_is_a_value() -> None:
    assert drift.sent_back(
        {
            "handle": "b",
            "api_bot_settings": {
                "context_size": None,
                "pricing": {"prompt": None, "context_pricing": {"tiers": [{"min_tokens": 1, "max_tokens": None}]}},
                "param_definitions": [{"param_name": "p", "param_dest": None, "default_value": None}],
            },
            "parameter_controls": {"sections": [{"controls": [{"control": "slider", "default_value": None}]}]},
            "new": {"in": None},
            "other": {"in": None},
        },
        (),
        {"new": {"out": 1}},
    ) == {
        "handle": "b",
        "api_bot_settings": {
            "pricing": {"context_pricing": {"tiers": [{"min_tokens": 1}]}},
            "param_definitions": [{"param_name": "p", "default_value": None}],
        },
        "parameter_controls": {"sections": [{"controls": [{"control": "slider"}]}]},
        "new": {"in": None},
        "other": {},
    }


def test_the_documented_objects_are_those_of_the_model() -> None:
    from pulumi_poe.core.bot.shape import object_in, properties

    def objects(model: Any, path: Path = ()) -> set[Path]:
        found: set[Path] = set()
        for name, annotation in properties(model).items():
            inner = object_in(annotation)
            if inner is not None and "list" not in str(annotation):
                found |= {(*path, name), *objects(inner, (*path, name))}
        return found

    assert objects(Bot) == OBJECTS


# --- what a list that lags behind must not decide ---------------------------------------------------


@pytest.mark.parametrize(
    ("on_poe", "differs"),
    [
        ({}, False),
        ({("description",): "by hand"}, False),
        ({PROMPT: "by hand"}, False),
        ({("api_bot_settings", "pricing", "completion"): "by hand"}, True),
        ({CACHE: "undeclared"}, True),
        ({("api_bot_settings", "pricing", "completion"): "2.0"}, False),
    ],
)
def test_a_bot_is_asked_for_by_its_name_where_something_else_would_be_sent_back(
    on_poe: dict[Path, Any], differs: bool
) -> None:
    assert Change(changed({PROMPT: "3"}), BOT).rests_on_what_differs(shown(changed(on_poe))) is differs


def test_nothing_is_sent_back_with_a_leaf_outside_of_any_object() -> None:
    assert not Change(changed({("description",): "new"}), BOT).rests_on_what_differs(shown(changed({CACHE: "9"})))


def test_an_object_that_poe_does_not_show_differs_from_the_state() -> None:
    assert Change(changed({PROMPT: "3"}), BOT).rests_on_what_differs({"handle": "Acme-Bot"})


# --- PUT --------------------------------------------------------------------------------------------


def test_a_leaf_taken_out_is_removed_from_poes_own_bot_with_the_declared_key() -> None:
    on_poe = shown(changed({("description",): "by hand", CACHE: "by hand", ("since",): 2027, ("null",): None}))
    write = Change(without(BOT, [PROMPT]), BOT).on(on_poe)
    assert write is not None
    assert (write.method, write.removed) == ("PUT", (PROMPT,))
    assert write.body == without(changed({API_KEY: "ENDPOINT-CANARY"}, on_poe), [("handle",), PROMPT, ("null",)])


@pytest.mark.parametrize("empty", [{}, {"in": {}}])
def test_a_leaf_in_whose_place_an_empty_object_is_declared_is_taken_out(empty: Any) -> None:
    on_poe = {**shown(BOT), "new": True}
    write = Change({**BOT, "extra": {"new": empty}}, {**BOT, "extra": {"new": True}}).on(on_poe)
    assert write is not None
    assert write.method == "PUT"
    assert write.removed == (("new",),)
    assert "new" not in write.body


def test_a_leaf_taken_out_that_poe_no_longer_shows_needs_no_put() -> None:
    on_poe = without(shown(BOT), [PROMPT])
    assert Change(without(BOT, [PROMPT]), BOT).on(on_poe) is None
    declared = changed({("description",): "new"}, without(BOT, [PROMPT]))
    assert Change(declared, BOT).on(on_poe) == Write("PATCH", {"description": "new"})


def test_a_put_keeps_what_poe_hides_of_extra() -> None:
    extra = {"extra": {"greeting": "Hi", "gone": 1}}
    write = Change({**without(BOT, [PROMPT]), "extra": {"greeting": "Hi"}}, {**BOT, **extra}).on(shown(BOT))
    assert write is not None
    assert write.body["greeting"] == "Hi"
    assert "gone" not in write.body


def test_what_only_poe_has_is_named() -> None:
    change = Change(without(BOT, [PROMPT]), BOT)
    write = change.on(shown(changed({("since",): 2027, CACHE: "9"})))
    assert write is not None
    assert change.only_on_poe(write.body) == [CACHE, ("since",)]


# --- drift that the look shows ----------------------------------------------------------------------


def test_a_declared_leaf_that_is_otherwise_on_poe_is_drift() -> None:
    on_poe = shown(changed({("description",): "by hand", PROMPT: "9", CACHE: "undeclared"}))
    assert Change(changed({PROMPT: "3"}), BOT).drift(on_poe) == [("description",), PROMPT]


def test_what_poe_has_already_as_the_program_wants_it_is_no_drift() -> None:
    assert Change(changed({PROMPT: "3"}), BOT).drift(shown(changed({PROMPT: "3.0"}))) == []
    assert Change(without(BOT, [PROMPT]), BOT).drift(without(shown(BOT), [PROMPT])) == []


# --- all of it, at random ---------------------------------------------------------------------------

VALUES: dict[Path, list[Any]] = {
    ("description",): ["a", "b", ""],
    ("is_private",): [True, False],
    ("api_bot_settings", "model_name"): ["a", "b"],
    ("api_bot_settings", "context_size"): [1, 2],
    ("api_bot_settings", "input_modalities"): [["text"], ["image", "text"]],
    PROMPT: ["1", "2", "2.0"],
    ("api_bot_settings", "pricing", "completion"): ["1", "2"],
    CACHE: ["1", "2"],
    TIERS: [[{"min_tokens": 1}], [{"min_tokens": 2}]],
    ("parameter_controls", "api_version"): ["2"],
    ("parameter_controls", "sections"): [[], [{"name": "a"}]],
    ("theme", "color"): ["red", "blue"],
    ("theme", "size"): [1, 2],
    ("greeting",): ["a", "b"],
    ("api_bot_settings", "pricing", "new_price"): ["1", "2"],
    ("api_bot_settings", "audio", "rate"): [1, 2],
    ("api_bot_settings", "audio", "voice"): ["a", "b"],
}
EXTRA = {path for path in VALUES if {"theme", "greeting", "new_price", "audio"} & set(path)}
some_leaves = st.fixed_dictionaries({}, optional={path: st.sampled_from(values) for path, values in VALUES.items()})


def declaration(values: dict[Path, Any]) -> dict[str, Any]:
    of_extra = {path: value for path, value in values.items() if path in EXTRA}
    known = {path: value for path, value in values.items() if path not in EXTRA}
    extra = {"extra": tree_of(of_extra)} if of_extra else {}
    return {"handle": "Acme-Bot", **tree_of({**known, API_KEY: "declared"}), **extra}


@hypothesis.settings(max_examples=300)
@given(
    some_leaves, some_leaves, some_leaves, st.sets(st.sampled_from(list(VALUES))), st.sampled_from(["deep", "shallow"])
)
def test_a_change_changes_what_its_preview_shows_and_nothing_else(
    recorded: dict[Path, Any], edits: dict[Path, Any], on_poe: dict[Path, Any], by_hand: set[Path], depth: Depth
) -> None:
    kept = {path: value for path, value in recorded.items() if path not in by_hand}
    declared = {**kept, **edits}
    always_there: dict[Path, Any] = {("handle",): "Acme-Bot", ("description",): "x", ("is_private",): False}
    stored = tree_of({**always_there, **kept, **on_poe, API_KEY: "rotated"})
    before = copy.deepcopy(stored)
    change = Change(declaration(declared), declaration(recorded))

    write = change.on(shown(stored))
    result = after(write, stored, depth)

    assert stored == before
    for path in VALUES:
        if path in declared and not (path in recorded and comparing.same(path, declared[path], recorded[path])):
            assert at(result, path) == declared[path], path
        elif path in recorded and path not in declared:
            assert at(result, path) == DEFAULTS.get(path), path
        elif path in declared and path in EXTRA and at(before, path) is None:
            pass  # whether Poe hides it or has lost it can't be seen
        else:
            assert at(result, path) == at(before, path), path
    assert at(result, API_KEY) == ("declared" if write is not None and write.method == "PUT" else "rotated")
    assert dict(leaves(result)).keys() - VALUES.keys() <= {("handle",), API_KEY}
