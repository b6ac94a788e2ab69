"""The resource that a program declares."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Coroutine, Generator, Mapping
from functools import cached_property, partial
from inspect import get_annotations
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
import pulumi.dynamic
from pulumi.runtime.settings import SETTINGS, get_root_resource

from ..core.bot.handles import page_of
from ..provider import BOTS, DECLARED_BY, DELETED_FIRST, NOT_KNOWN, RETAINED, BotProvider
from ..tokens import BOT_TYPE, NATIVE_BOT_TYPE
from .account import as_run_error, provider_of, usable, warn_of_a_key_in_clear
from .arguments import as_json
from .options import with_the_native_type
from .types import ApiBotSettings, ParameterControls

__all__ = ["Bot"]

_numbers = itertools.count(1)


class Bot(pulumi.dynamic.Resource, module="poe", name="Bot"):
    """A Poe API bot: a model that Poe users chat with, served by an OpenAI-compatible endpoint of yours.

    Poe's docs: https://creator.poe.com/docs/api-bots/bots-rest-api. A property that is not declared is left
    as it is on Poe. What Poe's API can't change is done on poe.com: the profile picture, sharing of a
    private bot, related recommendations, and a bot's handle.

    :param resource_name: the name of the resource in the stack.
    :param opts: the options of any Pulumi resource. ``provider``, its own or inherited from a component, is a
        :class:`pulumi_poe.Provider`; without one the bot is in the account of the stack. Anything else is refused.
    :param handle: the bot's name, unique on all of Poe. Compared without case, ``-``, ``_`` and ``.``.
        Another handle is another bot, so changing it replaces the bot and leaves its users behind.
    :param description: what Poe shows about the bot. Poe's default is ``""``.
    :param is_private: only you can use the bot. Poe's default is ``True``.
    :param api_bot_settings: the endpoint, its limits in tokens and its prices in USD per token. Its
        ``api_key`` becomes a secret, however it is passed.
    :param parameter_controls: what users may set in the chat.
    :param adopt: take over a bot of this handle that the account already has. Without it, such a bot is
        refused and stays as it is. Only looked at when the resource is created. Default ``False``.
    :param extra: fields that Poe has and this package does not know yet, merged over what is sent.
    :raises pulumi.RunError: its provider can't be used for bots, or a value is one that JSON lacks, such as a set; a
        Decimal is taken as a price. One line, which says what to write.

    Mistakes are shown by ``pulumi preview``, all of a bot's at once. An operation that fails ends in one
    line that says what was being done to which bot, what Poe answered and what to do.

    Example::

        bot = pulumi_poe.Bot(
            "reasoner",
            handle="Acme-Reasoner",
            is_private=False,
            api_bot_settings={
                "model_name": "acme/reasoner-2",
                "base_url": "https://llm.acme.example/v1",
                "api_key": config.require_secret("endpointKey"),
                "pricing": {"prompt": "0.0000004", "completion": "0.0000016"},
            },
        )
        pulumi.export("url", bot.url)
    """

    def __init_subclass__(cls, module: str = "", name: str = "", **others: Any) -> None:
        """A derived class declares bots too, and states know one type of bots: that of this class.

        :param module: has no effect.
        :param name: has no effect either.
        """
        del module, name
        # Past the SDK's own, which does no more than set that type, and in older ones takes nothing else.
        super(pulumi.dynamic.Resource, cls).__init_subclass__(**others)
        cls._resource_type_name = Bot._resource_type_name

    handle: pulumi.Output[str]
    description: pulumi.Output[str | None]
    is_private: pulumi.Output[bool | None]
    api_bot_settings: pulumi.Output[dict[str, Any] | None]
    parameter_controls: pulumi.Output[dict[str, Any] | None]
    extra: pulumi.Output[dict[str, Any] | None]

    def __init__(
        self,
        resource_name: str,
        /,
        opts: pulumi.ResourceOptions | None = None,
        *,
        handle: pulumi.Input[str],
        description: pulumi.Input[str] | None = None,
        is_private: pulumi.Input[bool] | None = None,
        api_bot_settings: pulumi.Input[ApiBotSettings] | None = None,
        parameter_controls: pulumi.Input[ParameterControls] | None = None,
        adopt: pulumi.Input[bool] = False,
        extra: pulumi.Input[Mapping[str, Any]] | None = None,
    ) -> None:
        warn_of_a_key_in_clear()
        # Before the engine is told of the bot, because it would go on although the program fails.
        with as_run_error(f"Bot {resource_name!r}"):
            provider = provider_of(opts)
        declared = as_json(
            f"Bot {resource_name!r}",
            {
                "handle": handle,
                "description": description,
                "is_private": is_private,
                "api_bot_settings": api_bot_settings,
                "parameter_controls": parameter_controls,
                "extra": extra,
                "adopt": adopt,
            },
        )
        # The number, because two resources may have one name under different parents.
        resource = {
            "name": _name_of(resource_name, opts),
            "number": next(_numbers),
            "provider": getattr(provider, "pulumi_resource_name", None),
        }
        if isinstance(declared["handle"], str):
            _bots_of_the_program().append({"handle": declared["handle"], "adopts": adopt is not False, **resource})
        super().__init__(
            BotProvider(),
            resource_name,
            {
                **declared,
                "api_bot_settings": _with_secret_key(declared["api_bot_settings"]),
                DECLARED_BY: resource,
                DELETED_FIRST: _Later(partial(_is_deleted_first, opts)),
                BOTS: _Later(partial(_bots_if_deleted_first, opts)),
                **({RETAINED: True} if opts is not None and opts.retain_on_delete else {}),
            },
            with_the_native_type(resource_name, opts, NATIVE_BOT_TYPE),
        )
        with as_run_error(f"Bot {resource_name!r}"):
            usable(self.get_provider(BOT_TYPE))  # a transformation may have given it another one

    @cached_property
    def url(self) -> pulumi.Output[str]:
        """The bot's public page. Known in previews, and not in the state."""
        # From the handle and not from the provider: what a provider computes is unknown in every preview.
        return self.handle.apply(page_of)


