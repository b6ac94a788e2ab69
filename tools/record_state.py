"""Record a stack as one version of this package leaves it, for tests/upgrades to go on with.

    make record-state                                 this checkout, as `unreleased`
    make record-state VERSION=0.1.0 COMMIT=a6e53c5    a release

The real engine runs tests/upgrades/programs on that version's own local Poe. What is kept: the program, the stack's
config, its state as the engine's file backend has it, and the bots as the local Poe has them, with the throwaway keys.
A fingerprint in the state ties each bot to the address of its Poe. So each version has a port of its own, which the
tests serve the bots at again.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tools.engine.install import EngineError, environment, find_or_install

ROOT = Path(__file__).resolve().parent.parent
RECORDED = ROOT / "tests" / "upgrades" / "recorded"
PROGRAMS = ROOT / "tests" / "upgrades" / "programs"
UNRELEASED = "unreleased"

PASSPHRASE = "tests"  # noqa: S105 -- it guards throwaway keys
STACK = "dev"
PROJECT = "recorded"
STATE = f"state/.pulumi/stacks/{PROJECT}/{STACK}.json"
FIRST_PORT = 18791
"""Below the ports that the system gives to whoever asks for any."""

KEYS = {"local-account-1": "local-poe-key-1", "local-account-2": "local-poe-key-2"}
"""Those that a local Poe has by itself."""

SECRETS = {
    "poe:apiKey": KEYS["local-account-1"],
    "otherPoeKey": KEYS["local-account-2"],
    "endpointKey": "sk-endpoint-canary",
}

MADE_BY_HAND = {
    "handle": "Acme-Adopted",
    "description": "made on poe.com",
    "api_bot_settings": {"model_name": "before"},
}


class RecordError(Exception):
    """It can't be recorded. The message says why."""


def record(version: str, commit: str | None, into: Path, port: int | None = None) -> Path:
    """Record one version and return the folder.

    :param version: what the folder is called.
    :param commit: which commit's package is used; None for this checkout with the Python that runs.
    :param into: where the folders of all versions are.
    :param port: where its local Poe listens; None for the one it had, or a free one.
    """
    port = port or port_of(version, into)
    with tempfile.TemporaryDirectory(prefix="pulumi-poe-record-") as temporary:
        work = Path(temporary)
        python = Path(sys.executable) if commit is None else installed(commit, work / "package")
        env = clean_environment(python, work)
        with local_poe(python, port, work / "poe.sqlite"):
            run_programs(work / "project", env, f"http://127.0.0.1:{port}", has_provider(python))
        about = {
            "version": version,
            "commit": commit,
            "port": port,
            "pulumi": call(["pulumi", "version"], work, env).strip(),
            "sdk": said_by(python, "import importlib.metadata as m; print(m.version('pulumi'))"),
        }
        folder = into / version
        shutil.rmtree(folder, ignore_errors=True)
        keep(work, folder, about)
    return folder


def port_of(version: str, into: Path) -> int:
    """Return the port that a version has, or one that no other version has."""
    ports = {file.parent.name: json.loads(file.read_text())["port"] for file in into.glob("*/about.json")}
    free = next(port for port in range(FIRST_PORT, FIRST_PORT + 1000) if port not in ports.values())
    return int(ports.get(version, free))


def installed(commit: str, folder: Path) -> Path:
    """Install the package of a commit in an environment of its own, and return its Python."""
    source = folder / "source"
    source.mkdir(parents=True)
    archive = folder / "source.tar"
    call(["git", "archive", "--output", archive, commit], ROOT, os.environ)
    call(["tar", "-xf", archive, "-C", source], folder, os.environ)
    call([sys.executable, "-m", "venv", folder / "venv"], folder, os.environ)
    python = folder / "venv" / "bin" / "python"
    call(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{source}[emulator]"],
        folder,
        os.environ,
    )
    return python


def clean_environment(python: Path, work: Path) -> dict[str, str]:
    """The environment in which `pulumi` runs: nothing of the user's account gets in."""
    engine = find_or_install()
    env = {name: value for name, value in environment(engine, work).items() if not name.startswith("POE_")}
    env["PATH"] = os.pathsep.join([str(python.parent), str(engine), os.environ.get("PATH", os.defpath)])
    env["VIRTUAL_ENV"] = str(python.parent.parent)
    env["PULUMI_CONFIG_PASSPHRASE"] = PASSPHRASE
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    return env


@contextmanager
def local_poe(python: Path, port: int, database: Path) -> Iterator[None]:
    """Serve that version's own local Poe."""
    command = [python.parent / "pulumi-poe", "emulator", "--port", str(port), "--database", database]
    server = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert server.stdout is not None  # noqa: S101 -- for mypy
    try:
        if "listens on" not in server.stdout.readline():
            raise RecordError(f"its local Poe does not start: {server.communicate()[1].strip()}")
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate()


