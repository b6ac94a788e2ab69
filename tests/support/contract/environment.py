"""What the person who runs `make test-live` says in the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from pulumi_poe.core.errors import SettingsError
from pulumi_poe.core.poe.settings import Settings
from pulumi_poe.core.values.urls import is_loopback, parsed

from .asking import Endpoint, Need

VARIABLES = {
    "POE_ACC": "1 says that bots may be made, changed and deleted in the account",
    "POE_API_KEY": "the key of an account that may be written to",
    "POE_API_URL": "where Poe is; default https://api.poe.com",
    "POE_ACC_ENDPOINT": "the base_url of an endpoint of yours, such as https://llm.example.com/v1",
    "POE_ACC_ENDPOINT_KEY": "the key of that endpoint",
    "POE_ACC_MODEL": "the name of a model there",
    "POE_ACC_OTHER_KEY": "the key of a second account of yours, for the questions about bots of others",
    "POE_ACC_REQUESTS": "how many requests are sent at most; default 600",
    "POE_ACC_PUBLIC": "1 allows that a bot is public for a moment",
    "POE_ACC_CHAT": "1 allows that a public bot is talked to, which costs points",
    "POE_ACC_LIMIT": "1 allows that Poe's limit of requests is run into",
    "POE_ACC_PATIENCE": "how many seconds are waited for what Poe may do later; default 30",
}
"""Every variable, and what it says."""

NEEDED = ("POE_ACC", "POE_API_KEY", "POE_ACC_ENDPOINT", "POE_ACC_ENDPOINT_KEY", "POE_ACC_MODEL")
REQUESTS = 600
PATIENCE = 30.0
PACE = 0.2
"""Seconds between two requests to a Poe that is not on this machine: 300 a minute, of the 500 that it allows."""


class UnusableError(Exception):
    """A variable can't be used. The text names it, and shows no value."""


@dataclass(frozen=True)
class Live:
    """What a run needs to know."""

    url: str
    key: str = field(repr=False)
    endpoint: Endpoint
    other_key: str | None = field(repr=False)
    may: frozenset[Need]
    requests: int
    patience: float
    pace: float

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Live | None:
        """Read all variables; None if one of :data:`NEEDED` is missing, so that nothing may be sent.

        :raises UnusableError: one can't be used.
        """
        if missing(environment):
            return None
        said = {name: environment.get(name, "").strip() for name in VARIABLES}
        try:
            poe = Settings.load(lambda _: None, environment)
            other = Settings.load(lambda _: None, {**environment, "POE_API_KEY": said["POE_ACC_OTHER_KEY"]})
        except SettingsError as error:
            raise UnusableError(str(error)) from None
        if other.api_key is not None and other.api_key == poe.api_key:
            raise UnusableError("POE_ACC_OTHER_KEY is the same as POE_API_KEY; it has to be of another account")
        address = parsed(said["POE_ACC_ENDPOINT"])
        if address is None or address.scheme != "https" or address.username or address.query or address.fragment:
            raise UnusableError("POE_ACC_ENDPOINT is no plain https URL")
        may = {need for need in get_args(Need) if said.get(f"POE_ACC_{need.upper()}") == "1"}
        return cls(
            url=poe.api_url,
            key=poe.require_key(),
            endpoint=Endpoint(said["POE_ACC_ENDPOINT"], said["POE_ACC_ENDPOINT_KEY"], said["POE_ACC_MODEL"]),
            other_key=other.api_key,
            may=frozenset(may | ({"other"} if other.api_key else set())),
            requests=int(_number(said, "POE_ACC_REQUESTS", REQUESTS)),
            patience=_number(said, "POE_ACC_PATIENCE", PATIENCE),
            pace=0.0 if is_loopback((parsed(poe.api_url) or address).hostname or "") else PACE,
        )


def missing(environment: Mapping[str, str]) -> list[str]:
    """The variables without which no request is sent."""
    unset = [name for name in NEEDED if not environment.get(name, "").strip()]
    return unset if environment.get("POE_ACC", "").strip() in ("", "1") else ["POE_ACC", *unset]


def _number(said: Mapping[str, str], name: str, default: float) -> float:
    try:
        number = float(said[name] or default)
    except ValueError:
        number = 0
    if not 0 < number < 100_000:
        raise UnusableError(f"{name} is no number above 0")
    return number
