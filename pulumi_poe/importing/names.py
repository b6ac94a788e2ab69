"""Names of resources, variables and config keys, from handles and addresses that may hold anything."""

from __future__ import annotations

import builtins
import itertools
import keyword
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import pulumi_poe


class Names:
    """Names that are given once each.

    :param taken: names that are not to be given.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def unique(self, name: str, separator: str) -> str:
        """The name, or if it is taken the name with the first number that makes it another.

        >>> names = Names(["live"])
        >>> names.unique("live", "-"), names.unique("live", "-"), names.unique("other", "-")
        ('live-2', 'live-3', 'other')
        """
        numbered = (f"{name}{separator}{number}" for number in itertools.count(2))
        found = next(one for one in itertools.chain([name], numbered) if one not in self._taken)
        self._taken.add(found)
        return found


def _public() -> list[str]:
    names: list[str] = getattr(pulumi_poe, "__all__")  # noqa: B009 -- no type checker sees it: it is made when asked for
    return names


RESERVED = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *_public(), "pulumi", "config"})
"""What no variable of a program should be called."""


def resource_name(handle: str) -> str:
    """A name for the resource of a bot.

    >>> resource_name("Acme.Reasoner_2"), resource_name("class"), resource_name("...")
    ('acme-reasoner-2', 'class', 'bot')
    """
    return "-".join(_words(handle)) or "bot"


def variable_name(handle: str) -> str:
    """A name for the variable of a bot.

    >>> variable_name("Acme.Reasoner_2"), variable_name("class"), variable_name("1st.bot")
    ('acme_reasoner_2', 'class_bot', 'bot_1st_bot')
    """
    name = "_".join(_words(handle)) or "bot"
    if name[0].isdigit():
        name = f"bot_{name}"
    return f"{name}_bot" if name in RESERVED else name


def name_of_host(base_url: str | None) -> list[str]:
    """The words of an address's host.

    >>> name_of_host("https://llm.example.com/v1")
    ['llm', 'example', 'com']
    """
    return _words(urlsplit(base_url).hostname or "") if base_url else []


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())
