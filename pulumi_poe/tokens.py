"""The type tokens by which every state knows what this package makes."""

from __future__ import annotations

from typing import Final

BOT_TYPE: Final = "pulumi-python:dynamic/poe:Bot"
"""The type of a bot. It follows from the names that :class:`pulumi_poe.Bot` is declared with."""

NATIVE_BOT_TYPE: Final = "poe:index:Bot"
"""The type of a bot that the native plugin makes."""
