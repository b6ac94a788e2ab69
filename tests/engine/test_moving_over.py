"""A stack of dynamic bots becomes one of native bots, and back. Poe is sent nothing for it.

The program in Python and that in YAML lie in folders of their own, and are programs of one stack.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from canaries import ENDPOINT_KEY, NEXT_ENDPOINT_KEY, assert_no_key_was_seen
from native import NativeStack, bot, shim
from processes import WAYS_TO_END_IT, under_way
from stacks import OTHER_POE_KEY, POE_KEY, Run, Stack

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
def test_fifty_bots_move_in_one_run_there_and_back_and_nothing_is_sent(home: Home, poe: Emulator) -> None:
    before, after = "python", "yaml"
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
        names = {
            "python": "api_bot_settings.pricing.prompt, extra.newField.inner_key, is_private",
            "yaml": "apiBotSettings.pricing.prompt, extra.newField.inner_key, isPrivate",
        }
        line = f"move bot 'Acme-00' over: the state has {names[after]} of it, and the program does not."
        assert any(line in error for error in run.errors), run
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


# --- interrupted ----------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("way", ["kill the CLI", "kill the plugin"])
@pytest.mark.parametrize(("before", "after"), WAYS)
def test_a_run_that_is_killed_in_the_middle_is_finished_by_the_next_one(
    home: Home, poe: Emulator, before: str, after: str, way: str
) -> None:
    bots = several(30)
    begun(home, poe, before, bots)
    changed = {f"bot-{number:02}": one(number, description="changed") for number in range(10, 13)}
    # What is held keeps the run in its middle: these bots have not moved when it is killed, and all others have.
    fault = poe.faults.add(Fault("PATCH", hold=True, drop=True, times=None))
    stack = home.program(after, {**bots, **changed})
    with under_way(stack, "up", "--yes", "--skip-preview") as running:
        fault.wait_until_met(60)
        wait_until_moved(home, after, len(bots) - len(changed))
        running.end(WAYS_TO_END_IT[way])
        fault.release()
    poe.faults.clear()
    assert {entry["id"] for entry in home.entries() if entry["type"] == TYPES[before]} == handles(changed)
    assert {entry["id"] for entry in home.entries()} == handles(bots)

    if stack.up().exit_code != 0:
        assert "pulumi cancel" in stack.runs[-1].output, stack.runs[-1]
        stack.pulumi("cancel", "--yes", check=True)
        stack.up().succeeded()

    home.assert_all_are(after, handles(bots))
    assert {method for method, *_ in written(poe)} == {"PATCH"}
    assert {handle for _, handle, _ in written(poe)} == handles(changed)
    assert {body["description"] for *_, body in written(poe)} == {"changed"}
    stack.preview("--refresh", "--expect-no-changes").succeeded()
    assert_no_key_was_seen(stack)


def wait_until_moved(home: Home, shell: str, count: int) -> None:
    ends = time.monotonic() + 60
    while sum(entry["type"] == TYPES[shell] for entry in home.entries()) != count:
        assert time.monotonic() < ends, "they do not move"
        time.sleep(0.1)


# --- what else changes in the same run ------------------------------------------------------------------


OLD = {
    "python": "urn:pulumi:dev::tested::pulumi-python:dynamic/poe:Bot::bot-00",
    "yaml": "urn:pulumi:dev::tested::poe:index:Bot::bot-00",
}


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_a_resource_of_another_name_is_refused_and_its_bot_stays(
    home: Home, poe: Emulator, before: str, after: str
) -> None:
    begun(home, poe, before, {"bot-00": one(0)})
    on_poe = poe.bots()
    stack = home.program(after, {"renamed": one(0)})
    for run in (stack.preview(), stack.up(), stack.up("--continue-on-error", "--skip-preview")):
        assert any("this account already has a bot 'Acme-00'" in line for line in run.failed().errors), run
    assert [entry["urn"] for entry in home.entries()] == [OLD[before]]
    home.program(after, {"renamed": one(0)}, {"renamed": {"aliases": [OLD[before]]}}).up().succeeded()
    home.assert_all_are(after, {"Acme-00"})
    assert written(poe) == []
    assert poe.bots() == on_poe


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_a_resource_of_another_name_that_adopts_keeps_the_bot(
    home: Home, poe: Emulator, before: str, after: str
) -> None:
    """The processes of both shells tell one another who has it."""
    begun(home, poe, before, {"bot-00": one(0)})
    on_poe = poe.bots()
    run = home.program(after, {"renamed": one(0, adopt=True)}).up().succeeded()
    assert "bot 'Acme-00' is kept: another resource of this stack manages it now." in run.output
    assert [method for method, *_ in written(poe)] == ["PATCH"]
    assert poe.bots() == on_poe
    home.assert_all_are(after, {"Acme-00"})


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_another_handle_is_another_bot(home: Home, poe: Emulator, before: str, after: str) -> None:
    begun(home, poe, before, {"bot-00": one(0)})
    run = home.program(after, {"bot-00": one(1)}).up().succeeded()
    assert "bot 'Acme-00' is replaced by a new bot 'Acme-01': users" in run.output
    assert [method for method, *_ in written(poe)] == ["POST", "DELETE"]
    home.assert_all_are(after, {"Acme-01"})


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_a_bot_whose_parent_moves_too(home: Home, poe: Emulator, before: str, after: str) -> None:
    bots = {f"bot-{number:02}": {"handle": f"Acme-{number:02}", "is_private": False} for number in range(2)}
    python = """
        parent = Bot("bot-00", handle="Acme-00", is_private=False)
        Bot("bot-01", pulumi.ResourceOptions(parent=parent), handle="Acme-01", is_private=False)
        """
    stacks = {
        "python": lambda: home.python.program(python),
        "yaml": lambda: home.program("yaml", bots, {"bot-01": {"parent": "${bot-00}"}}),
    }
    stacks[before]().up().succeeded()
    poe.requests.clear()
    stacks[after]().up().succeeded()
    home.assert_all_are(after, handles(bots))
    (child,) = (entry["urn"] for entry in home.entries() if entry["id"] == "Acme-01")
    assert child == f"urn:pulumi:dev::tested::{TYPES[after]}${TYPES[after]}::bot-01"
    stacks[after]().preview("--expect-no-changes").succeeded()
    assert written(poe) == []


IN_A_COMPONENT = """
    team = pulumi.ComponentResource("acme:index:Team", "team")
    in_team = pulumi.ResourceOptions(parent=team, aliases=[])
    """
DYNAMIC = (
    IN_A_COMPONENT
    + """
    Bot("bot-00", in_team, handle="Acme-00", is_private=False)
    """
)
# As an SDK declares it that is made from the schema.
NATIVE = (
    IN_A_COMPONENT
    + f"""
    in_team.aliases = [pulumi.Alias(type_="{BOT_TYPE}")]
    pulumi.CustomResource("{NATIVE_BOT_TYPE}", "bot-00", {{"handle": "Acme-00", "isPrivate": False}}, in_team)
    """
)


@pytest.mark.parametrize(("before", "after"), [(DYNAMIC, NATIVE), (NATIVE, DYNAMIC)], ids=["to native", "to dynamic"])
def test_a_bot_of_a_component_moves_within_python(home: Home, poe: Emulator, before: str, after: str) -> None:
    home.python.program(before).up().succeeded()
    poe.requests.clear()
    stack = home.python.program(after)
    stack.up().succeeded()
    home.assert_all_are("yaml" if after == NATIVE else "python", {"Acme-00"})
    stack.preview("--expect-no-changes").succeeded()
    assert written(poe) == []


def test_a_bot_that_leaves_its_component_needs_its_old_urn(home: Home, poe: Emulator) -> None:
    home.python.program(DYNAMIC).up().succeeded()
    poe.requests.clear()
    bots = {"bot-00": {"handle": "Acme-00", "is_private": False}}
    run = home.program("yaml", bots).up().failed()
    assert any("this account already has a bot 'Acme-00'" in line for line in run.errors), run
    (entry,) = home.entries()
    home.program("yaml", bots, {"bot-00": {"aliases": [entry["urn"]]}}).up().succeeded()
    home.assert_all_are("yaml", {"Acme-00"})
    assert written(poe) == []


# --- accounts -------------------------------------------------------------------------------------------


def test_bots_of_a_provider_move_with_it_there_and_back(home: Home, poe: Emulator) -> None:
    def python() -> Stack:
        return home.python.program(f"""
            other = pulumi_poe.Provider("other", api_key={OTHER_POE_KEY!r}, api_url={poe.url!r})
            Bot("theirs", pulumi.ResourceOptions(provider=other), handle="Acme-Theirs", is_private=False)
            Bot("ours", handle="Acme-Ours", is_private=False)
            """)

    def yaml() -> Stack:
        settings = {"apiKey": OTHER_POE_KEY, "apiUrl": poe.url}
        theirs = bot(options={"provider": "${other}"}, handle="Acme-Theirs", isPrivate=False)
        home.yaml.program(
            {
                "other": {"type": "pulumi:providers:poe", "properties": settings},
                "theirs": theirs,
                "ours": bot(handle="Acme-Ours", isPrivate=False),
            }
        )
        return home.yaml.stack

    python().up().succeeded()
    poe.requests.clear()
    for shell, program in (("yaml", yaml), ("python", python)):
        stack = program()
        stack.up().succeeded()
        home.assert_all_are(shell, {"Acme-Theirs", "Acme-Ours"})
        stack.preview("--expect-no-changes").succeeded()
        stack.refresh("--skip-preview", "--expect-no-changes").succeeded()
        assert_no_key_was_seen(stack)
    assert written(poe) == []
    assert [len(poe.bots(key)) for key in (POE_KEY, OTHER_POE_KEY)] == [1, 1]


def test_a_bot_does_not_move_to_another_account(home: Home, poe: Emulator) -> None:
    home.python.program(f"""
        other = pulumi_poe.Provider("other", api_key={OTHER_POE_KEY!r}, api_url={poe.url!r})
        Bot("theirs", pulumi.ResourceOptions(provider=other), handle="Acme-Theirs")
        """).up().succeeded()
    poe.requests.clear()
    stack = home.program("yaml", {"theirs": {"handle": "Acme-Theirs"}})
    for run in (stack.preview(), stack.up()):
        (line,) = run.failed().errors
        assert line.startswith("move bot 'Acme-Theirs' over: the account of the key in use (POE_API_KEY in the environ")
    assert written(poe) == []
    assert [entry["type"] for entry in home.entries()] == [BOT_TYPE]


# --- a refresh that runs the new program ----------------------------------------------------------------


SECRET_URL = f"https://{NEXT_ENDPOINT_KEY}.example.com/v1"
WITH_A_SECRET_URL = f"""
import pulumi
from pulumi_poe import Bot

