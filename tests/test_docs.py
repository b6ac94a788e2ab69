"""What the pages quote from the source is there, and what the source says has a row on the page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pulumi_poe
from pulumi_poe.cli import COMMANDS
from pulumi_poe.core import errors
from pulumi_poe.core.bot import drift
from pulumi_poe.core.bot.checks import _WORDS
from pulumi_poe.core.poe import pacing

ROOT = Path(__file__).parents[1]
SOURCES = sorted(Path(pulumi_poe.__file__).parent.rglob("*.py"))
TREES = {file: ast.parse(file.read_text()) for file in SOURCES if "emulator" not in file.parts}
PAGES = [
    "accounts", "chat", "drift", "endpoint", "families", "languages", "moving-over", "native", "performance", "state",
    "testing", "troubleshooting",
]  # fmt: skip
TROUBLESHOOTING = (ROOT / "docs/troubleshooting.md").read_text()
SHORTEST = 15
"""Characters of a fixed part that is worth looking for."""

ERRORS = {name for name, found in vars(errors).items() if isinstance(found, type) and issubclass(found, Exception)}


def template(node: ast.AST) -> str | None:
    """The text of a string or f-string, with … for what is put in; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"%[rsd]|%\.0f", "…", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part) or "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (template(node.left) or "…") + (template(node.right) or "…")
    return None


def fixed_part(text: str) -> str:
    """The first part of a sentence that is always the same and long enough to be known by; else the longest one."""
    parts = [part.strip(" .,;") for part in re.split(r"…|\. |;", text)]
    return next((part for part in parts if len(part) >= SHORTEST), max(parts, key=len))


def messages() -> Iterator[tuple[str, str]]:
    """Who says it, and the template: every error, every warning, every fault of the checks."""
    for file, tree in TREES.items():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = ast.unparse(call.func)
            place = {"Mistake": 1, "warning": 1, "_refusal": 2, "Result": 2}.get(name, 0)
            is_wanted = (
                name in ERRORS
                or name in ("Mistake", "warning", "click.ClickException", "click.UsageError", "cls")
                or name in ("logger.warning", "logger.info")
                or name.endswith((".warn_once", ".tell_once"))
                or (name, file.name) in (("ValueError", "model.py"), ("_refusal", "arguments.py"))
                or name in ("pulumi.RunError", "FailedError")
                or (name == "Result" and len(call.args) > 3)  # one with an advice
                or name == "mistakes.append"
            )
            if is_wanted and len(call.args) > place and (text := template(call.args[place])) is not None:
                yield name, text
    yield from (("checks", words) for words in _WORDS.values())


MESSAGES = sorted({text: name for name, text in messages() if len(fixed_part(text)) >= SHORTEST}.items())


def code_in(text: str) -> list[str]:
    return [one or other for one, other in re.findall(r"``\s?(.+?)\s?``|(?<!`)`([^`]+)`(?!`)", text)]


def quoted_messages() -> list[str]:
    """What the tables of messages have in their first column."""
    quoted: list[str] = []
    is_wanted = False
    for line in TROUBLESHOOTING.splitlines():
        if line.startswith("| message"):
            is_wanted = True
        elif not line.startswith("|"):
            is_wanted = False
        elif is_wanted and not line.startswith("| ---"):
            quoted += code_in(line.split(" | ")[0])
    return quoted


def test_there_are_messages_and_rows() -> None:
    assert len(MESSAGES) > 60
    assert len(quoted_messages()) > 60


@pytest.mark.parametrize(("text", "name"), MESSAGES)
def test_every_message_has_a_row(text: str, name: str) -> None:
    assert any(fixed_part(text) in quoted for quoted in quoted_messages()), f"{name}: {text}"


def test_every_class_of_error_that_is_raised_has_a_row() -> None:
    raised = {name for name, _ in messages() if name in ERRORS}
    assert raised <= set(re.findall(r"`(\w+Error)`", TROUBLESHOOTING))


def test_every_message_on_the_page_is_in_the_source() -> None:
    texts = [text for tree in TREES.values() for node in ast.walk(tree) if (text := template(node)) is not None]
    assert [quoted for quoted in quoted_messages() if not any(quoted in text for text in texts)] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_commands_only_in_console_blocks_with_prompts_or_inline(name: str) -> None:
    page = (ROOT / f"docs/{name}.md").read_text()
    blocks = re.findall(r"```(\w*)\n(.*?)```", page, flags=re.DOTALL)
    for kind, block in blocks:
        lines = block.splitlines()
        if kind == "console":
            assert all(line.startswith("$ ") for line in lines), block
        else:
            assert kind in ("go", "json", "python", "text", "typescript", "yaml"), kind
            assert not [line for line in lines if re.match(r"(\$ )?pulumi(-poe)? ", line)], block
    prose = re.sub(r"``.+?``|`[^`]+`", "", re.sub(r"```.*?```", "", page, flags=re.DOTALL))
    verbs = "up|preview|refresh|destroy|import|cancel|config|stack|state|bots|show|diff|doctor"
    assert re.findall(rf"\bpulumi(?:-poe)? (?:{verbs})\b", prose) == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.stem)
