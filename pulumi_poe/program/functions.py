"""Functions that look at the account's bots: to refer to what another stack, or a person, has made.

Example::

    reasoner = pulumi_poe.get_bot("Acme-Reasoner")
    pulumi.export("public", [bot.handle for bot in pulumi_poe.get_bots(private=False).bots])

In a test with Pulumi's mocks they ask these, by the names in :mod:`pulumi_poe.program.mocked`, and never Poe.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime.settings import get_root_resource

from ..core.bot.handles import page_of
from ..core.poe.account import Account
from ..core.poe.settings import Settings
from .account import as_run_error, plain_settings_for, settings_for
from .mocked import MockedAccount, mocked_account

__all__ = ["GetBotResult", "GetBotsResult", "get_bot", "get_bot_output", "get_bots", "get_bots_output"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class GetBotResult:
    """A bot, as Poe has it. Names are Poe's own."""

    handle: str
    """The handle, as Poe spells it."""
    description: str
    """What Poe shows about it."""
    is_private: bool
    """Whether only its owner can use it."""
    api_bot_settings: dict[str, Any] | None
    """The endpoint, its limits in tokens and its prices in USD per token; never its key. None: no API bot."""
    parameter_controls: dict[str, Any] | None
    """What users may set in the chat."""
    url: str
    """Its public page."""


@dataclass(frozen=True)
class GetBotsResult:
    """Several bots, as Poe has them."""

    bots: list[GetBotResult]
    """In the order in which Poe lists them."""

    @property
    def handles(self) -> list[str]:
        """Their handles, in the same order."""
        return [bot.handle for bot in self.bots]


def get_bot(handle: str, opts: pulumi.InvokeOptions | None = None) -> GetBotResult:
    """Look up a bot of the account, also one that is no API bot. Works in previews.

    Settings are those of the provider. All look-ups of a program in one account together cost one request, and one more
    for each bot that is missing in the answer to it. What they see is of the moment of the first one.

    :param handle: its handle, in any spelling.
    :param opts: ``provider``, or ``parent`` for the one that its children inherit: the account that is asked. Without
        them it is that of the stack.
    :raises pulumi.RunError: there is no such bot, or no key, or Poe can't be reached, or a setting of the provider is
        an Output, for which :func:`get_bot_output` waits. One line, which says what to do.

    Example::

        context = pulumi_poe.get_bot("Acme-Reasoner").api_bot_settings["context_size"]
    """
    return _get_bot(handle, plain_settings_for(opts, f"get_bot {handle!r}"))


def get_bot_output(
    handle: pulumi.Input[str],
    opts: pulumi.InvokeOptions | pulumi.InvokeOutputOptions | None = None,
) -> pulumi.Output[GetBotResult]:
    """:func:`get_bot` for a handle, or a setting of a provider, that may be an Output; unknown as long as that is.

    :param handle: its handle, in any spelling.
    :param opts: ``provider`` and ``parent``, as of :func:`get_bot`, and ``depends_on``: resources that must be there
        before Poe is asked. While one of them is yet to be created, as in a preview, the result is unknown.
    :raises pulumi.RunError: as of :func:`get_bot`, and it ends the program.

    Example::

        bot = pulumi_poe.get_bot_output(config.require("handle"))
        pulumi.export("url", bot.url)
    """
    return _after("get_bot_output", opts, {"handle": handle}, _get_bot)


