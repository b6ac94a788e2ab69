"""What keeps the endpoints behind bots from working, told bot by bot. What is asked of each is in ``core/endpoint``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

from ..core.bot import checks as bot_checks
from ..core.endpoint import checks
from ..core.endpoint.asking import Asking
from ..core.endpoint.result import Outcome, Result
from ..core.endpoint.wire import format_of
from ..core.values.trees import at
from ..core.values.urls import parsed

_AT_A_TIME: Final = 8
"""Endpoints that are asked at once."""


@dataclass(frozen=True)
class Finding:
    """What one check found.

    :param about: what was checked, such as ``bot 'Acme-Reasoner'`` or an endpoint's address.
    :param check: which check it was, such as ``TLS``.
    :param outcome: ``failed`` keeps the bot from working or from earning; a ``warning`` may; ``skipped`` says why.
    :param said: what was found, in one line.
    :param advice: what to do, in one line.
    """

    about: str
    check: str
    outcome: Outcome
    said: str = ""
    advice: str = ""


def examine(
    bots: Sequence[Mapping[str, Any]],
    *,
    key: str | None = None,
    completion: bool = False,
    timeout: float = 30.0,
    poe_is_here: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """Check the endpoints of API bots, each endpoint once.

    :param bots: API bots as Poe answers them.
    :param key: what to show to the endpoints. Bots of several hosts and a key do not go together: see
        :func:`hosts_of`.
    :param completion: also ask each bot's model for a tiny completion, whole and streamed. The endpoint may charge it.
    :param timeout: seconds that one request may take.
    :param poe_is_here: Poe is one on this machine, and reaches what is. Default False.
    :param tell: is called with each host whose turn it is.
    :returns: the findings, in the order of the bots.
    """
    by_address: dict[str, list[Mapping[str, Any]]] = {}
    for bot in bots:
        by_address.setdefault(_address_of(bot), []).append(bot)

    def examined(address: str) -> list[Finding]:
        tell(", ".join(hosts_of(by_address[address])))
        asking = Asking(address, key, lambda: timeout)
        of_it = by_address[address]
        return list(_examined(address, asking, of_it, completion=completion, poe_is_here=poe_is_here))

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return [finding for findings in pool.map(examined, by_address) for finding in findings]


def hosts_of(bots: Sequence[Mapping[str, Any]]) -> list[str]:
    """The hosts, with their ports, to which a key would go. A key is one endpoint's, and no other host's business."""
    parts = [parsed(_address_of(bot)) for bot in bots]
    return sorted({part.netloc.lower() for part in parts if part is not None})


def _address_of(bot: Mapping[str, Any]) -> str:
    url = at(bot, ("api_bot_settings", "base_url"))
    return url.rstrip("/") if isinstance(url, str) else ""


def _examined(
    address: str, asking: Asking, bots: list[Mapping[str, Any]], *, completion: bool, poe_is_here: bool
) -> Iterator[Finding]:
    """All findings of an endpoint, and of the bots that are served by it."""
    mistakes = [mistake for bot in bots for mistake in _mistakes_of_settings(bot, poe_is_here)]
    yield from mistakes
    if parsed(address) is None or any(mistake.outcome == "failed" for mistake in mistakes):
        return  # such an address may hold a password, or would send the key over an open connection
    listed: list[str] | None = None
    for check in (checks.name, checks.tls, checks.models):
        found = check(asking)
        if isinstance(found, tuple):
            listed, found = found
        if found.outcome == "failed":
            yield _finding(address, replace(found, check="endpoint"))
            return
        yield _finding(address, found)
    for bot in bots:
        about, model = f"bot {bot['handle']!r}", at(bot, ("api_bot_settings", "model_name"))
        if (missing := checks.model_is_listed(model, listed)) is not None:
            yield _finding(about, missing)
        if completion and not isinstance(model, str):
            yield Finding(about, "completion", "skipped", "it has no model_name", "Declare one.")
        elif completion:
            wire = format_of(at(bot, ("api_bot_settings", "api_type")))
            for check_name, stream in (("completion", False), ("streaming", True)):
                for found in checks.completion(asking, model, wire, check=check_name, stream=stream):
                    yield _finding(about, found)


def _finding(about: str, found: Result) -> Finding:
    """What a check has found, in the words of the command."""
    if found.cause == "wants a key":
        advice = "Poe never gives that back. Put it into a variable and name that with --endpoint-key-env."
        return Finding(about, found.check, "skipped", found.said, advice)
    advice = f"{found.advice} --timeout waits longer." if found.cause == "late" else found.advice
    return Finding(about, found.check, found.outcome, found.said, advice)


def _mistakes_of_settings(bot: Mapping[str, Any], poe_is_here: bool) -> Iterator[Finding]:
    """What the checks say of a bot's address."""
    if not _address_of(bot):
        yield Finding(f"bot {bot['handle']!r}", "settings", "failed", "it has no base_url", "Declare one.")
        return
    path = "api_bot_settings.base_url"
    with_address = {"handle": "any", "api_bot_settings": {"base_url": _address_of(bot)}}
    for mistake in bot_checks.mistakes(with_address, poe_is_here=poe_is_here):
        if mistake.path == path:
            yield Finding(
                f"bot {bot['handle']!r}",
                "settings",
                "failed" if mistake.is_error else "warning",
                f"base_url {mistake.problem}",
                "Change it in the program.",
            )
