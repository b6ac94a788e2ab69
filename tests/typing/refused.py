"""Mistakes that a type checker sees. Never run.

Every line that mypy must report says so in a comment, with a part of the message. `test_typing.py` holds that mypy
reports these lines and no others.
"""

from __future__ import annotations

import pulumi

import pulumi_poe
from pulumi_poe import Bot, Provider
from pulumi_poe.program.control_builders import (
    aspect_ratio,
    controls,
    divider,
    drop_down,
    section,
    slider,
    text_field,
    toggle,
    when,
)
from pulumi_poe.program.functions import get_bot, get_bot_output, get_bots
from pulumi_poe.program.price_builders import per_million, tiers
from pulumi_poe.program.types import (
    ApiBotSettings,
    AspectRatioOption,
    BaseControl,
    Condition,
    ConditionalControls,
    ContextPricing,
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

# --- wrong names, in place --------------------------------------------------------------------------

Bot("b", handle="b", api_bot_setting={})  # error: Unexpected keyword argument "api_bot_setting"
Bot("b", handle="b", api_bot_settings={"modelname": "m"})  # error: Argument "api_bot_settings"
Bot("b", handle="b", api_bot_settings={"pricing": {"promt": "0"}})  # error: Argument "api_bot_settings"
Bot("b", handle="b", api_bot_settings={"param_definitions": [{"name": "a"}]})  # error: Argument "api_bot_settings"
Bot("b", handle="b", parameter_controls={"section": []})  # error: Argument "parameter_controls"
Bot("b", handle="b", parameter_controls={"sections": [{"title": "T"}]})  # error: Argument "parameter_controls"
Bot(
    "b",
    handle="b",
    parameter_controls={  # error: Argument "parameter_controls"
        "sections": [{"controls": [{"control": "divider", "label": "L"}]}],
    },
)

# --- wrong types, in place --------------------------------------------------------------------------

Bot("b", handle=1)  # error: Argument "handle"
Bot("b", handle="b", is_private="yes")  # error: Argument "is_private"
Bot("b", handle="b", is_private=text)  # error: Argument "is_private"
Bot("b", handle="b", api_bot_settings={"api_type": "chat"})  # error: Argument "api_bot_settings"
Bot("b", handle="b", api_bot_settings={"context_size": "1"})  # error: Argument "api_bot_settings"
Bot("b", handle="b", api_bot_settings={"pricing": {"prompt": 0.1}})  # error: Argument "api_bot_settings"
Bot("b", handle="b", parameter_controls={"api_version": 2, "sections": []})  # error: Argument "parameter_controls"
Bot(
    "b",
    handle="b",
    parameter_controls={  # error: Argument "parameter_controls"
        "sections": [{"controls": [{"control": "text", "label": "L", "parameter_name": "a"}]}],
    },
)

# --- wrong names, where the dict has its type: mypy names the key -----------------------------------

a1: ApiBotSettings = {"model": "m"}  # error: Extra key "model"
a2: Pricing = {"input_cache_read": "0"}  # error: Extra key "input_cache_read"
a3: Tier = {"above": 1}  # error: Extra key "above"
a4: ContextPricing = {}  # error: Missing key "tiers"
a5: ParamDefinition = {"param_name": "a", "param_type": "str"}  # error: Extra key "param_type"
a6: ParamDefinition = {"default_value": 1}  # error: Missing key "param_name"
a7: ParameterControls = {"api_version": "2"}  # error: Missing key "sections"
a8: Section = {"collapsed": True}  # error: Extra key "collapsed"
a9: Tab = {"name": "T"}  # error: Missing key "controls"
b1: Divider = {"control": "divider", "label": "L"}  # error: Extra key "label"
b2: TextField = {"control": "text_field", "label": "L", "parameter": "a"}  # error: Extra key "parameter"
b3: TextArea = {"control": "text_area", "label": "L", "parameter_name": "a", "rows": 3}  # error: Extra key "rows"
b4: DropDown = {"control": "drop_down", "label": "L", "parameter_name": "a"}  # error: Missing key "options"
b5: DropDownOption = {"value": "a", "label": "A"}  # error: Extra key "label"
b6: ToggleSwitch = {"control": "toggle_switch", "label": "L"}  # error: Missing key "parameter_name"
b7: Slider = {"control": "slider", "label": "L", "parameter_name": "a"}  # error: Missing keys
b8: Condition = {"comparator": "eq", "left": {"literal": 1}}  # error: Missing key "right"
b9: ParameterOperand = {"param_name": "a"}  # error: Extra key "param_name"

# --- wrong types, where the dict has its type -------------------------------------------------------

c1: ApiBotSettings = {"max_input_tokens": text}  # error: item "max_input_tokens"
c2: ApiBotSettings = {"input_modalities": ["audio"]}  # error: List item 0
c3: ApiBotSettings = {"input_modalities": "text"}  # error: item "input_modalities"
c4: Pricing = {"completion": 1}  # error: item "completion"
c5: Pricing = {"completion": whole}  # error: item "completion"
c5b: Pricing = {"completion": 0.0000016}  # error: item "completion"
c6: Tier = {"min_tokens": None}  # error: item "min_tokens"
c7: ParamDefinition = {"param_name": "a", "param_dest": "query"}  # error: item "param_dest"
c8: TextField = {"control": "text_area", "label": "L", "parameter_name": "a"}  # error: item "control"
c9: NumberField = {"control": "number_field", "label": "L", "parameter_name": "a", "step": "1"}  # error: item "step"
d1: AspectRatioOption = {"width": "16", "height": 9}  # error: item "width"
d2: Condition = {"comparator": "==", "left": {"literal": 1}, "right": {"literal": 1}}  # error: item "comparator"
d3: LiteralOperand = {"literal": None}  # error: item "literal"
d4: LiteralOperand = {"literal": [1]}  # error: item "literal"


def nested(condition: ConditionalControls) -> BaseControl:
    return condition  # error: Incompatible return value type


# --- builders ---------------------------------------------------------------------------------------

per_million(input=0.4)  # error: Argument "input"
per_million("0.40")  # error: Too many positional arguments
per_million(prompt="0.40")  # error: Unexpected keyword argument "prompt"
per_million(input="0.40", context_pricing={32_000: per_million(input=1)})  # error: Argument "context_pricing"
tiers({"32000": per_million(input=1)})  # error: Dict entry 0
tiers({32_000: "0.60"})  # error: Dict entry 0
toggle("a", "A", default=1)  # error: Argument "default"
toggle("a", "A", True)  # error: Too many positional arguments
toggle(text, "A")  # error: Argument 1 to "toggle"
slider("a", "A", 0, 9)  # error: Missing named argument "step"
slider("a", "A", 0, 9, step="1")  # error: Argument "step"
text_field("a", "A", default=1)  # error: Argument "default"
drop_down("a", "A", [1])  # error: List item 0
aspect_ratio("a", "A", [(16, 9)])  # error: List item 0
when("a", eq=1, show=[when("b", eq=1, show=[divider()])])  # error: List item 0
when("a", is_=1, show=[divider()])  # error: Unexpected keyword argument "is_"
when("a", eq=1)  # error: Missing named argument "show"
when("a", eq=1, show=divider())  # error: Argument "show"
when(3, gt=1, show=[divider()])  # error: Argument 1 to "when"
section("S", section("T", divider()))  # error: Argument 2 to "section"
section("S", [divider()])  # error: Argument 2 to "section"
section("S", tabs=[divider()])  # error: Argument "tabs"
section(divider(), divider())  # error: Argument 1 to "section"
controls([divider()])  # error: Argument 1 to "controls"

# --- functions --------------------------------------------------------------------------------------

get_bot(text)  # error: Argument 1 to "get_bot"
get_bot(name="b")  # error: Unexpected keyword argument "name"
e1 = get_bot("b").model_name  # error: "GetBotResult" has no attribute "model_name"
get_bot_output(whole)  # error: Argument 1 to "get_bot_output"
get_bots(private="yes")  # error: Argument "private"
e2 = get_bots("b").handle  # error: "GetBotsResult" has no attribute "handle"

# --- several accounts -------------------------------------------------------------------------------

Provider("p", key="k")  # error: Unexpected keyword argument "key"
Provider("p", None, "k")  # error: Too many positional arguments
Provider("p", api_key=1)  # error: Argument "api_key"
Provider("p", request_timeout="30")  # error: Argument "request_timeout"
Provider("p", attempts=1.5)  # error: Argument "attempts"
Provider("p", log_level="loud")  # error: Argument "log_level"
Provider("p", adopt=[1])  # error: List item 0
get_bot("b", Provider("p"))  # error: Argument 2 to "get_bot"

# --- the package ------------------------------------------------------------------------------------

pulumi_poe.Bott("b", handle="b")  # error: Module has no attribute "Bott"
