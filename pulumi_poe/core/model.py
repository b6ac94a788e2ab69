"""What a Poe API bot may say, when two values mean the same, and what is sent to Poe.

Names, types and rules are those of sections 1 to 3 of the Bots REST API
(https://creator.poe.com/docs/api-bots/bots-rest-api and .../docs/server-bots/parameter-controls).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)

from .trees import Path, at, leaves, overlay, without_none

T = TypeVar("T")


class Unknown:
    """A value that is not known yet, as in a preview. There is one: :data:`UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()

API_KEY: Final[Path] = ("api_bot_settings", "api_key")
"""The one property that Poe takes and never gives back: the key that Poe shows to the endpoint."""

DEFAULTS: Final[Mapping[Path, Any]] = {("description",): "", ("is_private",): True}
"""What Poe documents for a bot that does not say (section 1.2). Poe fills these in, and no others."""


def canonical_handle(handle: str) -> str:
    """The form in which Poe compares handles (section 4.4): without case, ``-``, ``_`` and ``.``.

    >>> canonical_handle("Acme-Reasoner") == canonical_handle("acme_reasoner")
    True
    """
    return re.sub(r"[-_.]", "", handle).lower()


# --- the models -------------------------------------------------------------------------------------


def _unknown_passes(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    return value if value is UNKNOWN else check(value)


Item = Annotated[T, WrapValidator(_unknown_passes)]
"""An item of a list. Like a field, it may be unknown."""


class _Object(BaseModel):
    """An object of Poe's JSON: every name is known, no type is guessed, any field may be unknown yet."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @field_validator("*", mode="wrap")
    @classmethod
    def _field_may_be_unknown(cls, value: Any, check: ValidatorFunctionWrapHandler) -> Any:
        return _unknown_passes(value, check)


Tokens = Annotated[int, Field(ge=0)]
Number = int | float
Price = Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]
"""USD per token as a plain decimal string (section 2.1)."""


class Tier(_Object):
    """Prices for requests of a range of input lengths (section 2.2)."""

    min_tokens: Tokens | None = None
    max_tokens: Tokens | None = None
    prompt: Price | None = None
    completion: Price | None = None
    input_cache_reads: Price | None = None


class ContextPricing(_Object):
    """Tiers by input length (section 2.2)."""

    tiers: list[Item[Tier]] | None = None


class Pricing(_Object):
    """What users are charged (section 2.1)."""

    prompt: Price | None = None
    completion: Price | None = None
    input_cache_reads: Price | None = None
    context_pricing: ContextPricing | None = None


class ParamDefinition(_Object):
    """A parameter that is passed on to the endpoint (section 2.3)."""

    param_name: str
    param_dest: Literal["extra_body"] | None = None
    default_value: Any = None


class ApiBotSettings(_Object):
    """The endpoint behind a bot, and what Poe charges for it (section 2)."""

    model_name: str | None = None
    base_url: str | None = None
    api_key: str | None = None
    api_type: Literal["chat_completions_api", "responses_api"] | None = None
    max_input_tokens: Tokens | None = None
    context_size: Tokens | None = None
    input_modalities: list[Item[Literal["text", "image", "video"]]] | None = None
    output_modalities: list[Item[Literal["text"]]] | None = None
    supported_features: list[Item[Literal["tools"]]] | None = None
    param_definitions: list[Item[ParamDefinition]] | None = None
    pricing: Pricing | None = None


class _Input(_Object):
    """What all controls that set a parameter have in common (section 3.4)."""

    label: str
    parameter_name: str
    description: str | None = None


class TextField(_Input):
    """One line of text (section 3.4)."""

    control: Literal["text_field"]
    default_value: str | None = None
    placeholder: str | None = None


class TextArea(_Input):
    """Several lines of text (section 3.4)."""

    control: Literal["text_area"]
    default_value: str | None = None
    placeholder: str | None = None


class NumberField(_Input):
    """A number. Listed by Poe; its fields are documented nowhere, so none is required (section 3.4)."""

    control: Literal["number_field"]
    default_value: Number | None = None
    min_value: Number | None = None
    max_value: Number | None = None
    step: Number | None = None
    placeholder: str | None = None


class Option(_Object):
    """A choice of a drop-down (section 3.4)."""

    value: str
    name: str


class DropDown(_Input):
    """One of several choices (section 3.4)."""

    control: Literal["drop_down"]
    options: list[Item[Option]]
    default_value: str | None = None


class ToggleSwitch(_Input):
    """On or off (section 3.4)."""

    control: Literal["toggle_switch"]
    default_value: bool | None = None


class Slider(_Input):
    """A number of a range (section 3.4)."""

    control: Literal["slider"]
    min_value: Number
    max_value: Number
    step: Number
    default_value: Number | None = None


class Ratio(_Object):
    """A choice of an aspect ratio (section 3.4)."""

    width: Number
    height: Number
    value: str | None = None


class AspectRatio(_Input):
    """One of several aspect ratios (section 3.4)."""

    control: Literal["aspect_ratio"]
    options: list[Item[Ratio]]
    default_value: str | None = None


class Divider(_Object):
    """A line between controls (section 3.4)."""

    control: Literal["divider"]


class Operand(_Object):
    """One side of a condition: a parameter or a literal (section 3.5)."""

    parameter_name: str | None = None
    literal: str | Number | bool | None = None


class Condition(_Object):
    """A comparison (section 3.5). Poe's sources disagree on the comparators; any of theirs is taken."""

    comparator: Literal["equals", "eq", "ne", "gt", "ge", "lt", "le"]
    left: Operand
    right: Operand


def _kind_of_control(control: Any) -> Any:
    if control is UNKNOWN:
        return "unknown"
    kind = control.get("control") if isinstance(control, dict) else getattr(control, "control", None)
    return "unknown" if kind is UNKNOWN else kind


BaseControl = Annotated[
    Annotated[TextField, Tag("text_field")]
    | Annotated[TextArea, Tag("text_area")]
    | Annotated[NumberField, Tag("number_field")]
    | Annotated[DropDown, Tag("drop_down")]
    | Annotated[ToggleSwitch, Tag("toggle_switch")]
    | Annotated[Slider, Tag("slider")]
    | Annotated[AspectRatio, Tag("aspect_ratio")]
    | Annotated[Divider, Tag("divider")]
    | Annotated[Any, Tag("unknown")],
    Discriminator(_kind_of_control),
]


class ConditionalControls(_Object):
    """Controls that are shown while a comparison holds (section 3.5)."""

    control: Literal["condition"]
    condition: Condition
    controls: list[BaseControl]


Control = Annotated[
    Annotated[TextField, Tag("text_field")]
    | Annotated[TextArea, Tag("text_area")]
    | Annotated[NumberField, Tag("number_field")]
    | Annotated[DropDown, Tag("drop_down")]
    | Annotated[ToggleSwitch, Tag("toggle_switch")]
    | Annotated[Slider, Tag("slider")]
    | Annotated[AspectRatio, Tag("aspect_ratio")]
    | Annotated[Divider, Tag("divider")]
    | Annotated[ConditionalControls, Tag("condition")]
    | Annotated[Any, Tag("unknown")],
    Discriminator(_kind_of_control),
]


class Tab(_Object):
    """A tab of a section (section 3.3)."""

    name: str | None = None
    controls: list[Control]


class Section(_Object):
    """A group of controls (section 3.2)."""

    name: str | None = None
    controls: list[Control] | None = None
    tabs: list[Item[Tab]] | None = None
    collapsed_by_default: bool | None = None


class ParameterControls(_Object):
    """What users may set in the chat (section 3.1)."""

    api_version: Literal["2"] | None = None
    sections: list[Item[Section]]


class Bot(_Object):
    """A bot as a program declares it (section 1.2)."""

    handle: str = Field(min_length=1)
    description: str | None = None
    is_private: bool | None = None
    api_bot_settings: ApiBotSettings | None = None
    parameter_controls: ParameterControls | None = None
    extra: dict[str, Any] | None = None

    @field_validator("handle")
    @classmethod
    def _names_something(cls, handle: Any) -> Any:
        if handle is not UNKNOWN and not canonical_handle(handle):
            raise ValueError("Input should have a letter or digit")
        return handle


# --- checking ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """One mistake in a declared bot.

    :param path: where, in the user's spelling, such as ``api_bot_settings.pricing.prompt``.
    :param problem: what is wrong. Never holds the value.
    """

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


def faults(declared: Mapping[str, Any]) -> list[Fault]:
    """Every fault of a declared bot that can be seen without Poe.

    >>> [str(fault) for fault in faults({"handle": "b", "is_private": "no"})]
    ['is_private: Input should be a valid boolean']
    """
    declared = without_none(declared)
    found = []
    try:
        Bot.model_validate(declared)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False, include_input=False):
            message = problem["msg"].removeprefix("Value error, ")
            found.append(Fault(_spelled(problem["loc"], declared), message))
    extra = declared.get("extra")
    if isinstance(extra, Mapping):
        found += [
            Fault(f"extra.{path}", "this is a property of its own; declare it outside of extra")
            for path in _known_names(extra, Bot)
        ]
    return found


def _spelled(loc: tuple[int | str, ...], declared: Any) -> str:
    """pydantic's place of a fault as the user wrote it: without the names of types tried on the way."""
    path = ""
    here = declared
    for step, key in enumerate(loc):
        if isinstance(here, list) and isinstance(key, int):
            path += f"[{key}]"
            here = here[key]
        elif isinstance(here, Mapping) and (key in here or step == len(loc) - 1):
            path += f".{key}" if path else str(key)
            here = here.get(str(key))
    return path


def _known_names(extra: Mapping[str, Any], model: type[BaseModel]) -> Iterator[str]:
    for name, value in extra.items():
        if name not in model.model_fields:
            continue
        inner = _object_in(model.model_fields[name].annotation)
        if inner is not None and value is UNKNOWN:
            continue
        if inner is not None and isinstance(value, Mapping):
            yield from (f"{name}.{below}" for below in _known_names(value, inner))
        else:
            yield name


def _object_in(annotation: Any) -> type[BaseModel] | None:
    """The model in ``Model | None``, and None for anything else."""
    for part in getattr(annotation, "__args__", ()):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


# --- what is sent -----------------------------------------------------------------------------------


def body(declared: Mapping[str, Any]) -> dict[str, Any]:
    """What a create of this bot sends: every declared leaf, with ``extra`` laid over.

    >>> body({"handle": "b", "description": None, "extra": {"new": 1}})
    {'handle': 'b', 'new': 1}
    """
    plain = without_none(declared)
    extra = plain.pop("extra", {})
    return overlay(extra, plain)


# --- meaning ----------------------------------------------------------------------------------------

_UNORDERED: Final = frozenset(
    ("api_bot_settings", name)
    for name in ("input_modalities", "output_modalities", "supported_features", "param_definitions")
)


def same(path: Path, one: Any, other: Any) -> bool:
    """Whether two values of the leaf at ``path`` mean the same to Poe, however they are spelled.

    >>> same(("api_bot_settings", "pricing", "prompt"), "0.0000010", "0.000001")
    True
    """
    return bool(_meaning(path, one) == _meaning(path, other))


def _meaning(path: Path, value: Any) -> Any:
    if path == ("handle",):
        return canonical_handle(value) if isinstance(value, str) else value
    if path[:2] == ("api_bot_settings", "pricing"):
        return _with_prices_as_numbers(value)
    if path in _UNORDERED and isinstance(value, list):
        return sorted(map(_comparable, value), key=repr)
    return _comparable(value)


def _with_prices_as_numbers(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_prices_as_numbers(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_with_prices_as_numbers(inner) for inner in value]
    if isinstance(value, str):
        try:
            return Decimal(value)
        except InvalidOperation:
            return value
    return value


def _comparable(value: Any) -> Any:
    """The value so that ``true`` is not ``1``, which Python would take for equal, and null is absent."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, Mapping):
        return {key: _comparable(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_comparable(inner) for inner in value]
    return value


def differing(declared: Mapping[str, Any], recorded: Mapping[str, Any]) -> list[Path]:
    """The leaves in which two declarations of a bot differ, begun and ceased ones included.

    A leaf that is unknown yet may differ, so it counts.

    :param declared: what the program says now.
    :param recorded: what state says was declared.
    """
    now = dict(leaves(without_none(declared)))
    before = dict(leaves(without_none(recorded)))
    return [
        path
        for path in [*now, *(path for path in before if path not in now)]
        if path not in now or path not in before or not same(_in_body(path), now[path], before[path])
    ]


def taken_out(declared: Mapping[str, Any], recorded: Mapping[str, Any]) -> list[Path]:
    """The leaves of Poe's body that were declared before and are no longer.

    The endpoint's key is not among them: to take it out is to stop managing it.
    """
    now = dict(leaves(body(declared)))
    return [path for path, _ in leaves(body(recorded)) if path not in now and path != API_KEY]


def projected(declared: Mapping[str, Any], answered: Mapping[str, Any]) -> dict[str, Any]:
    """What Poe answered of that which was declared, in the declared spelling where that means the same.

    :param declared: the properties as the program, or state, has them.
    :param answered: the bot as Poe gives it.

    >>> projected({"handle": "A-b", "is_private": True}, {"handle": "ab", "is_private": False, "new": 1})
    {'handle': 'A-b', 'is_private': False}
    """
    plain = without_none(declared)
    extra = plain.pop("extra", None)
    result = _projected(plain, answered, ())
    if extra is not None:
        result["extra"] = _projected(extra, answered, (), absent_is_same=True)
    return result


def _projected(
    declared: Mapping[str, Any], answered: Mapping[str, Any], path: Path, *, absent_is_same: bool = False
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in declared.items():
        here = (*path, key)
        answer = answered.get(key)
        if isinstance(value, Mapping):
            below = answer if isinstance(answer, Mapping) else {}
            inner = _projected(value, below, here, absent_is_same=absent_is_same)
            if inner or not value:
                result[key] = inner
        elif here == API_KEY or (answer is None and (absent_is_same or _is_default(here, value))):
            result[key] = value
        elif answer is not None:
            result[key] = value if same(here, value, answer) else answer
    return result


def _is_default(path: Path, value: Any) -> bool:
    return path in DEFAULTS and same(path, value, DEFAULTS[path])


def holds(answered: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Whether the bot that Poe answered is what was sent, as far as Poe gives it back."""
    return all(
        same(path, value, at(answered, path)) or (at(answered, path) is None and _is_default(path, value))
        for path, value in leaves(sent)
        if path != API_KEY
    )


def is_api_bot(answered: Mapping[str, Any]) -> bool:
    """Whether this is an API bot: the account's other bots are listed too, without these settings."""
    return isinstance(answered.get("api_bot_settings"), Mapping)


def _in_body(path: Path) -> Path:
    return path[1:] if path[:1] == ("extra",) else path
