"""The native plugin under the real engine: programs in YAML, and what only this shell can do."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import by_hand
import pytest
from canaries import ENDPOINT_KEY, NEXT_ENDPOINT_KEY, assert_no_key_was_seen, found_in
from native import ROOT, NativeStack, bot, shim
from stacks import OTHER_POE_KEY, POE_KEY, Run, Stack

from pulumi_poe.core import machine
from pulumi_poe.core.lifecycle.session import forget_sessions
from pulumi_poe.emulator import Emulator, Fault
from pulumi_poe.native import serve
from pulumi_poe.native.servicer import Servicer
from tools.engine import install

BOT: dict[str, Any] = {
    "handle": "Acme-Reasoner",
    "description": "Thinks first.",
    "isPrivate": True,
    "apiBotSettings": {
        "modelName": "acme/reasoner-2",
        "baseUrl": "https://llm.example.com/v1",
        "apiKey": "${endpointKey}",
        "contextSize": 4096,
        "pricing": {"prompt": "0.0000004", "completion": "0.0000016"},
        "paramDefinitions": [{"paramName": "style", "paramDest": "extra_body", "defaultValue": "short"}],
    },
    "parameterControls": {
        "apiVersion": "2",
        "sections": [
            {
                "name": "Answers",
                "controls": [
                    {
                        "control": "drop_down",
                        "label": "Style",
                        "parameterName": "style",
                        "defaultValue": "short",
                        "options": [{"name": "Short", "value": "short"}, {"name": "Long", "value": "long"}],
                    }
                ],
            }
        ],
    },
}
CONFIG = {"endpointKey": {"type": "string", "secret": True}}


def declared(**changed: Any) -> dict[str, Any]:
    return {"reasoner": bot(**{**BOT, **changed})}


def steps(run: Run) -> str:
    """What the engine says that it did."""
    return " ".join(re.findall(r"^ +([-+~=]*\s?\d+ .*)$", run.output.partition("Resources:")[2], flags=re.MULTILINE))


@pytest.fixture
def new_native(tmp_path: Path, engine: Path, pulumi_home: Path) -> Callable[..., NativeStack]:
    path = [str(shim(tmp_path / "plugin")), str(engine), str(install.find_or_build_yaml_host(engine))]

    def make(**environment: str) -> NativeStack:
        def stack(folder: Path) -> Stack:
            return Stack(
                folder, engine_path=path, pulumi_home=pulumi_home, state=tmp_path / "state", environment=environment
            )

        return NativeStack(stack, tmp_path / "project")

    return make


@pytest.fixture
def native(new_native: Callable[..., NativeStack], poe: Emulator) -> NativeStack:
    """A new stack on the local Poe, which knows the endpoint's key."""
    native = new_native(POE_API_URL=poe.url, POE_API_KEY=POE_KEY)
    native.stack.config("endpointKey", ENDPOINT_KEY, secret=True)
    return native


@pytest.mark.long
def test_a_bots_whole_life(native: NativeStack, poe: Emulator) -> None:
    native.program(declared(), config=CONFIG)
    shown = native.preview().succeeded()
    assert steps(shown) == "+ 2 to create"
    assert {request.method for request in poe.requests} == {"GET"}

    native.up().succeeded()
    (on_poe,) = poe.bots()
    assert on_poe["api_bot_settings"]["api_key"] == ENDPOINT_KEY
    assert on_poe["api_bot_settings"]["context_size"] == 4096
    assert on_poe["parameter_controls"]["sections"][0]["controls"][0]["parameter_name"] == "style"

    poe.requests.clear()
    native.up("--expect-no-changes", "--skip-preview").succeeded()
    assert [request.method for request in poe.requests] == []

    native.program(declared(description="Thinks again."), config=CONFIG)
    shown = native.preview().succeeded()
    assert '~ description: "Thinks first." => "Thinks again."' in shown.output
    assert "apiBotSettings" not in shown.output
    native.up().succeeded()
    assert [one.body for one in poe.requests if one.method == "PATCH"] == [{"description": "Thinks again."}]

    by_hand.edit(poe, description="by hand")
    shown = native.stack.refresh("--diff").succeeded()
    assert '~ description: "Thinks again." => "by hand"' in shown.output
    shown = native.preview().succeeded()
    assert '~ description: "by hand" => "Thinks again."' in shown.output
    native.up().succeeded()

    native.program(declared(handle="acme_reasoner", description="Thinks again."), config=CONFIG)
    assert steps(native.preview().succeeded()) == "2 unchanged"
    native.program(declared(handle="acme_reasoner", description="Thinks on."), config=CONFIG)
    assert steps(native.up().succeeded()) == "~ 1 updated 1 unchanged"

    native.stack.destroy().succeeded()
    assert poe.bots() == []
    assert_no_key_was_seen(native.stack)


