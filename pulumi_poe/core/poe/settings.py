"""Where every setting comes from: stack config first, then the environment, then the default.

=========================  ===========================  ==========================================
stack config               environment                  default
=========================  ===========================  ==========================================
``poe:apiKey`` (secret)    ``POE_API_KEY``              none: previews work, everything else asks for it
``poe:apiUrl``             ``POE_API_URL``              ``https://api.poe.com``
``poe:requestTimeout``     ``POE_REQUEST_TIMEOUT``      30 seconds for one request
``poe:operationTimeout``   ``POE_OPERATION_TIMEOUT``    60 seconds for one operation on one bot,
                                                        not counting waits that Poe asks for
``poe:previewTimeout``     ``POE_PREVIEW_TIMEOUT``      5 seconds for the look-up in a preview
``poe:attempts``           ``POE_ATTEMPTS``             10: how often one request is sent at most
``poe:requestsPerMinute``  ``POE_REQUESTS_PER_MINUTE``  480, of the 500 that Poe allows
``poe:logLevel``           ``POE_LOG_LEVEL``            info; debug tells every request, and no value
``poe:adopt``              ``POE_ADOPT``                none: handles that may be taken over; ``*``, in
                                                        the environment only: all that are declared
(none, on purpose)         ``POE_MISSING_IS_GONE``      none: handles whose bots you know are gone
(none, on purpose)         ``POE_ACCEPT_ADDRESS``       none: the address to which you know Poe moved
=========================  ===========================  ==========================================

Lists are separated by commas; in stack config a JSON list works too. An empty value counts as unset.

A Provider of a program is given settings of its own, and the engine hands it no stack config. So
:func:`of_provider` puts together what it gets.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeVar
from urllib.parse import urlsplit

from ...spelling import snake_case
from ..bot.handles import canonical_handle
from ..errors import SettingsError
from ..values.urls import is_loopback, parsed
from .pacing import ATTEMPTS, REQUESTS

DEFAULT_API_URL = "https://api.poe.com"

Lookup = Callable[[str], object]
"""Gives the stack config's value of a key such as ``poe:apiKey``, or None."""

CONFIG_KEYS: Final = (
    "apiKey",
    "apiUrl",
    "requestTimeout",
    "operationTimeout",
    "previewTimeout",
    "attempts",
    "requestsPerMinute",
    "logLevel",
    "adopt",
)
"""What stack config may hold after ``poe:``, and a Provider may be given."""

PROVIDER: Final = "provider"
"""The setting by which a Provider with a key of its own is named in messages. Nobody sets it by hand."""

LOG_LEVELS = ("debug", "info", "warning", "error")

WHERE_KEYS_COME_FROM = "Keys are made at https://poe.com/api/keys."

WHICH_SETTINGS = (
    "refresh and destroy use the settings of the last `pulumi up`, unless they run with --run-program; so does an `up` "
    "of a program that has no bot with these settings left, so have one in it for one more `up`."
)
"""What the engine does with settings that have changed since."""

HOW_TO_SET_THE_KEY = (
    "Set it with `pulumi config set --secret poe:apiKey` or in the environment as POE_API_KEY. " + WHERE_KEYS_COME_FROM
)

_HOW_TO_GIVE_A_KEY = (
    "It gets nothing from the stack config. Give it the key of its account, or set POE_API_KEY in the environment."
)

_KEY_OF_THE_STACK_UNUSED = "POE_API_URL comes from the environment, so the key must too: poe:apiKey is not used with it"

ALL = "*"
"""In the environment's ``POE_ADOPT``: every bot that the program declares may be taken over, for one run."""


