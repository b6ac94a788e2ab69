"""The text of ``bots.py``: the program that declares existing bots as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.bot import comparing
from ..core.bot.declaring import Existing
from ..core.values.trees import at, without_none
from . import builders
from .names import (
    RESERVED,
    Names,
    name_of_host,
    resource_name,
    variable_name,
)
from .python_source import (
    Call,
    Code,
    comment,
    evaluated,
    functions_in,
    statement,
)


@dataclass(frozen=True)
class ImportedBot:
    """A bot of the program.

    :param name: its resource's name.
    :param declared: what the program declares of it.
    :param protect: neither the engine nor a mistake is to delete it.
    """

    name: str
    declared: dict[str, Any]
    protect: bool


@dataclass(frozen=True)
class Program:
    """A whole program.

    :param text: the module.
    :param bots: the bots that it declares.
    :param config_keys: for each config key of an endpoint's key, the address of that endpoint, if it has one.
    """

    text: str
    bots: list[ImportedBot] = field(default_factory=list)
    config_keys: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class _EndpointKey:
    config_key: str
    variable: str
    base_url: str | None


def program_of(bots: Iterable[Existing], *, taken: Iterable[str] = ()) -> Program:
    """The program that declares these bots.

    :param bots: the bots.
    :param taken: names of resources that the stack already has.
    """
    bots = list(bots)
    variables, resources = Names(RESERVED), Names(taken)
    keys = _endpoint_keys(bots, variables)
    statements: list[str] = []
    imported: list[ImportedBot] = []
    functions = {"Bot"}
    for bot in bots:
        variable = variables.unique(variable_name(bot.handle), "_")
        name = resources.unique(resource_name(bot.handle), "-")
        written_bot = _Writer(bot, name, variable, keys.get(_base_url(bot)), variables)
        functions |= written_bot.functions
        statements.append(written_bot.text)
        declared = without_none(evaluated(written_bot.arguments))
        imported.append(ImportedBot(name, declared, protect=not bot.is_api_bot))
    head = _head(keys.values(), functions, with_pulumi=bool(keys) or any(bot.protect for bot in imported))
    return Program(
        "\n\n".join([head, *statements]) + "\n", imported, {key.config_key: key.base_url for key in keys.values()}
    )


def _base_url(bot: Existing) -> str | None:
    return at(bot.declared, ("api_bot_settings", "base_url"))  # type: ignore[no-any-return]  # checked to be one


def _has_key(bot: Existing) -> bool:
    """Whether the program offers to set the endpoint's key, which is a change: so the checks must let it pass."""
    return bot.is_api_bot and not bot.handle_mistakes


def _endpoint_keys(bots: list[Existing], variables: Names) -> dict[str | None, _EndpointKey]:
    """A config key for each endpoint: one with 300 bots mostly has one key for them all."""
    addresses = list(dict.fromkeys(_base_url(bot) for bot in bots if _has_key(bot)))
    config_keys = Names()
    keys = {}
    for address in addresses:
        words = name_of_host(address) or ["imported"]  # and no plain `endpointKey`, which a project may have
        keys[address] = _EndpointKey(
            config_keys.unique("endpointKey" + "".join(map(str.capitalize, words)), ""),
            variables.unique("_".join(["endpoint_key", *words]), "_"),
            address,
        )
    return keys


class _Writer:
    """Writes one bot."""

    def __init__(self, bot: Existing, name: str, variable: str, key: _EndpointKey | None, variables: Names) -> None:
        self._parts = [text for text in (_about_what_is_left(bot),) if text]
        self.functions: set[str] = set()
        arguments: dict[str, Any] = dict(bot.declared)
        settings = dict(arguments.pop("api_bot_settings", {}))
        own_controls = arguments.pop("parameter_controls", None)
        if _has_key(bot) and key is not None:
            settings = _with_key(settings, key)
        if "pricing" in settings:
            settings["pricing"] = builders.pricing(settings["pricing"])
        if own_controls is not None:
            own_controls = self._controls(own_controls, settings, variable, variables)
        if settings:
            arguments["api_bot_settings"] = settings
        if own_controls is not None:
            arguments["parameter_controls"] = own_controls
        self.arguments = arguments
        options = {} if bot.is_api_bot else {"opts": Code("pulumi.ResourceOptions(protect=True)")}
        call = Call("Bot", (name,), {**options, **arguments})
        self.functions |= functions_in(call)
        self._parts.append(statement(variable, call, always_split=True))
        self.text = "\n".join(self._parts)

    def _controls(self, wanted: Mapping[str, Any], settings: dict[str, Any], variable: str, variables: Names) -> Any:
        """What stands for the controls; their definitions go into the settings, where they belong together."""
        call = builders.controls(wanted)
        if call is None:
            return wanted
        made = evaluated(call)
        name = variables.unique(f"{variable}_controls", "_")
        self.functions |= functions_in(call)
        self._parts.append(statement(name, call))
        definitions = settings.get("param_definitions")
        if definitions is not None and comparing.same(builders.DEFINITIONS, made.param_definitions, definitions):
            settings["param_definitions"] = Code(f"{name}.param_definitions", made.param_definitions)
        return Code(f"{name}.parameter_controls", made.parameter_controls)


def _with_key(settings: Mapping[str, Any], key: _EndpointKey) -> dict[str, Any]:
    """The settings with the key after the address to which it belongs."""
    order = ["model_name", "base_url", "api_key"]
    whole = {**settings, "api_key": Code(key.variable)}
    return {name: whole[name] for name in sorted(whole, key=lambda name: order.index(name) if name in order else 9)}


def _about_what_is_left(bot: Existing) -> str:
    texts = []
    if bot.unknown:
        names = ", ".join(repr(".".join(path)) for path in bot.unknown)
        texts.append(f"Poe also has {names}, which pulumi-poe does not know. It stays as it is.")
    texts += [
        f"{'.'.join(path)} is not declared, because pulumi-poe would refuse it: {why}. It stays as it is on Poe."
        for path, why in bot.refused
    ]
    texts += [
        f"pulumi-poe will refuse any change of this bot, because its handle {why}." for why in bot.handle_mistakes
    ]
    if not bot.is_api_bot:
        texts.append("This is no API bot. It is protected, so that no `pulumi up` or `destroy` deletes it.")
    return "\n".join(comment(text) for text in texts)


def _head(keys: Iterable[_EndpointKey], functions: set[str], *, with_pulumi: bool) -> str:
    names = ["Bot", *sorted(functions - {"Bot"})]
    line = f"from pulumi_poe import {', '.join(names)}"
    if len(line) > 88:
        line = "from pulumi_poe import (\n" + "".join(f"    {name},\n" for name in names) + ")"
    head = '"""Bots of a Poe account, as `pulumi-poe import` found them. Edit them here from now on."""\n\n'
    head += ("import pulumi\n" if with_pulumi else "") + line
    keys = list(keys)
    if keys:
        head += "\n\nconfig = pulumi.Config()\n\n" + comment(
            "Poe never gives back the key that it shows to an endpoint, so none is here. While no key is set, Poe "
            "keeps the one that it has. Bots of one endpoint share a key; give a bot a variable of its own if its "
            "key is another."
        )
        for key in keys:
            head += "\n" + comment(f"The key of {key.base_url}") if key.base_url else ""
            head += "\n" + statement(key.variable, Call("config.get_secret", (key.config_key,)))
    return head
