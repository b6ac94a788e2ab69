"""A plugin process does not load httpx' command line, and whoever wants it later still can."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from pulumi_poe.emulator import Emulator

COMMAND_LINE = ("click", "rich", "pygments", "httpx._main")


def python(program: str, *arguments: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


def test_a_client_reaches_poe_and_loads_no_command_line() -> None:
    """It would, should httpx come to load its command line in another way: then it is slow again, and still right."""
    program = """
import json, sys
from pulumi_poe.core.poe.client import PoeClient
from pulumi_poe.core.poe.pacing import Budget
from pulumi_poe.core.poe.settings import Settings
bots = PoeClient(Settings(api_key=sys.argv[2], api_url=sys.argv[1])).list_bots(Budget(30))
print(json.dumps([bot["handle"] for bot in bots] + sorted(sys.modules)))
"""
    with Emulator() as poe:
        poe.seed(poe.api_key, {"handle": "Acme"})
        handle, *loaded = python(program, poe.url, poe.api_key)
    assert handle == "Acme"
    assert "httpx" in loaded
    assert set(COMMAND_LINE) & set(loaded) == set()


def test_the_command_line_can_be_imported_afterwards() -> None:
    program = """
import json, sys
import pulumi_poe.core.poe.client
import httpx._main
print(json.dumps([httpx._main.main.name, *sorted(sys.modules)]))
"""
    assert {"main", *COMMAND_LINE} <= set(python(program))


@pytest.mark.parametrize("first", ["httpx", "httpx._main"])
def test_a_program_that_has_imported_httpx_before_keeps_what_it_has(first: str) -> None:
    program = f"""
import json, sys
import {first}
before = sys.modules["httpx._main"], httpx.main
import pulumi_poe.core.poe.client
print(json.dumps([before == (sys.modules["httpx._main"], httpx.main)]))
"""
    (is_kept,) = python(program)
    assert is_kept
