"""Examples, brought up on the local Poe."""

from __future__ import annotations

import shutil
from pathlib import Path

from stacks import Stack, StackFactory

from pulumi_poe.emulator import Emulator

EXAMPLES = Path(__file__).parents[2] / "examples"


def example_up(new_stack: StackFactory, tmp_path: Path, poe: Emulator, example: str, **config: str) -> Stack:
    """The stack of an example, up as its README says, in the first account.

    :param config: what is set beside `endpointKey` and, unless it is given, `handle`, which is "T-Ex".
    """
    ignored = shutil.ignore_patterns("__pycache__", "*.png")
    stack = new_stack(folder=shutil.copytree(EXAMPLES / example, tmp_path / example, ignore=ignored)).init()
    stack.environment |= {"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key}
    stack.config("endpointKey", "sk", secret=True)
    for name, value in {"handle": "T-Ex", **config}.items():
        stack.config(name, value)
    stack.up().succeeded()
    return stack
