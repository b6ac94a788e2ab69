"""Every command of docs/importing.md, run in its order in a real project."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import by_hand
from full_example import FULL_EXAMPLE
from stacks import Stack

from pulumi_poe.emulator import Emulator

PAGE = (Path(__file__).parents[2] / "docs/importing.md").read_text()
FOR_PYTHON = re.sub(r"^## For the native plugin\n.*?(?=^## )", "", PAGE, flags=re.DOTALL | re.MULTILINE)
"""The rest is run by test_import_native.py, in a project in YAML."""

BEFORE_THE_RENAME, _, AFTER_THE_RENAME = FOR_PYTHON.partition("## A bot that was renamed on poe.com")


def commands_in(page: str) -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def run(stack: Stack, commands: list[str]) -> None:
    environment = {**stack.environment, "PULUMI_SKIP_CONFIRMATIONS": "true"}
    for command in commands:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=stack.folder,
            env=environment,
            input="sk-endpoint\n",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"


def test_the_commands_of_the_page_import_bots_and_take_over_a_renamed_one(stack: Stack, poe: Emulator) -> None:
    poe.seed(poe.api_key, FULL_EXAMPLE)
    poe.seed(poe.api_key, {"handle": "Prompt-Bot"})

    run(stack, commands_in(BEFORE_THE_RENAME))
    assert [request.method for request in poe.requests if request.method != "GET"] == []
    assert list(stack.bots()) == ["acme-reasoner"]

    bot = next(bot for bot in poe.bots() if bot["handle"] == "Acme-Reasoner")
    by_hand.delete(poe, "Acme-Reasoner")
    poe.seed(poe.api_key, {**bot, "handle": "Acme-Thinker"})
    program = stack.folder / "bots.py"
    (change,) = re.findall(r"```diff\n(.*?)```", PAGE, flags=re.DOTALL)
    old, new = ("\n".join(re.findall(rf"^{sign}(.*)$", change, flags=re.MULTILINE)) for sign in ("-", r"\+"))
    assert old in program.read_text()
    program.write_text(program.read_text().replace(old, new))

    run(stack, commands_in(AFTER_THE_RENAME))
    assert sorted(bot["handle"] for bot in poe.bots()) == ["Acme-Thinker", "Prompt-Bot"]
    assert stack.bots()["acme-reasoner"]["id"] == "Acme-Thinker"


def test_the_page_shows_commands_only_in_blocks_that_this_test_runs() -> None:
    assert re.findall(r"```(\w+)", PAGE).count("sh") == 0
    assert all(line.startswith("$ ") for block in re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)
               for line in block.splitlines())  # fmt: skip


def test_the_page_names_only_commands_and_options_that_there_are(stack: Stack) -> None:
    for name in set(re.findall(r"(?:`|\$ )pulumi-poe (\w+)", PAGE)):
        done = subprocess.run(["pulumi-poe", name, "--help"], env=stack.environment, capture_output=True, text=True)
        assert (name, done.returncode) == (name, 0)
