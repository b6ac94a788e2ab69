"""A history as it happens: Poe, the engine and people, with the invariants after each command."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from pulumi_poe.core.bot.declaring import existing
from pulumi_poe.core.lifecycle.record import recorded_as_seen
from pulumi_poe.core.poe.settings import Settings

from . import exceptions, histories, invariants
from .engine import Command, Entry, Options, Outcome, State, operations, plain
from .exceptions import Exceptions
from .histories import ACCOUNTS, ELSEWHERE, HOME, MOVED, PROVIDERS, History, Run
from .invariants import Judge, Secrets, Violation
from .machine import KilledError, Machine
from .people import Adviser
from .poe import Line, Poe
from .program import Declared, Program, canonical, put, take_out
from .shells import Dynamic, Plugin

_SEES = ("create", "update", "read")
"""Calls after which the entry's bot is where the plugin talks to."""

_OTHER_ADVICE = (
    "Use that key|use the one that last saw|belongs to another account|another handle|Set poe:apiUrl|Set the api_url"
    "|Try again|To let that resource have this one"
)


Place = tuple[Poe, str, int]
"""The Poe, the account and the incarnation of a bot."""


@dataclass
class Stack:
    """A stack, its program, and the settings of the people who run it."""

    program: Program = field(default_factory=lambda: Program({}, PROVIDERS))
    state: State = field(default_factory=State)
    account: str = "ours"
    address: str = HOME
    adopt: str = ""
    past: list[tuple[State, dict[tuple[str, str], Place]]] = field(default_factory=list)
    """What it was before each command, with where its bots were."""
    where: dict[tuple[str, str], Place] = field(default_factory=dict)
    """For each recorded entry, by name and canonical handle, where its bot is."""


@dataclass
class Told:
    """What one command was, for a trace."""

    what: str
    outcome: Outcome | None = None


