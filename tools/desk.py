"""A real model, a bot that it serves, and a page to talk to it on: what `make desk` calls.

    python -m tools.desk

It runs examples/self-hosted against the local Poe, on the port and the database of `make up`, and serves until Ctrl-C.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Mapping

import psutil

from pulumi_poe.emulator import Emulator
from tools.engine.install import EngineError
from tools.local import DATABASE, DESK, LocalError, call, is_taken, options, port_of_poe, prepare, pulumi

HANDLE = "Local-Model"
FIRST_PORT = 8793
"""The model's, unless it is taken when the stack is created."""

IS_READY = """
Talk to the bot in a browser:

  {page}

or in another terminal:

  export POE_API_URL={url} POE_API_KEY={key}
  .venv/bin/pulumi-poe chat {handle}

Ctrl-C stops the model and the local Poe."""


def desk() -> int:
    """Start the model and the local Poe, declare the bot, and serve until Ctrl-C."""
    port = next(port for port in range(FIRST_PORT, 65536) if not is_taken(port))
    env = prepare(DESK, {"handle": HANDLE, "port": str(port)})
    refuse_a_taken_port(env)
    stopping = threading.Event()
    with Emulator(DATABASE, port=port_of_poe()) as poe:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: stopping.set())
        env.update(POE_API_URL=poe.url, POE_API_KEY=poe.api_key)
        try:
            # The program's own resource starts the model.
            if code := call(["pulumi", "up", "--yes", *options(DESK)], env, DESK.folder):
                return code
            if not stopping.is_set():
                print(
                    IS_READY.format(page=f"{poe.page_url}&bot={HANDLE}", url=poe.url, key=poe.api_key, handle=HANDLE),
                    flush=True,
                )
            stopping.wait()
        finally:
            stop_model(env)
    print("\nThe model and the local Poe have stopped. `make desk` goes on with them; `make down` removes all.")
    return 0


def refuse_a_taken_port(env: Mapping[str, str]) -> None:
    """Return if the model can listen on its port, or does.

    :raises LocalError: another program does.
    """
    port = int(pulumi(env, DESK, "config", "get", "port", "--config-file", str(DESK.config)))
    if is_taken(port) and model(env) is None:
        raise LocalError(
            f"port {port} of this machine is in use, and the model needs it. Stop what listens there, or run "
            "`make down` first: then it gets another one."
        )


def stop_model(env: Mapping[str, str]) -> None:
    """Stop the process of the stack. The next `up` finds that it is gone, and starts it anew."""
    process = model(env)
    if process is not None:
        process.terminate()
        process.wait(10)


def model(env: Mapping[str, str]) -> psutil.Process | None:
    """The process of the stack, if it runs."""
    pid = json.loads(pulumi(env, DESK, "stack", "output", "--json")).get("pid")
    if pid is None or not psutil.pid_exists(int(pid)):
        return None
    process = psutil.Process(int(pid))
    # Pids are given anew.
    return process if any("serve.py" in word for word in process.cmdline()) else None


def main() -> int:
    """Carry it out, and return the exit code."""
    try:
        return desk()
    except (EngineError, LocalError) as error:
        print(f"make desk: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
