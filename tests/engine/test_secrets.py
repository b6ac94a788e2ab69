"""No key is ever seen: not in the state, not in a preview, not in an error, not in a log."""

from __future__ import annotations

import json

import pytest
from canaries import ENDPOINT_KEY, NEXT_ENDPOINT_KEY, assert_no_key_was_seen
from stacks import OTHER_POE_KEY, POE_KEY, Stack, StackFactory

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

WAYS_TO_PASS_IT = {
    "plain": 'settings = {"model_name": "m", "api_key": KEY}',
    "output": 'settings = {"model_name": "m", "api_key": pulumi.Output.from_input(KEY)}',
    "secret": 'settings = {"model_name": "m", "api_key": pulumi.Output.secret(KEY)}',
    "output of all": 'settings = pulumi.Output.from_input({"model_name": "m", "api_key": KEY})',
    "awaitable": 'async def later():\n    return {"model_name": "m", "api_key": KEY}\nsettings = later()',
    "later": 'settings = pulumi.Output.from_input(KEY).apply(lambda key: {"model_name": "m", "api_key": key})',
}


def program(way: str, key: str = ENDPOINT_KEY, more: str = "") -> str:
    return f"KEY = {key!r}\n{WAYS_TO_PASS_IT[way]}\nBot('live', handle='Live-Bot', api_bot_settings=settings{more})\n"


@pytest.mark.dynamic_only("the program says what YAML can't")
def test_the_endpoints_key_is_encrypted_however_it_is_passed(stack: Stack, poe: Emulator) -> None:
    each = [
        program(way).replace("live", f"way-{n}").replace("Live", f"Way-{n}") for n, way in enumerate(WAYS_TO_PASS_IT)
    ]
    stack.program("".join(each)).up("--skip-preview=false", "--diff").succeeded()

    assert [bot["api_bot_settings"]["api_key"] for bot in poe.bots()] == [ENDPOINT_KEY] * len(WAYS_TO_PASS_IT)
    states = stack.bots()
    assert len(states) == len(WAYS_TO_PASS_IT)
    for state in states.values():
        for properties in (state["inputs"], state["outputs"]):
            assert properties["api_bot_settings"]["model_name"] == "m"  # the rest is no secret
            assert "ciphertext" in properties["api_bot_settings"]["api_key"]
    assert_no_key_was_seen(stack)


IN_CLEAR = {
    "transform": """
def put_in(args):
    return pulumi.ResourceTransformResult(
        {**args.props, "api_bot_settings": {"model_name": "m", "api_key": KEY}}, args.opts)
Bot("live", pulumi.ResourceOptions(transforms=[put_in]), handle="Live-Bot")
""",
    "transformation": """
def put_in_too(args):
    return pulumi.ResourceTransformationResult(
        {**args.props, "api_bot_settings": {"model_name": "m", "api_key": KEY}}, args.opts)
Bot("too", pulumi.ResourceOptions(transformations=[put_in_too]), handle="Live-Too")
""",
    "raw properties": """
import pulumi.dynamic
from pulumi_poe.provider import BotProvider
class Raw(pulumi.dynamic.Resource, module="poe", name="Bot"):
    handle: pulumi.Output[str]
    def __init__(self, name, handle):
        settings = {"model_name": "m", "api_key": KEY}
        super().__init__(BotProvider(), name, {"handle": handle, "api_bot_settings": settings})
Raw("raw", "Live-Raw")
""",
}