@dataclass(frozen=True)
class Settings:
    """The settings of one plugin process. Made by :meth:`load`.

    :param api_key: Poe API key, or None. Never in ``repr``.
    :param api_key_source: where the key came from, or where one is missing, in words for an error.
    :param api_url: scheme, host and path under which ``/bots`` lies, without a trailing slash.
    :param request_timeout: seconds that one request may take.
    :param operation_timeout: seconds that one operation may take, not counting waits that Poe asks for.
    :param preview_timeout: seconds that the look-up in a preview may take.
    :param attempts: how often one request is sent at most.
    :param requests_per_minute: how many requests a minute are sent at most.
    :param log_level: what is told beside errors: one of :data:`LOG_LEVELS`.
    :param adopt: canonical handles that a create may take over; :data:`ALL` among them says that it may take over any.
    :param provider: the name of the program's Provider that has settings of its own; None for the account of the stack.
    :param missing_is_gone: canonical handles whose bots the user knows to be gone.
    :param accept_address: the address at which the user knows the bots of another address to be now.
    """

    api_key: str | None = field(default=None, repr=False)
    api_key_source: str = "nowhere"
    api_url: str = DEFAULT_API_URL
    request_timeout: float = 30.0
    operation_timeout: float = 60.0
    preview_timeout: float = 5.0
    attempts: int = ATTEMPTS
    requests_per_minute: int = REQUESTS
    log_level: str = "info"
    adopt: frozenset[str] = frozenset()
    missing_is_gone: frozenset[str] = frozenset()
    accept_address: str | None = None
    provider: str | None = None

    @classmethod
    def load(cls, config: Lookup, environment: Mapping[str, str]) -> Settings:
        """Read all settings.

        :param config: looks up stack config by full key.
        :param environment: the process's environment.
        :raises SettingsError: a setting can't be used. The text names it and shows no secret.

        Example::

            Settings.load({"poe:apiUrl": "http://127.0.0.1:8787"}.get, {"POE_API_KEY": "key"})
        """
        found = _Source(config, environment)
        api_url = found.text("apiUrl")
        # The address came from the shell, so the key has to as well: otherwise a shell that points
        # to the local Poe would send it the stack's real key.
        address_from_environment = api_url is not None and api_url.where == "environment"
        api_key = found.text("apiKey", skip_config=address_from_environment)
        accepted = found.text("acceptAddress", skip_config=True)
        return cls(
            api_key=_usable_key(api_key) if api_key else None,
            api_key_source=_key_source(api_key, api_url, found.configured),
            api_url=_usable_url(api_url) if api_url else DEFAULT_API_URL,
            request_timeout=found.seconds("requestTimeout", cls.request_timeout),
            operation_timeout=found.seconds("operationTimeout", cls.operation_timeout),
            preview_timeout=found.seconds("previewTimeout", cls.preview_timeout),
            attempts=found.count("attempts", cls.attempts),
            requests_per_minute=found.count("requestsPerMinute", cls.requests_per_minute),
            log_level=found.one_of("logLevel", LOG_LEVELS, cls.log_level),
            adopt=found.adopt(),
            missing_is_gone=found.handles("missingIsGone", skip_config=True),
            accept_address=_usable_url(accepted) if accepted else None,
            provider=found.provider,
        )

    @cached_property
    def host(self) -> str:
        """The host that is talked to, for messages."""
        return urlsplit(self.api_url).netloc

    @cached_property
    def poe_is_here(self) -> bool:
        """Whether Poe is one on this machine, such as the local Poe."""
        return is_loopback(urlsplit(self.api_url).hostname or "")

    def may_adopt(self, handle: str) -> bool:
        """Whether the stack may take this bot over, whatever the program says."""
        return ALL in self.adopt or canonical_handle(handle) in self.adopt

    def how_to_adopt(self, handle: str) -> str:
        """What lets the stack take a bot over, besides those that it may take over anyway."""
        others = sorted(self.adopt - {canonical_handle(handle), ALL})
        if self.provider is not None and others:
            return "set adopt=True on it"  # the Provider may have a list of its own, and then the stack's is not its
        return f"set adopt=True on it, or run `pulumi config set poe:adopt {','.join([*others, handle])}`"

    def require_key(self) -> str:
        """The Poe API key.

        :raises SettingsError: there is none; says where to set it.
        """
        if self.api_key is None:
            advice = HOW_TO_SET_THE_KEY if self.provider is None else _HOW_TO_GIVE_A_KEY
            if self.api_key_source == _KEY_OF_THE_STACK_UNUSED:
                advice = (
                    "Set POE_API_KEY too; or unset POE_API_URL, for the address that goes with the stack's key; or set "
                    "the address with `pulumi config set poe:apiUrl`."
                )
            raise SettingsError(f"no Poe API key is set ({self.api_key_source})", advice)
        return self.api_key


_V = TypeVar("_V")


def environment_name(key: str) -> str:
    """The variable of the environment that holds a setting.

    >>> environment_name("apiKey")
    'POE_API_KEY'
    """
    return f"POE_{snake_case(key).upper()}"


def require_text(key: str, text: str, otherwise: str) -> str:
    """What a Provider of a program was given for a setting. It is never empty: the account would be another one.

    :param key: one of :data:`CONFIG_KEYS`.
    :param text: what was given.
    :param otherwise: where the setting comes from that is left out.
    :returns: the text, without white space around it.
    :raises SettingsError: it is empty.

    >>> require_text("apiKey", " key ", "the stack")
    'key'
    """
    if not text.strip():
        raise SettingsError(f"its {snake_case(key)} is empty", f"Leave it out for that of {otherwise}.")
    return text.strip()


def of_provider(own: Mapping[str, _V], stack: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, _V | str]:
    """All settings of a Provider of a program: its own, and the stack's where it has none.

    A key goes to no address that it was not meant for. So an address of its own takes a key of its own; and a key of
    its own goes to the address that it has, to that of the stack, or to Poe, but to none of the environment.

    :param own: what the program gives it, by the names in :data:`CONFIG_KEYS`. Values are not looked at.
    :param stack: what the stack config has, without what is empty.
    :param environment: the process's environment, from which nothing is taken.
    :raises SettingsError: key and address don't go together.

    >>> of_provider({"apiKey": "of-other"}, {"apiKey": "of-stack", "attempts": "3"}, {})
    {'apiKey': 'of-other', 'attempts': '3', 'apiUrl': 'https://api.poe.com'}
    """
    if "apiUrl" in own and "apiKey" not in own:
        raise SettingsError(
            "api_url is given without api_key, and no other key is sent to an address of its own",
            "Give it the api_key of the account at that address.",
        )
    settings: dict[str, _V | str] = {**stack, **own}
    if "apiKey" in own and "apiUrl" not in settings:
        if environment.get(environment_name("apiUrl"), "").strip():
            raise SettingsError(
                "its api_key is not sent to POE_API_URL, which comes from the environment",
                "Give it the api_url of its account, or run `pulumi config set poe:apiUrl`, or unset POE_API_URL.",
            )
        # Said, not left out: so it stays with its key in a refresh or destroy whose shell has a POE_API_URL.
        settings["apiUrl"] = DEFAULT_API_URL
    return settings


