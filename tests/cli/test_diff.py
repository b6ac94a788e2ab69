"""`pulumi-poe diff`, on a local Poe and a state of our own. tests/engine/test_diff_command.py has the real one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_poe.emulator import Emulator, Fault
from pulumi_poe.tokens import BOT_TYPE

Run = Callable[..., tuple[int, str, str]]
Record = Callable[..., None]

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Record:
    """Makes a state of these bots, for a `pulumi` that only shows it."""

    def make_state(*bots: dict[str, Any], **by_id: dict[str, Any]) -> None:
        recorded = [(str(bot["handle"]), bot) for bot in bots] + list(by_id.items())
        resources = [
            {"urn": f"urn:pulumi:dev::acme::{BOT_TYPE}::{name}", "type": BOT_TYPE, "id": name, "outputs": outputs}
            for name, outputs in recorded
        ]
        (tmp_path / "state.json").write_text(json.dumps({"deployment": {"resources": resources}}))

    pulumi = tmp_path / "pulumi"
    pulumi.write_text(f"#!{shutil.which('sh')}\ncat {tmp_path / 'state.json'}\n")
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    make_state()
    return make_state


def declared(handle: str, description: str = "first") -> dict[str, Any]:
    return {"handle": handle, "description": description}


def rows(output: str) -> list[list[str]]:
    return [line.split() for line in output.splitlines()]


@pytest.fixture
def three(poe: Emulator, record: Record) -> Emulator:
    """Three bots in the state: one is as it says, one has drifted, and one is not on Poe."""
    record(declared("Gone-Bot"), declared("Drifted-Bot"), declared("Same-Bot"))
    poe.seed(poe.api_key, declared("Drifted-Bot", "second"))
    poe.seed(poe.api_key, declared("Same-Bot"))
    return poe


def test_without_a_handle_all_bots_of_the_stack_are_compared_with_one_request(
    call: Run, poe: Emulator, record: Record
) -> None:
    for number in range(5):
        poe.seed(poe.api_key, declared(f"Bot-{number}"))
    record(*(declared(f"Bot-{number}", "first" if number else "edited") for number in range(5)))

    code, output, errors = call("diff")

    assert (code, errors) == (7, "")
    head, _, row, summary = output.splitlines()
    assert head.split() == ["bot", "property", "state", "Poe"]
    assert row.split() == ["Bot-0", "description", '"edited"', '"first"']
    assert summary == "5 bots: 4 as the state says, 1 different."
    assert len(poe.requests) == 1


def test_several_handles_are_compared_in_any_spelling_and_each_once(call: Run, three: Emulator) -> None:
    code, output, errors = call("diff", "drifted.bot", "same_bot", "DriftedBot")

    assert (code, errors) == (7, "")
    assert [row[0] for row in rows(output)[2:-1]] == ["Drifted-Bot"]
    assert output.endswith("2 bots: 1 as the state says, 1 different.\n")
    assert len(three.requests) == 1


def test_if_none_differs_it_exits_0_and_says_of_how_many(call: Run, poe: Emulator, record: Record) -> None:
    bots = [declared("One-Bot"), declared("Other-Bot")]
    for bot in bots:
        poe.seed(poe.api_key, bot)

    record(*bots)
    assert call("diff") == (0, "2 bots: Poe has what the state says.\n", "")
    record(bots[0])
    assert call("diff") == (0, "Bot 'One-Bot': Poe has what the state says.\n", "")


def test_a_single_bot_of_the_stack_is_named_beside_its_differences(call: Run, poe: Emulator, record: Record) -> None:
    record(declared("One-Bot"))
    poe.seed(poe.api_key, declared("One-Bot", "second"))

    code, output, _ = call("diff")

    assert code == 7
    assert rows(output)[2:] == [["One-Bot", "description", '"first"', '"second"']]


def test_bots_of_a_provider_are_compared_only_when_they_are_named(call: Run, poe: Emulator, record: Record) -> None:
    poe.seed(poe.api_key, declared("Their-Bot", "second"))
    record({**declared("Their-Bot"), "__provider_name": "other"})

    code, output, errors = call("diff")
    assert (code, output) == (0, "")
    assert errors.startswith("Not compared: 1 bot of the program's Providers. To compare those of one, set POE_API_KEY")
    assert call("diff", "their_bot")[0] == 7


@pytest.mark.usefixtures("three")
def test_a_bot_that_poe_lacks_is_an_error_and_hides_no_difference(call: Run) -> None:
    code, output, errors = call("diff")

    assert code == 1
    assert rows(output)[2] == ["Drifted-Bot", "description", '"first"', '"second"']
    assert output.endswith("3 bots: 1 as the state says, 1 different, 1 not compared.\n")
    assert errors == (
        "Error: diff bot 'Gone-Bot': the account of this key has no such bot. `pulumi-poe bots` lists what it has. "
        "`pulumi preview --refresh` tells whether it is gone.\n"
    )


@pytest.mark.usefixtures("three")
def test_a_handle_that_the_state_lacks_is_an_error_and_hides_no_difference(call: Run) -> None:
    code, output, errors = call("diff", "Drifted-Bot", "No-Bot", "--stack", "dev")

    assert code == 1
    assert "Drifted-Bot" in output
    assert errors == (
        "Error: diff bot 'No-Bot': stack 'dev' has no such bot. `pulumi-poe import` brings it under Pulumi.\n"
    )


def test_a_bot_that_can_not_be_asked_for_hides_no_difference(call: Run, three: Emulator) -> None:
    three.faults.add(Fault("GET", "/bots/Gone-Bot", status=403, times=None))

    code, output, errors = call("diff")

    assert code == 1
    assert "Drifted-Bot" in output
    assert errors.startswith("Error: diff bot 'Gone-Bot': Poe answered 403 Forbidden")


def test_a_list_that_can_not_be_had_is_one_error(call: Run, three: Emulator) -> None:
    three.faults.add(Fault("GET", "/bots", status=401, times=None))

    code, output, errors = call("diff")

    assert (code, output) == (1, "")
    assert errors.startswith("Error: diff bots: Poe answered 401")
    assert len(errors.splitlines()) == 1


@pytest.mark.usefixtures("three")
def test_as_json_it_is_always_a_list_with_the_same_names(call: Run) -> None:
    drifted = {
        "handle": "Drifted-Bot",
        "differences": [{"path": "description", "state": "first", "poe": "second"}],
        "error": None,
    }
    same: dict[str, Any] = {"handle": "Same-Bot", "differences": [], "error": None}

    code, output, errors = call("diff", "--json")
    gone, *others = json.loads(output)

    assert code == 1
    assert others == [drifted, same]
    assert (gone["handle"], gone["differences"]) == ("Gone-Bot", None)
    assert errors == f"Error: {gone['error']}\n"
    assert json.loads(call("diff", "drifted_bot", "--json")[1]) == [drifted]


@pytest.mark.usefixtures("record")
def test_an_empty_stack_differs_in_nothing_and_needs_no_key(
    call: Run, poe: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POE_API_KEY")

    assert call("diff") == (0, "The selected stack has no bots.\n", "")
    assert call("diff", "--stack", "dev") == (0, "Stack 'dev' has no bots.\n", "")
    assert call("diff", "--json") == (0, "[]\n", "")
    assert poe.requests == []


def test_a_bot_whose_handle_is_a_secret_is_known_by_its_id(call: Run, poe: Emulator, record: Record) -> None:
    record(**{"Secret-Bot": {"handle": SECRET, "description": "first"}})
    poe.seed(poe.api_key, declared("Secret-Bot", "second"))

    assert call("diff")[0] == call("diff", "secret.bot")[0] == 7


def test_whose_bot_it_is_says_the_provider_in_the_state_and_not_the_last_write(
    call: Run, poe: Emulator, record: Record, tmp_path: Path
) -> None:
    record(declared("Ours"), {**declared("Ours-Again"), "__provider_name": "other"}, declared("Theirs"))
    for handle in ("Ours", "Ours-Again"):
        poe.seed(poe.api_key, declared(handle))
    state = json.loads((tmp_path / "state.json").read_text())
    kind = "pulumi:providers:pulumi-python"
    urns = {name: f"urn:pulumi:dev::acme::{kind}::{name}" for name in ("default", "other")}
    for bot, name in zip(state["deployment"]["resources"], ("default", "default", "other"), strict=True):
        bot["provider"] = f"{urns[name]}::id"
    state["deployment"]["resources"] += [
        {"urn": urns["default"], "type": kind, "id": "id", "inputs": {}},
        {"urn": urns["other"], "type": kind, "id": "id", "inputs": {"poe:provider": "other"}},
    ]
    (tmp_path / "state.json").write_text(json.dumps(state))

    code, output, errors = call("diff")

    assert (code, output) == (0, "2 bots: Poe has what the state says.\n")
    assert errors.startswith("Not compared: 1 bot of the program's Providers.")
