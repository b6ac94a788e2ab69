"""What is known of the account's bots: its list, held once a process, so that N bots do not cost N look-ups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .. import machine
from ..bot.handles import canonical_handle
from ..errors import NotFoundError

MAX_AGE = 10.0
"""Seconds after which Poe is asked again. A write rests on nothing older when it is sent."""

Sent = Callable[[], None]
"""Told by a request each time that it is sent: what it answers is as old as the last time."""

Fetch = Callable[[Sent], list[dict[str, Any]]]
"""Asks Poe for the list of bots."""

Bots = dict[str, list[dict[str, Any]]]
"""Bots as Poe answered them, by canonical handle. Should Poe ever list two of one, both are kept."""

_Change = tuple[str, "dict[str, Any] | None"]


class Snapshot:
    """The shared list. Thread-safe; however many threads ask, one request is under way at a time.

    :param fetch: asks Poe for the list of bots.
    """

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] | None = None) -> None:
        self._fetch = fetch
        self._clock = clock or machine.monotonic
        self._lock = machine.lock()
        self._bots: Bots = {}
        self._asked = -float("inf")
        self._flight: _Flight | None = None
        self._flight_fetch = fetch
        self._changes_in_flight: list[_Change] = []
        self._forgotten_in_flight = False
        self._named: dict[str, tuple[float, dict[str, Any] | None]] = {}
        self._ever: set[str] = set()

    def bot(self, handle: str, fetch: Fetch | None = None) -> Mapping[str, Any] | None:
        """The account's bot of this handle in any spelling, or None; at most :data:`MAX_AGE` old.

        What Poe said of this one bot goes before the list, which may lag behind.

        :param fetch: used instead of the shared one if this call is the one that asks Poe.
        :raises PoeError: the list could not be had. Every thread that waited for the same fetch gets that error.
        """
        with self._lock:
            if self._is_young(self._named_at(canonical_handle(handle))):
                return self._named[canonical_handle(handle)][1]
        return self.listed(handle, fetch)

    def listed(self, handle: str, fetch: Fetch | None = None) -> Mapping[str, Any] | None:
        """:meth:`bot` as the list has it, whatever Poe said of this one bot."""
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

    def ask(self, handle: str, fetch: Callable[[Sent], dict[str, Any]]) -> Mapping[str, Any]:
        """The bot as Poe answers it by its own name.

        :param fetch: asks Poe for this one bot.
        :raises NotFoundError: Poe denies it. That is remembered, too.
        """
        asked = _Asked(self._clock)
        try:
            bot = fetch(asked.note)
        except NotFoundError:
            self._name(handle, asked.at, None)
            raise
        self._name(handle, asked.at, bot)
        return bot

    def is_fresh(self, handle: str, *, by_name: bool = False) -> bool:
        """Whether what is known of this handle is at most :data:`MAX_AGE` old.

        :param by_name: only an answer about this one bot counts.
        """
        with self._lock:
            asked = self._named_at(canonical_handle(handle))
            return self._is_young(asked if by_name else max(asked, self._asked))

    def knows(self, handle: str) -> bool:
        """Whether the bot is there, as far as is known without asking, however old that is."""
        with self._lock:
            return canonical_handle(handle) in self._bots

    def has_seen(self, handle: str) -> bool:
        """Whether this run has ever seen the bot in the account of the key in use, or deleted it there."""
        return canonical_handle(handle) in self._ever

    def enter(self, handle: str, bot: dict[str, Any]) -> None:
        """An own write succeeded: this is the bot now."""
        self._change(canonical_handle(handle), bot)

    def remove(self, handle: str) -> None:
        """An own delete succeeded."""
        self._change(canonical_handle(handle), None)

    def forget(self) -> None:
        """An own write may or may not have taken effect: ask again before relying on what is known."""
        with self._lock:
            self._asked = -float("inf")
            self._named.clear()
            self._forgotten_in_flight = True

    def _named_at(self, canonical: str) -> float:
        return self._named[canonical][0] if canonical in self._named else -float("inf")

    def _is_young(self, asked: float) -> bool:
        return self._clock() - asked <= MAX_AGE

    def _name(self, handle: str, asked: float, bot: dict[str, Any] | None) -> None:
        with self._lock:
            self._named[canonical_handle(handle)] = (asked, bot)
            if bot is not None:
                self._ever.add(canonical_handle(handle))

    def _change(self, canonical: str, bot: dict[str, Any] | None) -> None:
        with self._lock:
            self._ever.add(canonical)
            if bot is None:
                # No list that lags behind says otherwise.
                self._named[canonical] = (self._clock(), None)
            elif canonical in self._named:
                self._named[canonical] = (self._named_at(canonical), bot)
            if self._flight is not None:
                self._changes_in_flight.append((canonical, bot))
            _apply(self._bots, canonical, bot)

    def _make_fresh(self, fetch: Fetch) -> None:
        with self._lock:
            if self._is_young(self._asked):
                return
            flight, leads = self._flight, self._flight is None
            if flight is None:
                flight = self._flight = _Flight()
                self._flight_fetch = fetch
                self._changes_in_flight, self._forgotten_in_flight = [], False
            is_alike = self._flight_fetch is fetch
        if leads:
            self._lead(flight, fetch)
        try:
            flight.wait()
        except Exception:
            if is_alike:
                raise
            # Somebody with another patience asked, such as a preview.
            self._make_fresh(fetch)

    def _lead(self, flight: _Flight, fetch: Fetch) -> None:
        asked = _Asked(self._clock)
        bots: Bots = {}
        try:
            for listed in fetch(asked.note):
                bots.setdefault(canonical_handle(listed["handle"]), []).append(listed)
        except BaseException as error:
            with self._lock:
                self._flight = None
            flight.land(error)
            return
        with self._lock:
            self._ever.update(bots)
            # The answer may be older than what this process wrote while it was under way.
            for canonical, bot in self._changes_in_flight:
                _apply(bots, canonical, bot)
            self._bots, self._flight = bots, None
            if not self._forgotten_in_flight:
                self._asked = asked.at
        flight.land()


class _Flight:
    """A request for the list that is under way, and on which several threads may wait."""

    def __init__(self) -> None:
        self._has_landed = machine.event()
        self._error: BaseException | None = None

    def land(self, error: BaseException | None = None) -> None:
        """It is over, with this error."""
        self._error = error
        self._has_landed.set()

    def wait(self) -> None:
        """Return once it is over; raise the error that it had."""
        self._has_landed.wait()
        if self._error is not None:
            raise self._error


class _Asked:
    """When Poe was asked: as the request was sent the last time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.at = clock()

    def note(self) -> None:
        self.at = self._clock()


def _apply(bots: Bots, canonical: str, bot: dict[str, Any] | None) -> None:
    if bot is None:
        bots.pop(canonical, None)
    else:
        bots[canonical] = [bot]
