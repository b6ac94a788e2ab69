"""Many bots under Pulumi at once, by the native plugin: `pulumi-poe import --native`."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import by_hand
import pytest
from canaries import ENDPOINT_KEY, assert_no_key_was_seen
from command import COMMAND
from hand_made import hand_made, not_api_bots
from native import ROOT, NativeStack, bot, shim
from stacks import OTHER_POE_KEY, POE_KEY, Stack

from pulumi_poe.emulator import Emulator
from tools.engine import install


@pytest.fixture
def native(tmp_path: Path, engine: Path, pulumi_home: Path, poe: Emulator) -> NativeStack:
    """A new stack on the local Poe."""
    path = [str(shim(tmp_path / "plugin")), str(engine), str(install.find_or_build_yaml_host(engine))]
    environment = {"POE_API_URL": poe.url, "POE_API_KEY": POE_KEY, "PYTHONPATH": str(ROOT)}

    def stack(folder: Path) -> Stack:
        return Stack(
            folder, engine_path=path, pulumi_home=pulumi_home, state=tmp_path / "state", environment=environment
        )

    return NativeStack(stack, tmp_path / "project")


def pulumi_poe(native: NativeStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in the project's folder."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=native.stack.folder,
        env=native.stack.environment,
        capture_output=True,
        text=True,
    )


def imported(native: NativeStack, *arguments: str) -> str:
    """Do all that the command says: the resources that the CLI wrote are the program's.

    They are taken as text: Python reads some of YAML otherwise than the host, such as `1:1`.
    """
    done = pulumi_poe(native, "import", *arguments, "--native", "--out", ".")
    assert done.returncode == 0, done.stderr
    (command,) = [line.strip() for line in done.stdout.splitlines() if line.startswith("  pulumi import")]
    native.run(*command.split()[1:]).succeeded()
    resources = (native.stack.folder / "bots.yaml").read_text()
    (native.stack.folder / "Pulumi.yaml").write_text(f"name: tested\nruntime: yaml\n{resources}")
    return resources


def writes(poe: Emulator) -> list[Any]:
    return [request.body for request in poe.requests if request.method != "GET"]


@pytest.mark.long
def test_thirty_bots_of_all_kinds_are_imported_with_their_program_and_preview_unchanged(
    native: NativeStack, poe: Emulator
) -> None:
    for one in [*hand_made(30), *not_api_bots()]:
        poe.seed(poe.api_key, one)
    before = poe.bots()

    resources = imported(native, "--all")

    assert resources.count("type: poe:Bot") == len(native.bots()) == 30
    assert sorted(one["id"] for one in native.bots().values()) == sorted(
        one["handle"] for one in before if one.get("api_bot_settings") is not None
    )
    native.preview("--expect-no-changes").succeeded()
    native.preview("--refresh", "--expect-no-changes").succeeded()
    assert writes(poe) == []
    assert poe.bots() == before
    assert_no_key_was_seen(native.stack)


def test_the_commands_of_the_page_import_all_bots(native: NativeStack, poe: Emulator) -> None:
    page = (ROOT / "docs/importing.md").read_text()
    (section,) = re.findall(r"^## For the native plugin\n(.*?)(?=^## )", page, flags=re.DOTALL | re.MULTILINE)
    commands = [line.removeprefix("$ ") for line in section.splitlines() if line.startswith("$ ")]
    for number in range(3):
        poe.seed(poe.api_key, {"handle": f"Acme-{number}", "api_bot_settings": {}})
    poe.seed(poe.api_key, {"handle": "Prompt-Bot"})
    for command in commands:
        done = subprocess.run(
            ["sh", "-c", command], cwd=native.stack.folder, env=native.stack.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        made = native.stack.folder / "bots.yaml"
        if made.exists():
            (native.stack.folder / "Pulumi.yaml").write_text(f"name: tested\nruntime: yaml\n{made.read_text()}")
    assert len(native.bots()) == 3


def test_an_endpoints_key_is_the_only_change_and_is_sent_alone(native: NativeStack, poe: Emulator) -> None:
    settings = {"model_name": "m", "base_url": "https://llm.example.com/v1"}
    for number in range(3):
        poe.seed(poe.api_key, {"handle": f"Acme-{number}", "api_bot_settings": settings})
    resources = imported(native, "--all")
    project = native.stack.folder / "Pulumi.yaml"
    added = resources.replace("modelName: m", "modelName: m\n        apiKey: ${endpointKey}", 1)
    project.write_text(f"name: tested\nruntime: yaml\nconfig: {{endpointKey: {{type: string, secret: true}}}}\n{added}")
    native.stack.config("endpointKey", ENDPOINT_KEY, secret=True)

    shown = native.preview().succeeded()

    assert "+ apiKey: [secret]" in shown.output
    assert "1 to update" in shown.output
    native.up().succeeded()
    assert writes(poe) == [{"api_bot_settings": {"api_key": ENDPOINT_KEY}}]
    assert_no_key_was_seen(native.stack)


def test_a_handle_may_be_a_name_that_yaml_keeps_for_itself(native: NativeStack, poe: Emulator) -> None:
    poe.seed(poe.api_key, {"handle": "Pulumi", "api_bot_settings": {}})
    imported(native, "pulumi")
    assert list(native.bots()) == ["pulumi-2"]
    native.preview("--expect-no-changes").succeeded()


def test_what_the_stack_has_is_left_out_and_its_names_are_taken(native: NativeStack, poe: Emulator) -> None:
    poe.seed(poe.api_key, {"handle": "Acme-One", "api_bot_settings": {}})
    imported(native, "acme-one")
    poe.seed(poe.api_key, {"handle": "Acme.One2", "api_bot_settings": {}})
    native.program({"acme-one2": bot(handle="Acme-One")})
    native.run("state", "rename", native.bots()["acme-one"]["urn"], "acme-one2", "--yes").succeeded()

    done = pulumi_poe(native, "import", "--all", "--native", "--out", "more", "--stack", "dev")

    assert "Left out, because already in the stack: 'Acme-One'." in done.stdout
    assert json.loads((native.stack.folder / "more/import.json").read_text()) == {
        "resources": [{"type": "poe:index:Bot", "name": "acme-one2-2", "id": "Acme.One2"}]
    }


def test_a_bot_that_the_stack_has_by_the_plugin_is_left_out_of_a_program_in_python(
    native: NativeStack, poe: Emulator
) -> None:
    poe.seed(poe.api_key, {"handle": "Acme-One", "api_bot_settings": {}})
    imported(native, "acme-one")
    done = pulumi_poe(native, "import", "--all", "--out", "more", "--stack", "dev")
    assert "There is nothing to import; no file was written." in done.stdout


# --- pulumi-poe diff ------------------------------------------------------------------------------------


def test_diff_sees_the_plugins_bots_and_calls_their_properties_as_the_program_does(
    native: NativeStack, poe: Emulator
) -> None:
    settings = {"modelName": "m", "contextSize": 4096, "pricing": {"prompt": "0.0000010"}}
    defined = [{"paramName": "style", "paramDest": "extra_body", "defaultValue": "short"}]
    native.program({"one": bot(handle="Acme-One", apiBotSettings={**settings, "paramDefinitions": defined})})
    native.up().succeeded()
    assert pulumi_poe(native, "diff").stdout == "Bot 'Acme-One': Poe has what the state says.\n"

    (on_poe,) = poe.bots()
    there = on_poe["api_bot_settings"]
    definition = {**there["param_definitions"][0], "default_value": "long"}
    by_hand.edit(poe, api_bot_settings={**there, "context_size": 9, "param_definitions": [definition]})
    done = pulumi_poe(native, "diff", "--json")

    assert done.returncode == 7, done.stderr
    (compared,) = json.loads(done.stdout)
    assert {"path": "apiBotSettings.contextSize", "state": 4096, "poe": 9} in compared["differences"]
    assert {
        "path": "apiBotSettings.paramDefinitions",
        "state": defined,
        "poe": [{**defined[0], "defaultValue": "long"}],
    } in compared["differences"]
    assert len(compared["differences"]) == 2


def test_diff_compares_no_secret_and_leaves_the_bots_of_a_provider_of_the_program_out(
    native: NativeStack, poe: Emulator
) -> None:
    theirs = {"type": "pulumi:providers:poe", "properties": {"apiKey": OTHER_POE_KEY, "apiUrl": poe.url}}
    native.program(
        {
            "partner": theirs,
            "ours": bot(handle="Acme-One", description={"fn::secret": "of the user"}),
            "theirs": bot(handle="Acme-Two", options={"provider": "${partner}"}),
        }
    )
    native.up().succeeded()
    (ours,) = poe.bots(POE_KEY)
    poe.seed(POE_KEY, {**ours, "description": "by hand"})

    done = pulumi_poe(native, "diff")

    assert done.stdout == "Bot 'Acme-One': Poe has what the state says.\n"
    assert done.stderr.startswith("Not compared: 1 bot of the program's Providers.")
