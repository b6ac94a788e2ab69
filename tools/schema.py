"""Writes pulumi_poe/native/schema.json from the model of a bot: `python -m tools.schema`.

The schema says to Pulumi which resources, functions and settings the native plugin has. Names are Pulumi's camelCase.
What each is for is said by the model and by the docstrings of `Bot`, `Provider` and the functions, without what is only
so for a program in Python.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from pulumi_poe.core.poe.settings import CONFIG_KEYS, LOG_LEVELS
from pulumi_poe.spelling import camel_case, snake_case
from pulumi_poe.tokens import BOT_TYPE, ENDPOINT_TYPE, NATIVE_BOT_TYPE, NATIVE_ENDPOINT_TYPE
from tools import home

ROOT: Final = Path(__file__).parents[1]
MODEL: Final = ROOT / "pulumi_poe/core/bot/model.py"
ENDPOINT: Final = ROOT / "pulumi_poe/core/endpoint/model.py"
PROGRAM: Final = ROOT / "pulumi_poe/program"
SCHEMA: Final = ROOT / "pulumi_poe/native/schema.json"

EXAMPLES: Final = {
    "typescript": ROOT / "examples/native-typescript/index.ts",
    "python": ROOT / "examples/native-python/__main__.py",
    "go": ROOT / "examples/native-go/main.go",
    "yaml": ROOT / "examples/native-yaml/Pulumi.yaml",
}
"""The programs that the documentation of a bot shows, by the languages of its fences. Tests run them."""

Spec = dict[str, Any]

_ANY: Final[Spec] = {"$ref": "pulumi.json#/Any"}
_LEAVES: Final[dict[str, Spec]] = {
    "str": {"type": "string"},
    "bool": {"type": "boolean"},
    "Tokens": {"type": "integer"},
    "Number": {"type": "number"},
    "Price": {"type": "string"},
    "Literal_": {"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]},
    "Json": _ANY,
    "Any": _ANY,
    "Seconds": {"type": "number"},
    "Key": {"type": "string"},
}
"""What each of the model's own types is to Pulumi."""

_SETTINGS: Final[dict[str, Spec]] = {
    "apiKey": {"type": "string", "secret": True},
    "apiUrl": {"type": "string"},
    "attempts": {"type": "integer"},
    "requestsPerMinute": {"type": "integer"},
    "logLevel": {"$ref": "#/types/poe:index:LogLevel"},
    "adopt": {"type": "array", "items": {"type": "string"}},
}
"""The types of the settings; the others are numbers. No default: it would be written into the state, a key too."""

_OF_THE_PLUGIN: Final[dict[str, Spec]] = {
    "handle": {"willReplaceOnChanges": True},
    "apiKey": {"secret": True},
}
"""What is special about some properties. No ``replaceOnChanges``: generated SDKs make the resource option of it, and
the engine would then replace a bot whose handle is only spelt otherwise."""

_OTHERWISE: Final = {
    " or a Decimal": "",
    "None, as of ``config.get_secret()`` without a value, or left out:": "Left out:",
    "None or left out:": "Left out:",
    ", however it is passed": "",
    ", also when it is passed plain": "",
    "with ``adopt=True``": "with ``adopt``",
    "``True``": "``true``",
    "``False``": "``false``",
    "(True)": "(true)",
    "(False)": "(false)",
    "None: no API bot.": "Left out for a bot that is no API bot.",
}
"""Words of a Python program, and what they are in another language."""


