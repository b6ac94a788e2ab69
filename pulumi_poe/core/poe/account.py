"""What a Poe account holds: a look at its bots, for functions, the command line and the import. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..bot.fields import complete
from ..bot.handles import canonical_handle
from ..errors import NotFoundError
from ..values.text import nearest
from .connection import Connection
from .pacing import Budget
from .settings import Settings
from .snapshot import Snapshot


class Account:
    """The bots of one account, as they were when they were first asked for. Thread-safe.

    The list is asked for once, however many bots are looked at and however long that takes: so all that a program
    sees of an account is of one moment. Only a bot that is missing in it is asked for by its handle.

    :param settings: where and as whom to talk to Poe. A key is only asked for when one is needed.
    :param in_preview: Poe is asked with the patience of a preview.

    Every method raises :class:`PoeError`, in which the caller names the operation with
    :func:`~pulumi_poe.core.errors.doing`.

    Example::

        account = Account(Settings.load(config.get, os.environ))
        handles = [bot["handle"] for bot in account.bots(private=False)]
    """

    def __init__(self, settings: Settings, *, in_preview: bool = False) -> None:
        self.settings = settings
        self._connection = Connection(settings)
        self._in_preview = in_preview
        # On this clock a list never gets old.
        self._snapshot = Snapshot(
            lambda sent: self._connection.client.list_bots(self._budget(), sent), clock=lambda: 0.0
        )

    def _budget(self) -> Budget:
        return self._connection.budget_of_a_preview() if self._in_preview else self._connection.budget()

    def close(self) -> None:
        """Close the connections to Poe, if there are any."""
        self._connection.close()

    def bots(self, *, prefix: str | None = None, private: bool | None = None) -> list[dict[str, Any]]:
        """The account's bots in Poe's order, API bots and others, with all that Poe says of them.

        :param prefix: only bots whose handle begins so, in any case.
        :param private: only private bots (True), or only public ones (False).
        """
        return chosen(self._snapshot.bots(), prefix=prefix, private=private)

    def bot(self, handle: str) -> dict[str, Any]:
        """One bot, by its handle in any spelling, with all that Poe says of it.

        :raises NotFoundError: the account has none of this handle. Names the nearest ones.
        """
        found = self._snapshot.bot(handle)
        # Without a letter or digit there is nothing to compare, and the path would be that of the list.
        if found is None and canonical_handle(handle):
            try:
                found = self._connection.client.get_bot(handle, self._budget())
            except NotFoundError:
                found = None
        if found is None:
            raise NotFoundError(
                "the account of this key has no such bot",
                f"{self._nearest(handle)}`pulumi-poe bots` lists what it has.",
            )
        return complete(found)

    def _nearest(self, handle: str) -> str:
        """A sentence that offers the nearest handles, if any is near."""
        by_form = {canonical_handle(bot["handle"]): repr(bot["handle"]) for bot in self._snapshot.bots()}
        near = nearest(canonical_handle(handle), by_form)
        return f"Did you mean {' or '.join(by_form[form] for form in near)}? " if near else ""


def chosen(
    answered: Iterable[Mapping[str, Any]], *, prefix: str | None = None, private: bool | None = None
) -> list[dict[str, Any]]:
    """Of Poe's bots those that are asked for, :func:`complete`; see :meth:`Account.bots`."""
    return [
        bot
        for bot in map(complete, answered)
        if (prefix is None or bot["handle"].lower().startswith(prefix.lower()))
        and (private is None or bot["is_private"] is private)
    ]
