"""The account's list of bots, held once a process, so that N bots do not cost N look-ups."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from .handles import canonical_handle

MAX_AGE = 10.0
"""Seconds after which the list is asked for again."""

Bots = dict[str, list[dict[str, Any]]]
"""Bots as Poe answered them, by canonical handle. Should Poe ever list two of one, both are kept."""

_Change = tuple[str, "dict[str, Any] | None"]


class Snapshot:
    """The shared list. Thread-safe; however many threads ask, one request is under way at a time.

    :param fetch: asks Poe for the list of bots.
    """

    def __init__(
        self, fetch: Callable[[], list[dict[str, Any]]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._bots: Bots = {}
        self._asked = -float("inf")
        self._flight: Future[None] | None = None
        self._flight_fetch = fetch
        self._changes_in_flight: list[_Change] = []
        self._forgotten_in_flight = False

    def bot(self, handle: str, fetch: Callable[[], list[dict[str, Any]]] | None = None) -> Mapping[str, Any] | None:
        """The account's bot of this handle in any spelling, or None; at most :data:`MAX_AGE` old.

        :param fetch: used instead of the shared one if this call is the one that asks Poe.
        :raises PoeError: the list could not be had. Every thread that waited for the same fetch gets that error.
        """
        self._make_fresh(fetch or self._fetch)
        with self._lock:
            alike = self._bots.get(canonical_handle(handle), [])
        # How Poe compares handles is documented in general, not for this API. So the very same one goes first.
        return next((bot for bot in alike if bot["handle"] == handle), alike[0] if alike else None)

    def bots(self) -> list[Mapping[str, Any]]:
        """All bots of the account, as fresh as :meth:`bot`'s."""
        self._make_fresh(self._fetch)
        with self._lock:
            return [bot for alike in self._bots.values() for bot in alike]

    def enter(self, handle: str, bot: dict[str, Any]) -> None:
        """An own write succeeded: this is the bot now."""
        self._change(canonical_handle(handle), bot)

    def remove(self, handle: str) -> None:
        """An own delete succeeded."""
        self._change(canonical_handle(handle), None)

    def forget(self) -> None:
        """An own write may or may not have taken effect: ask again before relying on the list."""
        with self._lock:
            self._asked = -float("inf")
            self._forgotten_in_flight = True

    def _change(self, canonical: str, bot: dict[str, Any] | None) -> None:
        with self._lock:
            if self._flight is not None:
                self._changes_in_flight.append((canonical, bot))
            _apply(self._bots, canonical, bot)

    def _make_fresh(self, fetch: Callable[[], list[dict[str, Any]]]) -> None:
        with self._lock:
            if self._clock() - self._asked <= MAX_AGE:
                return
            flight, leads = self._flight, self._flight is None
            if flight is None:
                flight = self._flight = Future()
                self._flight_fetch = fetch
                self._changes_in_flight, self._forgotten_in_flight = [], False
            is_alike = self._flight_fetch is fetch
        if leads:
            self._lead(flight, fetch)
        try:
            flight.result()
        except Exception:
            if is_alike:
                raise
            # Somebody with another patience asked, such as a preview.
            self._make_fresh(fetch)

    def _lead(self, flight: Future[None], fetch: Callable[[], list[dict[str, Any]]]) -> None:
        asked = self._clock()
        bots: Bots = {}
        try:
            for listed in fetch():
                bots.setdefault(canonical_handle(listed["handle"]), []).append(listed)
        except BaseException as error:
            with self._lock:
                self._flight = None
            flight.set_exception(error)
            return
        with self._lock:
            # The answer may be older than what this process wrote while it was under way.
            for canonical, bot in self._changes_in_flight:
                _apply(bots, canonical, bot)
            self._bots, self._flight = bots, None
            if not self._forgotten_in_flight:
                self._asked = asked
        flight.set_result(None)


def _apply(bots: Bots, canonical: str, bot: dict[str, Any] | None) -> None:
    if bot is None:
        bots.pop(canonical, None)
    else:
        bots[canonical] = [bot]
