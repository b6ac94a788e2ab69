"""How every state knows what this package makes: by type tokens, secrets by a mark, and a shell by what it leaves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

SECRET_KEY: Final = "4dabf18193072939515e22adb298388d"  # noqa: S105 -- a mark, and no secret itself
"""The key by which a secret is known, in a state and to the engine."""

SECRET: Final[Mapping[str, str]] = {SECRET_KEY: "1b47061264138c4ac30d75fd1eb44270"}
"""By this the engine knows a secret, beside its ``value``."""

BOT_TYPE: Final = "pulumi-python:dynamic/poe:Bot"
"""The type of a bot. It follows from the names that :class:`pulumi_poe.Bot` is declared with."""

NATIVE_BOT_TYPE: Final = "poe:index:Bot"
"""The type of a bot that the native plugin makes."""

ENDPOINT_TYPE: Final = "pulumi-python:dynamic/poe:Endpoint"
NATIVE_ENDPOINT_TYPE: Final = "poe:index:Endpoint"
"""The types of an endpoint, of :class:`pulumi_poe.Endpoint` and of the native plugin."""

PICKLED: Final = "__provider"
"""The property in which the SDK keeps the dynamic shell. By it a record of that shell is known."""


def is_made_by_the_engine(provider: str) -> bool:
    """Whether the engine made a native provider of this name, for all that the program names none for.

    Its names have a version, an address, or neither.

    >>> [is_made_by_the_engine(name) for name in ("default", "default_0_1_0", "default_partner")]
    [True, True, False]
    """
    return re.fullmatch(r"default(_\d+_\d+_\d+[\w+-]*?)?(_\w+_/\S*)?", provider) is not None