@pytest.mark.dynamic_only("the program says what YAML can't")
def test_a_key_that_comes_in_clear_is_encrypted_in_the_whole_life_of_a_bot(stack: Stack, poe: Emulator) -> None:
    def are_encrypted() -> bool:
        states = stack.bots().values()
        keys = [state[bag]["api_bot_settings"]["api_key"] for state in states for bag in ("inputs", "outputs")]
        assert {state["inputs"]["api_bot_settings"]["model_name"] for state in states} == {"m"}
        assert len(keys) == 2 * len(IN_CLEAR)
        return all(isinstance(key, dict) and "ciphertext" in key for key in keys)

    ways = "".join(IN_CLEAR.values())
    stack.program(f"KEY = {ENDPOINT_KEY!r}\n{ways}")
    stack.up("--skip-preview=false", "--diff").succeeded()
    assert are_encrypted()
    stack.program(f"KEY = {NEXT_ENDPOINT_KEY!r}\n{ways}")
    shown = stack.up("--skip-preview=false", "--diff").succeeded().output
    preview = shown.partition("Updating")[0]
    assert preview.count("~ api_key: [secret] => [secret]") == len(IN_CLEAR)
    assert are_encrypted()
    assert {bot["api_bot_settings"]["api_key"] for bot in poe.bots()} == {NEXT_ENDPOINT_KEY}
    stack.refresh("--diff").succeeded()
    assert are_encrypted()
    stack.program(f"KEY = {NEXT_ENDPOINT_KEY!r}\n{ways}".replace("Live-", "Next-"))
    stack.up("--diff").succeeded()
    assert are_encrypted()
    stack.preview("--refresh", "--expect-no-changes").succeeded()
    assert_no_key_was_seen(stack)


def test_a_key_that_an_earlier_version_left_in_clear_is_encrypted_by_an_up_and_a_refresh(
    stack: Stack, poe: Emulator
) -> None:
    stack.holding(program("plain"))
    state = stack.export("--show-secrets")
    for resource in state["deployment"]["resources"]:
        for bag in ("inputs", "outputs"):
            if "api_bot_settings" in resource.get(bag, {}):
                resource[bag]["api_bot_settings"]["api_key"] = ENDPOINT_KEY
    stack.pulumi("stack", "import", typed=json.dumps(state), check=True)
    poe.requests.clear()

    stack.up("--expect-no-changes", "--skip-preview").succeeded()
    assert "ciphertext" in stack.bots()["live"]["inputs"]["api_bot_settings"]["api_key"]
    stack.refresh().succeeded()

    assert "ciphertext" in stack.bots()["live"]["outputs"]["api_bot_settings"]["api_key"]
    assert [request.method for request in poe.requests] == ["GET"]


def test_no_key_is_seen_in_the_whole_life_of_a_bot(stack: Stack) -> None:
    stack.program(program("plain")).up("--diff").succeeded()
    stack.program(program("plain", NEXT_ENDPOINT_KEY)).preview("--diff", "--json").succeeded()
    stack.up("--diff").succeeded()
    stack.refresh("--diff").succeeded()
    stack.program(program("plain", NEXT_ENDPOINT_KEY, ", description=7, is_private='x'")).preview("--diff").failed()
    stack.destroy("--diff").succeeded()

    assert_no_key_was_seen(stack)


def test_no_key_is_seen_in_errors(stack: Stack, poe: Emulator) -> None:
    stack.program(program("plain")).up("--diff").succeeded()
    stack.program(program("plain", NEXT_ENDPOINT_KEY))
    poe.accounts.clear()
    poe.accounts["theirs"] = OTHER_POE_KEY

    stack.up("--diff", "--logtostderr").failed()
    stack.refresh("--diff").failed()
    stack.destroy("--diff").failed()

    assert_no_key_was_seen(stack)


def test_a_rotated_key_is_shown_as_a_change_of_a_secret(stack: Stack, poe: Emulator) -> None:
    stack.holding(program("plain"))

    run = stack.program(program("plain", NEXT_ENDPOINT_KEY)).up("--diff").succeeded()

    assert "~ api_key: [secret] => [secret]" in run.output
    assert poe.bots()[0]["api_bot_settings"]["api_key"] == NEXT_ENDPOINT_KEY


def test_the_poe_key_of_the_stack_config_is_in_no_resource(new_stack: StackFactory, poe: Emulator) -> None:
    stack = new_stack().program(program("plain")).init()
    stack.config("poe:apiUrl", poe.url).config("poe:apiKey", POE_KEY, secret=True)

    stack.up("--diff").succeeded()

    assert poe.requests[-1].method == "POST"
    assert_no_key_was_seen(stack)
    bot = stack.bots("--show-secrets")["live"]
    assert POE_KEY not in json.dumps(bot)


def test_what_is_kept_beside_the_declared_properties_is_small(stack: Stack) -> None:
    stack.holding(program("plain"))

    state = stack.bots()["live"]
    declared = {"handle", "api_bot_settings"}
    beside = [{k: v for k, v in state[bag].items() if k not in declared} for bag in ("inputs", "outputs")]

    assert len(json.dumps(beside)) <= 300
