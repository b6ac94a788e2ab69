"""One model that is published as several bots."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

import pulumi
from pulumi import ResourceOptions
from typing_extensions import TypedDict

from ..core.values.text import nearest, one_line
from .bot import Bot
from .types import ApiBotSettings, ParameterControls

__all__ = ["BotArgs", "BotFamily"]


class BotArgs(TypedDict, total=False):
    """What one bot of a :class:`BotFamily` has of its own: arguments of :class:`Bot`, and options of its resource."""

    handle: pulumi.Input[str]
    description: pulumi.Input[str] | None
    is_private: pulumi.Input[bool] | None
    api_bot_settings: pulumi.Input[ApiBotSettings] | None
    parameter_controls: pulumi.Input[ParameterControls] | None
    adopt: pulumi.Input[bool]
    extra: pulumi.Input[Mapping[str, Any]] | None
    opts: ResourceOptions


class BotFamily(pulumi.ComponentResource):
    """One model published as several bots, by size, price or region, from one declaration.

    What the bots share is declared once, and what a bot has of its own is laid over it: objects such as
    ``api_bot_settings`` and ``pricing`` name by name, anything else whole. ``None`` takes out what is shared. The
    resource of each bot is called after the family and the bot, so one bot more, or one less, touches no other.

    Poe's docs: https://creator.poe.com/docs/api-bots/bots-rest-api. Poe knows no families: to it they are bots.

    :param resource_name: the name of the family in the stack. Its bots are called ``<resource_name>-<name>``.
    :param opts: the options of any Pulumi component. ``provider`` is that of all its bots.
    :param bots: by its name, what each bot has of its own; its ``opts`` are those of its resource, such as ``protect``
        or, for a bot that was declared alone before, ``aliases``.
    :param handle: what the handles begin with. A bot without a ``handle`` of its own gets ``<handle>-<name>``. A handle
        has at most 20 characters.
    :param description: what Poe shows about each bot, and so on: all further arguments are those of :class:`Bot`, which
        all bots have.
    :raises pulumi.RunError: a bot has no handle, or an argument that no bot has. One line, which says what to write.

    Example::

        family = pulumi_poe.BotFamily(
            "reasoner",
            handle="Acme-R2",
            is_private=False,
            api_bot_settings={
                "base_url": "https://llm.acme.example/v1",
                "api_key": config.require_secret("endpointKey"),
                "pricing": pulumi_poe.per_million(input="0.10", output="0.40"),
            },
            bots={
                "small": {"api_bot_settings": {"model_name": "r2-small"}},
                "large": {
                    "api_bot_settings": {
                        "model_name": "r2-large",
                        "pricing": pulumi_poe.per_million(input="1", output="4"),
                    }
                },
            },
        )
        pulumi.export("url", family.bots["small"].url)
    """

    bots: dict[str, Bot]
    """The bots, by their names in the family."""

    def __init__(
        self,
        resource_name: str,
        /,
        opts: ResourceOptions | None = None,
        *,
        bots: Mapping[str, BotArgs],
        handle: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        is_private: pulumi.Input[bool] | None = None,
        api_bot_settings: pulumi.Input[ApiBotSettings] | None = None,
        parameter_controls: pulumi.Input[ParameterControls] | None = None,
        adopt: pulumi.Input[bool] = False,
        extra: pulumi.Input[Mapping[str, Any]] | None = None,
    ) -> None:
        if not isinstance(bots, Mapping):
            where = f"BotFamily {resource_name!r}: bots"
            raise pulumi.RunError(f"{where}: must be a dict, from the name of each bot to what it has of its own")
        shared = {
            "description": description,
            "is_private": is_private,
            "api_bot_settings": api_bot_settings,
            "parameter_controls": parameter_controls,
            "adopt": adopt,
            "extra": extra,
        }
        # Before the engine is told of any, because it would go on with that although the program fails.
        declared = {name: _declared(resource_name, name, own, handle, shared) for name, own in bots.items()}
        super().__init__("poe:index:BotFamily", resource_name, None, opts)
        self.bots = {
            name: Bot(
                f"{resource_name}-{name}",
                ResourceOptions.merge(bots[name].get("opts"), ResourceOptions(parent=self)),
                **arguments,
            )
            for name, arguments in declared.items()
        }
        self.register_outputs({})


def _declared(
    family: str, name: str, own: BotArgs, handle: pulumi.Input[str] | None, shared: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments of one bot."""
    where = f"BotFamily {family!r}: bots[{name!r}]"
    if not isinstance(name, str) or not name:
        raise pulumi.RunError(one_line(f"{where}: the name of a bot must be a str, and not empty"))
    if not isinstance(own, Mapping):
        raise pulumi.RunError(one_line(f"{where}: must be a dict of what this bot has of its own, which may be empty"))
    for argument in own:
        if argument not in BotArgs.__annotations__:
            raise pulumi.RunError(one_line(f"{where}: {argument}: no bot has such an argument.{_meant(argument)}"))
    if not isinstance(own.get("opts"), ResourceOptions | None):
        raise pulumi.RunError(one_line(f"{where}: opts: must be pulumi.ResourceOptions"))
    if own.get("handle") is None:
        if handle is None:
            raise pulumi.RunError(one_line(f"{where}: it needs a handle: its own, or one of the family to begin with"))
        begun = f"{handle}-{name}" if isinstance(handle, str) else pulumi.Output.concat(handle, "-", name)
        own = {**own, "handle": begun}
    return {argument: value for argument, value in merged(shared, own).items() if argument != "opts"}


def _meant(argument: object) -> str:
    """What may have been meant by an argument that there is not."""
    if argument in ApiBotSettings.__annotations__:
        return f" It belongs into api_bot_settings: {{'api_bot_settings': {{{argument!r}: …}}}}."
    return "".join(f" Did you mean {known}?" for known in nearest(str(argument), BotArgs.__annotations__)[:1])


def merged(shared: Any, own: Any) -> Any:
    """What is shared, with what is own laid over it: objects name by name, anything else whole.

    >>> merged({"pricing": {"prompt": "1", "completion": "4"}, "context_size": 8000}, {"pricing": {"prompt": "2"}})
    {'pricing': {'prompt': '2', 'completion': '4'}, 'context_size': 8000}
    """
    if own is None or shared is None:
        return own
    # One at a time, so that a secret within one does not make a secret of the other.
    if isinstance(shared, pulumi.Output) or isawaitable(shared):
        return pulumi.Output.from_input(shared).apply(lambda known: merged(known, own))
    if isinstance(own, pulumi.Output) or isawaitable(own):
        return pulumi.Output.from_input(own).apply(lambda known: merged(shared, known))
    if not isinstance(shared, Mapping) or not isinstance(own, Mapping):
        return own
    return {name: merged(shared.get(name), own[name]) if name in own else shared[name] for name in {**shared, **own}}
