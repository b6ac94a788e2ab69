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
from urllib.parse import quote, quote_plus, unquote

from . import exceptions
from .engine import Call, Command, Entry, Secret, State, ignoring, plain
from .exceptions import Exceptions
from .poe import Line, Poe, Write
from .program import Declared, Path, Program, at, canonical, leaves
from .shells import Native

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

ATTEMPTS = 10
"""How often one request of an operation is sent at most."""


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
        if any(refusal.endswith("the plugin exited") for refusal in command.outcome.refusals):
            # What it had under way may have taken effect, as where the CLI was killed too.
            command.outcome.ended = command.outcome.ended or "killed"

    def judge(self) -> None:
        self._writes()
        self._changes()
        self._creations()
        self._deletions()
        self._replacements()
        self._requests()
        self._time()
        self._errors()
        self._truths()

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
            # What is declared for another address is another bot.
            address = self.command.config.get("poe:apiUrl") or self.command.environment["POE_API_URL"]
            is_here = any(each is write for each in self.line.poes[address].writes)
            self._deletion(write, declaring if is_here else {}, having)
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
            if len(having) > len(condemned):
                self.exceptions.note(exceptions.TWICE)  # so two entries have it
                return
            names = {self._resource_of(entry) for entry in condemned}
            if not any(bot.deleted_first for name, bot in declaring.items() if name in names):
                if self.command.options.targets is not None:
                    self.exceptions.note(exceptions.TARGET)
                    return
                if names & set(self.command.options.replaced):
                    self.exceptions.note(exceptions.REPLACE)
                    return
                # One that stays with its Provider is not deleted before the new one is there.
                moved = [entry for entry in condemned if (bot := self.program.bots.get(entry.name)) is not None
                         and bot.deleted_first and bot.provider != entry.provider]  # fmt: skip
                if self.command.shell is Native and moved:
                    self.exceptions.note(exceptions.DELETED_FIRST)
                    return
                if any("handle" in {path[0] for path in bot.late} for bot in declaring.values()):
                    self.exceptions.note(exceptions.OUTPUT)
                    return
                raise Violation(FORGOTTEN, f"a bot that the program declares was deleted: {self._said(write)}")

    def _resource_of(self, entry: Entry) -> str | None:
        """The name that the program has for this entry."""
        if entry.name in self.program.bots:
            return entry.name
        renamed = (name for name, bot in self.program.bots.items() if entry.name in bot.aliases)
        return next((name for name in renamed if self.planned.live(name) is None), None)

    def _is_given_up(self, entry: Entry, handle: str) -> bool:
        name = self._resource_of(entry)
        if entry.delete or name is None:
            return True
        bot, inputs = self.program.bots[name], plain(entry.inputs)
        changed = differing(body(ignoring(bot.properties, inputs, bot.ignored)), body(inputs))
        return (
            canonical(bot.handle) != handle
            or name in self.command.options.replaced
            or not {path[0] for path in changed}.isdisjoint(bot.replaced_on)
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
            is_denied = any(fault.kind.startswith(("404", "403")) for fault in self.line.faults)
            if is_denied and any(map(self._may_adopt, declaring.values())):
                # By a false answer: a POST merges what an adoption would write.
                self.exceptions.note(exceptions.POST)
                return
            raise Violation(ONE, f"a POST over a bot that was there: {self._said(write)}")
        before, after = leaves(write.before), leaves(write.after)
        self._require_permission(write, declaring, having, raced)
        changed = {
            path
            for path in differing(before, after)
            if not alike(path, before.get(path, AS_ABSENT.get(path)), after.get(path, AS_ABSENT.get(path)))
        }
        allowed, wanted, may_send_key = self._allowed(write, declaring, having)
        for path in sorted(changed):
            is_declared = KEY in after and after[KEY] in [at(bot.properties, KEY) for bot in declaring.values()]
            if path == KEY and may_send_key and KEY not in allowed and is_declared:
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
                is_back = path not in before and any(
                    alike(path, after[path], body(bot.properties).get(path)) for bot in declaring.values()
                )
                if path[0] not in _FIELDS and (is_back or self._hides(write)):
                    self.exceptions.note(exceptions.HIDDEN)
                    continue
                raise Violation(SHOWN, f"changed {'.'.join(path)}, which was not shown: {self._said(write)}")
            if path in wanted and path in after and not alike(path, after[path], wanted[path]):
                raise Violation(SHOWN, f"{'.'.join(path)} is not what is declared: {self._said(write)}")

    def _require_permission(
        self, write: Write, declaring: Mapping[str, Declared], having: list[Entry], raced: bool
    ) -> None:
        """What no entry of a resource that declares it has is taken over: the program has to say so."""
        assert write.before is not None
        has_it = any(self._resource_of(each) in declaring and not self._is_given_up(each, write.bot) for each in having)
        if has_it or write.method == "POST":
            return
        if not any(self._may_adopt(bot) for bot in declaring.values()):
            raise Violation(SHOWN, f"took over a bot without permission: {self._said(write)}")
        known = [DEFAULTS, *(body(bot.properties) for bot in declaring.values())]
        is_more = any(
            path[0] in _FIELDS and not any(alike(path, value, values.get(path)) for values in known)
            for path, value in leaves(write.before).items()
        )
        if "api_bot_settings" not in write.before and is_more and not raced:
            raise Violation(SHOWN, f"took over a bot that is no API bot: {self._said(write)}")

    def _may_adopt(self, bot: Declared) -> bool:
        listed = self.command.environment.get("POE_ADOPT", "") + "," + self.command.config.get("poe:adopt", "")
        return bot.adopt or canonical(bot.handle) in map(canonical, listed.split(","))

    def _account(self, bot: Declared, poe: Poe) -> str | None:
        """The name of the account that the program has this bot in."""
        return self._account_of(bot.provider, poe)

    def _account_of(self, provider: str | None, poe: Poe) -> str | None:
        if provider is not None:
            return self.program.providers.get(provider)
        key = self.command.config.get("poe:apiKey") or self.command.environment.get("POE_API_KEY")
        return next((name for name, known in poe.keys.items() if known == key), None)

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
        """Whether this is a create that was sent again: its own first try was lost, and Poe was asked since."""
        if any(fault.kind.startswith("429") and fault.kind.endswith("after") for fault in self.line.faults):
            return True  # Poe says that it did nothing, and did
        looks = [
            at_ for method, path, at_ in self.line.requests
            if method == "GET" and path != "/bots" and canonical(unquote(path.removeprefix("/bots/"))) == write.bot
        ]  # fmt: skip
        return any(
            other is not write
            and other.bot == write.bot
            and other.command == self.number
            and any(other.time <= look <= write.time for look in looks)
            for other in self.own
        )

    # --- what was not done --------------------------------------------------------------------------

    def _is_calm(self) -> bool:
        """Nothing went wrong, and nobody else wrote."""
        line = self.line
        return not (
            line.is_faulty
            or line.told_waits
            or self.command.outcome.ended
            or any(write.command != self.number for write in self.writes)
            or any(poe.lag for poe in line.poes.values())
        )

    def _changes(self) -> None:
        """What an update said that it did is on Poe."""
        if not self._is_calm():
            return
        for call in self.command.outcome.calls:
            if call.method != "update" or call.error is not None:
                continue
            poe = self.line.poes[call.address]
            old = next((e for e in self.planned.entries if self._resource_of(e) == call.name and not e.delete), None)
            new = self.command.state.live(call.name)
            bot = poe.bot(call.handle)
            if old is None or new is None or bot is None or poe.options.dropped_fields:
                continue
            handle = canonical(call.handle)
            if sum(canonical(entry.id) == handle for entry in self.planned.entries) > 1:
                continue
            recorded, declared, there = body(plain(old.outputs)), body(plain(new.outputs)), leaves(bot)
            for path in sorted(differing(declared, recorded)):
                if path[0] not in _FIELDS or path in (KEY, ("handle",)):
                    continue
                wanted = declared.get(path, AS_ABSENT.get(path))
                if not alike(path, there.get(path, AS_ABSENT.get(path)), wanted) and not _is_within(path, declared):
                    raise Violation(SHOWN, f"{'.'.join(path)} of {call.name} was to be {wanted}: {bot}")

    def _creations(self) -> None:
        """What a create or an update said that it did is there; and a create that has seen its bot says so."""
        for call in self.command.outcome.calls:
            if call.method not in ("create", "update") or call.error == "killed":
                continue
            poe, handle = self.line.poes[call.address], canonical(call.handle)
            writes = [write for write in poe.writes if write.bot == handle and write.time >= call.began - LOOK]
            if any(write.command != self.number for write in writes) or poe.options.dropped_fields:
                continue
            is_written = call.method == "create" or bool(writes)
            if call.error is None and is_written and poe.bot(handle) is None and poe.lag:
                self.exceptions.note(exceptions.LAG)  # it is there as declared, says the list, so nothing was sent
                continue
            if call.error is None and is_written and poe.bot(handle) is None and not self.line.is_faulty:
                raise Violation(FORGOTTEN, f"{call.method} {call.handle} said that it was done, and there is no bot")
            created = [write for write in writes if write.before is None and write.time <= call.began + call.took]
            looked = [
                at_ for method, path, at_ in self.line.answered
                if method == "GET" and canonical(unquote(path.removeprefix("/bots/"))) == handle
            ]  # fmt: skip
            changed = [
                path for method, path, at_ in self.line.requests
                if method == "PATCH" and call.began <= at_ <= call.began + call.took
                and canonical(unquote(path.removeprefix("/bots/"))) == handle
            ]  # fmt: skip
            # Each Provider's process has a list of its own, and sees an own delete and no other's.
            providers = {bot.provider for bot in self.program.bots.values()} | {
                e.provider for e in self.planned.entries
            }
            if call.method == "create" and changed and created and self._is_calm() and len(providers) == 1:
                raise Violation(REQUESTS, f"the create of {call.handle} changed what this run was deleting")
            if call.error and created and any(created[0].time < look <= call.began + call.took for look in looked):
                raise Violation(FORGOTTEN, f"the create has seen its bot, and yet failed: {call.error}")

    def _deletions(self) -> None:
        """What a delete said that it did: the bot is gone, or another entry has it."""
        if self.command.outcome.ended or self.command.options.targets is not None:
            return
        gone_by_word = list(map(canonical, self.command.environment.get("POE_MISSING_IS_GONE", "").split(",")))
        for call in self.command.outcome.calls:
            handle = canonical(call.handle)
            if call.method != "delete" or call.error is not None or handle in gone_by_word:
                continue
            poe = self.line.poes[call.address]
            has_it = any(
                canonical(entry.id) == handle and not entry.delete and not entry.pending_replacement
                for entry in self.command.state.entries
            )
            again = [write for write in poe.writes if write.bot == handle and write.time >= call.began]
            if poe.bot(handle) is None or has_it or any(write.before is None for write in again):
                continue
            if poe.lag and self.line.is_faulty:
                self.exceptions.note(exceptions.LAG)  # and a 404 about the bot itself that is none of Poe's
                continue
            had = [e.provider for e in self.planned.entries if canonical(e.id) == handle]
            if had and all(self._account_of(provider, poe) != poe.owner(handle) for provider in had):
                continue  # it is gone, and another account has one of that handle
            said = [*self.command.outcome.errors, *(text for _, text in self.command.outcome.log)]
            adopters = [bot for bot in self.program.bots.values() if canonical(bot.handle) == handle]
            can_adopt = any(self._may_adopt(bot) and self._account(bot, poe) == poe.owner(handle) for bot in adopters)
            if any("o entry of the state" in text for text in said) and can_adopt:
                # It was left to another resource, which could not take it over yet, and says so.
                self.exceptions.note(exceptions.KILLED)
                continue
            raise Violation(FORGOTTEN, f"{call.name} gave up {call.handle}, which exists: {poe.bot(handle)}")

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
            # Of a handle that is declared twice nobody knows which of the two is written.
            wanted = declared if len(declaring) == 1 else {}
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
            if of_it & deleted and any(poe.lag for poe in self.line.poes.values()):
                self.exceptions.note(exceptions.LAG)
            elif of_it & deleted:
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

    def _truths(self) -> None:
        """An error that says what is not so leads to no way out."""
        if self.line.is_faulty and any("404" in fault.kind for fault in self.line.faults):
            return
        for call in self.command.outcome.calls:
            error = call.error or ""
            if "already has a bot" not in error and "list of this account's bots holds it" not in error:
                continue
            poe = self.line.poes[call.address]
            patience = 0.0 if "holds it" in error else LOOK + 0.3
            ends = call.began + call.took
            if not poe.lag and not self._was_there(poe, canonical(call.handle), call.began, ends, patience):
                raise Violation(WAY_OUT, f"this is not so: {error}")

    def _was_there(self, poe: Poe, handle: str, since: float, until: float, patience: float) -> bool:
        """Whether it existed at that time; what others delete may be seen a little later."""
        is_there = poe.bot(handle) is not None
        for write in reversed([write for write in poe.writes if write.bot == handle]):
            is_own = write.command == self.number and len({bot.provider for bot in self.program.bots.values()}) == 1
            if is_there and write.time <= until:
                return True
            is_there = write.before is not None
            if write.time + (0 if is_own else patience) < since:
                return False
        return is_there

    # --- requests and time --------------------------------------------------------------------------

    def _requests(self) -> None:
        line, outcome = self.line, self.command.outcome
        if line.impatient:
            raise Violation(REQUESTS, f"sent before the time that Poe asked for: {line.impatient}")
        for method, path in {(method, path) for method, path, _ in line.requests if path != "/bots"}:
            handle = canonical(unquote(path.removeprefix("/bots/")))
            operations = sum(canonical(call.handle) == handle for call in outcome.calls)
            times = sum((method, path) == request[:2] for request in line.requests)
            if times > ATTEMPTS * max(operations, 1):
                raise Violation(REQUESTS, f"{times} x {method} {path}")
        if any(write.command != self.number for write in self.writes) or any(poe.lag for poe in line.poes.values()):
            return
        most = sum(self._cost(call) for call in outcome.calls)
        # One list in each process of a Provider, again where it got old, and where a bot is gone.
        seconds = max((at_ for _, _, at_ in line.requests), default=0) - min(
            (at_ for _, _, at_ in line.requests), default=0
        )
        processes = len(
            {bot.provider for bot in self.program.bots.values()} | {e.provider for e in self.before.entries}
        )
        if self.command.options.refresh:
            processes *= 2  # whose configuration has changed is started anew after the refresh
        gone = len(outcome.calls) if outcome.ended else sum(step.operation == "gone" for step in outcome.steps)
        # What this run deletes through one Provider and creates through another is looked for once more.
        deleted = {write.bot for write in self.own if write.after is None}
        anew = sum(write.before is None and write.bot in deleted for write in self.own) if processes > 1 else 0
        most += (1 + int(seconds / LOOK)) * max(processes, 1) + 2 * (gone + anew)
        # What meets a fault is sent again, a lost create is looked for, and who has waited looks again.
        most += 4 * line.met + (len(outcome.calls) if line.told_waits else 0)
        if len(line.requests) > most:
            raise Violation(REQUESTS, f"{len(line.requests)} requests, {most} at most: {line.requests}")

    def _cost(self, call: Call) -> int:
        """What is documented, beside the list that all share."""
        bot = self.program.bots.get(call.name)
        if call.method == "create":
            return 2 if bot is not None and self._may_adopt(bot) else 1
        return {"update": 3, "delete": 1}.get(call.method, 0) + (2 if call.error else 0)

    def _time(self) -> None:
        budget = 60.0
        for call in self.command.outcome.calls:
            if call.error == "killed":
                continue
            # Its own budget, those of the lists that it waits for, and what Poe asked for.
            most = 3 * budget + self.line.told_waits + call.waited + 30 * len(self.line.faults)
            if call.took > most:
                raise Violation(TIME, f"{call.method} {call.handle} took {call.took:.0f} s, {most:.0f} at most")


def _is_within(path: Path, declared: Mapping[Path, Any]) -> bool:
    """Whether the path is above or below a declared leaf: then that one says what is there."""
    return any(path != each and (path[: len(each)] == each or each[: len(path)] == path) for each in declared)


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
