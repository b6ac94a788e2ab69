"""`pulumi-poe emulator`: serve the local Poe, or run a command against it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from ..core.values.text import printable

if TYPE_CHECKING:
    from ..emulator import Emulator

DEFAULT_PORT = 8787

# What the shell answers for a command that it cannot run.
_NOT_EXECUTABLE = 126
_NOT_FOUND = 127


class _WithOptions(click.Command):
    """Offers the local Poe's options too."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own, those, and last the command to run."""
        *own, command, help_ = super().get_params(ctx)
        return [*own, *_flags(), command, help_]


@click.command(
    "emulator",
    cls=_WithOptions,
    context_settings={
        # The options of COMMAND are its own, also where somebody leaves out the `--`.
        "allow_interspersed_args": False,
        "help_option_names": ["-h", "--help"],
        "show_default": True,
    },
)
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.  "
    f"[default: {DEFAULT_PORT}; with COMMAND and without --database a free one]",
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that keeps the bots, with their endpoints' keys in clear text. Without it they are forgotten.",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Name, or NAME:PORT, by which it may be called besides the loopback names and its address. May be repeated.",
)
@click.option(
    "--keep-chats",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps every conversation, with what was said. Without it the last 200 are known, without that.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def emulator_command(
    ctx: click.Context,
    /,
    host: str,
    port: int | None,
    database: Path | None,
    allowed_hosts: tuple[str, ...],
    keep_chats: Path | None,
    command: tuple[str, ...],
    **options: Any,
) -> None:
    """Serve a local Poe, or run COMMAND against one.

    Without COMMAND it serves until Ctrl-C or SIGTERM. With COMMAND it serves on a free port (with --database on the
    usual one), runs COMMAND with POE_API_URL and POE_API_KEY set, and stops when COMMAND ends. Put `--` before COMMAND.

    It has two accounts, so that handles taken by somebody else can be tried out. It never asks poe.com anything.
    Its bots can be talked to by OpenAI's clients: /v1 asks their own endpoints. It has a page for that, too.
    Below /local-poe/ is its control API, by which tests reset and seed it, read its log and make it fail.

    \b
    Examples:
      pulumi-poe emulator
      pulumi-poe emulator --database .local/poe.db --port 9000
      pulumi-poe emulator -- pulumi up --yes
      pulumi-poe emulator --latency 0.2 --patch-merge shallow -- pytest

    \b
    Exit codes:
      0      stopped by Ctrl-C or SIGTERM, without COMMAND
      1      could not start: port in use, database unreadable, packages missing
      2      wrong usage
      126    COMMAND cannot be executed
      127    COMMAND was not found
      128+N  COMMAND was ended by signal N
      other  that of COMMAND
    """
    if port is None:
        # Bots that are kept need an address that is kept: a stack does not touch a bot that it knows from another.
        port = 0 if command and database is None else DEFAULT_PORT
    own = {"host": host, "port": port, "allowed_hosts": allowed_hosts, "keep_chats": keep_chats}
    poe = _started(database, own, options)
    try:
        if command:
            ctx.exit(_run(command, poe))
        _serve(poe, database)
    finally:
        poe.stop()


def _started(database: Path | None, own: dict[str, Any], options: dict[str, Any]) -> Emulator:
    """The running emulator, or one line that says why there is none."""
    import sqlite3

    with _needing_packages():
        from ..emulator import Emulator, Options
    try:
        return Emulator(database, **own, options=Options(**options)).start()
    except sqlite3.Error as error:
        raise click.ClickException(f"cannot use the database {database}: {error}") from None
    except OSError as error:
        where = error.filename or f"{own['host']}:{own['port']}"
        raise click.ClickException(f"cannot use {where}: {error.strerror}") from None


def _flags() -> list[click.Option]:
    """Those of the local Poe; none where its packages are missing, which is said when it is to run."""
    try:
        with _needing_packages():
            from .emulator_flags import flags
    except click.ClickException:
        return []
    return list(flags())


@contextmanager
def _needing_packages() -> Iterator[None]:
    """One line for whoever has not installed what only the local Poe needs."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"starlette", "uvicorn", "pydantic"}:
            raise
        raise click.ClickException("the local Poe needs further packages: pip install 'pulumi-poe[emulator]'") from None


def _serve(poe: Emulator, database: Path | None) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    click.echo(f"The local Poe listens on {poe.url}")
    click.echo("Its accounts:")
    for name, key in poe.accounts.items():
        click.echo(f"  {name}  {key}")
    if database is None:
        click.echo("Bots are forgotten when it stops; --database FILE keeps them.")
    else:
        click.echo(printable(f"Bots are kept in {database}, with their endpoints' keys in clear text."))
    click.echo("To use it, in another terminal:")
    click.echo(f"  export POE_API_URL={poe.url} POE_API_KEY={poe.api_key}")
    click.echo(f"Tests control it at {poe.url}/local-poe/: reset, bots, requests, conversations, faults, options.")
    if poe.has_conversations:
        click.echo(f"OpenAI's clients talk to its bots at {poe.url}/v1.")
        click.echo("You see them and talk to them in a browser, by an address that is good until it stops:")
        click.echo(f"  {poe.page_url}")
    else:
        click.echo("It listens beyond this machine, so its bots cannot be talked to, and it has no page.")
    click.echo("Ctrl-C stops it.")
    # On Windows Ctrl-C does not end a wait without a timeout.
    while not stopping.wait(1):
        pass


def _run(command: Sequence[str], poe: Emulator) -> int:
    """Run the command against the emulator and give its exit code, as a shell would."""
    signals = _Signals()
    environment = {**os.environ, "POE_API_URL": poe.url, "POE_API_KEY": poe.api_key}
    try:
        child = subprocess.Popen(command, env=environment)  # noqa: S603 -- running it is what was asked for
    except FileNotFoundError:
        click.echo(printable(f"Error: {command[0]}: command not found"), err=True)
        return _NOT_FOUND
    except OSError as error:
        click.echo(printable(f"Error: {command[0]}: cannot be executed: {error.strerror}"), err=True)
        return _NOT_EXECUTABLE
    signals.forward_to(child)
    code = None
    while code is None:
        # With a timeout, because a signal that comes just before a wait would be noticed only after it.
        with suppress(subprocess.TimeoutExpired):
            code = child.wait(timeout=1)
    return code if code >= 0 else 128 - code


class _Signals:
    """Catches the signals that end a program, so that this one outlives its child, and hands them on."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            # What is ignored, as by nohup, stays ignored, in the child too.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._catch)

    def forward_to(self, child: subprocess.Popen[bytes]) -> None:
        """Hand on what came before the child was there, and all that comes."""
        self._child = child
        for number in self._early:
            self._catch(number, None)

    def _catch(self, number: int, _frame: FrameType | None) -> None:
        if self._child is None:
            self._early.append(number)
        elif number != signal.SIGINT or not _terminal_reaches_child():
            # The child may have ended just now.
            with suppress(ProcessLookupError):
                self._child.send_signal(number)


def _terminal_reaches_child() -> bool:
    """Whether Ctrl-C comes from our terminal, which sends it to the child itself.

    Handing it on would make two of it, and two make `pulumi up` stop without cleaning up.
    """
    if sys.platform == "win32":
        return True
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)
