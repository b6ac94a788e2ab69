"""How every state knows what this package makes: by type tokens, secrets by a mark, and a shell by what it leaves."""

from __future__ import annotations

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

PICKLED: Final = "__provider"
"""The property in which the SDK keeps the dynamic shell. By it a record of that shell is known."""