class World:
    """Runs histories, one after the other.

    :param make: what a plugin process has; another version of the package has its own.
    :param shell: makes a plugin.
    """

    def __init__(self, make: Any = operations, shell: Callable[[], Plugin] = Dynamic) -> None:
        self.make = make
        self.shell = shell
        self.machine = Machine(Random(0))
        self._home = Poe(self.machine, {})
        self._elsewhere = Poe(self.machine, {})
        self.poes = {HOME: self._home, ELSEWHERE: self._elsewhere, MOVED: self._home}
        self.exceptions = Exceptions()
        self.commands_run = 0
        self.trace: list[Told] = []

    # --- a history ----------------------------------------------------------------------------------

    def run(self, history: History) -> None:
        """Run it, and then find the way out.

        :raises Violation: an invariant does not hold.
        """
        self.begin(history)
        with self.machine.in_place():
            for command in history.commands:
                self.trace.append(Told(repr(command)))
                self.do(command)
            Adviser(self).find_the_way_out()

    def begin(self, history: History) -> None:
        """Be as new, and have the settings of this history."""
        self.machine = Machine(Random(0))
        self.keys = {account: f"poe-canary-{account}-0" for account in ACCOUNTS}
        self.rotations = dict.fromkeys(ACCOUNTS, 0)
        for poe in (self._home, self._elsewhere):
            poe.reset(self.machine, self.keys)
        self.key_in = history.key_in
        self.stacks = [Stack(), Stack()]
        self.secrets = Secrets([*self.keys.values(), *histories.ENDPOINT_KEYS])
        self.number = 0
        self.trace = []
        self._incarnations: dict[tuple[int, str], int] = {}

    def do(self, command: Any) -> Outcome | None:
        """One command of a history."""
        if not self.machine.tasks:
            self.machine.time += 20
        return self._do(command)

    def _do(self, command: Any) -> Outcome | None:
        """At once: in the middle of a command, no time passes for it."""
        outcome: Outcome | None = getattr(self, f"_{type(command).__name__.lower()}")(command)
        return outcome

    # --- edits --------------------------------------------------------------------------------------

    def _declare(self, command: histories.Declare) -> None:
        stack = self.stacks[command.stack]
        properties: dict[str, Any] = {"handle": command.handle}
        for path, value in command.leaves:
            if value is not None:
                put(properties, path, copy.deepcopy(value))
        _complete(properties)
        stack.program = stack.program.with_bot(command.name, Declared(properties, **dict(command.options)))

    def _change(self, command: histories.Change) -> None:
        def change(bot: Declared) -> Declared:
            properties = copy.deepcopy(bot.properties)
            if command.value is None:
                take_out(properties, command.path)
            else:
                put(properties, command.path, copy.deepcopy(command.value))
            _complete(properties)
            return replace(bot, properties=properties)

        if not (command.path == ("handle",) and command.value is None):
            self._edit_bot(command.stack, command.name, change)

    def _set(self, command: histories.Set) -> None:
        self._edit_bot(command.stack, command.name, lambda bot: replace(bot, **{command.option: command.value}))

    def _edit_bot(self, number: int, name: str, change: Any) -> None:
        stack = self.stacks[number]
        if name in stack.program.bots:
            stack.program = stack.program.with_bot(name, change(stack.program.bots[name]))

    def _rename(self, command: histories.Rename) -> None:
        stack = self.stacks[command.stack]
        bot = stack.program.bots.get(command.name)
        if bot is None or command.to in stack.program.bots:
            return
        # The engine refuses an alias that two resources have.
        is_taken = any(command.name in other.aliases for other in stack.program.bots.values())
        aliases = (*bot.aliases, command.name) if command.alias and not is_taken else ()
        renamed = replace(bot, aliases=aliases, adopt=bot.adopt or command.adopt)
        stack.program = stack.program.without_bot(command.name).with_bot(command.to, renamed)

    def _swap(self, command: histories.Swap) -> None:
        bots = self.stacks[command.stack].program.bots
        if command.name == command.other or not {command.name, command.other} <= set(bots):
            return
        handles = [bots[command.name].handle, bots[command.other].handle]
        for name, handle in zip((command.name, command.other), reversed(handles), strict=True):
            self._change(histories.Change(name, ("handle",), handle, command.stack))
            if command.adopt:
                self._set(histories.Set(name, "adopt", True, command.stack))

    def _remove(self, command: histories.Remove) -> None:
        stack = self.stacks[command.stack]
        stack.program = stack.program.without_bot(command.name)

    def _use(self, command: histories.Use) -> None:
        stack = self.stacks[command.stack]
        stack.account = command.account or stack.account
        stack.address = command.address or stack.address
        stack.adopt = stack.adopt if command.adopt is None else command.adopt

    # --- what else happens --------------------------------------------------------------------------

    def _hand(self, hand: histories.Hand) -> None:
        poe = self._home
        bot = poe.bot(hand.handle)
        if hand.what == "create":
            if bot is None:
                made: dict[str, Any] = {"handle": hand.handle, "description": "by hand", "is_private": True}
                if hand.path[0] == "api_bot_settings":
                    put(made, hand.path, hand.value)
                poe.by_hand(hand.account, hand.handle, made)
            return
        if bot is None or poe.owner(hand.handle) != hand.account:
            return
        if hand.what == "delete":
            poe.by_hand(hand.account, hand.handle, None)
        elif hand.what == "rename":
            if poe.bot(hand.value) is None:
                poe.by_hand(hand.account, hand.handle, None)
                poe.by_hand(hand.account, hand.value, {**bot, "handle": hand.value})
        else:
            changed = copy.deepcopy(bot)
            path = hand.path[1:] if hand.path[0] == "extra" else hand.path
            if hand.path[0] == "extra" and poe.options.keep_unknown_fields is None:
                return
            if hand.value is None:
                if path not in (("description",), ("is_private",)):
                    take_out(changed, path)
            else:
                put(changed, path, copy.deepcopy(hand.value))
            _complete(changed)
            poe.by_hand(hand.account, hand.handle, changed)

    def _rotate(self, command: histories.Rotate) -> None:
        self.rotations[command.account] += 1
        key = f"poe-canary-{command.account}-{self.rotations[command.account]}"
        for keys in (self.keys, self._home.keys, self._elsewhere.keys):
            keys[command.account] = key
        self.secrets.add([key])

    def _behave(self, command: histories.Behave) -> None:
        for poe in (self._home, self._elsewhere):
            setattr(poe if command.option == "lag" else poe.options, command.option, command.value)

    def _restore(self, command: histories.Restore) -> None:
        stack = self.stacks[command.stack]
        if len(stack.past) >= command.back:
            stack.state, where = stack.past[-command.back]
            stack.where = dict(where)

    def _statedelete(self, command: histories.StateDelete) -> None:
        stack = self.stacks[command.stack]
        entry = stack.state.live(command.name)
        if entry is None or (command.to and stack.state.live(command.to) is not None):
            return
        new = (replace(entry, name=command.to),) if command.to else ()
        entries = [each for old in stack.state.entries for each in (new if old is entry else (old,))]
        stack.state = replace(stack.state, entries=tuple(entries))
        where = stack.where.get((entry.name, canonical(entry.id)))
        if command.to and where is not None:
            stack.where[command.to, canonical(entry.id)] = where

    # --- commands of the CLI ------------------------------------------------------------------------

    def settings(self, stack: Stack) -> tuple[dict[str, str], dict[str, str]]:
        """The stack's config and the shell's environment."""
        config = {"poe:adopt": stack.adopt} if stack.adopt else {}
        if self.key_in == "config":
            return {**config, "poe:apiUrl": stack.address, "poe:apiKey": self.keys[stack.account]}, {}
        return config, {"POE_API_URL": stack.address, "POE_API_KEY": self.keys[stack.account]}

    def command(self, number: int, run: Run, *, preview: bool = False) -> Command:
        stack = self.stacks[number]
        config, environment = self.settings(stack)
        self.machine.random = Random(run.seed)
        self.machine.begin_anew()
        random.seed(run.seed)  # of the waits before a request is sent again
        self.number += 1
        line = Line(self.machine, self.poes, self.number, () if preview else run.faults)

        def provider_config(name: str) -> dict[str, str]:
            account = PROVIDERS[name]
            return {"poe:apiKey": self.keys[account], "poe:apiUrl": stack.address, "poe:provider": name}

        return Command(
            stack.state,
            stack.program,
            config,
            {**environment, **dict(run.environment)},
            self.machine,
            line,
            options=Options(
                refresh=run.refresh,
                continue_on_error=run.continue_on_error,
                replaced=run.replaced,
                targets=run.replaced if run.replaced and run.only else None,
            ),
            preview=preview or run.command == "preview",
            provider_config=provider_config,
            make=self.make,
            shell=self.shell,
        )

    def _run(self, run: Run) -> Outcome:
        command = self.command(run.stack, run)
        self._trouble(command, run)
        stack = self.stacks[run.stack]
        return self._carried_out(stack, command, "up" if run.command == "preview" else run.command, run.command)

    def _trouble(self, command: Command, run: Run) -> None:
        def happens(number: int, moment: str) -> None:
            if run.hand is not None and run.hand[:2] == (number, moment):
                self._do(run.hand[2])
            if run.cancelled_at == number and moment == "before":
                command.cancel()
            if run.killed_at is not None and run.killed_at[:2] == (number, moment):
                who = run.killed_at[2]
                command.kill(cli=who in ("cli", "both"), plugin=who in ("plugin", "both"))
                self.machine.switch()

        command.line.happens = happens

    def _carried_out(self, stack: Stack, command: Command, method: str, kind: str) -> Outcome:
        before, where_before = stack.state, dict(stack.where)
        marks = {id(poe): len(poe.writes) for poe in self.poes.values()}
        self.commands_run += 1
        try:
            outcome: Outcome = getattr(command, method)()
        except KilledError:
            if self.machine.main.error is not None:
                raise Violation(invariants.TIME, "all threads wait for one another") from None
            outcome = command.outcome
        self.machine.main.is_killed = False
        # A plugin that was left alone goes on to its end.
        self.machine.wait_until(lambda: all(task.is_over for task in command.tasks))
        self.trace.append(Told(kind, outcome))
        stack.state = command.state
        if kind != "preview":
            stack.past.append((before, where_before))
        writes = [
            write for each in (self._home, self._elsewhere) for write in each.writes[marks[id(each)] :]
        ]  # fmt: skip
        for write in writes:
            if write.before is None:
                key = (id(self._poe_of(write)), write.bot)
                self._incarnations[key] = self._incarnations.get(key, 0) + 1
        Judge(kind, before, command, command.line, command.line.command, writes, self.exceptions).judge()
        self.secrets.require_none_in(command)
        had = [(entry, stack.where.get((entry.name, canonical(entry.id)))) for entry in before.entries]
        self._require_other_advice(stack, before, command)
        self._note_where_bots_are(stack, before, command)
        self._require_none_forgotten(stack, had, command, kind, writes)
        self._require_one_entry(stack, before)
        return outcome

    def _poe_of(self, write: Any) -> Poe:
        return next(poe for poe in (self._home, self._elsewhere) if any(each is write for each in poe.writes))

    def _note_where_bots_are(self, stack: Stack, before: State, command: Command) -> None:
        """What this command has created, written or read is where its plugin talks to."""
        touched = set()
        for call in command.outcome.calls:
            handle = canonical(call.handle)
            if call.method not in _SEES or call.error is not None:
                continue
            poe = self.poes[call.address]
            owner = poe.owner(call.handle)
            if owner is not None and stack.state.has(call.name, handle):
                stack.where[call.name, handle] = (poe, owner, self._incarnation(poe, handle))
                touched.add((call.name, handle))
        for entry in command.state.entries:
            key = (entry.name, canonical(entry.id))
            for name in self._names_before(stack, entry):
                known = stack.where.get((name, key[1]))
                # A record of that name may be one of long ago.
                if known is not None and key not in touched and not before.has(*key):
                    stack.where[key] = known

    def _names_before(self, stack: Stack, entry: Entry) -> tuple[str, ...]:
        bot = stack.program.bots.get(entry.name)
        return () if bot is None else bot.aliases

    def _incarnation(self, poe: Poe, handle: str) -> int:
        return self._incarnations.get((id(poe), handle), 0)

    def _require_one_entry(self, stack: Stack, before: State) -> None:
        """No bot has two entries; where people have edited the state, no more than before."""

        def is_declared(entry: Entry) -> bool:
            # Another entry is one that a run which failed has not removed yet.
            bot = stack.program.bots.get(entry.name)
            return bot is not None and canonical(bot.handle) == canonical(entry.id)

        def bots(state: State) -> list[Any]:
            places = [
                (stack.where.get((entry.name, canonical(entry.id))), canonical(entry.id))
                for entry in state.entries
                if not entry.delete and not entry.pending_replacement and is_declared(entry)
            ]
            return [(id(where[0]), handle) for where, handle in places if where is not None]

        now, earlier = bots(stack.state), bots(before)
        declared = [canonical(bot.handle) for bot in stack.program.bots.values()]
        for bot in set(now):
            if now.count(bot) > max(1, earlier.count(bot)):
                if declared.count(bot[1]) > 1:
                    self.exceptions.note(exceptions.TWICE)
                    continue
                raise Violation(invariants.ONE, f"two entries have {bot[1]}")

    def is_there(self, stack: Stack, entry: Entry) -> bool:
        """Whether the very bot that the entry means exists."""
        return self._is_at(stack.where.get((entry.name, canonical(entry.id))), entry.id)

    def _is_at(self, where: Place | None, handle: str) -> bool:
        if where is None:
            return False
        poe, owner, incarnation = where
        return poe.owner(handle) == owner and self._incarnation(poe, canonical(handle)) == incarnation

    def _require_other_advice(self, stack: Stack, before: State, command: Command) -> None:
        """Whoever has a bot is not only told how to say that it is gone."""
        for error in command.outcome.errors:
            found = re.search(r"POE_MISSING_IS_GONE=(\S+)", error)
            if found is None or command.line.is_faulty or re.search(_OTHER_ADVICE, error):
                continue
            handle = canonical(found[1].split(",")[-1])
            if any(canonical(entry.id) == handle and self.is_there(stack, entry) for entry in before.entries):
                raise Violation(invariants.WAY_OUT, f"the only advice for a bot that exists: {error}")

    def _require_none_forgotten(
        self, stack: Stack, had: list[tuple[Entry, Place | None]], command: Command, kind: str, writes: list[Any]
    ) -> None:
        has = {canonical(entry.id) for entry in command.state.entries}
        gone_by_word = {
            canonical(handle) for handle in command.environment.get("POE_MISSING_IS_GONE", "").split(",") if handle
        }
        for entry, where in had:
            handle = canonical(entry.id)
            # A bot of this handle on another Poe is another bot.
            places = [
                stack.where.get((each.name, handle)) for each in command.state.entries if canonical(each.id) == handle
            ]
            is_held = any(place is None or where is None or place[0] is where[0] for place in places)
            if is_held or entry.retain or handle in gone_by_word or not self._is_at(where, handle):
                continue
            entries = [
                each for each in command.state.entries if (each.name, canonical(each.id)) == (entry.name, handle)
            ]
            if entry.pending_replacement or entries:
                continue  # of one name and handle may be two, at two addresses: one of them is to be deleted
            if [canonical(bot.handle) for bot in command.program.bots.values()].count(handle) > 1:
                self.exceptions.note(exceptions.TWICE)
                continue
            if command.options.targets is not None:
                self.exceptions.note(exceptions.TARGET)
                continue
            if self._home.lag and command.line.is_faulty:
                self.exceptions.note(exceptions.LAG)  # and a 404 about the bot itself that is none of Poe's
                continue
            said = [*command.outcome.errors, *(text for _, text in command.outcome.log)]
            left = any("No entry of the state has" in text for text in said)
            if left or command.outcome.ended:
                self.exceptions.note(exceptions.KILLED)
                continue
            raise Violation(invariants.FORGOTTEN, f"the state lost {entry.name} ({entry.id}), whose bot exists")
        if kind != "up" or command.outcome.ended:
            return
        for write in writes:
            if write.command != command.line.command or write.before is not None or write.after is None:
                continue
            if write.bot in has or self._poe_of(write).bot(write.bot) is None:
                continue
            failed = any(call.error and canonical(call.handle) == write.bot for call in command.outcome.calls)
            if failed and (command.line.is_faulty or command.line.told_waits):
                self.exceptions.note(exceptions.LOST)
                continue
            raise Violation(invariants.FORGOTTEN, f"{write.bot} was created and is in no state")

    def _import(self, command: histories.Import) -> None:
        stack = self.stacks[command.stack]
        poe = self.poes[stack.address]
        bot = poe.bot(command.handle, stack.account)
        others = {canonical(each.handle) for each in stack.program.bots.values()}
        taken = {canonical(entry.id) for entry in stack.state.entries}
        if bot is None or command.name in stack.program.bots or stack.state.live(command.name) is not None:
            return
        if canonical(command.handle) in others | taken or "api_bot_settings" not in bot:
            return
        config, environment = self.settings(stack)
        run = self.command(command.stack, Run("preview"), preview=False)
        shown = poe.answer_of(command.handle, self.keys[stack.account])
        found = existing(shown)
        if found.handle_mistakes:
            return
        settings = Settings.load(config.get, environment)
        outputs = recorded_as_seen(settings, found.declared)
        self._carried_out_import(stack, run, command.name, found.declared, outputs)

    def _carried_out_import(
        self, stack: Stack, command: Command, name: str, declared: dict[str, Any], outputs: dict[str, Any]
    ) -> None:
        before = stack.state
        command.import_(name, copy.deepcopy(declared), copy.deepcopy(outputs))
        stack.state = command.state
        Judge("import", before, command, command.line, command.line.command, [], self.exceptions).judge()
        self.secrets.require_none_in(command)
        if command.outcome.failed:
            raise Violation(invariants.IMPORTED, f"the import failed: {command.outcome.failures}")
        stack.program = stack.program.with_bot(name, Declared(copy.deepcopy(declared)))
        self._note_where_bots_are(stack, before, command)
        preview = self.command(self.stacks.index(stack), Run("preview"), preview=True)
        preview.up()
        self.trace.append(Told(f"preview after the import of {name}", preview.outcome))
        changed = [step for step in preview.outcome.steps if step.name == name]
        if changed:
            raise Violation(invariants.IMPORTED, f"{changed} of {declared}, {plain(outputs)}")


def _complete(properties: dict[str, Any]) -> None:
    """What Poe asks for beside a leaf."""
    controls = properties.get("parameter_controls")
    if isinstance(controls, dict):
        if "sections" in controls:
            controls["api_version"] = "2"
        else:
            properties.pop("parameter_controls")
