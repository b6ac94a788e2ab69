"""A server that writes bytes of a test's own, however wrong."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType

Answering = Callable[[socket.socket], object]


class RawServer:
    """Serves until the end of its with block.

    :param answer: writes to a connection. It is closed afterwards.
    :param reads_first: the request is read before that.
    """

    def __init__(self, answer: Answering, *, reads_first: bool = True) -> None:
        self._answer = answer
        self._reads_first = reads_first
        self.connections = 0
        self.url = ""

    def __enter__(self) -> RawServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        for each in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            self.connections += 1
            threading.Thread(target=self._converse, args=[connection], daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._reads_first:
                connection.recv(65536)
            self._answer(connection)
            connection.shutdown(socket.SHUT_RDWR)
            connection.close()
