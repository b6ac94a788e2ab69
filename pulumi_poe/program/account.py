"""Which Poe account a bot or a function of a program gets: the stack's own, or that of a Provider.

Pulumi drops in silence what it can't use as a provider of a resource. Then a bot would land in another account than the
program says. So whatever can't be used is an error here, before the engine is told of the bot.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Number
from typing import Any, Final, Literal
from weakref import WeakSet

import pulumi
from pulumi.resource import DependencyProviderResource
from pulumi.runtime.config import is_config_secret
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor, get_root_resource

from ..spelling import snake_case
from ..tokens import BOT_TYPE

__all__ = ["Provider"]

PACKAGE: Final = BOT_TYPE.partition(":")[0]
"""The package that the engine takes a bot for one of: that of all dynamic resources in Python."""

_PREFIX: Final = "poe:"


class Provider(pulumi.ProviderResource):
    """A Poe account for some of a program's bots, where a program has bots in several.

    Without one, bots are in the account of the stack's settings. Keys are made at https://poe.com/api/keys.

    An argument that is not given, or is None, is taken from the stack config; what that lacks, from the environment;
    then it is the default. ``api_key`` and ``api_url`` go together, so that no key reaches an address that it was not
    meant for: an ``api_url`` needs an ``api_key`` beside it. An ``api_key`` without ``api_url`` goes to the stack's
    ``poe:apiUrl``, or else to Poe; while there is only ``POE_API_URL`` in the environment, that is an error.

    Pass it as ``provider`` to a bot, or as ``providers`` to a component, whose bots then have it. It also reaches the
    component's other dynamic resources, which then get these settings in place of the stack config.

    :param resource_name: the name of the Provider in the stack.
    :param opts: the options of any Pulumi resource, but for ``provider``.
    :param api_key: the account's Poe API key. Always a secret, also when it is passed plain. It may be unknown in a
        preview: then its bots are not checked there.
    :param api_url: where the Bots API lies. https, or http on a loopback address. Default ``https://api.poe.com``.
    :param request_timeout: seconds for one request. Default 30.
    :param operation_timeout: seconds for one operation on one bot, without waits that Poe asks for. Default 60.
    :param preview_timeout: seconds for looking up, in a preview, whether Poe already has the new bots. Default 5.
    :param attempts: how often one request is sent at most. Default 10.
    :param requests_per_minute: requests sent in any 60 seconds at most, by this Provider alone. Default 480, of the
        500 that Poe allows a key.
    :param log_level: ``debug``, ``info``, ``warning`` or ``error``. Default ``info``.
    :param adopt: handles of bots that may be taken over as with ``adopt=True``. Default none.
    :raises pulumi.RunError: a setting can't be used, or key and address don't go together. One line, which says what
        to do. What is wrong with an Output ends the program in the same way, once it is known.

    Example::

        other = pulumi_poe.Provider("other", api_key=config.require_secret("otherPoeKey"))
        pulumi_poe.Bot("theirs", pulumi.ResourceOptions(provider=other), handle="Their-Bot", api_bot_settings={...})
        theirs = pulumi_poe.get_bots_output(opts=pulumi.InvokeOptions(provider=other))
    """

    def __init__(
        self,
        resource_name: str,
        /,
        opts: pulumi.ResourceOptions | None = None,
        *,
        api_key: pulumi.Input[str] | None = None,
        api_url: pulumi.Input[str] | None = None,
        request_timeout: pulumi.Input[float] | None = None,
        operation_timeout: pulumi.Input[float] | None = None,
        preview_timeout: pulumi.Input[float] | None = None,
        attempts: pulumi.Input[int] | None = None,
        requests_per_minute: pulumi.Input[int] | None = None,
        log_level: pulumi.Input[Literal["debug", "info", "warning", "error"]] | pulumi.Output[str] | None = None,
        adopt: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
    ) -> None:
        from ..core.poe.settings import CONFIG_KEYS, PROVIDER, of_provider

        given: dict[str, Any] = {
            "api_key": api_key,
            "api_url": api_url,
            "request_timeout": request_timeout,
            "operation_timeout": operation_timeout,
            "preview_timeout": preview_timeout,
            "attempts": attempts,
            "requests_per_minute": requests_per_minute,
            "log_level": log_level,
            "adopt": adopt,
        }
        config = pulumi.Config("poe")
        stack = {key: text for key in CONFIG_KEYS if (text := str(config.get(key) or "").strip())}
        own: dict[str, pulumi.Input[str]] = {
            key: _text_of(value, key, resource_name)
            for key in CONFIG_KEYS
            if (value := given[snake_case(key)]) is not None
        }
        with as_run_error(f"Provider {resource_name!r}"):
            settings = of_provider(own, stack, os.environ)
        if "apiKey" in own:
            settings[PROVIDER] = resource_name
        self._settings: dict[str, pulumi.Input[str]] = {_PREFIX + key: value for key, value in settings.items()}
        secret = {key for key in stack.keys() - own.keys() if is_config_secret(_PREFIX + key)} | {"apiKey"}
        super().__init__(
            PACKAGE,
            resource_name,
            {_PREFIX + key: pulumi.Output.secret(value) if key in secret else value for key, value in settings.items()},
            opts,
        )


def provider_of(opts: pulumi.ResourceOptions | pulumi.InvokeOptions | None) -> pulumi.ProviderResource | None:
    """The provider that options choose for bots, by Pulumi's rules: their own, else that of the parents.

    :param opts: of a resource or of a function.
    :returns: None for the account of the stack.
    :raises SettingsError: it can't be used for bots.
    """
    providers = getattr(opts, "providers", None) or {}
    if not isinstance(providers, Mapping):
        providers = {one.package: one for one in providers}
    parent = getattr(opts, "parent", None)
    inherited = parent.get_provider(BOT_TYPE) if isinstance(parent, pulumi.Resource) else None
    chosen = next(
        (one for one in (getattr(opts, "provider", None), providers.get(PACKAGE), inherited) if one is not None), None
    )
    return usable(chosen)


def usable(provider: pulumi.ProviderResource | None) -> pulumi.ProviderResource | None:
    """The same provider.

    :raises SettingsError: Pulumi would ignore it, or the plugin would not know which account it is for.
    """
    # What a component in a process of its own was given shows nothing of its settings there.
    if provider is None or isinstance(provider, Provider | DependencyProviderResource):
        return provider

    from ..core.errors import SettingsError
    from ..core.poe.settings import of_provider

    name = getattr(provider, "pulumi_resource_name", None)
    if (package := getattr(provider, "package", None)) != PACKAGE:
        raise SettingsError(
            f"its provider {name!r} is for {package!r} and not for Poe, and Pulumi would ignore it",
            'Write provider=pulumi_poe.Provider("other", api_key=…), or leave it out for the account of the stack.',
        )
    settings = _settings_of(provider)
    seen = {key.removeprefix(_PREFIX): None for key in settings}
    if "apiKey" not in seen:
        raise SettingsError(
            f"its provider {name!r} has no poe:apiKey, and gets nothing from the stack config, so the account would be "
            "that of the environment",
            f"Write pulumi_poe.Provider({name!r}, api_key=…) in its place, or give the bot a provider of its own.",
        )
    of_provider(seen, {}, os.environ)

    # The value of each is an Output, also where the program gave None: so that it is empty is only known later.
    def refuse_empty(key: Any) -> None:
        if not str(key or "").strip():
            with as_run_error(f"ProviderResource {name!r}"):
                raise SettingsError("its poe:apiKey is empty", "The account would be that of the environment.")

    pulumi.Output.from_input(settings[f"{_PREFIX}apiKey"]).apply(refuse_empty)
    return provider


def settings_for(opts: pulumi.InvokeOptions | None, action: str) -> Mapping[str, pulumi.Input[str]] | None:
    """The settings with which a function asks Poe, by their names in stack config; None for those of the stack.

    :param action: what is being done, for an error.
    :raises pulumi.RunError: the options name a provider that can't be used.
    """
    from ..core.errors import SettingsError

    with as_run_error(action):
        provider = provider_of(opts)
        if isinstance(provider, DependencyProviderResource):
            raise SettingsError(
                "the settings of a provider are not known in a component that has a process of its own",
                "Look bots up in the program, and pass them to the component.",
            )
        return None if provider is None else _settings_of(provider)


def plain_settings_for(opts: pulumi.InvokeOptions | None, action: str) -> Mapping[str, str] | None:
    """The same, for a function that can't wait.

    :param action: the function's name, and what it looks for.
    :raises pulumi.RunError: also if a setting is an Output.
    """
    from ..core.errors import SettingsError

    settings = settings_for(opts, action)
    if settings is None:
        return None
    plain = {name: value for name, value in settings.items() if isinstance(value, str)}
    if waited_for := [snake_case(name.removeprefix(_PREFIX)) for name in settings if name not in plain]:
        with as_run_error(action):
            raise SettingsError(
                f"of its provider, {' and '.join(waited_for)} can only be waited for, and this function does not wait",
                f"Use {action.split()[0]}_output.",
            )
    return plain


_has_warned: WeakSet[pulumi.Resource] = WeakSet()


def warn_of_a_key_in_clear() -> None:
    """Once a program: ``poe:apiKey`` was set without ``--secret``, so it is in clear in the config and in the state."""
    root = get_root_resource()
    if root is None or root in _has_warned or isinstance(get_monitor(), MockMonitor):
        return
    _has_warned.add(root)
    if pulumi.Config("poe").get("apiKey") and not is_config_secret(f"{_PREFIX}apiKey"):
        pulumi.log.warn(
            "poe:apiKey is in clear in the stack config, and in the state. Run "
            "`pulumi config set --secret poe:apiKey`, and make a new key if anybody else may have seen it."
        )


@contextmanager
def as_run_error(action: str) -> Iterator[None]:
    """Errors of the block in one line, which is how Pulumi shows a RunError.

    :param action: what is being done.
    """
    from ..core.errors import PoeError, doing

    try:
        with doing(action):
            yield
    except PoeError as error:
        raise pulumi.RunError(str(error)) from None


def _settings_of(provider: pulumi.ProviderResource) -> dict[str, pulumi.Input[str]]:
    """Its settings. Of a plain ProviderResource they are what the SDK keeps: an Output for each input."""
    if isinstance(provider, Provider):
        return provider._settings
    return {name: value for name, value in vars(provider).items() if name.startswith(_PREFIX)}


def _text_of(value: Any, key: str, resource_name: str) -> pulumi.Input[str]:
    """A setting as the engine takes it, which is as text; at once if it can be, else once it is known."""

    def text_of(known: Any) -> str:
        from ..core.errors import SettingsError
        from ..core.poe.settings import PROVIDER, Settings, require_text

        name = snake_case(key)
        is_list = key == "adopt" and isinstance(known, list | tuple)
        if known is not None and not is_list and not isinstance(known, str | Number):
            with as_run_error(f"Provider {resource_name!r}"):
                raise SettingsError(
                    f"its {name} can't be of the type {type(known).__name__}",
                    f"Use a {'list of handles' if key == 'adopt' else 'str or a number'}.",
                )
        if isinstance(known, float) and known.is_integer():
            known = int(known)  # as the engine gives whole numbers
        if is_list and all(isinstance(one, str) for one in known):
            known = json.dumps(known)
        text = "" if known is None else str(known)
        with as_run_error(f"Provider {resource_name!r}"):
            text = require_text(key, text, "the stack")
            Settings.load({f"{_PREFIX}{key}": text, f"{_PREFIX}{PROVIDER}": resource_name}.get, {})
        return text

    is_plain = isinstance(value, str | int | float)
    if isinstance(value, list | tuple):
        is_plain = all(isinstance(one, str) for one in value)
    return text_of(value) if is_plain else pulumi.Output.from_input(value).apply(text_of)
