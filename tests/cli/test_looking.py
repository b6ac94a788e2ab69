"""`pulumi-poe bots`, `show` and `doctor`, on a local Poe."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from endpoints import ENDPOINT_KEY, Endpoint, served_by
from hand_made import hand_made

from pulumi_poe.emulator import Emulator

Run = Callable[..., tuple[int, str, str]]

ACME: dict[str, Any] = {
    "handle": "Acme-Reasoner",
    "is_private": False,
    "new_field": "kept",
    "api_bot_settings": {
        "model_name": "acme/reasoner-2",
        "base_url": "https://llm.example.com/v1",
        "api_key": "sk-canary",
        "pricing": {
            "prompt": "0.0000004",
            "completion": "0.0000016",
            "context_pricing": {"tiers": [{"min_tokens": 1, "prompt": "0.0000009"}]},
        },
    },
}


@pytest.fixture
def poe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    for name in [name for name in os.environ if name.startswith("POE_")]:
        monkeypatch.delenv(name)
    with Emulator() as emulator:
        monkeypatch.setenv("POE_API_URL", emulator.url)
        monkeypatch.setenv("POE_API_KEY", emulator.api_key)
        yield emulator


@pytest.fixture
def acme(poe: Emulator) -> Emulator:
    poe.seed(poe.api_key, ACME)
    poe.seed(poe.api_key, {"handle": "Prompt-Bot", "description": "by\nhand\x1b[31m"})
    return poe


# --- bots -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("acme")
def test_bots_are_a_table_with_prices_per_million(call: Run) -> None:
    code, output, errors = call("bots")

    assert (code, errors) == (0, "")
    head, _, first, second = output.splitlines()
    assert head.split() == ["handle", "who", "may", "use", "it", "API", "bot", "model", "base_url", "input", "output"]
    assert first.split() == [
        "Acme-Reasoner", "public", "yes", "acme/reasoner-2", "https://llm.example.com/v1", "$0.40+", "$1.60+",
    ]  # fmt: skip
    assert second.split() == ["Prompt-Bot", "private", "no"]


@pytest.mark.usefixtures("acme")
def test_bots_can_be_chosen(call: Run) -> None:
    assert "Prompt-Bot" not in call("bots", "--prefix", "ACME")[1]
    assert "Acme-Reasoner" not in call("bots", "--private")[1]
    assert "Prompt-Bot" not in call("bots", "--public")[1]
    assert call("bots", "--prefix", "none") == (0, "No bots.\n", "")


@pytest.mark.usefixtures("acme")
def test_bots_as_json_are_as_poe_gives_them(call: Run) -> None:
    acme, prompt = json.loads(call("bots", "--json")[1])

    assert acme["new_field"] == "kept"
    assert acme["api_bot_settings"]["pricing"]["prompt"] == "0.0000004"
    assert prompt == {"handle": "Prompt-Bot", "description": "by\nhand\x1b[31m", "is_private": True}


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
@pytest.mark.usefixtures("acme")
def test_a_terminal_gets_colour_unless_it_wants_none(no_color: str, coloured: bool) -> None:
    environment = {**os.environ, "TERM": "xterm-256color", "NO_COLOR": no_color, "COLUMNS": "200"}
    ours, theirs = pty.openpty()
    program = "from pulumi_poe.cli import main; main(['doctor', 'Prompt-Bot'])"
    done = subprocess.run([sys.executable, "-c", program], env=environment, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)

    assert done.returncode == 1
    assert ("\x1b[32m" in shown) is coloured
    assert done.stderr == b""  # progress is for terminals


# --- show -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("acme")
def test_show_names_every_field_and_no_key(call: Run) -> None:
    code, output, _ = call("show", "acme_reasoner")

    assert code == 0
    lines = [line.split(None, 1) for line in output.splitlines()]
    assert ["handle", "Acme-Reasoner"] in lines
    assert ["api_bot_settings.pricing.prompt", "0.0000004  ($0.40 per million tokens)"] in lines
    assert ["new_field", "kept"] in lines
    assert ["url", "https://poe.com/Acme-Reasoner"] in lines
    assert "canary" not in output


@pytest.mark.usefixtures("acme")
def test_text_of_others_can_neither_move_the_cursor_nor_fake_a_line(call: Run) -> None:
    output = call("show", "Prompt-Bot")[1]
    assert "\x1b" not in output
    assert "by\ufffdhand\ufffd[31m" in output


@pytest.mark.usefixtures("acme")
def test_a_bot_that_is_not_there_is_one_line_with_the_nearest_handles(call: Run) -> None:
    code, output, errors = call("show", "Acme-Reasonre")

    assert (code, output) == (1, "")
    assert errors == (
        "Error: show bot 'Acme-Reasonre': the account of this key has no such bot. Did you mean 'Acme-Reasoner'? "
        "`pulumi-poe bots` lists what it has.\n"
    )


@pytest.mark.parametrize("handle", ["", "...", "../bots", "a b", "é"])
@pytest.mark.usefixtures("acme")
def test_odd_handles_are_not_there(call: Run, handle: str) -> None:
    code, _, errors = call("show", handle)
    assert code == 1
    assert "has no such bot" in errors


# --- what can go wrong in all of them ---------------------------------------------------------------


@pytest.mark.parametrize(
    "command", [["bots"], ["show", "Acme"], ["doctor"], ["import", "--all", "--out", "nowhere"], ["bots", "--json"]]
)
@pytest.mark.usefixtures("poe")
def test_without_a_key_the_error_says_where_it_comes_from(
    call: Run, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.delenv("POE_API_KEY")

    code, output, errors = call(*command)

    assert (code, output) == (1, "")
    assert errors.startswith("Error: no Poe API key is set. Set POE_API_KEY in the environment")
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize("command", [["bots"], ["show", "Acme"], ["import", "--all", "--out", "nowhere"]])
@pytest.mark.usefixtures("poe")
def test_a_key_that_poe_refuses_is_one_line_and_not_shown(
    call: Run, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("POE_API_KEY", "wrong-canary")

    code, _, errors = call(*command)

    assert code == 1
    assert "Poe answered 401" in errors
    assert "wrong-canary" not in errors
    assert len(errors.splitlines()) == 1


def test_where_poe_can_not_be_reached_the_error_says_so(
    call: Run, poe: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    poe.stop()
    monkeypatch.setenv("POE_OPERATION_TIMEOUT", "0.5")

    code, _, errors = call("bots")

    assert code == 1
    assert errors.startswith("Error: list bots: ")
    assert "can't be reached" in errors


# --- doctor -----------------------------------------------------------------------------------------


def test_doctor_checks_the_endpoints_of_all_api_bots(call: Run, poe: Emulator) -> None:
    with Endpoint() as endpoint:
        poe.seed(poe.api_key, served_by(endpoint.url, "Good-Bot"))
        poe.seed(poe.api_key, {"handle": "Prompt-Bot"})

        code, output, _ = call("doctor", "--completion")

    assert code == 0
    assert "ok      key and account: 2 bots, 1 of them API bots" in output
    assert "ok      usage of streaming: 3 prompt_tokens and 3 completion_tokens" in output
    assert "Prompt-Bot" not in output


def test_doctor_exits_1_if_something_failed_and_says_what_to_do(call: Run, poe: Emulator) -> None:
    with Endpoint(usage=False) as endpoint:
        poe.seed(poe.api_key, served_by(endpoint.url, "Poor-Bot"))
        code, output, _ = call("doctor", "poor.bot", "--completion", "--json")

    assert code == 1
    failed = [finding for finding in json.loads(output) if finding["outcome"] == "failed"]
    assert {finding["about"] for finding in failed} == {"bot 'Poor-Bot'"}
    assert all(finding["advice"] for finding in failed)


def test_doctor_says_that_the_account_may_not_use_api_bots(call: Run, poe: Emulator) -> None:
    for status in (401, 404):
        poe.options.not_enabled_status = status  # type: ignore[assignment]
        code, output, _ = call("doctor")
        assert code == 1
        assert "not enabled for API bots" in output


@pytest.mark.usefixtures("acme")
def test_doctor_names_what_is_not_there_and_what_is_no_api_bot(call: Run) -> None:
    code, output, _ = call("doctor", "Prompt-Bot", "Nobody")
    assert code == 1
    assert "it has no api_bot_settings" in output
    assert "bot 'Nobody'" in output


def test_the_endpoints_key_goes_to_its_endpoint_and_into_no_output(
    call: Run, poe: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_KEY", ENDPOINT_KEY)
    with Endpoint(key=ENDPOINT_KEY) as endpoint:
        poe.seed(poe.api_key, served_by(endpoint.url, "Good-Bot"))
        code, output, errors = call("doctor", "--endpoint-key-env", "THE_KEY")

    assert code == 0
    assert [shown for *_, shown in endpoint.requests] == [f"Bearer {ENDPOINT_KEY}"]
    assert ENDPOINT_KEY not in output + errors


def test_a_key_is_not_sent_to_several_hosts(call: Run, poe: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", ENDPOINT_KEY)
    with Endpoint() as one, Endpoint() as other:
        poe.seed(poe.api_key, served_by(one.url, "One-Bot"))
        poe.seed(poe.api_key, served_by(other.url, "Other-Bot"))
        code, _, errors = call("doctor", "--endpoint-key-env", "THE_KEY")

    assert code == 2
    assert "The key would be sent to 2 hosts" in errors
    assert one.requests == other.requests == []


@pytest.mark.usefixtures("poe")
def test_a_variable_without_a_key_is_wrong_usage(call: Run) -> None:
    code, _, errors = call("doctor", "--endpoint-key-env", "NOT_SET")
    assert code == 2
    assert "The environment has no key in NOT_SET." in errors


# --- import -----------------------------------------------------------------------------------------


def test_import_of_three_hundred_bots_takes_less_than_three_seconds(run: Run, poe: Emulator, tmp_path: Path) -> None:
    for bot in hand_made(300):
        poe.seed(poe.api_key, bot)
    environment = {"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key}
    program = [sys.executable, "-c", f"import os; os.environ |= {environment}; from pulumi_poe.cli import main; main()"]

    begun = time.perf_counter()
    code, output, _ = run("import", "--all", "--out", str(tmp_path / "out"), program=program)

    assert code == 0
    assert "Wrote 300 bots" in output
    assert time.perf_counter() - begun < 3
    assert len(poe.requests) == 1


@pytest.mark.usefixtures("acme")
def test_import_writes_nothing_to_poe_and_no_key_to_its_files(call: Run, acme: Emulator, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"

    code, output, errors = call("import", "--all", "--out", str(out))

    assert code == 0
    assert sorted(file.name for file in out.iterdir()) == ["bots.py", "import.json"]
    assert "Left out, because they are no API bots: 'Prompt-Bot'." in output
    assert errors == (
        "Warning: bot 'Acme-Reasoner' has new_field, which pulumi-poe does not know: it stays as it is, undeclared\n"
    )
    assert [request.method for request in acme.requests] == ["GET"]
    written = output + errors + "".join(file.read_text() for file in out.iterdir())
    assert "canary" not in written
    assert acme.api_key not in written


@pytest.mark.usefixtures("acme")
def test_import_as_json_says_what_to_run(call: Run, tmp_path: Path) -> None:
    said = json.loads(call("import", "prompt-bot", "--out", str(tmp_path / "it's"), "--json")[1])

    assert said["imported"] == [{"handle": "Prompt-Bot", "name": "prompt-bot", "protect": True}]
    assert said["commands"][0].endswith("--protect=true")
    assert "'\"'\"'" in said["commands"][0]  # a shell takes it as one word


@pytest.mark.usefixtures("acme")
def test_files_that_exist_are_not_overwritten(call: Run, tmp_path: Path) -> None:
    (tmp_path / "bots.py").write_text("mine")

    code, _, errors = call("import", "--all", "--out", str(tmp_path))

    assert code == 1
    assert "bots.py exists. Use another folder for --out, or --force to overwrite." in errors
    assert (tmp_path / "bots.py").read_text() == "mine"
    assert not (tmp_path / "import.json").exists()


@pytest.mark.usefixtures("acme")
def test_force_overwrites_an_earlier_import(call: Run, tmp_path: Path) -> None:
    for _ in range(2):
        assert call("import", "--all", "--out", str(tmp_path), "--force")[0] == 0


@pytest.mark.usefixtures("acme")
def test_force_never_writes_a_program_without_a_bot_that_the_old_one_has(call: Run, tmp_path: Path) -> None:
    assert call("import", "acme-reasoner", "--out", str(tmp_path))[0] == 0
    before = (tmp_path / "bots.py").read_text()

    code, _, errors = call("import", "prompt-bot", "--out", str(tmp_path), "--force")

    assert code == 1
    assert "declares 'Acme-Reasoner', which the new one would not" in errors
    assert (tmp_path / "bots.py").read_text() == before


@pytest.mark.usefixtures("acme")
def test_a_folder_that_can_not_be_written_is_one_line(call: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    code, _, errors = call("import", "--all", "--out", str(tmp_path / "file" / "below"))

    assert code == 1
    assert errors.splitlines()[-1].startswith("Error: can't write ")


@pytest.mark.parametrize("arguments", [["--out", "x"], ["Acme", "--all", "--out", "x"], ["--all"]])
@pytest.mark.usefixtures("acme")
def test_bots_are_either_named_or_all(call: Run, arguments: list[str]) -> None:
    assert call("import", *arguments)[0] == 2


@pytest.mark.usefixtures("acme")
def test_one_handle_that_is_not_there_imports_none(call: Run, tmp_path: Path) -> None:
    code, _, errors = call("import", "acme-reasoner", "acme-reasonre", "--out", str(tmp_path / "out"))

    assert code == 1
    assert "import bot 'acme-reasonre': the account of this key has no such bot. Did you mean 'Acme-Reasoner'" in errors
    assert not (tmp_path / "out").exists()
