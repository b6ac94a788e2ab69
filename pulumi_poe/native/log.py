"""What is said beside errors. The engine shows it under the bot that it is about, and nothing that a plugin prints."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

import grpc  # type: ignore[import-untyped]  # a part of the SDK
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from ..core.values.text import OneLineFormatter
from .names import in_words

_SECONDS: Final = 5.0
"""Within which the engine takes a line, or it goes to standard error."""

_urn: ContextVar[str] = ContextVar("urn", default="")


@contextmanager
def about(urn: str) -> Iterator[None]:
    """What is said in the block is about this resource.

    :param urn: empty for the stack.
    """
    before = _urn.set(urn)
    try:
        yield
    finally:
        _urn.reset(before)


if TYPE_CHECKING:
    _Handler = logging.StreamHandler[Any]
else:
    _Handler = logging.StreamHandler  # which takes no type before Python 3.11


class EngineLog(_Handler):
    """Hands each record to the engine; to standard error where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(OneLineFormatter("%(message)s"))
        self._channel: Any = None

    def connect(self, engine: str) -> None:
        """Records go to this engine from now on.

        :param engine: its address.
        """
        self.close()
        # A proxy could not reach this machine's own addresses.
        self._channel = grpc.insecure_channel(engine, options=[("grpc.enable_http_proxy", 0)])

    def close(self) -> None:
        """Records go to standard error from now on."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        severity = engine_pb2.WARNING if record.levelno >= logging.WARNING else engine_pb2.INFO
        line = engine_pb2.LogRequest(severity=severity, message=in_words(self.format(record)), urn=_urn.get())
        try:
            engine_pb2_grpc.EngineStub(self._channel).Log(line, timeout=_SECONDS)
        except (grpc.RpcError, AttributeError, ValueError):  # it is gone, was closed, or never was there
            super().emit(record)


HANDLER: Final = EngineLog()


def show(level: str) -> None:
    """Show the log of the package.

    :param level: from which on.
    """
    logger = logging.getLogger("pulumi_poe")
    if HANDLER not in logger.handlers:
        logger.addHandler(HANDLER)
        logger.propagate = False
    logger.setLevel(level.upper())
