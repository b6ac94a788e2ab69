"""What a plugin process knows of its run, and where its log goes."""

from __future__ import annotations

import logging
import sys


def run() -> str | None:
    """What all plugin processes of a run have in common, and no other run: the engine's address."""
    started_as = getattr(sys.modules["__main__"].__spec__, "name", "")
    is_plugin = started_as.startswith("pulumi.dynamic") and len(sys.argv) > 1
    return sys.argv[1] if is_plugin else None


def show_log(level: str) -> None:
    """Show the log of the package. The engine shows what a plugin writes to standard error, under the stack.

    :param level: from which on.
    """
    from ..core.values.text import OneLineFormatter

    logger = logging.getLogger("pulumi_poe")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(OneLineFormatter("%(levelname)s: %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(level.upper())
