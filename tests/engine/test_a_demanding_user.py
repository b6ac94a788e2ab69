"""What somebody meets who uses every option, loses a state, or mistypes an address."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest
from stacks import POE_KEY, Stack, StackFactory

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

DELETED_FIRST = "delete_before_replace=True"
BY_A_TRANSFORM = (
    "transforms=[lambda args: pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions.merge("
    "args.opts, pulumi.ResourceOptions(delete_before_replace=True)))]"
)


def bot(options: str, description: str = "first", *, name: str = "live", handle: str = "Live-Bot") -> str:
    return (
        f"{name} = Bot({name!r}, pulumi.ResourceOptions({options}), handle={handle!r}, description={description!r}, "
        "api_bot_settings={'model_name': 'm', 'api_key': 'sk'})\n"
    )


BY_CHANGES = ", replace_on_changes=['description']"
WITH_ANOTHER = ", replace_with=[other]"


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
def test_bots_that_are_deleted_first_may_be_replaced_under_their_own_handles_as_the_preview_says(
    stack: Stack, poe: Emulator
) -> None:
    def program(description: str, other: str) -> str:
        # A transform of the SDK loses replace_with.
        return (
            bot("", name="other", handle=other)
            + bot(DELETED_FIRST + BY_CHANGES, description, name="changed", handle="Changed-Bot")
            + bot(BY_A_TRANSFORM + BY_CHANGES, description, name="transformed", handle="Transformed-Bot")
            + bot(DELETED_FIRST + WITH_ANOTHER, name="along", handle="Along-Bot")
        )

    stack.holding(program("first", "Other-Bot"))
    stack.program(program("second", "Other-Two")).up("--skip-preview=false").succeeded()

    for handle in ("Changed-Bot", "Transformed-Bot", "Along-Bot"):
        assert writes_about(handle, poe) == ["DELETE", "POST"]
    stack.preview("--refresh", "--expect-no-changes").succeeded()


@pytest.mark.dynamic_only("the engine tells no plugin of deleteBeforeReplace")
def test_bots_that_are_deleted_first_may_be_replaced_alone_as_the_preview_says(stack: Stack, poe: Emulator) -> None:
    program = bot(DELETED_FIRST) + bot(BY_A_TRANSFORM, name="transformed", handle="Transformed-Bot")
    stack.holding(program)
    options = [option for one in stack.bots().values() for option in ("--target-replace", one["urn"])]

    stack.up("--skip-preview=false", *options).succeeded()

    for handle in ("Live-Bot", "Transformed-Bot"):
        assert writes_about(handle, poe) == ["DELETE", "POST"]
    stack.preview("--refresh", "--expect-no-changes").succeeded()


def writes_about(handle: str, poe: Emulator) -> list[str]:
    return [one.method for one in poe.requests if one.path == f"/bots/{handle}" or handle in str(one.body)]


OF_A_COMPONENT = """
class Group(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("acme:index:Group", "group", None, pulumi.ResourceOptions(transforms=[first]))
group = Group()
"""


@pytest.mark.dynamic_only("the program says what YAML can't")
@pytest.mark.parametrize(
    ("set_up", "options"),
    [("pulumi.runtime.register_resource_transform(first)\n", "parent=None"), (OF_A_COMPONENT, "parent=group")],
    ids=["of the stack", "of a component"],
)
def test_a_transform_that_is_not_the_bots_own_may_set_that_it_is_deleted_first(
    stack: Stack, poe: Emulator, set_up: str, options: str
) -> None:
    first = BY_A_TRANSFORM.removeprefix("transforms=[").removesuffix("]")
    before, after = (bot(options + BY_CHANGES, description) for description in ("first", "second"))
    stack.holding(f"first = {first}\n{set_up}{before}")

    run = stack.program(f"first = {first}\n{set_up}{after}").up("--skip-preview=false").succeeded()

    assert "`pulumi up` will refuse it" not in run.output
    assert [one.method for one in poe.requests if one.method != "GET"] == ["DELETE", "POST"]


@pytest.mark.dynamic_only("the engine tells no plugin of retainOnDelete")
def test_a_bot_that_is_retained_is_not_said_to_be_deleted(stack: Stack, poe: Emulator) -> None:
    stack.holding(bot("retain_on_delete=True"))

    run = stack.program(bot("retain_on_delete=True", handle="Next-Bot")).up().succeeded()

    assert "with the old one, which stays on Poe, in no stack" in run.output
    assert {one["handle"] for one in poe.bots()} == {"Live-Bot", "Next-Bot"}


# --- a lost state -----------------------------------------------------------------------------------

THREE = "".join(bot("", name=name, handle=f"{name}-Bot") for name in ("one", "two", "three"))


def test_after_a_lost_state_all_bots_are_taken_over_in_one_run(stack: Stack, poe: Emulator) -> None:
    stack.holding(THREE)
    empty = {"version": 3, "deployment": {**stack.export()["deployment"], "resources": []}}
    stack.pulumi("stack", "import", typed=json.dumps(empty), check=True)
    (bot_,) = [one for one in poe.bots() if one["handle"] == "two-Bot"]
    poe.seed(POE_KEY, {**bot_, "description": "by hand"})
    poe.requests.clear()

    assert "POE_ADOPT='*' in the environment takes over all of them, for one run" in stack.preview().failed().errors[0]
    shown = stack.preview(POE_ADOPT="*").succeeded().output
    stack.up(POE_ADOPT="*").succeeded()

    for handle in ("one", "three"):
        assert f"bot '{handle}-Bot' is there already and is taken over. It is as the program declares it." in shown
    assert "bot 'two-Bot' is there already and is taken over. This changes description." in shown
    assert {one.method for one in poe.requests} == {"GET", "PATCH"}
    stack.preview("--refresh", "--expect-no-changes").succeeded()


# --- settings ---------------------------------------------------------------------------------------


@pytest.mark.dynamic_only("the program side warns of it")
def test_a_key_that_was_set_without_secret_is_told_once_with_the_command_that_mends_it(
    new_stack: StackFactory, poe: Emulator
) -> None:
    stack = new_stack().program(THREE).init().config("poe:apiUrl", poe.url).config("poe:apiKey", POE_KEY)

    shown = stack.preview().succeeded().output.partition("Diagnostics:")[2]
    assert shown.count("poe:apiKey is in clear in the stack config") == 1
    assert "pulumi config set --secret poe:apiKey" in shown

    stack.config("poe:apiKey", POE_KEY, secret=True)
    assert "in clear" not in stack.preview().succeeded().output


def test_with_an_address_of_the_environment_the_advice_is_not_what_was_just_done(
    new_stack: StackFactory, poe: Emulator
) -> None:
    stack = new_stack(POE_API_URL=poe.url).program(bot("")).init().config("poe:apiKey", POE_KEY, secret=True)

    (error,) = stack.up().failed().errors

    assert "Set POE_API_KEY too; or unset POE_API_URL" in error
    assert "config set --secret poe:apiKey" not in error


# --- an address where nobody answers ----------------------------------------------------------------


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes connections, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_an_address_where_nobody_answers_is_told_after_five_seconds(new_stack: StackFactory, silent: str) -> None:
    stack = new_stack(POE_API_URL=silent, POE_API_KEY=POE_KEY, POE_OPERATION_TIMEOUT="8").program(bot("")).init()

    run = stack.up().failed()

    assert (
        f"Waiting for {silent.removeprefix('http://')}: there was no usable answer to GET /bots for 5 s" in run.output
    )


def test_a_look_up_in_a_preview_has_the_patience_of_a_preview(new_stack: StackFactory, silent: str) -> None:
    stack = new_stack(POE_API_URL=silent, POE_API_KEY=POE_KEY, POE_PREVIEW_TIMEOUT="1").program(
        "pulumi_poe.get_bot('Live-Bot')"
    )
    stack.init()
    started = time.monotonic()

    run = stack.preview().failed()

    assert "get_bot 'Live-Bot': " in run.output
    assert time.monotonic() - started < 20
