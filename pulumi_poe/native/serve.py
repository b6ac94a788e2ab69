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
        raise OSError(f"port {port} is taken. Choose another one, or 0 for any that is free.")
    made.start()
    return made, bound


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the engine ends this process, or is gone.

    :param arguments: of the command; None is those of this process.
    :returns: the exit code.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given in (["-h"], ["--help"]):
        print(MANUAL)
        return 0
    port = None
    is_started_by_an_engine = any(re.fullmatch(r"\S+:\d+", one) for one in given)  # which says its address
    if not is_started_by_an_engine:
        if (wrong := _what_is_wrong(given)) is not None:
            print(wrong, file=sys.stderr)
            return 2
        port = int(given[1])
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # of a port that is taken it would say two lines more
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


def _what_is_wrong(given: Sequence[str]) -> str | None:
    """What somebody is told who starts it by hand, and not with a port."""
    if not given:
        return MANUAL
    name, *values = given
    if name != "--port":
        return f"pulumi-resource-poe: there is no option {name!r}. --help says what this is."
    if len(values) != 1 or not re.fullmatch(r"\d{1,5}", values[0]) or int(values[0]) > 65535:
        return "pulumi-resource-poe: --port takes a number from 0 to 65535, and nothing comes after it."
    return None
