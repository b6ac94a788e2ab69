"""Ports for servers that a test starts by their number."""

from __future__ import annotations

import os
import socket
from itertools import count

_FIRST, _EACH = 20000, 500
"""Below those that a system gives to whoever asks for any, so that nobody gets one between the look and the use."""

_numbers = count()


def free_port() -> int:
    """A port that nobody uses, and that no other test process of this run is given."""
    worker = int((os.environ.get("PYTEST_XDIST_WORKER") or "gw0")[2:])
    while True:
        port = _FIRST + worker % 20 * _EACH + next(_numbers) % _EACH
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