def get_bots(
    prefix: str | None = None,
    private: bool | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> GetBotsResult:
    """List the account's bots, also those that are no API bots. Works in previews, and costs what :func:`get_bot` does.

    :param prefix: only those whose handle begins so, in any case.
    :param private: only private ones (True), or only public ones (False).
    :param opts: ``provider``, or ``parent`` for the one that its children inherit: the account that is asked. Without
        them it is that of the stack.
    :raises pulumi.RunError: there is no key, or Poe can't be reached, or a setting of the provider is an Output, for
        which :func:`get_bots_output` waits. One line, which says what to do.

    Example::

        public = pulumi_poe.get_bots(prefix="acme-", private=False).handles
    """
    return _get_bots(prefix, private, plain_settings_for(opts, _listing(prefix)))


def get_bots_output(
    prefix: pulumi.Input[str] | None = None,
    private: pulumi.Input[bool] | None = None,
    opts: pulumi.InvokeOptions | pulumi.InvokeOutputOptions | None = None,
) -> pulumi.Output[GetBotsResult]:
    """:func:`get_bots` for what may be an Output, as in :func:`get_bot_output`.

    :param prefix: only those whose handle begins so, in any case.
    :param private: only private ones (True), or only public ones (False).
    :param opts: ``provider``, ``parent`` and ``depends_on``, as of :func:`get_bot_output`.
    :raises pulumi.RunError: as of :func:`get_bots`, and it ends the program.

    Example::

        pulumi.export("mine", pulumi_poe.get_bots_output(prefix=pulumi.get_stack()).handles)
    """
    return _after("get_bots_output", opts, {"prefix": prefix, "private": private}, _get_bots)


# --- how it is done ---------------------------------------------------------------------------------

# One a program and settings. By the program's root resource, because with the automation API a process runs several.
_accounts: WeakKeyDictionary[pulumi.Resource, dict[Settings, Account]] = WeakKeyDictionary()


def _account(settings: Mapping[str, str] | None) -> Account | MockedAccount:
    """The account of these settings, or of the stack's."""
    if (mocked := mocked_account()) is not None:
        return mocked
    config = pulumi.Config("poe")
    configured = (lambda key: config.get(key.removeprefix("poe:"))) if settings is None else settings.get
    loaded = Settings.load(configured, os.environ)
    root = get_root_resource()
    account = Account(loaded, in_preview=pulumi.runtime.is_dry_run())
    return account if root is None else _accounts.setdefault(root, {}).setdefault(loaded, account)


def _get_bot(handle: str, settings: Mapping[str, str] | None) -> GetBotResult:
    with as_run_error(f"get_bot {handle!r}"):
        return _result(_account(settings).bot(handle))


def _get_bots(prefix: str | None, private: bool | None, settings: Mapping[str, str] | None) -> GetBotsResult:
    with as_run_error(_listing(prefix)):
        return GetBotsResult([_result(bot) for bot in _account(settings).bots(prefix=prefix, private=private)])


def _listing(prefix: str | None) -> str:
    return "get_bots" if prefix is None else f"get_bots {prefix!r}"


def _after(
    name: str,
    opts: pulumi.InvokeOptions | pulumi.InvokeOutputOptions | None,
    arguments: Mapping[str, Any],
    function: Callable[..., _T],
) -> pulumi.Output[_T]:
    """The function's result, once its arguments are known and the resources that it depends on are there."""

    async def look(known: list[Any]) -> _T:
        # In a thread of its own, because meanwhile the program goes on. It sees the same stack.
        return await asyncio.to_thread(partial(function, **known[0], settings=known[2]))

    # The result holds no setting: so it does not become a secret because the key is one.
    settings = pulumi.Output.unsecret(pulumi.Output.from_input(settings_for(opts, name)))
    dependencies: pulumi.Output[Any] = pulumi.Output.from_input(getattr(opts, "depends_on", None) or [])
    there: pulumi.Output[list[Any]] = dependencies.apply(_ids_of)
    return pulumi.Output.all(arguments, there, settings).apply(look)


def _ids_of(dependencies: Any) -> pulumi.Output[list[Any]]:
    """The id of each resource, which is unknown until that is there."""
    listed = dependencies if isinstance(dependencies, list | tuple) else [dependencies]
    return pulumi.Output.all(*[one.id if isinstance(one, pulumi.CustomResource) else one.urn for one in listed])


def _result(bot: Mapping[str, Any]) -> GetBotResult:
    return GetBotResult(
        handle=bot["handle"],
        description=bot["description"],
        is_private=bot["is_private"],
        api_bot_settings=bot.get("api_bot_settings"),
        parameter_controls=bot.get("parameter_controls"),
        url=page_of(bot["handle"]),
    )
