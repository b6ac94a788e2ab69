"""Run the checkout's own Pulumi.yaml against a local Poe: what `make up` and its companions call.

    python -m tools.local up|preview|refresh|down

The bots live in the local Poe, which `pulumi-poe emulator` starts for the length of one command. The stack is called
`local`; that of `make desk`, which desk.py is about, `desk`. All that is kept between two commands lies in .local, and
`down` removes it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.engine.install import EngineError, environment, find_or_install

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
DATABASE = LOCAL / "poe.sqlite"
PROGRAM = "examples/quickstart/__main__.py"

#: The same in every run, because the state remembers the address that its bots were written to. Not 8787: that
#: is where `pulumi-poe emulator` listens when somebody runs it by hand.
DEFAULT_PORT = 18787


@dataclass(frozen=True)
class Stack:
    """A stack of one of the checkout's projects."""

    name: str
    folder: Path

    @property
    def config(self) -> Path:
        """Its config file: beside the state and not in the project, so that `git status` stays clean."""
        return LOCAL / f"Pulumi.{self.name}.yaml"


QUICKSTART = Stack("local", ROOT)
DESK = Stack("desk", ROOT / "examples/self-hosted")

NEXT = f"""
What to try next:
  edit {PROGRAM}
  make preview    what would change
  make up         change it
  make refresh    look for changes that were made on the local Poe
  make down       remove the bots, the stack and .local
  make desk       a page to talk to a bot on, which a small model on this machine serves
  make test       run all tests"""


class LocalError(Exception):
    """The command can't be carried out. The message says why and what to do."""


def up() -> int:
    """Create or update the bots, then show them."""
    env = prepare(QUICKSTART)
    if code := on_local_poe(env, QUICKSTART, "up", "--yes"):
        return code
    show_stack(env)
    print("\nNothing changed." if unchanged(env) else "\nDone. Run `make up` again: nothing will change.")
    print(NEXT)
    return 0


def preview() -> int:
    """Show what `up` would do."""
    if code := on_local_poe(prepare(QUICKSTART), QUICKSTART, "preview"):
        return code
    print("\nThis was a preview, nothing was written. `make up` does it.")
    return 0


def refresh() -> int:
    """Read the bots from the local Poe into the stack's state."""
    env = prepare(QUICKSTART)
    if code := on_local_poe(env, QUICKSTART, "refresh", "--yes"):
        return code
    print("\nNothing changed." if unchanged(env) else "\nThe state was brought up to date. `make preview` compares.")
    return 0


def down() -> int:
    """Delete the bots, and then all that was kept."""
    if not LOCAL.exists():
        print("There is nothing to take down.")
        return 0
    for stack in (QUICKSTART, DESK):
        if stack.config.exists() and (code := on_local_poe(prepare(stack), stack, "destroy", "--yes", "--remove")):
            print(
                f"\nThe stack is kept. If it can't be repaired, remove {LOCAL.name}: its bots were only local.",
                file=sys.stderr,
            )
            return code
    shutil.rmtree(LOCAL)
    print("\nThe local stacks, their bots and .local are gone.")
    return 0


