"""The `pulumi-poe` command. One file a command.

`--help` must be quick: a command's file is loaded only when that command is asked for, and imports what is slow only
when it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from .exit_codes import run_to_its_end

COMMANDS = {
    "bots": ("bots", "List the bots of the account."),
    "show": ("show", "Show all that Poe says of a bot."),
    "diff": ("diff", "Compare bots on Poe with a stack's state."),
    "import": ("import_", "Bring existing bots under Pulumi."),
    "install-plugin": ("install_plugin", "Install the plugin for YAML, TypeScript and Go."),
    "doctor": ("doctor", "Check the key, the account and the bots' endpoints."),
    "chat": ("chat", "Talk to a bot."),
    "emulator": ("emulator", "Serve a local Poe, or run a command against one."),
}
"""For each command its module, in which it is `NAME_command` (a - is a _), and what the list of commands says of it."""


class Commands(click.Group):
    """The commands of :data:`COMMANDS`. What the core refuses ends each of them in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- as click calls it
        """All of them, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- as click calls it
        """Load one."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"{__name__}.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- as click calls it
        """The list, from the table, so that no command is loaded for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run what the command line says, and exit."""

        def run() -> Any:
            return super(Commands, self).main(args, prog_name, complete_var, standalone_mode=False, **extra)

        if not standalone_mode:
            return run()
        sys.exit(run_to_its_end(run))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        from ..core.errors import PoeError

        try:
            return super().invoke(ctx)
        except PoeError as error:
            raise click.ClickException(str(error)) from None


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pulumi-poe", prog_name="pulumi-poe")
def main() -> None:
    """Tools for Poe API bots declared with Pulumi.

    Settings come from the environment: POE_API_KEY, and POE_API_URL for another Poe than https://api.poe.com. A stack's
    own config is not read.

    \b
    Examples:
      POE_API_KEY=$(pulumi config get poe:apiKey) pulumi-poe bots
      pulumi-poe import --all --out imported
      pulumi-poe emulator -- pulumi up

    \b
    Exit codes of every command, besides its own:
      1    its output can't be written
      2    wrong usage
      130  ended by Ctrl-C
    """
