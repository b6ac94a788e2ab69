"""``python -m tests.simulation.earlier``: the same histories, against the package of an earlier commit.

At the first release they find by themselves the six faults that ``first_faults`` describes.

The commit is unpacked into a temporary folder, and a process of its own has that package in place of today's. What did
not exist then is left out: Providers, ``core.machine`` and the journal of a run. The local Poe is today's.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .histories import History
    from .invariants import Violation
    from .world import World

HERE = Path(__file__).parents[2]
FIRST_RELEASE = "a6e53c5"


# --- another package in the place of today's ----------------------------------------------------------


def put_in_place(folder: Path) -> None:
    """From now on ``pulumi_poe`` is that of the folder, but for the local Poe, and for what the simulation needs."""
    sys.path.insert(0, str(folder))
    import_module("pulumi_poe.core")
    _load_todays("pulumi_poe.emulator", "emulator/__init__.py")
    if not (folder / "pulumi_poe/core/machine.py").exists():
        _load_todays("pulumi_poe.core.machine", "core/machine.py")
    _load_todays("pulumi_poe.core.values", "core/values/__init__.py")
    for name in ("httpx", "pydantic", "pulumi.dynamic", "tenacity", "tenacity.nap"):
        import_module(name)  # with the real clock
    with _machine_as_modules():
        for name in ("pacing", "client", "connection", "registry", "snapshot", "lifecycle", "account"):
            import_module(f"pulumi_poe.core.{name}")
    vars(import_module("tenacity.nap"))["time"] = _TIME
    vars(import_module("pulumi_poe.core.client"))["httpx"] = _HttpxOnTheLine()
    for todays, earlier in _IN_ONE_ROOM.items():
        sys.modules[f"pulumi_poe.core.{todays}"] = import_module(f"pulumi_poe.core.{earlier}")
    # It was called so then, and not there at first.
    existing = import_module("pulumi_poe.core.existing").Existing
    existing.handle_mistakes = property(lambda bot: getattr(bot, "handle_faults", []))
    account = import_module("pulumi_poe.core.account").Account
    vars(sys.modules["pulumi_poe.core.lifecycle"])["Operations"] = None
    _stand_in("pulumi_poe.core.lifecycle.session", Session=None)
    _stand_in(
        "pulumi_poe.core.lifecycle.record",
        recorded_as_seen=lambda settings, declared: account(settings).recorded(declared),
    )


def _stand_in(name: str, **holds: Any) -> None:
    sys.modules[name] = ModuleType(name)
    vars(sys.modules[name]).update(holds)


_IN_ONE_ROOM = {
    "bot.declaring": "existing",
    "lifecycle.operations": "lifecycle",
    "lifecycle.registry": "registry",
    "poe.settings": "settings",
}
"""What the simulation uses of the package, and what it was called when the core was one folder."""


def _load_todays(name: str, path: str) -> None:
    place = HERE / "pulumi_poe" / path
    folders = [str(place.parent)] if place.name == "__init__.py" else None
    spec = spec_from_file_location(name, place, submodule_search_locations=folders)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    package, _, last = name.rpartition(".")
    setattr(sys.modules[package], last, module)


def _machine() -> Any:
    return sys.modules["pulumi_poe.core.machine"]


class _Future:
    """``concurrent.futures.Future``, as far as it was used."""

    def __init__(self) -> None:
        self._event = _machine().event()
        self._error: BaseException | None = None

    def __class_getitem__(cls, _: Any) -> type[_Future]:
        return cls

    def set_result(self, _: None) -> None:
        self._event.set()

    def set_exception(self, error: BaseException) -> None:
        self._error = error
        self._event.set()

    def result(self) -> None:
        self._event.wait()
        if self._error is not None:
            raise self._error


_TIME = SimpleNamespace(
    monotonic=lambda: _machine().monotonic(),
    sleep=lambda seconds: _machine().sleep(seconds),
)
_THREADING = SimpleNamespace(Lock=lambda: _machine().lock(), local=threading.local)


@contextmanager
def _machine_as_modules() -> Iterator[None]:
    """Modules that are imported in the block find the machine's clock and locks where they look for Python's."""
    instead: Mapping[str, Any] = {
        "time": _TIME,
        "threading": _THREADING,
        "concurrent.futures": SimpleNamespace(Future=_Future),
    }
    before = {name: import_module(name) for name in instead}
    sys.modules.update(instead)
    try:
        yield
    finally:
        sys.modules.update(before)


_made: list[World] = []


class _HttpxOnTheLine(ModuleType):
    """httpx, whose clients reach Poe by the line of the command that runs."""

    line: Any = None

    def __init__(self) -> None:
        super().__init__("httpx")

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module("httpx"), name)

    def Client(self, **settings: Any) -> Any:  # noqa: N802 -- as httpx calls it
        settings.pop("verify", None)
        return import_module("httpx").Client(**settings, transport=_HttpxOnTheLine.line)


def _lifecycle(settings: Any, journal: Any, line: Any) -> Any:
    """What a plugin process had then. One command runs at a time."""
    del journal
    _HttpxOnTheLine.line = line
    return import_module("pulumi_poe.core.lifecycle").Lifecycle(settings)


def world() -> World:
    """With the package that was put in place. One for all."""
    if _made:
        return _made[0]
    from . import engine, program
    from .world import World

    vars(engine)["BotProvider"] = _with_marks(vars(engine)["BotProvider"])
    todays_inputs = program.Program.inputs

    def inputs(self: program.Program, name: str, *, preview: bool) -> dict[str, Any]:
        shown = todays_inputs(self, name, preview=preview)
        properties = {key: value for key, value in shown.items() if not key.startswith("_")}
        number = list(self.bots).index(name) + 1
        first = {"__delete_before_replace": True} if self.bots[name].deleted_first else {}
        return {**properties, "__resource": f"{name!r} (bot {number} of the program)", **first}

    program.Program.inputs = inputs  # type: ignore[method-assign]  # for as long as the process lives
    _made.append(World(make=_lifecycle))
    return _made[0]


def _with_marks(provider: Any) -> Any:
    """The endpoint's key was marked by the program's Bot alone, and the engine carried the mark on."""
    from pulumi.dynamic import CheckResult, CreateResult, ReadResult, UpdateResult

    from .engine import SECRET, SIGNATURE

    def marked(bag: Any) -> Any:
        settings = bag.get("api_bot_settings")
        if not isinstance(settings, dict) or not isinstance(settings.get("api_key"), str):
            return bag
        key = {SIGNATURE: SECRET, "value": settings["api_key"]}
        return {**bag, "api_bot_settings": {**settings, "api_key": key}}

    class Marking(provider):  # type: ignore[misc]  # whichever was put in place
        def check(self, olds: Any, news: Any) -> CheckResult:
            found = super().check(olds, news)
            return CheckResult(marked(found.inputs), found.failures)

        def create(self, props: Any) -> CreateResult:
            created = super().create(props)
            return CreateResult(created.id, marked(created.outs))

        def read(self, id_: str, props: Any) -> ReadResult:
            found = super().read(id_, props)
            return found if found.id is None else ReadResult(found.id, marked(found.outs), marked(found.inputs))

        def update(self, id_: str, olds: Any, news: Any) -> UpdateResult:
            return UpdateResult(marked(super().update(id_, olds, news).outs))

    return Marking


def without_what_did_not_exist(history: History) -> History:
    """Without Providers."""
    from .histories import Declare, Set

    commands = [
        replace(command, options=tuple(option for option in command.options if option[0] != "provider"))
        if isinstance(command, Declare)
        else command
        for command in history.commands
        if not (isinstance(command, Set) and command.option == "provider")
    ]
    return replace(history, commands=tuple(commands))


# --- the search ---------------------------------------------------------------------------------------


def fault_of(found: Violation, there: World) -> str | None:
    """Which of the faults that were known of the first release this is."""
    from . import invariants

    what = str(found)
    last = next((told.outcome for told in reversed(there.trace) if told.outcome is not None), None)
    log = [] if last is None else [text for _, text in last.log]
    has_waited = any("because of Poe's limit of requests" in text for text in log)
    is_kept = any("is kept: another resource" in text for text in log)
    if found.invariant == invariants.FORGOTTEN:
        if "the state lost" in what and is_kept:
            return "A"
        if "a bot that the program declares was deleted" in what:
            bots = [bot for stack in there.stacks for bot in stack.program.bots.values()]
            return "B" if any(bot.deleted_first for bot in bots) and any(bot.adopt for bot in bots) else None
        if "and did not replace it" in what and "replaces" in what:
            return "C"
    if found.invariant == invariants.WAY_OUT and "which is as declared" in what:
        return "D"
    if found.invariant == invariants.ERRORS and "it does not say what to do: create" in what:
        # Not a 404 that was a fault on the way.
        return "E" if "does not exist" in what else None
    if found.invariant == invariants.ONE and "a POST over a bot that was there" in what:
        return "F"
    changed = re.search(r"changed ([\w.]+), which was not shown: PATCH", what)
    if found.invariant == invariants.SHOWN and changed is not None and has_waited:
        declared = {
            ".".join(path)
            for stack in there.stacks
            for bot in stack.program.bots.values()
            for path in invariants.body(bot.properties)
        }
        return None if changed[1] in declared else "F"
    return None


def _is(fault: str, there: World, found: Violation) -> bool:
    return fault_of(found, there) == fault


def _search(seeds: range, letters: set[str], *, shows: bool) -> set[str]:
    """Histories from seeds, until each of the faults was found or the seeds are used up. The letters of those found."""
    from .histories import history
    from .shorter import shortest, violation

    there = world()
    first: dict[str, int] = {}
    others: Counter[str] = Counter()
    ran = 0
    for seed in seeds:
        if letters <= first.keys():
            break
        ran += 1
        shown = without_what_did_not_exist(history(seed))
        found = violation(shown, there)
        if found is None:
            continue
        fault = fault_of(found, there)
        if fault is None:
            others[found.invariant] += 1
        elif fault not in first:
            first[fault] = seed
            print(f"{fault}: SEED={seed}: {str(found)[:200]}", flush=True)
            if shows:
                print(shortest(shown, there, partial(_is, fault, there)), flush=True)
    print(f"{ran} histories, seeds {seeds.start} to {seeds.start + ran - 1}; beside these: {dict(others)}")
    return set(first)


def _shown_by_the_shortest() -> set[str]:
    """The known faults that their shortest histories show, each by the promise that it breaks."""
    from .first_faults import FAULTS
    from .shorter import violation

    there = world()
    shown = set()
    for letter, (history, invariant) in FAULTS.items():
        found = violation(history, there)
        print(f"{letter}, the shortest history: {str(found)[:160]}")
        if found is not None and found.invariant == invariant:
            shown.add(letter)
    return shown


def main(arguments: list[str]) -> int:
    """Unpack the commit, and look in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.earlier", description=__doc__)
    parser.add_argument("commit", nargs="?", default=FIRST_RELEASE)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--histories", type=int, default=20000)
    parser.add_argument("--faults", default="ABCDEF", help="the letters of those that are looked for; by default all")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--shortest", action="store_true", help="show the shortest history with each fault")
    given = parser.parse_args(arguments)
    if given.folder is not None:
        put_in_place(given.folder)
        letters = set(given.faults)
        missing = letters - _shown_by_the_shortest()
        missing |= letters - _search(range(given.seed, given.seed + given.histories), letters, shows=given.shortest)
        print(f"Not found: {', '.join(sorted(missing))}." if missing else "All were found.")
        return bool(missing)
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "archive", given.commit, "pulumi_poe"], cwd=HERE, check=True, capture_output=True
        )
        subprocess.run(["tar", "x", "-C", folder], input=archive.stdout, check=True)
        return subprocess.run(
            [sys.executable, "-m", "tests.simulation.earlier", *arguments, "--folder", folder], cwd=HERE
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
