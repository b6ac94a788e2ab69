"""Which checks of an endpoint there are, and in which order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, get_args

from . import checks
from .asking import Asking
from .model import Check
from .result import Result
from .wire import format_of

ALL: Final[tuple[str, ...]] = get_args(Check)
"""The checks that are made where none are declared."""


def examined(asking: Asking, declared: Mapping[str, Any]) -> Iterator[Result]:
    """What the declared checks find, as long as they are asked for.

    :param asking: of the endpoint.
    :param declared: the endpoint, all of whose values are known.
    """
    wanted: Collection[str] = declared.get("checks") or ALL
    completions = [*_completions(declared, wanted)]
    if "reachable" in wanted or "models" in wanted:
        yield from _reachable(asking, declared, wanted, has_completions=bool(completions))
    for named in completions:
        for result in checks.completion(asking, declared["model_name"], format_of(declared.get("api_type")), **named):
            # Of a completion with a tool or an image it is enough that it is answered.
            if not result.check.startswith("usage of ") or ("usage" in wanted and named["check"] in _CHARGED):
                yield result


_CHARGED: Final = ("completion", "streaming")


def _completions(declared: Mapping[str, Any], wanted: Collection[str]) -> Iterator[dict[str, Any]]:
    """The completions that the checks need: for usage alone both, because an endpoint may report it in one of them."""
    for_usage_alone = "usage" in wanted and not {*_CHARGED} & {*wanted}
    if "completion" in wanted or for_usage_alone:
        yield {"check": "completion"}
    if "streaming" in wanted or for_usage_alone:
        yield {"check": "streaming", "stream": True}
    if "tools" in wanted and "tools" in (declared.get("supported_features") or ()):
        yield {"check": "tools", "tools": True}
    if "image" in wanted and "image" in (declared.get("input_modalities") or ()):
        yield {"check": "image", "image": True}


def _reachable(
    asking: Asking, declared: Mapping[str, Any], wanted: Collection[str], *, has_completions: bool
) -> Iterator[Result]:
    if "reachable" in wanted:
        for check in (checks.name, checks.tls):
            yield check(asking)
    listed, found = checks.models(asking)
    missing = checks.model_is_listed(declared["model_name"], listed) if "models" in wanted else None
    if missing is not None:
        yield missing
    # Poe does not ask for the list. Where it asks, the completions show what an answer means for it.
    answers = found.outcome != "failed" or found.cause not in ("unreachable", "late")
    if "reachable" in wanted and not (found.outcome == "failed" and answers and has_completions):
        yield found
