"""What the core says, in the words of every program."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pulumi_poe
from pulumi_poe.native import names


def test_the_examples_in_the_docstrings_give_what_they_say() -> None:
    assert doctest.testmod(names).failed == 0


def test_choices_and_other_words_stay_in_a_message() -> None:
    line = "api_type: must be 'chat_completions_api' or 'responses_api', see POE_API_KEY and snake_case"
    assert names.in_words(line) == line.replace("api_type", "apiType")


def texts_of_the_core() -> Iterator[str]:
    for file in sorted((Path(pulumi_poe.__file__).parent / "core").rglob("*.py")):
        tree = ast.parse(file.read_text())
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield node.value


def test_no_message_speaks_of_python() -> None:
    of_python = re.compile(r"\w+=True|pulumi\.Alias|pulumi_poe\.\w+\(")
    spoken = [text for text in texts_of_the_core() if of_python.search(text)]
    assert len(spoken) > 5
    assert [text for text in spoken if of_python.search(names.in_words(text))] == []


def test_no_message_has_a_name_as_python_spells_it() -> None:
    in_snake_case = re.compile(r"(?<!')\b[a-z]+(?:_[a-z]+)+\b(?!')")  # in quotes it is a value of Poe's
    messages = [text for text in texts_of_the_core() if " " in text]
    assert len([text for text in messages if in_snake_case.search(text)]) > 5
    assert [text for text in messages if in_snake_case.search(names.in_words(text))] == []
