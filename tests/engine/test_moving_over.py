"""A stack of dynamic bots becomes one of native bots, and back. Poe is sent nothing for it.

The program in Python and that in YAML lie in folders of their own, and are programs of one stack.
"""

from __future__ import annotations

import json
import os
import textwrap
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from canaries import ENDPOINT_KEY, assert_no_key_was_seen
from native import NativeStack, bot, shim
from processes import kill_the_cli, kill_the_plugin, under_way
from stacks import OTHER_POE_KEY, POE_KEY, Run, Stack

from pulumi_poe.core.bot.handles import canonical_handle
from pulumi_poe.emulator import Emulator, Fault
from pulumi_poe.spelling import to_poe, to_pulumi
from pulumi_poe.tokens import BOT_TYPE, NATIVE_BOT_TYPE
from tools.engine import install

Bag = dict[str, Any]

TYPES = {"python": BOT_TYPE, "yaml": NATIVE_BOT_TYPE}
WAYS = [("python", "yaml"), ("yaml", "python")]
MANY = 50
OWN = {"newField": {"inner_key": [1]}}
"""Keys that are the user's own, and stay as they are."""

PROGRAM = """
import json, pathlib
import pulumi
from pulumi_poe import Bot, Provider

given = json.loads(pathlib.Path("bots.json").read_text())
for name, declared in given["bots"].items():
    settings = declared.get("api_bot_settings", {})
    if settings.get("api_key"):
        settings["api_key"] = pulumi.Config().require_secret("endpointKey")
    Bot(name, pulumi.ResourceOptions(**given["options"].get(name, {})), **declared)
"""


class Home:
    """One stack, and a program of it for each shell."""

    def __init__(self, folder: Path, engine: Path, pulumi_home: Path, poe: Emulator) -> None:
        path = [str(shim(folder / "plugin")), str(engine), str(install.find_or_build_yaml_host(engine))]
        environment = {"POE_API_URL": poe.url, "POE_API_KEY": POE_KEY}

        def stack(project: Path) -> Stack:
            return Stack(
                project, engine_path=path, pulumi_home=pulumi_home, state=folder / "state", environment=environment
            )

        self.yaml = NativeStack(stack, folder / "yaml")
        self.yaml.stack.config("endpointKey", ENDPOINT_KEY, secret=True)
        (folder / "python").mkdir()
        self.python = stack(folder / "python")
        settings = "Pulumi.dev.yaml"
        (folder / "python" / settings).write_text((folder / "yaml" / settings).read_text())
        self.python.pulumi("stack", "select", "dev", check=True)

    def stack(self, shell: str) -> Stack:
        return self.python if shell == "python" else self.yaml.stack

    def program(self, shell: str, bots: Mapping[str, Bag], options: Mapping[str, Bag] | None = None) -> Stack:
        """Write the shell's program of these bots, by Poe's names.

        :param options: of some resources, by the shell's own names.
        """
        if shell == "python":
            self.python.folder.joinpath("__main__.py").write_text(PROGRAM)
            given = json.dumps({"bots": bots, "options": options or {}})
            self.python.folder.joinpath("bots.json").write_text(given)
            return self.python
        self.yaml.program(
            {name: bot(options=(options or {}).get(name), **in_yaml(declared)) for name, declared in bots.items()},
            config={"endpointKey": {"type": "string", "secret": True}},
        )
        return self.yaml.stack

    def entries(self) -> list[Bag]:
        """What the state has of bots."""
        resources = self.yaml.stack.export()["deployment"].get("resources", [])
        return [one for one in resources if one["type"] in TYPES.values()]

    def assert_all_are(self, shell: str, handles: set[str]) -> None:
        """The state has these bots in the words of this shell, and no word of the other one."""
        entries = self.entries()
        assert {entry["id"] for entry in entries} == handles
        assert {entry["type"] for entry in entries} == {TYPES[shell]}
        assert all(f"::{TYPES[shell]}::" in entry["urn"].replace("$", "::") for entry in entries)
        for entry in entries:
            assert "__fingerprint" in entry["outputs"]
            for bag in (entry["inputs"], entry["outputs"]):
                assert ("__provider" in bag) is (shell == "python")
                declared = {name: value for name, value in bag.items() if not name.startswith("_")}
                assert declared.pop("extra", OWN) == OWN
                assert names_in(declared) == names_in(to_pulumi(declared) if shell == "yaml" else to_poe(declared))

    def fingerprints(self) -> dict[str, str]:
        return {entry["id"]: entry["outputs"]["__fingerprint"] for entry in self.entries()}


def names_in(value: Any) -> list[str]:
    """All keys, but for those of an encrypted value."""
    if isinstance(value, list):
        return [name for one in value for name in names_in(one)]
    if not isinstance(value, dict) or "ciphertext" in value:
        return []
    return [*value, *(name for inner in value.values() for name in names_in(inner))]


def in_yaml(declared: Bag) -> Bag:
    settings = declared.get("api_bot_settings", {})
    key = {"api_key": "${endpointKey}"} if "api_key" in settings else {}
    return to_pulumi({**declared, **({"api_bot_settings": {**settings, **key}} if settings else {})})


def one(number: int, **changed: Any) -> Bag:
    return {
        "handle": f"Acme-{number:02}",
        "description": f"number {number}",
        "is_private": False,
        "api_bot_settings": {
            "model_name": "acme/reasoner-2",
            "base_url": "https://llm.example.com/v1",
            "api_key": "that of the config",
            "pricing": {"prompt": "0.0000004"},
            "param_definitions": [{"param_name": "style", "param_dest": "extra_body", "default_value": "short"}],
        },
        "parameter_controls": {
            "api_version": "2",
            "sections": [
                {"controls": [{"control": "text_field", "label": "Style", "parameter_name": "style"}]},
            ],
        },
        "extra": OWN,
        **changed,
    }


