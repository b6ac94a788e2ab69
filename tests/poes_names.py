"""What the native plugin says, read in the words of the dynamic one: so the same can be expected of both."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from pulumi_poe import spelling
from pulumi_poe.native.names import OF_PYTHON


def in_poes_names(said: str) -> str:
    """Messages with Poe's names and Python's words. The names of settings, as in ``poe:apiKey``, stay.

    >>> in_poes_names("~ apiBotSettings.baseUrl, adopt: true, poe:apiUrl")
    '~ api_bot_settings.base_url, adopt=True, poe:apiUrl'
    """
    for of_python, of_all in OF_PYTHON.items():
        said = said.replace(of_all, of_python) if of_all else said
    return re.sub(r"\b(?<!poe:)[a-z]+(?:[A-Z][a-z]+)+\b", lambda found: _poes_names().get(found[0], found[0]), said)


@functools.cache
def _poes_names() -> Mapping[str, str]:
    return {pulumis: poes for poes, pulumis in spelling.poes_names().items()}
