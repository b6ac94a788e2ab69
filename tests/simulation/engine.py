"""What Pulumi's engine does with a plugin: a small model of CLI 3.259.

Taken from its step generator and executor, and held to the real one by tests/faults/test_model_of_the_engine.py. It has
what matters to a provider: which calls come, in which order, with what, and what stays in the state.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi.output import Unknown

from pulumi_poe.core.errors import PoeError
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.registry import Registry
from pulumi_poe.core.lifecycle.session import Session
from pulumi_poe.core.poe.settings import Settings
from pulumi_poe.core.values.text import OneLineFormatter

from .machine import KilledError, Machine, Task
from .poe import Line
from .program import Declared, Path, Program, at, canonical, put, take_out
from .shells import Dynamic, Plugin

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"


@dataclass(frozen=True)
class Secret:
    """A value that the state has encrypted."""

    value: Any


@dataclass(frozen=True)
class Entry:
    """A resource of the state."""

    name: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    provider: str | None = None
    protect: bool = False
    retain: bool = False
    ignored: tuple[Path, ...] = ()
    delete: bool = False
    pending_replacement: bool = False


@dataclass(frozen=True)
class State:
    """A stack's checkpoint. ``configs`` is what each provider was last configured with; None is the default one."""

    entries: tuple[Entry, ...] = ()
    configs: Mapping[str | None, Mapping[str, str]] = field(default_factory=dict)

    def live(self, name: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.name == name and not entry.delete), None)

    def has(self, name: str, handle: str) -> bool:
        """Whether an entry of this name has the bot of this canonical handle."""
        return any(entry.name == name and canonical(entry.id) == handle for entry in self.entries)


@dataclass(frozen=True)
class Options:
    """Of one command."""

    refresh: bool = False
    continue_on_error: bool = False
    replaced: tuple[str, ...] = ()
    """``--replace``: resources that are replaced whatever differs."""
    targets: tuple[str, ...] | None = None
    """``--target``, or with ``replaced`` ``--target-replace``."""


@dataclass(frozen=True)
class Step:
    """What was done, or would be: ``create``, ``update``, ``replace``, ``delete``, ``same``, ``read``."""

    operation: str
    name: str
    id: str


@dataclass(frozen=True)
class Call:
    """One call of the provider."""

    method: str
    name: str
    handle: str
    began: float
    took: float
    waited: float
    error: str | None
    address: str
    """Of the Poe that its plugin talks to."""


@dataclass
class Outcome:
    """What one command printed and did."""

    errors: list[str] = field(default_factory=list)
    """Of operations: text that the engine prints."""
    failures: list[tuple[str, str]] = field(default_factory=list)
    """Of checks: the resource and the reason."""
    log: list[tuple[str, str]] = field(default_factory=list)
    """Level and text of what the provider logs."""
    steps: list[Step] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    """The engine's own, such as of protected resources."""
    ended: str = ""
    """``killed`` or ``cancelled``, if not by itself."""

    @property
    def failed(self) -> bool:
        return bool(self.errors or self.failures or self.refusals or self.ended)


class _StepFailedError(Exception):
    """A step of the engine failed; the message was noted."""


Makes = Callable[[Settings, Any, Line], Any]


def operations(settings: Settings, journal: Any, line: Line) -> Operations:
    """What one plugin process has, as provider.configure makes it."""
    return Operations(Session(settings, Registry(journal), line))


class Journal:
    """What the processes of a run tell one another, in a list instead of a file."""

    def __init__(self, entries: list[list[str]], machine: Machine) -> None:
        self._entries = entries
        self._machine = machine
        self._read = 0

    def write(self, *entry: str) -> None:
        if self._machine.current.is_killed:
            raise KilledError
        self._entries.append(list(entry))

    def read(self) -> list[list[str]]:
        new, self._read = self._entries[self._read :], len(self._entries)
        return new


