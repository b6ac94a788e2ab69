"""Is this the Poe, the account and the bot that the state means? And is the bot really gone?"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from .. import machine
from ..bot import drift
from ..bot.handles import canonical_handle, same_handle
from ..errors import AnswerError, ElsewhereError, NotProvenGoneError, NotYoursError
from ..poe.fingerprint import fingerprint, is_elsewhere, is_here, is_readable, matches
from ..poe.settings import WHICH_SETTINGS, Settings
from ..poe.snapshot import Fetch, Snapshot
from .record import FINGERPRINT, properties
from .registry import Mark, Registry

logger = logging.getLogger("pulumi_poe")


class Proof:
    """What is proven about the bots of one run.

    :param settings: the address and the key in use, and what the user knows.
    :param snapshot: what this run has seen of the account.
    :param registry: what it has seen of the program's bots.
    """

    def __init__(self, settings: Settings, snapshot: Snapshot, registry: Registry) -> None:
        self._settings = settings
        self._snapshot = snapshot
        self._registry = registry
        self._has_told_of_rotation = False
        self._telling = machine.lock()

    def is_at_this_address(self, handle: str, recorded: Mapping[str, Any]) -> bool:
        """Whether the bot that the state means is one of the Poe in use. A bot of this handle elsewhere is another.

        :returns: False for a bot of another address that the user knows to be gone: no request can mean that one.
        :raises ElsewhereError: it was last seen at another address.
        """
        if not self._is_of_another_address(recorded):
            return True
        if self.is_known_to_be_gone(handle):
            return False
        url = self._settings.api_url
        provider = self._settings.provider
        where = "Set poe:apiUrl or POE_API_URL" if provider is None else f"Set the api_url of the Provider {provider!r}"
        raise ElsewhereError(
            f"the address in use ({url}) is not the one that last saw this bot",
            f"Nothing was sent. {where} to the address of this bot; {WHICH_SETTINGS} If the same Poe is at the new "
            f"address now, say so for one run with POE_ACCEPT_ADDRESS={url} in the environment; if the bot is gone, "
            f"with POE_MISSING_IS_GONE={self._gone_and(handle)}.",
        )

    def is_elsewhere(self, handle: str, recorded: Mapping[str, Any]) -> bool:
        """Whether :meth:`is_at_this_address` would raise."""
        return self._is_of_another_address(recorded) and not self.is_known_to_be_gone(handle)

    def _is_of_another_address(self, recorded: Mapping[str, Any]) -> bool:
        url = self._settings.api_url
        return is_elsewhere(recorded.get(FINGERPRINT), url) and self._settings.accept_address != url

    def is_known_to_be_gone(self, handle: str) -> bool:
        """Whether the user said so for this run."""
        return canonical_handle(handle) in self._settings.missing_is_gone

    def require_that_gone(self, handle: str, recorded: Mapping[str, Any], error: AnswerError) -> None:
        """Return if the bot is gone; raise if it may still exist.

        Gone is what Poe's own 404 about the bot denies, its list does not hold, and this account has had before: the
        same address and key have seen it, or this run has. A 404 alone may come from another account's key or another
        Poe, and a 403 says that somebody has a bot of this handle.

        :raises NotProvenGoneError: it may exist. Says what to do.
        """
        if self.is_known_to_be_gone(handle):
            return
        if isinstance(error, NotYoursError):
            raise NotProvenGoneError(error.problem, f"{error.advice} {self._way_out(handle)}") from error
        if not self._was_in_this_account(handle, recorded.get(FINGERPRINT)):
            raise NotProvenGoneError(
                f"{error.problem}; that may be because the key ({self._settings.api_key_source}) is not the one that "
                "last saw this bot",
                f"Use that key; {WHICH_SETTINGS} {self._way_out(handle)}",
            ) from error
        if self._snapshot.listed(handle) is not None:
            self._snapshot.forget()  # the list may be older than the bot's end
            if self._snapshot.listed(handle) is not None:
                raise NotProvenGoneError(
                    f"{error.problem}, but Poe's list of this account's bots holds it",
                    f"Try again. {self._way_out(handle)}",
                ) from error

    def point_to_a_renamed_bot(self, handle: str, recorded: Mapping[str, Any]) -> None:
        """A bot renamed on poe.com is missing under its old handle, and there under another."""
        alike = [
            bot["handle"]
            for bot in self._snapshot.bots()
            if not self._registry.has(bot["handle"], Mark.READ)
            and drift.holds({**bot, "handle": handle}, properties(recorded))
        ]
        if len(alike) == 1:
            (renamed,) = alike
            logger.warning(
                "bot %r is gone, and bot %r of this account is just like it. If no resource of this stack has that "
                "one, and it was renamed on poe.com, declare handle=%r with adopt=True.",
                handle,
                renamed,
                renamed,
            )

    def require_the_account_of_the_replaced(self, handle: str, replaced: tuple[str, object] | None) -> None:
        """A replacement is made in the account that has the old bot, or not at all.

        :param replaced: the handle of the old bot, if there is one, and its recorded fingerprint.
        :raises NotProvenGoneError: the account of the key in use has never had it, as far as this run can know.
        """
        old, last_seen = replaced or (handle, None)
        if same_handle(old, handle) or self._is_of_this_key(last_seen) or self.is_known_to_be_gone(old):
            return
        if not self._snapshot.has_seen(old) and self._snapshot.bot(old) is None:
            raise NotProvenGoneError(
                f"this bot replaces {old!r}, which the account of the key ({self._settings.api_key_source}) does not "
                "have, and that key is not the one that last saw it",
                "Nothing was changed. If the key is of another account, use the one that last saw the bot. If it was "
                "rotated and an earlier run deleted the old bot, say so for one run with "
                f"POE_MISSING_IS_GONE={self._gone_and(old)} in the environment.",
            )
        self.tell_of_a_rotated_key(old, last_seen)

    def require_the_account_of(self, handle: str, recorded: Mapping[str, Any], fetch: Fetch | None = None) -> None:
        """A bot can't move to another account. Asks Poe only where another key than the one in use last saw it.

        :param fetch: asks for the list with the patience of a preview; None has that of an operation.
        :raises NotProvenGoneError: the account of the key in use lacks it.
        :raises PoeError: the list could not be had.
        """
        last_seen = recorded.get(FINGERPRINT)
        is_elsewhere_or_gone = self._is_of_another_address(recorded) or self.is_known_to_be_gone(handle)
        if self._settings.api_key is None or not is_readable(last_seen) or is_elsewhere_or_gone:
            return
        if self._is_of_this_key(last_seen) or self._snapshot.has_seen(handle):
            return
        if self._snapshot.listed(handle, fetch) is None:
            raise NotProvenGoneError(
                f"the account of the key in use ({self._settings.api_key_source}) does not have this bot, and another "
                "key last saw it",
                "A bot can't move between accounts: give it another handle, or go back to its provider and key. If the "
                f"key was rotated and you know that the bot is gone, say so for one run with "
                f"POE_MISSING_IS_GONE={self._gone_and(handle)} in the environment. Nothing was changed.",
            )

    @cached_property
    def of_the_key_in_use(self) -> str:
        """A fingerprint for other processes of this run; empty without a key."""
        return fingerprint(self._settings.api_url, self._settings.api_key) if self._settings.api_key else ""

    def is_of_the_key_in_use(self, stored: str) -> bool:
        """Whether :attr:`of_the_key_in_use` of another process is of the same key. One without a key may be."""
        return not stored or self._settings.api_key is None or self._is_of_this_key(stored)

    def tell_of_a_rotated_key(self, handle: str, last_seen: object) -> None:
        """Once a run: the account has a bot that another key has last seen, so that key counts as rotated."""
        if not is_readable(last_seen) or self._is_of_this_key(last_seen):
            return
        with self._telling:
            if self._has_told_of_rotation:
                return
            self._has_told_of_rotation = True
        logger.warning(
            "the key in use (%s) is not the one that last saw bot %r of this stack. The account has that bot, so the "
            "key is taken for a rotated one of the same account.",
            self._settings.api_key_source,
            handle,
        )

    def renewed(self, last: object = None) -> object:
        """The fingerprint to record of a bot that was just seen. One that still holds is kept, so that nothing seems
        to change; not one of an early release, which does not say where the bot is."""
        url, key = self._settings.api_url, self._settings.require_key()
        holds = self._is_of_this_key(last) and is_here(last, url)
        return last if holds else fingerprint(url, key)

    def _was_in_this_account(self, handle: str, last_seen: object) -> bool:
        return self._is_of_this_key(last_seen) or self._snapshot.has_seen(handle)

    def _is_of_this_key(self, last_seen: object) -> bool:
        return matches(last_seen, self._settings.api_url, self._settings.require_key())

    def _way_out(self, handle: str) -> str:
        return (
            "Nothing was changed. If you know that it is gone, say so for one run with "
            f"POE_MISSING_IS_GONE={self._gone_and(handle)} in the environment."
        )

    def _gone_and(self, handle: str) -> str:
        """What to say of this bot without taking back what was said of others, but for those that are there again."""
        others = self._settings.missing_is_gone - {canonical_handle(handle)}
        return ",".join([*sorted(one for one in others if not self._snapshot.knows(one)), handle])
