"""What a request body may hold.

Refused is what the reference has as a rule: JSON types, enums and prices that are not plain decimal strings
(docs/poe-bots-api.md, 2), and the rules for controls and parameters (docs/poe-bots-api.md, 3). Where it says that
nobody knows whether Poe minds, the body passes: tiers that overlap or leave gaps, `video` together with
`responses_api`, a `param_definitions` entry without its control, an empty `sections`, a tab without a name, the length
and characters of a handle. `null` passes in two places only, a tier's `max_tokens` and a `default_value` of
`param_definitions`.

A message names the path of what is wrong and the rule, never the value: the value may be a key.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, TypeVar, cast, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from .store import canonical_handle

# The field that says which control an object is.
_DISCRIMINATOR = "control"

# Levels of nesting. A limit of ours: an untyped `default_value` could otherwise be too deep to write out again.
_MAX_DEPTH = 100


class InvalidBodyError(ValueError):
    """A request body that Poe answers with 400. Its text is the message to answer with."""


def validated(
    body: object, model: type[BotFields], *, refuse_unknown_fields: bool, keep_unknown_fields: bool = False
) -> dict[str, Any]:
    """The fields of `body`, exactly as sent, if it follows the rules of this module.

    :param body: the parsed JSON body.
    :param model: `CreateBody` for POST, `BotFields` for PUT and PATCH.
    :param refuse_unknown_fields: whether a field the reference does not name is an error.
    :param keep_unknown_fields: whether such a field is part of the result, if it is no error. Default False. The
        `handle` in a body of PUT or PATCH never is, since the path names the bot.

    :raises InvalidBodyError: with every mistake, each as `path: rule`, joined by `; `.

    Example::

        validated({"is_private": False, "x": 1}, BotFields, refuse_unknown_fields=False) == {"is_private": False}

    (docs/poe-bots-api.md, 1.2, 1.3, 1.4, 2, 3)
    """
    if _is_deeper_than(_MAX_DEPTH, body):
        raise InvalidBodyError("body: Input should not be nested so deeply")
    try:
        model.model_validate(body, context={"refuse_unknown_fields": refuse_unknown_fields})
    except ValidationError as error:
        mistakes = [_mistake(body, details) for details in error.errors(include_url=False, include_input=False)]
        raise InvalidBodyError("; ".join(mistakes)) from None
    fields = cast(dict[str, Any], body)
    if keep_unknown_fields:
        in_the_path = CreateBody.model_fields.keys() - model.model_fields.keys()
        return {name: copy.deepcopy(value) for name, value in fields.items() if name not in in_the_path}
    return cast(dict[str, Any], _known(fields, model))


def without_unknown_fields(bot: dict[str, Any]) -> dict[str, Any]:
    """A copy of a stored bot without the fields that the reference does not name, at any depth.

    A seeded bot was never checked, so values may be of any type; such a value stays as it is.

    Example::

        without_unknown_fields({"handle": "Acme", "x": 1, "is_private": "junk"})
        == {"handle": "Acme", "is_private": "junk"}
    """
    return cast(dict[str, Any], _known(bot, CreateBody))


def _known(value: Any, annotation: Any) -> Any:
    """A copy of a value without the fields that the models of its annotation do not have."""
    if isinstance(value, list):
        return [_known(item, annotation) for item in value]
    if isinstance(value, dict):
        model = next((model for model in _models_in(annotation) if _is_of_kind(value, model)), None)
        if model is not None:
            known = model.model_fields
            return {name: _known(inner, known[name].annotation) for name, inner in value.items() if name in known}
    return copy.deepcopy(value)


def _models_in(annotation: Any) -> Iterator[type[_Object]]:
    """The models of an annotation such as `list[Tier]`, or of a union of controls."""
    # Python 3.10 takes list[Tier] for a type.
    if get_origin(annotation) is None and isinstance(annotation, type) and issubclass(annotation, _Object):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _is_of_kind(value: dict[str, Any], model: type[_Object]) -> bool:
    """Whether an object is of this model. Only controls have several, and say which."""
    kind = model.model_fields.get(_DISCRIMINATOR)
    return kind is None or value.get(_DISCRIMINATOR) in get_args(kind.annotation)


def _is_deeper_than(levels: int, value: object) -> bool:
    """Whether objects and arrays are nested in more than so many levels."""
    if not isinstance(value, (dict, list)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper_than(levels - 1, item) for item in inner)


def _mistake(body: object, details: ErrorDetails) -> str:
    """One mistake as `path: rule`."""
    path = _path(body, details["loc"])
    rule = details["msg"]
    match details["type"]:
        case "model_type" | "model_attributes_type":
            rule = "Input should be a JSON object"
        case "union_tag_not_found":
            path, rule = f"{path}.{_DISCRIMINATOR}", "Field required"
        case "union_tag_invalid":
            path, rule = f"{path}.{_DISCRIMINATOR}", f"Input should be one of {details['ctx']['expected_tags']}"
    return f"{path or 'body'}: {rule}"


def _path(body: object, location: tuple[int | str, ...]) -> str:
    """The location of an error in the body, e.g. `parameter_controls.sections[0].controls[1].step`."""
    path = ""
    here: object = body
    in_new_item = False
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
            here = here[step] if isinstance(here, list) else None
            in_new_item = True
            continue
        # After a control's index, pydantic names its kind before its fields.
        if not (in_new_item and isinstance(here, dict) and here.get(_DISCRIMINATOR) == step):
            path += f".{step}" if path else step
            here = here.get(step) if isinstance(here, dict) else None
        in_new_item = False
    return path


def check_handle(handle: str) -> None:
    """Refuse a handle that names nothing. Other rules for handles are unknown (docs/poe-bots-api.md, 4.4).

    :raises InvalidBodyError: it holds nothing but `-`, `_` and `.`.
    """
    if not canonical_handle(handle):
        raise InvalidBodyError('handle: Input should hold more than "-", "_" and "."')


# The types of single values.


def _is_price(value: str) -> str:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        raise PydanticCustomError("price", 'Input should be a plain decimal string, such as "0.000003"')
    return value


def _is_number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise PydanticCustomError("number", "Input should be a number")
    return value


def _is_literal(value: object) -> object:
    if not isinstance(value, (str, bool, int, float)):
        raise PydanticCustomError("literal", "Input should be a string, a number or a boolean")
    return value


def _is_parameter_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_]+", value):
        raise PydanticCustomError("parameter_name", "Input should hold only letters, digits and underscores")
    if value.startswith("poe_"):
        raise PydanticCustomError("parameter_name", "Input should not start with poe_, which is reserved")
    return value


def _is_unicode(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can escape
        raise PydanticCustomError("unicode", "Input should be Unicode text") from None
    return value


Price = Annotated[str, AfterValidator(_is_price)]
# A number keeps the form it was sent in: 1 does not become 1.0.
Number = Annotated[Any, PlainValidator(_is_number)]
LiteralValue = Annotated[Any, PlainValidator(_is_literal)]
ParameterName = Annotated[str, AfterValidator(_is_parameter_name)]


# A field that may be left out but not sent as null. The default is never used: only sent fields are read.
ABSENT: Any = None


class _Object(BaseModel):
    """A JSON object with named fields."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_fields(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, dict) and info.context and info.context["refuse_unknown_fields"]:
            unknown = sorted(value.keys() - cls.model_fields.keys())
            if unknown:
                raise PydanticCustomError("unknown", "Unknown field {names}", {"names": ", ".join(unknown)})
        return value


