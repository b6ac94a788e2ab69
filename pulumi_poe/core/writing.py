"""How one write is made: it rests on a look at the bot of this moment, and is settled when its answer is lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from . import meaning
from .change import Change, Write
from .connection import Connection
from .errors import AnswerError, LostAnswerError, NotFoundError, OverwroteError, PoeError, RefusedError
from .meaning import API_KEY
from .pacing import Budget, retrying
from .registry import Registry
from .settings import Settings
from .snapshot import Snapshot
from .trees import Path, at, overlay, without

logger = logging.getLogger("pulumi_poe")


class LookAgainError(Exception):
    """What was to be written is not what is due any more: the bot was changed since it was looked at."""


class Writing:
    """The writes of one run.

    :param connection: to Poe.
    :param snapshot: what is known of the account's bots; own writes are entered.
    :param registry: which bots may be taken over.
    :param settings: of the run.
    :param warn_once: says something, unless the run has said it already.
    """

    def __init__(
        self,
        connection: Connection,
        snapshot: Snapshot,
        registry: Registry,
        settings: Settings,
        warn_once: Callable[[str], None],
    ) -> None:
        self._connection = connection
        self._snapshot = snapshot
        self._registry = registry
        self._settings = settings
        self._warn_once = warn_once

    # --- a new bot ----------------------------------------------------------------------------------

    def post(self, declared: Mapping[str, Any], budget: Budget) -> None:
        """Create a bot that Poe does not have: POST, and settle by reading whenever the answer was lost.

        :raises LookAgainError: somebody else made it meanwhile; nothing was sent since.
        :raises OverwroteError: it came into being too late to be seen.
        """
        bot = meaning.body(declared)
        handle = bot["handle"]
        sent_before = False

        def body() -> Mapping[str, Any]:
            with budget.paused():
                is_there = self._snapshot.bot(handle) is not None
            if is_there:
                raise LookAgainError
            return bot

        created = False
        for attempt in retrying(budget, lambda error: isinstance(error, LostAnswerError) and error.is_absent):
            with attempt:
                try:
                    created = self._connection.client.create_bot(body, budget, self._is_old(handle))
                except LookAgainError:
                    if not sent_before:
                        raise
                except LostAnswerError as lost:
                    sent_before = True
                    if not self._came_into_being(declared, lost, budget):
                        raise self._may_exist(handle, lost, is_absent=True) from lost
                    created = True
        if not created and not (sent_before and self._came_into_being(declared, None, budget)):
            self._snapshot.forget()
            if not self._registry.may_adopt(handle):
                raise OverwroteError(
                    "the bot came into being between the check and the write, so Poe merged this one into it",
                    f"Whoever made {handle!r} may have lost settings: look at https://poe.com/{handle}. Then run "
                    "`pulumi up` again; if it says that the bot exists and it is yours to manage here, set adopt=True.",
                )
            return  # what a POST merges is what adopting does
        self._enter(handle, bot, under={path[0]: value for path, value in meaning.DEFAULTS.items()})

    def _came_into_being(self, declared: Mapping[str, Any], lost: LostAnswerError | None, budget: Budget) -> bool:
        """Whether a create whose answer was lost took effect."""
        handle = declared["handle"]
        try:
            found = self._ask(handle, budget)
        except NotFoundError:
            return False
        except PoeError as error:
            raise self._may_exist(handle, lost or error) from error
        if meaning.holds(found, declared):
            return True
        raise RefusedError(
            "the answer to the create was lost, and Poe has a bot of this handle that is not what was sent",
            f"Look at https://poe.com/{handle}; if it is yours to manage here, set adopt=True.",
        )

    def _may_exist(self, handle: str, error: PoeError, *, is_absent: bool = False) -> LostAnswerError:
        return LostAnswerError(
            error.problem,
            f"The bot may or may not exist now: see https://poe.com/{handle}. Run `pulumi up` again; if it then says "
            f"that the bot exists, take it over: {self._settings.how_to_adopt(handle)}.",
            is_absent=is_absent,
        )

    # --- a bot that is there ------------------------------------------------------------------------

    def change(self, handle: str, change: Change, budget: Budget) -> None:
        """Make a change, on the bot that Poe has at the moment when it is sent. Tells of drift that is seen then.

        :raises NotFoundError: Poe denies the bot.
        :raises NotYoursError: it is another account's.
        :raises RefusedError: something has to be removed, and the endpoint's key, which that needs, is not declared.
        """
        while True:
            write, bot = self._due(handle, change, budget)
            if write is not None and write.method == "PUT":
                self._require_the_endpoints_key(change, write)
            try:
                if write is not None:
                    self._send(handle, change, write, bot, budget)
            except LookAgainError:
                continue
            if write is None or write.method == "PATCH":
                self._tell_what_poe_does_not_show(handle, change)
            return

    def _due(self, handle: str, change: Change, budget: Budget) -> tuple[Write | None, Mapping[str, Any]]:
        """The request that is due at this moment, and the bot that it rests on."""
        bot = self._look(handle, change, budget)
        write = change.on(bot)
        self._tell_of_drift(handle, change, bot, write)
        return write, bot

    def _send(self, handle: str, change: Change, write: Write, bot: Mapping[str, Any], budget: Budget) -> None:
        """Send a PATCH or a PUT, and see to what came of it.

        :raises LookAgainError: the other one is due by now, or none. It was not sent.
        """
        sent, before = write, bot

        def body() -> Mapping[str, Any]:
            nonlocal sent, before
            due, before = self._due(handle, change, budget)
            if due is None or due.method != write.method:
                raise LookAgainError
            sent = due
            return due.body

        client, is_old = self._connection.client, self._is_old(handle)
        if write.method == "PATCH":
            try:
                client.update_bot(handle, body, budget, is_old)
            except AnswerError as error:
                if error.status == 400 and change.drift(before):
                    raise error.with_more_advice(
                        "If the program is right: the bot was changed on Poe since the state last saw it, and "
                        "`pulumi up --refresh` sends what was changed there, too."
                    ) from error
                raise
            self._enter(handle, sent.body, under=before)
            return
        try:
            created = client.replace_bot(handle, body, budget, is_old)
        except AnswerError as error:
            raise self._refused(error, change, sent) from error
        if created:
            tell_that_created_again(handle)
        self._look_for_what_stayed(handle, change, sent, before, budget)

    def _look_for_what_stayed(
        self, handle: str, change: Change, sent: Write, before: Mapping[str, Any], budget: Budget
    ) -> None:
        """Whether Poe has removed what a PUT left out is not documented."""
        found = self._ask(handle, budget)
        self._snapshot.enter(handle, dict(found))
        stayed = [
            path
            for path in sent.removed
            if at(found, path) is not None
            and meaning.same(path, at(found, path), at(before, path))
            and not meaning.is_as_absent(path, at(found, path))
        ]
        if stayed:
            logger.warning(
                "bot %r still has %s, which the program no longer declares: Poe kept it. Change it on poe.com, or "
                "declare it again.",
                handle,
                _named(change, stayed),
            )

    def _look(self, handle: str, change: Change, budget: Budget) -> Mapping[str, Any]:
        """The bot as Poe has it: of the list, or by its own name where more rests on it.

        :raises NotFoundError: Poe denies it.
        """
        if change.taken_out and not self._snapshot.is_fresh(handle, by_name=True):
            return self._ask(handle, budget)
        with budget.paused():
            found = self._snapshot.bot(handle)
        if found is None:
            return self._ask(handle, budget)
        if change.rests_on_what_differs(found) and not self._snapshot.is_fresh(handle, by_name=True):
            return self._ask(handle, budget)
        return found

    def look_by_name(self, handle: str, budget: Budget) -> Mapping[str, Any] | None:
        """The bot as Poe answers it by its own name, or None if Poe denies it."""
        try:
            return self._ask(handle, budget)
        except NotFoundError:
            return None

    def _ask(self, handle: str, budget: Budget) -> Mapping[str, Any]:
        return self._snapshot.ask(handle, lambda sent: self._connection.client.get_bot(handle, budget, sent))

    def _is_old(self, handle: str) -> Callable[[], bool]:
        """Whether the look that a write rests on is too old: the one at this bot, if there was one."""
        by_name = self._snapshot.is_fresh(handle, by_name=True)
        return lambda: not self._snapshot.is_fresh(handle, by_name=by_name)

    def _enter(self, handle: str, sent: Mapping[str, Any], *, under: Mapping[str, Any]) -> None:
        """The snapshot's bot after an own write: what was sent, over what was there, as Poe would answer it."""
        self._snapshot.enter(handle, without(overlay(sent, under), [API_KEY]))

    # --- what is said -------------------------------------------------------------------------------

    def _require_the_endpoints_key(self, change: Change, write: Write) -> None:
        if at(change.declared, API_KEY) is None:
            raise RefusedError(
                f"{_named(change, write.removed)} was taken out of the program, and Poe removes a property only when "
                "the whole bot is sent again, the endpoint's key included",
                "Nothing was changed. Declare api_bot_settings.api_key, or declare the property again, or remove it on "
                "poe.com.",
            )

    def _refused(self, error: AnswerError, change: Change, write: Write) -> AnswerError:
        """What Poe refuses of a PUT may be what only Poe knows, and was sent back."""
        only_on_poe = change.only_on_poe(write.body)
        if error.status != 400 or not only_on_poe:
            return error
        return AnswerError(
            error.problem,
            f"To remove {_named(change, write.removed)}, the whole bot is sent again, with what only Poe has: "
            f"{_named(change, only_on_poe)}. If Poe does not take that back, declare the property again, or remove it "
            "on poe.com and refresh. Nothing was changed.",
            status=error.status,
        )

    def _tell_of_drift(self, handle: str, change: Change, bot: Mapping[str, Any], write: Write | None) -> None:
        drift = change.drift(bot)
        if not drift:
            return
        removed = write.removed if write is not None else ()
        replaced = [path for path in drift if path in change.written or path in removed]
        left = [path for path in drift if path not in replaced]
        said = [f"{_named(change, replaced)}, which this run replaces" if replaced else ""]
        said += [f"{_named(change, left)}, which this run leaves as it is" if left else ""]
        self._warn_once(
            f"bot {handle!r} was changed on Poe since the state last saw it: {'; '.join(filter(None, said))}. "
            "`pulumi up --refresh` shows what was changed there, and sets it back to what the program says."
        )

    def _tell_what_poe_does_not_show(self, handle: str, change: Change) -> None:
        """A field of ``extra`` may be on Poe without being shown. Then nobody can see whether it is gone."""
        extra = change.recorded.get("extra")
        unseen = [path for path in change.taken_out if at(extra, path) is not None]
        if unseen:
            self._warn_once(
                f"bot {handle!r}: whether Poe still has {_named(change, unseen)}, which the program no longer "
                "declares, can't be seen: Poe does not show it."
            )


def tell_that_created_again(handle: str) -> None:
    """Say that a bot of the state was gone."""
    logger.warning("bot %r was gone from Poe and is created again.", handle)


def _named(change: Change, paths: list[Path] | tuple[Path, ...]) -> str:
    return ", ".join(sorted(map(change.in_the_program, paths)))
