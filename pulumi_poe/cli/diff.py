"""`pulumi-poe diff`: bots on Poe against a stack's state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ..core.values.text import counted, printable
from .common import (
    CONTEXT,
    EXIT_DIFFERS,
    account,
    json_option,
    print_json,
    print_table,
    recorded_bots,
    telling,
)
from .exit_codes import EXIT_FAILED

if TYPE_CHECKING:
    from ..core.poe.account import Account


@dataclass(frozen=True)
class _Difference:
    path: str
    state: Any
    poe: Any

    @classmethod
    def of(cls, path: tuple[str, ...], state: Any, poe: Any) -> _Difference:
        """With Poe's names, as a program in Python has them."""
        return cls(".".join(path), state, poe)


@dataclass(frozen=True)
class _Compared:
    """What came of one bot: its differences, or the error that kept it from being compared."""

    handle: str
    differences: Sequence[_Difference] = ()
    error: str | None = None


@click.command("diff", context_settings=CONTEXT)
@click.argument("handles", metavar="[HANDLE]...", nargs=-1)
@click.option("--stack", metavar="NAME", help="The stack.  [default: the one selected in the current folder]")
@json_option
@click.pass_context
def diff_command(ctx: click.Context, /, handles: tuple[str, ...], stack: str | None, as_json: bool) -> None:
    """Show what Poe has of each bot HANDLE, in any spelling, where the stack's state says something else.

    Without a HANDLE it compares all bots of the stack.

    Run it in the project's folder: it reads the state with `pulumi stack export`. Only what the program declares is
    compared, as `pulumi refresh` does: defaults that Poe fills in and other spellings of a price are no difference. The
    endpoint's key and whatever else is a secret in the state are not compared. Properties have the names of the
    program: Poe's, or Pulumi's for a bot of the native plugin.

    A bot that can't be compared, because Poe or the state does not have it, does not keep the others from being
    compared. With --json there is always a list, with handle, differences and error of each bot: error is null where
    it could be compared, and differences is null where it could not.

    \b
    Examples:
      pulumi-poe diff
      pulumi-poe diff Acme-Reasoner
      pulumi-poe diff Acme-Reasoner Acme-Coder --stack prod --json

    \b
    Exit codes:
      0  Poe has what the state says, also if the stack has no bots
      1  a bot that Poe or the state does not have, no key, or Poe or pulumi failed
      2  wrong usage
      7  all were compared, and at least one differs
    """
    from ..core.errors import doing

    with telling("Reading the stack's state") as tell:
        recorded = recorded_bots(stack)
        chosen = _chosen(recorded, handles, _named(stack))
        with doing(f"diff bot {handles[0]!r}" if len(handles) == 1 else "diff bots"):
            compared = list(_compared(chosen, tell))
    if as_json:
        print_json([_as_json(bot) for bot in compared])
    else:
        _print(compared, is_one=len(handles) == 1)
        if not compared and not recorded:
            click.echo(f"{f'Stack {stack!r}' if stack else 'The selected stack'} has no bots.")
    for bot in compared:
        if bot.error is not None:
            click.echo(f"Error: {bot.error}", err=True)
    if any(bot.error is not None for bot in compared):
        ctx.exit(EXIT_FAILED)
    ctx.exit(EXIT_DIFFERS if any(bot.differences for bot in compared) else 0)


def _named(stack: str | None) -> str:
    return f"stack {stack!r}" if stack else "the selected stack"


def _chosen(
    recorded: list[dict[str, Any]], handles: tuple[str, ...], stack: str
) -> list[Mapping[str, Any] | _Compared]:
    """What the state records of the bots that were asked for; of one that it lacks, the error."""
    from ..core.bot.handles import canonical_handle
    from ..core.lifecycle.record import PROVIDER_NAME, held_in

    if not handles:
        theirs = [bot for bot in recorded if PROVIDER_NAME in bot]
        if theirs:
            click.echo(
                f"Not compared: {counted(len(theirs), 'bot')} of the program's Providers. To compare those of one, set "
                "POE_API_KEY to the key of its account and name them.",
                err=True,
            )
        return [bot for bot in recorded if PROVIDER_NAME not in bot]
    return [
        held_in(recorded, handle)
        or _Compared(
            handle,
            error=f"diff bot {handle!r}: {stack} has no such bot. `pulumi-poe import` brings it under Pulumi.",
        )
        for handle in {canonical_handle(handle): handle for handle in handles}.values()
    ]


