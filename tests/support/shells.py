"""The two shells that a bot's life is lived in, so that what holds in both is written once.

A test writes its program in Python. For the native plugin the program is run here, with names that note what it
declares, and written as YAML. What the CLI prints and what the state has is read by Poe's names in either, so that
the same is expected of both. That the native shell spells everything as its users do has tests of its own.
"""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import pulumi_poe
from pulumi_poe import spelling
from pulumi_poe.tokens import BOT_TYPE, ENDPOINT_TYPE, NATIVE_BOT_TYPE, NATIVE_ENDPOINT_TYPE
from tests.poes_names import in_poes_names

ROOT = Path(__file__).parents[2]
HEAD = """
import pulumi
import pulumi_poe
from pulumi_poe import Bot
"""

Bag = dict[str, Any]


class Shell(Protocol):
    """How a program is written, and how what comes of it is read."""

    name: str
    bot_type: str
    """What a bot is in the state."""

    endpoint_type: str
    """What an endpoint is there."""

    runtime: str
    """That of the project."""

    def write(self, folder: Path, text: str, environment: Mapping[str, str]) -> None:
        """Write a program, in Python, into the project's folder.

        :param environment: that of the commands that will run it.
        """

    def path(self) -> list[str]:
        """What has to be on PATH, beside the CLI."""

    def read(self, output: str) -> str:
        """What the CLI printed, by Poe's names."""

    def bag(self, properties: Bag, type_: str = NATIVE_BOT_TYPE) -> Bag:
        """What the state has of a bot, or of another type, by Poe's names."""


class Dynamic:
    """Python's dynamic provider."""

    name = "dynamic"
    bot_type = BOT_TYPE
    endpoint_type = ENDPOINT_TYPE
    runtime = "python"

    def write(self, folder: Path, text: str, environment: Mapping[str, str]) -> None:
        """See :class:`Shell`. The program runs later, in that environment."""
        del environment
        (folder / "__main__.py").write_text(HEAD + textwrap.dedent(text))

    def path(self) -> list[str]:
        """See :class:`Shell`."""
        return []

    def read(self, output: str) -> str:
        """See :class:`Shell`."""
        return output

    def bag(self, properties: Bag, type_: str = NATIVE_BOT_TYPE) -> Bag:
        """See :class:`Shell`."""
        del type_
        return properties


class Native:
    """The native plugin, with programs in YAML.

    :param yaml_host: the folder of Pulumi's language host for YAML.
    """

    name = "native"
    bot_type = NATIVE_BOT_TYPE
    endpoint_type = NATIVE_ENDPOINT_TYPE
    runtime = "yaml"

    def __init__(self, yaml_host: Path) -> None:
        self._yaml_host = yaml_host

    def write(self, folder: Path, text: str, environment: Mapping[str, str]) -> None:
        """See :class:`Shell`. YAML takes JSON."""
        project = folder / "Pulumi.yaml"
        name = re.findall(r"^\W*name\W+([\w-]+)", project.read_text(), flags=re.MULTILINE)[0]
        plugins = {"providers": [{"name": "poe", "path": str(shim(folder / "plugin"))}]}
        whole = {"name": name, "runtime": "yaml", "plugins": plugins, **in_yaml(text, environment)}
        project.write_text(json.dumps(whole, indent=2))

    def path(self) -> list[str]:
        """See :class:`Shell`."""
        return [str(self._yaml_host)]

    def read(self, output: str) -> str:
        """See :class:`Shell`."""
        return in_poes_names(output).replace("warning: bot ", "WARNING: bot ").replace("getBot", "get_bot")

    def bag(self, properties: Bag, type_: str = NATIVE_BOT_TYPE) -> Bag:
        """See :class:`Shell`."""
        return spelling.to_poe(properties, type_)


def shim(folder: Path) -> Path:
    """A folder with the plugin under the name by which the engine looks for it."""
    folder.mkdir(exist_ok=True)
    command = folder / "pulumi-resource-poe"
    command.write_text(
        f"#!/bin/sh\nPYTHONPATH='{ROOT}':\"$PYTHONPATH\" exec '{sys.executable}' -m pulumi_poe.native \"$@\"\n"
    )
    command.chmod(0o755)
    return folder


# --- a program in Python, as YAML -------------------------------------------------------------------


class NotInYamlError(Exception):
    """The program says what no program in YAML can, so that its test is the dynamic shell's alone."""


@dataclass
class _Declared:
    """What a program has declared so far, as the sections of Pulumi.yaml."""

    resources: Bag = field(default_factory=dict)
    config: Bag = field(default_factory=dict)
    variables: Bag = field(default_factory=dict)
    outputs: Bag = field(default_factory=dict)

    def sections(self) -> Bag:
        """Those that are not empty."""
        return {name: value for name, value in vars(self).items() if value or name == "resources"}


@dataclass(frozen=True)
class _Reference:
    """What is only known when the program runs."""

    expression: str

    def __getattr__(self, name: str) -> _Reference:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Reference(f"{self.expression}.{spelling.camel_case(name)}")

    def __getitem__(self, key: Any) -> _Reference:
        return _Reference(f"{self.expression}[{json.dumps(key)}]")


@dataclass(frozen=True)
class _Secret:
    value: Any

    def apply(self, change: Callable[[Any], Any]) -> _Secret:
        """A secret that was made of this one."""
        return _Secret(change(self.value))