# The SDK asks for these types once for each bot, and a text is compiled each time.
Bot.__annotations__ = get_annotations(Bot, eval_str=True)


def _name_of(resource_name: str, opts: pulumi.ResourceOptions | None) -> str:
    """The resource's name with that of its parent: the same in every run."""
    parent = None if opts is None else opts.parent
    return resource_name if parent is None else f"{parent.pulumi_resource_name}/{resource_name}"


# By the program's root resource, because with the automation API a process runs several.
_bots: WeakKeyDictionary[pulumi.Resource, list[dict[str, Any]]] = WeakKeyDictionary()


def _bots_of_the_program() -> list[dict[str, Any]]:
    root = get_root_resource()
    return [] if root is None else _bots.setdefault(root, [])


class _Later:
    """What is only known when the bot is registered. Unlike a coroutine, it may never be asked for."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self._ask = ask

    def __await__(self) -> Generator[Any, None, Any]:
        return self._ask().__await__()


async def _is_deleted_first(opts: pulumi.ResourceOptions | None) -> bool | str | None:
    """Whether the bot is deleted before it is replaced, as far as a program can know. None if not."""
    if opts is not None and opts.delete_before_replace:
        return True
    parent = (None if opts is None else opts.parent) or get_root_resource()
    changed_later = (
        *((opts.transforms, opts.transformations) if opts is not None else ()),
        getattr(parent, "_transformations", None),
    )
    return NOT_KNOWN if any(changed_later) or await _is_transformed_by_others(parent) else None


async def _is_transformed_by_others(parent: pulumi.Resource | None) -> bool:
    """Whether the engine calls any transform of this program, of the stack or of whatever resource."""
    try:
        from pulumi.runtime._callbacks import _CallbackServicer
    except ImportError:
        return True  # the SDK has another place for them: then nobody knows
    if parent is not None:
        await parent.urn.future()  # by then the SDK has registered its transforms
    # The SDK has no name for them, and its SETTINGS.callbacks is not seen outside of the task that sets it.
    servicers = getattr(_CallbackServicer, "_servicers", ())
    return any(one._transforms for one in servicers if one._monitor is SETTINGS.monitor)


async def _bots_if_deleted_first(opts: pulumi.ResourceOptions | None) -> list[dict[str, Any]] | None:
    """The bots of the program, for one that may be deleted before the engine has asked for the others."""
    return list(_bots_of_the_program()) if await _is_deleted_first(opts) else None


def _with_secret_key(settings: Any) -> Any:
    """The same settings, in which the endpoint's key, and only that, is a secret."""
    if isinstance(settings, pulumi.Output):
        return settings.apply(_with_secret_key)
    if isinstance(settings, dict) and settings.get("api_key") is not None:
        return {**settings, "api_key": pulumi.Output.secret(settings["api_key"])}
    return settings
