"""A history on the real CLI, command by command beside the model, and what has to be the same on both sides.

Model and CLI start each command from the same program, state and Poe. Left out of a history is what the real Poe or the
real clock can't do in short: lists that lag, limits, waits of minutes, kills and hands in the middle of a command.
"""

from __future__ import annotations

import base64
import json
import pickle
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from stacks import Run as Ran
from stacks import Stack

from pulumi_poe.emulator import Emulator
from pulumi_poe.emulator import Fault as EmulatorsFault
from pulumi_poe.provider import BotProvider

from .engine import SECRET, SIGNATURE, Outcome, Secret, State
from .histories import (
    ELSEWHERE,
    HOME,
    MOVED,
    PROVIDERS,
    Behave,
    Declare,
    History,
    Import,
    Restore,
    Run,
    Set,
    StateDelete,
    history,
)
from .poe import ANSWERS, Fault
from .program import Declared, Program
from .program import Path as Leaf
from .world import World

BOT = "pulumi-python:dynamic/poe:Bot"
QUICK = ("400", "401", "403", "404", "404-html", "408", "500", "502", "503", "200-html", "200-empty", "302")
"""Answers after which nothing waits for long."""


# --- histories that both can do -----------------------------------------------------------------------


def comparable(seed: int, commands_of_the_cli: int) -> History:
    """The beginning of the history of this seed, as far as both can do it.

    Where that depends on who goes on first, or is too short, it is that of the seed a thousand further.
    """
    while (found := _comparable(seed, commands_of_the_cli)) is None:
        seed += 1000
    return found


def _comparable(seed: int, commands_of_the_cli: int) -> History | None:
    made = history(seed)
    if any(getattr(command, "stack", 0) for command in made.commands):
        return None
    commands: list[Any] = []
    left = commands_of_the_cli
    for command in made.commands:
        if isinstance(command, Import) or (isinstance(command, Behave) and not _is_instant(command)):
            continue
        if isinstance(command, Run):
            command = replace(
                command, killed_at=None, cancelled_at=None, hand=None, faults=tuple(map(_quick, command.faults[:1]))
            )
            left -= 1
        commands.append(command)
        if not left:
            break
    shown = replace(made, commands=tuple(commands))
    return shown if not left and has_one_outcome(shown) else None


def _is_instant(command: Behave) -> bool:
    return command.option not in ("lag", "requests_per_minute", "retry_after", "reserve_deleted_handles")


def _quick(fault: Fault) -> Fault:
    kind = fault.kind.removesuffix("-after")
    after = "-after" if fault.kind.endswith("-after") else ""
    if kind not in (*QUICK, "drop", "truncated"):
        kind = {"429-told": "500", "429-long": "502", "429": "408", "503-told": "503"}.get(kind, "drop")
    return replace(fault, kind=kind + after, times=1)


def has_one_outcome(shown: History) -> bool:
    """The real engine does not fix the order in which a program's resources are checked, and neither does a test."""
    told = []
    for number in range(4):
        world = World()
        world.begin(shown)
        with world.machine.in_place():
            outcomes = []
            for command in shown.commands:
                outcome = world.do(replace(command, seed=number) if isinstance(command, Run) else command)
                if outcome is not None:
                    outcomes.append(told_by_the_model(outcome, world))
        told.append(outcomes)
    return all(each == told[0] for each in told)


_DONE = {
    "create": "create", "create-replacement": "replace", "update": "update", "delete": "delete",
    "delete-replaced": "delete", "remove-pending-replace": "delete", "changed": "update", "gone": "delete",
}  # fmt: skip

