"""docs/emulator.md: its commands are run, in their order, and its tables are complete."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import httpx
import pytest
from endpoints import served_by
from talking_endpoint import TalkingEndpoint

from pulumi_poe.emulator import Emulator, Fault, Options

PAGE = (Path(__file__).parents[2] / "docs/emulator.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture
def acme_bot(poe: Emulator) -> Iterator[None]:
    """The bot that the page talks to."""
    with TalkingEndpoint() as endpoint:
        poe.seed(poe.api_key, {**served_by(endpoint.url, "Acme-Bot"), "is_private": False})
        yield


@pytest.mark.usefixtures("acme_bot")
def test_every_curl_command_of_the_page_is_taken(poe: Emulator, mine: httpx.Client) -> None:
    commands = re.findall(r"^\$ (curl(?:.*\\\n)*.*)$", "".join(BLOCKS), flags=re.MULTILINE)
    assert shutil.which("curl")
    said = []
    for command in commands:
        here = command.replace("http://127.0.0.1:8787", poe.url).replace("$ curl", "curl --fail-with-body")
        done = subprocess.run(["sh", "-c", here], capture_output=True, text=True, timeout=20)
        assert (done.returncode, "error" in done.stdout) == (0, False), f"{command}\n{done.stdout}"
        said.append(done.stdout)

    assert len(commands) == 8
    assert ["Hello" in said[0], "[DONE]" in said[0], '"model": "Acme-Bot"' in said[1]] == [True] * 3
    assert [bot["handle"] for bot in poe.bots()] == ["Their-Bot"]
    assert (poe.options.requests_per_minute, poe.options.retry_after) == (500, "date")
    assert [mine.get("/bots").status_code for _ in range(3)] == [502, 502, 200]


def test_the_pages_tables_have_every_option_and_every_field_of_a_fault() -> None:
    assert [option.name for option in fields(Options) if f"`{option.name}`" not in PAGE] == []
    assert [field.name for field in fields(Fault) if field.init and f"`{field.name}`" not in PAGE] == []


def test_the_pages_program_runs() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec(program, {})  # noqa: S102 -- it is the page's own