def source() -> str:
    """The file as it should be."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> Spec:
    """The schema of the package."""
    model = _Model(ast.parse(MODEL.read_text()))
    project = home.project()
    bot = _docstring(PROGRAM / "bot.py", "Bot")
    declared = model.properties("Bot", _parameters(bot))
    found = _found(model)
    settings = _settings()
    functions: dict[str, Spec] = {
        _token("getBot"): _function(
            "get_bot", {"handle": {"type": "string"}}, ["handle"], found["properties"], found["required"], model
        ),
        _token("getBots"): _function(
            "get_bots",
            {"prefix": {"type": "string"}, "private": {"type": "boolean"}},
            [],
            {
                "bots": {
                    "type": "array",
                    "items": {"$ref": "#/types/poe:index:FoundBot"},
                    "description": "In the order in which Poe lists them.",
                },
                "handles": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Their handles, in the same order.",
                },
            },
            ["bots", "handles"],
            model,
        ),
    }
    return {
        "name": "poe",
        "displayName": "Poe",
        "version": project["version"],
        "description": "Poe API bots: define a bot next to the endpoint that serves it.",
        "keywords": ["pulumi", "poe", "api bot", "category/utility"],
        "license": project["license"],
        **home.in_schema(project),
        "language": {
            "nodejs": {"packageName": "pulumi-poe-native", "respectSchemaVersion": True},
            "python": {
                "packageName": "pulumi_poe_native",
                "respectSchemaVersion": True,
                "pyproject": {"enabled": True},
            },
            "go": {"importBasePath": f"{home.go_path(project)}/sdk/go/poe", "respectSchemaVersion": True},
            "csharp": {"respectSchemaVersion": True},
        },
        "config": {"variables": settings},
        "provider": {
            "description": _said(_docstring(PROGRAM / "account.py", "Provider").partition("\n\n")[0], model.names),
            "inputProperties": settings,
        },
        "types": {
            **model.types(),
            **{token: spec for token, spec in _endpoint().types().items() if token != NATIVE_ENDPOINT_TYPE},
            _token("LogLevel"): _choice(LOG_LEVELS),
            _token("FoundBot"): {"type": "object", "description": "A bot, as Poe has it.", **found},
        },
        "resources": {
            NATIVE_BOT_TYPE: {
                "description": f"{_said(_introduction(bot), model.names)}\n\n{_examples()}",
                "properties": declared,
                "required": ["handle"],
                "inputProperties": {
                    **declared,
                    "adopt": {
                        "type": "boolean",
                        "description": _said(_parameters(bot)["adopt"], model.names),
                    },
                },
                "requiredInputs": ["handle"],
                "listInputs": functions[_token("getBots")]["inputs"],
                "aliases": [{"type": BOT_TYPE}],
            },
            NATIVE_ENDPOINT_TYPE: _endpoint_resource(model.names),
        },
        "functions": functions,
    }


class _Model:
    """The model, as its source has it."""

    def __init__(self, tree: ast.Module) -> None:
        self._classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        self._assigned = {
            ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)
        }
        self.names = {
            name
            for node in self._classes.values()
            for one in node.body
            if isinstance(one, ast.AnnAssign) and "_" in (name := ast.unparse(one.target))
        }

    def types(self) -> dict[str, Spec]:
        """Choices and objects, by their tokens."""
        found: dict[str, Spec] = {}
        for name, value in self._assigned.items():
            if (choices := _choices(ast.unparse(value))) is not None:
                found[_token(name)] = _choice(choices)
        for name, node in self._classes.items():
            if name.startswith("_") or name == "Bot":
                continue
            found[_token(name)] = {
                "type": "object",
                "description": _said(ast.get_docstring(node) or "", self.names),
                "properties": self.properties(name),
                "required": self._required(name),
            }
        return found

    def properties(self, name: str, said: dict[str, str] | None = None) -> dict[str, Spec]:
        """The properties of a class, by Pulumi's names."""
        found: dict[str, Spec] = {}
        for field, docstring in self._fields(name):
            own = ast.unparse(field.target)
            camel = camel_case(own)
            words = _said((said or {}).get(own) or docstring, self.names)
            found[camel] = {
                **self._spec(ast.unparse(field.annotation).removesuffix(" | None")),
                **({"description": words} if words else {}),
                **_OF_THE_PLUGIN.get(camel, {}),
            }
        return found

    def _required(self, name: str) -> list[str]:
        return [camel_case(ast.unparse(field.target)) for field, _ in self._fields(name) if field.value is None]

    def _fields(self, name: str) -> Iterator[tuple[ast.AnnAssign, str]]:
        node = self._classes[name]
        base = ast.unparse(node.bases[0])
        if base != "Object" and base in self._classes:
            yield from self._fields(base)
        for one, after in zip(node.body, [*node.body[1:], None], strict=True):
            if isinstance(one, ast.AnnAssign):
                is_said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                yield one, " ".join(str(after.value.value).split()) if is_said else ""  # type: ignore[union-attr]  # so it is

    def _spec(self, annotation: str) -> Spec:
        if annotation.startswith("list["):
            return {"type": "array", "items": self._spec(annotation.removeprefix("list[").removesuffix("]"))}
        if annotation == "Control":
            return self._controls()
        if annotation.startswith("Literal["):
            (only,) = _choices(annotation) or []
            return {"type": "string", "const": only}
        if annotation.startswith("Annotated[dict["):
            return {"type": "object", "additionalProperties": _ANY}
        return dict(_LEAVES[annotation]) if annotation in _LEAVES else {"$ref": f"#/types/{_token(annotation)}"}

    def _controls(self) -> Spec:
        kinds = {
            only: f"#/types/{_token(name)}"
            for name in self._classes
            for field, _ in self._fields(name)
            if ast.unparse(field.target) == "control"
            for only in _choices(ast.unparse(field.annotation)) or []
        }
        return {
            "oneOf": [{"$ref": place} for place in kinds.values()],
            "discriminator": {"propertyName": "control", "mapping": kinds},
        }


def _endpoint() -> _Model:
    return _Model(ast.parse(ENDPOINT.read_text()))


def _endpoint_resource(names: set[str]) -> Spec:
    docstring = _docstring(PROGRAM / "endpoint.py", "Endpoint")
    model = _endpoint()
    model.names |= names
    declared = model.properties("Endpoint", _parameters(docstring))
    needed = ["baseUrl", "modelName"]
    return {
        "description": _said(_introduction(docstring), model.names),
        "properties": {name: _without_choices(spec) for name, spec in declared.items()},
        "required": needed,
        "inputProperties": declared,
        "requiredInputs": needed,
        "aliases": [{"type": ENDPOINT_TYPE}],
    }