# --- what is compared ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What one command did, as either side tells it.

    :param errors: of operations and checks, one line each.
    :param steps: operations that were done, with their resources.
    :param entries: of the state.
    """

    failed: bool
    errors: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    entries: tuple[str, ...]
    bots: tuple[str, ...]


def told_by_the_model(outcome: Outcome, world: World, run: Run | None = None) -> Seen:
    errors = {*outcome.errors, *(reason for _, reason in outcome.failures)}
    return Seen(
        outcome.failed,
        tuple(sorted({" ".join(error.split()) for error in errors})),
        tuple(
            sorted(
                (_DONE.get(step.operation, step.operation), step.name)
                for step in outcome.steps
                # Of the first half of `up --refresh` the real engine does not tell what has changed.
                if not (run is not None and run.refresh and step.operation in ("changed", "gone"))
            )
        ),
        tuple(sorted(_of_the_model(world.stacks[0].state))),
        tuple(
            sorted(
                json.dumps([poe.owner(bot["handle"]), bot], sort_keys=True)
                for poe in (world.poes[HOME], world.poes[ELSEWHERE])
                for bot in poe.store.bots()
            )
        ),
    )


def _of_the_model(state: State) -> Iterator[str]:
    for entry in state.entries:
        yield json.dumps(
            {
                "name": entry.name, "id": entry.id, "delete": entry.delete, "pending": entry.pending_replacement,
                "protect": entry.protect, "retain": entry.retain, "provider": entry.provider or "default",
                "inputs": _bag(entry.inputs), "outputs": _bag(entry.outputs),
            }, sort_keys=True,
        )  # fmt: skip


def _for_import(value: Any) -> Any:
    """As the file of an import has it."""
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "plaintext": json.dumps(value.value)}
    if isinstance(value, dict):
        return {key: _for_import(inner) for key, inner in value.items() if key != "__fingerprint"}
    return value


def _bag(value: Any) -> Any:
    """The bot's properties; what is encrypted is not looked at."""
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, dict):
        if "4dabf18193072939515e22adb298388d" in value:
            return "[secret]"
        hidden = ("__provider", "__fingerprint")
        return {key: _bag(inner) for key, inner in value.items() if key not in hidden and inner is not None}
    if isinstance(value, list):
        return [_bag(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


# --- the real side ------------------------------------------------------------------------------------

_NOTHING = ("same", "refresh", "replace", "import")
_OF_A_CHECK = re.compile(r"Bot resource '[^']*' has a problem: (.*)", re.DOTALL)


class Real:
    """One history on the real CLI.

    :param stack: new, and initialised.
    :param poes: the local Poe at HOME, and that at ELSEWHERE.
    """

    def __init__(self, stack: Stack, poes: Mapping[str, Emulator], world: World) -> None:
        self.stack = stack
        self.poes = poes
        self.world = world
        self.checkpoint = stack.state / ".pulumi" / "stacks" / "tested" / f"{stack.name}.json"
        self.past: list[str] = []
        self.salt = (stack.folder / f"Pulumi.{stack.name}.yaml").read_text()
        home = poes[HOME].url
        self.urls = {HOME: home, ELSEWHERE: poes[ELSEWHERE].url, MOVED: home.replace("127.0.0.1", "localhost")}
        self.seconds = 0.0

    def follow(self) -> None:
        """Poe is as it is in the model now."""
        for place, emulator in self.poes.items():
            poe = self.world.poes[place]
            vars(emulator.options).update(vars(poe.options))
            emulator.accounts.update(self.world.keys)
            there = {bot["handle"]: bot for bot in poe.store.bots()}
            for bot in emulator.bots():
                if bot["handle"] not in there:
                    emulator._running_store().delete(bot["handle"])
            for handle, bot in there.items():
                owner = poe.owner(handle)
                assert owner is not None
                emulator.seed(self.world.keys[owner], bot)

    def edit_state(self, command: Restore | StateDelete) -> None:
        """As people do it."""
        if isinstance(command, Restore):
            if len(self.past) >= command.back:
                self.checkpoint.write_text(self.past[-command.back])
            return
        urn = f"urn:pulumi:{self.stack.name}::tested::{BOT}::{command.name}"
        if command.to:
            self.stack.pulumi("state", "rename", urn, command.to, "--yes")
        else:
            self.stack.pulumi("state", "delete", urn, "--yes", "--force")

    def import_(self, command: Import, config: Mapping[str, str], environment: Mapping[str, str]) -> Seen:
        """``pulumi import --file``, of what the model has imported."""
        entry = self.world.stacks[0].state.live(command.name)
        assert entry is not None
        provider = base64.b64encode(pickle.dumps(BotProvider())).decode()
        inputs = {"__provider": provider, **_for_import(entry.inputs)}
        outputs = {**inputs, **_for_import(entry.outputs), "__provider": provider}
        resource = {"type": BOT, "name": command.name, "id": entry.id, "inputs": inputs, "outputs": outputs}
        file = self.stack.folder / "import.json"
        file.write_text(json.dumps({"resources": [resource]}))
        return self._ran(
            ["import", "--file", str(file), "--generate-code=false", "--protect=false"], config, environment
        )

    def run(self, run: Run) -> Seen:
        """One command of the CLI."""
        world = self.world
        stack = world.stacks[run.stack]
        config, environment = world.settings(stack)
        keys = {name: world.keys[account] for name, account in PROVIDERS.items()}
        self.stack.program(text_of(stack.program, keys, self.urls[stack.address]))
        self._faults(run)
        return self._ran(self._command(run), config, {**environment, **dict(run.environment)})

    def _ran(self, command: list[str], config: Mapping[str, str], environment: Mapping[str, str]) -> Seen:
        self._write_config(config)
        before = self.checkpoint.read_text()
        log = self.stack.folder / "events"
        log.unlink(missing_ok=True)
        if command[0] != "preview":
            command = [*command, "--yes", "--skip-preview"]
        variables = {key: self._real(value) for key, value in environment.items()}
        started = self.stack.start(*command, "--event-log", str(log), PULUMI_DEBUG_COMMANDS="true", **variables)
        ran = self.stack.finished(started)
        for emulator in self.poes.values():
            emulator.faults.clear()
        if command[0] not in ("preview", "import"):
            self.past.append(before)
        assert log.exists(), str(ran)
        events = [json.loads(line) for line in log.read_text().splitlines()]
        return self._seen(ran, events)

    def _command(self, run: Run) -> list[str]:
        options = []
        if run.refresh:
            options.append("--refresh")
        if run.continue_on_error and run.command != "refresh":
            options.append("--continue-on-error")
        option = "--target-replace" if run.only else "--replace"
        for name in run.replaced:
            options += [option, f"urn:pulumi:{self.stack.name}::tested::{BOT}::{name}"]
        return [run.command, *options]

    def _faults(self, run: Run) -> None:
        emulator = self.poes[ELSEWHERE if self.world.stacks[run.stack].address == ELSEWHERE else HOME]
        for fault in run.faults:
            kind = fault.kind.removesuffix("-after")
            made = EmulatorsFault(method=fault.method, skip=fault.at, times=fault.times)
            made.moment = "after" if fault.kind.endswith("-after") else "before"
            if kind == "drop":
                made.drop = True
            elif kind == "truncated":
                made.truncate = 3
            else:
                made.status, made.body, made.headers = ANSWERS[kind]
                made.content_type = "text/html" if ANSWERS[kind][1].startswith(b"<") else "application/json"
            emulator.faults.add(made)

    def _write_config(self, config: Mapping[str, str]) -> None:
        lines = "".join(f"  {key}: {json.dumps(self._real(value))}\n" for key, value in config.items())
        salt = next(line for line in self.salt.splitlines() if line.startswith("encryptionsalt"))
        (self.stack.folder / f"Pulumi.{self.stack.name}.yaml").write_text(
            f"config:\n{lines}\n{salt}\n" if lines else salt
        )

    def _real(self, value: str) -> str:
        # Whole addresses: one of them may begin another.
        return re.sub(r"http://[\w.]+:\d+", lambda found: self.urls.get(found[0], found[0]), value)

    def _models(self, text: str) -> str:
        models = {real: ours for ours, real in self.urls.items()}
        text = re.sub(r"http://[\w.]+:\d+", lambda found: models.get(found[0], found[0]), text)
        return " ".join(text.split())

    def _seen(self, ran: Ran, events: list[dict[str, Any]]) -> Seen:
        errors = set()
        for event in events:
            said = event.get("diagnosticEvent", {})
            message = said.get("message", "").strip()
            if said.get("severity") != "error" or message in ("update failed", "preview failed"):
                continue
            found = _OF_A_CHECK.search(message)
            if message.startswith("Poe: ") or found is not None:
                errors.add(self._models(message.removeprefix("Poe: ") if found is None else found[1]))
        return Seen(
            ran.exit_code != 0,
            tuple(sorted(errors)),
            tuple(sorted(self._steps(events))),
            tuple(sorted(self._entries())),
            tuple(
                sorted(
                    json.dumps([account, bot], sort_keys=True)
                    for emulator in self.poes.values()
                    for account, key in emulator.accounts.items()
                    for bot in emulator.bots(key)
                )
            ),
        )

    def _steps(self, events: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
        for event in events:
            told = event.get("resOutputsEvent")
            if told is None or told["metadata"]["type"] != BOT:
                continue
            operation, name = told["metadata"]["op"], told["metadata"]["urn"].rsplit("::", 1)[1]
            if operation in _NOTHING:
                continue
            yield _DONE.get(operation, operation), name

    def _entries(self) -> Iterator[str]:
        deployment = json.loads(self.checkpoint.read_text())["checkpoint"]["latest"] or {}
        for resource in deployment.get("resources", []):
            if resource["type"] != BOT:
                continue
            provider = resource["provider"].rsplit("::", 2)[1]
            yield json.dumps(
                {
                    "name": resource["urn"].rsplit("::", 1)[1], "id": resource["id"],
                    "delete": resource.get("delete", False), "pending": resource.get("pendingReplacement", False),
                    "protect": resource.get("protect", False), "retain": resource.get("retainOnDelete", False),
                    "provider": "default" if provider.startswith("default") else provider,
                    "inputs": _bag(resource["inputs"]), "outputs": _bag(resource["outputs"]),
                }, sort_keys=True,
            )  # fmt: skip


# --- the program as text ------------------------------------------------------------------------------

_HEAD = """
import asyncio

def later(value):
    \"\"\"What a preview does not know yet.\"\"\"
    def ready(what):
        future = asyncio.Future()
        future.set_result(what)
        return future
    return pulumi.Output(ready(set()), ready(value), ready(not pulumi.runtime.is_dry_run()))

"""


@dataclass
class _Later:
    value: Any

    def __repr__(self) -> str:
        return f"later({self.value!r})"


def text_of(program: Program, keys: Mapping[str, str], url: str) -> str:
    """What people write."""
    lines = [_HEAD]
    for name in program.providers:
        lines.append(f"{name} = pulumi_poe.Provider({name!r}, api_key={keys[name]!r}, api_url={url!r})\n")
    lines += [_text_of_bot(name, bot) for name, bot in program.bots.items()]
    return "".join(lines)


def _text_of_bot(name: str, bot: Declared) -> str:
    options: dict[str, Any] = {}
    if bot.aliases:
        options["aliases"] = "[" + ", ".join(f"pulumi.Alias(name={alias!r})" for alias in bot.aliases) + "]"
    if bot.ignored:
        options["ignore_changes"] = repr([".".join(path) for path in bot.ignored])
    if bot.replaced_on:
        options["replace_on_changes"] = repr(list(bot.replaced_on))
    for option, key in (
        ("protect", "protect"),
        ("retain", "retain_on_delete"),
        ("deleted_first", "delete_before_replace"),
    ):
        if getattr(bot, option):
            options[key] = "True"
    if bot.provider is not None:
        options["provider"] = bot.provider
    given = f", pulumi.ResourceOptions({', '.join(f'{key}={value}' for key, value in options.items())})"
    properties = _with_later(bot.properties, bot.late)
    arguments = "".join(f", {key}={value!r}" for key, value in properties.items())
    adopt = ", adopt=True" if bot.adopt else ""
    return f"Bot({name!r}{given if options else ''}{arguments}{adopt})\n"


def _with_later(value: Any, late: tuple[Leaf, ...], path: Leaf = ()) -> Any:
    if path in late:
        return _Later(value)
    if isinstance(value, dict):
        return {key: _with_later(inner, late, (*path, key)) for key, inner in value.items()}
    return value


# --- both ---------------------------------------------------------------------------------------------


@dataclass
class Difference:
    """Where the model does not tell what the real engine does."""

    command: Any
    model: Seen
    real: Seen
    text: str
    fields: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = ("failed", "errors", "steps", "entries", "bots")
        self.fields = tuple(name for name in names if getattr(self.model, name) != getattr(self.real, name))

    def __str__(self) -> str:
        lines = [f"{self.command!r}"]
        for name in self.fields:
            lines += [
                f"  {name}, in the model: {getattr(self.model, name)}",
                f"  {name}, really:     {getattr(self.real, name)}",
            ]
        return "\n".join([*lines, self.text])


def compare(shown: History, stack: Stack, poes: Mapping[str, Emulator]) -> Difference | None:
    """Run the history on both sides; where they first differ."""
    world = World()
    world.begin(shown)
    uses_providers = any(
        dict(command.options).get("provider")
        if isinstance(command, Declare)
        else isinstance(command, Set) and command.option == "provider" and command.value
        for command in shown.commands
    )
    if not uses_providers:
        # Each costs the real engine a process.
        world.stacks[0].program = Program({})
    real = Real(stack, poes, world)
    with world.machine.in_place():
        for command in shown.commands:
            before = world.stacks[0].state
            outcome = world.do(command)
            if isinstance(command, Run):
                assert outcome is not None
                expected, seen = told_by_the_model(outcome, world, command), real.run(command)
                if expected != seen:
                    return Difference(command, expected, seen, str(stack.runs[-1]))
            elif isinstance(command, Import) and before is not world.stacks[0].state:
                expected, seen = (
                    told_by_the_model(Outcome(), world),
                    real.import_(command, *world.settings(world.stacks[0])),
                )
                seen = replace(seen, steps=())
                if expected != seen:
                    return Difference(command, expected, seen, str(stack.runs[-1]))
            elif isinstance(command, Restore) or (
                isinstance(command, StateDelete) and before is not world.stacks[0].state
            ):
                real.edit_state(command)
            else:
                real.follow()
    return None