url = pulumi.Output.secret("{SECRET_URL}")
Bot("bot-00", handle="Acme-00", api_bot_settings={{"model_name": "m", "base_url": url}})
"""


def test_a_refresh_with_the_new_program_keeps_what_is_secret_and_the_next_up_moves(home: Home, poe: Emulator) -> None:
    """The engine finds its marks of secrets by the names of properties, so a read may not change them."""
    home.python.folder.joinpath("__main__.py").write_text(WITH_A_SECRET_URL)
    home.python.up().succeeded()
    settings = {"modelName": "m", "baseUrl": {"fn::secret": SECRET_URL}}
    home.yaml.program({"bot-00": bot(handle="Acme-00", apiBotSettings=settings)})
    stack = home.yaml.stack
    (on_poe,) = poe.bots()
    poe.seed(POE_KEY, {**on_poe, "api_bot_settings": {**on_poe["api_bot_settings"], "model_name": "by hand"}})
    poe.requests.clear()
    stack.preview("--refresh", "--run-program", "--diff").succeeded()
    stack.refresh("--run-program", "--skip-preview", "--diff").succeeded()
    stack.refresh().succeeded()
    stack.up().succeeded()
    home.assert_all_are("yaml", {"Acme-00"})
    assert written(poe) == [("PATCH", "Acme-00", {"api_bot_settings": {"model_name": "m"}})]
    stack.preview("--expect-no-changes").succeeded()
    assert_no_key_was_seen(stack)


def test_a_refresh_with_the_new_program_does_not_come_to_the_dynamic_one_and_changes_nothing(
    home: Home, poe: Emulator
) -> None:
    """Pulumi's SDK looks for the provider in the record before it calls it."""
    bots = several(2)
    begun(home, poe, "yaml", bots)
    stack = home.program("python", bots)
    assert "KeyError: '__provider'" in stack.refresh("--run-program", "--skip-preview").failed().output
    home.assert_all_are("yaml", handles(bots))
    stack.up().succeeded()
    home.assert_all_are("python", handles(bots))
    assert written(poe) == []