def _compared(chosen: list[Mapping[str, Any] | _Compared], tell: Callable[[str], None]) -> Iterator[_Compared]:
    """What came of each, in the same order. Poe is asked for its list of bots once, if there is anything to compare."""
    poe: Account | None = None
    for recorded in chosen:
        if isinstance(recorded, _Compared):
            yield recorded
            continue
        if poe is None:
            tell("Asking Poe for the list of bots")
            poe = account()
            poe.bots()  # without the list nothing can be compared, so its error is the whole command's
        yield _one_compared(recorded, poe)


def _one_compared(recorded: Mapping[str, Any], poe: Account) -> _Compared:
    from ..core.errors import NotFoundError, PoeError
    from ..core.lifecycle.record import with_what_differs

    handle = recorded["handle"]
    try:
        found = poe.bot(handle)
    except PoeError as error:
        said = str(error.while_doing(f"diff bot {handle!r}"))
        if isinstance(error, NotFoundError):
            said += " `pulumi preview --refresh` tells whether it is gone."
        return _Compared(handle, error=said)
    shown = _in_pulumis_names if recorded["__native"] else _Difference.of
    return _Compared(found["handle"], [shown(*one) for one in with_what_differs(recorded, found)])


def _in_pulumis_names(path: tuple[str, ...], state: Any, poe: Any) -> _Difference:
    """As a program for the native plugin has them."""
    from ..core.values.trees import tree_of
    from ..native.names import path_of
    from ..spelling import to_pulumi

    def named(value: Any) -> Any:
        tree: Any = to_pulumi(tree_of({path: value}))
        for _ in path:
            (tree,) = tree.values()
        return tree

    return _Difference(path_of(path), named(state), named(poe))


# --- what is said -----------------------------------------------------------------------------------


def _as_json(bot: _Compared) -> dict[str, Any]:
    return {
        "handle": bot.handle,
        "differences": [vars(difference) for difference in bot.differences] if bot.error is None else None,
        "error": bot.error,
    }


def _print(compared: list[_Compared], *, is_one: bool) -> None:
    """A table of all differences, and a line that sums up.

    :param is_one: one handle was named, so nobody has to be told whose differences these are.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("property", "state", "Poe") if is_one else ("bot", "property", "state", "Poe"):
        table.add_column(name, overflow="fold")
    for bot in compared:
        for one in bot.differences:
            cells = (bot.handle, one.path, _shown(one.state), _shown(one.poe))
            table.add_row(*(Text(printable(text)) for text in (cells[1:] if is_one else cells)))
    if table.rows:
        print_table(table)
    if summary := _summary(compared):
        click.echo(summary)


def _summary(compared: list[_Compared]) -> str:
    """Nothing for one bot that differs or can't be compared, since the table or the error says it, and for none."""
    failed = sum(bot.error is not None for bot in compared)
    differing = sum(bool(bot.differences) for bot in compared)
    alike = len(compared) - failed - differing
    if not compared:
        return ""
    if alike == len(compared):
        who = f"Bot {compared[0].handle!r}" if alike == 1 else counted(alike, "bot")
        return f"{who}: Poe has what the state says."
    if len(compared) == 1:
        return ""
    counts = {"as the state says": alike, "different": differing, "not compared": failed}
    return (
        f"{counted(len(compared), 'bot')}: {', '.join(f'{count} {what}' for what, count in counts.items() if count)}."
    )


def _shown(value: Any) -> str:
    return "(nothing)" if value is None else json.dumps(value, ensure_ascii=False)
