"""The types are a contract: what an editor must accept, and what it must refuse, and where."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pulumi_poe.core.bot import model
from pulumi_poe.program import types as module

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MARK = re.compile(r"# error: (?P<fragment>.+)$")
REPORT = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: (?P<message>.+)$")


@pytest.fixture(scope="module")
def reported() -> dict[str, dict[int, str]]:
    """What mypy says of the two files: for each name of a file its lines, and for each line all messages."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", "--hide-error-context"]
    files = [str(HERE / name) for name in ("accepted.py", "refused.py")]
    run = subprocess.run([*command, *files], cwd=ROOT, capture_output=True, text=True, check=False)
    # Without mypy the exit code is 1 too.
    assert re.search(r"^(Found \d|Success: )", run.stdout, flags=re.MULTILINE), run.stdout + run.stderr
    found: dict[str, dict[int, str]] = {"accepted.py": {}, "refused.py": {}}
    for match in filter(None, map(REPORT.match, run.stdout.splitlines())):
        lines = found[Path(match["file"]).name]
        lines[int(match["line"])] = lines.get(int(match["line"]), "") + match["message"] + "\n"
    return found


def test_right_programs_are_accepted(reported: dict[str, dict[int, str]]) -> None:
    assert reported["accepted.py"] == {}


def test_mistakes_are_reported_at_their_lines_and_nowhere_else(reported: dict[str, dict[int, str]]) -> None:
    source = (HERE / "refused.py").read_text().splitlines()
    expected = {line: mark["fragment"] for line, text in enumerate(source, 1) if (mark := MARK.search(text))}
    said = reported["refused.py"]
    assert sorted(said) == sorted(expected)
    assert [line for line, fragment in expected.items() if fragment not in said[line]] == []


# --- nothing is forgotten ---------------------------------------------------------------------------


def test_every_name_is_used_in_the_accepted_programs() -> None:
    """Every key of every TypedDict, so that none is left unproven."""
    source = (HERE / "accepted.py").read_text()
    assert [key for kind in _dicts().values() for key in _keys(kind) if f'"{key}"' not in source] == []
    assert [name for name in _dicts() if not re.search(rf"\b{name}\b", source)] == []


@pytest.mark.parametrize("name", ["ApiBotSettings", "Pricing", "ContextPricing", "Tier", "ParamDefinition"])
def test_the_types_and_the_checks_know_the_same_names(name: str) -> None:
    assert _keys(_dicts()[name]) == set(getattr(model, name).model_fields)


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
