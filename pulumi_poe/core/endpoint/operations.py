"""What may be done with a declared endpoint: one function for each of the engine's operations.

An endpoint is made by being asked, and is nothing but the record that it answered. So to read it asks nothing, and
there is nothing to delete.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from ..errors import EndpointError, as_poe_error, doing
from ..values.trees import Path
from ..values.urls import parsed
from . import declared as declaring
from .asking import Asking
from .examining import examined
from .result import Result
from .waiting import Waiting

logger: Final = logging.getLogger("pulumi_poe")


@dataclass(frozen=True)
class Checked:
    """What a check has found.

    :param inputs: what the state is to have as declared.
    :param mistakes: all that is wrong, one line each.
    """

    inputs: dict[str, Any]
    mistakes: list[str] = field(default_factory=list)


def check(declared: Mapping[str, Any], before: Mapping[str, Any]) -> Checked:
    """All mistakes that can be known without asking. The endpoint is asked nothing.

    :param declared: what the program declares. Any of it may be unknown.
    :param before: what the state has; empty for an endpoint that is new to the stack.
    """
    # What has not changed was checked when it came into the state.
    if before and not declaring.differing(declared, before):
        return Checked(dict(declared))
    found = declaring.mistakes(declared)
    for mistake in found:
        if not mistake.is_error:
            logger.warning("endpoint%s: %s", _named(declared), mistake)
    return Checked(dict(declared), [str(mistake) for mistake in found if mistake.is_error])


def differing(declared: Mapping[str, Any], before: Mapping[str, Any]) -> list[Path]:
    """The properties that change."""
    return declaring.differing(declared, before)


def create(declared: Mapping[str, Any], *, timeout: float = 0.0) -> dict[str, Any]:
    """Wait until the endpoint answers as Poe needs it to.

    :param timeout: seconds that the program allows the operation; 0 leaves it to ``wait``.
    :returns: what to record.
    :raises EndpointError: it does not, or the declaration has mistakes that a check could not see yet.
    """
    with _operation("create", declared):
        _wait_for(declared, timeout)
    return declaring.properties(declared)


def update(before: Mapping[str, Any], declared: Mapping[str, Any], *, timeout: float = 0.0) -> dict[str, Any]:
    """The same, where something changed of what was proven. Where only ``wait`` or ``checks`` did, nothing is asked."""
    with _operation("update", declared):
        if declaring.has_to_be_asked(declared, before):
            _wait_for(declared, timeout)
    return declaring.properties(declared)


def read(before: Mapping[str, Any]) -> dict[str, Any]:
    """What is recorded. The endpoint is asked nothing.

    :raises EndpointError: nothing is recorded, as in an import.
    """
    if not before:
        raise EndpointError(
            "an endpoint can't be imported: it is nothing but a check", "Declare it, and run `pulumi up`."
        )
    return declaring.properties(before)


def _wait_for(declared: Mapping[str, Any], timeout: float) -> None:
    wrong = [str(mistake) for mistake in declaring.mistakes(declared) if mistake.is_error]
    if wrong:
        raise EndpointError("; ".join(wrong), "Nothing was sent.")
    wait = declared.get("wait")
    seconds = float(declaring.DEFAULT_WAIT if wait is None else wait)
    waiting = Waiting(
        min(seconds, timeout) if timeout else seconds,
        # One address may have several models, and the dynamic shell's lines do not say of which resource they are.
        lambda said: logger.info("endpoint%s, model %r: %s", _named(declared), declared["model_name"], said),
    )
    asking = Asking(declared["base_url"], declared.get("api_key"), waiting.timeout, waiting.meanwhile)
    warned: set[str] = set()

    def failure() -> Result | None:
        for result in examined(asking, declared):
            if result.outcome == "failed":
                return result
            if result.outcome == "warning" and result.said not in warned:
                warned.add(result.said)
                logger.warning("endpoint%s: %s. %s", _named(declared), result.said, result.advice)
        return None

    waiting.until_there_is_none(failure)


@contextmanager
def _operation(name: str, declared: Mapping[str, Any]) -> Iterator[None]:
    with doing(f"{name} endpoint{_named(declared)}"):
        try:
            yield
        except Exception as raised:
            raise as_poe_error(raised) from raised


def _named(declared: Mapping[str, Any]) -> str:
    """How a message names the endpoint: by its address, without what may be a password in it."""
    url = declared.get("base_url")
    parts = parsed(url) if isinstance(url, str) else None
    if parts is None:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return f" {parts.scheme}://{host}{parts.path}"
