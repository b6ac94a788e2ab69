"""What holds in every history. The names are those of docs/reliability.md.

What a command may do is worked out here anew, from the program, the state and Poe, and with no code of the package: a
fault of a rule must not hide itself.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote, quote_plus

from . import exceptions
from .engine import Command, Entry, Secret, State, ignoring, plain
from .exceptions import Exceptions
from .poe import Line, Poe, Write
from .program import Declared, Path, Program, at, canonical, leaves

SHOWN = "nothing is written that the preview did not show"
FORGOTTEN = "nothing is forgotten"
WAY_OUT = "there is a way out"
ONE = "one handle, one bot, one entry"
SECRET = "no secret in any text"
ERRORS = "every error is one line that begins with the operation and the bot"
IMPORTED = "an import previews as unchanged"
REQUESTS = "no operation costs more requests than documented"
TIME = "no operation is longer than its budget"

ALL = (SHOWN, FORGOTTEN, WAY_OUT, ONE, SECRET, ERRORS, IMPORTED, REQUESTS, TIME)

KEY: Path = ("api_bot_settings", "api_key")
DEFAULTS: dict[Path, Any] = {("description",): "", ("is_private",): True}
AS_ABSENT: dict[Path, Any] = {
    **DEFAULTS,
    ("api_bot_settings", "api_type"): "chat_completions_api",
    ("api_bot_settings", "input_modalities"): ["text"],
    ("api_bot_settings", "output_modalities"): ["text"],
    ("api_bot_settings", "supported_features"): [],
}
"""What Poe may fill in, or leave out, and means the same."""

_FIELDS = ("handle", "description", "is_private", "api_bot_settings", "parameter_controls")

LOOK = 10.0
"""Seconds that a look may be old when a write is sent."""


class Violation(AssertionError):  # noqa: N818 -- not an error of the program, but what it looks for
    """An invariant does not hold.

    :param invariant: its name.
    """

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}: {what}")
        self.invariant = invariant


# --- what means the same ----------------------------------------------------------------------------


def alike(path: Path, one: Any, other: Any) -> bool:
    """Whether two values of a leaf mean the same to Poe."""
    return bool(_meaning(path, one) == _meaning(path, other))


def _meaning(path: Path, value: Any) -> Any:
    if path == ("handle",) and isinstance(value, str):
        return canonical(value)
    if path and path[-1] in ("prompt", "completion", "input_cache_reads") and isinstance(value, str):
        try:
            return Decimal(value)
        except InvalidOperation:
            return value
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, Mapping):
        return {key: _meaning((*path, key), inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        items = [_meaning(path, item) for item in value]
        unordered = path and path[-1] in (
            "input_modalities",
            "output_modalities",
            "supported_features",
            "param_definitions",
        )
        return sorted(items, key=repr) if unordered else items
    return value


def body(properties: Mapping[str, Any]) -> dict[Path, Any]:
    """The declared leaves where Poe has them."""
    known = {key: value for key, value in properties.items() if key != "extra" and not key.startswith("_")}
    return {**leaves(known), **leaves(properties.get("extra") or {})}


def differing(one: Mapping[Path, Any], other: Mapping[Path, Any]) -> set[Path]:
    return {
        path for path in {*one, *other} if not (path in one and path in other and alike(path, one[path], other[path]))
    }


# --- what a command did -----------------------------------------------------------------------------


class Judge:
    """Judges one command.

    :param before: the state before.
    :param command: which has ended.
    :param writes: what was written meanwhile, by whomever.
    """

    def __init__(
        self,
        kind: str,
        before: State,
        command: Command,
        line: Line,
        number: int,
        writes: list[Write],
        counted: Exceptions,
    ) -> None:
        self.kind = kind
        self.before = before
        self.command = command
        self.line = line
        self.number = number
        self.writes = writes
        self.own = [write for write in writes if write.command == number]
        self.exceptions = counted
        self.program: Program = command.program
        self.planned = command.state_after_refresh

    def judge(self) -> None:
        self._writes()
        self._replacements()
        self._requests()
        self._time()
        self._errors()

    # --- writes -------------------------------------------------------------------------------------

    def _writes(self) -> None:
        if self.kind in ("preview", "refresh", "import") and self.own:
            raise Violation(SHOWN, f"{self.kind} wrote: {self._said(self.own[0])}")
        for write in self.own:
            self._write(write)

    def _said(self, write: Write) -> str:
        return f"{write.method} {write.bot} of {write.account}: {write.before} -> {write.after}"

    def _write(self, write: Write) -> None:
        declaring = {
            name: bot for name, bot in self.program.bots.items() if canonical(bot.handle) == write.bot
        } if self.kind == "up" else {}  # fmt: skip
        having = [entry for entry in self.planned.entries if canonical(entry.id) == write.bot]
        if write.after is None:
            self._deletion(write, declaring, having)
        elif write.before is None:
            self._creation(write, declaring)
        else:
            self._edit(write, declaring, having)

    def _deletion(self, write: Write, declaring: Mapping[str, Declared], having: list[Entry]) -> None:
        if not having:
            raise Violation(SHOWN, f"deleted a bot that the state does not have: {self._said(write)}")
        if self.kind == "destroy":
            return
        condemned = [entry for entry in having if self._is_given_up(entry, write.bot)]
        if not condemned:
            raise Violation(SHOWN, f"deleted a bot that the program keeps: {self._said(write)}")
        if declaring:
            (bot,) = list(declaring.values())[:1]
            own = any(self._resource_of(entry) in declaring for entry in condemned)
            if not (own and bot.deleted_first):
                if self.command.options.targets is not None:
                    self.exceptions.note(exceptions.TARGET)
                    return
                if "handle" in {path[0] for path in bot.late}:
                    self.exceptions.note(exceptions.OUTPUT)
                    return
                raise Violation(FORGOTTEN, f"a bot that the program declares was deleted: {self._said(write)}")

    def _resource_of(self, entry: Entry) -> str | None:
        """The name that the program has for this entry."""
        if entry.name in self.program.bots:
            return entry.name
        return next((name for name, bot in self.program.bots.items() if entry.name in bot.aliases), None)

    def _is_given_up(self, entry: Entry, handle: str) -> bool:
        name = self._resource_of(entry)
        if entry.delete or name is None:
            return True
        bot = self.program.bots[name]
        return (
            canonical(bot.handle) != handle
            or name in self.command.options.replaced
            or bool(
                {path[0] for path in differing(body(bot.properties), body(plain(entry.inputs)))} & set(bot.replaced_on)
            )
            or entry.pending_replacement
        )

    def _creation(self, write: Write, declaring: Mapping[str, Declared]) -> None:
        if not declaring:
            raise Violation(SHOWN, f"created a bot that the program does not declare: {self._said(write)}")
        if write.method == "PATCH":
            raise Violation(SHOWN, f"a PATCH created: {self._said(write)}")

    def _edit(self, write: Write, declaring: Mapping[str, Declared], having: list[Entry]) -> None:
        if not declaring:
            raise Violation(SHOWN, f"wrote a bot that the program does not declare: {self._said(write)}")
        assert write.before is not None
        assert write.after is not None
        raced = any(
            other.bot == write.bot and other.command != self.number and other.time >= write.time - LOOK - 0.3
            for other in self.writes
        )
        if write.method == "POST":
            if raced or self._sent_before(write):
                self.exceptions.note(exceptions.POST)
                return
            if self.line_lagged(write):
                self.exceptions.note(exceptions.LAG)
                return
            raise Violation(ONE, f"a POST over a bot that was there: {self._said(write)}")
        before, after = leaves(write.before), leaves(write.after)
        changed = {
            path
            for path in differing(before, after)
            if not alike(path, before.get(path, AS_ABSENT.get(path)), after.get(path, AS_ABSENT.get(path)))
        }
        allowed, wanted, may_send_key = self._allowed(write, declaring, having)
        for path in sorted(changed):
            if path == KEY and may_send_key and KEY not in allowed:
                self.exceptions.note(exceptions.PUT)
                continue
            is_below = any(path[: len(each)] == each or each[: len(path)] == path for each in allowed)
            if not is_below:
                if raced:
                    self.exceptions.note(exceptions.HAND)
                    continue
                if self.line_lagged(write):
                    self.exceptions.note(exceptions.LAG)
                    continue
                if path[0] not in _FIELDS and self._hides(write):
                    self.exceptions.note(exceptions.HIDDEN)
                    continue
                raise Violation(SHOWN, f"changed {'.'.join(path)}, which was not shown: {self._said(write)}")
            if path in wanted and path in after and not alike(path, after[path], wanted[path]):
                raise Violation(SHOWN, f"{'.'.join(path)} is not what is declared: {self._said(write)}")

    def _hides(self, write: Write) -> bool:
        return any(
            write in poe.writes and poe.options.keep_unknown_fields == "hidden" for poe in self.line.poes.values()
        )

    def line_lagged(self, write: Write) -> bool:
        """Whether what the write rests on may have been an old list that agreed with the state."""
        poe = next(poe for poe in self.line.poes.values() if write in poe.writes)
        return bool(poe.lag) and any(
            other.bot == write.bot and other is not write and other.time >= write.time - LOOK - poe.lag - 0.3
            for other in poe.writes
        )

    def _sent_before(self, write: Write) -> bool:
        """Whether this is a create that was sent again: its own first try was lost."""
        return any(
            other is not write and other.bot == write.bot and other.command == self.number and other.time <= write.time
            for other in self.own
        )

    def _allowed(
        self, write: Write, declaring: Mapping[str, Declared], having: list[Entry]
    ) -> tuple[set[Path], dict[Path, Any], bool]:
        """The leaves that an edit may change, what they get, and whether the key goes along."""
        assert write.before is not None
        allowed: set[Path] = set()
        wanted: dict[Path, Any] = {}
        may_send_key = False
        for name, bot in declaring.items():
            entry = next((each for each in having if self._resource_of(each) == name and not each.delete), None)
            properties = bot.properties
            if entry is not None and not self._is_given_up(entry, write.bot):
                properties = ignoring(properties, plain(entry.inputs), bot.ignored)
            declared = body(properties)
            wanted = (
                declared
                if not wanted
                else {path: value for path, value in wanted.items() if declared.get(path) == value}
            )
            recorded = body(plain(entry.outputs)) if entry is not None and not entry.pending_replacement else {}
            if entry is None or self._is_given_up(entry, write.bot):
                allowed |= set(declared)  # taken over
                continue
            changes = differing(declared, recorded)
            allowed |= changes - {KEY} | ({KEY} if KEY in declared and KEY in changes else set())
            may_send_key = may_send_key or bool(
                {path for path in recorded if path not in declared} - set(DEFAULTS) - {KEY}
            )
        return allowed, wanted, may_send_key

    def _replacements(self) -> None:
        """What is deleted to be replaced is replaced, unless Poe refuses that or something went wrong on the way."""
        if self.line.is_faulty or self.line.words or self.command.outcome.ended:
            return
        if any(write.command != self.number for write in self.writes):
            return
        deleted = {write.bot for write in self.own if write.after is None}
        for call in self.command.outcome.calls:
            if call.method != "create" or call.error is None or self._is_anywhere(call.handle):
                continue
            of_it = {canonical(entry.id) for entry in self.planned.entries if self._resource_of(entry) == call.name}
            if of_it & deleted:
                raise Violation(FORGOTTEN, f"deleted {of_it & deleted}, and did not replace it: {call.error}")

    def _is_anywhere(self, handle: str) -> bool:
        return any(poe.bot(handle) is not None for poe in self.line.poes.values())

    # --- texts --------------------------------------------------------------------------------------

    def _errors(self) -> None:
        outcome = self.command.outcome
        for error in outcome.errors:
            text = error.strip()
            if "fault of pulumi-poe itself" in text:
                raise Violation(ERRORS, f"a fault of our own: {text}")
            if not re.match(r"(create|read|update|delete|change) bot '", text):
                raise Violation(ERRORS, f"it does not begin with the operation and the bot: {text}")
            _require_one_line(text)
            if any(text.rstrip(".").endswith(words.rstrip(".")) for words in self.line.words):
                raise Violation(ERRORS, f"it does not say what to do: {text}")
        for _, reason in outcome.failures:
            if "fault of pulumi-poe itself" in reason:
                raise Violation(ERRORS, f"a fault of our own: {reason}")
            _require_one_line(reason)
        for _, text in outcome.log:
            _require_one_line(text)

    # --- requests and time --------------------------------------------------------------------------

    def _requests(self) -> None:
        line = self.line
        if line.is_faulty or self.command.outcome.ended or self.command.outcome.failed or line.told_waits:
            return
        if any(write.command != self.number for write in self.writes) or any(poe.lag for poe in line.poes.values()):
            return
        cost = {"create": 2, "update": 3, "delete": 1, "read": 1, "check": 0, "diff": 0}
        most = sum(cost[call.method] for call in self.command.outcome.calls)
        # One list in each process of a Provider, again where it got old, and where a bot is gone.
        seconds = max((at_ for _, _, at_ in line.requests), default=0) - min(
            (at_ for _, _, at_ in line.requests), default=0
        )
        processes = len(
            {bot.provider for bot in self.program.bots.values()} | {e.provider for e in self.before.entries}
        )
        gone = sum(step.operation == "gone" for step in self.command.outcome.steps)
        most += (2 + int(seconds / LOOK)) * max(processes, 1) + 2 * gone + 2
        if len(line.requests) > most:
            raise Violation(REQUESTS, f"{len(line.requests)} requests, {most} at most: {line.requests}")

    def _time(self) -> None:
        budget = 60.0
        for call in self.command.outcome.calls:
            if call.error == "killed":
                continue
            # Its own budget, those of the lists that it waits for, and what Poe asked for.
            most = 3 * budget + self.line.told_waits + call.waited + 30 * len(self.line.faults)
            if call.took > most:
                raise Violation(TIME, f"{call.method} {call.handle} took {call.took:.0f} s, {most:.0f} at most")


def _require_one_line(text: str) -> None:
    if not text.isprintable():
        raise Violation(ERRORS, f"not one printable line: {text!r}")


# --- secrets ----------------------------------------------------------------------------------------


def forms(key: str) -> set[str]:
    """The key as it may be written somewhere."""
    raw = key.encode()
    inside = {
        encode(b"\0" * before + raw).decode()[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        for before in range(3)
        for encode in (base64.b64encode, base64.urlsafe_b64encode)
    }
    return {key, json.dumps(key)[1:-1], quote(key, safe=""), quote_plus(key), *inside}


class Secrets:
    """The keys that nobody may see."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._forms: set[str] = set()
        self.add(keys)

    def add(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._forms |= forms(key)
        self._pattern = re.compile("|".join(re.escape(form) for form in sorted(self._forms, key=len, reverse=True)))

    def require_none_in(self, command: Command) -> None:
        outcome = command.outcome
        said = [*outcome.errors, *(reason for _, reason in outcome.failures), *(text for _, text in outcome.log)]
        for text in said:
            if self._pattern.search(text):
                raise Violation(SECRET, f"in a text: {text}")
        for entry in command.state.entries:
            shown = json.dumps([_shown(entry.inputs), _shown(entry.outputs)])
            if self._pattern.search(shown):
                raise Violation(SECRET, f"in the state of {entry.name}: {shown}")


def _shown(value: Any) -> Any:
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items()}
    return [_shown(inner) for inner in value] if isinstance(value, list) else value


def _is_hidden(poe: Poe, path: Path, bot: Declared) -> bool:
    """A field of ``extra`` that Poe does not show: nobody can see whether it is there."""
    is_extra = at(bot.properties, ("extra", *path)) is not None
    shown = poe.options.keep_unknown_fields == "echoed" and at(poe.bot(bot.handle), path) is not None
    return is_extra and not shown


def is_on_poe(poe: Poe, bot: Declared, account: str) -> list[str]:
    """The declared leaves that Poe does not have."""
    found = poe.bot(bot.handle, account)
    if found is None:
        return ["the bot"]
    there = leaves(found)
    wrong = []
    for path, value in body(bot.properties).items():
        if path == ("handle",) or (path in there and alike(path, there[path], value)):
            continue
        if (path not in there and alike(path, value, AS_ABSENT.get(path))) or _is_hidden(poe, path, bot):
            continue
        wrong.append(".".join(path))
    return wrong