def _without_choices(spec: Spec) -> Spec:
    """The same for an output, of any type where it is one of several words.

    A bot takes it. To Pulumi's YAML host a choice can't be assigned to itself, and to TypeScript a string to none.
    """
    if "items" in spec:
        return {**spec, "items": _without_choices(spec["items"])}
    return {**_ANY, **{key: said for key, said in spec.items() if key != "$ref"}} if "$ref" in spec else spec


def _found(model: _Model) -> Spec:
    """What a function says of a bot."""
    said = {
        ast.unparse(one.target): after.value.value
        for one, after in _pairs(_class(PROGRAM / "functions.py", "GetBotResult"))
    }
    declared = model.properties("Bot")
    properties = {
        camel_case(name): {
            **{
                key: value
                for key, value in declared.get(camel_case(name), {"type": "string"}).items()
                if key != "willReplaceOnChanges"
            },
            "description": _said(text, model.names),
        }
        for name, text in said.items()
    }
    return {"properties": properties, "required": ["handle", "description", "isPrivate", "url"]}


def _function(
    name: str, inputs: dict[str, Spec], needed: list[str], outputs: dict[str, Spec], always: list[str], model: _Model
) -> Spec:
    docstring = _docstring(PROGRAM / "functions.py", name)
    said = _parameters(docstring)
    return {
        "description": _said(docstring.partition("\n\n")[0], model.names),
        "inputs": {
            "type": "object",
            "properties": {one: {**spec, "description": _said(said[one], model.names)} for one, spec in inputs.items()},
            "required": needed,
        },
        "outputs": {"type": "object", "properties": outputs, "required": always},
    }


def _settings() -> dict[str, Spec]:
    said = _parameters(_docstring(PROGRAM / "account.py", "Provider"))
    return {
        key: {
            **_SETTINGS.get(key, {"type": "number"}),
            "description": _said(said[snake_case(key)], {snake_case(one) for one in CONFIG_KEYS}),
        }
        for key in CONFIG_KEYS
    }


def _choice(values: Iterable[str]) -> Spec:
    """One of several words. Each has the name that a program in Go or TypeScript calls it by."""
    return {
        "type": "string",
        "enum": [{"name": "".join(map(str.title, value.split("_"))), "value": value} for value in values],
    }


def _examples() -> str:
    """The programs of the examples. Each generated package keeps the one in its own language."""
    fences = "\n".join(f"```{language}\n{file.read_text().strip()}\n```" for language, file in EXAMPLES.items())
    title = "## Example Usage\n{{% example %}}\n### A bot with prices and a control"
    return f"{{{{% examples %}}}}\n{title}\n\n{fences}\n{{{{% /example %}}}}\n{{{{% /examples %}}}}"


# --- docstrings -----------------------------------------------------------------------------------------


def _class(file: Path, name: str) -> ast.ClassDef | ast.FunctionDef:
    tree = ast.parse(file.read_text())
    return next(node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name)


def _pairs(node: ast.ClassDef | ast.FunctionDef) -> Iterator[tuple[Any, Any]]:
    return (
        (one, after) for one, after in zip(node.body, node.body[1:], strict=False) if isinstance(one, ast.AnnAssign)
    )


def _docstring(file: Path, name: str) -> str:
    return ast.get_docstring(_class(file, name)) or ""


def _introduction(docstring: str) -> str:
    """All before the parameters."""
    return docstring.partition("\n:param")[0].strip()


def _parameters(docstring: str) -> dict[str, str]:
    """What each ``:param`` says."""
    found = re.findall(r"^:param (\w+): (.*?)(?=^:|^\S|^\s*$|\Z)", docstring, flags=re.MULTILINE | re.DOTALL)
    return {name: " ".join(text.split()) for name, text in found}


def _said(text: str, names: set[str]) -> str:
    """A docstring as Markdown, with Pulumi's names, and without the sentences about functions of Python."""
    for of_python, of_all in _OTHERWISE.items():
        text = text.replace(of_python, of_all)
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    kept = (
        " ".join(sentence for sentence in re.split(r"(?<=\.)\s+", paragraph) if ":func:" not in sentence)
        for paragraph in paragraphs
    )
    text = "\n\n".join(paragraph for paragraph in kept if paragraph)
    text = text[:1].upper() + text[1:]
    text = re.sub(r":class:`(?:[\w.]*\.)?(\w+)`", r"`\1`", text).replace("``", "`")
    return re.sub(
        r"\b[a-z]+(?:_[a-z]+)+\b", lambda found: camel_case(found[0]) if found[0] in names else found[0], text
    )


def _choices(annotation: str) -> list[str] | None:
    return list(ast.literal_eval(f"[{annotation[8:-1]}]")) if annotation.startswith("Literal[") else None


def _token(name: str) -> str:
    return f"poe:index:{name}"


if __name__ == "__main__":
    SCHEMA.write_text(source())
    sys.stdout.write(f"{SCHEMA.relative_to(ROOT)} is written anew.\n")
