"""The handle of a bot that several stacks have, each its own."""

from __future__ import annotations

import pulumi

from ..core.values.text import counted, one_line

__all__ = ["stack_handle"]


def stack_handle(name: str, prod: str = "prod", max_length: int = 20) -> str:
    """A handle for each stack: that of production is the name, that of any other has the stack's name behind it.

    Handles are unique on all of Poe, so two stacks cannot have one. This sees its own stack alone; whether your account
    has the handle already, from another stack or from elsewhere, is what the preview looks up.
    Poe's docs: https://creator.poe.com/docs/api-bots/bots-rest-api.

    :param name: the handle in production, such as ``Acme-Reasoner``.
    :param prod: the name of the stack that is production. Default ``prod``.
    :param max_length: how many characters a handle may have. Default 20, which Poe documents.
    :returns: ``name`` in production, and ``<name>-<stack>`` elsewhere.
    :raises pulumi.RunError: the handle is longer than that, the name is no str that the program knows, or
        ``max_length`` no int. One line.

    Example::

        pulumi_poe.Bot("reasoner", handle=pulumi_poe.stack_handle("Acme-Reasoner"), …)
    """
    if not isinstance(name, str) or not name:
        raise pulumi.RunError(
            'stack_handle: the name must be a str that the program knows, such as config.require("handle")'
        )
    if not isinstance(max_length, int):
        raise pulumi.RunError('stack_handle: max_length must be an int, such as config.require_int("maxLength")')
    stack = pulumi.get_stack()
    handle = name if stack == prod else f"{name}-{stack}"
    if (over := len(handle) - max_length) > 0:
        shorter = "the name" if stack == prod else "the name or the stack's"
        raise pulumi.RunError(
            one_line(
                f"stack_handle: {handle!r} has {counted(len(handle), 'character')}, and a handle at most {max_length};"
                f" shorten {shorter} by {over}"
            )
        )
    return handle
