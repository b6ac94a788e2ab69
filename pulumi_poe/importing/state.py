"""The content of the files that ``pulumi import --file`` takes.

``pulumi import TYPE NAME ID`` knows no dynamic provider: it takes one only where the file gives the whole state. Of a
bot of the native plugin the file gives the id, and the plugin all else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider

from ..provider import BotProvider
from ..tokens import BOT_TYPE, NATIVE_BOT_TYPE
from .names import Names, resource_name
from .program import ImportedBot


def import_file(bots: Iterable[ImportedBot], recorded: Callable[[Mapping[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """The JSON that imports these bots as they are.

    :param bots: the bots.
    :param recorded: what a state records of a declared bot, as
        :func:`~pulumi_poe.core.lifecycle.record.recorded_as_seen` does.
    """
    provider = {PROVIDER_KEY: serialize_provider(BotProvider())}
    return {
        "resources": [
            {
                "type": BOT_TYPE,
                "name": bot.name,
                "id": bot.declared["handle"],
                "inputs": {**provider, **bot.declared},
                "outputs": {**provider, **recorded(bot.declared)},
            }
            for bot in bots
        ]
    }


def native_import_file(handles: Iterable[str], *, taken: Iterable[str] = ()) -> dict[str, Any]:
    """The JSON that imports these bots by the native plugin, which reads each from Poe.

    >>> native_import_file(["Acme.Reasoner"], taken=["acme-reasoner"])
    {'resources': [{'type': 'poe:index:Bot', 'name': 'acme-reasoner-2', 'id': 'Acme.Reasoner'}]}

    :param handles: the bots.
    :param taken: names of resources that the stack already has.
    """
    names = Names([*taken, "pulumi"])  # which YAML keeps for itself
    return {
        "resources": [
            {"type": NATIVE_BOT_TYPE, "name": names.unique(resource_name(handle), "-"), "id": handle}
            for handle in handles
        ]
    }
