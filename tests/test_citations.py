"""What the code cites of docs/poe-bots-api.md is there, and the page's own numbers, options and questions hold."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from contract import questions  # noqa: F401 -- fills QUESTIONS
from contract.asking import QUESTIONS
from full_example import FULL_EXAMPLE

from pulumi_poe.emulator import Options

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/poe-bots-api.md").read_text()
CODE = [file for folder in ("pulumi_poe", "tests") for file in sorted(ROOT.glob(f"{folder}/**/*.py"))]
CODE.remove(Path(__file__))
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])

CITATION = re.compile(r"\(docs/poe-bots-api\.md, (\d[^)]*)\)")
OTHER_CITATION = re.compile(r"poe-bots-api(\.md)?[,:]?\s+(sections?\s+)?\d", re.IGNORECASE)
OLD_CITATION = re.compile(r"\bsections?\s+\d|§", re.IGNORECASE)

SECTIONS = re.findall(r"^##+ (\d+(?:\.\d+)?) ", PAGE, flags=re.MULTILINE)
"""The numbers of the page's headings, as they come."""


def rows(head: str) -> list[tuple[str, list[str]]]:
    """Every row of the tables that begin like this, with the number of its section."""
    found = []
    for section in re.split(r"^##+ ", PAGE, flags=re.MULTILINE)[1:]:
        for table in re.findall(r"(?:^\|.*\n)+", section, flags=re.MULTILINE):
            first, _, *lines = table.splitlines()
            if first.startswith(head):
                found += [(section.split()[0], line.strip("| ").split(" |")) for line in lines]
    return found


OPEN = rows("| # | question |")
"""The questions of section 6: number, question, what is known, stance, option, who asks."""
PLACES = {*SECTIONS, *(f"6 question {cells[0]}" for _, cells in OPEN)}
DECIDED = [(place, cells[1:]) for place, cells in rows("| not known | option | question |")]
DECIDED += [(f"6 question {cells[0]}", cells[4:]) for _, cells in OPEN]
"""Where something is unknown, the cell with the options that decide it, and the cell with who asks."""


def names_in(cells: list[str]) -> list[str]:
    return re.findall(r"`(\w+)`", " ".join(cells))


def places_of(section: str) -> set[str]:
    """`1.3, 6 (2, 5)` of a question of the contract, as citations have it."""
    number = r"\d+(?:\.\d+)?"
    places = set(re.findall(rf"(?:^|, )({number})(?=,|$)", re.sub(r"(?:, )?6 \(.*\)", "", section)))
    return places | {f"6 question {row}" for rows in re.findall(r"6 \((.*)\)", section) for row in rows.split(", ")}


@pytest.mark.parametrize("files", [CODE, DOCS], ids=["code", "docs"])
def test_every_citation_names_a_section_or_a_question_of_the_page(files: list[Path]) -> None:
    cited = [
        (file.name, place)
        for file in files
        for found in CITATION.findall(file.read_text())
        for place in found.split(", ")
    ]
    assert cited
    assert [citation for citation in cited if citation[1] not in PLACES] == []


@pytest.mark.parametrize("files", [CODE, DOCS], ids=["code", "docs"])
def test_the_page_is_cited_in_one_form(files: list[Path]) -> None:
    assert [file for file in files if OTHER_CITATION.search(CITATION.sub("", file.read_text()))] == []


def test_no_code_cites_a_section_without_its_page() -> None:
    assert [file for file in CODE if OLD_CITATION.search(file.read_text())] == []


def test_the_numbers_of_the_sections_ascend_and_none_is_there_twice() -> None:
    numbers = [tuple(int(part) for part in number.split(".")) for number in SECTIONS]
    assert numbers == sorted(set(numbers))


def test_every_heading_of_the_page_has_a_number() -> None:
    assert [line for line in PAGE.splitlines() if re.match(r"##+ (?!\d)", line)] == []


def test_the_open_questions_are_numbered_from_1_without_a_gap() -> None:
    assert [cells[0] for _, cells in OPEN] == [str(number) for number in range(1, len(OPEN) + 1)]


def test_every_question_of_the_contract_cites_places_that_the_page_has() -> None:
    cited = {name: places_of(asked.section) for name, asked in QUESTIONS.items() if asked.section != "none"}
    assert {name: places for name, places in cited.items() if not places or places - PLACES} == {}


def test_the_page_names_each_question_of_the_contract_at_a_place_that_it_cites() -> None:
    named = [(place, name) for place, cells in DECIDED for name in names_in(cells[1:])]
    assert {name for _, name in named} == set(QUESTIONS)
    cited = {name: places_of(asked.section) for name, asked in QUESTIONS.items() if asked.section != "none"}
    assert [(place, name) for place, name in named if place not in cited.get(name, {place})] == []


def test_the_page_names_each_option_of_the_local_poe_that_decides_an_unknown() -> None:
    named = {name for _, cells in DECIDED for name in names_in(cells[:1])}
    # clock_speed is for tests: nothing of Poe's depends on it.
    assert named == {field.name for field in dataclasses.fields(Options)} - {"clock_speed"}


def test_the_examples_of_the_page_are_those_that_the_tests_send() -> None:
    bot, controls = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL))
    assert controls == FULL_EXAMPLE["parameter_controls"]
    # What the tests send defines the parameters of these controls, and the page's bot has none of them.
    settings = {**FULL_EXAMPLE["api_bot_settings"], "param_definitions": bot["api_bot_settings"]["param_definitions"]}
    assert bot["api_bot_settings"] == settings
