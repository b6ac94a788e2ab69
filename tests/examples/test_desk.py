"""`make desk`, on a checkout of its own: a real model, the bot that it serves, and a page."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import openai
import pytest

from pulumi_poe.emulator import API_KEY_1


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

    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", int(model.strip("\"'"))))
        other.listen()
        again = subprocess.run(["make", "desk"], cwd=checkout, env=make_environment, capture_output=True, text=True)
    assert "in use, and the model needs it" in again.stderr
    assert "are gone" in make("down")