def several(count: int) -> dict[str, Bag]:
    bots = {f"bot-{number:02}": one(number) for number in range(count - 1)}
    return {**bots, "plain": {"handle": "Acme-Plain"}}  # with no name that the two shells spell in two ways


def handles(bots: Mapping[str, Bag]) -> set[str]:
    return {declared["handle"] for declared in bots.values()}


def written(poe: Emulator) -> list[tuple[str, str, Any]]:
    return [(one.method, one.path.rpartition("/")[2], one.body) for one in poe.requests if one.method != "GET"]


@pytest.fixture
def home(tmp_path: Path, engine: Path, pulumi_home: Path, poe: Emulator) -> Home:
    return Home(tmp_path, engine, pulumi_home, poe)


def begun(home: Home, poe: Emulator, shell: str, bots: Mapping[str, Bag], **rest: Any) -> None:
    """The stack has these bots of this shell."""
    home.program(shell, bots, **rest).up().succeeded()
    home.assert_all_are(shell, handles(bots))
    poe.requests.clear()


@pytest.mark.long
@pytest.mark.parametrize(("before", "after"), WAYS)
def test_fifty_bots_move_in_one_run_there_and_back_and_nothing_is_sent(
    home: Home, poe: Emulator, before: str, after: str
) -> None:
    bots = several(MANY)
    begun(home, poe, before, bots)
    on_poe, fingerprints = poe.bots(), home.fingerprints()
    for shell in (after, before):
        stack = home.program(shell, bots)
        shown = stack.preview().succeeded()
        assert f"~ {MANY} to update" in shown.output
        assert "1 unchanged" in shown.output
        assert "bots move over from the other shell of pulumi-poe" in shown.output
        stack.up().succeeded()
        home.assert_all_are(shell, handles(bots))
        assert home.fingerprints() == fingerprints
        stack.preview("--expect-no-changes").succeeded()
        stack.refresh("--skip-preview", "--expect-no-changes").succeeded()
        stack.preview("--expect-no-changes").succeeded()
        assert_no_key_was_seen(stack)
    assert written(poe) == []
    assert poe.bots() == on_poe
    home.program(before, bots).destroy().succeeded()
    assert poe.bots() == []


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_a_refresh_before_changes_nothing_about_it(home: Home, poe: Emulator, before: str, after: str) -> None:
    bots = several(3)
    begun(home, poe, before, bots)
    (on_poe,) = (one for one in poe.bots() if one["handle"] == "Acme-00")
    poe.seed(POE_KEY, {**on_poe, "description": "by hand"})
    poe.requests.clear()
    stack = home.program(after, bots)
    stack.refresh().succeeded()
    assert {entry["type"] for entry in home.entries()} == {TYPES[before]}
    stack.up("--refresh", "--skip-preview").succeeded()
    home.assert_all_are(after, handles(bots))
    assert written(poe) == [("PATCH", "Acme-00", {"description": "number 0"})]
    stack.preview("--refresh", "--expect-no-changes").succeeded()


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_what_changes_in_the_same_run_is_sent_and_nothing_else(
    home: Home, poe: Emulator, before: str, after: str
) -> None:
    bots = several(3)
    begun(home, poe, before, bots)
    bots["bot-00"] = one(0, description="changed")
    stack = home.program(after, bots)
    assert "changed" in stack.preview("--diff").succeeded().output
    stack.up().succeeded()
    assert written(poe) == [("PATCH", "Acme-00", {"description": "changed"})]
    home.assert_all_are(after, handles(bots))
    stack.preview("--expect-no-changes").succeeded()


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_what_the_new_program_has_forgotten_is_named_before_anything_is_done(
    home: Home, poe: Emulator, before: str, after: str
) -> None:
    begun(home, poe, before, several(2))
    forgotten = one(0)
    del forgotten["is_private"], forgotten["extra"], forgotten["api_bot_settings"]["pricing"]
    bots = {**several(2), "bot-00": forgotten}
    for command in ("preview", "up"):
        run: Run = getattr(home.program(after, bots), command)().failed()
        names = "api_bot_settings.pricing.prompt, extra.newField.inner_key, is_private"
        names = names if after == "python" else names.replace("api_bot_settings", "apiBotSettings")
        names = names if after == "python" else names.replace("is_private", "isPrivate")
        assert any(f"move bot 'Acme-00' over: the state has {names} of it, and the program does not." in line for line in run.errors), run
        assert run.tracebacks == []
    assert written(poe) == []
    home.program(after, several(2)).up().succeeded()
    home.program(after, bots).up().succeeded()
    assert [method for method, *_ in written(poe)] == ["PUT"]


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_a_property_that_is_ignored_does_not_go_back_to_its_default(
    home: Home, poe: Emulator, before: str, after: str
) -> None:
    """The engine looks for the old value under the new name, finds none, and leaves the property out."""
    names = {"python": ("ignore_changes", "is_private"), "yaml": ("ignoreChanges", "isPrivate")}
    options = {shell: {"bot-00": {option: [name]}} for shell, (option, name) in names.items()}
    begun(home, poe, before, several(2), options=options[before])
    stack = home.program(after, several(2), options[after])
    run = stack.up().failed()
    assert any(f"the state has {names[after][1]} of it, and the program does not" in line for line in run.errors), run
    home.program(after, several(2)).up().succeeded()
    home.program(after, several(2), options[after]).up("--expect-no-changes", "--skip-preview").succeeded()
    assert written(poe) == []