def test_the_program_of_the_page_is_a_whole_one(native: NativeStack, poe: Emulator) -> None:
    page = (ROOT / "docs/native.md").read_text()
    (program,) = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    assert len(program.splitlines()) == 15
    assert f"```yaml\n{program}```" in (ROOT / "README.md").read_text()
    (native.stack.folder / "Pulumi.yaml").write_text(program.replace("name: my-bots", "name: tested"))
    native.up().succeeded()
    assert native.stack.outputs() == {"id": "Acme-Reasoner"}
    assert poe.bots()[0]["api_bot_settings"]["api_key"] == ENDPOINT_KEY


def test_another_handle_is_another_bot(native: NativeStack, poe: Emulator) -> None:
    native.program(declared(), config=CONFIG).up().succeeded()
    native.program(declared(handle="Acme-Other"), config=CONFIG)
    shown = native.up().succeeded()
    assert steps(shown) == "+-1 replaced 1 unchanged"
    assert "warning: bot 'Acme-Reasoner' is replaced by a new bot 'Acme-Other': users" in shown.output
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Other"]


def test_a_bot_that_is_gone_is_made_again(native: NativeStack, poe: Emulator) -> None:
    native.program(declared(), config=CONFIG).up().succeeded()
    by_hand.delete(poe, "Acme-Reasoner")
    assert steps(native.stack.refresh().succeeded()).startswith("- 1 deleted")
    assert native.bots() == {}
    native.up().succeeded()
    assert len(poe.bots()) == 1


# --- what the program can't do --------------------------------------------------------------------------


def test_mistakes_are_one_line_each_with_the_users_path(native: NativeStack, poe: Emulator) -> None:
    settings = {**BOT["apiBotSettings"], "pricing": {"prompt": "-1"}, "contextSize": 0.5}
    run = native.program(declared(apiBotSettings=settings), config=CONFIG).preview().failed()
    assert "error: poe:index:Bot resource 'reasoner' has a problem: apiBotSettings.pricing.prompt: must not be" in (
        run.output
    )
    assert "apiBotSettings.contextSize: must be a whole number of tokens, 0 or more" in run.output
    assert found_in(run.output) == []
    assert {request.method for request in poe.requests} <= {"GET"}


def test_a_bot_that_exists_is_refused_unless_it_is_adopted(native: NativeStack, poe: Emulator) -> None:
    poe.seed(POE_KEY, {"handle": "Acme-Reasoner", "api_bot_settings": {"model_name": "old"}})
    run = native.program(declared(), config=CONFIG).preview().failed()
    assert "handle: this account already has a bot 'Acme-Reasoner'." in run.output
    native.program(declared(adopt=True), config=CONFIG).up().succeeded()
    assert "adopt" not in native.bots()["reasoner"]["inputs"]
    assert poe.bots()[0]["description"] == "Thinks first."


def test_what_poe_refuses_is_one_line_under_the_bot(native: NativeStack, poe: Emulator) -> None:
    poe.seed(OTHER_POE_KEY, {"handle": "Acme-Reasoner", "api_bot_settings": {}})
    run = native.program(declared(), config=CONFIG).up().failed()
    (line,) = [line for line in run.errors if "create bot" in line]
    assert line.startswith("create bot 'Acme-Reasoner': ")
    assert "rpc error" not in run.output
    assert run.tracebacks == []


