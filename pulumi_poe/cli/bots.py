"""`pulumi-poe bots`: list the bots of the account."""

from __future__ import annotations

from collections.abc import Mapping
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


@click.command("bots", context_settings=CONTEXT)
@click.option("--prefix", metavar="TEXT", help="Only bots whose handle begins so, in any case.")
@click.option("--private/--public", default=None, help="Only private bots, or only public ones.")
@json_option
def bots_command(prefix: str | None, private: bool | None, as_json: bool) -> None:
    """List the bots of the account, API bots and others.

    Prices are in USD per million tokens; a + says that there are tiers by the length of the input. With --json the
    bots are as Poe gives them, with prices per token.

    \b
    Examples:
      pulumi-poe bots
      pulumi-poe bots --prefix acme- --public
      pulumi-poe bots --json | jq -r '.[].handle'

    \b
    Exit codes:
      0  listed, also if there is none
      1  no key, or Poe refused or could not be reached
      2  wrong usage
    """
    from ..core.errors import doing

    with telling("Asking Poe for the list of bots"), doing("list bots"):
        found = account().bots(prefix=prefix, private=private)
    if as_json:
        print_json(found)
        return
    if not found:
        is_whole = prefix is None and private is None
        click.echo("The account has no bots." if is_whole else "The account has no such bots.")
        return
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("handle", "who may use it", "API bot", "model", "base_url"):
        table.add_column(name, overflow="fold")
    for name in ("input", "output"):
        table.add_column(name, justify="right")
    from rich.text import Text

    for bot in found:
        table.add_row(*(Text(printable(cell)) for cell in _cells(bot)))
    print_table(table)


def _cells(bot: Mapping[str, Any]) -> list[str]:
    from ..core.bot.fields import is_api_bot
    from ..core.values.trees import at

    def said(*path: str) -> str:
        value = at(bot, ("api_bot_settings", *path))
        return value if isinstance(value, str) else ""

    tiers = "+" if at(bot, ("api_bot_settings", "pricing", "context_pricing")) else ""
    return [
        bot["handle"],
        "private" if bot["is_private"] else "public",
        "yes" if is_api_bot(bot) else "no",
        said("model_name"),
        said("base_url"),
        *(_price(at(bot, ("api_bot_settings", "pricing", name)), tiers) for name in ("prompt", "completion")),
    ]


def _price(per_token: Any, tiers: str) -> str:
    from ..core.bot.prices import usd_per_million

    usd = usd_per_million(per_token)
    return "" if usd is None else f"${usd}{tiers}"
