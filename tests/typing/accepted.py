"""Programs that a type checker accepts: every field (docs/poe-bots-api.md, 1, 2, 3), plain and as an Output.

Never run. `test_typing.py` hands it to mypy and to pyright, which may find nothing in it.
"""

from __future__ import annotations

from collections.abc import Awaitable
from decimal import Decimal
from typing import Any, Literal

import pulumi

import pulumi_poe
from pulumi_poe import Bot, Provider
from pulumi_poe.program.control_builders import (
    Controls,
    aspect_ratio,
    controls,
    divider,
    drop_down,
    literal,
    number_field,
    parameter,
    section,
    slider,
    text_area,
    text_field,
    toggle,
    when,
)
from pulumi_poe.program.functions import (
    GetBotResult,
    GetBotsResult,
    get_bot,
    get_bot_output,
    get_bots,
    get_bots_output,
)
from pulumi_poe.program.price_builders import per_million, tiers
from pulumi_poe.program.types import (
    ApiBotSettings,
    AspectRatio,
    AspectRatioOption,
    BaseControl,
    Condition,
    ConditionalControls,
    ContextPricing,
    Control,
    Divider,
    DropDown,
    DropDownOption,
    LiteralOperand,
    NumberField,
    ParamDefinition,
    ParameterControls,
    ParameterOperand,
    Pricing,
    Section,
    Slider,
    Tab,
    TextArea,
    TextField,
    Tier,
    ToggleSwitch,
)

config = pulumi.Config()
text: pulumi.Output[str] = config.require_secret("text")
whole: pulumi.Output[int] = config.require_secret_int("whole")
number: pulumi.Output[float] = config.require_secret_float("number")
on: pulumi.Output[bool] = config.require_secret_bool("on")

# --- a bot, plain (docs/poe-bots-api.md, 1, 2) ------------------------------------------------------

Bot(
    "plain",
    handle="Acme-Reasoner",
    description="Acme's reasoning model",
    is_private=False,
    api_bot_settings={
        "model_name": "acme/reasoner-2",
        "base_url": "https://llm.acme.example/v1",
        "api_key": "acme-secret",
        "api_type": "chat_completions_api",
        "max_input_tokens": 200_000,
        "context_size": 262_144,
        "input_modalities": ["text", "image", "video"],
        "output_modalities": ["text"],
        "supported_features": ["tools"],
        "param_definitions": [
            {"param_name": "effort", "param_dest": "extra_body", "default_value": "medium"},
            {"param_name": "any", "default_value": {"a": [1, None]}},
        ],
        "pricing": {
            "prompt": "0.0000004",
            "completion": "0.0000016",
            "input_cache_reads": "0.0000001",
            "context_pricing": {
                "tiers": [
                    {"min_tokens": 32_000, "max_tokens": 128_000, "prompt": "0.0000006"},
                    {"min_tokens": 128_000, "max_tokens": None, "completion": "0.000003", "input_cache_reads": "0"},
                ]
            },
        },
    },
    parameter_controls={"api_version": "2", "sections": []},
    adopt=True,
    extra={"new": {"field": 1}},
)
Bot("least", handle="b", api_bot_settings={}, parameter_controls={"sections": []})

# --- Outputs at every leaf (docs/poe-bots-api.md, 1, 2) ---------------------------------------------

Bot(
    "outputs",
    handle=text,
    description=text,
    is_private=on,
    api_bot_settings={
        "model_name": text,
        "base_url": pulumi.Output.format("https://{0}/v1", text),
        "api_key": text,
        "api_type": text,
        "max_input_tokens": whole,
        "context_size": whole,
        "input_modalities": ["text", text],
        "output_modalities": [text],
        "supported_features": [text],
        "param_definitions": [{"param_name": text, "param_dest": text, "default_value": number}],
        "pricing": {
            "prompt": text,
            "completion": text.apply(lambda known: known + "0"),
            "input_cache_reads": text,
            "context_pricing": {
                "tiers": [
                    {
                        "min_tokens": whole,
                        "max_tokens": whole,
                        "prompt": text,
                        "completion": text,
                        "input_cache_reads": text,
                    }
                ]
            },
        },
    },
    parameter_controls={"api_version": text, "sections": []},
    adopt=on,
)

