"""Every command of the pages on accounts, drift, performance and state, run in its order on a stack with one bot."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import by_hand
import pytest
from shells import HEAD
from stacks import OTHER_POE_KEY, POE_KEY, Stack, StackFactory

from pulumi_poe.emulator import Emulator

DOCS = Path(__file__).parents[2] / "docs"
ACCOUNTS, DRIFT, PERFORMANCE, STATE = (
    (DOCS / f"{name}.md").read_text() for name in ("accounts", "drift", "performance", "state")
)
ROTATED = "rotated-poe-key"
REASONER = """
Bot("reasoner", handle="Acme-Reasoner", description="Thinks first", api_bot_settings={
    "model_name": "acme/reasoner-2", "base_url": "https://llm.acme.example/v1", "api_key": "sk-endpoint"})
"""


def commands_in(page: str) -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]


def run(stack: Stack, command: str, exit_code: int = 0, *, typed: str = ROTATED, **environment: str) -> str:
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=stack.folder,
        env={**stack.environment, "PULUMI_SKIP_CONFIRMATIONS": "true", **environment},
        input=f"{typed}\n",
        capture_output=True,
        text=True,
    )
    assert done.returncode == exit_code, f"$ {command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def acme(new_stack: StackFactory, poe: Emulator, tmp_path: Path) -> Stack:
    """The pages' project: its settings are in the stack's config, and the bot is up."""
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: acme-bots\nruntime: python\n")
    stack = new_stack(folder=folder, poe=poe).program(REASONER).init()
    return stack.config("poe:apiUrl", poe.url).config("poe:apiKey", POE_KEY, secret=True).holding(REASONER)


def test_the_commands_of_the_page_on_drift_show_and_repair_it(acme: Stack, poe: Emulator) -> None:
    seeing, _, repairing = DRIFT.partition("## Repair it")
    by_hand.edit(poe, description="by hand")
    # The command line reads no stack config.
    acme.environment["POE_API_URL"] = poe.url
    differs = {"pulumi preview --refresh --expect-no-changes": 7}
    for command in commands_in(seeing):
        shown = run(acme, command, 7 if "pulumi-poe diff" in command else differs.get(command, 0))
        assert "description" in shown
    preview, diff = (_lines(block) for block in re.findall(r"```text\n(.*?)```", seeing, flags=re.DOTALL))
    assert preview - {"…"} <= _lines(run(acme, commands_in(seeing)[0]))
    assert diff <= _lines(run(acme, commands_in(seeing)[1], 7))
    (as_json,) = re.findall(r"```json\n(.*?)```", seeing, flags=re.DOTALL)
    assert as_json == run(acme, commands_in(seeing)[2], 7)
    assert poe.bots()[0]["description"] == "by hand"
    poe.requests.clear()

    for command in commands_in(repairing):
        run(acme, command)

    assert poe.bots()[0]["description"] == "Thinks first"
    assert [(request.method, request.path) for request in poe.requests].count(("GET", "/bots")) <= 4


def test_a_refresh_costs_one_request_in_each_half(acme: Stack, poe: Emulator) -> None:
    for options, requests in (("", 2), (" --skip-preview", 1)):
        poe.requests.clear()
        run(acme, "pulumi refresh" + options)
        assert [request.path for request in poe.requests] == ["/bots"] * requests


def test_the_commands_of_the_page_on_state_rename_things_and_change_no_bot(acme: Stack, poe: Emulator) -> None:
    bots, in_state = poe.bots(), acme.bots()["reasoner"]
    edits: Mapping[str, tuple[str, str]] = {
        "pulumi state rename": ("__main__.py", HEAD + REASONER.replace('"reasoner"', '"thinker"')),
        "pulumi stack rename organization": ("Pulumi.yaml", "name: acme-models\nruntime: python\n"),
    }
    poe.requests.clear()
    for command in commands_in(STATE):
        if "poe:apiKey" in command:
            poe.accounts["ours"] = ROTATED
        run(acme, command)
        for start, (file, text) in edits.items():
            if command.startswith(start):
                (acme.folder / file).write_text(text)

    assert poe.bots(ROTATED) == bots
    assert {request.method for request in poe.requests} == {"GET"}
    acme.preview("--refresh", "--expect-no-changes").succeeded()
    (found,) = acme.bots().values()
    assert found["urn"] == "urn:pulumi:prod::acme-models::pulumi-python:dynamic/poe:Bot::thinker"
    assert found["id"] == in_state["id"]
    assert found["outputs"]["__fingerprint"] != in_state["outputs"]["__fingerprint"]


def test_a_fingerprint_that_is_renewed_is_no_change(acme: Stack, poe: Emulator) -> None:
    poe.accounts["ours"] = ROTATED
    acme.config("poe:apiKey", ROTATED, secret=True)

    for command in ("preview --refresh --run-program", "refresh --preview-only --run-program"):
        acme.pulumi(*command.split(), "--expect-no-changes").succeeded()


def test_a_parent_and_another_spelling_change_what_the_page_on_state_says(acme: Stack, poe: Emulator) -> None:
    poe.requests.clear()
    before = acme.bots()["reasoner"]
    options = "parent=team, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]"
    moved = REASONER.replace('"reasoner",', f'"reasoner", pulumi.ResourceOptions({options}),')
    team = "team = pulumi.ComponentResource('acme:index:Team', 'team')\n"
    acme.program(team + moved.replace("Acme-Reasoner", "acme.reasoner"))

    run(acme, "pulumi up")

    after = acme.bots()["reasoner"]
    assert "acme:index:Team$" in after["urn"]
    assert after["id"] == before["id"] == "Acme-Reasoner"
    assert after["outputs"]["handle"] == "Acme-Reasoner"
    assert after["outputs"]["__fingerprint"] == before["outputs"]["__fingerprint"]
    assert after["inputs"]["handle"] == "acme.reasoner"
    assert [request.method for request in poe.requests if request.method != "GET"] == []


def test_the_page_on_state_shows_what_is_in_it(acme: Stack) -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", STATE, flags=re.DOTALL)
    found = acme.bots()["reasoner"]

    for name in ("urn", "type", "id"):
        assert f'"{name}": "{found[name]}"' in shown
    assert f'"__provider": "{found["inputs"]["__provider"]}"' in shown
    assert set(re.findall(r'"(\w+)":', shown)) >= {*found["inputs"], *found["outputs"]}
    assert set(found["outputs"]) == {"__fingerprint", "__resource", *found["inputs"]}
    assert found["outputs"]["__resource"] == "reasoner"
    assert re.fullmatch(r"[0-9a-f]{32}", found["outputs"]["__fingerprint"])


def test_a_poe_that_moved_is_accepted_as_the_page_on_state_says(acme: Stack, poe: Emulator) -> None:
    moved = poe.url.replace("127.0.0.1", "localhost")
    acme.config("poe:apiUrl", moved)
    (command,) = re.findall(r"`POE_ACCEPT_ADDRESS=\S+ (pulumi [^`]+)`", STATE)

    run(acme, command, POE_ACCEPT_ADDRESS=moved)
    run(acme, "pulumi up")

    run(acme, "pulumi preview --refresh --expect-no-changes")


def test_a_bot_that_is_known_to_be_gone_leaves_the_state_as_the_page_on_drift_says(acme: Stack, poe: Emulator) -> None:
    poe.accounts["ours"] = ROTATED
    by_hand.delete(poe, "Acme-Reasoner")
    acme.config("poe:apiKey", ROTATED, secret=True)
    assert "A bot can't move between accounts" in acme.up().failed().output
    acme.up(POE_MISSING_IS_GONE="Acme-Reasoner").succeeded()  # as the error says
    (command,) = re.findall(r"`(POE_MISSING_IS_GONE=\S+ pulumi [^`]+)`", DRIFT)

    run(acme, "pulumi refresh", 1)
    assert list(acme.bots()) == ["reasoner"]
    run(acme, command)

    assert acme.bots() == {}


def test_the_program_of_the_page_on_accounts_has_each_bot_in_its_own(acme: Stack, poe: Emulator) -> None:
    acme.destroy().succeeded()
    for command in commands_in(ACCOUNTS):
        run(acme, command, typed=OTHER_POE_KEY)
    program = "\n".join(re.findall(r"```python\n(.*?)```", ACCOUNTS, flags=re.DOTALL))
    (patient,) = re.findall(r"`(pulumi_poe\.Provider\([^`]*\))` is the stack's own account", ACCOUNTS)
    looks = f"pulumi.export('ours', pulumi_poe.get_bots(opts=pulumi.InvokeOptions(provider={patient})).handles)"
    acme.program(f"{program}\n{looks}")

    acme.up().succeeded()
    acme.up().succeeded()

    theirs = ["Partner-Reasoner", "Partner-Assistant"]
    assert {bot["handle"] for bot in poe.bots(OTHER_POE_KEY)} == {*theirs}
    assert [bot["handle"] for bot in poe.bots(POE_KEY)] == ["Acme-Reasoner"]
    assert sorted(acme.outputs()["theirs"]) == sorted(theirs)
    assert acme.outputs()["ours"] == ["Acme-Reasoner"]
    (shown,) = re.findall(r"```json\n(.*?)```", ACCOUNTS, flags=re.DOTALL)
    (found,) = [one for one in acme.export()["deployment"]["resources"] if one["urn"].endswith("python::partner")]
    for name in ("urn", "type"):
        assert f'"{name}": "{found[name]}"' in shown
    assert set(re.findall(r'"(poe:\w+)":', shown)) == set(found["inputs"]) == set(found["outputs"])
    assert "ciphertext" in found["inputs"]["poe:apiKey"]


def test_a_plain_key_lets_the_plain_functions_look_as_the_page_on_accounts_says(acme: Stack, poe: Emulator) -> None:
    acme.config("partnerPoeKey", OTHER_POE_KEY, secret=True)
    secret, plain = re.findall(r'`(config\.require\w*\("partnerPoeKey"\))`', ACCOUNTS)[::-1]
    program = re.findall(r"```python\n(.*?)```", ACCOUNTS, flags=re.DOTALL)[0].partition("endpoint =")[0]
    looks = "pulumi.export('theirs', pulumi_poe.get_bots(opts=pulumi.InvokeOptions(provider=partner)).handles)"
    poe.seed(OTHER_POE_KEY, {"handle": "Partner-Bot"})

    acme.program(f"{program.replace(secret, plain)}\n{REASONER}\n{looks}").up().succeeded()

    assert acme.outputs()["theirs"] == ["Partner-Bot"]
    (found,) = [one for one in acme.export()["deployment"]["resources"] if one["urn"].endswith("python::partner")]
    assert "ciphertext" in found["inputs"]["poe:apiKey"]


def test_the_commands_of_the_page_on_performance_send_nothing_where_nothing_changes(acme: Stack, poe: Emulator) -> None:
    commands = re.findall(r"`(pulumi [^`]+)`", PERFORMANCE)
    assert len(commands) == 2
    poe.requests.clear()

    for command in commands:
        run(acme, command)

    assert list(poe.requests) == []


def _lines(text: str) -> set[str]:
    """Without what fills the lines up."""
    return {" ".join(re.sub(r"─+", "─", line).split()) for line in text.splitlines() if line.strip()}
