"""The plugin's process: its port is the first line of standard output, and nothing else ever goes there.

The server is grpc's with threads: the core is called in threads and waits in them, so an event loop would only hand
each call on to one.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from typing import Any, Final

MANUAL: Final = (
    "pulumi-resource-poe is pulumi-poe's plugin for Pulumi's engine, which starts it by itself. To attach an engine to "
    "one that you start: `python -m pulumi_poe.native --port 7000`, and PULUMI_DEBUG_PROVIDERS=poe:7000 for `pulumi`."
)

THREADS: Final = 256
"""As many calls may be on their way. Most of them wait for their turn, and a Cancel must not wait with them."""

GRACE: Final = 90.0
"""Seconds that operations have to end when the process is told to."""

_UNLIMITED: Final = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def server(servicer: Any, port: int = 0) -> tuple[Any, int]:
    """A running server, and its port.

    :param servicer: what answers.
    :param port: 0 for any.
    :raises OSError: the port is taken.
    """
    import grpc  # type: ignore[import-untyped]  # a part of the SDK
    from pulumi.runtime.proto import provider_pb2_grpc

    options = [*_UNLIMITED, ("grpc.so_reuseport", 0)]
    made = grpc.server(ThreadPoolExecutor(THREADS), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, made)
    try:
        bound = made.add_insecure_port(f"127.0.0.1:{port}")
    except RuntimeError:
        bound = 0
    if not bound:
        raise OSError(f"port {port} is taken. Choose another one, or leave it out for any that is free.")
    made.start()
    return made, bound


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the engine ends this process, or is gone.

    :param arguments: of the command; None is those of this process.
    :returns: the exit code.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    port = next((int(value) for name, value in pairwise(given) if _is_port(name, value)), None)
    is_started_by_an_engine = any(re.fullmatch(r"\S+:\d+", one) for one in given)
    if port is None and not is_started_by_an_engine:
        print(MANUAL, file=sys.stderr)
        return 2
    parent = os.getppid()
    said = os.dup(1)
    os.dup2(2, 1)  # whatever prints from now on does it where logs go

    from ..core import machine
    from .servicer import Servicer

    try:
        running, bound = server(Servicer(), port or 0)
    except OSError as error:
        print(f"pulumi-resource-poe: {error}", file=sys.stderr)
        return 1
    ends = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ends.set())
    os.write(said, f"{bound}\n".encode())
    os.close(said)
    while not ends.wait(1.0):
        if port is None and os.getppid() != parent:
            break  # the engine was killed, and nobody else ends this process
    machine.end_waits()
    with suppress(KeyboardInterrupt):
        running.stop(GRACE).wait()
    return 0


def _is_port(name: str, value: str) -> bool:
    return name == "--port" and re.fullmatch(r"\d{1,5}", value) is not None