@dataclass(frozen=True)
class _Known:
    value: Any

    def apply(self, change: Callable[[Any], Any]) -> _Known:
        """What is made of it."""
        return _Known(change(self.value))


@dataclass(frozen=True)
class _Joined:
    """A text that is joined from others, some of which are only known when the program runs."""

    text: str


def in_yaml(text: str, environment: Mapping[str, str] = {}) -> Bag:
    """The sections of Pulumi.yaml that declare what a program in Python declares.

    :param environment: in which it runs.

    >>> in_yaml('Bot("live", handle="Live-Bot")')["resources"]
    {'r0': {'type': 'poe:Bot', 'name': 'live', 'properties': {'handle': 'Live-Bot'}}}
    :raises NotInYamlError: if no program in YAML could.
    """
    declared = _Declared()
    bot = _declares(declared, "poe:Bot", spelling.to_pulumi)
    endpoint = _declares(declared, "poe:Endpoint", lambda bag: spelling.to_pulumi(bag, NATIVE_ENDPOINT_TYPE))
    provider = _declares(
        declared, "pulumi:providers:poe", lambda bag: {spelling.camel_case(k): v for k, v in bag.items()}
    )
    poe = _Names(pulumi_poe, Bot=bot, Endpoint=endpoint, Provider=provider, **_functions(declared))
    engine = _Names(None, **_pulumi(declared))
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        program = {"__name__": "__main__", "pulumi": engine, "pulumi_poe": poe, "Bot": bot}
        exec(textwrap.dedent(text), program)  # noqa: S102 -- a test's own program
    finally:
        os.environ.clear()
        os.environ.update(before)
    return declared.sections()


class _Names:
    """A module of which some names are ours."""

    def __init__(self, module: Any, **ours: Any) -> None:
        self.__dict__.update(ours)
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if self._module is None:
            raise NotInYamlError(f"pulumi.{name}")
        return getattr(self._module, name)


def _declares(declared: _Declared, token: str, spelt: Callable[[Bag], Bag]) -> Callable[..., _Reference]:
    def resource(name: str, opts: Bag | None = None, **properties: Any) -> _Reference:
        key = f"r{len(declared.resources)}"
        given = {one: _value(value) for one, value in properties.items() if value is not None}
        whole = {"type": token, "name": name, "properties": spelt(given)}
        declared.resources[key] = {**whole, **({"options": opts} if opts else {})}
        return _Reference(key)

    return resource


def _functions(declared: _Declared) -> Bag:
    def invoke(function: str, arguments: Bag, options: Bag | None) -> _Reference:
        key = f"v{len(declared.variables)}"
        given = {name: _value(value) for name, value in arguments.items() if value is not None}
        declared.variables[key] = {
            "fn::invoke": {"function": function, "arguments": given, **({"options": options} if options else {})}
        }
        return _Reference(key)

    def get_bot(handle: Any, opts: Bag | None = None) -> _Reference:
        return invoke("poe:getBot", {"handle": handle}, opts)

    def get_bots(prefix: Any = None, *, private: Any = None, opts: Bag | None = None) -> _Reference:
        return invoke("poe:getBots", {"prefix": prefix, "private": private}, opts)

    return {"get_bot": get_bot, "get_bots": get_bots, "get_bot_output": get_bot, "get_bots_output": get_bots}


def _pulumi(declared: _Declared) -> Bag:
    def export(name: str, value: Any) -> None:
        declared.outputs[name] = _value(value)

    def config(key: str, *, secret: bool) -> _Reference:
        declared.config[key] = {"type": "string", "secret": secret}
        return _Reference(key)

    settings = SimpleNamespace(
        require=lambda key: config(key, secret=False), require_secret=lambda key: config(key, secret=True)
    )
    output = SimpleNamespace(
        secret=_Secret, from_input=_Known, concat=lambda *parts: _Joined("".join(str(_value(part)) for part in parts))
    )
    return {
        "ResourceOptions": _options,
        "InvokeOptions": _options,
        "InvokeOutputOptions": _options,
        "Alias": lambda **said: {spelling.camel_case(name): value for name, value in said.items()},
        "CustomTimeouts": lambda **said: said,
        "Output": output,
        "Config": lambda: settings,
        "export": export,
    }


def _options(**given: Any) -> Bag:
    options = {name: value for name, value in given.items() if value is not None}
    known = {
        "aliases", "custom_timeouts", "delete_before_replace", "depends_on", "ignore_changes", "import_", "protect",
        "provider", "replace_on_changes", "retain_on_delete",
    }  # fmt: skip
    if options.keys() - known:
        raise NotInYamlError(f"the options {sorted(options.keys() - known)}")
    for name in {"ignore_changes", "replace_on_changes"} & options.keys():
        options[name] = [".".join(map(spelling.camel_case, path.split("."))) for path in options[name]]
    return {spelling.camel_case(name.rstrip("_")): _value(value) for name, value in options.items()}


def _value(value: Any) -> Any:
    """A value as YAML has it."""
    if isinstance(value, _Reference):
        return f"${{{value.expression}}}"
    if isinstance(value, _Secret):
        return {"fn::secret": _value(value.value)}
    if isinstance(value, _Known):
        return _value(value.value)
    if isinstance(value, _Joined):
        return value.text
    if isinstance(value, Mapping):
        return {name: _value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str):
        return value.replace("${", "$${")
    if value is None or isinstance(value, bool | int | float):
        return value
    raise NotInYamlError(f"a value of the type {type(value).__name__}")
