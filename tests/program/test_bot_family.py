"""One model as several bots: what they share, and what each has of its own."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe import BotFamily, Provider, controls, per_million, testing, toggle
from pulumi_poe.program import bot_family
from pulumi_poe.program.bot_family import merged
from pulumi_poe.tokens import BOT_TYPE

SETTINGS: Any = {
    "base_url": "https://llm.acme.example/v1",
    "api_key": "sk-endpoint",
    "pricing": {"prompt": "0.000001", "completion": "0.000004"},
}


def declared_by(program: Callable[[], object]) -> dict[str, dict[str, Any]]:
    return testing.run(program).declared


def test_a_bot_has_what_is_shared_and_what_is_its_own() -> None:
    declared = declared_by(
        lambda: BotFamily(
            "reasoner",
            is_private=False,
            api_bot_settings=SETTINGS,
            bots={
                "small": {"handle": "Acme-Small", "api_bot_settings": {"model_name": "r2-small"}},
                "large": {
                    "handle": "Acme-Large",
                    "description": "The large one",
                    "api_bot_settings": {"model_name": "r2-large", "pricing": {"completion": "0.000016"}},
                },
            },
        )
    )

    assert declared == {
        "reasoner-small": {
            "handle": "Acme-Small",
            "is_private": False,
            "api_bot_settings": {**SETTINGS, "model_name": "r2-small"},
        },
        "reasoner-large": {
            "handle": "Acme-Large",
            "description": "The large one",
            "is_private": False,
            "api_bot_settings": {
                **SETTINGS,
                "model_name": "r2-large",
                "pricing": {"prompt": "0.000001", "completion": "0.000016"},
            },
        },
    }


def test_a_handle_begins_with_that_of_the_family() -> None:
    assert declared_by(
        lambda: BotFamily("family", handle="Acme", bots={"eu": {}, "us": {"handle": "Acme-America"}})
    ) == {
        "family-eu": {"handle": "Acme-eu"},
        "family-us": {"handle": "Acme-America"},
    }


def test_the_familys_handle_may_be_an_output() -> None:
    assert declared_by(lambda: BotFamily("family", handle=pulumi.Output.from_input("Acme"), bots={"eu": {}})) == {
        "family-eu": {"handle": "Acme-eu"}
    }


def test_none_takes_out_what_is_shared() -> None:
    bots: Any = {"small": {"description": None, "api_bot_settings": {"pricing": None}}}

    declared = declared_by(
        lambda: BotFamily("family", handle="Acme", description="Shared", api_bot_settings=SETTINGS, bots=bots)
    )

    (bot,) = declared.values()
    assert "description" not in bot
    assert bot["api_bot_settings"].get("pricing") is None


def test_lists_are_replaced_whole() -> None:
    made = controls(toggle("think", "Think first"))
    shared: Any = {**SETTINGS, "input_modalities": ["text", "image"], "param_definitions": made.param_definitions}

    declared = declared_by(
        lambda: BotFamily(
            "family",
            handle="Acme",
            api_bot_settings=shared,
            parameter_controls=made.parameter_controls,
            bots={"small": {"api_bot_settings": {"input_modalities": ["text"]}}},
        )
    )

    settings = declared["family-small"]["api_bot_settings"]
    assert settings["input_modalities"] == ["text"]
    assert [one["param_name"] for one in settings["param_definitions"]] == ["think"]


@pytest.mark.parametrize("shared_is_output", [True, False], ids=["shared later", "shared now"])
@pytest.mark.parametrize("own_is_output", [True, False], ids=["own later", "own now"])
def test_settings_that_are_known_later_are_laid_over_each_other_then(
    shared_is_output: bool, own_is_output: bool
) -> None:
    def program() -> None:
        shared: Any = pulumi.Output.from_input(SETTINGS) if shared_is_output else SETTINGS
        own: Any = {"model_name": "r2-small"}
        BotFamily(
            "family",
            handle="Acme",
            api_bot_settings=shared,
            bots={"small": {"api_bot_settings": pulumi.Output.from_input(own) if own_is_output else own}},
        )

    assert declared_by(program)["family-small"]["api_bot_settings"] == {**SETTINGS, "model_name": "r2-small"}


def test_the_bots_are_there_by_their_names() -> None:
    families: list[BotFamily] = []
    testing.run(lambda: families.append(BotFamily("family", handle="Acme", bots={"eu": {}, "us": {}})))

    assert list(families[0].bots) == ["eu", "us"]


def test_a_family_may_be_empty() -> None:
    assert declared_by(lambda: BotFamily("family", bots={})) == {}


def test_the_bots_take_the_provider_of_the_family() -> None:
    families: list[BotFamily] = []

    def program() -> None:
        other = Provider("other", api_key="sk-other")
        opts = pulumi.ResourceOptions(provider=other)
        families.append(BotFamily("family", opts, handle="Acme", bots={"eu": {}}))

    testing.run(program)

    bot = families[0].bots["eu"]
    provider = bot.get_provider(BOT_TYPE)
    assert provider is not None
    assert provider.pulumi_resource_name == "other"


@pytest.mark.parametrize(
    ("bots", "said"),
    [
        (
            {"eu": {}},
            r"BotFamily 'family': bots\['eu'\]: it needs a handle: its own, or one of the family to begin with",
        ),
        (
            {"eu": {"handle": "A-eu", "model_name": "r2"}},
            r"BotFamily 'family': bots\['eu'\]: model_name: no bot has such an argument. It belongs into "
            r"api_bot_settings: \{'api_bot_settings': \{'model_name': …\}\}.",
        ),
        (
            {"eu": {"handle": "A-eu", "opts": {"protect": True}}},
            r"BotFamily 'family': bots\['eu'\]: opts: must be pulumi.ResourceOptions",
        ),
        ({"": {"handle": "A-eu"}}, r"BotFamily 'family': bots\[''\]: the name of a bot must be a str, and not empty"),
        ({1: {"handle": "A-eu"}}, r"BotFamily 'family': bots\[1\]: the name of a bot must be a str, and not empty"),
        (
            {"eu": {"handle": "A-eu", "descripton": "x"}},
            r"BotFamily 'family': bots\['eu'\]: descripton: no bot has such an argument. Did you mean description\?",
        ),
        ({"eu": None}, r"BotFamily 'family': bots\['eu'\]: must be a dict of what this bot has of its own"),
        (["eu"], r"BotFamily 'family': bots: must be a dict, from the name of each bot to what it has of its own"),
    ],
    ids=["no handle", "a setting", "opts", "no name", "no text", "misspelt", "none", "a list"],
)
def test_what_is_no_family_is_refused_in_one_line_before_any_bot_is_declared(bots: Any, said: str) -> None:
    mocks = testing.Mocks()

    with pytest.raises(pulumi.RunError, match=f"^{said}"):
        testing.run(lambda: BotFamily("family", bots=bots), mocks)

    assert mocks.declared == {}


def test_a_mistake_in_what_is_shared_is_shown_for_each_bot() -> None:
    settings: Any = {"pricing": {"prompt": "-1"}}

    with pytest.raises(pulumi.RunError) as caught:
        testing.run(lambda: BotFamily("family", handle="Acme", api_bot_settings=settings, bots={"eu": {}, "us": {}}))

    assert {line.partition(":")[0] for line in str(caught.value).splitlines()} == {"Bot 'family-eu'", "Bot 'family-us'"}


TREES = st.recursive(
    st.integers() | st.text(max_size=3), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=6
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), TREES)


@given(OBJECTS, OBJECTS)
def test_whatever_is_its_own_wins_and_what_only_the_family_has_stays(shared: Any, own: Any) -> None:
    result = merged(shared, own)

    assert set(result) == set(shared) | set(own)
    assert all(result[name] == own[name] for name in own if not isinstance(own[name], dict))
    assert all(result[name] == shared[name] for name in set(shared) - set(own))


@given(OBJECTS, OBJECTS, OBJECTS)
def test_it_makes_no_difference_which_is_laid_over_first(one: Any, two: Any, three: Any) -> None:
    def is_object_or_not(name: str) -> bool:
        return len({isinstance(tree.get(name), dict) for tree in (one, two, three) if name in tree}) <= 1

    if all(map(is_object_or_not, "abc")) and not any(isinstance(value, dict) for value in two.values()):
        assert merged(merged(one, two), three) == merged(one, merged(two, three))


def test_its_examples_give_what_they_say() -> None:
    assert doctest.testmod(bot_family).failed == 0


def test_prices_a_million_are_shared_as_any_others() -> None:
    prices = per_million(input="0.10", output="0.40")
    settings: Any = {**SETTINGS, "pricing": prices}

    declared = declared_by(lambda: BotFamily("family", handle="Acme", api_bot_settings=settings, bots={"eu": {}}))

    assert declared["family-eu"]["api_bot_settings"]["pricing"] == prices