# api_bot_settings (docs/poe-bots-api.md, 2).


class Tier(_Object):
    """Prices for one range of input lengths (docs/poe-bots-api.md, 2.2)."""

    min_tokens: int = ABSENT
    max_tokens: int | None = None
    prompt: Price = ABSENT
    completion: Price = ABSENT
    input_cache_reads: Price = ABSENT


class ContextPricing(_Object):
    """Prices by input length (docs/poe-bots-api.md, 2.2)."""

    tiers: list[Tier] = ABSENT


class Pricing(_Object):
    """Prices in US dollars for one token (docs/poe-bots-api.md, 2.1)."""

    prompt: Price = ABSENT
    completion: Price = ABSENT
    input_cache_reads: Price = ABSENT
    context_pricing: ContextPricing = ABSENT


class ParamDefinition(_Object):
    """A parameter that is passed on to the endpoint (docs/poe-bots-api.md, 2.3)."""

    param_name: str = ABSENT
    param_dest: Literal["extra_body"] = ABSENT
    default_value: Any = ABSENT


class ApiBotSettings(_Object):
    """How Poe calls the endpoint, and at what price (docs/poe-bots-api.md, 2)."""

    model_name: str = ABSENT
    base_url: str = ABSENT
    api_key: str = ABSENT
    api_type: Literal["chat_completions_api", "responses_api"] = ABSENT
    max_input_tokens: int = ABSENT
    context_size: int = ABSENT
    input_modalities: list[Literal["text", "image", "video"]] = ABSENT
    output_modalities: list[Literal["text"]] = ABSENT
    supported_features: list[Literal["tools"]] = ABSENT
    param_definitions: list[ParamDefinition] = ABSENT
    pricing: Pricing = ABSENT


# parameter_controls (docs/poe-bots-api.md, 3).


class Divider(_Object):
    """A line between controls (docs/poe-bots-api.md, 3.4)."""

    control: Literal["divider"]


class _InputControl(_Object):
    """What all controls that hold a value have in common (docs/poe-bots-api.md, 3.4)."""

    label: str
    parameter_name: ParameterName
    description: str = ABSENT


class TextField(_InputControl):
    """One line of text (docs/poe-bots-api.md, 3.4)."""

    control: Literal["text_field"]
    default_value: str = ABSENT
    placeholder: str = ABSENT


class TextArea(_InputControl):
    """Lines of text (docs/poe-bots-api.md, 3.4)."""

    control: Literal["text_area"]
    default_value: str = ABSENT
    placeholder: str = ABSENT


