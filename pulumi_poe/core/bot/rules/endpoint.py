"""The rules of the handle, of the endpoint and of its limits (docs/poe-bots-api.md, 2, 4.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...values.text import counted
from ...values.urls import is_loopback, parsed
from ..mistake import Mistake, warning
from .reading import number

SHORTEST_HANDLE: Final = 4

LONGEST_HANDLE: Final = 20


def handle_rules(handle: Any) -> Iterator[Mistake]:
    """Those that it breaks."""
    if not isinstance(handle, str):
        return
    if not re.fullmatch(r"[A-Za-z0-9._-]*", handle):
        yield Mistake("handle", "may only have letters a to z, digits, '-', '_' and '.'")
    elif not re.search(r"[A-Za-z0-9]", handle):
        yield Mistake("handle", "must have a letter or digit")
    elif not SHORTEST_HANDLE <= len(handle) <= LONGEST_HANDLE:
        yield warning(
            "handle",
            f"has {counted(len(handle), 'character')}; Poe documents {SHORTEST_HANDLE} to {LONGEST_HANDLE} and may "
            "refuse it",
        )


def endpoint_rules(settings: Mapping[str, Any], *, poe_is_here: bool = False) -> Iterator[Mistake]:
    """Those that it breaks.

    :param poe_is_here: Poe is one on this machine, and reaches what is.
    """
    yield from _base_url(settings.get("base_url"), poe_is_here)
    modalities = settings.get("input_modalities")
    if isinstance(modalities, list) and "video" in modalities and settings.get("api_type") == "responses_api":
        yield Mistake(
            "api_bot_settings.input_modalities", "video is only supported with api_type 'chat_completions_api'"
        )
    longest, context = number(settings.get("max_input_tokens")), number(settings.get("context_size"))
    if longest is not None and context is not None and longest > context:
        yield Mistake(
            "api_bot_settings.max_input_tokens", "is more than context_size, which holds input and output together"
        )


def _base_url(url: Any, poe_is_here: bool) -> Iterator[Mistake]:
    path = "api_bot_settings.base_url"
    if not isinstance(url, str):
        return
    example = "such as https://llm.example.com/v1"
    parts = parsed(url)
    if parts is None:
        yield Mistake(path, f"must be an https URL, {example}")
        return
    if parts.username is not None or parts.password is not None:
        yield Mistake(path, "must not have a user name or password; the endpoint's key goes into api_key")
    if parts.query or parts.fragment:
        yield Mistake(path, f"must not have a query or fragment, because Poe adds a path to it; use one {example}")
    if parts.scheme == "http":
        if not is_loopback(parts.hostname or ""):
            yield Mistake(path, f"must be https, {example}")
        elif not poe_is_here:
            yield warning(path, "is an address of this machine, which Poe can't reach")
    called = re.search(r"/(chat/completions|responses)/*$", parts.path)
    if called:
        yield Mistake(path, f"must end before /{called[1]}, which Poe adds itself")
