"""`pulumi-poe bots`, on a local Poe."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable

import pytest

Run = Callable[..., tuple[int, str, str]]


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


@pytest.mark.usefixtures("poe")
def test_no_bots_at_all_and_none_that_were_chosen_are_told_apart(call: Run) -> None:
    assert call("bots") == (0, "The account has no bots.\n", "")
    assert call("bots", "--prefix", "none") == (0, "The account has no such bots.\n", "")
    assert call("bots", "--json") == (0, "[]\n", "")


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


@pytest.mark.usefixtures("acme")
def test_a_terminal_is_told_what_takes_a_while() -> None:
    ours, theirs = pty.openpty()
    program = "from pulumi_poe.cli import main; main(['bots', '--json'])"
    environment = {**os.environ, "TERM": "xterm-256color"}
    subprocess.run(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.DEVNULL, stderr=theirs, check=True
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)

    assert "Asking Poe for the list of bots" in shown
