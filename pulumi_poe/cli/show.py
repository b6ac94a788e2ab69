"""`pulumi-poe show`: all that Poe says of a bot."""

from __future__ import annotations

import json
from typing import Any

import click

from ..core.values.text import printable
from .common import (
    CONTEXT,
    account,
    json_option,
    print_json,
    print_table,
    telling,
)


@click.command("show", context_settings=CONTEXT)
@click.argument("handle")
@json_option
def show_command(handle: str, as_json: bool) -> None:
    """Show all that Poe says of the bot HANDLE, in any spelling. The key of its endpoint is not among that.

    \b
    Examples:
      pulumi-poe show Acme-Reasoner
      pulumi-poe show acme_reasoner --json

    \b
    Exit codes:
      0  shown
      1  no such bot, no key, or Poe refused or could not be reached
      2  wrong usage
    """
    from ..core.errors import doing

    with telling("Asking Poe for the bot"), doing(f"show bot {handle!r}"):
        bot = account().bot(handle)
    if as_json:
        print_json(bot)
        return
    from rich.table import Table
    from rich.text import Text

    from ..core.bot.handles import page_of
    from ..core.values.trees import leaves

    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for path, value in leaves(bot):
        table.add_row(Text(printable(".".join(path))), Text(printable(_shown(path, value))))
    table.add_row(Text("url"), Text(page_of(bot["handle"])))
    print_table(table)


def _shown(path: tuple[str, ...], value: Any) -> str:
    """The value as Poe has it; a text without quotes, a price also per million tokens."""
    from ..core.bot.prices import NAMES, usd_per_million

    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if path[-1] in NAMES and (usd := usd_per_million(value)) is not None:
        return f"{text}  (${usd} per million tokens)"
    return text
