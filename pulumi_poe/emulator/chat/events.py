"""Where does an event of a stream end, and what is in it?"""

from __future__ import annotations

import re

# Two ends of lines, each of which is \r\n, \n or \r.
_END = re.compile(rb"(?:\r\n|\n|\r(?!\n)){2}")


class TooLongError(Exception):
    """An event is longer than anybody needs."""


class Splitter:
    """Cuts the bytes of a stream into events, byte for byte as they came.

    :param longest: how many bytes of one event are held at most.

    Example::

        splitter = Splitter()
        splitter.feed(b"data: 1\\n\\ndata") == [b"data: 1\\n\\n"]
        splitter.rest == b"data"
    """

    def __init__(self, longest: int = 4 * 2**20) -> None:
        self._longest = longest
        self._held = bytearray()
        self._looked = 0

    @property
    def rest(self) -> bytes:
        """The beginning of an event whose end has not come."""
        return bytes(self._held)

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that this chunk completes.

        :raises TooLongError: an event is too long.
        """
        self._held += chunk
        events = []
        begin = 0
        for end in _END.finditer(self._held, self._looked):
            events.append(bytes(self._held[begin : end.end()]))
            begin = end.end()
        if begin:
            del self._held[:begin]
        # An end may have come in part: three of its four bytes at most.
        self._looked = max(0, len(self._held) - 3)
        if len(self._held) > self._longest:
            raise TooLongError
        return events


def data_of(event: bytes) -> bytes | None:
    """The data of an event, with its lines joined as the standard of server-sent events has it; None if it has none."""
    # A stream may begin with a mark of its byte order, which is none of its first line.
    split = re.split(rb"\r\n|\n|\r", event.removeprefix(b"\xef\xbb\xbf"))
    lines = [line[5:].removeprefix(b" ") for line in split if line.startswith(b"data:")]
    return b"\n".join(lines) if lines else None
