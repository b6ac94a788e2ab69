"""What a Poe account holds: a look at its bots, for functions, the command line and the import. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from . import meaning
from .connection import Connection
from .errors import NotFoundError
from .fingerprint import fingerprint
from .handles import canonical_handle, same_handle
from .meaning import API_KEY, DEFAULTS, PROPERTIES
from .pacing import Budget
from .proof import FINGERPRINT
from .settings import Settings
from .snapshot import Snapshot
from .trees import Path, at, without


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
        self._settings = settings
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
        import difflib  # only where there is a mistake

        by_form = {canonical_handle(bot["handle"]): repr(bot["handle"]) for bot in self._snapshot.bots()}
        near = difflib.get_close_matches(canonical_handle(handle), by_form)
        return f"Did you mean {' or '.join(by_form[form] for form in near)}? " if near else ""

    def recorded(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """What a state records of a bot that was just seen: so it can later be proven to be gone."""
        return {**declared, FINGERPRINT: fingerprint(self._settings.api_url, self._settings.require_key())}


def held_in(state: Iterable[Mapping[str, Any]], handle: str) -> Mapping[str, Any] | None:
    """The recorded bot of this handle, in any spelling, among those of a state."""
    return next((recorded for recorded in state if same_handle(recorded.get("handle"), handle)), None)


def with_what_differs(recorded: Mapping[str, Any], bot: Mapping[str, Any]) -> list[tuple[Path, Any, Any]]:
    """Where Poe's bot differs from what a state recorded of it: the place, what the state says, and what Poe has.

    Only what was declared can differ, as in a refresh. Secrets can't: they are encrypted in the state.

    >>> with_what_differs({"handle": "Acme", "description": "a"}, {"handle": "acme", "description": "b", "new": 1})
    [(('description',), 'a', 'b')]
    """
    declared = {name: _without_secrets(value) for name, value in recorded.items() if name in PROPERTIES}
    declared = without(declared, [API_KEY])
    on_poe = meaning.projected(declared, bot)
    return [(path, at(declared, path), at(on_poe, path)) for path in meaning.differing(declared, on_poe)]


_SECRET: Final = "4dabf18193072939515e22adb298388d"  # noqa: S105 -- a mark, and no secret itself
"""The key by which an encrypted value is known in a state."""


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return None if _SECRET in value else {key: _without_secrets(inner) for key, inner in value.items()}
    return value


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


def complete(answered: Mapping[str, Any]) -> dict[str, Any]:
    """A bot with what Poe documents as its defaults, and without the endpoint's key, should Poe ever answer it."""
    defaults = {path[0]: value for path, value in DEFAULTS.items()}
    bot = {"handle": answered["handle"], **defaults, **answered}
    if at(bot, API_KEY) is not None:
        bot["api_bot_settings"] = {key: value for key, value in bot["api_bot_settings"].items() if key != API_KEY[-1]}
    return bot
