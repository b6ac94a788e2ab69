"""`make test-live` as a person runs it, in a process of its own, over a real socket; Poe is a local one."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from canaries import ENDPOINT_KEY, forms
from contract import questions  # noqa: F401 -- registers them
from contract.asking import QUESTIONS
from contract.environment import VARIABLES
from stacks import CONCERNING_POE, OTHER_POE_KEY, POE_KEY

from pulumi_poe.emulator import Emulator, Fault, Options

ROOT = Path(__file__).parents[2]
KEYS = (POE_KEY, OTHER_POE_KEY, ENDPOINT_KEY)
ACCOUNTS = {"ours": POE_KEY, "theirs": OTHER_POE_KEY}
UNUSUAL = Options(
    latency=0.01,
    patch_merge="shallow",
    foreign_post_status=403,
    foreign_put_status=403,
    foreign_edit_status=404,
    materialise_defaults=True,
    normalise_prices=True,
    dropped_fields=("api_bot_settings.pricing.input_cache_reads",),
    keep_unknown_fields="echoed",
    requests_per_minute=900,
)


def recipe() -> list[str]:
    """What the Makefile runs."""
    (line,) = re.findall(r"^test-live:.*\n\t@\$\(BIN\)/python (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return [sys.executable, *shlex.split(line)]


class Person:
    """Who runs it, with an environment of their own."""

    def __init__(self, folder: Path, poe: Emulator) -> None:
        self.ledger = folder / "handles"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith((*CONCERNING_POE, "PYTEST_"))},
            "POE_API_URL": poe.url,
            "POE_API_KEY": POE_KEY,
            "POE_ACC": "1",
            "POE_ACC_ENDPOINT": "https://llm.example.com/v1",
            "POE_ACC_ENDPOINT_KEY": ENDPOINT_KEY,
            "POE_ACC_MODEL": "acme/model",
            "POE_ACC_OTHER_KEY": OTHER_POE_KEY,
            "POE_ACC_PATIENCE": "0.5",
            "POE_ACC_LEDGER": str(self.ledger),
        }

    def start(self, *options: str, **environment: str) -> subprocess.Popen[str]:
        wanted = {name: value for name, value in {**self.environment, **environment}.items() if value}
        return subprocess.Popen(
            [*recipe(), "-p", "no:cacheprovider", *options],
            cwd=ROOT,
            env=wanted,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Whoever runs the tests in the background ignores Ctrl-C, and all below would too.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def run(self, *options: str, **environment: str) -> tuple[int, str]:
        """The exit code, and all that was printed, in which no key may be."""
        process = self.start(*options, **environment)
        output, _ = process.communicate(timeout=120)
        assert not [key[:12] for key in KEYS for form in {*forms(key), repr(key)[1:-1]} if form in output]
        return process.returncode, output


@pytest.fixture
def poe() -> Iterator[Emulator]:
    with Emulator(accounts=ACCOUNTS) as emulator:
        yield emulator


@pytest.fixture
def person(tmp_path: Path, poe: Emulator) -> Person:
    return Person(tmp_path, poe)


def only(*names: str) -> list[str]:
    return ["-k", " or ".join(names)]


def test_the_whole_run_prints_what_this_poe_does(poe: Emulator, person: Person) -> None:
    for name, value in vars(UNUSUAL).items():
        setattr(poe.options, name, value)
    poe.seed(POE_KEY, {"handle": "Prompt-Bot", "description": "made on poe.com"})

    code, output = person.run(POE_ACC_PUBLIC="1")

    # A run tells what it finds: what Poe documents otherwise fails, and is here the status of a foreign POST.
    assert code == 1, output
    assert re.findall(r"^FAILED \S+::(\w+)", output, re.MULTILINE) == [
        "test_the_handle_of_another_account_is_answered_400",
    ]
    line = re.findall(r"^  (Options\(.*\))$", output, re.MULTILINE)[0]
    found = eval(line, {"Options": Options})  # noqa: S307 -- what a person would paste
    assert 0.01 <= found.latency < 1
    found.latency = UNUSUAL.latency
    assert found == UNUSUAL
    for question in QUESTIONS.values():
        (row,) = [line for line in output.splitlines() if line.startswith(f"| {question.section} | {question.text} |")]
        assert ("not asked" in row) == bool(question.needs & {"chat", "limit"}), row
    assert "Every bot that was made is deleted." in output
    assert [bot["handle"] for bot in poe.bots()] == ["Prompt-Bot"]
    assert person.ledger.read_text() == ""
    (sent,) = re.findall(r"(\d+) requests were sent, of at most 600", output)
    assert len(poe.requests) == int(sent)


def test_without_what_it_needs_it_says_what_it_would_ask_and_sends_nothing(poe: Emulator, person: Person) -> None:
    code, output = person.run(POE_ACC="", POE_ACC_MODEL="")
    assert code == 0, output
    assert "Nothing was sent." in output
    assert "It needs POE_ACC, POE_ACC_MODEL." in output
    for question in QUESTIONS.values():
        assert question.text in output
    for name in VARIABLES:
        assert name in output
    assert poe.requests == []


def test_a_variable_that_can_not_be_used_is_said_in_one_line(poe: Emulator, person: Person) -> None:
    code, output = person.run(POE_API_URL="http://poe.example.com")
    assert code == 4, output
    assert "POE_API_URL would send the key over an open connection" in output
    assert "Traceback" not in output
    assert poe.requests == []


def test_several_processes_would_have_several_caps(poe: Emulator, person: Person) -> None:
    code, output = person.run("-n", "1")
    assert code == 4, output
    assert "leave out -n" in output
    assert poe.requests == []


def test_a_test_that_fails_shows_no_key(poe: Emulator, person: Person) -> None:
    said = " ".join(form for key in KEYS for form in sorted(forms(key)))
    poe.faults.add(Fault("PATCH", status=200, body={"said": said}, times=None))
    poe.faults.add(
        Fault("GET", handle=None, skip=2, status=200, body={"handle": said, "description": said}, times=None)
    )
    code, output = person.run(*only("patch_updates", "never_answered", "as_it_was_sent"))
    assert code == 1, output
    assert "[secret]" in output


def test_ctrl_c_leaves_no_bot(poe: Emulator, person: Person) -> None:
    held = poe.faults.add(Fault("PATCH", hold=True, moment="after"))
    process = person.start()
    held.wait_until_met(60)
    assert poe.bots() != []
    process.send_signal(signal.SIGINT)
    threading.Timer(0.2, held.release).start()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2, output
    assert poe.bots() == []
    assert person.ledger.read_text() == ""


def test_what_a_killed_run_has_left_is_deleted_by_the_next(poe: Emulator, person: Person) -> None:
    poe.seed(POE_KEY, {"handle": "Own-Bot"})
    held = poe.faults.add(Fault("PATCH", hold=True, moment="after"))
    process = person.start()
    held.wait_until_met(60)
    process.kill()
    process.communicate()
    held.release()
    assert len(poe.bots()) > 1

    code, output = person.run(*only("is_the_account_enabled"))

    assert code == 0, output
    assert [bot["handle"] for bot in poe.bots()] == ["Own-Bot"]
    assert person.ledger.read_text() == ""
