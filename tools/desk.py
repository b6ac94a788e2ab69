"""A real model, a bot that it serves, and a page to talk to it on: what `make desk` calls.

    python -m tools.desk

It runs examples/self-hosted against the local Poe, on the port and the database of `make up`, and serves until Ctrl-C.
"""

from __future__ import annotations

import re
import signal
import sys
import threading

import psutil

from pulumi_poe.emulator import Emulator
from tools.engine.install import EngineError
from tools.local import DATABASE, DESK, LocalError, call, is_taken, options, port_of_poe, prepare

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
    free = next(port for port in range(FIRST_PORT, 65536) if not is_taken(port))
    env = prepare(DESK, {"handle": HANDLE, "port": str(free)})
    port = port_of_the_model()
    if is_taken(int(port)) and not models():
        raise LocalError(
            f"port {port} of this machine is in use, and the model needs it. Stop what listens there, or run "
            "`make down` first: then it gets another one."
        )
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
            stop_model()
    print("\nThe model and the local Poe have stopped. `make desk` goes on with them; `make down` removes all.")
    return 0


def stop_model() -> None:
    """Stop the process of the stack. The next `up` finds that it is gone, and starts it anew."""
    for process in models():
        process.terminate()
        try:
            process.wait(5)
        except psutil.TimeoutExpired:
            process.kill()


def models() -> list[psutil.Process]:
    """The processes of the stack, found among all: that of an `up` that Ctrl-C ended is in no output of the stack."""
    ends = [str(DESK.folder / "serve.py"), port_of_the_model()]
    return [process for process in psutil.process_iter(["cmdline"]) if (process.info["cmdline"] or [])[-2:] == ends]


def port_of_the_model() -> str:
    """As the stack has it, from its creation on."""
    return str(re.findall(r":port: *[\"']?([0-9]+)", DESK.config.read_text("utf-8"))[0])


def main() -> int:
    """Carry it out, and return the exit code."""
    try:
        return desk()
    except (EngineError, LocalError) as error:
        print(f"make desk: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
