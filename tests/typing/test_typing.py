"""The types are a contract: what an editor must accept, and what it must refuse, and where.

mypy and pyright read the same files: people use either, and VS Code shows what pyright finds.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

import pulumi_poe
from pulumi_poe import emulator, testing
from pulumi_poe.core.bot import model
from pulumi_poe.core.bot.shape import properties
from pulumi_poe.program import types as module

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROGRAMS = [str(HERE / name) for name in ("accepted.py", "refused.py")]
MARK = re.compile(r"# (?P<code>[a-z-]+): (?P<fragment>.+)$")
MYPYS = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: (?P<message>.+)  \[(?P<code>[a-z-]+)\]$")

RULES = {
    "arg-type": {"reportArgumentType"},
    "attr-defined": {"reportAttributeAccessIssue"},
    "call-arg": {"reportCallIssue"},
    "dict-item": {"reportArgumentType"},
    "list-item": {"reportArgumentType", "reportAssignmentType"},
    "return-value": {"reportReturnType"},
    "typeddict-item": {"reportAssignmentType"},
    "typeddict-unknown-key": {"reportAssignmentType"},
}
"""For each code of mypy the rule by which pyright refuses the same."""

Reported = dict[str, dict[int, set[tuple[str, str]]]]
"""For each name of a file its lines, and for each line all codes or rules with their messages."""


def mypy(*arguments: str, cwd: Path = ROOT) -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", "--hide-error-context", *arguments]
    run = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    # Without mypy the exit code is 1 too.
    assert re.search(r"^(Found \d|Success: )", run.stdout, flags=re.MULTILINE), run.stdout + run.stderr
    return run.stdout


def pyright(*arguments: str, cwd: Path = ROOT, path: Path | None = None) -> dict[str, Any]:
    """What it prints as JSON, with which it also asks nobody whether there is a newer one.

    :param path: a folder of commands that goes before the others.
    """
    env = {**os.environ, "PATH": os.pathsep.join([*([str(path)] if path else []), os.environ["PATH"]])}
    command = [sys.executable, "-m", "pyright", "--outputjson", *arguments]
    run = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert run.stdout.startswith("{"), run.stdout + run.stderr
    printed: dict[str, Any] = json.loads(run.stdout)
    assert printed["summary"]["filesAnalyzed"] or "typeCompleteness" in printed, run.stdout
    return printed


@pytest.fixture(scope="module")
def by_mypy() -> Reported:
    found: Reported = {}
    for match in filter(None, map(MYPYS.match, mypy(*PROGRAMS).splitlines())):
        lines = found.setdefault(Path(match["file"]).name, {})
        lines.setdefault(int(match["line"]), set()).add((match["code"], match["message"]))
    return found


@pytest.fixture(scope="module")
def by_pyright() -> Reported:
    found: Reported = {}
    for one in pyright("--pythonpath", sys.executable, *PROGRAMS)["generalDiagnostics"]:
        lines = found.setdefault(Path(one["file"]).name, {})
        lines.setdefault(one["range"]["start"]["line"] + 1, set()).add((one.get("rule", ""), one["message"]))
    return found


@pytest.fixture(scope="module")
def marks() -> dict[int, re.Match[str]]:
    """The lines of refused.py that are mistakes."""
    source = (HERE / "refused.py").read_text().splitlines()
    return {line: mark for line, text in enumerate(source, 1) if (mark := MARK.search(text))}


def test_right_programs_are_accepted_by_mypy(by_mypy: Reported) -> None:
    assert by_mypy.get("accepted.py", {}) == {}


def test_right_programs_are_accepted_by_pyright(by_pyright: Reported) -> None:
    assert by_pyright.get("accepted.py", {}) == {}


def test_mistakes_are_reported_by_mypy_at_their_lines_and_nowhere_else(
    by_mypy: Reported, marks: dict[int, re.Match[str]]
) -> None:
    said = by_mypy["refused.py"]
    assert sorted(said) == sorted(marks)
    wrong = {
        line: said[line]
        for line, mark in marks.items()
        if not any(code == mark["code"] and mark["fragment"] in message for code, message in said[line])
    }
    assert wrong == {}


def test_mistakes_are_reported_by_pyright_at_their_lines_and_nowhere_else(
    by_pyright: Reported, marks: dict[int, re.Match[str]]
) -> None:
    said = by_pyright["refused.py"]
    assert sorted(said) == sorted(marks)
    wrong = {line: said[line] for line in marks if not {rule for rule, _ in said[line]} <= RULES[marks[line]["code"]]}
    assert wrong == {}


# --- the package as a user has it -------------------------------------------------------------------


class Installation:
    """The package in an environment of its own, and a program of a user that names all that it has."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder / "venv", with_pip=False, symlinks=True)
        self.commands = folder / "venv/bin"
        (site,) = (folder / "venv").glob("lib/python3*/site-packages")
        shutil.copytree(ROOT / "pulumi_poe", site / "pulumi_poe", ignore=shutil.ignore_patterns("__pycache__"))
        (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
        public: list[str] = pulumi_poe.__all__  # type: ignore[attr-defined]  # made when asked for
        self.names = [
            *(f"pulumi_poe.{name}" for name in public),
            *(f"pulumi_poe.testing.{name}" for name in testing.__all__),
            *(f"emulator.{name}" for name in emulator.__all__),
        ]
        lines = ["import pulumi_poe", "import pulumi_poe.testing", "from pulumi_poe import emulator", ""]
        lines += [f"reveal_type({name})" for name in self.names]
        self.folder = folder / "program"
        self.folder.mkdir()
        self.program = self.folder / "__main__.py"
        self.program.write_text("\n".join([*lines, ""]))
        (self.folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("user"))


def test_mypy_knows_all_that_a_program_may_name(installation: Installation) -> None:
    said = mypy("--python-executable", str(installation.commands / "python"), "__main__.py", cwd=installation.folder)

    assert "Success: no issues found" in said
    revealed = re.findall(r'note: Revealed type is "(.*)"$', said, flags=re.MULTILINE)
    assert len(revealed) == len(installation.names)
    assert "Any" not in revealed


def test_pyright_knows_all_that_a_program_may_name(installation: Installation) -> None:
    python = str(installation.commands / "python")
    said = pyright("--pythonpath", python, cwd=installation.folder)["generalDiagnostics"]

    assert [one for one in said if one["severity"] != "information"] == []
    revealed = [re.sub(r'^Type of ".*?" is "(.*)"$', r"\1", one["message"], flags=re.DOTALL) for one in said]
    assert len(revealed) == len(installation.names)
    assert not {"Any", "Unknown"} & set(revealed)


def test_all_types_are_written_down_so_that_no_checker_has_to_guess(installation: Installation) -> None:
    """But for those of the core, which no program imports."""
    said = pyright("--verifytypes", "pulumi_poe", "--ignoreexternal", path=installation.commands)["typeCompleteness"]

    assert said["packageRootDirectory"].startswith(str(installation.commands.parent.resolve()))
    known = [one for one in said["symbols"] if not one["name"].startswith("pulumi_poe.core.")]
    assert {f"pulumi_poe.testing.{name}" for name in testing.__all__} <= {one["name"] for one in known}
    assert [one["name"] for one in known if one["isTypeAmbiguous"] or not one["isTypeKnown"]] == []


# --- nothing is forgotten ---------------------------------------------------------------------------


def test_every_name_is_used_in_the_accepted_programs() -> None:
    """Every key of every TypedDict, so that none is left unproven."""
    source = (HERE / "accepted.py").read_text()
    assert [key for kind in _dicts().values() for key in _keys(kind) if f'"{key}"' not in source] == []
    assert [name for name in _dicts() if not re.search(rf"\b{name}\b", source)] == []


@pytest.mark.parametrize("name", ["ApiBotSettings", "Pricing", "ContextPricing", "Tier", "ParamDefinition"])
def test_the_types_and_the_checks_know_the_same_names(name: str) -> None:
    assert _keys(_dicts()[name]) == set(properties(getattr(model, name)))


POES_NAMES = {
    "AspectRatio": "AspectRatio",
    "AspectRatioOption": "AspectRatioOption",
    "Condition": "ComparatorCondition",
    "ConditionalControls": "ConditionallyRenderControls",
    "Divider": "Divider",
    "DropDown": "DropDown",
    "DropDownOption": "ValueNamePair",
    "LiteralOperand": "LiteralValue",
    "ParameterControls": "ParameterControls",
    "ParameterOperand": "ParameterValue",
    "Section": "Section",
    "Slider": "Slider",
    "Tab": "Tab",
    "TextArea": "TextArea",
    "TextField": "TextField",
    "ToggleSwitch": "ToggleSwitch",
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("ours", "poes"), POES_NAMES.items())
def test_the_types_and_poes_own_library_know_the_same_names(ours: str, poes: str) -> None:
    from fastapi_poe import types as poes_types

    fields = getattr(poes_types, poes).model_fields
    assert _keys(_dicts()[ours]) == set(fields)
    required = {name for name, field in fields.items() if field.is_required()}
    # Poe's library fills in the kind, which tells the kinds apart in JSON, so that it is required here.
    assert set(_dicts()[ours].__required_keys__) - {"control"} == required - {"control"}


def test_every_type_says_what_it_is_and_where_poe_describes_it() -> None:
    said = {name: kind.__doc__ or "" for name, kind in _dicts().items()}
    assert [name for name, text in said.items() if "Poe's docs:" not in text and "Bots REST API" not in text] == []


def _dicts() -> dict[str, Any]:
    own = vars(module).items()
    return {name: kind for name, kind in own if hasattr(kind, "__required_keys__") and not name.startswith("_")}


def _keys(kind: Any) -> set[str]:
    return set(kind.__required_keys__ | kind.__optional_keys__)
