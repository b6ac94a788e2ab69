"""`pulumi-poe import`, on a local Poe. tests/engine/test_import.py hands its files to the real engine."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hand_made import hand_made

from pulumi_poe.emulator import Emulator

Run = Callable[..., tuple[int, str, str]]


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
    assert "Left out, because --all takes API bots only: 'Prompt-Bot'. To import one, name it." in output
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


@pytest.mark.usefixtures("poe")
def test_an_account_without_bots_has_nothing_to_import(call: Run, tmp_path: Path) -> None:
    said = "There is nothing to import; no file was written.\n"
    assert call("import", "--all", "--out", str(tmp_path)) == (0, said, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("acme")
def test_files_that_exist_are_not_overwritten(call: Run, tmp_path: Path) -> None:
    (tmp_path / "bots.py").write_text("mine")

    code, _, errors = call("import", "--all", "--out", str(tmp_path))

    assert code == 1
    assert errors == (
        f"Error: {tmp_path} already has bots.py. Use another folder for --out, or --force to overwrite.\n"
    )
    assert (tmp_path / "bots.py").read_text() == "mine"
    assert not (tmp_path / "import.json").exists()


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("out", "named"),
    [(".", "the current folder"), ("", "the current folder"), ("below", "below"), ("..", "{above}")],
)
def test_the_folder_is_named_and_not_shown_as_dots(
    call: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, named: str
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    output = call("import", "acme-reasoner", "--out", out)[1]

    assert f"Wrote 1 bot to {named.format(above=tmp_path)}. Nothing was changed on Poe.\n" in output


@pytest.mark.usefixtures("acme")
def test_in_the_projects_folder_the_program_has_only_to_be_imported(call: Run, tmp_path: Path) -> None:
    told = []
    for _ in range(2):
        told.append(call("import", "acme-reasoner", "--out", str(tmp_path), "--force")[1])
        (tmp_path / "__main__.py").touch()

    assert "Then put bots.py beside __main__.py, add `import bots` to that, and run:" in told[0]
    assert "Then add `import bots` to __main__.py, and run:" in told[1]


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
    assert errors.splitlines()[-1] == f"Error: can't write {tmp_path / 'file' / 'below'}: Not a directory"


@pytest.mark.usefixtures("acme")
def test_a_file_that_can_not_be_written_is_named_and_leaves_no_other(call: Run, tmp_path: Path) -> None:
    (tmp_path / "bots.py").touch()
    (tmp_path / "import.json").mkdir()

    code, _, errors = call("import", "--all", "--out", str(tmp_path), "--force")

    assert code == 1
    assert errors.splitlines()[-1].startswith(f"Error: can't write {tmp_path / 'import.json'}: ")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["bots.py", "import.json"]


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


# --- for the native plugin ------------------------------------------------------------------------------


@pytest.mark.usefixtures("acme")
def test_for_the_native_plugin_it_writes_one_file_and_says_what_to_run(call: Run, tmp_path: Path) -> None:
    code, output, errors = call("import", "--all", "--native", "--out", str(tmp_path))

    assert (code, errors) == (0, "")
    assert [file.name for file in tmp_path.iterdir()] == ["import.json"]
    assert json.loads((tmp_path / "import.json").read_text()) == {
        "resources": [{"type": "poe:index:Bot", "name": "acme-reasoner", "id": "Acme-Reasoner"}]
    }
    assert output.splitlines()[:5] == [
        "Left out, because --all takes API bots only: 'Prompt-Bot'.",
        f"Wrote 1 bot to {tmp_path}. Nothing was changed on Poe.",
        "Next, in the project's folder:",
        f"  pulumi import --file {tmp_path}/import.json --out {tmp_path}/bots.yaml --yes --protect=false",
        "Then put the resources of bots.yaml into the program, and run:",
    ]


@pytest.mark.usefixtures("acme")
def test_for_the_native_plugin_it_says_the_same_as_json(call: Run, tmp_path: Path) -> None:
    said = json.loads(call("import", "--all", "--native", "--out", str(tmp_path), "--json")[1])

    assert said["files"] == [str(tmp_path / "import.json")]
    assert said["imported"] == [{"handle": "Acme-Reasoner", "name": "acme-reasoner", "protect": False}]
    assert said["no_api_bots"] == ["Prompt-Bot"]
    (command,) = said["commands"]
    assert command.startswith("pulumi import --file ")


@pytest.mark.usefixtures("acme")
def test_a_named_bot_that_the_native_plugin_can_not_have_is_refused_and_nothing_written(
    call: Run, tmp_path: Path
) -> None:
    code, output, errors = call("import", "prompt-bot", "acme-reasoner", "--native", "--out", str(tmp_path / "out"))

    assert (code, output) == (1, "")
    assert errors == (
        "Error: bot 'Prompt-Bot' is no API bot, and the native plugin has no others. Import it without --native.\n"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("acme")
def test_for_the_native_plugin_too_a_file_that_exists_is_not_overwritten(call: Run, tmp_path: Path) -> None:
    (tmp_path / "bots.py").touch()  # which it does not write
    (tmp_path / "import.json").write_text("mine")
    code, _, errors = call("import", "--all", "--native", "--out", str(tmp_path))
    assert code == 1
    assert (
        errors == f"Error: {tmp_path} already has import.json. Use another folder for --out, or --force to overwrite.\n"
    )
    assert call("import", "--all", "--native", "--out", str(tmp_path), "--force")[0] == 0


@pytest.mark.usefixtures("poe")
def test_for_the_native_plugin_too_an_account_may_have_nothing_to_import(call: Run, tmp_path: Path) -> None:
    said = "There is nothing to import; no file was written.\n"
    assert call("import", "--all", "--native", "--out", str(tmp_path)) == (0, said, "")