# --- every control in place, plain and with Outputs (docs/poe-bots-api.md, 3) -----------------------

Bot(
    "controls",
    handle="b",
    parameter_controls={
        "api_version": "2",
        "sections": [
            {
                "name": "Thinking",
                "collapsed_by_default": True,
                "controls": [
                    {"control": "toggle_switch", "label": "L", "parameter_name": "a", "default_value": True},
                    {
                        "control": "slider",
                        "label": "L",
                        "parameter_name": "b",
                        "min_value": 0,
                        "max_value": 1,
                        "step": 1,
                    },
                    {"control": "text_field", "label": "L", "parameter_name": "c", "placeholder": "P"},
                    {"control": "divider"},
                    {
                        "control": "condition",
                        "condition": {
                            "comparator": "equals",
                            "left": {"parameter_name": "a"},
                            "right": {"literal": True},
                        },
                        "controls": [{"control": "number_field", "label": "L", "parameter_name": "d"}],
                    },
                ],
            },
            {
                "name": text,
                "collapsed_by_default": on,
                "tabs": [
                    {
                        "name": text,
                        "controls": [
                            {"control": "text_area", "label": text, "parameter_name": text, "description": text},
                            {"control": "divider"},
                        ],
                    }
                ],
            },
        ],
    },
)

# --- every kind by its name (docs/poe-bots-api.md, 3) -----------------------------------------------

switch: ToggleSwitch = {
    "control": "toggle_switch",
    "label": text,
    "parameter_name": text,
    "description": text,
    "default_value": on,
}
line: TextField = {
    "control": "text_field",
    "label": text,
    "parameter_name": text,
    "description": text,
    "default_value": text,
    "placeholder": text,
}
lines: TextArea = {
    "control": "text_area",
    "label": text,
    "parameter_name": text,
    "description": text,
    "default_value": text,
    "placeholder": text,
}
typed: NumberField = {
    "control": "number_field",
    "label": text,
    "parameter_name": text,
    "description": text,
    "default_value": number,
    "min_value": whole,
    "max_value": 1.5,
    "step": 1,
    "placeholder": text,
}
small: DropDownOption = {"value": text, "name": text}
choice: DropDown = {
    "control": "drop_down",
    "label": text,
    "parameter_name": text,
    "description": text,
    "default_value": text,
    "options": [{"value": "s", "name": text}, small],
}
range_: Slider = {
    "control": "slider",
    "label": text,
    "parameter_name": text,
    "description": text,
    "default_value": number,
    "min_value": whole,
    "max_value": number,
    "step": number,
}
wide: AspectRatioOption = {"width": number, "height": whole, "value": text}
shape: AspectRatio = {
    "control": "aspect_ratio",
    "label": text,
    "parameter_name": text,
    "description": text,
    "default_value": text,
    "options": [{"width": 1, "height": 1.5}, wide],
}
rule: Divider = {"control": "divider"}

left: ParameterOperand = {"parameter_name": text}
right: LiteralOperand = {"literal": number}
eq: Condition = {"comparator": "eq", "left": {"parameter_name": "a"}, "right": {"literal": "text"}}
ne: Condition = {"comparator": "ne", "left": {"parameter_name": "a"}, "right": {"parameter_name": "b"}}
gt: Condition = {"comparator": "gt", "left": {"literal": 1.5}, "right": {"parameter_name": "b"}}
ge: Condition = {"comparator": "ge", "left": left, "right": right}
lt: Condition = {"comparator": "lt", "left": left, "right": {"literal": 1}}
le: Condition = {"comparator": "le", "left": left, "right": {"literal": on}}
equals: Condition = {"comparator": "equals", "left": left, "right": {"literal": text}}
told: Condition = {"comparator": text, "left": left, "right": right}

