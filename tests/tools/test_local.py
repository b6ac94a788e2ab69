"""What `make up` and its companions do around `pulumi`, with a fake `pulumi` and a fake local Poe."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from ports import free_port

from .conftest import ROOT, Fake, started

PULUMI = """\
    import shutil
    if sys.argv[1] == "version":
        print("v3.259.0")
    elif sys.argv[1:3] == ["stack", "select"]:
        Path("Pulumi.local.yaml").write_text("encryptionsalt: x")
    elif sys.argv[1:3] == ["stack", "history"]:
        print(json.dumps([{"resourceChanges": json.loads(os.environ["CHANGES"])}]))
    elif sys.argv[1:3] == ["stack", "output"]:
        print(json.dumps({"url": "https://poe.com/a-bot"}))
    elif sys.argv[1:3] == ["stack", "export"]:
        resources = [
            {"custom": False, "type": "pulumi:pulumi:Stack"},
            {"custom": True, "type": "pulumi:providers:pulumi-python", "id": "0"},
            {"custom": True, "type": "pulumi-python:dynamic/poe:Bot", "id": "a-bot"},
        ]
        print(json.dumps({"deployment": {"resources": resources}}))
    else:
        print("backend", os.environ["PULUMI_BACKEND_URL"])
        sys.exit(int(os.environ["CODE"]))
"""
POE = """\
    import subprocess
    print("the local Poe is up", flush=True)
    sys.exit(subprocess.run(sys.argv[sys.argv.index("--") + 1 :]).returncode)
"""


class Checkout:
    """A copy of the tools, with fakes of the commands that they start."""

    def __init__(self, folder: Path, fake: Fake) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
        self.poe = fake(folder / ".venv" / "bin", "pulumi-poe", POE)
        (self.poe.parent / "python").symlink_to(sys.executable)
        self.pulumi = fake(folder / "bin", "pulumi", PULUMI)
        fake(folder / "bin", "pulumi-language-python")
        self.local = folder / ".local"
        self.port = free_port()

    def with_a_stack(self) -> Checkout:
        (self.local / "state").mkdir(parents=True)
        (self.local / "Pulumi.local.yaml").write_text("encryptionsalt: x")
        return self

    def make(self, command: str, *, code: int = 0, changes: str = '{"same": 2}') -> subprocess.CompletedProcess[str]:
        env = {
            **os.environ,
            "PATH": str(self.pulumi.parent),
            "PULUMI_POE_PORT": str(self.port),
            "PULUMI_BACKEND_URL": "https://the-users-own",
            "CODE": str(code),
            "CHANGES": changes,
        }
        return subprocess.run(
            [self.poe.parent / "python", "-m", "tools.local", command],
            cwd=self.folder,
            env=env,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )


@pytest.fixture
def checkout(tmp_path: Path, fake: Fake) -> Checkout:
    return Checkout(tmp_path / "a checkout", fake)


def test_up_runs_inside_the_local_poe_and_shows_what_was_made(checkout: Checkout) -> None:
    done = checkout.make("up", changes='{"create": 2}')
    assert done.returncode == 0, done.stderr
    [arguments] = started(checkout.poe)
    assert json.loads(arguments) == [
        *("emulator", "--database", str(checkout.local / "poe.sqlite"), "--port", str(checkout.port), "--"),
        *("pulumi", "up", "--yes", "--stack", "local"),
        *("--config-file", str(checkout.local / "Pulumi.local.yaml")),
        *("--non-interactive", "--suppress-permalink=true"),
    ]
    assert "Bot a-bot" in done.stdout
    assert "url: https://poe.com/a-bot" in done.stdout
    assert "What to try next" in done.stdout
    assert "Nothing changed." not in done.stdout


def test_all_that_up_keeps_lies_in_one_folder(checkout: Checkout) -> None:
    before = {path.name for path in checkout.folder.iterdir()}
    done = checkout.make("up")
    assert {path.name for path in checkout.folder.iterdir()} == {*before, ".local"}
    assert f"backend {(checkout.local / 'state').as_uri()}" in done.stdout


def test_a_second_up_says_that_nothing_changed(checkout: Checkout) -> None:
    done = checkout.with_a_stack().make("up")
    assert "\nNothing changed.\n" in done.stdout
    assert not any('"select"' in line for line in started(checkout.pulumi))


@pytest.mark.parametrize("command", ["up", "preview", "refresh"])
def test_the_exit_code_is_that_of_pulumi(checkout: Checkout, command: str) -> None:
    done = checkout.make(command, code=7)
    assert done.returncode == 7
    assert "What to try next" not in done.stdout


def test_a_port_in_use_is_named_and_nothing_is_started(checkout: Checkout) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", checkout.port))
        taken.listen()
        done = checkout.make("up")
    assert done.returncode == 1
    assert f"port {checkout.port} of this machine is in use" in done.stderr
    assert started(checkout.poe) == []


def test_a_stack_config_of_the_users_is_left_alone(checkout: Checkout) -> None:
    own = checkout.folder / "Pulumi.local.yaml"
    own.write_text("config: {}")
    done = checkout.make("up")
    assert done.returncode == 1
    assert "Pulumi.local.yaml is in the way" in done.stderr
    assert own.read_text() == "config: {}"


def test_down_removes_all_that_up_kept(checkout: Checkout) -> None:
    done = checkout.with_a_stack().make("down")
    assert done.returncode == 0
    assert '"destroy", "--yes"' in started(checkout.poe)[-1]
    assert not checkout.local.exists()


def test_down_with_nothing_to_take_down_starts_nothing(checkout: Checkout) -> None:
    done = checkout.make("down")
    assert (done.returncode, done.stdout) == (0, "There is nothing to take down.\n")
    assert started(checkout.pulumi) == []


def test_down_keeps_the_stack_when_destroy_fails(checkout: Checkout) -> None:
    done = checkout.with_a_stack().make("down", code=255)
    assert done.returncode == 255
    assert "The stack is kept" in done.stderr
    assert (checkout.local / "state").exists()
