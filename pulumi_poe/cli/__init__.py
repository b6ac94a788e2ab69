"""The `pulumi-poe` command. One file a command.

`--help` must be quick, so a command imports what is slow only when it runs.
"""

from __future__ import annotations

import click

from pulumi_poe.cli.emulator import emulator_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pulumi-poe", prog_name="pulumi-poe")
def main() -> None:
    """Tools for Poe API bots declared with Pulumi.

    \b
    Examples:
      pulumi-poe emulator
      pulumi-poe emulator -- pulumi up
    """


main.add_command(emulator_command)