shown: list[BaseControl] = [switch, line, lines, typed, choice, range_, shape, rule]
shown_if: ConditionalControls = {"control": "condition", "condition": eq, "controls": [switch, rule]}
every_kind: list[Control] = [*shown, shown_if]
tab: Tab = {"name": text, "controls": every_kind}
nameless: Tab = {"controls": [switch, shown_if]}
one_below_the_other: Section = {"name": text, "controls": every_kind, "collapsed_by_default": on}
side_by_side: Section = {"tabs": [tab, nameless]}
everything: ParameterControls = {"api_version": "2", "sections": [one_below_the_other, side_by_side]}

# --- lists and tuples of them, and Outputs of whole objects -----------------------------------------

tier: Tier = {"min_tokens": 1}
all_tiers: list[Tier] = [tier]
by_length: ContextPricing = {"tiers": all_tiers}
pricing: Pricing = {"prompt": "0", "context_pricing": by_length}
exact: Pricing = {"prompt": Decimal("0.0000004"), "completion": pulumi.Output.from_input(Decimal("0.0000016"))}
definitions: tuple[ParamDefinition, ...] = ({"param_name": "a"},)
settings: ApiBotSettings = {"pricing": pricing, "param_definitions": definitions, "input_modalities": ("text",)}
Bot("by-name", handle="b", api_bot_settings=settings, parameter_controls=everything)


def of_outputs(
    an_output: pulumi.Output[Any],
    output_pricing: pulumi.Output[Pricing],
    output_tiers: pulumi.Output[ContextPricing],
    output_tier: pulumi.Output[Tier],
    output_list: pulumi.Output[list[Tier]],
    output_definition: pulumi.Output[ParamDefinition],
    output_texts: pulumi.Output[list[str]],
    output_settings: pulumi.Output[ApiBotSettings],
    output_controls: pulumi.Output[ParameterControls],
    output_section: pulumi.Output[Section],
    output_tab: pulumi.Output[Tab],
    output_control: pulumi.Output[Slider],
    output_condition: pulumi.Output[Condition],
    output_kind: pulumi.Output[Literal["divider"]],
    later: Awaitable[str],
) -> list[Any]:
    Bot("of-outputs", handle="b", api_bot_settings=output_settings, parameter_controls=output_controls)
    Bot("of-anything", handle="b", api_bot_settings=an_output, parameter_controls=an_output)
    Bot(
        "with-outputs",
        handle="b",
        api_bot_settings={
            "pricing": output_pricing,
            "param_definitions": [output_definition],
            "input_modalities": output_texts,
            "output_modalities": output_texts,
            "supported_features": output_texts,
        },
        parameter_controls={"sections": [output_section, {"tabs": [output_tab]}]},
    )
    tiers_of_outputs: list[ContextPricing] = [{"tiers": [output_tier]}, {"tiers": output_list}]
    pricing_of_outputs: Pricing = {"context_pricing": output_tiers}
    tab_of_outputs: Tab = {"controls": [output_control]}
    shown_if_outputs: ConditionalControls = {
        "control": "condition",
        "condition": output_condition,
        "controls": [output_control],
    }
    rule_of_an_output: Divider = {"control": output_kind}
    awaited: Pricing = {"prompt": later, "completion": later}
    return [tiers_of_outputs, pricing_of_outputs, tab_of_outputs, shown_if_outputs, rule_of_an_output, awaited]


# --- builders ---------------------------------------------------------------------------------------