def test_a_bot_is_not_deleted_before_the_one_that_replaces_it_is_there(native: NativeStack, poe: Emulator) -> None:
    options = {"deleteBeforeReplace": True}
    native.program(declared(options=options), config=CONFIG).up().succeeded()
    run = native.program(declared(options=options, handle="Acme-Other"), config=CONFIG).up().failed()
    (line,) = [line for line in run.errors if "delete bot" in line]
    assert "Set deleteBeforeReplace: false on its resource" in line
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Reasoner"]
    native.program(declared(handle="Acme-Other"), config=CONFIG).up().succeeded()
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Other"]
    assert steps(native.preview("--refresh", "--expect-no-changes").succeeded()) == "2 unchanged"


def test_a_replacement_under_the_same_handle_is_refused_and_the_page_says_the_way_out(
    native: NativeStack, poe: Emulator
) -> None:
    native.program(declared(options={"deleteBeforeReplace": True}), config=CONFIG).up().succeeded()
    urn = native.bots()["reasoner"]["urn"]
    run = native.up("--skip-preview", "--replace", urn).failed()
    assert "this account already has a bot 'Acme-Reasoner'" in run.output
    assert [one.method for one in poe.requests if one.method != "GET"] == ["POST"]
    native.stack.destroy("--skip-preview", "--target", urn).succeeded()
    native.up().succeeded()
    assert [one.method for one in poe.requests if one.method != "GET"] == ["POST", "DELETE", "POST"]


def test_a_bot_with_a_time_of_its_own(native: NativeStack, poe: Emulator) -> None:
    poe.faults.add(Fault("POST", hold=True, times=None))
    run = native.program(declared(options={"customTimeouts": {"create": "2s"}}), config=CONFIG).up().failed()
    (line,) = [line for line in run.errors if "create bot" in line]
    assert "did not answer within " in line
    assert "30 s" not in line


# --- secrets, and what is not known ---------------------------------------------------------------------


def test_secrets_are_secrets_however_they_are_passed(native: NativeStack) -> None:
    settings = {**BOT["apiBotSettings"], "apiKey": NEXT_ENDPOINT_KEY}
    native.program(
        declared(apiBotSettings=settings, description={"fn::secret": "of the user"}, extra={"new": "${endpointKey}"}),
        config=CONFIG,
    )
    native.preview().succeeded()
    native.up().succeeded()
    native.stack.refresh().succeeded()
    for state in (native.bots()["reasoner"]["inputs"], native.bots()["reasoner"]["outputs"]):
        assert "ciphertext" in state["apiBotSettings"]["apiKey"]
        assert "ciphertext" in state["description"]
        assert "ciphertext" in state["extra"]["new"]
    assert_no_key_was_seen(native.stack)
    native.up("--expect-no-changes", "--skip-preview").succeeded()


def test_what_another_bot_only_knows_later_is_unknown_in_the_preview(native: NativeStack, poe: Emulator) -> None:
    two = {"first": bot(handle="Acme-One"), "second": bot(handle="Acme-Two", description="see ${first.id}")}
    native.program(two)
    native.preview().succeeded()
    native.up().succeeded()
    assert [bot["description"] for bot in poe.bots()] == ["", "see Acme-One"]


# --- settings -------------------------------------------------------------------------------------------


def test_the_stacks_settings_are_used_and_the_key_stays_a_secret(
    new_native: Callable[..., NativeStack], poe: Emulator
) -> None:
    native = new_native()
    native.stack.config("endpointKey", ENDPOINT_KEY, secret=True)
    native.stack.config("poe:apiKey", OTHER_POE_KEY, secret=True).config("poe:apiUrl", poe.url)
    native.program(declared(), config=CONFIG).up().succeeded()
    assert len(poe.bots(OTHER_POE_KEY)) == 1
    native.stack.destroy().succeeded()
    assert_no_key_was_seen(native.stack)


def test_a_refresh_has_the_settings_of_the_last_up_unless_it_runs_the_program(
    new_native: Callable[..., NativeStack], poe: Emulator
) -> None:
    native = new_native()
    native.stack.config("endpointKey", ENDPOINT_KEY, secret=True)
    native.stack.config("poe:apiKey", POE_KEY, secret=True).config("poe:apiUrl", poe.url)
    native.program(declared(), config=CONFIG).up().succeeded()
    native.stack.config("poe:apiKey", "wrong", secret=True)
    native.stack.refresh().succeeded()
    run = native.stack.refresh("--run-program", "--skip-preview").failed()
    assert "The key is poe:apiKey in the stack config" in run.output


