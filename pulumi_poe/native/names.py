"""How the native shell says Poe's names, and Python's words, in messages and paths."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from ..core.values.trees import Path as Steps
from ..core.values.trees import tree_of
from ..spelling import poes_names, to_pulumi
from ..tokens import NATIVE_BOT_TYPE

OF_PYTHON: Final = {
    "aliases=[pulumi.Alias(name='…')]": "the option aliases: [{name: …}]",
    "delete_before_replace=True": "deleteBeforeReplace: true",
    "delete_before_replace=False": "deleteBeforeReplace: false",
    "delete_before_replace": "deleteBeforeReplace",
    "ignore_changes": "ignoreChanges",
    "adopt=True": "adopt: true",
    ": pulumi_poe.per_million() makes them from prices per million": "",
}
"""What messages say of a program in Python, and what that is in another."""


def in_words(text: str) -> str:
    """A message of the core's, which speaks Poe's names and Python, as every program says it.

    >>> in_words("api_bot_settings.pricing: must be an object"), in_words("set adopt=True")
    ('apiBotSettings.pricing: must be an object', 'set adopt: true')
    >>> in_words("Give the provider its api_url")
    'Give the provider its apiUrl'

    Keys within ``extra`` are the user's own:

    >>> in_words("to remove extra.new.base_url from it")
    'to remove extra.new.base_url from it'
    """
    for of_python, of_all in OF_PYTHON.items():
        text = text.replace(of_python, of_all)
    return re.sub(r"\bextra(?:\.\w+)+|\b[a-z]+(?:_[a-z]+)+\b", lambda found: poes_names().get(found[0], found[0]), text)


def path_of(steps: Steps, type_: str = NATIVE_BOT_TYPE) -> str:
    """Poe's path of a leaf as Pulumi writes paths, with Pulumi's names.

    :param steps: the path.
    :param type_: of which resource.

    >>> path_of(("api_bot_settings", "base_url")), path_of(("extra", "a.b", "c_d"))
    ('apiBotSettings.baseUrl', 'extra["a.b"].c_d')
    """
    named: list[str] = []
    tree: Any = to_pulumi(tree_of({steps: None}), type_)
    while isinstance(tree, Mapping):
        ((step, tree),) = tree.items()
        named.append(step)
    path = ""
    for step in named:
        if re.fullmatch(r"\w+", step):
            path += f".{step}" if path else step
        else:
            path += f"[{json.dumps(step)}]"
    return path
