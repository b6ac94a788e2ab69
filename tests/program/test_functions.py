"""Looking up bots in a program that is tested with Pulumi's mocks. On Poe: tests/engine/test_functions.py."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.runtime import MockCallArgs, MockResourceArgs

import pulumi_poe
from pulumi_poe import testing
from pulumi_poe.core.poe.connection import Connection

POE: dict[str, Any] = {"handle": "Acme-Base", "is_private": False, "api_bot_settings": {"context_size": 5}}


class Answering(testing.Mocks):
    """Mocks that answer what they are told, and keep what they were asked."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer: Any = answer
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def call(self, args: MockCallArgs) -> Any:
        self.calls.append((args.token, args.args))
        return self.answer


class NotOfThisPackage(pulumi.runtime.Mocks):
    """What people have in the tests of their other resources."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return f"{args.name}-id", args.inputs

    def call(self, args: MockCallArgs) -> Any:
        return dict(POE) if args.token == "poe:index:getBot" else {}


@pytest.fixture(autouse=True)
def no_settings_and_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Connection) -> None:
        raise AssertionError("Poe was asked")

    monkeypatch.setattr(Connection, "client", property(fail))
    for name in ("POE_API_KEY", "POE_API_URL"):
        monkeypatch.setenv(name, "what would be an error if it were used")


def seen(look: Callable[[], Any], mocks: testing.Mocks) -> Any:
    """What a program sees that looks bots up."""
    found: list[Any] = []

    def program() -> pulumi.Output[None]:
        return pulumi.Output.from_input(look()).apply(found.append)

    testing.run(program, mocks)
    return found[0]


BOTH_WAYS = pytest.mark.parametrize("in_output", [False, True], ids=["plain", "output"])


@BOTH_WAYS
def test_get_bot_asks_the_mocks_for_the_handle(in_output: bool) -> None:
    mocks = Answering(dict(POE))
    bot = seen(lambda: (pulumi_poe.get_bot_output if in_output else pulumi_poe.get_bot)("acme_base"), mocks)

    assert mocks.calls == [("poe:index:getBot", {"handle": "acme_base"})]
    assert bot.handle == "Acme-Base"
    assert bot.is_private is False
    assert bot.api_bot_settings == {"context_size": 5}
    assert bot.url == "https://poe.com/Acme-Base"


@BOTH_WAYS
@pytest.mark.parametrize(
    "arguments", [{}, {"prefix": "acme"}, {"private": False}, {"prefix": "acme", "private": True}], ids=repr
)
def test_get_bots_asks_the_mocks_for_what_is_given(arguments: dict[str, Any], in_output: bool) -> None:
    mocks = Answering({"bots": [dict(POE), {"handle": "Other"}]})
    bots = seen(lambda: (pulumi_poe.get_bots_output if in_output else pulumi_poe.get_bots)(**arguments), mocks)

    assert mocks.calls == [("poe:index:getBots", arguments)]
    assert bots.handles == ["Acme-Base", "Other"]


def test_what_mocks_leave_out_is_what_poe_documents_as_the_default() -> None:
    bot = seen(lambda: pulumi_poe.get_bot("Acme"), Answering({"handle": "Acme"}))
    assert (bot.description, bot.is_private, bot.api_bot_settings, bot.parameter_controls) == ("", True, None, None)


def test_the_endpoints_key_is_in_no_answer_of_mocks_either() -> None:
    answer = {"handle": "Acme", "api_bot_settings": {"api_key": "sk", "model_name": "m"}}
    assert seen(lambda: pulumi_poe.get_bot("Acme"), Answering(answer)).api_bot_settings == {"model_name": "m"}


def test_mocks_that_answer_nothing_let_every_bot_exist() -> None:
    assert seen(lambda: pulumi_poe.get_bot("Acme"), Answering({})).handle == "Acme"


def test_mocks_that_answer_nothing_list_no_bots() -> None:
    assert seen(lambda: pulumi_poe.get_bots(), Answering({})).bots == []


@pytest.mark.parametrize("failures", [None, []])
def test_mocks_may_answer_with_failures_that_are_none(failures: Any) -> None:
    assert seen(lambda: pulumi_poe.get_bot("Acme"), Answering((dict(POE), failures))).handle == "Acme-Base"


@pytest.mark.parametrize("answer", [None, "text", (None, None)], ids=repr)
def test_mocks_that_answer_with_no_dict_are_an_error_of_one_line(answer: object) -> None:
    with pytest.raises(pulumi.RunError, match=r"^poe:index:getBot: Mocks.call has to answer with a dict, and not \w+$"):
        seen(lambda: pulumi_poe.get_bot("Acme"), Answering(answer))


@pytest.mark.parametrize("bots", [[{}], ["Acme"], [{"handle": 7}]], ids=repr)
def test_mocks_that_answer_with_bots_without_a_handle_are_an_error(bots: object) -> None:
    with pytest.raises(pulumi.RunError, match="has to answer with bots that have a handle"):
        seen(lambda: pulumi_poe.get_bots(), Answering({"bots": bots}))


def test_failures_of_the_mocks_are_raised() -> None:
    with pytest.raises(pulumi.RunError, match=r"^poe:index:getBot: no such bot$"):
        seen(lambda: pulumi_poe.get_bot("Acme"), Answering(({}, [("handle", "no such bot")])))


def test_in_a_preview_of_mocks_what_is_unknown_stays_so() -> None:
    mocks = Answering(dict(POE))

    unknown: Any = pulumi.UNKNOWN

    def program() -> None:
        pulumi_poe.get_bot_output(pulumi.Output.from_input(unknown))

    testing.run(program, mocks, preview=True)

    assert mocks.calls == []


def test_mocks_that_know_nothing_of_this_package_are_asked_too() -> None:
    asyncio.set_event_loop(testing._loop())  # Pulumi would make one, and never close it
    pulumi.runtime.set_mocks(NotOfThisPackage())
    assert pulumi_poe.get_bot("Any").handle == "Acme-Base"
    assert pulumi_poe.get_bots().bots == []
