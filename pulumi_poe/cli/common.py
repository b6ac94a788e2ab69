"""What several commands share: the account, a stack's state, and how something is shown."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from ..core.values.text import printable
from ..tokens import BOT_TYPE, NATIVE_BOT_TYPE, is_made_by_the_engine

if TYPE_CHECKING:
    import subprocess

    from rich.console import Console
    from rich.table import Table

    from ..core.poe.account import Account
    from ..core.poe.settings import Settings

_F = TypeVar("_F", bound=Callable[..., Any])

CONTEXT = {"help_option_names": ["-h", "--help"]}

EXIT_DIFFERS = 7
"""What `pulumi --expect-no-changes` answers when there is a change."""

json_option: Callable[[_F], _F] = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def settings_from_environment() -> Settings:
    """The settings of the command line.

    :raises ClickException: there is no key.
    :raises SettingsError: a setting can't be used.
    """
    from ..core.poe.settings import WHERE_KEYS_COME_FROM, Settings

    settings = Settings.load(lambda _: None, os.environ)
    if settings.api_key is None:
        raise click.ClickException(
            "no Poe API key is set. Set POE_API_KEY in the environment; this command does not read the stack's config. "
            f"{WHERE_KEYS_COME_FROM}"
        )
    return settings


def account() -> Account:
    """The account of the key in the environment. Its connections are closed when the command ends."""
    from ..core.poe.account import Account

    opened = Account(settings_from_environment())
    click.get_current_context().call_on_close(opened.close)
    return opened


def print_json(value: Any) -> None:
    """Print JSON that any program can read, whatever is in it."""
    click.echo(json.dumps(value, indent=2))


def console(*, stderr: bool = False) -> Console:
    """Where tables go. Colour only on a terminal, and not with NO_COLOR; piped, lines are as long as they need."""
    from rich.console import Console

    is_terminal = _is_terminal(sys.stderr if stderr else sys.stdout)
    width = None if is_terminal else 10_000
    no_color = bool(os.environ.get("NO_COLOR"))  # an empty one counts as unset, and rich 13 does not know that
    return Console(stderr=stderr, width=width, force_terminal=is_terminal, no_color=no_color, highlight=False)


def print_table(table: Table) -> None:
    """Print a table; piped, without the spaces that fill its lines up."""
    target = console()
    if target.is_terminal:
        target.print(table)
        return
    with target.capture() as captured:
        target.print(table)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()).strip("\n"))


@contextmanager
def telling(what: str) -> Iterator[Callable[[str], None]]:
    """Say what takes a while, on a terminal only; call what it gives to say something else."""
    if not _is_terminal(sys.stderr):
        yield lambda _: None
        return
    from rich.markup import escape

    with console(stderr=True).status(escape(what)) as status:
        yield lambda text: status.update(escape(printable(text)))


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads it. There is none where the shell closed it."""
    return stream is not None and stream.isatty()


def pulumi(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the Pulumi CLI to its end.

    :param arguments: of the command. It asks nothing.
    :raises ClickException: there is no `pulumi`.
    """
    import subprocess

    command = ["pulumi", *arguments, "--non-interactive"]
    try:
        return subprocess.run(command, capture_output=True, text=True)  # noqa: S603 -- the user's own pulumi
    except OSError as error:
        raise click.ClickException(f"pulumi can't be run ({error.strerror}). Is it on PATH?") from None


def recorded_bots(stack: str | None) -> list[dict[str, Any]]:
    """What the state of a stack records of its bots, with secrets still encrypted.

    Each has a handle, the name of its resource as ``__name``, and as ``__native`` whether the native plugin made it.
    Names of properties are Poe's.

    :param stack: the stack's name; None is the one selected in the current folder.
    :raises ClickException: there is no such stack, or no `pulumi`.
    """
    done = pulumi("stack", "export", *(["--stack", stack] if stack else []))
    if done.returncode != 0:
        said = done.stderr.strip().removeprefix("error: ")
        raise click.ClickException(f"`pulumi stack export` failed: {said}. Run this in the project's folder.")
    try:
        deployment = json.loads(done.stdout).get("deployment") or {}
    except ValueError:
        raise click.ClickException("`pulumi stack export` printed what is no JSON") from None
    resources = deployment.get("resources") or []
    named = {
        f"{resource['urn']}::{resource.get('id')}": _name_of_provider(resource)
        for resource in resources
        if str(resource.get("type")).startswith("pulumi:providers:")
    }
    return [
        _recorded(resource, named)
        for resource in resources
        if resource.get("type") in (BOT_TYPE, NATIVE_BOT_TYPE) and not resource.get("delete")
    ]


def _name_of_provider(resource: dict[str, Any]) -> str | None:
    """The name of a Provider that has a key of its own; None of one that has the stack's."""
    if resource["type"] == f"pulumi:providers:{NATIVE_BOT_TYPE.partition(':')[0]}":
        name = _name(resource)
        return None if is_made_by_the_engine(name) else name
    name_of_dynamic: str | None = (resource.get("inputs") or {}).get("poe:provider")
    return name_of_dynamic


def _recorded(resource: dict[str, Any], providers: dict[str, str | None]) -> dict[str, Any]:
    """What the state has of a bot, by Poe's names.

    :param providers: by what a bot's entry calls it, the name of each Provider that has a key of its own.
    """
    from ..core.lifecycle.record import PROVIDER_NAME
    from ..spelling import read_record

    is_native = resource["type"] == NATIVE_BOT_TYPE
    outputs, _ = read_record(resource.get("outputs") or {}, native=is_native)
    if resource.get("provider") in providers:
        # The outputs are of the last write or refresh, and a bot that went to another Provider since is not written.
        outputs[PROVIDER_NAME] = providers[resource["provider"]]
        if outputs[PROVIDER_NAME] is None:
            del outputs[PROVIDER_NAME]
    handle = outputs.get("handle")
    return {
        **outputs,
        # Of a secret the state shows no text, but the id is the bot's handle too, and is none.
        "handle": handle if isinstance(handle, str) else resource.get("id", ""),
        "__name": _name(resource),
        "__native": is_native,
    }


def _name(resource: dict[str, Any]) -> str:
    name: str = resource["urn"].rpartition("::")[2]
    return name
