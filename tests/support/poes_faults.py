"""All that can go wrong with a request to Poe, and what a run says of it when it does not pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from canaries import ENDPOINT_KEY, echo
from stacks import POE_KEY


def poes(message: str) -> dict[str, Any]:
    """A body in Poe's form, that also echoes the keys."""
    return {"error": {"message": f"{message} {echo(POE_KEY, ENDPOINT_KEY)}"}}


HTML = f"<html><h1>502 Bad Gateway</h1>{echo(POE_KEY, ENDPOINT_KEY)}</html>"


@dataclass(frozen=True)
class Kind:
    """A fault, and what a run says of it when it does not pass."""

    what: dict[str, Any]
    says: str
    passes: bool = True
    """It may pass: the same request is sent again."""

    denies: bool = False
    """Poe denies the bot, in its own words: an adoption looks again."""

    @property
    def takes_effect(self) -> bool:
        """Poe does what was asked, and its answer is lost."""
        return self.what.get("moment") == "after" or "truncate" in self.what


FAULTS: dict[str, Kind] = {
    "dropped-before": Kind({"drop": True}, "can't be reached"),
    "dropped-after": Kind({"drop": True, "moment": "after"}, "can't be reached"),
    "timeout-before": Kind({"drop": True, "delay": 1.2}, "did not answer within 0.8 s"),
    "timeout-after": Kind({"delay": 1.2, "moment": "after"}, "did not answer within 0.8 s"),
    "f429": Kind({"status": 429, "body": poes("Rate limit exceeded.")}, "Poe answered 429 Too Many Requests"),
    "f429-told": Kind(
        {"status": 429, "headers": {"Retry-After": "1"}, "body": poes("Rate limit exceeded.")},
        "Poe answered 429 Too Many Requests",
    ),
    "f500": Kind({"status": 500, "body": poes("An unexpected error.")}, "Poe answered 500 Internal Server Error"),
    "f500-after": Kind({"status": 500, "moment": "after"}, "Poe answered 500 Internal Server Error"),
    "f502-html": Kind({"status": 502, "body": HTML}, "Poe answered 502 Bad Gateway"),
    "f503": Kind({"status": 503, "body": poes("Come back.")}, "Poe answered 503 Service Unavailable"),
    "truncated": Kind({"truncate": 1}, "can't be reached"),
    "f400": Kind({"status": 400, "body": poes("Bad.")}, "Poe answered 400 Bad Request", passes=False),
    "f401": Kind({"status": 401, "body": poes("Incorrect.")}, "Poe answered 401 Unauthorized", passes=False),
    "f403": Kind({"status": 403, "body": poes("Unauthorized.")}, "Poe answered 403 Forbidden", False, True),
    "f404": Kind({"status": 404, "body": poes("Not there.")}, "Poe answered 404 Not Found", False, True),
    "f404-html": Kind({"status": 404, "body": HTML}, "Poe answered 404 Not Found", passes=False),
}


@dataclass(frozen=True)
class Case:
    """A fault that meets so many requests: the first one, or all (None)."""

    kind: Kind
    times: int | None

    @property
    def passes(self) -> bool:
        """The same request gets through at last."""
        return self.kind.passes and self.times is not None


CASES = {
    f"{name}-{often}": Case(kind, times)
    for name, kind in FAULTS.items()
    for often, times in (("once", 1), ("ever", None))
}
NAMES = list(CASES)
"""One bot for each case, of this name."""
