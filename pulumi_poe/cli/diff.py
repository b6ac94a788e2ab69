"""`pulumi-poe diff`: a bot on Poe against a stack's state."""

from __future__ import annotations

import json
from typing import Any

import click

from pulumi_poe.cli.common import (
    CONTEXT,
    EXIT_DIFFERS,
    account,
    json_option,
    on_one_line,
    print_json,
    print_table,
    recorded_bots,
    telling,
)


@click.command("diff", context_settings=CONTEXT)
@click.argument("handle")
@click.option("--stack", metavar="NAME", help="The stack.  [default: the one selected in the current folder]")
@json_option
@click.pass_context
def diff_command(ctx: click.Context, /, handle: str, stack: str | None, as_json: bool) -> None:
    """Show what Poe has of the bot HANDLE, in any spelling, where the stack's state says something else.

    Run it in the project's folder: it reads the state with `pulumi stack export`. Only what the program declares is
    compared, as `pulumi refresh` does: defaults that Poe fills in and other spellings of a price are no difference. The
    endpoint's key and whatever else is a secret in the state are not compared.

    \b
    Examples:
      pulumi-poe diff Acme-Reasoner
      pulumi-poe diff Acme-Reasoner --stack prod --json

    \b
    Exit codes:
      0  Poe has what the state says
      1  no such bot on Poe or in the state, no key, or Poe or pulumi failed
      2  wrong usage
      7  they differ
    """
    from pulumi_poe.core.account import held_in, with_what_differs
    from pulumi_poe.core.errors import doing

    with telling("Reading the stack's state") as tell, doing(f"diff bot {handle!r}"):
        recorded = held_in(recorded_bots(stack), handle)
        if recorded is None:
            where = f"stack {stack!r}" if stack else "the selected stack"
            raise click.ClickException(
                f"diff bot {handle!r}: {where} has no such bot. `pulumi-poe import` brings it under Pulumi."
            )
        tell("Asking Poe for the bot")
        found = account().bot(handle)
    differences = [(".".join(path), there, here) for path, there, here in with_what_differs(recorded, found)]
    if as_json:
        print_json(
            {
                "handle": found["handle"],
                "differences": [{"path": path, "state": there, "poe": here} for path, there, here in differences],
            }
        )
    elif not differences:
        click.echo(f"Bot {found['handle']!r}: Poe has what the state says.")
    else:
        _print(differences)
    ctx.exit(EXIT_DIFFERS if differences else 0)


def _print(differences: list[tuple[str, Any, Any]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("property", "state", "Poe"):
        table.add_column(name, overflow="fold")
    for path, there, here in differences:
        table.add_row(*(Text(on_one_line(text)) for text in (path, _shown(there), _shown(here))))
    print_table(table)


def _shown(value: Any) -> str:
    return "(nothing)" if value is None else json.dumps(value, ensure_ascii=False)
