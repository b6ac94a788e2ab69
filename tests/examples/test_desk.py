"""`make desk`, on a checkout of its own: a real model, the bot that it serves, and a page."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import openai
import psutil
import pytest
from ports import free_port

from pulumi_poe.emulator import API_KEY_1
from tools import desk, local


@pytest.mark.long
def test_make_desk_ends_on_a_page_and_ends_all_that_it_began(
    checkout: Path, make_environment: dict[str, str], make: Callable[[str], str]
) -> None:
    started = subprocess.Popen(
        ["make", "desk"],
        cwd=checkout,
        env=make_environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = []
    assert started.stdout is not None
    for line in started.stdout:
        said.append(line)
        if "Ctrl-C stops" in line:
            break
    text = "".join(said)

    page = re.search(r"^ +(http://127\.0\.0\.1:\d+)/#token=\S+$", text, flags=re.MULTILINE)
    assert page, text
    assert httpx.get(page[1]).headers["content-type"].startswith("text/html")
    with openai.OpenAI(base_url=f"{page[1]}/local-poe/v1", api_key=API_KEY_1, max_retries=0) as client:
        answer = client.chat.completions.create(
            model="Local-Model", messages=[{"role": "user", "content": "Hi"}], max_tokens=32
        )
    assert answer.choices[0].message.content
    (conversation,) = httpx.get(f"{page[1]}/local-poe/conversations").json()["conversations"]
    assert float(conversation["cost"]) > 0

    os.killpg(started.pid, signal.SIGINT)
    rest, _ = started.communicate(timeout=60)

    assert "The model and the local Poe have stopped." in rest
    model = (checkout / ".local/Pulumi.desk.yaml").read_text().partition("self-hosted:port: ")[2].splitlines()[0]
    for port in (make_environment["PULUMI_POE_PORT"], model.strip("\"'")):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", int(port))) != 0
    assert "are gone" in make("down")


@pytest.fixture
def desk_of_mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> local.Stack:
    """A stack of its own in a folder with a space, whose model listens on a free port."""
    stack = local.Stack("desk", tmp_path / "a folder")
    stack.folder.mkdir()
    (stack.folder / "serve.py").write_text("import time\nprint('up', flush=True)\ntime.sleep(12)\n")
    monkeypatch.setattr(local, "LOCAL", tmp_path)
    stack.config.write_text(f'config:\n  self-hosted:port: "{free_port()}"\n')
    monkeypatch.setattr(desk, "DESK", stack)
    monkeypatch.setattr(desk, "prepare", lambda *_: {})
    return stack


def test_the_model_is_stopped_though_no_output_of_the_stack_has_it(desk_of_mine: local.Stack) -> None:
    serve = str(desk_of_mine.folder / "serve.py")
    ours, others = (
        subprocess.Popen([sys.executable, serve, port], stdout=subprocess.PIPE, text=True)
        for port in (desk.port_of_the_model(), "1")
    )
    with ours, others:
        for process in (ours, others):
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
        desk.stop_model()
        are_there = [psutil.pid_exists(process.pid) for process in (ours, others)]
        others.kill()
    assert are_there == [False, True]


@pytest.mark.usefixtures("desk_of_mine")
def test_a_port_that_is_in_use_is_named_with_what_to_do() -> None:
    port = int(desk.port_of_the_model())
    with socket.create_server(("127.0.0.1", port)), pytest.raises(local.LocalError) as error:
        desk.desk()
    assert f"port {port} of this machine is in use" in str(error.value)
    assert "`make down` first: then it gets another one" in str(error.value)