def test_settings_that_are_no_text_are_taken(native: NativeStack, poe: Emulator) -> None:
    poe.seed(OTHER_POE_KEY, {"handle": "Acme-One", "api_bot_settings": {}})
    settings = {"apiKey": OTHER_POE_KEY, "apiUrl": poe.url, "attempts": 3, "requestTimeout": 5, "adopt": ["Acme-One"]}
    other = {"type": "pulumi:providers:poe", "properties": settings}
    native.program({"other": other, "taken": bot(options={"provider": "${other}"}, handle="Acme-One")})
    native.up().succeeded()


def test_a_folder_of_the_project_file_is_taken_without_a_warning(native: NativeStack, tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    path = native.stack.environment["PATH"].split(os.pathsep)
    native.stack.environment["PATH"] = os.pathsep.join(folder for folder in path if folder != str(plugin))
    native.program(declared(), config=CONFIG, plugins={"providers": [{"name": "poe", "path": str(plugin)}]})
    assert "pulumi-resource-poe from $PATH" not in native.up().succeeded().output
    assert list(native.bots()) == ["reasoner"]


def test_a_provider_of_the_program_is_another_account(native: NativeStack, poe: Emulator) -> None:
    other = {"type": "pulumi:providers:poe", "properties": {"apiKey": OTHER_POE_KEY, "apiUrl": poe.url}}
    options = {"provider": "${other}"}
    native.program({"other": other, "mine": bot(handle="Acme-One"), "theirs": bot(options=options, handle="Acme-Two")})
    native.up().succeeded()
    assert [bot["handle"] for bot in poe.bots(POE_KEY)] == ["Acme-One"]
    assert [bot["handle"] for bot in poe.bots(OTHER_POE_KEY)] == ["Acme-Two"]
    native.stack.refresh("--expect-no-changes", "--skip-preview").succeeded()
    native.stack.destroy().succeeded()
    assert_no_key_was_seen(native.stack)


def test_no_key_of_the_environment_is_in_the_state(native: NativeStack) -> None:
    native.program({"empty": {"type": "pulumi:providers:poe", "properties": {}}})
    native.up().succeeded()
    assert_no_key_was_seen(native.stack)


# --- what only this shell can do ------------------------------------------------------------------------


def test_pulumi_import_takes_a_bot_over_and_writes_its_program(native: NativeStack, poe: Emulator) -> None:
    native.program(declared(), config=CONFIG).up().succeeded()
    native.run("state", "delete", native.bots()["reasoner"]["urn"], "--yes").succeeded()
    poe.requests.clear()
    run = native.run("import", "poe:index:Bot", "taken", "acme_reasoner", "--yes", "--protect=false").succeeded()
    assert "modelName: acme/reasoner-2" in run.output
    assert "handle: Acme-Reasoner" in run.output
    state = native.bots()["taken"]
    assert state["id"] == "acme_reasoner"
    assert "apiKey" not in state["inputs"]["apiBotSettings"]
    assert {request.method for request in poe.requests} == {"GET"}
    assert_no_key_was_seen(native.stack)

    without_key = {name: value for name, value in BOT["apiBotSettings"].items() if name != "apiKey"}
    native.program({"taken": bot(**{**BOT, "apiBotSettings": without_key})})
    assert steps(native.preview("--expect-no-changes").succeeded()) == "2 unchanged"
    native.program({"taken": bot(**BOT)}, config=CONFIG)
    assert "+ apiKey: [secret]" in native.preview().succeeded().output
    native.up().succeeded()
    (body,) = [one.body for one in poe.requests if one.method != "GET"]
    assert body == {"api_bot_settings": {"api_key": ENDPOINT_KEY}}


@pytest.mark.parametrize(
    ("handle", "message"),
    [
        ("Nothing-Here", "resource 'Nothing-Here' does not exist"),
        ("Prompt-Bot", "import bot 'Prompt-Bot': this account's bot of this handle is no API bot"),
    ],
)
def test_what_can_not_be_imported_is_one_line(native: NativeStack, poe: Emulator, handle: str, message: str) -> None:
    poe.seed(POE_KEY, {"handle": "Prompt-Bot"})
    run = native.run("import", "poe:index:Bot", "taken", handle, "--yes").failed()
    assert any(message in line for line in run.errors), run
    assert native.bots() == {}


def test_functions_look_at_the_account(native: NativeStack, poe: Emulator) -> None:
    poe.seed(POE_KEY, {"handle": "Acme-One", "is_private": False, "api_bot_settings": {"context_size": 4096}})
    found = {"fn::invoke": {"function": "poe:getBot", "arguments": {"handle": "acme_one"}}}
    listed = {"fn::invoke": {"function": "poe:getBots", "arguments": {"private": False}, "return": "handles"}}
    native.program(
        {},
        variables={"found": found, "listed": listed},
        outputs={"size": "${found.apiBotSettings.contextSize}", "url": "${found.url}", "listed": "${listed}"},
    )
    native.up().succeeded()
    assert native.stack.outputs() == {"size": 4096, "url": "https://poe.com/Acme-One", "listed": ["Acme-One"]}


def test_the_cli_reads_the_schema(native: NativeStack) -> None:
    plugin = Path(native.stack.environment["PATH"].split(os.pathsep)[1]) / "pulumi-resource-poe"
    run = native.run("package", "get-schema", str(plugin)).succeeded()
    found = json.loads(run.stdout)
    ours = json.loads(Path(serve.__file__).with_name("schema.json").read_text("utf-8"))
    assert found["resources"].keys() == ours["resources"].keys()
    assert found["types"].keys() == ours["types"].keys()


@pytest.fixture
def attached(native: NativeStack, poe: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[NativeStack]:
    """A stack whose plugin lives in this process."""
    monkeypatch.setenv("POE_API_URL", poe.url)
    monkeypatch.setenv("POE_API_KEY", POE_KEY)
    running, port = serve.server(Servicer())
    native.stack.environment["PULUMI_DEBUG_PROVIDERS"] = f"poe:{port}"
    yield native
    running.stop(None).wait()
    forget_sessions()
    machine.begin_anew()


def test_an_engine_attaches_to_a_plugin_that_is_there(attached: NativeStack, poe: Emulator) -> None:
    attached.program(declared(), config=CONFIG)
    attached.up("--yes").succeeded()
    assert len(poe.bots()) == 1
    by_hand.edit(poe, description="by hand")
    assert '"by hand"' in attached.stack.refresh("--diff").succeeded().output
    attached.stack.destroy().succeeded()
    assert poe.bots() == []


def test_ctrl_c_ends_the_waits_and_settles_what_is_on_its_way(native: NativeStack, poe: Emulator) -> None:
    fault = poe.faults.add(Fault("POST", "/bots", moment="after", delay=2))
    native.program(declared(), config=CONFIG)
    started = native.stack.start("up", "--yes", "--skip-preview")
    fault.wait_until_met(20)
    started.process.send_signal(signal.SIGINT)
    native.stack.finished(started).failed()
    assert len(poe.bots()) == 1
    assert list(native.bots()) == ["reasoner"]
    assert "pending_operations" not in native.stack.export()["deployment"]
    assert_no_key_was_seen(native.stack)


def test_a_dynamic_bot_becomes_a_native_one_and_nothing_is_sent(native: NativeStack, poe: Emulator) -> None:
    project = native.stack.folder / "Pulumi.yaml"
    project.write_text("name: tested\nruntime: python\n")
    native.stack.program("""
        Bot("reasoner", handle="Acme-Reasoner", description="ours", api_bot_settings={
            "model_name": "m", "api_key": pulumi.Config().require_secret("endpointKey"), "context_size": 4096})
        """)
    native.up().succeeded()
    (native.stack.folder / "__main__.py").unlink()
    poe.requests.clear()
    settings = {"modelName": "m", "apiKey": "${endpointKey}", "contextSize": 4096}
    native.program(
        {"reasoner": bot(handle="Acme-Reasoner", description="ours", apiBotSettings=settings)}, config=CONFIG
    )
    native.up().succeeded()
    native.stack.refresh().succeeded()
    assert {request.method for request in poe.requests} <= {"GET"}
    state = native.bots()["reasoner"]
    assert state["id"] == "Acme-Reasoner"
    assert "modelName" in state["outputs"]["apiBotSettings"]
    native.up("--expect-no-changes", "--skip-preview").succeeded()
    assert_no_key_was_seen(native.stack)