@dataclass(frozen=True)
class _Value:
    """One setting's text with the name and the place under which it was found."""

    text: str
    name: str
    where: str


class _Source:
    """Looks in stack config, or in what a Provider was given, then in the environment."""

    def __init__(self, config: Lookup, environment: Mapping[str, str]) -> None:
        self._config = config
        self._environment = environment
        provider = config(f"poe:{PROVIDER}")
        self.provider = None if provider is None else str(provider)
        self.configured = "stack config" if provider is None else f"Provider {self.provider!r}"

    def text(self, key: str, *, skip_config: bool = False) -> _Value | None:
        if not skip_config:
            configured = self._config(f"poe:{key}")
            if configured is not None and (text := str(configured).strip()):
                return _Value(text, f"poe:{key}", self.configured)
        name = environment_name(key)
        if text := self._environment.get(name, "").strip():
            return _Value(text, name, "environment")
        return None

    def seconds(self, key: str, default: float) -> float:
        value = self.text(key)
        if value is None:
            return default
        try:
            seconds = float(value.text)
        except ValueError:
            seconds = math.nan
        if not (seconds > 0 and math.isfinite(seconds)):
            raise SettingsError(f"{value.name} is not a number of seconds above 0", "Use one such as 30.")
        return seconds

    def count(self, key: str, default: int) -> int:
        value = self.text(key)
        if value is None:
            return default
        if not re.fullmatch(r"[0-9]{1,6}", value.text) or int(value.text) == 0:
            raise SettingsError(f"{value.name} is not a whole number above 0", f"Use one such as {default}.")
        return int(value.text)

    def one_of(self, key: str, words: Sequence[str], default: str) -> str:
        value = self.text(key)
        if value is None:
            return default
        if value.text.lower() not in words:
            raise SettingsError(f"{value.name} is none of {', '.join(words)}", f"Use one of them, such as {default}.")
        return value.text.lower()

    def handles(self, key: str, *, skip_config: bool = False) -> frozenset[str]:
        value = self.text(key, skip_config=skip_config)
        if value is None:
            return frozenset()
        return frozenset(canonical_handle(handle) for handle in _listed(value))

    def adopt(self) -> frozenset[str]:
        """Whatever may be taken over for one run is said for that run, and in no config that stays."""
        in_environment = self.text("adopt", skip_config=True)
        if in_environment is not None and in_environment.text == ALL:
            return frozenset({ALL})
        value = self.text("adopt")
        if value is not None and ALL in _listed(value):
            raise SettingsError(
                f"{value.name} lists {ALL!r} with other handles or in the {value.where}",
                "List the handles. For one run, POE_ADOPT='*' in the environment takes over all that are declared.",
            )
        return self.handles("adopt")


def _listed(value: _Value) -> Iterable[str]:
    if not value.text.startswith("["):
        return [handle.strip() for handle in value.text.split(",") if handle.strip()]
    try:
        handles = json.loads(value.text)
    except ValueError:
        handles = None
    if not isinstance(handles, list) or not all(isinstance(handle, str) for handle in handles):
        raise SettingsError(f"{value.name} is not a list of handles", 'Use "first,second" or ["first"].')
    return handles


def _usable_key(value: _Value) -> str:
    for character in value.text:
        if not "!" <= character <= "~":
            raise SettingsError(
                f"{value.name} (from the {value.where}) holds a character that no key can hold, U+{ord(character):04X}",
                "Copy the key again, without line breaks. " + WHERE_KEYS_COME_FROM,
            )
    return value.text


def _key_source(api_key: _Value | None, api_url: _Value | None, configured: str) -> str:
    if api_key is not None:
        return f"{api_key.name} in the {api_key.where}"
    if api_url is not None and api_url.where == "environment":
        return _KEY_OF_THE_STACK_UNUSED
    return f"neither poe:apiKey in the {configured} nor POE_API_KEY in the environment"


def _usable_url(value: _Value) -> str:
    advice = f"Use https, such as {DEFAULT_API_URL}, or http on a loopback address."
    parts = parsed(value.text)
    if parts is None:
        raise SettingsError(f"{value.name} is not an https URL", advice)
    if parts.username is not None or parts.password is not None:
        raise SettingsError(f"{value.name} holds a user name or password", "Take it out of the URL.")
    if "?" in value.text or "#" in value.text:
        raise SettingsError(f"{value.name} has a query or fragment", advice)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise SettingsError(f"{value.name} would send the key over an open connection", advice)
    # Lower case where a browser makes no difference, so that one address has one spelling.
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl().rstrip("/")
