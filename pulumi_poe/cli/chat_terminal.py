"""The conversation of `pulumi-poe chat`: what is typed, what is said, and how it ends."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path

import click

from ..chat.controls import Control
from ..chat.conversation import Conversation
from ..chat.curl import as_curl, as_it_went
from ..chat.images import data_url
from ..chat.showing import Harmless, harmless
from ..chat.values import shown, typed, value_of, what_it_takes
from ..core.errors import PoeError
from ..core.values.text import counted, nearest, one_line, printable
from .chat_words import table_of, told
from .common import print_table

_PROMPT = "> "
_MORE = "… "
_BACKSLASH = "a \\ at the end"

COMMANDS = {
    "set": ("[NAME[=VALUE]]", "set a parameter; without a name all controls are asked for, one by one"),
    "unset": ("NAME", "leave a parameter to its default again"),
    "image": ("PATH", "send an image with the next question"),
    "cost": ("", "what every answer cost, and all together"),
    "raw": ("", "the last question and answer as they went over the wire, without the key"),
    "curl": ("", "the last question as a command of a shell"),
    "new": ("", "forget what was said, and begin anew"),
    "help": ("", "this"),
    "quit": ("", "end; so does Ctrl-D, or Ctrl-C twice"),
}
"""For each command of a conversation what follows it, and what it does."""


class Terminal:
    """One conversation in a terminal.

    :param conversation: what is said.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._partner = conversation.partner

    def run(self, *, ask_controls: bool = False) -> None:
        """Talk until it is ended.

        :param ask_controls: whether to begin with what can be set.
        :raises KeyboardInterrupt: it was, by Ctrl-C twice.
        """
        with suppress(ImportError):
            import readline  # noqa: F401 -- gives input() a history, and keys that move the cursor
        where = "the local Poe" if self._conversation.is_local else "Poe"
        self._say(f"{self._partner.handle} on {where}. /help says what there is, Ctrl-D ends.")
        if self._partner.remark:
            self._say(self._partner.remark)
        was_interrupted = False
        if ask_controls:
            self._set("")
        while True:
            try:
                line = self._line()
                was_interrupted = False
                if line.strip() == "/quit":
                    return
                self._take(line)
            except EOFError:
                click.echo()
                return
            except KeyboardInterrupt:
                click.echo()
                if was_interrupted:
                    raise
                was_interrupted = True
                self._say("Ctrl-C again, or Ctrl-D, ends.")

    def _line(self) -> str:
        """What is typed. A backslash at a line's end says that another one follows."""
        lines = [input(_PROMPT)]
        while lines[-1].endswith("\\"):
            lines[-1] = lines[-1][:-1]
            lines.append(input(_MORE))
        return "\n".join(lines)

    def _take(self, line: str) -> None:
        """Do what it says."""
        try:
            if line.startswith("/") and not line.startswith("//"):
                self._command(line[1:])
            elif line.strip():
                self._ask(line[1:] if line.startswith("//") else line)
        except PoeError as error:
            self._complain(str(error))

    def _command(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        rest = rest.strip()
        match name:
            case "set":
                self._set(rest)
            case "unset":
                self._unset(rest)
            case "image":
                self._image(rest)
            case "cost":
                print_table(table_of(self._conversation))
            case "raw" | "curl":
                self._wire(name)
            case "new":
                self._conversation.begin_anew()
                self._say("What was said is forgotten.")
            case "help":
                self._help()
            case _:
                near = nearest(name, COMMANDS) or ["help"]
                self._complain(
                    f"there is no /{name}. Did you mean /{near[0]}? A line that begins with // is sent with one /."
                )

    # --- a question and its answer ------------------------------------------------------------------

    def _ask(self, question: str) -> None:
        """Ask, and show the answer as it comes. Ctrl-C stops it, and what came so far was said."""
        answer = self._conversation.ask(question)
        visible = Harmless()
        was_thought = False
        try:
            with closing(answer.pieces()) as pieces:
                for piece in pieces:
                    if was_thought and not piece.is_thought:
                        click.echo()
                    was_thought = piece.is_thought
                    text = visible.shown(piece.text)
                    click.echo(click.style(text, dim=True) if was_thought else text, nl=False, color=_color())
        except KeyboardInterrupt:
            pass
        except PoeError:
            click.echo()
            raise
        click.echo(visible.rest())
        outcome = self._conversation.keep(answer)
        self._say(told(self._conversation, answer, outcome))
        for note in outcome.notes:
            self._say(f"Note: {note}")

    def _wire(self, what: str) -> None:
        if self._conversation.last is None:
            self._complain("nothing was asked yet")
        elif what == "curl":
            click.echo(as_curl(self._conversation.last.exchange))
        else:
            click.echo(harmless(as_it_went(self._conversation.last.exchange, self._conversation.redacted)))

    def _image(self, path: str) -> None:
        if not path:
            self._complain("/image takes the path of a file")
            return
        self._conversation.images.append(data_url(Path(path).expanduser()))
        count = len(self._conversation.images)
        self._say(f"{counted(count, 'image')} {'goes' if count == 1 else 'go'} with the next question.")
        if self._partner.takes_images is False:
            self._say("The bot does not say that it takes images.")

    # --- what is set --------------------------------------------------------------------------------

    def _set(self, what: str) -> None:
        controls = self._partner.controls
        name, has_value, text = what.partition("=")
        name = name.strip()
        if has_value:
            self._conversation.values[name] = value_of(controls, name, text.strip())
            self._say(f"{name} = {shown(self._conversation.values[name])}")
        elif controls is None:
            self._complain("only its owner sees what can be set. /set NAME=VALUE sends whatever you say")
        elif name and not controls.named(name):
            value_of(controls, name, "")  # says which there are
        elif not controls.all:
            self._say("There is nothing to set.")
        elif name and not any(controls.is_shown(one, self._conversation.values) for one in controls.named(name)):
            self._say(f"Users do not see {name} with what is set now. /set {name}=VALUE sets it all the same.")
        else:
            self._walk(controls.named(name) if name else list(controls.all))

    def _walk(self, wanted: list[Control]) -> None:
        """Ask for each control that is shown, given what is set so far. Ctrl-C and Ctrl-D end that."""
        controls = self._partner.controls
        place = ""
        self._say("Enter keeps what is in brackets, Ctrl-D leaves.")
        try:
            for control in wanted:
                if controls is None or not controls.is_shown(control, self._conversation.values):
                    continue
                if control.place != place:
                    place = control.place
                    click.echo(printable(place))
                self._ask_for(control, controls.in_force(control.name, self._conversation.values))
        except (EOFError, KeyboardInterrupt):
            click.echo()

    def _ask_for(self, control: Control, now: object) -> None:
        """Ask until it is a value or nothing."""
        about = f"{control.label}: {control.description}" if control.description else control.label
        if about:
            self._say(about)
        takes = what_it_takes(control)
        of = f" ({takes})" if takes else ""
        kept = "" if now is None else f" [{shown(now)}]"
        while text := input(printable(f"{control.name}{of}{kept}: ")):
            try:
                self._conversation.values[control.name] = typed(control, text)
            except PoeError as error:
                self._complain(str(error))
            else:
                return

    def _unset(self, name: str) -> None:
        if name in self._conversation.values:
            del self._conversation.values[name]
            self._say(f"{name} is left to its default.")
        else:
            self._complain(f"{name or 'nothing'} is not set")

    # --- words --------------------------------------------------------------------------------------

    def _help(self) -> None:
        for name, (follows, what) in COMMANDS.items():
            click.echo(f"{f'/{name} {follows}'.strip():<22}{what}")
        click.echo(f"{_BACKSLASH:<22}another line of the same question follows")
        click.echo(f"{'// at the beginning':<22}the question begins with one /")
        click.echo(f"{'Ctrl-C':<22}stops an answer; what came so far stays said")

    def _say(self, text: str) -> None:
        click.secho(printable(text), dim=True, color=_color())

    def _complain(self, text: str) -> None:
        click.echo(f"Error: {one_line(text)}", err=True)


def _color() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None
