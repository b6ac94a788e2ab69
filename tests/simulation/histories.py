"""What people do: the commands of a history, as data, and histories made from a seed.

A command names resources and handles of a small world, and does nothing where they are not there. So any command can be
left out of a history, and what is left is a history too: that is how one is made shorter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from .poe import KINDS, Fault
from .program import Path

NAMES = ("a", "b", "c")
HANDLES = ("Acme-One", "acme_one", "Two", "t.w.o", "Three-Bot", "threebot", "Four")
ACCOUNTS = ("ours", "theirs")
HOME, ELSEWHERE, MOVED = "http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"
"""MOVED is the Poe of HOME at a new address; ELSEWHERE is another Poe."""
PROVIDERS = {"first": "ours", "second": "theirs"}
"""The Providers of each program, and their accounts."""
ENDPOINT_KEYS = ('sk-canary+"7f/3e\\2d=', "sk-canary-rotated-41c2", "sk-canary-third 0a")

_TIERS = [
    [{"min_tokens": 1000, "max_tokens": None, "prompt": "0.000004"}],
    [{"min_tokens": 1000, "max_tokens": 2000, "prompt": "0.000004"}, {"min_tokens": 2000, "completion": "0.00001"}],
]
_CONTROLS = [
    [{"controls": [{"control": "text_field", "label": "Word", "parameter_name": "word"}]}],
    [{"name": "Seed", "controls": [{"control": "number_field", "label": "Seed", "parameter_name": "seed"}]}],
]
VALUES: dict[Path, tuple[Any, ...]] = {
    ("description",): ("first", "second", ""),
    ("is_private",): (True, False),
    ("api_bot_settings", "model_name"): ("model-1", "model-2"),
    ("api_bot_settings", "base_url"): ("https://llm.example.com/v1", "https://llm.example.com/v2"),
    ("api_bot_settings", "api_key"): ENDPOINT_KEYS,
    ("api_bot_settings", "api_type"): ("chat_completions_api", "responses_api"),
    ("api_bot_settings", "context_size"): (4096, 8192),
    ("api_bot_settings", "input_modalities"): (["text"], ["text", "image"], ["image", "text"]),
    ("api_bot_settings", "supported_features"): ([], ["tools"]),
    ("api_bot_settings", "pricing", "prompt"): ("0.000001", "0.0000010", "0.000002"),
    ("api_bot_settings", "pricing", "completion"): ("0.000003", "0.0000030"),
    ("api_bot_settings", "pricing", "context_pricing", "tiers"): tuple(_TIERS),
    ("parameter_controls", "sections"): tuple(_CONTROLS),
    ("extra", "greeting"): ("hello", "good day"),
    ("extra", "nested", "one"): (1, 2),
    ("extra", "nested", "two"): ([], ["x"], None),
}
"""Every leaf that programs and hands set, and what they set it to."""

BY_HAND: tuple[tuple[Path, Any], ...] = (
    (("api_bot_settings", "context_size"), 1),
    (("api_bot_settings", "base_url"), "https://llm.example.com:8443/v1"),
    (("api_bot_settings", "input_modalities"), ["text", "image"]),
    (("parameter_controls", "sections"), _CONTROLS[0]),
    (("description",), "several\nlines"),
)
"""What only hands on poe.com set."""


# --- what people edit -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Declare:
    """Add a bot to the program. ``leaves`` beside the handle."""

    name: str
    handle: str
    leaves: tuple[tuple[Path, Any], ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    stack: int = 0


@dataclass(frozen=True)
class Change:
    """Set a leaf, or take it out (``value`` None)."""

    name: str
    path: Path
    value: Any
    stack: int = 0


@dataclass(frozen=True)
class Rename:
    """Rename a resource in the program."""

    name: str
    to: str
    alias: bool = False
    adopt: bool = False
    stack: int = 0


@dataclass(frozen=True)
class Swap:
    """Two resources change their handles."""

    name: str
    other: str
    adopt: bool = True
    stack: int = 0


@dataclass(frozen=True)
class Remove:
    """Take a bot out of the program."""

    name: str
    stack: int = 0


@dataclass(frozen=True)
class Set:
    """Set an option of a bot: a field of ``Declared``."""

    name: str
    option: str
    value: Any
    stack: int = 0


@dataclass(frozen=True)
class Use:
    """Change the stack's settings."""

    account: str | None = None
    address: str | None = None
    adopt: str | None = None
    stack: int = 0