def prepare(stack: Stack, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Get an engine and a stack, and return the environment that `pulumi` needs.

    :param settings: the stack's config, if it has to be created. Default None, nothing.
    """
    env = environment(find_or_install(), LOCAL)
    print(f"Pulumi: {shutil.which('pulumi', path=env['PATH'])}", flush=True)
    if not stack.config.exists():
        create_stack(env, stack, settings or {})
    return env


def create_stack(env: Mapping[str, str], stack: Stack, settings: Mapping[str, str]) -> None:
    """Create the stack, and move its config file out of the project."""
    written = stack.folder / f"Pulumi.{stack.name}.yaml"
    if written.exists():
        raise LocalError(
            f"{written.name} is in the way: `make` has a stack of that name. Rename the file, or move it away."
        )
    pulumi(env, stack, "stack", "select", "--create", "--non-interactive")
    for name, value in settings.items():
        pulumi(env, stack, "config", "set", name, value)
    written.replace(stack.config)


def on_local_poe(env: Mapping[str, str], stack: Stack, *arguments: str) -> int:
    """Run a pulumi command while the local Poe is up, and return its exit code."""
    pulumi_poe = Path(sys.executable).parent / "pulumi-poe"
    emulator = [pulumi_poe, "emulator", "--database", DATABASE, "--port", str(port_of_poe()), "--"]
    return call([*map(str, emulator), "pulumi", *arguments, *options(stack)], env, stack.folder)


def options(stack: Stack) -> list[str]:
    """What every command on a stack is told."""
    where = ["--stack", stack.name, "--config-file", str(stack.config)]
    return [*where, "--non-interactive", "--suppress-permalink=true"]


def port_of_poe() -> int:
    """The port of the local Poe.

    :raises LocalError: something listens there.
    """
    port = int(os.environ.get("PULUMI_POE_PORT") or DEFAULT_PORT)
    if is_taken(port):
        raise LocalError(
            f"port {port} of this machine is in use, and the local Poe needs it. Does another `make up` or `make desk` "
            f"run?\nStop what listens there, or say another port: PULUMI_POE_PORT={port + 1} before `make` (and the "
            "same in every command until `make down`: the stacks remember their Poe's address)."
        )
    return port


def is_taken(port: int) -> bool:
    """Tell whether something listens on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just closed is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def call(command: Sequence[str], env: Mapping[str, str], folder: Path) -> int:
    """Run a command in the foreground and return its exit code as a shell would."""
    # Ctrl-C goes to the command too, which ends in good order; this process waits for it.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        code = subprocess.run(command, cwd=folder, env=env, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def pulumi(env: Mapping[str, str], stack: Stack, *arguments: str) -> str:
    """Run a pulumi command that needs no Poe, and return what it prints."""
    command = ["pulumi", *arguments, "--stack", stack.name]
    done = subprocess.run(
        command,
        cwd=stack.folder,
        env=env,
        check=False,
        capture_output=True,
        encoding="utf-8",
        start_new_session=True,  # what ends `make desk` must not end the question which process it has to stop
    )
    if done.returncode != 0:
        raise LocalError(f"`pulumi {' '.join(arguments[:2])}` failed: {done.stderr.strip()}")
    return done.stdout


def unchanged(env: Mapping[str, str]) -> bool:
    """Tell whether the last update left every resource as it was."""
    history = json.loads(pulumi(env, QUICKSTART, "stack", "history", "--json", "--page-size", "1"))
    return bool(history) and set(history[0].get("resourceChanges") or {}) <= {"same"}


def show_stack(env: Mapping[str, str]) -> None:
    """Print the stack's resources and outputs. Secrets stay hidden."""
    deployment = json.loads(pulumi(env, QUICKSTART, "stack", "export"))["deployment"]
    resources: list[dict[str, Any]] = deployment.get("resources") or []
    print(f"\nThe stack `{QUICKSTART.name}` holds:")
    for resource in resources:
        if resource["custom"] and not resource["type"].startswith("pulumi:providers:"):
            print(f"  {resource['type'].rpartition(':')[2]} {resource['id']}")
    outputs: dict[str, Any] = json.loads(pulumi(env, QUICKSTART, "stack", "output", "--json"))
    if outputs:
        print("\nIts outputs:")
    for name, value in outputs.items():
        print(f"  {name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")


COMMANDS = {"up": up, "preview": preview, "refresh": refresh, "down": down}


def main(arguments: Sequence[str]) -> int:
    """Carry out one command and return its exit code."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python -m tools.local {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        return COMMANDS[arguments[0]]()
    except (EngineError, LocalError) as error:
        print(f"make {arguments[0]}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
