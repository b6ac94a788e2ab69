"""Writes pulumi_poe/program/types.py from the model of a bot: `python -m tools.types`.

The model says which names there are, of which types, and what each is for. The types are the same for a program, where
every value may be an Output. They are checked in, because editors and type checkers read sources.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "pulumi_poe/core/bot/model.py"
TYPES = ROOT / "pulumi_poe/program/types.py"

HEAD = '''"""The nested arguments of :class:`pulumi_poe.Bot`, as dicts that an editor completes.

Names are exactly Poe's JSON keys. Every value, list and object may be a plain one or a Pulumi ``Output``. What one
of Poe's sources takes is taken here, also where another does not list it; the docstrings say where that is so.

A dict may be written in place or be given its type first. Then mypy names the very key that is wrong, where in place
it names the argument of ``Bot``::

    pricing: Pricing = {"prompt": "0.0000004", "completion": "0.0000016"}

Poe's docs: https://creator.poe.com/docs/api-bots/bots-rest-api (Bots REST API) and
https://creator.poe.com/docs/server-bots/parameter-controls (Parameter controls).

Made by `make types` from pulumi_poe/core/bot/model.py. Change that.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, TypeAlias, TypeVar

from pulumi import Input, Output
from typing_extensions import NotRequired, TypedDict

__all__ = NAMES

_T = TypeVar("_T")

# Objects and lists are nested up to ten deep. With `Input`, which is three types, mypy needs 20 s to report one wrong
# name in them; with these two it needs 1 s. The third, an awaitable, is taken at the leaves only.
OrOutput: TypeAlias = _T | Output[_T]
PricePerToken: TypeAlias = Input[str | Decimal]

# Where Poe has a fixed choice, a literal must be one of it. An Output holds a value that no editor can see, and
# mostly is an Output[str], so that is taken too: `pulumi preview` checks it.
CHOICES
'''

LEAVES = {
    "str": "Input[str]",
    "bool": "Input[bool]",
    "Tokens": "Input[int]",
    "Number": "Input[float]",
    "Price": "PricePerToken",
    "Literal_": "Input[str | float | bool]",
    "Json": "Input[Any]",
}
"""What a program may give for each of the model's own types."""

OTHERWISE = {
    # None says "unlimited", and "keep the key that Poe has".
    ("Tier", "max_tokens"): "NotRequired[Input[int | None]]",
    ("ApiBotSettings", "api_key"): "NotRequired[Input[str] | None]",
    # What may be left out for Poe, but would say nothing.
    ("ContextPricing", "tiers"): "OrOutput[Sequence[OrOutput[Tier]]]",
    # A rule forbids it; an editor can know.
    ("ConditionalControls", "controls"): "OrOutput[Sequence[OrOutput[BaseControl]]]",
}
"""Where a program's type is not that of the model."""

OPERANDS = '''
class ParameterOperand(TypedDict):
    """A side of a condition: what a parameter is set to. Poe's docs: Parameter controls, conditions."""

    parameter_name: Input[str]
    """The parameter of another control."""


class LiteralOperand(TypedDict):
    """A side of a condition: a fixed value. Poe's docs: Parameter controls, conditions."""

    literal: Input[str | float | bool]
    """A text, a number, or true or false."""


Operand: TypeAlias = ParameterOperand | LiteralOperand
"""Either side of a condition."""
'''
"""An object with one of two names is two types to an editor."""

UNIONS = '''
BaseControl: TypeAlias = {controls}
"""A control that may stand in a condition: every kind but a condition."""
'''
CONTROL = '''
Control: TypeAlias = BaseControl | ConditionalControls
"""A control of any of Poe's kinds."""
'''


def source() -> str:
    """The module as it should be."""
    tree = ast.parse(MODEL.read_text())
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name not in ("Object", "Bot")]
    choices = [node for node in tree.body if _is_choice(node)]
    names = {node.name for node in classes}
    controls = [node.name for node in classes if _kind(node) and node.name != "ConditionalControls"]
    public = sorted(
        {*(name for name in names if not name.startswith("_")), "LiteralOperand", "ParameterOperand"} - {"Operand"}
    )
    parts = [
        HEAD.replace("NAMES", repr(public)).replace(
            "CHOICES", "\n".join(f"{_target(node)}: TypeAlias = {ast.unparse(node.value)}" for node in choices)
        )
    ]
    for node in classes:
        if node.name == "Operand":
            parts += [UNIONS.format(controls=" | ".join(controls)), OPERANDS]
            continue
        parts.append("\n".join(_class(node, names, {_target(choice) for choice in choices})))
        if node.name == "ConditionalControls":
            parts.append(CONTROL)
    return _formatted("\n\n".join(parts))


def _is_choice(node: ast.stmt) -> TypeGuard[ast.Assign]:
    return isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("Literal[")


def _target(node: ast.Assign) -> str:
    return ast.unparse(node.targets[0])


def _kind(node: ast.ClassDef) -> bool:
    return any(isinstance(one, ast.AnnAssign) and ast.unparse(one.target) == "control" for one in node.body)


def _class(node: ast.ClassDef, names: set[str], choices: set[str]) -> Iterator[str]:
    base = ast.unparse(node.bases[0])
    yield f"class {node.name}({'TypedDict' if base == 'Object' else base}):"
    for one in node.body:
        if isinstance(one, ast.Expr):
            yield f"    {ast.get_source_segment(MODEL.read_text(), one)}"
        elif isinstance(one, ast.AnnAssign):
            name = ast.unparse(one.target)
            yield f"    {name}: {OTHERWISE.get((node.name, name)) or _given(one, names, choices)}"


def _given(field: ast.AnnAssign, names: set[str], choices: set[str]) -> str:
    type_ = ast.unparse(field.annotation).removesuffix(" | None")
    if type_.startswith("list["):
        inner = type_.removeprefix("list[").removesuffix("]")
        if inner in choices:
            given = f"OrOutput[Sequence[Input[{inner}] | Output[str]]] | Output[Sequence[str]]"
        else:
            given = f"OrOutput[Sequence[OrOutput[{inner}]]]"
    elif type_ in names:
        given = f"OrOutput[{type_}]"
    elif ast.unparse(field.target) == "control":
        given = f"Input[{type_}]"
    elif type_ in choices or type_.startswith("Literal["):
        given = f"Input[{type_}] | Output[str]"
    else:
        given = LEAVES[type_]
    return given if field.value is None else f"NotRequired[{given}]"


def _formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(TYPES), "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout


if __name__ == "__main__":
    TYPES.write_text(source())
    sys.stdout.write(f"{TYPES.relative_to(ROOT)} is written anew.\n")