# --- what else happens ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hand:
    """Somebody on poe.com. ``what`` is create, edit, delete, rename, or takes a leaf out (edit to None)."""

    what: str
    handle: str
    account: str = "ours"
    path: Path = ()
    value: Any = None


@dataclass(frozen=True)
class Rotate:
    """The account has another Poe key from now on, and people put it into the settings."""

    account: str = "ours"


@dataclass(frozen=True)
class Behave:
    """Poe is otherwise than it was, where its reference is silent."""

    option: str
    value: Any


@dataclass(frozen=True)
class Restore:
    """The state of so many commands ago."""

    back: int
    stack: int = 0


@dataclass(frozen=True)
class StateDelete:
    """``pulumi state delete``, or with ``to`` ``pulumi state rename``."""

    name: str
    to: str = ""
    stack: int = 0


# --- commands of the CLI ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """A command of the CLI: preview, up, refresh or destroy.

    :param environment: of this command alone; beside the settings of the stack.
    :param killed_at: the number of a request, ``before`` or ``after`` Poe acts, and who is killed: cli, plugin, both.
    :param cancelled_at: Ctrl-C at this request.
    :param hand: what somebody does at poe.com at this request.
    :param seed: of the order in which threads go on.
    """

    command: str
    refresh: bool = False
    continue_on_error: bool = False
    replaced: tuple[str, ...] = ()
    only: bool = False
    environment: tuple[tuple[str, str], ...] = ()
    faults: tuple[Fault, ...] = ()
    killed_at: tuple[int, str, str] | None = None
    cancelled_at: int | None = None
    hand: tuple[int, str, Hand] | None = None
    seed: int = 0
    stack: int = 0


@dataclass(frozen=True)
class Import:
    """``pulumi-poe import`` of one bot, and its program."""

    name: str
    handle: str
    stack: int = 0


@dataclass(frozen=True)
class History:
    """All that happens.

    :param key_in: where the Poe key is set: ``config`` or ``environment``.
    """

    commands: tuple[Any, ...]
    key_in: str = "config"

    def __str__(self) -> str:
        """As a program that can be pasted into a test."""
        lines = "".join(f"        {command!r},\n" for command in self.commands)
        return f"History(\n    (\n{lines}    ),\n    key_in={self.key_in!r},\n)"


@dataclass
class _Chooser:
    """Chooses what people do next. It knows roughly what they have declared, so that most of it makes sense."""

    random: Random
    declared: dict[tuple[int, str], str] = field(default_factory=dict)
    leaves: dict[tuple[int, str], set[Path]] = field(default_factory=dict)

    def history(self) -> History:
        length = self.random.randint(5, 30)
        commands: list[Any] = []
        if self.random.random() < 0.6:
            commands += [self._behave() for _ in range(self.random.randint(1, 3))]
        has_one_stack = self.random.random() < 0.8
        commands += [self._declare(0), self._run("up", 0, calm=True)]
        while len(commands) < length:
            commands += self._next(0 if has_one_stack else int(self.random.random() < 0.35))
        return History(tuple(commands), "config" if self.random.random() < 0.6 else "environment")

    def _next(self, stack: int) -> list[Any]:
        kind = self.random.choices(
            ("edit", "plot", "run", "hand", "use", "state", "import"), weights=(32, 14, 32, 12, 4, 3, 3)
        )[0]  # fmt: skip
        if kind == "plot":
            return [*self._plot(stack), self._run("up", stack)]
        if kind == "edit":
            edits = [self._edit(stack) for _ in range(self.random.choices((1, 2, 3), weights=(6, 3, 1))[0])]
            return [*edits, self._run("up", stack)] if self.random.random() < 0.7 else edits
        if kind == "run":
            command = self.random.choices(("up", "preview", "refresh", "destroy"), weights=(52, 12, 26, 10))[0]
            # Where nothing has changed nothing is sent, and no fault is met.
            edits = [self._edit(stack)] if command == "up" and self.random.random() < 0.75 else []
            return [*edits, self._run(command, stack)]
        if kind == "hand":
            return [self._hand()]
        if kind == "use":
            return [self._use(stack)]
        if kind == "state":
            return [self._state(stack)]
        return [Import(self._name(), self._handle(), stack)]

    def _name(self) -> str:
        return self.random.choice(NAMES)

    def _handle(self) -> str:
        return self.random.choice(HANDLES)

    def _known(self, stack: int) -> str:
        names = [name for where, name in self.declared if where == stack]
        return self.random.choice(names) if names and self.random.random() < 0.9 else self._name()

    def _leaf(self, stack: int = 0, name: str = "", *, declared: float = 0.0) -> tuple[Path, Any]:
        """Any leaf, or with this probability one that the bot declares."""
        known = sorted(self.leaves.get((stack, name), ()))
        path = self.random.choice(known if known and self.random.random() < declared else list(VALUES))
        return path, self.random.choice(VALUES[path])

    def _declare(self, stack: int) -> Declare:
        name = self._name()
        used = [handle for (where, other), handle in self.declared.items() if where == stack and other != name]
        free = [handle for handle in HANDLES if handle not in used] or list(HANDLES)
        handle = self.random.choice(free)
        paths = self.random.sample(list(VALUES), self.random.randint(0, 7))
        leaves = {path: self.random.choice(VALUES[path]) for path in paths}
        if self.random.random() < 0.8:
            leaves[("api_bot_settings", "api_key")] = self.random.choice(ENDPOINT_KEYS)
        options: list[tuple[str, bool | str]] = []
        if self.random.random() < 0.2:
            options.append(("adopt", True))
        if self.random.random() < 0.12:
            options.append(("provider", self.random.choice(list(PROVIDERS))))
        if self.random.random() < 0.15:
            options.append(("deleted_first", True))
        self.declared[stack, name] = handle
        self.leaves[stack, name] = set(leaves)
        return Declare(name, handle, tuple(leaves.items()), tuple(options), stack)

    def _edit(self, stack: int) -> Any:
        random = self.random
        name = self._known(stack)
        kind = random.choices(
            ("change", "take out", "handle", "declare", "rename", "swap", "remove", "set"),
            weights=(36, 10, 10, 14, 8, 5, 5, 12),
        )[0]
        if kind in ("change", "take out"):
            path, value = self._leaf(stack, name, declared=0.5 if kind == "change" else 0.95)
            known = self.leaves.setdefault((stack, name), set())
            (known.add if kind == "change" else known.discard)(path)
            return Change(name, path, value if kind == "change" else None, stack)
        if kind == "handle":
            handle = self._handle()
            self.declared[stack, name] = handle
            return Change(name, ("handle",), handle, stack)
        if kind == "rename":
            to = self._name()
            return Rename(name, to, alias=random.random() < 0.4, adopt=random.random() < 0.5, stack=stack)
        if kind == "swap":
            return Swap(name, self._known(stack), random.random() < 0.7, stack)
        if kind == "remove":
            self.declared.pop((stack, name), None)
            return Remove(name, stack)
        if kind == "set":
            option, value = random.choice(
                [
                    ("adopt", random.random() < 0.7),
                    ("deleted_first", random.random() < 0.6),
                    ("retain", random.random() < 0.5),
                    ("protect", random.random() < 0.3),
                    ("ignored", tuple(random.sample(list(VALUES), random.randint(0, 2)))),
                    ("replaced_on", random.choice(((), ("description",)))),
                    ("provider", random.choice((None, *PROVIDERS))),
                    ("late", random.choice(((), (("handle",),), (self._leaf()[0],)))),
                ]
            )
            return Set(name, option, value, stack)
        return self._declare(stack)

    def _plot(self, stack: int) -> list[Any]:
        """Several edits that go together, and that single ones would seldom come to."""
        random = self.random
        name = self._known(stack)
        other = random.choice([each for each in NAMES if each != name])
        handle = self.declared.get((stack, name), self._handle())
        spelled = random.choice((handle, handle.lower(), handle.replace("-", "_")))
        kind = random.choice(
            ("hand over", "hand over", "twice", "anew", "gone", "key", "take over", "rename", "meanwhile", "twins")
        )
        if kind == "hand over":
            new = self._handle()
            self.declared[stack, name], self.declared[stack, other] = new, handle
            adopts = random.random() < 0.6
            return [
                self._run("up", stack, calm=True),
                Change(name, ("handle",), new, stack),
                Set(name, "deleted_first", random.random() < 0.75, stack),
                Declare(other, spelled, (self._leaf(), self._leaf()), (("adopt", adopts),), stack),
                Set(other, "late", (("handle",),) if random.random() < 0.45 else (), stack),
                *([Set(other, "provider", random.choice(list(PROVIDERS)), stack)] if random.random() < 0.3 else []),
                self._run("up", stack, calm=random.random() < 0.6),
            ]
        if kind == "twice":
            return [Change(other, ("handle",), spelled, stack)]
        if kind == "anew":
            return [
                Set(name, "replaced_on", ("description",), stack),
                Set(name, "deleted_first", random.random() < 0.7, stack),
                Set(name, "adopt", random.random() < 0.3, stack),
                Change(name, ("description",), random.choice(VALUES[("description",)]), stack),
            ]
        if kind == "gone":
            return [
                *([Rotate("ours")] if random.random() < 0.5 else []),
                *([self._run("refresh", stack)] if random.random() < 0.5 else []),
                Hand("delete", handle),
                *([self._run("refresh", stack)] if random.random() < 0.5 else []),
                Change(name, *self._leaf(stack, name, declared=0.5), stack),
            ]
        if kind == "key":
            where = random.choice(
                (Use(account="theirs", stack=stack), Use(address=random.choice((ELSEWHERE, MOVED)), stack=stack))
            )
            return [
                where,
                Change(name, *self._leaf(stack, name, declared=0.5), stack),
                self._run(random.choice(("up", "refresh", "destroy")), stack),
                Use(account="ours", address=HOME, stack=stack),
            ]
        if kind == "twins":
            # A bot of the same handle at another address, of another stack.
            return [
                Use(address=ELSEWHERE, stack=1 - stack),
                Declare("a", handle, (self._leaf(), self._leaf()), (), 1 - stack),
                self._run("up", 1 - stack, calm=True),
                Use(address=ELSEWHERE, stack=stack),
                random.choice((Remove(name, stack), Change(name, *self._leaf(stack, name, declared=0.5), stack))),
                self._run(random.choice(("up", "up", "refresh", "destroy")), stack, calm=True),
                Use(address=HOME, stack=stack),
            ]
        if kind == "take over":
            free = self._handle()
            self.declared[stack, name] = free
            return [
                Hand("create", free, random.choice(ACCOUNTS), *self._leaf()),
                Declare(name, free, (self._leaf(), self._leaf()), (("adopt", random.random() < 0.5),), stack),
            ]
        if kind == "meanwhile":
            return self._meanwhile(stack, name, handle)
        to = self._name()
        return [Rename(name, to, alias=random.random() < 0.3, adopt=random.random() < 0.6, stack=stack)]

    def _meanwhile(self, stack: int, name: str, handle: str) -> list[Any]:
        """Somebody writes a bot between a run's look at it and its write."""
        random = self.random
        wait = random.choice(("429-told", "429-long", "503-told"))
        what = random.choice(("create", "edit", "delete"))
        edit: Any
        if what == "create":
            handle = self._handle()
            self.declared[stack, name] = handle
            edit = Declare(name, handle, (self._leaf(), self._leaf()), (), stack)
            fault, hand = Fault(wait, 0, 1, "POST"), Hand("create", handle, "ours", *self._leaf())
        else:
            prices = [path for path in VALUES if "pricing" in path]
            mine, other = random.sample(prices, 2)
            edit = Change(name, mine, random.choice(VALUES[mine]), stack)
            fault, hand = Fault(wait, 0, 1, "PATCH"), Hand(what, handle, "ours", other, random.choice(VALUES[other]))
        at = (0, "after") if what == "delete" else random.choice(((0, "after"), (1, "before"), (2, "before")))
        faults = () if what == "delete" else (fault,)
        return [edit, Run("up", faults=faults, hand=(*at, hand), seed=random.randrange(2**32), stack=stack)]

    def _run(self, command: str, stack: int, *, calm: bool = False) -> Run:
        random = self.random
        seed = random.randrange(2**32)
        if calm or random.random() < 0.45:
            return Run(command, seed=seed, stack=stack, refresh=command == "up" and random.random() < 0.1)
        faults: tuple[Fault, ...] = ()
        killed_at = cancelled_at = hand = None
        troubles = {"none": 15, "faults": 38, "kill": 13, "cancel": 8, "hand": 16, "wait": 10}
        trouble = random.choices(list(troubles), weights=list(troubles.values()))[0]
        if trouble == "faults":
            faults = tuple(
                Fault(
                    random.choice(KINDS),
                    random.choices((0, 1, 2, 3), weights=(8, 4, 2, 1))[0],
                    random.choices((1, 2, 100), weights=(7, 2, 2))[0],
                    random.choice((None, None, "GET", "POST", "PATCH", "PUT", "DELETE")),
                )
                for _ in range(random.choices((1, 2, 3), weights=(6, 3, 1))[0])
            )
        elif trouble == "kill":
            who = random.choice(("cli", "plugin", "both", "both"))
            killed_at = (random.randint(0, 4), random.choice(("before", "after")), who)
        elif trouble == "cancel":
            cancelled_at = random.randint(0, 4)
        elif trouble == "hand":
            hand = (random.randint(0, 3), random.choice(("before", "after")), self._hand())
            if random.random() < 0.5:
                faults = (
                    Fault(random.choice(("429-told", "429-long", "503", "timeout-after", "429")), random.randint(0, 2)),
                )
        elif trouble == "wait":
            # Somebody writes the bot while the run waits to be answered.
            kind = random.choice(("429-told", "429-long", "503-told", "timeout"))
            faults = (Fault(kind, 0, 1, random.choice((None, "POST", "PATCH", "PUT", "DELETE"))),)
            hand = (random.randint(0, 1), random.choice(("before", "after")), self._hand(declared=1.0))
        return Run(
            command,
            refresh=command == "up" and random.random() < 0.12,
            continue_on_error=random.random() < 0.2,
            replaced=(self._known(stack),) if command == "up" and random.random() < 0.06 else (),
            only=random.random() < 0.5,
            faults=faults,
            killed_at=killed_at,
            cancelled_at=cancelled_at,
            hand=hand,
            seed=seed,
            stack=stack,
        )

    def _hand(self, *, declared: float = 0.7) -> Hand:
        """Of a bot that the program declares, with this probability, or of any."""
        what = self.random.choices(
            ("create", "edit", "delete", "rename", "take out", "rotate"), weights=(20, 35, 18, 9, 8, 10)
        )[0]  # fmt: skip
        account = "ours" if self.random.random() < 0.8 else "theirs"
        (stack, name), handle = self.random.choice([*self.declared.items(), ((0, ""), self._handle())])
        if self.random.random() > declared:
            handle = self._handle()
        path, value = self._leaf(stack, name, declared=0.5)
        if what == "rename":
            return Hand(what, handle, account, (), self._handle())
        if what == "rotate":
            return Hand("edit", handle, account, ("api_bot_settings", "api_key"), self.random.choice(ENDPOINT_KEYS))
        if what != "take out" and self.random.random() < 0.1:
            path, value = self.random.choice(BY_HAND)
        return Hand(
            "edit" if what == "take out" else what, handle, account, path, None if what == "take out" else value
        )

    def _use(self, stack: int) -> Any:
        random = self.random
        kind = random.choice(("rotate", "account", "address", "back", "adopt"))
        if kind == "rotate":
            return Rotate(random.choice(ACCOUNTS))
        if kind == "account":
            return Use(account=random.choice(ACCOUNTS), stack=stack)
        if kind == "address":
            return Use(address=random.choice((HOME, ELSEWHERE, MOVED)), stack=stack)
        if kind == "back":
            return Use(account="ours", address=HOME, stack=stack)
        return Use(adopt=random.choice(("", "Acme-One", "two,threebot")), stack=stack)

    def _state(self, stack: int) -> Any:
        if self.random.random() < 0.5:
            return Restore(self.random.randint(1, 4), stack)
        return StateDelete(self._name(), self.random.choice(("", self._name())), stack)

    def _behave(self) -> Behave:
        return Behave(
            *self.random.choice(
                [
                    ("patch_merge", "shallow"),
                    ("foreign_post_status", 403),
                    ("foreign_put_status", 403),
                    ("foreign_edit_status", 404),
                    ("materialise_defaults", True),
                    ("normalise_prices", True),
                    ("keep_unknown_fields", "echoed"),
                    ("keep_unknown_fields", "hidden"),
                    ("reserve_deleted_handles", 100.0),
                    ("requests_per_minute", 20),
                    ("retry_after", "date"),
                    ("retry_after", "none"),
                    ("dropped_fields", ("api_bot_settings.context_size",)),
                    ("lag", 3.0),
                    ("lag", 30.0),
                ]
            )
        )


def history(seed: int) -> History:
    """The history of this seed."""
    return _Chooser(Random(seed)).history()