# --- the page -------------------------------------------------------------------------------------------


PAGE = (Path(__file__).parents[2] / "docs/moving-over.md").read_text()


def blocks(language: str, text: str = PAGE) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_the_commands_and_programs_of_the_page_move_a_stack_there_and_back(home: Home, poe: Emulator) -> None:
    """In one folder, as a person does it."""
    stack = home.yaml.stack
    (python,), (yaml,) = blocks("python"), blocks("yaml")
    to_native, to_python = blocks("text")
    # The stack of the tests has a project of another name.
    programs = {"python": "name: tested\nruntime: python\n", "yaml": yaml.replace("name: my-bots", "name: tested")}
    (stack.folder / "__main__.py").write_text(python)
    (stack.folder / "Pulumi.yaml").write_text(programs["python"])
    stack.up().succeeded()
    poe.requests.clear()
    first, *others = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]
    for shell, shown in (("yaml", to_native), ("python", to_python)):
        said = [run_as_written(stack, first)]
        (stack.folder / "Pulumi.yaml").write_text(programs[shell])
        said += [run_as_written(stack, command) for command in others]
        assert shown.strip() in said[1]
        home.assert_all_are(shell, {"Acme-Reasoner"})
    assert written(poe) == []


def run_as_written(stack: Stack, command: str) -> str:
    name, *rest = command.split()
    assert name == "pulumi"
    return stack.pulumi(*rest, check=True, PULUMI_SKIP_CONFIRMATIONS="true").output
