"""Mistakes that type checkers see. Never run.

Every line that they must report says so in a comment, with mypy's code and a part of its message. `test_typing.py`
holds that mypy reports these lines so and no others, and pyright the same lines by the rule that the code means.
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

Bot("b", handle="b", api_bot_setting={})  # call-arg: Unexpected keyword argument "api_bot_setting"
Bot("b", handle="b", api_bot_settings={"modelname": "m"})  # arg-type: Argument "api_bot_settings"
Bot("b", handle="b", api_bot_settings={"pricing": {"promt": "0"}})  # arg-type: Argument "api_bot_settings"
Bot("b", handle="b", api_bot_settings={"param_definitions": [{"name": "a"}]})  # arg-type: Argument "api_bot_settings"
Bot("b", handle="b", parameter_controls={"section": []})  # arg-type: Argument "parameter_controls"
Bot("b", handle="b", parameter_controls={"sections": [{"title": "T"}]})  # arg-type: Argument "parameter_controls"
Bot(
    "b",
    handle="b",
    parameter_controls={  # arg-type: Argument "parameter_controls"
        "sections": [{"controls": [{"control": "divider", "label": "L"}]}],
    },
)

# --- wrong types, in place --------------------------------------------------------------------------

Bot("b", handle=1)  # arg-type: Argument "handle"
Bot("b", handle="b", is_private="yes")  # arg-type: Argument "is_private"
Bot("b", handle="b", is_private=text)  # arg-type: Argument "is_private"
Bot("b", handle="b", api_bot_settings={"api_type": "chat"})  # arg-type: Argument "api_bot_settings"
Bot("b", handle="b", api_bot_settings={"context_size": "1"})  # arg-type: Argument "api_bot_settings"
Bot("b", handle="b", api_bot_settings={"pricing": {"prompt": 0.1}})  # arg-type: Argument "api_bot_settings"
Bot("b", handle="b", parameter_controls={"api_version": 2, "sections": []})  # arg-type: Argument "parameter_controls"
Bot(
    "b",
    handle="b",
    parameter_controls={  # arg-type: Argument "parameter_controls"
        "sections": [{"controls": [{"control": "text", "label": "L", "parameter_name": "a"}]}],
    },
)

# --- wrong names, where the dict has its type: mypy names the key -----------------------------------

a1: ApiBotSettings = {"model": "m"}  # typeddict-unknown-key: Extra key "model"
a2: Pricing = {"input_cache_read": "0"}  # typeddict-unknown-key: Extra key "input_cache_read"
a3: Tier = {"above": 1}  # typeddict-unknown-key: Extra key "above"
a4: ContextPricing = {}  # typeddict-item: Missing key "tiers"
a5: ParamDefinition = {"param_name": "a", "param_type": "str"}  # typeddict-unknown-key: Extra key "param_type"
a6: ParamDefinition = {"default_value": 1}  # typeddict-item: Missing key "param_name"
a7: ParameterControls = {"api_version": "2"}  # typeddict-item: Missing key "sections"
a8: Section = {"collapsed": True}  # typeddict-unknown-key: Extra key "collapsed"
a9: Tab = {"name": "T"}  # typeddict-item: Missing key "controls"
b1: Divider = {"control": "divider", "label": "L"}  # typeddict-unknown-key: Extra key "label"
b2: TextField = {"control": "text_field", "label": "L", "parameter": "a"}  # typeddict-unknown-key: "parameter"
b3: TextArea = {"control": "text_area", "label": "L", "parameter_name": "a", "rows": 3}  # typeddict-unknown-key: "rows"
b4: DropDown = {"control": "drop_down", "label": "L", "parameter_name": "a"}  # typeddict-item: Missing key "options"
b5: DropDownOption = {"value": "a", "label": "A"}  # typeddict-unknown-key: Extra key "label"
b6: ToggleSwitch = {"control": "toggle_switch", "label": "L"}  # typeddict-item: Missing key "parameter_name"
b7: Slider = {"control": "slider", "label": "L", "parameter_name": "a"}  # typeddict-item: Missing keys
b8: Condition = {"comparator": "eq", "left": {"literal": 1}}  # typeddict-item: Missing key "right"
b9: ParameterOperand = {"param_name": "a"}  # typeddict-unknown-key: Extra key "param_name"

# --- wrong types, where the dict has its type -------------------------------------------------------

c1: ApiBotSettings = {"max_input_tokens": text}  # typeddict-item: item "max_input_tokens"
c2: ApiBotSettings = {"input_modalities": ["audio"]}  # list-item: List item 0
c3: ApiBotSettings = {"input_modalities": "text"}  # typeddict-item: item "input_modalities"
c4: Pricing = {"completion": 1}  # typeddict-item: item "completion"
c5: Pricing = {"completion": whole}  # typeddict-item: item "completion"
c5b: Pricing = {"completion": 0.0000016}  # typeddict-item: item "completion"
c6: Tier = {"min_tokens": None}  # typeddict-item: item "min_tokens"
c7: ParamDefinition = {"param_name": "a", "param_dest": "query"}  # typeddict-item: item "param_dest"
c8: TextField = {"control": "text_area", "label": "L", "parameter_name": "a"}  # typeddict-item: item "control"
c9: NumberField = {"control": "number_field", "label": "", "parameter_name": "a", "step": "1"}  # typeddict-item: "step"
d1: AspectRatioOption = {"width": "16", "height": 9}  # typeddict-item: item "width"
d2: Condition = {"comparator": "==", "left": {"literal": 1}, "right": {"literal": 1}}  # typeddict-item: "comparator"
d3: LiteralOperand = {"literal": None}  # typeddict-item: item "literal"
d4: LiteralOperand = {"literal": [1]}  # typeddict-item: item "literal"


def nested(condition: ConditionalControls) -> BaseControl:
    return condition  # return-value: Incompatible return value type


# --- builders ---------------------------------------------------------------------------------------

per_million(input=0.4)  # arg-type: Argument "input"
per_million("0.40")  # call-arg: Too many positional arguments
per_million(prompt="0.40")  # call-arg: Unexpected keyword argument "prompt"
per_million(input="0.40", context_pricing={32_000: per_million(input=1)})  # arg-type: Argument "context_pricing"
tiers({"32000": per_million(input=1)})  # dict-item: Dict entry 0
tiers({32_000: "0.60"})  # dict-item: Dict entry 0
toggle("a", "A", default=1)  # arg-type: Argument "default"
toggle("a", "A", True)  # call-arg: Too many positional arguments
toggle(text, "A")  # arg-type: Argument 1 to "toggle"
slider("a", "A", 0, 9)  # call-arg: Missing named argument "step"
slider("a", "A", 0, 9, step="1")  # arg-type: Argument "step"
text_field("a", "A", default=1)  # arg-type: Argument "default"
drop_down("a", "A", [1])  # list-item: List item 0
aspect_ratio("a", "A", [(16, 9)])  # list-item: List item 0
when("a", eq=1, show=[when("b", eq=1, show=[divider()])])  # list-item: List item 0
when("a", is_=1, show=[divider()])  # call-arg: Unexpected keyword argument "is_"
when("a", eq=1)  # call-arg: Missing named argument "show"
when("a", eq=1, show=divider())  # arg-type: Argument "show"
when(3, gt=1, show=[divider()])  # arg-type: Argument 1 to "when"
section("S", section("T", divider()))  # arg-type: Argument 2 to "section"
section("S", [divider()])  # arg-type: Argument 2 to "section"
section("S", tabs=[divider()])  # arg-type: Argument "tabs"
section(divider(), divider())  # arg-type: Argument 1 to "section"
controls([divider()])  # arg-type: Argument 1 to "controls"

# --- functions --------------------------------------------------------------------------------------

get_bot(text)  # arg-type: Argument 1 to "get_bot"
get_bot(name="b")  # call-arg: Unexpected keyword argument "name"
e1 = get_bot("b").model_name  # attr-defined: "GetBotResult" has no attribute "model_name"
get_bot_output(whole)  # arg-type: Argument 1 to "get_bot_output"
get_bots(private="yes")  # arg-type: Argument "private"
e2 = get_bots("b").handle  # attr-defined: "GetBotsResult" has no attribute "handle"

# --- several accounts -------------------------------------------------------------------------------

Provider("p", key="k")  # call-arg: Unexpected keyword argument "key"
Provider("p", None, "k")  # call-arg: Too many positional arguments
Provider("p", api_key=1)  # arg-type: Argument "api_key"
Provider("p", request_timeout="30")  # arg-type: Argument "request_timeout"
Provider("p", attempts=1.5)  # arg-type: Argument "attempts"
Provider("p", log_level="loud")  # arg-type: Argument "log_level"
Provider("p", adopt=[1])  # list-item: List item 0
get_bot("b", Provider("p"))  # arg-type: Argument 2 to "get_bot"

# --- families and stacks ----------------------------------------------------------------------------

pulumi_poe.BotFamily("family", handle="b")  # call-arg: Missing named argument "bots"
pulumi_poe.BotFamily("family", bots=["small"])  # arg-type: Argument "bots"
pulumi_poe.stack_handle(text)  # arg-type: Argument 1 to "stack_handle"

# --- the package ------------------------------------------------------------------------------------

pulumi_poe.Bott("b", handle="b")  # attr-defined: Module has no attribute "Bott"