def has_provider(python: Path) -> bool:
    """Whether that version can manage bots of several accounts."""
    return said_by(python, "import pulumi_poe; print('Provider' in pulumi_poe.__all__)") == "True"


def run_programs(project: Path, env: Mapping[str, str], url: str, with_provider: bool) -> None:
    """Create the stack, with a bot to adopt, and bring it from the first program to the second."""
    project.mkdir()
    (project / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
    call(["pulumi", "stack", "init", STACK], project, env)
    secrets = [part for name, value in SECRETS.items() for part in ("--secret", f"{name}={value}")]
    call(["pulumi", "config", "set-all", *secrets, "--plaintext", f"poe:apiUrl={url}"], project, env)
    make_by_hand(url)
    for name in ("first", "second"):
        text = (PROGRAMS / f"{name}.py").read_text()
        if with_provider:
            text += (PROGRAMS / "provider.py").read_text()
        (project / "__main__.py").write_text(text)
        call(["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"], project, env)


def make_by_hand(url: str) -> None:
    """Make the bot that the program adopts, as a person does on poe.com."""
    request = urllib.request.Request(  # noqa: S310 -- the local Poe's address
        f"{url}/bots",
        json.dumps(MADE_BY_HAND).encode(),
        {"Authorization": f"Bearer {KEYS['local-account-1']}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 -- the local Poe's address
        if answer.status != 201:
            raise RecordError(f"the bot to adopt was answered {answer.status}")


def keep(work: Path, folder: Path, about: Mapping[str, Any]) -> None:
    """Copy what was recorded."""
    folder.mkdir(parents=True)
    for file in ("Pulumi.yaml", f"Pulumi.{STACK}.yaml"):
        shutil.copy(work / "project" / file, folder / file)
    # Not a Python file here: it is run by its version, and not linted by today's rules.
    shutil.copy(work / "project" / "__main__.py", folder / "__main__.py.txt")
    state = json.loads((work / STATE).read_text())
    for resource in state["checkpoint"]["latest"]["resources"]:
        # Where in the program it was declared: folders of the machine, and nothing that the engine decides by.
        resource.pop("sourcePosition", None)
        resource.pop("stackTrace", None)
    write_json(folder / "state.json", state)
    write_json(folder / "bots.json", stored_bots(work / "poe.sqlite"))
    write_json(folder / "about.json", about)


def stored_bots(database: Path) -> dict[str, list[Any]]:
    """Each account's bots, as its local Poe keeps them."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT account, bot FROM bots ORDER BY position").fetchall()
    accounts: dict[str, list[Any]] = {}
    for account, bot in rows:
        accounts.setdefault(account, []).append(json.loads(bot))
    for bots in accounts.values():
        bots.sort(key=lambda bot: str(bot["handle"]))  # the engine creates them in any order
    return accounts


def write_json(file: Path, content: object) -> None:
    """Write JSON that diffs well."""
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def call(command: Sequence[str | Path], folder: Path, env: Mapping[str, str]) -> str:
    """Run a command and return what it prints."""
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=env, check=False, capture_output=True, encoding="utf-8"
    )
    if done.returncode != 0:
        raise RecordError(f"`{' '.join(map(str, command[:3]))}` failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def said_by(python: Path, program: str) -> str:
    """What a line of Python prints, isolated from the folder it runs in, which may be that of another version."""
    return call([python, "-I", "-c", program], ROOT, os.environ).strip()


def main(arguments: Sequence[str]) -> int:
    """Record what was asked for, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.record_state", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--version", default=UNRELEASED, help=f"what the recording is called (default {UNRELEASED})")
    parser.add_argument("--commit", help="the commit whose package is used (default: this checkout)")
    parser.add_argument(
        "--into", type=Path, default=RECORDED, help="where it is kept (default: tests/upgrades/recorded)"
    )
    parser.add_argument("--port", type=int, help="where its local Poe listens (default: as before, or a free one)")
    given = parser.parse_args(arguments)
    if not re.fullmatch(rf"{UNRELEASED}|\d+\.\d+\.\d+\w*", given.version):
        parser.error(f"a version is {UNRELEASED} or such as 0.2.0")
    try:
        folder = record(given.version, given.commit or None, given.into, given.port)
    except (EngineError, RecordError) as error:
        print(f"make record-state: {error}", file=sys.stderr)
        return 1
    print(f"recorded {given.version} in {os.path.relpath(folder)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