kept_pricing: Pricing = per_million(
    input="0.40",
    output=Decimal("1.60"),
    cached_input=0,
    context_pricing=tiers({32_000: per_million(input=text), 128_000: {"prompt": "0.0000009"}}),
)
several = [toggle("a", "A"), when("a", eq=True, show=[text_field("b", "B")])]
plain_ones = [toggle("a", "A"), slider("b", "B", 0, 1, step=0.1)]
ui: Controls = controls(
    toggle("think", text, default=on, description=text),
    when("think", equals=True, show=plain_ones),
    section(
        "Thinking",
        *several,
        when("think", ne=on, show=[divider()]),
        when(parameter(text), gt=1, show=[drop_down("c", "C", ["a", text], default=text)]),
        when(literal(number), le=parameter("c"), show=[drop_down("d", "D", {"a": text})]),
        when({"literal": "x"}, lt={"parameter_name": "c"}, show=[drop_down("e", "E", [("a", "A"), ("b", text)])]),
        when("c", ge="text", show=[number_field("f", "F", default=number, min_value=0, max_value=whole, step=1)]),
    ),
    section(
        None,
        tabs={
            "Shape": [aspect_ratio("g", "G", ["1:1", "16:9"], default="1:1"), aspect_ratio("h", "H", {"wide": "16:9"})],
            "Text": [text_area("i", "I", default="", placeholder=text)],
            "Several": several,
        },
        collapsed=on,
    ),
)
Bot(
    "built",
    handle="b",
    api_bot_settings={"param_definitions": ui.param_definitions, "pricing": kept_pricing},
    parameter_controls=ui.parameter_controls,
)
by_hand: Section = {"controls": [{"control": "divider"}, several[0].wire, plain_ones[0].wire]}

# --- functions --------------------------------------------------------------------------------------

found: GetBotResult = get_bot("b")
found_settings: dict[str, Any] | None = found.api_bot_settings
found_url: str = get_bot("b", pulumi.InvokeOptions()).url
found_later: pulumi.Output[GetBotResult] = get_bot_output(text)
found_after = get_bot_output("b", pulumi.InvokeOutputOptions(depends_on=[Bot("b", handle="b")])).apply(lambda b: b.url)
listed: GetBotsResult = get_bots()
listed_handles: list[str] = get_bots("b", private=True).handles
listed_bots: list[GetBotResult] = get_bots(prefix="b", opts=pulumi.InvokeOptions()).bots
listed_later: pulumi.Output[GetBotsResult] = get_bots_output(prefix=text, private=False)

# --- classes of one's own ---------------------------------------------------------------------------


class Reasoner(Bot):
    """A bot of a house."""

    def __init__(self, name: str) -> None:
        super().__init__(name, handle="b", is_private=True)


own_url: pulumi.Output[str] = Reasoner("b").url


# --- several accounts -------------------------------------------------------------------------------

other = Provider(
    "plain",
    pulumi.ResourceOptions(protect=True),
    api_key="k",
    api_url="https://api.poe.com",
    request_timeout=30,
    operation_timeout=60.5,
    preview_timeout=5,
    attempts=10,
    requests_per_minute=480,
    log_level="debug",
    adopt=["Acme-A", text],
)
outputs = Provider(
    "outputs",
    api_key=text,
    api_url=text,
    request_timeout=number,
    operation_timeout=whole,
    preview_timeout=number,
    attempts=whole,
    requests_per_minute=whole,
    log_level=text,
    adopt=text.apply(lambda listed: listed.split()),
)
same_account = Provider("same", api_key=config.get_secret("otherPoeKey"), adopt=("Acme-A",))
Bot("theirs", pulumi.ResourceOptions(provider=other), handle="b")
given_to_children = pulumi.ResourceOptions(providers=[other])
in_theirs: GetBotResult = get_bot("b", pulumi.InvokeOptions(provider=other))
in_theirs_later: pulumi.Output[GetBotsResult] = get_bots_output(opts=pulumi.InvokeOptions(provider=outputs))

# --- families and stacks ----------------------------------------------------------------------------

family = pulumi_poe.BotFamily(
    "family",
    pulumi.ResourceOptions(provider=other),
    handle=text,
    description=text,
    is_private=on,
    api_bot_settings={"base_url": text, "pricing": per_million(input="1", output="2")},
    bots={
        "small": {"handle": "b", "api_bot_settings": {"model_name": text}},
        "large": {"adopt": True, "opts": pulumi.ResourceOptions(protect=True)},
    },
)
small_one: Bot = family.bots["small"]
Bot("stack", handle=pulumi_poe.stack_handle("Acme", prod="live", max_length=15))

# --- names are the same in the package --------------------------------------------------------------

pulumi_poe.Bot("b", handle="b", api_bot_settings={"api_key": config.get_secret("endpointKey")})
same: pulumi_poe.Controls = pulumi_poe.controls(pulumi_poe.divider())