def test_the_readme_links_every_page(page: Path) -> None:
    assert f"(docs/{page.name})" in (ROOT / "README.md").read_text()


def test_every_example_is_on_their_list() -> None:
    folders = {folder.name for folder in (ROOT / "examples").iterdir() if (folder / "README.md").exists()}
    assert folders == set(re.findall(r"\[[a-z-]+\]\(([a-z-]+)\) ?[|,]", (ROOT / "examples/README.md").read_text()))


def anchors_of(page: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", page, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_a_page_leads_somewhere(name: str) -> None:
    for file, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", (ROOT / f"docs/{name}.md").read_text()):
        linked = ROOT / "docs" / (file or f"{name}.md")
        assert linked.exists(), linked
        assert not anchor or anchor in anchors_of(linked.read_text()), f"{linked}#{anchor}"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_only_commands_that_there_are(name: str) -> None:
    page = re.sub(r"```.*?```", "", (ROOT / f"docs/{name}.md").read_text(), flags=re.DOTALL)
    named = {found[1] for code in code_in(page) if (found := re.match(r"pulumi-poe ([\w-]+)", code))}
    assert named <= set(COMMANDS)


def test_what_poe_can_not_do_is_said_where_people_look() -> None:
    readme = (ROOT / "README.md").read_text().partition("Poe's API can't set")[2].partition("\n- ")[0]
    docstring = (pulumi_poe.Bot.__doc__ or "").partition("What Poe's API can't change")[2].partition(":param")[0]
    for limits, last in ((readme, "can't rename a bot"), (docstring, "a bot's handle")):
        said = " ".join(limits.split())
        for limit in ("profile picture", "private bot", "related recommendations", last):
            assert limit in said


def of_settings(**settings: object) -> dict[str, object]:
    return {"handle": "Acme", "api_bot_settings": settings}


SECTIONS: list[dict[str, object]] = [{"name": "A", "controls": []}, {"name": "B", "controls": []}]
DRIFT_ROWS: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "a declared value is another one on Poe": ({"description": "a"}, {"description": "b"}),
    "a declared value is missing on Poe, and is not the default": ({"description": "a"}, {}),
    "a value of another type than Poe documents": ({"description": "a"}, {"description": 1}),
    "a list has more or fewer elements, or lacks something": (
        {"parameter_controls": {"sections": [{**SECTIONS[0], "new": 1}, SECTIONS[1]]}},
        {"parameter_controls": {"sections": SECTIONS}},
    ),
    "an element of a list, such as a control, has a field": (
        {"parameter_controls": {"sections": SECTIONS}},
        {"parameter_controls": {"sections": [{**SECTIONS[0], "new": 1}, SECTIONS[1]]}},
    ),
    "a list in another order, where": (
        {"parameter_controls": {"sections": SECTIONS}},
        {"parameter_controls": {"sections": SECTIONS[::-1]}},
    ),
    "a property that the program does not declare": ({}, {"description": "b"}),
    "a default that Poe fills in": ({}, {"is_private": True}),
    "a declared default that Poe's answer leaves out": (of_settings(input_modalities=["text"]), of_settings()),
    "the spelling of a price": (
        of_settings(pricing={"prompt": "0.0000010", "completion": 0.000002}),
        of_settings(pricing={"prompt": "0.000001", "completion": "0.000002"}),
    ),
    "the order of `input_modalities`": (
        of_settings(input_modalities=["text", "image"]),
        of_settings(input_modalities=["image", "text"]),
    ),
    "the spelling of the handle": ({"handle": "Acme"}, {"handle": "a-c.m_e"}),
    "a field that Poe adds": (of_settings(model_name="m"), {**of_settings(model_name="m", new=1), "newer": 2}),
    "a field of `extra` that Poe's answer leaves out": ({"extra": {"new": {"deep": 1}}}, {}),
    "a field of `extra` that has another value": ({"extra": {"new": 1}}, {"new": 2}),
    "`api_key`": (of_settings(api_key="sk"), of_settings()),
}


@pytest.mark.parametrize("start", DRIFT_ROWS)
def test_what_the_page_on_drift_counts_is_what_counts(start: str) -> None:
    declared, answered = ({"handle": "Acme", **bot} for bot in DRIFT_ROWS[start])
    (row,) = [line for line in (ROOT / "docs/drift.md").read_text().splitlines() if line.startswith(f"| {start}")]

    has_drifted = not drift.holds(answered, declared)

    assert has_drifted == row.split(" | ")[1].startswith("yes")


def test_the_page_on_performance_names_the_limits_that_count() -> None:
    page = (ROOT / "docs/performance.md").read_text()
    assert f"at most {pacing.REQUESTS} in any {pacing.WINDOW:.0f} seconds" in page


def test_the_page_on_drift_names_every_default_that_counts_as_absent() -> None:
    (sentence,) = re.findall(
        r"The defaults that count as absent are (.*?)\n\n", (ROOT / "docs/drift.md").read_text(), re.S
    )
    assert set(re.findall(r"`([a-z_]+)`", sentence)) == {path[-1] for path in drift.SAME_AS_ABSENT}