class NumberField(_InputControl):
    """A number. Its fields are documented nowhere: these are inferred (docs/poe-bots-api.md, 3.4)."""

    control: Literal["number_field"]
    default_value: Number = ABSENT
    min_value: Number = ABSENT
    max_value: Number = ABSENT
    placeholder: str = ABSENT


class DropDownOption(_Object):
    """One choice of a drop down (docs/poe-bots-api.md, 3.4)."""

    value: str
    name: str


class DropDown(_InputControl):
    """A choice from a list (docs/poe-bots-api.md, 3.4)."""

    control: Literal["drop_down"]
    default_value: str = ABSENT
    options: list[DropDownOption]


class ToggleSwitch(_InputControl):
    """On or off (docs/poe-bots-api.md, 3.4)."""

    control: Literal["toggle_switch"]
    default_value: bool = ABSENT


class Slider(_InputControl):
    """A number from a range (docs/poe-bots-api.md, 3.4)."""

    control: Literal["slider"]
    default_value: Number = ABSENT
    min_value: Number
    max_value: Number
    step: Number


class AspectRatioOption(_Object):
    """One ratio (docs/poe-bots-api.md, 3.4)."""

    width: Number
    height: Number
    value: str = ABSENT


class AspectRatio(_InputControl):
    """A choice of ratios (docs/poe-bots-api.md, 3.4)."""

    control: Literal["aspect_ratio"]
    default_value: str = ABSENT
    options: list[AspectRatioOption]


InputControl = TextField | TextArea | NumberField | DropDown | ToggleSwitch | Slider | AspectRatio
BaseControl = Annotated[InputControl | Divider, Field(discriminator=_DISCRIMINATOR)]


class Operand(_Object):
    """One side of a comparison: a parameter or a literal (docs/poe-bots-api.md, 3.5)."""

    parameter_name: str = ABSENT
    literal: LiteralValue = ABSENT

    @model_validator(mode="after")
    def _one_of_two(self) -> Operand:
        return _with_exactly_one_of(self, "parameter_name", "literal")


class Comparison(_Object):
    """When controls are shown. Both spellings of the sources are accepted (docs/poe-bots-api.md, 3.5)."""

    comparator: Literal["equals", "eq", "ne", "gt", "ge", "lt", "le"]
    left: Operand
    right: Operand


class Condition(_Object):
    """Controls that are shown on a condition. It holds no further condition (docs/poe-bots-api.md, 3.5)."""

    control: Literal["condition"]
    condition: Comparison
    controls: list[BaseControl]


Control = Annotated[InputControl | Divider | Condition, Field(discriminator=_DISCRIMINATOR)]


class Tab(_Object):
    """A tab of a section (docs/poe-bots-api.md, 3.3)."""

    name: str = ABSENT
    controls: list[Control]


class Section(_Object):
    """A block of controls, or of tabs with controls (docs/poe-bots-api.md, 3.2)."""

    name: str = ABSENT
    controls: list[Control] = ABSENT
    tabs: list[Tab] = ABSENT
    collapsed_by_default: bool = ABSENT

    @model_validator(mode="after")
    def _one_of_two(self) -> Section:
        return _with_exactly_one_of(self, "controls", "tabs")


class ParameterControls(_Object):
    """The controls that users of the bot see (docs/poe-bots-api.md, 3)."""

    api_version: Literal["2"]
    sections: list[Section]

    @model_validator(mode="after")
    def _one_default_for_each_parameter(self) -> ParameterControls:
        defaults: dict[str, str] = {}
        for control in self._input_controls():
            if "default_value" in control.model_fields_set:
                # As JSON text, in which 1 and true differ.
                default = json.dumps(control.default_value)
                if defaults.setdefault(control.parameter_name, default) != default:
                    raise PydanticCustomError(
                        "defaults", "Controls that share a parameter_name should have the same default_value"
                    )
        return self

    def _input_controls(self) -> Iterator[InputControl]:
        for section in self.sections:
            groups: list[Section | Tab] = [section, *(section.tabs or [])]
            for group in groups:
                for control in group.controls or []:
                    for inner in control.controls if isinstance(control, Condition) else [control]:
                        if not isinstance(inner, Divider):
                            yield inner


# The bodies.


class BotFields(_Object):
    """The body of PUT and PATCH (docs/poe-bots-api.md, 1.3, 1.4)."""

    description: str = ABSENT
    is_private: bool = ABSENT
    api_bot_settings: ApiBotSettings = ABSENT
    parameter_controls: ParameterControls = ABSENT


class CreateBody(BotFields):
    """The body of POST (docs/poe-bots-api.md, 1.2)."""

    handle: Annotated[str, AfterValidator(_is_unicode)]


_M = TypeVar("_M", bound=_Object)


def _with_exactly_one_of(model: _M, first: str, second: str) -> _M:
    if len(model.model_fields_set & {first, second}) != 1:
        raise PydanticCustomError(
            "one_of", "Input should have exactly one of {first} and {second}", {"first": first, "second": second}
        )
    return model
