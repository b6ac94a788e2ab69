"""How is a bot changed? On a look at the bot of this moment, and told what came of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..bot import comparing, drift
from ..bot.fields import API_KEY
from ..errors import AnswerError, RefusedError
from ..values.trees import Path, at
from .change import Change, Write
from .creating import LookAgainError, tell_that_created_again

if TYPE_CHECKING:
    from ..poe.pacing import Budget
    from .session import Session

logger = logging.getLogger("pulumi_poe")


class Updating:
    """Changes of bots.

    :param session: of the account.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

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

        client, is_old = self._session.connection.client, self._session.is_old(handle)
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
            self._session.enter(handle, sent.body, under=before)
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
        found = self._session.ask(handle, budget)
        self._session.snapshot.enter(handle, dict(found))
        stayed = [
            path
            for path in sent.removed
            if at(found, path) is not None
            and comparing.same(path, at(found, path), at(before, path))
            and not drift.is_as_absent(path, at(found, path))
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
        if change.taken_out and not self._session.snapshot.is_fresh(handle, by_name=True):
            return self._session.ask(handle, budget)
        with budget.paused():
            found = self._session.snapshot.bot(handle)
        if found is None:
            return self._session.ask(handle, budget)
        if change.rests_on_what_differs(found) and not self._session.snapshot.is_fresh(handle, by_name=True):
            return self._session.ask(handle, budget)
        return found

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
        drifted = change.drift(bot)
        if not drifted:
            return
        removed = write.removed if write is not None else ()
        replaced = [path for path in drifted if path in change.written or path in removed]
        left = [path for path in drifted if path not in replaced]
        said = [f"{_named(change, replaced)}, which this run replaces" if replaced else ""]
        said += [f"{_named(change, left)}, which this run leaves as it is" if left else ""]
        self._session.warn_once(
            f"bot {handle!r} was changed on Poe since the state last saw it: {'; '.join(filter(None, said))}. "
            "`pulumi up --refresh` shows what was changed there, and sets it back to what the program says."
        )

    def _tell_what_poe_does_not_show(self, handle: str, change: Change) -> None:
        """A field of ``extra`` may be on Poe without being shown. Then nobody can see whether it is gone."""
        extra = change.recorded.get("extra")
        unseen = [path for path in change.taken_out if at(extra, path) is not None]
        if unseen:
            self._session.warn_once(
                f"bot {handle!r}: whether Poe still has {_named(change, unseen)}, which the program no longer "
                "declares, can't be seen: Poe does not show it."
            )


def _named(change: Change, paths: list[Path] | tuple[Path, ...]) -> str:
    return ", ".join(sorted(map(change.in_the_program, paths)))
