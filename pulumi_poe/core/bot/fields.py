"""The names of a bot's properties: their defaults, which are secret, and how they are sent. Loads no model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ..values.trees import Path, at, overlay, tree_of, without_none
from ..values.unknown import UNKNOWN
from .prices import with_plain_prices

API_KEY: Final[Path] = ("api_bot_settings", "api_key")
"""The one property that Poe takes and never gives back: the key that Poe shows to the endpoint."""

SECRETS: Final = (API_KEY,)
"""The properties that are secrets, however a program passes them."""

DEFAULTS: Final[Mapping[Path, Any]] = {("description",): "", ("is_private",): True}
"""What Poe documents for a bot that does not say (docs/poe-bots-api.md, 1.2)."""

OBJECTS: Final = frozenset(
    {
        ("api_bot_settings",),
        ("api_bot_settings", "pricing"),
        ("api_bot_settings", "pricing", "context_pricing"),
        ("parameter_controls",),
    }
)
"""The documented objects of a bot. ``extra`` may add to them; what else is an object in it is its own."""

UNORDERED: Final = frozenset(
    ("api_bot_settings", name)
    for name in ("input_modalities", "output_modalities", "supported_features", "param_definitions")
)


def body(declared: Mapping[str, Any]) -> dict[str, Any]:
    """What a create of this bot sends: every declared leaf in Poe's spelling, with ``extra`` laid over.

    >>> body({"handle": "b", "description": None, "extra": {"new": 1}})
    {'handle': 'b', 'new': 1}
    """
    plain = without_none(declared)
    extra = plain.pop("extra", {})
    settings = plain.get("api_bot_settings")
    if isinstance(settings, dict) and "pricing" in settings:
        plain["api_bot_settings"] = {**settings, "pricing": with_plain_prices(settings["pricing"])}
    return overlay(extra, plain)


def in_body(path: Path) -> Path:
    """Where Poe's body has what a program declares at ``path``."""
    return path[1:] if path[:1] == ("extra",) else path


def is_api_bot(answered: Mapping[str, Any]) -> bool:
    """Whether this is an API bot: the account's other bots are listed too, without these settings."""
    return isinstance(answered.get("api_bot_settings"), Mapping)


def secrets_in(bag: Mapping[str, Any], secrets: Iterable[Path] = SECRETS) -> list[Path]:
    """Where a declared or recorded bot has secrets that are known by now."""
    return [path for path in secrets if at(bag, path) not in (None, UNKNOWN)]


def with_secrets(
    bag: Mapping[str, Any], marked: Callable[[Any], Any], secrets: Iterable[Path] = SECRETS
) -> dict[str, Any]:
    """The same bag, in which each secret is what a shell makes of it, whoever wrote it and however.

    :param bag: of a bot, or of what has its secrets elsewhere.
    :param marked: makes a secret of a value.
    :param secrets: where they are.

    >>> with_secrets({"api_bot_settings": {"api_key": "k", "model_name": "m"}}, lambda value: ("secret", value))
    {'api_bot_settings': {'api_key': ('secret', 'k'), 'model_name': 'm'}}
    """
    return overlay(tree_of({path: marked(at(bag, path)) for path in secrets_in(bag, secrets)}), bag)


def complete(answered: Mapping[str, Any]) -> dict[str, Any]:
    """A bot with what Poe documents as its defaults, and without the endpoint's key, should Poe ever answer it."""
    defaults = {path[0]: value for path, value in DEFAULTS.items()}
    bot = {"handle": answered["handle"], **defaults, **answered}
    if at(bot, API_KEY) is not None:
        bot["api_bot_settings"] = {key: value for key, value in bot["api_bot_settings"].items() if key != API_KEY[-1]}
    return bot
