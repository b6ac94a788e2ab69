"""People who do what an error says, to the letter."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import exceptions, invariants
from .engine import Entry, Outcome, plain
from .histories import ELSEWHERE, HOME, MOVED, PROVIDERS, Run
from .invariants import DEFAULTS, Violation, body, differing, is_on_poe
from .program import Declared, canonical, leaves, take_out

if TYPE_CHECKING:
    from .world import Stack, World

_MOST = 14
"""Commands after which there is no way out."""


class Adviser:
    """Finds the way out of a history.

    What only a person knows is looked up in the world: whether a bot is gone, whose it is, where it lies.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.left_in: list[str] = []
        """Bots that are in the program for one more up."""

    def find_the_way_out(self) -> None:
        """For each stack, in turn; what one has is left out of the other's program first."""
        world = self.world
        world.machine.time += 400
        for poe in world.poes.values():
            poe.lag = 0.0
            poe.options.reserve_deleted_handles = 0.0
            poe.options.dropped_fields = ()
        for number, stack in enumerate(world.stacks):
            if not stack.program.bots and not stack.state.entries:
                continue
            self._simplify(number, stack)
            self._part(stack)
            self._solve(number, stack)

    def _simplify(self, number: int, stack: Stack) -> None:
        """People take out what is meant to hinder them, and what can't be: protection, and a handle declared twice."""
        bots: dict[str, Declared] = {}
        seen: set[str] = set()
        others = {
            canonical(bot.handle)
            for other in self.world.stacks
            if other is not stack
            for bot in other.program.bots.values()
        }
        for name, bot in stack.program.bots.items():
            handle = canonical(bot.handle)
            if handle in seen or (number and handle in others):
                continue
            seen.add(handle)
            bots[name] = replace(bot, protect=False, replaced_on=(), late=(), ignored=())
        stack.program = replace(stack.program, bots=bots)
        entries = tuple(replace(entry, protect=False) for entry in stack.state.entries)
        stack.state = replace(stack.state, entries=entries)

    def _part(self, stack: Stack) -> None:
        """Where one provider has bots in two accounts or at two addresses, no setting fits all: people part them."""
        poes: list[Any] = []
        accounts: dict[str | None, str] = {}
        kept = []
        for entry in stack.state.entries:
            # Also where its own bot is gone, and another of that handle there.
            where = stack.where.get((entry.name, canonical(entry.id)))
            owner = None if where is None else where[0].owner(entry.id)
            if where is None or owner is None:
                kept.append(entry)
            elif (poes and poes[0] is not where[0]) or accounts.setdefault(entry.provider, owner) != owner:
                self.world.exceptions.note(exceptions.PARTED)
            else:
                poes.append(where[0])
                kept.append(entry)
        stack.state = replace(stack.state, entries=tuple(kept))

    def _solve(self, number: int, stack: Stack) -> None:
        """A refresh, an up, a refresh and a preview; after each error what it says, and on."""
        environment: dict[str, str] = {}
        commands = ["refresh", "up", "refresh", "up"]
        said: list[str] = []
        for _ in range(_MOST):
            outcome = self._run(number, commands[0], environment)
            if not outcome.failed:
                environment = {}
                if commands[0] == "up" and self.left_in:
                    for name in self.left_in:
                        stack.program = stack.program.without_bot(name)
                    self.left_in.clear()
                    continue
                del commands[0]
                if not commands:
                    break
                continue
            self._part(stack)
            advice = self._advice(stack, outcome)
            # What was said for a run that failed is said again.
            environment = {**environment, **advice.environment}
            said = [*outcome.errors, *(f"{name}: {reason}" for name, reason in outcome.failures), *outcome.refusals]
            if advice.needs_refresh:
                self._run(number, "refresh", environment)
            if advice.needs_up and commands[0] == "refresh":
                commands.insert(0, "up")
            elif not advice.said and commands[0] == "refresh" and len(commands) == 4:
                del commands[0]  # people go on
        else:
            raise Violation(invariants.WAY_OUT, "after all advice: " + " | ".join(said))
        self._require_all_is_well(number, stack)

    def _run(self, number: int, command: str, environment: dict[str, str]) -> Outcome:
        outcome = self.world.do(Run(command, environment=tuple(environment.items()), stack=number))
        assert outcome is not None
        return outcome

    def _require_all_is_well(self, number: int, stack: Stack) -> None:
        world = self.world
        poe = world.poes[stack.address]
        for name, bot in stack.program.bots.items():
            account = stack.account if bot.provider is None else PROVIDERS[bot.provider]
            missing = is_on_poe(poe, bot, account)
            entry = stack.state.live(name)
            if entry is None:
                raise Violation(invariants.WAY_OUT, f"{name} is in no state")
            unlike = differing(body(bot.properties), body(plain(entry.outputs)))
            if unlike:
                raise Violation(invariants.WAY_OUT, f"the state of {name} is not the program: {unlike}")
            if missing == ["api_bot_settings.api_key"]:
                world.exceptions.note(exceptions.KEY)
            elif missing:
                raise Violation(invariants.WAY_OUT, f"Poe lacks {missing} of {name}: {poe.bot(bot.handle)}")
        self._require_no_plan(number, "after the last up")
        outcome = self._run(number, "refresh", {})
        changed = [step for step in outcome.steps if step.operation in ("changed", "gone")]
        if outcome.failed or changed:
            raise Violation(invariants.WAY_OUT, f"the refresh changes {changed} {outcome.errors}")
        self._require_no_plan(number, "after the last refresh")

    def _require_no_plan(self, number: int, when: str) -> None:
        outcome = self._run(number, "preview", {})
        if outcome.failed or outcome.steps:
            raise Violation(
                invariants.WAY_OUT, f"the preview {when} plans {outcome.steps} {outcome.errors} {outcome.failures}"
            )

    # --- advice -------------------------------------------------------------------------------------

    def _advice(self, stack: Stack, outcome: Outcome) -> _Advice:
        advice = _Advice()
        for name, reason in outcome.failures:
            self._follow(stack, reason, self._of_handle(stack, reason) or name, advice)
        for error in outcome.errors:
            failed = next((call.name for call in outcome.calls if call.error and call.error in error), None)
            self._follow(stack, error, self._of_handle(stack, error), advice, failed)
        return advice

    def _of_handle(self, stack: Stack, text: str) -> str | None:
        found = re.match(r"\w+ bot '([^']*)'", text.strip())
        if found is None:
            return None
        handle = canonical(found[1])
        return next((name for name, bot in stack.program.bots.items() if canonical(bot.handle) == handle), None)

    def _follow(self, stack: Stack, text: str, name: str | None, advice: _Advice, failed: str | None = None) -> None:
        """The first piece of advice whose condition is true.

        :param name: the resource that declares the bot.
        :param failed: the resource of which the engine shows the error.
        """
        of = failed or name
        world = self.world
        bot = stack.program.bots.get(name) if name is not None else None
        is_left = bot is None or of not in stack.program.bots
        named = re.match(r"\w+ bot '([^']*)'", text.strip())
        where = self._where(stack, named[1]) if named is not None else None
        found = re.search(r"POE_MISSING_IS_GONE=(\S+)", text)
        accept = re.search(r"POE_ACCEPT_ADDRESS=(\S+)", text)
        if "the state has it at another address" in text and found is not None:
            self._let_have(stack, text, found[1], advice)
        elif found is not None and all(self._is_gone(stack, handle, of) for handle in found[1].split(",")):
            advice.add("POE_MISSING_IS_GONE", found[1])
        elif accept is not None and where is not None and where is not world.poes[stack.address]:
            stack.address = next(url for url in (HOME, ELSEWHERE, MOVED) if world.poes[url] is where)
            advice.said.append(f"address {stack.address}")
        elif accept is not None and where is world.poes[accept[1]]:
            advice.add("POE_ACCEPT_ADDRESS", accept[1])
        elif accept is not None and is_left and self._is_declared_nowhere(stack, named, of):
            assert named is not None
            self._leave_in(stack, named[1], of, advice)
        elif accept is not None:
            # The address is right, and was not used: refresh and destroy use the settings of the last up.
            advice.said.append("up")
            advice.needs_up = True
        elif re.search("leave delete_before_replace out|Set delete_before_replace=False", text) and named is not None:
            for leaver, other in stack.program.bots.items():
                entries = (stack.state.live(each) for each in (leaver, *other.aliases))
                if any(entry is not None and canonical(entry.id) == canonical(named[1]) for entry in entries):
                    stack.program = stack.program.with_bot(leaver, replace(other, deleted_first=False))
                    advice.said.append(f"not deleted first {leaver}")
        elif "Use that key" in text or "use the one that last saw the bot" in text or "go back to its provider" in text:
            self._use_the_key_of(stack, text, bot, name, advice)
        elif "aliases=[" in text and bot is not None and name is not None and self._old_name(stack, bot) is not None:
            old = self._old_name(stack, bot)
            assert old is not None
            stack.program = stack.program.with_bot(name, replace(bot, aliases=(*bot.aliases, old)))
            advice.said.append(f"alias {old}")
        elif "set adopt=True" in text and bot is not None and name is not None and not bot.adopt:
            stack.program = stack.program.with_bot(name, replace(bot, adopt=True))
            advice.said.append(f"adopt {name}")
        elif (
            ("choose another handle" in text.lower() or "another handle, or" in text or "Choose another" in text)
            and bot is not None
            and name is not None
        ):
            self._choose_another_handle(stack, name, bot, advice)
        elif "Declare api_bot_settings.api_key" in text and bot is not None and name is not None:
            settings = {**bot.properties.get("api_bot_settings", {}), "api_key": "sk-canary-rotated-41c2"}
            properties = {**bot.properties, "api_bot_settings": settings}
            stack.program = stack.program.with_bot(name, replace(bot, properties=properties))
            advice.said.append(f"key of {name}")
        elif "remove it on poe.com and refresh" in text and named is not None:
            self._remove_on_poe(stack, named[1], text, advice)
        elif "belongs to another account than the key" in text:
            self._use_the_key_of(stack, text, bot, name, advice)
        elif "have one in it for one more" in text and named is not None and is_left:
            self._leave_in(stack, named[1], of, advice)
        elif "declares the bot" in text and name is not None and bot is not None:
            self._choose_another_handle(stack, name, bot, advice)
        elif "`pulumi up --refresh` sends" in text:
            advice.said.append("refresh")
            advice.needs_refresh = True

    def _choose_another_handle(self, stack: Stack, name: str, bot: Declared, advice: _Advice) -> None:
        self._require_there_is_nothing_to_take_over(stack, bot)
        used = {canonical(each.handle) for each in stack.program.bots.values()}
        poe = self.world.poes[stack.address]
        handle = next(
            f"Free-{number}"
            for number in range(1, 30)
            if canonical(f"Free-{number}") not in used and poe.bot(f"Free-{number}") is None
        )
        properties = {**bot.properties, "handle": handle}
        stack.program = stack.program.with_bot(name, replace(bot, properties=properties))
        advice.said.append(f"handle {handle} of {name}")

    def _require_there_is_nothing_to_take_over(self, stack: Stack, bot: Declared) -> None:
        """A bot that is on Poe just as it is declared, and that no stack has, may be one that this stack has made."""
        poe, handle = self.world.poes[stack.address], canonical(bot.handle)
        found = poe.bot(bot.handle, self._account(stack, bot))
        if found is None or any(
            canonical(entry.id) == handle for each in self.world.stacks for entry in each.state.entries
        ):
            return
        if not differing(leaves({**found, "handle": bot.handle}), {**DEFAULTS, **body(bot.properties)}):
            raise Violation(
                invariants.WAY_OUT, f"the only advice for {bot.handle}, which is as declared, is another handle"
            )

    def _account(self, stack: Stack, bot: Declared) -> str:
        return stack.account if bot.provider is None else PROVIDERS[bot.provider]

    def _remove_on_poe(self, stack: Stack, handle: str, text: str, advice: _Advice) -> None:
        """What only Poe has, and does not take back."""
        found = re.search(r"with what only Poe has: (.*?)\. If Poe", text)
        poe, where = self.world.poes[stack.address], self._where(stack, handle)
        bot = poe.bot(handle)
        if found is None or bot is None or where is not poe:
            return
        for name in found[1].split(", "):
            take_out(bot, tuple(name.split(".")))
        poe.by_hand(str(poe.owner(handle)), handle, bot)
        advice.said.append(f"removed {found[1]} of {handle} on poe.com")

    def _let_have(self, stack: Stack, text: str, handle: str, advice: _Advice) -> None:
        """A resource gets the bot of this address, and the one that it has at another is in no stack."""
        named = re.search(r"the resource '(\w+)'", text)
        entry = None if named is None else stack.state.live(named[1])
        if entry is not None and self.world.is_there(stack, entry):
            entries = tuple(each for each in stack.state.entries if each is not entry)
            stack.state = replace(stack.state, entries=entries)
            self.world.exceptions.note(exceptions.PARTED)
        advice.add("POE_MISSING_IS_GONE", handle)
        advice.needs_refresh = True

    def _use_the_key_of(self, stack: Stack, text: str, bot: Declared | None, name: str | None, advice: _Advice) -> None:
        named = re.search(r"replaces '([^']+)'", text) or re.match(r"\w+ bot '([^']+)'", text.strip())
        # Settings of the last `up` may be of another address than those of today.
        poe = (self._where(stack, named[1]) if named else None) or self.world.poes[stack.address]
        owner = poe.owner(named[1]) if named else None
        entry = next((e for e in stack.state.entries if named and canonical(e.id) == canonical(named[1])), None)
        provider = entry.provider if entry is not None else None
        if owner is None:
            return
        if bot is not None and name is not None and (bot.provider != provider) and entry is not None:
            stack.program = stack.program.with_bot(name, replace(bot, provider=provider))
            advice.said.append(f"provider {provider} of {name}")
        elif provider is None and stack.account != owner:
            stack.account = owner
            advice.said.append(f"account {owner}")
        elif bot is not None and name is not None:
            self._choose_another_handle(stack, name, bot, advice)
        elif entry is not None:
            self._leave_in(stack, entry.id, entry.name, advice)

    def _is_declared_nowhere(self, stack: Stack, named: re.Match[str] | None, name: str | None) -> bool:
        entries = [] if named is None else self._entries(stack, named[1], name)
        return bool(entries) and not any(
            bot.provider == entries[0].provider for bot in stack.program.bots.values()
        )  # fmt: skip

    def _leave_in(self, stack: Stack, handle: str, of: str | None, advice: _Advice) -> None:
        """The program declares it for one more up, so that the state gets the settings of today."""
        entry = self._entries(stack, handle, of)[0]
        name = entry.name
        properties = {key: value for key, value in plain(entry.inputs).items() if not key.startswith("_")}
        declared = {canonical(bot.handle) for bot in stack.program.bots.values()}
        if name in stack.program.bots or canonical(handle) in declared:
            name, properties = "for-one-more-up", {"handle": "For-One-More-Up"}
        stack.program = stack.program.with_bot(name, Declared(properties, provider=entry.provider))
        self.left_in.append(name)
        advice.needs_up = True
        advice.said.append(f"{name} for one more up")

    def _is_gone(self, stack: Stack, handle: str, name: str | None) -> bool:
        """What the person knows: the bot that the state means is on no Poe any more."""
        return not any(self.world.is_there(stack, entry) for entry in self._entries(stack, handle, name))

    def _entries(self, stack: Stack, handle: str, name: str | None) -> list[Entry]:
        """Those with this handle: the one that the resource of this name has, whoever else has one of that handle."""
        entries = [entry for entry in stack.state.entries if canonical(entry.id) == canonical(handle)]
        return [entry for entry in entries if entry.name == name] or entries

    def _old_name(self, stack: Stack, bot: Declared) -> str | None:
        return next(
            (
                entry.name
                for entry in stack.state.entries
                if canonical(entry.id) == canonical(bot.handle)
                and not entry.delete
                and entry.name not in stack.program.bots
                and not any(entry.name in other.aliases for other in stack.program.bots.values())
            ),
            None,
        )

    def _where(self, stack: Stack, handle: str) -> Any:
        """The Poe that has the bot which the state means."""
        for entry in stack.state.entries:
            if canonical(entry.id) == canonical(handle) and self.world.is_there(stack, entry):
                return stack.where[entry.name, canonical(entry.id)][0]
        return None


class _Advice:
    """What an outcome tells people to do."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.environment: dict[str, str] = {}
        self.needs_up = False
        self.needs_refresh = False

    def add(self, variable: str, value: str) -> None:
        self.said.append(f"{variable}={value}")
        before = self.environment.get(variable)
        self.environment[variable] = f"{before},{value}" if before and variable == "POE_MISSING_IS_GONE" else value
