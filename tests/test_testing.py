"""What is for the tests of programs: every bot is checked as a preview checks it."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pulumi
import pytest
from pulumi.runtime import MockCallArgs, MockResourceArgs

import pulumi_poe
from pulumi_poe import testing
from pulumi_poe.core.bot import checks

BOT: dict[str, Any] = {
    "handle": "Acme-Bot",
    "description": "A bot",
    "is_private": False,
    "api_bot_settings": {"api_key": "sk", "context_size": 5, "pricing": {"prompt": "0.0000010"}},
    "extra": {"new": [1, {"deep": "x"}]},
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something was asked over the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv("POE_API_KEY", "a key of the shell must not matter")


def declare(*bots: dict[str, Any]) -> Callable[[], None]:
    def program() -> None:
        for number, bot in enumerate(bots):
            pulumi_poe.Bot(f"bot-{number}", **bot)

    return program


def mistakes(*bots: dict[str, Any]) -> list[str]:
    mocks = testing.Mocks()
    with suppress(pulumi.RunError):
        testing.run(declare(*bots), mocks)
    return sorted(mocks.mistakes)


# --- checks -----------------------------------------------------------------------------------------


def test_a_bot_without_mistakes_passes() -> None:
    assert mistakes(BOT) == []


def test_an_async_program_is_run_to_its_end() -> None:
    async def program() -> None:
        await asyncio.sleep(0)
        pulumi_poe.Bot("mine", **{**BOT, "handle": "First Bot"})

    with pytest.raises(pulumi.RunError, match="Bot 'mine': handle: may only have"):
        testing.run(program)


def test_the_mistakes_are_those_of_a_preview() -> None:
    wrong = {"handle": "First Bot", "is_private": "no", "api_bot_settings": {"api_key": 7, "modelname": "m"}}
    assert mistakes(wrong) == sorted(f"Bot 'bot-0': {mistake}" for mistake in checks.mistakes(wrong))


def test_the_mistakes_of_all_bots_are_found_in_one_run() -> None:
    found = mistakes({"handle": "Bot-One", "is_private": "no"}, BOT, {"handle": "Bot-Two", "extra": {"handle": "x"}})
    assert found == [
        "Bot 'bot-0': is_private: must be true or false",
        "Bot 'bot-2': extra.handle: is a property of its own; declare it outside of extra",
    ]


def test_the_error_has_the_mistakes_one_a_line() -> None:
    mocks = testing.Mocks()
    with pytest.raises(pulumi.RunError) as raised:
        testing.run(declare({**BOT, "is_private": "no", "description": 3}), mocks)
    assert str(raised.value).splitlines() == mocks.mistakes
    assert len(mocks.mistakes) == 2


def test_a_handle_that_two_resources_declare_is_a_mistake() -> None:
    (found,) = mistakes({"handle": "Acme-Bot"}, {"handle": "acme_bot"})
    assert "of this program declares the bot" in found


def test_adopt_must_be_a_boolean() -> None:
    assert mistakes({**BOT, "adopt": "yes"}) == ["Bot 'bot-0': adopt: must be true or false"]


def test_what_is_only_suspicious_is_a_warning_and_no_mistake() -> None:
    mocks = testing.run(declare({"handle": "Acme-Bot", "api_bot_settings": {"base_url": "http://127.0.0.1/v1"}}))
    (warning,) = mocks.warnings
    assert warning.startswith("bot 'Acme-Bot': api_bot_settings.base_url: is an address of this machine")


def test_no_value_is_in_a_mistake() -> None:
    assert "CANARY" not in str(mistakes({"handle": "Acme-Bot", "api_bot_settings": {"api_key": ["CANARY"]}}))


def test_two_runs_know_nothing_of_each_other() -> None:
    assert [mistakes(BOT), mistakes(BOT)] == [[], []]


def test_bots_in_components_are_checked() -> None:
    class Team(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("acme:index:Team", "team")
            wrong: Any = "no"
            pulumi_poe.Bot("inner", pulumi.ResourceOptions(parent=self), handle="Acme", is_private=wrong)

    with pytest.raises(pulumi.RunError, match=r"^Bot 'inner': is_private: must be true or false$"):
        testing.run(lambda: Team())


def test_in_a_preview_what_is_unknown_has_no_mistakes() -> None:
    unknown: Any = pulumi.Output.from_input(pulumi.UNKNOWN)
    mocks = testing.Mocks()

    def program() -> None:
        pulumi_poe.Bot("a", handle=unknown, is_private=unknown, api_bot_settings={"base_url": unknown})
        pulumi_poe.Bot("b", handle="Acme", api_bot_settings=unknown, adopt=unknown)

    assert set(testing.run(program, mocks, preview=True).declared) == {"a", "b"}


# --- what the program sees --------------------------------------------------------------------------


def output(look: Callable[[pulumi_poe.Bot], Any]) -> Any:
    found: list[Any] = []
    testing.run(lambda: pulumi.Output.from_input(look(pulumi_poe.Bot("mine", **BOT))).apply(found.append))
    return found[0]


def test_the_id_is_the_handle() -> None:
    assert output(lambda bot: bot.id) == "Acme-Bot"


def test_the_url_is_known() -> None:
    assert output(lambda bot: bot.url) == "https://poe.com/Acme-Bot"


@pytest.mark.parametrize("name", ["handle", "description", "is_private", "api_bot_settings", "extra"])
def test_the_outputs_are_what_is_declared(name: str) -> None:
    assert output(lambda bot: getattr(bot, name)) == BOT[name]


def test_the_endpoints_key_is_a_secret() -> None:
    assert output(lambda bot: pulumi.Output.from_input(bot.api_bot_settings.is_secret())) is True


def test_what_is_declared_can_be_looked_at_after_the_run() -> None:
    declared = testing.run(declare({**BOT, "adopt": True})).declared
    assert declared == {"bot-0": BOT}


def test_a_resource_that_is_no_bot_has_what_it_declares() -> None:
    found: list[Any] = []

    class Other(pulumi.CustomResource):
        size: pulumi.Output[int]

        def __init__(self) -> None:
            super().__init__("acme:index:Other", "other", {"size": 3})

    testing.run(lambda: pulumi.Output.all(Other().size).apply(found.append))
    assert found == [[3]]


def test_mocks_may_be_extended() -> None:
    class Own(testing.Mocks):
        def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
            id_, outputs = super().new_resource(args)
            return id_, {**outputs, "description": "of the mocks"}

        def call(self, args: MockCallArgs) -> Any:
            return {"zones": ["a"]} if args.token == "acme:index:zones" else super().call(args)

    found: list[Any] = []

    def program() -> Any:
        zones = pulumi.runtime.invoke("acme:index:zones", {}).value["zones"]
        handle = pulumi_poe.get_bot("acme").handle
        description = pulumi_poe.Bot("mine", **BOT).description
        return description.apply(lambda known: found.extend([zones, handle, known]))

    testing.run(program, Own(bots=[{"handle": "Acme"}]))
    assert found == [["a"], "Acme", "of the mocks"]


def test_the_config_is_that_of_the_project_unless_it_says_otherwise() -> None:
    found: list[Any] = []

    def program() -> None:
        names = (pulumi.Config().get("size"), pulumi.Config("aws").get("region"))
        found.extend([*names, pulumi.get_project(), pulumi.get_stack(), pulumi.runtime.is_dry_run()])

    testing.run(program, config={"size": "3", "aws:region": "x"}, project="acme", stack="prod", preview=True)
    assert found == ["3", "x", "acme", "prod", True]


def test_an_error_of_the_program_is_raised_as_it_is() -> None:
    def program() -> None:
        raise ZeroDivisionError("of the program")

    with pytest.raises(ZeroDivisionError, match="of the program"):
        testing.run(program)


def test_an_error_in_what_the_program_returns_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        testing.run(lambda: pulumi_poe.Bot("mine", **BOT).url.apply(lambda _: 1 / 0))


def test_a_failed_run_says_nothing_beside_its_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(pulumi.RunError):
        testing.run(declare({**BOT, "extra": pulumi.Output.from_input({"new": {1}})}))
    gc.collect()
    assert capfd.readouterr().err == ""


def test_an_export_is_no_obstacle_and_may_be_repeated() -> None:
    def program() -> None:
        pulumi.export("url", pulumi_poe.Bot("mine", **BOT).url)

    testing.run(program)
    testing.run(program)


# --- bots that the account has ----------------------------------------------------------------------

ACCOUNT: list[dict[str, Any]] = [{"handle": "Acme-Base", "is_private": False}, {"handle": "Other"}]


def looked_up(look: Callable[[], Any]) -> Any:
    found: list[Any] = []
    testing.run(lambda: found.append(look()), testing.Mocks(bots=ACCOUNT))
    return found[0]


def test_a_bot_of_the_account_is_found_in_any_spelling() -> None:
    assert looked_up(lambda: pulumi_poe.get_bot("acme_base")).handle == "Acme-Base"


def test_a_bot_that_the_account_lacks_is_an_error_as_on_poe() -> None:
    with pytest.raises(pulumi.RunError, match=r"^get_bot 'nobody': the account has no such bot"):
        looked_up(lambda: pulumi_poe.get_bot("nobody"))


@pytest.mark.parametrize(
    ("arguments", "handles"),
    [({}, ["Acme-Base", "Other"]), ({"prefix": "acme"}, ["Acme-Base"]), ({"private": True}, ["Other"])],
)
def test_bots_of_the_account_are_chosen_as_on_poe(arguments: dict[str, Any], handles: list[str]) -> None:
    assert looked_up(lambda: pulumi_poe.get_bots(**arguments)).handles == handles


def test_looked_up_bots_are_of_the_declared_account_also_in_outputs() -> None:
    found: list[Any] = []
    testing.run(
        lambda: pulumi_poe.get_bot_output(pulumi_poe.Bot("mine", handle="Acme-Base").handle).url.apply(found.append),
        testing.Mocks(bots=ACCOUNT),
    )
    assert found == ["https://poe.com/Acme-Base"]
