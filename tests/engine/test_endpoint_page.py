"""The programs and the commands of docs/endpoint.md, on an endpoint of this machine."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from canaries import ENDPOINT_KEY, assert_no_key_was_seen
from endpoints import Endpoint
from shells import shim
from stacks import POE_KEY, Stack, StackFactory

from pulumi_poe.core.endpoint import examining, waiting
from pulumi_poe.core.endpoint.declared import DEFAULT_WAIT
from pulumi_poe.emulator import Emulator
from tools.engine import install

PAGE = (Path(__file__).parents[2] / "docs/endpoint.md").read_text()
ADDRESS = "https://llm.example.com/v1"


def run(stack: Stack, command: str) -> str:
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=stack.folder,
        env={**stack.environment, "PULUMI_SKIP_CONFIRMATIONS": "true"},
        input=f"{ENDPOINT_KEY}\n",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
    return done.stdout


def commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]


def test_the_program_of_the_page_writes_its_bot_once_its_endpoint_answers(stack: Stack, poe: Emulator) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    with Endpoint(key=ENDPOINT_KEY, models=["acme/reasoner-2"]) as endpoint:
        stack.program(program.replace(ADDRESS, endpoint.url))
        for command in commands():
            run(stack, command)
        assert len(endpoint.requests) == 4
        assert "tools" in endpoint.requests[-1][2]
        endpoint.requests.clear()
        stack.preview().succeeded()
        stack.config("release", "v2").up().succeeded()
        assert len(endpoint.requests) == 4
        assert "1 updated" in stack.runs[-1].output
        (again,) = re.findall(r"`(pulumi up --replace)` with the URN", PAGE)
        run(stack, f"{again} '{stack.endpoints()['reasoner']['urn']}' --skip-preview")
        assert len(endpoint.requests) == 8
        (wide,) = re.findall(r"`(pulumi up --parallel \d+)`", PAGE)
        run(stack, wide)
    (bot,) = poe.bots()
    assert bot["api_bot_settings"]["supported_features"] == ["tools"]
    assert_no_key_was_seen(stack)


def test_the_program_in_yaml_does_too(new_stack: StackFactory, poe: Emulator, engine: Path, tmp_path: Path) -> None:
    (program,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    path = os.pathsep.join([str(shim(tmp_path)), str(install.find_or_build_yaml_host(engine))])
    stack = new_stack(poe=poe, POE_API_URL=poe.url, POE_API_KEY=POE_KEY)
    stack.environment["PATH"] = os.pathsep.join([path, stack.environment["PATH"]])
    with Endpoint(key=ENDPOINT_KEY) as endpoint:
        (stack.folder / "Pulumi.yaml").write_text(program.replace(ADDRESS, endpoint.url))
        stack.pulumi("stack", "init", "dev", check=True)
        for command in commands():
            run(stack, command)
        assert len(endpoint.requests) == 3
    (bot,) = poe.bots()
    assert bot["api_bot_settings"]["base_url"] == endpoint.url
    stack.up("--expect-no-changes", "--skip-preview").succeeded()
    assert_no_key_was_seen(stack)


def test_the_page_says_the_numbers_of_the_source() -> None:
    assert f"| `wait` | seconds | {DEFAULT_WAIT:.0f} |" in PAGE
    assert re.findall(r"^\| `(\w+)` \| [^|]* \| [^|]* \|$", PAGE.partition("## The checks")[2], re.M) == [
        *examining.ALL
    ]
    assert waiting.REFUSED == 60  # "a minute"
    assert waiting.TOLD_EVERY == 10  # "Every ten seconds"
    assert (waiting.FIRST_PAUSE, waiting.LONGEST_PAUSE) == (0.5, 5)  # "half a second, later after five"
    assert f"no request takes longer than {waiting.LONGEST_REQUEST:.0f} seconds" in PAGE
