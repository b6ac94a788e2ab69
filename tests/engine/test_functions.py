"""Looking up bots from a program."""

from __future__ import annotations

import pytest
from stacks import OTHER_POE_KEY, POE_KEY, Stack, StackFactory

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

ONE = """
bot = pulumi_poe.get_bot("live.bot")
for name in ("handle", "description", "is_private", "api_bot_settings", "parameter_controls", "url"):
    pulumi.export(name, getattr(bot, name))
"""


def seeded(poe: Emulator) -> None:
    settings = {"model_name": "m", "api_key": "sk-canary", "pricing": {"prompt": "0.0000010"}}
    poe.seed(poe.api_key, {"handle": "Live-Bot", "description": "by hand", "api_bot_settings": settings})
    poe.seed(poe.api_key, {"handle": "Live-Too", "is_private": False, "parameter_controls": {"sections": []}})
    poe.seed(poe.api_key, {"handle": "Other"})
    poe.seed(OTHER_POE_KEY, {"handle": "Live-Theirs"})


def paths(poe: Emulator) -> list[str]:
    return [request.path for request in poe.requests]


def test_a_bot_is_looked_up_in_a_preview_and_its_fields_have_poes_names(stack: Stack, poe: Emulator) -> None:
    seeded(poe)

    run = stack.program(ONE).preview().succeeded()

    assert '"0.0000010"' in run.output
    stack.up().succeeded()
    assert stack.outputs() == {
        "handle": "Live-Bot",
        "description": "by hand",
        "is_private": True,
        "api_bot_settings": {"model_name": "m", "pricing": {"prompt": "0.0000010"}},
        "url": "https://poe.com/Live-Bot",
    }


def test_bots_are_listed_by_the_beginning_of_their_handle_and_by_privacy(stack: Stack, poe: Emulator) -> None:
    seeded(poe)

    stack.program(
        """
        pulumi.export("all", pulumi_poe.get_bots().handles)
        pulumi.export("live", pulumi_poe.get_bots(prefix="live-").handles)
        pulumi.export("public", pulumi_poe.get_bots("LIVE", private=False).handles)
        pulumi.export("whole", pulumi_poe.get_bots("other"))
        """
    ).up().succeeded()

    outputs = stack.outputs()
    assert outputs["all"] == ["Live-Bot", "Live-Too", "Other"]
    assert outputs["live"] == ["Live-Bot", "Live-Too"]
    assert outputs["public"] == ["Live-Too"]
    assert [bot["handle"] for bot in outputs["whole"]["bots"]] == ["Other"]


@pytest.mark.dynamic_only("the program says what YAML can't")
def test_a_program_that_looks_up_many_bots_sends_one_request(stack: Stack, poe: Emulator) -> None:
    seeded(poe)

    stack.program(
        """
        for number in range(20):
            pulumi_poe.get_bot("Live-Bot")
            pulumi.export(f"bot-{number}", pulumi_poe.get_bot_output(pulumi.Output.from_input("live_too")).handle)
        pulumi.export("count", pulumi_poe.get_bots_output(prefix="live").handles.apply(len))
        """
    ).preview().succeeded()

    assert paths(poe) == ["/bots"]


def test_the_keys_are_in_no_output_and_not_in_the_state(stack: Stack, poe: Emulator) -> None:
    seeded(poe)

    run = stack.program('pulumi.export("bots", pulumi_poe.get_bots())').up().succeeded()

    exported = stack.pulumi("stack", "export", "--show-secrets", check=True).stdout
    assert "sk-canary" not in run.output + exported
    assert POE_KEY not in run.output + exported


def test_the_stacks_config_goes_before_the_environment(new_stack: StackFactory, poe: Emulator) -> None:
    seeded(poe)
    stack = new_stack(POE_API_KEY="not-used").program(ONE).init()
    stack.config("poe:apiUrl", poe.url).config("poe:apiKey", POE_KEY, secret=True)

    stack.up().succeeded()

    assert stack.outputs()["handle"] == "Live-Bot"


def test_a_stacks_key_does_not_go_to_an_address_from_the_environment(new_stack: StackFactory, poe: Emulator) -> None:
    stack = new_stack(POE_API_URL=poe.url).program(ONE).init().config("poe:apiKey", POE_KEY, secret=True)

    run = stack.preview().failed()

    assert "get_bot 'live.bot': no Poe API key is set" in run.output
    assert poe.requests == []


def test_a_bot_that_is_not_there_ends_the_program_in_one_line_with_the_nearest_handle(
    stack: Stack, poe: Emulator
) -> None:
    seeded(poe)

    run = stack.program('pulumi_poe.get_bot("Live-Bat")').preview().failed()

    assert "get_bot 'Live-Bat': the account of this key has no such bot. Did you mean 'Live-Bot'" in run.output
    assert run.tracebacks == []


def test_an_error_in_an_output_is_one_line_too(stack: Stack, poe: Emulator) -> None:
    seeded(poe)

    run = stack.program('pulumi_poe.get_bot_output(pulumi.Output.from_input("Live-Bat"))').preview().failed()

    assert "get_bot 'Live-Bat': the account of this key has no such bot." in run.output
    assert run.tracebacks == []


def test_without_a_key_the_error_says_where_to_set_it(new_stack: StackFactory) -> None:
    run = new_stack().program('pulumi_poe.get_bots("acme-")').init().preview().failed()

    assert "get_bots 'acme-': no Poe API key is set" in run.output
    assert "pulumi config set --secret poe:apiKey" in run.output
    assert run.tracebacks == []


def test_where_poe_can_not_be_reached_the_error_says_so(stack: Stack, poe: Emulator) -> None:
    poe.stop()

    run = stack.program(ONE).preview(POE_OPERATION_TIMEOUT="1").failed()

    assert "get_bot 'live.bot': " in run.output
    assert "can't be reached" in run.output
    assert run.tracebacks == []


def test_an_unknown_handle_gives_an_unknown_result_in_a_preview(stack: Stack, poe: Emulator) -> None:
    program = """
    made = Bot("made", handle="Made-Here", description="new", api_bot_settings={"model_name": "m"})
    pulumi.export("found", pulumi_poe.get_bot_output(made.id).description)
    """

    stack.program(program).preview().succeeded()
    assert [path for path in paths(poe) if path != "/bots"] == []

    stack.up().succeeded()
    assert stack.outputs()["found"] == "new"


@pytest.mark.dynamic_only("YAML's host looks up in a preview at once")
def test_what_it_depends_on_is_created_first(stack: Stack) -> None:
    program = """
    made = Bot("made", handle="Made-Here", description="new", api_bot_settings={"model_name": "m"})
    wait = pulumi.InvokeOutputOptions(depends_on=[made])
    pulumi.export("found", pulumi_poe.get_bot_output("Made-Here", wait).description)
    """

    stack.program(program).preview().succeeded()
    stack.up().succeeded()

    assert stack.outputs()["found"] == "new"
