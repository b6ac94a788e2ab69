"""How every command ends: by itself, by Ctrl-C, or because what it says can't be written."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO, TypeVar

import click

_T = TypeVar("_T")

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130
"""What a shell answers for a program that Ctrl-C ended."""

_OF_OUTPUT = {errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EBADF, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""The errors of writing to a pipe that nobody reads, a full disk, a broken or a closed file."""


def run_to_its_end(command: Callable[[], object]) -> int:
    """Run a command and give its exit code. What keeps it from its end is told in one line at most.

    :param command: click's, which raises what it does not know an exit code for.
    """
    try:
        code = _exit_code(command)
        _flush(sys.stdout)  # else it is tried when Python ends, and fails with a traceback
    except (click.Abort, KeyboardInterrupt):
        _drop_what_can_not_be_written()
        if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
            os._exit(EXIT_INTERRUPTED)  # Python would wait for these threads, and they for somebody's answer
        return EXIT_INTERRUPTED
    except OSError as error:
        if error.errno not in _OF_OUTPUT:
            raise
        if error.errno != errno.EPIPE:  # whoever closed a pipe, such as `head`, has read enough
            with suppress(OSError):
                click.echo(f"Error: can't write the output: {error.strerror}", err=True)
        code = EXIT_FAILED
    _drop_what_can_not_be_written()
    return code


def without_holding_up_the_end(work: Callable[[], _T]) -> _T:
    """Do what waits for threads of its own, so that Ctrl-C does not have to.

    :param work: is done in another thread. When this one is interrupted, :func:`run_to_its_end` ends them all.
    """
    from concurrent.futures import Future, wait  # loads logging

    done: Future[_T] = Future()

    def do() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=do).start()
    while not done.done():
        wait([done], timeout=1)  # on Windows Ctrl-C does not end a wait without a timeout
    return done.result()


def _exit_code(command: Callable[[], object]) -> int:
    try:
        answered = command()
    except click.ClickException as error:
        from ..core.values.text import one_line  # loads logging, which --help does without

        # It may name what somebody typed, or what another program said.
        error.message = one_line(error.message)  # type: ignore[misc]  # final, but click has no other way
        error.show()
        return error.exit_code
    except SystemExit as end:  # click and rich raise it for a pipe that nobody reads
        answered = end.code
    return answered if isinstance(answered, int) else 0


def _flush(stream: TextIO | None) -> None:
    """Write what is in the buffer. There is no stream where the shell closed it."""
    if stream is not None:
        stream.flush()


def _drop_what_can_not_be_written() -> None:
    """Python would try once more when it ends, say so, and exit with a code of its own."""
    for stream in (sys.stdout, sys.stderr):
        try:
            _flush(stream)
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