class Command:
    """One command of the CLI.

    :param state: before. The attribute is the checkpoint after each step.
    :param config: the stack's.
    :param environment: of the shell.
    :param preview: nothing is done.
    :param shell: makes a plugin.
    """

    def __init__(
        self,
        state: State,
        program: Program,
        config: Mapping[str, str],
        environment: Mapping[str, str],
        machine: Machine,
        line: Line,
        *,
        options: Options = Options(),
        preview: bool = False,
        provider_config: Callable[[str], Mapping[str, str]] = lambda _: {},
        make: Makes = operations,
        shell: Callable[[], Plugin] = Dynamic,
    ) -> None:
        self.state = state
        self.program = program
        self.config = config
        self.environment = environment
        self.machine = machine
        self.line = line
        self.options = options
        self.is_preview = preview
        self.provider_config = provider_config
        self.make = make
        self.shell = shell
        self.outcome = Outcome()
        self.state_after_refresh = state
        self.is_cancelled = False
        self.is_dead = False
        """The CLI was killed: whatever the plugin still does is recorded nowhere."""
        self._journals: dict[str, list[list[str]]] = {}
        self._plugins: dict[str | None, tuple[Plugin, int, str]] = {}
        self._busy = 0
        self.tasks: list[Task] = []
        self._killed_plugins = False

    # --- the commands -------------------------------------------------------------------------------

    def up(self) -> Outcome:
        with self._log():
            if self.options.refresh:
                self._refresh()
            self.state_after_refresh = self.state
            if not self.is_cancelled:
                self._update()
        return self.outcome

    def refresh(self) -> Outcome:
        with self._log():
            self._refresh()
        return self.outcome

    def destroy(self) -> Outcome:
        with self._log():
            self._join([self._spawn(self._delete, entry) for entry in reversed(self.state.entries)])
        return self.outcome

    def import_(self, name: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> Outcome:
        """``pulumi import --file``."""
        with self._log():
            self.state = replace(self.state, configs={**self.state.configs, None: dict(self.config)})
            checked = self._check(name, inputs, inputs, None)
            if checked is not None and self.state.live(name) is None:
                entry = Entry(name, inputs["handle"], checked, marked(outputs))
                self.state = replace(self.state, entries=(*self.state.entries, entry))
        return self.outcome

    def cancel(self) -> None:
        """Ctrl-C once: no new step begins."""
        self.is_cancelled = True
        self.outcome.ended = "cancelled"
        for plugin, _, _ in self._plugins.values():
            plugin.cancel()

    def kill(self, *, cli: bool, plugin: bool) -> None:
        """SIGKILL of one or both. A plugin that is left goes on to the end of its calls."""
        if cli:
            self.is_cancelled = self.is_dead = True
            self.outcome.ended = "killed"
        if plugin:
            for _, process, _ in self._plugins.values():
                self.machine.end_process(process)
            self._killed_plugins = True
            self.outcome.ended = "killed"

    # --- update -------------------------------------------------------------------------------------

    def _update(self) -> None:
        # A Provider is a resource of the program; the default one is there only while some bot uses it.
        used = {bot.provider for bot in self.program.bots.values()} | set(self.program.providers)
        self._restart({name: dict(self._config_of(name)) for name in used})
        self._seen: set[str] = set()
        self._deleted_early: set[int] = set()
        tasks: list[Task] = []
        names = list(self.program.bots)
        self.machine.random.shuffle(names)
        for name in names:
            if self.is_cancelled:
                break
            steps = self._steps_of(name)
            if steps is None:  # the engine ends the run
                self.is_cancelled = True
                break
            if steps and not self.is_preview:
                tasks.append(self._spawn(self._run_steps, steps))
            elif steps:
                self._preview_steps(steps)
        self._join(tasks)
        if self.is_cancelled:
            return
        condemned = [
            entry
            for entry in self.state.entries
            if (entry.delete or entry.name not in self._seen)
            and (self.options.targets is None or entry.name in self.options.targets)
        ]
        self._join([self._spawn(self._delete, entry) for entry in condemned])

    def _restart(self, configs: Mapping[str | None, Mapping[str, str]]) -> None:
        """A provider whose configuration has changed is another process from now on."""
        for name, config in configs.items():
            if self.state.configs.get(name) != config and name in self._plugins:
                del self._plugins[name]
        if not self.is_preview:
            self.state = replace(self.state, configs={**self.state.configs, **configs})
        self._planned_configs = {**self.state.configs, **configs}

    def _config_of(self, provider: str | None) -> Mapping[str, str]:
        return self.config if provider is None else self.provider_config(provider)

    def _steps_of(self, name: str) -> list[tuple[Any, ...]] | None:
        """Check and diff, and what follows. None if the run ends here."""
        bot = self.program.bots[name]
        old = self.state.live(name)
        for alias in bot.aliases:
            if old is None and alias not in self.program.bots:
                old = self.state.live(alias)
        is_targeted = self.options.targets is None or name in self.options.targets
        if old is not None:
            self._seen.add(old.name)
        self._seen.add(name)
        goal = self.program.inputs(name, preview=self.is_preview)
        inputs = goal
        if old is not None:
            inputs = ignoring(goal, plain(old.inputs), bot.ignored)
        is_replaced_alone = name in self.options.replaced
        olds = {} if old is None or is_replaced_alone else plain(old.inputs)
        checked = self._check(name, olds, goal if not olds else inputs, bot.provider)
        if checked is None:
            return None
        if old is None:
            return [("create", name, bot, checked, None)] if is_targeted else []
        if not is_targeted:
            return []
        replaces = is_replaced_alone or old.pending_replacement
        if not is_replaced_alone:
            difference = self._diff(name, old.id, plain(old.inputs), plain(old.outputs), plain(checked), bot)
            if difference is None:
                return None
            changes, keys = difference
            replaces = replaces or (changes and bool(keys))
            if not changes and not replaces:
                return [("same", name, bot, checked, old)]
        if not replaces:
            return [("update", name, bot, checked, old)]
        if bot.protect and old.protect:
            self.outcome.refusals.append(f"unable to replace resource {name!r}: it is protected")
            if not self.is_preview:
                return None
        if not is_replaced_alone:
            again = self._check(name, {}, goal, bot.provider)
            if again is None:
                return None
            checked = again
        if bot.deleted_first:
            first = [] if old.pending_replacement else [("delete first", name, bot, None, old)]
            return [*first, ("create in place", name, bot, checked, old)]
        return [("create beside", name, bot, checked, old)]

    def _run_steps(self, steps: Sequence[tuple[Any, ...]]) -> None:
        for operation, name, bot, checked, old in steps:
            if self.is_cancelled and operation != "same":
                return
            try:
                self._run_step(operation, name, bot, checked, old)
            except _StepFailedError:
                if not self.options.continue_on_error:
                    self.is_cancelled = True
                return

    def _run_step(self, operation: str, name: str, bot: Declared, checked: Any, old: Entry | None) -> None:
        if operation == "same":
            assert old is not None
            self._replace_entry(old, as_declared(replace(old, inputs=checked), name, bot))
        elif operation == "update":
            assert old is not None
            outputs = self._call("update", name, bot.provider, old.id, plain(old.outputs), plain(checked))
            new = replace(old, inputs=checked, outputs=marked(outputs.outs))
            self._done("update", name, old.id)
            self._replace_entry(old, as_declared(new, name, bot))
        elif operation == "delete first":
            assert old is not None
            if not old.retain:
                self._call("delete", name, old.provider, old.id, plain(old.outputs))
            self._done("delete", name, old.id)
            self._replace_entry(old, replace(old, pending_replacement=True))
        else:
            created = self._call("create", name, bot.provider, plain(checked))
            new = as_declared(Entry(name, created.id, checked, marked(created.outs)), name, bot)
            self._done("create" if operation == "create" else "replace", name, created.id)
            if operation == "create beside":
                assert old is not None
                self._replace_entry(old, new, replace(old, name=name, delete=True))
            elif operation == "create in place":
                assert old is not None
                gone = self.state.live(old.name)
                if gone is not None:
                    self._replace_entry(gone, new)
                elif not self.is_dead:
                    self.state = replace(self.state, entries=(*self.state.entries, new))
            elif not self.is_dead:
                self.state = replace(self.state, entries=(*self.state.entries, new))

    def _preview_steps(self, steps: Sequence[tuple[Any, ...]]) -> None:
        for operation, name, _, checked, old in steps:
            shown = {"delete first": "delete", "create in place": "replace", "create beside": "replace"}
            handle = plain(checked).get("handle") if checked is not None else None
            id_ = old.id if operation in ("update", "delete first") and old is not None else str(handle)
            if operation != "same":
                self.outcome.steps.append(Step(shown.get(operation, operation), name, id_))
            if operation == "create beside" and old is not None:
                self.outcome.steps.append(Step("delete", name, old.id))

    def _delete(self, entry: Entry) -> None:
        if self.is_cancelled:
            return
        if entry.protect and not entry.delete:
            self.outcome.refusals.append(f"resource {entry.name!r} cannot be deleted because it is protected")
            return
        if not self.is_preview and not entry.retain and not entry.pending_replacement:
            try:
                self._call("delete", entry.name, entry.provider, entry.id, plain(entry.outputs))
            except _StepFailedError:
                if not self.options.continue_on_error:
                    self.is_cancelled = True
                return
        self._done("delete", entry.name, entry.id)
        if not self.is_preview:
            self._replace_entry(entry)

    # --- refresh ------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        before = self.is_preview
        self._join([self._spawn(self._read, entry) for entry in self.state.entries if not entry.pending_replacement])
        self.is_preview = before

    def _read(self, entry: Entry) -> None:
        if self.is_cancelled:
            return
        try:
            read = self._call("read", entry.name, entry.provider, entry.id, plain(entry.outputs))
            if read.id is None:
                self._done("gone", entry.name, entry.id)
                self._replace_entry(entry)
                return
            new = replace(entry, inputs=marked(read.inputs), outputs=marked(read.outs))
            bot = self.program.bots.get(entry.name, Declared({}))
            difference = self._diff(
                entry.name, entry.id, plain(new.inputs), plain(new.outputs), plain(entry.inputs),
                replace(bot, ignored=entry.ignored, replaced_on=()), entry.provider,
            )  # fmt: skip
            if difference is None:
                raise _StepFailedError
            if difference[0]:
                self._done("changed", entry.name, entry.id)
            self._replace_entry(entry, new)
        except _StepFailedError:
            self.is_cancelled = True

    # --- calls --------------------------------------------------------------------------------------

    def _check(
        self, name: str, olds: dict[str, Any], news: dict[str, Any], provider: str | None
    ) -> dict[str, Any] | None:
        """The checked inputs, or None if there are failures."""
        try:
            result = self._call("check", name, provider, olds, news)
        except _StepFailedError:
            return None
        if result.failures:
            self.outcome.failures += [(name, failure.reason) for failure in result.failures]
            return None
        inputs: dict[str, Any] = marked(result.inputs)
        return inputs

    def _diff(
        self,
        name: str,
        id_: str,
        old_inputs: dict[str, Any],
        old_outputs: dict[str, Any],
        news: dict[str, Any],
        bot: Declared,
        provider: Any = ...,
    ) -> tuple[bool, list[str]] | None:
        """Whether anything changes, and what makes it a replacement."""
        try:
            found = self._call("diff", name, bot.provider if provider is ... else provider, id_, old_outputs, news)
        except _StepFailedError:
            return None
        changes = found.changes
        changed = {
            key
            for key in {*old_inputs, *news}
            if (shown := ignoring(news, old_inputs, bot.ignored)) is not None and old_inputs.get(key) != shown.get(key)
        }
        if changes is None:
            changes = bool(changed)
        keys = list(found.replaces or [])
        if changes and not keys:
            keys = sorted(set(bot.replaced_on) & changed)
        return changes, keys

    def _call(self, method: str, name: str, provider: str | None, *arguments: Any) -> Any:
        if self._killed_plugins:
            self.outcome.refusals.append(f"{method} {name}: the plugin exited")
            raise _StepFailedError
        plugin, process, address = self._plugin(provider)
        me = self.machine.current
        self.machine.wait_until(lambda: self._busy < plugin.workers)
        self._busy += 1
        before, me.process, me.locked = me.process, process, 0.0
        began = self.machine.time
        error: str | None = None
        try:
            # What crosses a process is a copy, and its whole numbers are floats.
            return plugin.call(method, name, list(map(as_engine_sends, arguments)))
        except KilledError:
            error = "killed"
            if self.is_dead:
                raise
            # Only the plugin was killed: to the engine that is an error like any other.
            me.is_killed = False
            self.outcome.refusals.append(f"{method} {name}: the plugin exited")
            raise _StepFailedError from None
        except Exception as fault:
            error = str(fault)
            if not self.is_dead:
                self.outcome.errors.append(error)
            raise _StepFailedError from fault
        finally:
            me.process = before
            self._busy -= 1
            took = self.machine.time - began
            bag = arguments[-1] if isinstance(arguments[-1], dict) else {}
            handle = arguments[0] if isinstance(arguments[0], str) else str(bag.get("handle"))
            self.outcome.calls.append(Call(method, name, handle, began, took, me.locked, error, address))

    def _plugin(self, provider: str | None) -> tuple[Plugin, int, str]:
        if provider not in self._plugins:
            config = getattr(self, "_planned_configs", self.state.configs).get(provider, self._config_of(provider))
            plugin, address = self.shell(), ""

            def made(settings: Settings) -> Operations:
                entries = self._journals.setdefault(settings.api_url, [])
                found: Operations = self.make(settings, Journal(entries, self.machine), self.line)
                return found

            try:
                settings = Settings.load(config.get, self.environment)
                address = settings.api_url
                plugin.configure(settings, made)
            except PoeError as error:
                plugin.configure(error, made)
            self._plugins[provider] = (plugin, self.machine.new_process(), address)
        return self._plugins[provider]

    def _spawn(self, work: Callable[..., None], *arguments: Any) -> Task:
        def run() -> None:
            try:
                work(*arguments)
            except KilledError:
                self.is_cancelled = self.is_dead = True

        self.tasks.append(self.machine.spawn(run, 0))
        return self.tasks[-1]

    def _join(self, tasks: list[Task]) -> None:
        self.machine.join(tasks)

    def _done(self, operation: str, name: str, id_: str) -> None:
        if not self.is_dead:
            self.outcome.steps.append(Step(operation, name, id_))

    def _replace_entry(self, old: Entry, *new: Entry) -> None:
        """The checkpoint after a step."""
        if self.is_dead or self.is_preview:
            return
        entries = [
            each for entry in self.state.entries for each in (new if entry is old else (entry,))
        ]  # fmt: skip
        self.state = replace(self.state, entries=tuple(entries))

    def _log(self) -> _Log:
        return _Log(self.outcome)


class _Log(logging.Handler):
    """What the plugin writes to standard error, which the engine shows."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(logging.INFO)
        self._outcome = outcome
        self.setFormatter(OneLineFormatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._outcome.log.append((record.levelname, self.format(record)))

    def __enter__(self) -> None:
        logger = logging.getLogger("pulumi_poe")
        self._before = list(logger.handlers)
        logger.handlers[:] = [self]
        logger.propagate = False
        logger.setLevel(logging.INFO)

    def __exit__(self, *_: object) -> None:
        logging.getLogger("pulumi_poe").handlers[:] = self._before


# --- values -----------------------------------------------------------------------------------------


def as_declared(entry: Entry, name: str, bot: Declared) -> Entry:
    """With the name and the options that the program has now."""
    return replace(entry, name=name, protect=bot.protect, retain=bot.retain, ignored=bot.ignored, provider=bot.provider)


def marked(value: Any) -> Any:
    """What a provider returned, with its marks of secrets as the state has them."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return Secret(value["value"])
        return {key: marked(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [marked(inner) for inner in value]
    return value


def plain(value: Any) -> Any:
    """What the state has, as a provider gets it."""
    if isinstance(value, Secret):
        return value.value
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def as_engine_sends(value: Any) -> Any:
    """A copy, in which all numbers are floats."""
    if isinstance(value, bool | Unknown):
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, dict):
        return {key: as_engine_sends(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [as_engine_sends(inner) for inner in value]
    return value


def ignoring(inputs: Mapping[str, Any], old: Mapping[str, Any], ignored: tuple[Path, ...]) -> dict[str, Any]:
    """The inputs with the old values of what ``ignore_changes`` names."""
    result = copy.deepcopy(dict(inputs))
    for path in ignored:
        before = at(old, path)
        if before is not None and at(result, path[:-1]) is not None:
            put(result, path, copy.deepcopy(before))
        elif before is None and at(result, path) is not None and at(old, path[:-1]) is not None:
            take_out(result, path)
    return result
