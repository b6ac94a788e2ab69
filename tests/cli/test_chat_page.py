"""docs/chat.md: its commands are run, its conversation is held, and its tables are complete."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chatting import CONTROLS, DEFINITIONS, Typed, talking_bot
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from talking_endpoint import USAGE, TalkingEndpoint, chunk, event

from pulumi_poe.cli.chat import chat_command
from pulumi_poe.cli.chat_terminal import COMMANDS
from pulumi_poe.emulator import Emulator

PAGE = (Path(__file__).parents[2] / "docs/chat.md").read_text()
SHELL = [command for block in re.findall(r"```console\n(.*?)```", PAGE, re.S) for command in block.splitlines()]
(HELD,) = re.findall(r"```text\n(.*?)```", PAGE, re.S)
ANSWERS = {said[1]: said[2] for said in re.finditer(r"^> ([^/].*)\n(.*)$", HELD, re.M)}
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.fixture
def may_end() -> threading.Event:
    """Whether an answer may go on after its first word. Of one that is there at once nobody knows how fast it came."""
    gate = threading.Event()
    gate.set()
    return gate


@pytest.fixture
def bot(poe: Emulator, may_end: threading.Event) -> Iterator[TalkingEndpoint]:
    """The bot of the page, whose endpoint gives the page's answers."""

    async def parts(answer: str) -> Any:
        for word in re.findall(r"\S+\s*", answer):
            yield event(chunk(choices=[{"index": 0, "delta": {"content": word}}]))
            await asyncio.to_thread(may_end.wait, 20)
            await asyncio.sleep(0.2)
        yield event(chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]))
        yield event(chunk(choices=[], usage={**USAGE, "completion_tokens": 12}))
        yield b"data: [DONE]\n\n"

    async def answer(_request: Request, body: dict[str, Any]) -> Response:
        question = body["messages"][-1]["content"]
        said = ANSWERS.get(question.strip(), "?") if isinstance(question, str) else "A picture."
        return StreamingResponse(parts(said), media_type="text/event-stream")

    with TalkingEndpoint() as endpoint:
        endpoint.answering = answer
        of = {"input_modalities": ["text", "image"], "param_definitions": DEFINITIONS, "parameter_controls": CONTROLS}
        poe.seed(poe.api_key, talking_bot(endpoint, "Acme-Reasoner", **of))
        yield endpoint


@pytest.mark.parametrize("command", [command for command in SHELL if command.removeprefix("$ ").count(" ") > 2])
def test_a_command_of_the_page_prints_the_answer(
    bot: TalkingEndpoint, poe: Emulator, tmp_path: Path, command: str
) -> None:
    assert shutil.which("sh")
    (tmp_path / "picture.png").write_bytes(PNG)
    done = subprocess.run(
        ["sh", "-c", command.removeprefix("$ ")],
        cwd=tmp_path,
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "POE_API_URL": poe.url,
            "POE_API_KEY": poe.api_key,
        },
        capture_output=True,
        text=True,
        timeout=20,
    )
    file = tmp_path / "answer.txt"
    printed = file.read_text() if "> answer.txt" in command else done.stdout
    assert done.returncode == 0, done.stderr
    assert printed in ("No. 91 is 7 × 13.\n", "A picture.\n")
    assert (" · total $0.00204\n" in done.stderr) == ("--cost" in command)
    if "--set" in command:
        assert (bot.asked["effort"], bot.asked["think"]) == ("high", True)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.usefixtures("bot")
def test_the_conversation_of_the_page_goes_as_it_says(poe: Emulator, may_end: threading.Event) -> None:
    command = SHELL[0].removeprefix("$ pulumi-poe ").split()
    with Typed(*command, environment={"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key}) as terminal:
        for line in HELD.splitlines():
            if line.startswith("> "):
                may_end.clear()
                terminal.say(line.removeprefix("> "))
            else:
                # Only how long it took is another time another one.
                if line in ANSWERS.values():
                    begins = re.findall(r"\S+", line)[0]
                    terminal.wait_for(begins)
                    may_end.set()
                    line = line.removeprefix(begins)
                for part in re.split(r"[0-9.]+ (?=s to the first)|[0-9]+ (?=tokens/s)", line):
                    terminal.wait_for(part)
        assert terminal.end()[0] == 0


def rows(heading: str) -> list[str]:
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [row.split(" | ")[0] for row in section.splitlines() if row.startswith("| `")]


def test_every_option_has_a_row() -> None:
    options = {name for param in chat_command.params for name in param.opts if name.startswith("--")}
    assert {found for row in rows("From a script") for found in re.findall(r"--[\w-]+", row)} == options


def test_every_command_of_a_conversation_has_a_row() -> None:
    named = {found for row in rows("In a conversation") for found in re.findall(r"`/(\w+)", row)}
    assert named == set(COMMANDS)


def test_the_page_says_what_the_help_says_of_the_timeout() -> None:
    (timeout,) = [param for param in chat_command.params if param.name == "timeout"]
    assert f"how long nothing may come of an answer: {timeout.default:g}" in PAGE


def test_the_answers_are_in_the_page() -> None:
    assert json.dumps(ANSWERS) == json.dumps({"Is 91 a prime number?": "No. 91 is 7 × 13.", "And 97?": "Yes."})
