"""The life of a bot: what create, read, update, delete, check and diff do, and what they refuse.

Handles are global on Poe, POST and PUT both overwrite, nothing has versions, and a 404 may mean "not
yours". Every rule that follows from this is here, once.

Two words are used throughout. *Declared* is what the program says about a bot, with Poe's JSON keys.
*Recorded* is what the last operation returned for the state: the declared properties, as they are on
Poe, and :data:`FINGERPRINT`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from . import meaning
from .connection import Connection
from .errors import (
    AnswerError,
    BotExistsError,
    ElsewhereError,
    InvalidBotError,
    LostAnswerError,
    NotFoundError,
    NotProvenGoneError,
    NotYoursError,
    OverwroteError,
    OwnFaultError,
    PoeError,
    RefusedError,
    UnreachableError,
    doing,
)
from .fingerprint import fingerprint, is_elsewhere, matches
from .handles import canonical_handle, same_handle
from .meaning import API_KEY, PROPERTIES
from .pacing import Budget, retrying
from .registry import Registry
from .settings import Settings
from .snapshot import Snapshot
from .trees import Path, at, overlay, without
from .unknown import UNKNOWN

FINGERPRINT: Final = "__fingerprint"
"""The recorded property that says which address and key last saw the bot. The engine never shows it."""

logger = logging.getLogger("pulumi_poe")


@dataclass(frozen=True)
class Difference:
    """What a program changes about a recorded bot.

    :param changed: something differs.
    :param replaces: it is another bot, because the handle is another.
    """

    changed: bool
    replaces: bool = False


class Lifecycle:
    """All bots of one process. Thread-safe.

    :param settings: where and as whom to talk to Poe. A key is only asked for when one is needed.

    Every method raises :class:`PoeError`, with the bot and the operation named.

    Example::

        bots = Lifecycle(Settings.load(config.get, os.environ))
        recorded = bots.create({"handle": "Acme-Reasoner", "is_private": True})
        bots.delete("Acme-Reasoner", recorded)
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection = Connection(settings)
        self._registry = Registry()
        self._snapshot = Snapshot(lambda: self._connection.client.list_bots(self._connection.budget()))
        self._list_for_preview = lambda: self._connection.client.list_bots(
            Budget(settings.preview_timeout, attempts=settings.attempts, waits_count=True)
        )
        self._warned: set[str] = set()
        self._preview_can_look_up = settings.api_key is not None

    # --- before anything is sent --------------------------------------------------------------------

    def check(
        self,
        declared: Mapping[str, Any],
        *,
        before: Mapping[str, Any],
        resource: str,
        adopt: Any = False,
        deleted_first: bool = False,
    ) -> list[str]:
        """All faults of a declared bot that can be known before it is written, one line each.

        :param declared: the properties; any may be :data:`~pulumi_poe.core.unknown.UNKNOWN`.
        :param before: the properties that the state has for this resource; empty for a bot that is new to
            the stack.
        :param resource: which of the program's resources it is, such as its name; no two have the same.
        :param adopt: a bot of this handle that the account already has may be taken over; may be unknown.
        :param deleted_first: if this resource is replaced, its bot is deleted before the new one is created.
        """
        handle = declared.get("handle")
        # What has not changed was checked when it came into the state.
        is_unchanged = bool(before) and not meaning.differing(declared, before)
        faults = [] if is_unchanged else self._faults_of(declared)
        if adopt is not UNKNOWN and not isinstance(adopt, bool):
            faults.append("adopt: must be true or false")
        if not isinstance(handle, str) or not canonical_handle(handle):
            return faults
        holder = self._registry.claim(handle, resource)
        if holder is not None:
            faults.append(
                f"handle: the resource {holder} of this program declares the bot {handle!r} too, and a bot "
                "belongs to one resource. Handles are compared without case, '-', '_' and '.'"
            )
            return faults
        if adopt in (True, UNKNOWN) or canonical_handle(handle) in self._settings.adopt:
            self._registry.let_adopt(handle)
        if not before:
            # A replaced bot is checked a second time as if it were new. It is then known to be the stack's.
            is_own = self._registry.is_alive(handle)
            self._registry.let_go(handle)
            if is_own and not deleted_first and not self._registry.may_adopt(handle):
                self._warn_once(
                    f"bot {handle!r} is to be replaced under its own handle. Poe has one bot of a handle, so `pulumi "
                    "up` will refuse it. To keep the bot and write it anew, set adopt=True; to delete it first and "
                    "lose its users, set delete_before_replace=True."
                )
            elif not is_own:
                faults += self._faults_seen_on_poe(handle, declared, deleted_first=deleted_first)
        elif same_handle(before.get("handle"), handle):
            self._registry.keep_alive(handle)
        return faults

    def _faults_of(self, declared: Mapping[str, Any]) -> list[str]:
        """The errors; what is only suspicious is logged."""
        from . import checks  # loads pydantic, which an operation without a changed bot does without

        handle = declared.get("handle")
        found = checks.faults(declared)
        for fault in found:
            if not fault.is_error:
                self._warn_once(f"bot {handle!r}: {fault}" if isinstance(handle, str) else str(fault))
        return [str(fault) for fault in found if fault.is_error]

    def _warn_once(self, message: str) -> None:
        """A preview checks some bots twice, as when one is replaced."""
        if message not in self._warned:
            self._warned.add(message)
            logger.warning("%s", message)

    def _faults_seen_on_poe(self, handle: str, declared: Mapping[str, Any], *, deleted_first: bool) -> list[str]:
        """What a create would refuse, if Poe can be asked quickly."""
        if not self._preview_can_look_up:
            return []
        try:
            self._hide_secrets_of(declared)
            existing = self._snapshot.bot(handle, self._list_for_preview)
            if existing is not None:
                self._refuse_unless_adoptable(handle, existing)
        except RefusedError as error:
            if deleted_first and isinstance(error, BotExistsError):
                # With --target-replace a replaced bot is checked once, just as a new one is.
                self._warn_once(
                    f"bot {handle!r}: unless this run deletes it first, `pulumi up` will refuse it: {error}"
                )
                return []
            return [f"handle: {error}"]
        except PoeError as error:
            if self._preview_can_look_up:
                self._preview_can_look_up = False
                logger.warning("Whether Poe already has the new bots could not be looked up: %s", error)
        return []

    def diff(self, handle: str, recorded: Mapping[str, Any], declared: Mapping[str, Any]) -> Difference:
        """What the program changes.

        :param handle: the bot's id: its handle as it was declared when it was created.
        :raises ElsewhereError: something changes, and the bot was last seen at another address.
        """
        difference = self._difference(handle, recorded, declared)
        if difference.changed:
            with doing(f"change bot {handle!r}"):
                self._require_same_address(handle, recorded)
        if difference.replaces:
            self._registry.replace(declared["handle"], handle, recorded.get(FINGERPRINT))
        return difference

    def _difference(self, handle: str, recorded: Mapping[str, Any], declared: Mapping[str, Any]) -> Difference:
        wanted = declared.get("handle")
        if isinstance(wanted, str) and not same_handle(handle, wanted):
            logger.warning(
                "bot %r is replaced by a new bot %r: users, picture and sharing stay with the old one, which is "
                "deleted. A handle can only be changed on poe.com.",
                handle,
                wanted,
            )
            return Difference(changed=True, replaces=True)
        if isinstance(wanted, str) and wanted != recorded.get("handle"):
            logger.info(
                "bot %r is declared as %r. For Poe that is the same handle; how it is shown can only be "
                "changed on poe.com.",
                handle,
                wanted,
            )
        return Difference(changed=bool(meaning.differing(_properties(declared), _properties(recorded))))

    # --- the operations -----------------------------------------------------------------------------

    def create(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        """Create a bot, or take over the account's bot where the program says so.

        :returns: what to record.
        :raises BotExistsError: the account has a bot of this handle.
        :raises HandleTakenError: another account has one.
        """
        with self._operation("create", declared.get("handle")):
            handle = _valid(declared)["handle"]
            self._hide_secrets_of(declared)
            try:
                self._require_the_account_of_the_replaced(handle)
                existing = self._snapshot.bot(handle)
                if existing is None:
                    self._create(declared, self._connection.budget())
                else:
                    self._refuse_unless_adoptable(handle, existing)
                    self._patch(handle, meaning.body(declared), self._connection.budget())
            except PoeError:
                self._registry.not_created(handle)
                raise
            self._registry.keep_alive(handle)
            return self._recorded(declared)

    def read(self, handle: str, recorded: Mapping[str, Any]) -> dict[str, Any] | None:
        """What Poe has of the recorded properties, or None if the bot is proven to be gone.

        :returns: what to record.
        :raises ElsewhereError: it was last seen at another address.
        :raises NotProvenGoneError: Poe does not show it, and that proves nothing.
        """
        with self._operation("read", handle):
            self._require_same_address(handle, recorded)
            self._hide_secrets_of(recorded)
            found = self._snapshot.bot(handle)
            if found is None:
                try:
                    found = self._connection.client.get_bot(handle, self._connection.budget())
                except (NotFoundError, NotYoursError) as error:
                    self._require_proof_that_gone(handle, recorded, error)
                    self._point_to_a_renamed_bot(handle, recorded)
                    return None
            self._registry.manage(handle)
            declared = meaning.projected(_properties(recorded), found)
            return self._recorded(declared, last=recorded.get(FINGERPRINT))

    def update(self, handle: str, recorded: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
        """Bring the bot to what is declared; create it again if it is proven to be gone.

        :returns: what to record.
        :raises RefusedError: a property was taken out, and the endpoint's key, which Poe needs for that, is
            not declared.
        :raises ElsewhereError: it was last seen at another address.
        :raises NotProvenGoneError: Poe does not show it, and that proves nothing.
        """
        with self._operation("update", handle):
            self._require_same_address(handle, recorded)
            sent = meaning.body(_valid(declared))
            self._hide_secrets_of(recorded)
            self._hide_secrets_of(declared)
            budget = self._connection.budget()
            taken_out = meaning.taken_out(declared, _properties(recorded))
            to_default = {path[0]: meaning.DEFAULTS[path] for path in taken_out if path in meaning.DEFAULTS}
            to_drop = [path for path in taken_out if path not in meaning.DEFAULTS]
            try:
                if to_drop:
                    self._replace(handle, {**sent, **to_default}, to_drop, budget)
                else:
                    self._patch(handle, {**sent, **to_default}, budget)
            except (NotFoundError, NotYoursError) as error:
                self._require_proof_that_gone(handle, recorded, error)
                logger.warning("bot %r was gone from Poe and is created again.", handle)
                self._create(declared, budget)
            self._registry.keep_alive(handle)
            return self._recorded(declared)

    def delete(self, handle: str, recorded: Mapping[str, Any]) -> None:
        """Delete the bot for good. Not if another resource of this run manages it now.

        :raises RefusedError: a create of this handle failed in this run, so the program still wants the bot.
        :raises ElsewhereError: it was last seen at another address.
        :raises NotProvenGoneError: Poe does not show it, and that proves nothing.
        """
        with self._operation("delete", handle):
            if self._registry.is_alive(handle):
                logger.warning(
                    "bot %r is kept: another resource of this stack manages it now. Only its old entry in the "
                    "state is removed.",
                    handle,
                )
                return
            if self._registry.is_wanted(handle):
                raise RefusedError(
                    "the program declares this bot under another resource, which could not take it over in this run",
                    "It was not deleted. Mend that first, then run `pulumi up` again.",
                )
            self._require_same_address(handle, recorded)
            self._hide_secrets_of(recorded)
            try:
                self._connection.client.delete_bot(handle, self._connection.budget())
            except (NotFoundError, NotYoursError) as error:
                # Also after a lost answer: it says nothing of whose the bot is.
                self._require_proof_that_gone(handle, recorded, error)
            self._snapshot.remove(handle)

    # --- how they are done --------------------------------------------------------------------------

    @contextmanager
    def _operation(self, name: str, handle: object) -> Iterator[None]:
        with doing(f"{name} bot {handle!r}"):
            try:
                yield
            except PoeError as error:
                if isinstance(error, UnreachableError) and name != "read":
                    self._snapshot.forget()  # what was written may have taken effect
                raise
            except Exception as fault:
                self._snapshot.forget()
                raise OwnFaultError.of(fault) from fault

    def _create(self, declared: Mapping[str, Any], budget: Budget) -> None:
        """POST, settle by reading whenever the answer was lost, and POST again only if there is no such bot."""
        bot = meaning.body(declared)
        handle = bot["handle"]
        sent_before = False
        for attempt in retrying(budget, lambda error: isinstance(error, LostAnswerError) and error.is_absent):
            with attempt:
                try:
                    created = self._connection.client.create_bot(bot, budget)
                except LostAnswerError as lost:
                    sent_before = True
                    if not self._came_into_being(declared, lost, budget):
                        raise self._may_exist(handle, lost, is_absent=True) from lost
                    created = True
        if not created and not (sent_before and self._came_into_being(declared, None, budget)):
            self._snapshot.forget()
            if self._registry.may_adopt(handle):
                return  # what a POST merges is what adopting does
            raise OverwroteError(
                "the bot came into being between the check and the write, so Poe merged this one into it",
                f"Whoever made {handle!r} may have lost settings: look at https://poe.com/{handle}. Then run "
                "`pulumi up` again; if it says that the bot exists and it is yours to manage here, set adopt=True.",
            )
        self._enter(handle, bot, under={path[0]: value for path, value in meaning.DEFAULTS.items()})

    def _came_into_being(self, declared: Mapping[str, Any], lost: LostAnswerError | None, budget: Budget) -> bool:
        """Whether a create whose answer was lost took effect."""
        handle = declared["handle"]
        try:
            found = self._connection.client.get_bot(handle, budget)
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
            f"that the bot exists, `{self._adopting(handle)}` takes it over.",
            is_absent=is_absent,
        )

    def _hide_secrets_of(self, bot: Mapping[str, Any]) -> None:
        """Whatever Poe answers, show no secret of a declared or recorded bot.

        ``extra`` may hold secrets, and which of its values are some, only the program knows.
        """
        self._connection.client.hide([at(bot, API_KEY), *_texts_in(bot.get("extra"))])

    def _patch(self, handle: str, sent: Mapping[str, Any], budget: Budget) -> None:
        """PATCH with everything declared.

        How deep Poe merges is not documented. So declared objects are completed with what the bot has:
        then neither depth loses what people set by hand.
        """
        current = self._snapshot.bot(handle) or {}
        objects = {key: current.get(key, {}) for key, value in sent.items() if isinstance(value, Mapping)}
        self._connection.client.update_bot(handle, _without_handle(overlay(sent, objects)), budget)
        self._enter(handle, sent, under=current)

    def _replace(self, handle: str, sent: Mapping[str, Any], to_drop: list[Path], budget: Budget) -> None:
        """PUT the bot without the properties that were taken out of the program: PATCH can't remove any."""
        names = ", ".join(".".join(path) for path in to_drop)
        if at(sent, API_KEY) is None:
            raise RefusedError(
                f"{names} was taken out of the program, and Poe removes a property only when the whole bot is "
                "sent again, the endpoint's key included",
                "Declare api_bot_settings.api_key, or declare the property again.",
            )
        current = self._connection.client.get_bot(handle, budget)
        whole = without(overlay(sent, current), to_drop)
        self._connection.client.replace_bot(handle, _without_handle(whole), budget)
        found = self._connection.client.get_bot(handle, budget)
        self._snapshot.enter(handle, found)
        stayed = [
            ".".join(path)
            for path in to_drop
            if at(found, path) is not None
            and meaning.same(path, at(found, path), at(current, path))
            and not meaning.is_as_absent(path, at(found, path))
        ]
        if stayed:
            logger.warning(
                "bot %r still has %s, which the program no longer declares: Poe kept it. Change it on poe.com, or "
                "declare it again.",
                handle,
                ", ".join(stayed),
            )

    def _enter(self, handle: str, sent: Mapping[str, Any], *, under: Mapping[str, Any]) -> None:
        """The snapshot's bot after an own write: what was sent, over what was there, as Poe would answer it."""
        self._snapshot.enter(handle, without(overlay(sent, under), [API_KEY]))

    def _refuse_unless_adoptable(self, handle: str, existing: Mapping[str, Any]) -> None:
        if not self._registry.may_adopt(handle):
            shown = existing.get("handle")
            raise BotExistsError(
                f"this account already has a bot {shown!r}",
                "If its resource was renamed in the program, give the new one aliases=[Alias(name='…')]. If "
                "another resource of this stack still holds it, remove that one first. Otherwise take it over, "
                "with adopt=True on this bot, or without a change of the program with "
                f"`{self._adopting(handle)}`, or import it with `pulumi-poe import`. To replace a bot under its own "
                "handle, set adopt=True to keep the bot, or delete_before_replace=True to delete it first.",
            )
        if not meaning.is_api_bot(existing):
            raise RefusedError(
                "this account has a bot of this handle that is no API bot (it has no api_bot_settings)",
                "Choose another handle, or delete that bot on poe.com.",
            )

    def _adopting(self, handle: str) -> str:
        """The command that lets the stack take the bot over, besides those that it may take over anyway."""
        others = sorted(self._settings.adopt - {canonical_handle(handle)})
        return f"pulumi config set poe:adopt {','.join([*others, handle])}"

    def _require_same_address(self, handle: str, recorded: Mapping[str, Any]) -> None:
        """At another address is another Poe. A bot of this handle there is not the one that the state means."""
        url = self._settings.api_url
        if not is_elsewhere(recorded.get(FINGERPRINT), url) or self._settings.accept_address == url:
            return
        if self._is_known_to_be_gone(handle):
            return
        raise ElsewhereError(
            f"the address in use ({url}) is not the one that last saw this bot",
            "Nothing was sent. Set poe:apiUrl or POE_API_URL to the address of this stack; refresh and destroy use the "
            "stack config of the last `pulumi up`, unless they run with --run-program. If the same Poe is at the new "
            f"address now, say so for one run with POE_ACCEPT_ADDRESS={url} in the environment; if the bot is gone, "
            f"with POE_MISSING_IS_GONE={handle}.",
        )

    def _require_the_account_of_the_replaced(self, handle: str) -> None:
        """A replacement is made in the account that has the old bot, or not at all."""
        old, last_seen = self._registry.replaced_by(handle) or (handle, None)
        if same_handle(old, handle) or self._is_last_seen_here(last_seen) or self._snapshot.bot(old) is not None:
            return
        if not self._is_known_to_be_gone(old):
            raise NotProvenGoneError(
                f"this bot replaces {old!r}, which the account of the key ({self._settings.api_key_source}) does not "
                "have, and that key is not the one that last saw it",
                f"Use that key. {_way_out(old)}",
            )

    def _is_known_to_be_gone(self, handle: str) -> bool:
        """Whether the user said so for this run."""
        return canonical_handle(handle) in self._settings.missing_is_gone

    def _is_last_seen_here(self, last_seen: object) -> bool:
        return matches(last_seen, self._settings.api_url, self._settings.require_key())

    def _require_proof_that_gone(self, handle: str, recorded: Mapping[str, Any], error: AnswerError) -> None:
        """Return if the bot is gone; raise if it may still exist.

        Gone is what Poe's own 404 about the bot denies, its list does not hold, and the same address and
        key have seen before. A 404 alone may come from another account's key or another Poe, and a 403 says
        that somebody has a bot of this handle.
        """
        if self._is_known_to_be_gone(handle):
            return
        if isinstance(error, NotYoursError):
            raise NotProvenGoneError(error.problem, f"{error.advice} {_way_out(handle)}") from error
        if not self._is_last_seen_here(recorded.get(FINGERPRINT)):
            raise NotProvenGoneError(
                f"{error.problem}; that may be because the key ({self._settings.api_key_source}) is not the one that "
                "last saw this bot",
                f"Use that key. {_way_out(handle)}",
            ) from error
        if self._snapshot.bot(handle) is not None:
            self._snapshot.forget()  # the list may be older than the bot's end
            if self._snapshot.bot(handle) is not None:
                raise NotProvenGoneError(
                    f"{error.problem}, but Poe's list of this account's bots holds it",
                    f"Try again. {_way_out(handle)}",
                ) from error

    def _point_to_a_renamed_bot(self, handle: str, recorded: Mapping[str, Any]) -> None:
        """A bot renamed on poe.com is missing under its old handle, and there under another."""
        alike = [
            bot["handle"]
            for bot in self._snapshot.bots()
            if not self._registry.is_managed(bot["handle"])
            and meaning.holds({**bot, "handle": handle}, _properties(recorded))
        ]
        if len(alike) == 1:
            logger.warning(
                "bot %r is gone, and bot %r of this account is just like it. If no resource of this stack has that "
                "one, and it was renamed on poe.com, declare handle=%r with adopt=True.",
                handle,
                *alike * 2,
            )

    def _recorded(self, declared: Mapping[str, Any], last: object = None) -> dict[str, Any]:
        """What goes into the state. A fingerprint that still holds is kept, so that nothing seems to change."""
        url, key = self._settings.api_url, self._settings.require_key()
        holds = self._is_last_seen_here(last) and not is_elsewhere(last, url)
        return {**_properties(declared), FINGERPRINT: last if holds else fingerprint(url, key)}


def _valid(declared: Mapping[str, Any]) -> Mapping[str, Any]:
    """The declared bot, now that all of its values are known.

    :raises InvalidBotError: it has faults that a preview could not see yet.
    """
    from . import checks

    faults = [fault for fault in checks.faults(declared) if fault.is_error]
    if faults:
        raise InvalidBotError("; ".join(map(str, faults)), "Nothing was sent.")
    return declared


def _way_out(handle: str) -> str:
    return (
        "Nothing was changed. If you know that it is gone, say so for one run with "
        f"POE_MISSING_IS_GONE={handle} in the environment."
    )


def _properties(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Only the properties of a bot, without what this provider records beside them."""
    return {name: value for name, value in bag.items() if name in PROPERTIES}


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts_in(inner)


def _without_handle(bot: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a request whose path names the bot."""
    return {name: value for name, value in bot.items() if name != "handle"}
