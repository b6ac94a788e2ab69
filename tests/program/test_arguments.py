"""What values a program may pass to a bot, and how the rest is refused."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import enum
from collections import UserDict
from collections.abc import Awaitable, Callable
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pulumi
import pydantic
import pytest

import pulumi_poe
from pulumi_poe import testing

CANARY = "VALUE-CANARY"


@dataclasses.dataclass
class Money:
    amount: str


class Model(pydantic.BaseModel):
    amount: str


class Size(str, enum.Enum):
    LARGE = "large"


class Level(enum.IntEnum):
    HIGH = 3


@pulumi.input_type
class Own:
    def __init__(self, amount: Any) -> None:
        pulumi.set(self, "amount", amount)

    @property
    @pulumi.getter
    def amount(self) -> Any:
        return pulumi.get(self, "amount")


float32: Any = type("float32", (), {"__module__": "numpy", "__repr__": lambda _: CANARY})


async def awaited(value: object) -> object:
    await asyncio.sleep(0)
    return value


Wrapped = Callable[[object], object]
WAYS: dict[str, Wrapped] = {
    "plain": lambda value: value,
    "in a list": lambda value: ["first", value],
    "in a dict": lambda value: {"inner": value},
    "in an Output": pulumi.Output.from_input,
    "in a secret": pulumi.Output.secret,
    "in an awaitable": awaited,
    "in an Output in a list in an Output": lambda value: pulumi.Output.from_input("").apply(
        lambda _: [pulumi.Output.from_input(value)]
    ),
}
PLACES = {
    "plain": "extra.new",
    "in a list": "extra.new[1]",
    "in a dict": "extra.new.inner",
    "in an Output": "extra.new",
    "in a secret": "extra.new",
    "in an awaitable": "extra.new",
    "in an Output in a list in an Output": "extra.new[0]",
}
REFUSED: dict[str, object] = {
    "set": {CANARY},
    "frozenset": frozenset([CANARY]),
    "bytes": CANARY.encode(),
    "bytearray": bytearray(CANARY.encode()),
    "range": range(3),
    "complex": 1j,
    "datetime.date": datetime.date(2026, 1, 1),
    "fractions.Fraction": Fraction(1, 3),
    "numpy.float32": float32(),
    f"{__name__}.Money": Money(CANARY),
    f"{__name__}.Model": Model(amount=CANARY),
}


@pytest.fixture(autouse=True)
def loop() -> None:
    """An Output that a test makes is of the loop in which the program will run."""
    asyncio.set_event_loop(testing._loop())


def declared(**arguments: Any) -> dict[str, Any]:
    """What the engine is told of a bot."""
    return testing.run(lambda: pulumi_poe.Bot("mine", handle="Acme", **arguments)).declared["mine"]


def refusal(**arguments: Any) -> str:
    with pytest.raises(pulumi.RunError) as raised:
        declared(**arguments)
    return str(raised.value)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", REFUSED)
def test_what_json_lacks_is_refused_with_its_place_and_type_and_without_its_value(kind: str, way: str) -> None:
    said = refusal(extra={"new": WAYS[way](REFUSED[kind])})

    assert said == (
        f"Bot 'mine': {PLACES[way]}: must be None, a str, bool, int, float, list or dict, or an Output of one, "
        f"and not {kind}"
    )
    assert CANARY not in said


@pytest.mark.parametrize(
    "name", ["description", "is_private", "api_bot_settings", "parameter_controls", "extra", "adopt"]
)
def test_what_json_lacks_is_refused_in_every_argument(name: str) -> None:
    assert f"Bot 'mine': {name}: must be " in refusal(**{name: {CANARY}})


def test_a_handle_that_json_lacks_is_refused() -> None:
    with pytest.raises(pulumi.RunError, match=r"handle: must be .* and not bytes"):
        testing.run(lambda: pulumi_poe.Bot("mine", handle=b"Acme"))  # type: ignore[arg-type]  # the mistake


def test_a_resource_is_no_value() -> None:
    with pytest.raises(pulumi.RunError, match=r"extra.of: must be .* and not pulumi_poe.program.bot.Bot"):
        testing.run(lambda: pulumi_poe.Bot("b", handle="Bbbb", extra={"of": pulumi_poe.Bot("a", handle="Aaaa")}))


def test_a_name_that_is_no_string_is_refused() -> None:
    assert refusal(extra={"new": {7: CANARY}}) == "Bot 'mine': extra.new: the names in it must be strings, and not int"


def test_a_refusal_is_one_line_also_where_a_name_is_junk() -> None:
    assert refusal(extra={"a\nb\x1b[2J": {CANARY}}).isprintable()


@pytest.mark.parametrize("way", WAYS)
def test_half_a_character_is_refused_with_its_place_and_without_the_rest(way: str) -> None:
    said = refusal(extra={"new": WAYS[way](f"{CANARY}\udc80")})
    assert said.startswith(f"Bot 'mine': {PLACES[way]}: has half a character, U+DC80")
    assert CANARY not in said


def test_half_a_character_in_a_name_is_refused() -> None:
    assert "Bot 'mine': extra: has half a character, U+D800" in refusal(extra={"a\ud800": 1})


# --- prices -----------------------------------------------------------------------------------------

PRICES = [(Decimal("4E-7"), "0.0000004"), (Decimal("0.0000010"), "0.0000010"), (Decimal(0), "0")]


@pytest.mark.parametrize("way", ["plain", "in an Output", "in a secret", "in an awaitable"])
@pytest.mark.parametrize(("price", "written"), PRICES)
def test_a_decimal_is_a_price_where_a_price_stands(price: Decimal, written: str, way: str) -> None:
    tier = {"min_tokens": 1, "input_cache_reads": WAYS[way](price)}
    pricing = {"prompt": WAYS[way](price), "context_pricing": {"tiers": [tier]}}

    settings = declared(api_bot_settings={"pricing": pricing})["api_bot_settings"]

    assert settings["pricing"]["prompt"] == written
    assert settings["pricing"]["context_pricing"]["tiers"][0]["input_cache_reads"] == written


def test_a_decimal_is_a_price_in_an_output_of_the_whole_settings() -> None:
    settings: Any = {"api_key": "sk", "pricing": {"completion": Decimal("1E-7")}}
    whole = pulumi.Output.from_input("").apply(lambda _: settings)
    assert declared(api_bot_settings=whole)["api_bot_settings"]["pricing"] == {"completion": "0.0000001"}


def test_a_price_keeps_more_digits_than_a_decimal_context_has() -> None:
    digits = "0." + "123456789" * 5
    assert declared(api_bot_settings={"pricing": {"prompt": Decimal(digits)}})["api_bot_settings"] == {
        "pricing": {"prompt": digits}
    }


@pytest.mark.parametrize(
    ("price", "problem"), [("-1E-7", "must not be negative"), ("NaN", "must be USD"), ("Infinity", "must be USD")]
)
def test_a_decimal_that_is_no_price_is_a_mistake_in_the_preview(price: str, problem: str) -> None:
    said = refusal(api_bot_settings={"pricing": {"prompt": Decimal(price)}})
    assert f"Bot 'mine': api_bot_settings.pricing.prompt: {problem}" in said


@pytest.mark.parametrize(
    ("place", "arguments"),
    [
        ("description", {"description": Decimal("0.1234")}),
        ("api_bot_settings.context_size", {"api_bot_settings": {"context_size": Decimal("0.1234")}}),
        ("extra.pricing.prompt", {"extra": {"pricing": {"prompt": Decimal("0.1234")}}}),
    ],
)
def test_a_decimal_is_refused_where_no_price_stands(place: str, arguments: dict[str, Any]) -> None:
    said = refusal(**arguments)
    assert said == f"Bot 'mine': {place}: a Decimal is taken only as a price; here it must be a str, int or float"


# --- what is taken ----------------------------------------------------------------------------------

TAKEN: list[Any] = [
    ("text", "text"),
    (True, True),
    (3, 3),
    (0.5, 0.5),
    (("a", ("b",)), ["a", ["b"]]),
    (MappingProxyType({"a": 1}), {"a": 1}),
    (UserDict({"a": 1}), {"a": 1}),
    (Size.LARGE, "large"),
    (Level.HIGH, 3),
    ({Size.LARGE: 1}, {"large": 1}),
    pytest.param(Own(amount=(1, 2)), {"amount": [1, 2]}, id="an input type"),
]


@pytest.mark.parametrize("way", ["plain", "in an Output", "in an awaitable"])
@pytest.mark.parametrize(("value", "sent"), TAKEN, ids=repr)
def test_what_json_has_is_taken_also_from_derived_types(value: object, sent: object, way: str) -> None:
    assert declared(extra={"new": WAYS[way](value)})["extra"] == {"new": sent}


def test_the_whole_of_an_argument_may_be_awaited() -> None:
    settings: Awaitable[Any] = awaited({"api_key": "sk", "pricing": {"prompt": Decimal("1E-7")}})
    assert declared(api_bot_settings=settings)["api_bot_settings"] == {
        "api_key": "sk",
        "pricing": {"prompt": "0.0000001"},
    }


def test_what_was_passed_is_not_changed() -> None:
    settings: dict[str, Any] = {"pricing": {"prompt": Decimal("1E-7")}}
    declared(api_bot_settings=settings)
    assert settings == {"pricing": {"prompt": Decimal("1E-7")}}
