"""`pulumi-poe chat`: a conversation with a bot in the terminal, or one question from a script."""

from __future__ import annotations

import io
import math
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..core.values.text import printable
from .common import CONTEXT, account, telling

if TYPE_CHECKING:
    from ..chat.conversation import Conversation


def _settings(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each NAME=VALUE as the two."""
    parted = [(name.strip(), is_there, text) for name, is_there, text in (value.partition("=") for value in values)]
    if any(not name or not is_there for name, is_there, _ in parted):
        raise click.BadParameter("a setting is NAME=VALUE, such as effort=high", ctx, param)
    return [(name, text) for name, _, text in parted]


class _Seconds(click.FloatRange):
    """Seconds that a socket can wait, so neither NaN nor infinitely many."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds = float(super().convert(value, param, ctx))
        if math.isnan(seconds):  # which is less than nothing, and more than nothing
            self.fail(f"{value} is no number of seconds.", param, ctx)
        return seconds


@click.command("chat", context_settings={**CONTEXT, "show_default": True})
@click.argument("handle")
@click.argument("question", required=False)
@click.option(
    "--set",
    "settings",
    callback=_settings,
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter. May be repeated.",
)
@click.option("--ask-controls", is_flag=True, help="Ask for each of the bot's controls before the conversation.")
@click.option(
    "--image",
    "images",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="PATH",
    help="Send an image with the first question: PNG, JPEG, GIF or WebP. May be repeated.",
)
@click.option("--cost", "says_cost", is_flag=True, help="With QUESTION, say on the error output what the answer costs.")
@click.option(
    "--timeout",
    type=_Seconds(min=0, min_open=True, max=86_400),
    default=300.0,
    metavar="SECONDS",
    help="How long nothing may come of an answer.",
)
@click.pass_context
def chat_command(
    ctx: click.Context,
    /,
    handle: str,
    question: str | None,
    settings: list[tuple[str, str]],
    ask_controls: bool,
    images: tuple[Path, ...],
    says_cost: bool,
    timeout: float,
) -> None:
    """Talk to the bot HANDLE, in any spelling: one of your own, or another public one.

    With QUESTION it prints the answer and nothing else. With - as QUESTION, or without one behind a pipe, it reads the
    question from the standard input. Else it is a conversation: /help in it says what there is, Ctrl-C stops an answer,
    and Ctrl-D ends it.

    Poe answers for public bots alone, and charges the account of the key. The local Poe (see emulator) answers for
    private ones too, and nobody charges but the bot's endpoint.

    \b
    Examples:
      pulumi-poe chat Acme-Reasoner
      pulumi-poe chat Acme-Reasoner 'Is 91 a prime number?' --set effort=high
      git diff | pulumi-poe chat Acme-Reasoner - > review.md
      pulumi-poe chat Acme-Reasoner 'What is this?' --image photo.jpg --cost

    \b
    Exit codes:
      0    answered, or the conversation was ended by Ctrl-D or /quit
      1    no key, no such bot or parameter, or Poe refused, broke off or could not be reached
      2    wrong usage
      130  ended by Ctrl-C, in a conversation by two
    """
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # neither an answer nor a key that is hit may end in a traceback
    asked = _question(question)
    if asked is None and sys.stdout is not None and not sys.stdout.isatty():
        raise click.UsageError("A conversation needs a terminal. Give a QUESTION, or - to read it.")
    if asked is not None and ask_controls:
        raise click.UsageError("--ask-controls needs a conversation. Use --set with a QUESTION.")
    conversation = _conversation(ctx, handle, timeout)
    _prepare(conversation, settings, images)
    if asked is not None:
        _answer(conversation, asked, says_cost=says_cost)
        return
    from .chat_terminal import Terminal

    Terminal(conversation).run(ask_controls=ask_controls)


def _question(given: str | None) -> str | None:
    """The one question; None for a conversation."""
    if given is None and sys.stdin is not None and sys.stdin.isatty():
        return None
    if given is None or given == "-":
        given = "" if sys.stdin is None else sys.stdin.buffer.read().decode(errors="replace")
    if not given.strip():
        raise click.UsageError("There is no question.")
    return given


def _conversation(ctx: click.Context, handle: str, timeout: float) -> Conversation:
    """A conversation that can begin."""
    poe = account()
    from ..chat.calling import Caller
    from ..chat.conversation import Conversation
    from ..chat.partner import partner
    from ..core.errors import doing

    caller = Caller(poe.settings, timeout)
    ctx.call_on_close(caller.close)
    with telling("Looking for the bot"), doing(f"talk to bot {printable(handle)!r}"):
        return Conversation(caller, partner(poe, caller, handle))


def _prepare(conversation: Conversation, settings: list[tuple[str, str]], images: tuple[Path, ...]) -> None:
    """What goes with the questions."""
    from ..chat.images import data_url
    from ..chat.values import value_of
    from ..core.errors import doing

    partner = conversation.partner
    with doing(f"talk to bot {printable(partner.handle)!r}"):
        for name, text in settings:
            conversation.values[name] = value_of(partner.controls, name, text)
        conversation.images += [data_url(path) for path in images]
    if images and partner.takes_images is False:
        click.echo(f"Warning: {printable(partner.handle)} does not say that it takes images.", err=True)


def _answer(conversation: Conversation, question: str, *, says_cost: bool) -> None:
    """Print the answer to one question as it comes."""
    from ..chat.showing import Harmless
    from .chat_words import told

    harmless = Harmless()
    last = ""
    answer = conversation.ask(question)
    try:
        with closing(answer.pieces()) as pieces:
            for piece in pieces:
                if not piece.is_thought and (shown := harmless.shown(piece.text)):
                    click.echo(shown, nl=False)
                    last = shown[-1]
    finally:
        rest = harmless.rest()
        if last:
            click.echo(rest, nl=not (rest or last).endswith("\n"))
    if answer.reason:
        click.echo(f"Warning: the answer is not whole: {printable(answer.reason)}.", err=True)
    if says_cost:
        outcome = conversation.keep(answer)
        click.echo(told(conversation, answer, outcome), err=True)
        for note in outcome.notes:
            click.echo(f"Note: {printable(note)}", err=True)
