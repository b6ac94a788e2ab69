"""The life of a bot: what check, diff, create, read, update and delete do, and what they refuse.

Handles are global on Poe, POST and PUT both overwrite, nothing has versions, and a 404 may mean "not
yours". The rules that follow from this are here, in the order of a bot's life; :mod:`.change` says what is written,
:mod:`.writing` how, and :mod:`.proof` what has to be proven before.

Two words are used throughout. *Declared* is what the program says about a bot, with Poe's JSON keys.
*Recorded* is what the last operation returned for the state: the declared properties, as they are on
Poe, with :data:`FINGERPRINT` and :data:`RESOURCE`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from . import meaning
from .change import Change
from .connection import Connection
from .errors import (
    BotExistsError,
    InvalidBotError,
    NotFoundError,
    NotProvenGoneError,
    NotYoursError,
    OwnFaultError,
    PoeError,
    RefusedError,
    UnreachableError,
    doing,
)
from .handles import canonical_handle, same_handle
from .meaning import API_KEY, PROPERTIES
from .pacing import Budget
from .proof import FINGERPRINT, PROVIDER_NAME, Proof
from .registry import Registry, Resource
from .settings import Settings
from .snapshot import Snapshot
from .trees import at
from .unknown import UNKNOWN
from .writing import LookAgainError, Writing, tell_that_created_again

if TYPE_CHECKING:
    import httpx

RESOURCE: Final = "__resource"
"""The recorded property that says which of the program's resources has the bot. The engine never shows it."""

_LOOKS: Final = 3
"""How often a create looks again at a bot that comes and goes under its hands."""

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
    :param registry: what all processes of the run have seen at this address.
    :param transport: how requests travel; None is the network.

    Every method raises :class:`PoeError`, with the bot and the operation named.

    Example::

        bots = Lifecycle(Settings.load(config.get, os.environ))
        recorded = bots.create({"handle": "Acme-Reasoner", "is_private": True})
        bots.delete("Acme-Reasoner", recorded)
    """

    def __init__(
        self,
        settings: Settings,
        registry: Registry | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._connection = Connection(settings, transport)
        self._registry = registry or Registry()
        self._snapshot = Snapshot(lambda sent: self._connection.client.list_bots(self._connection.budget(), sent))
        self._proof = Proof(settings, self._snapshot)
        self._writing = Writing(self._connection, self._snapshot, self._registry, settings, self._warn_once)
        self._list_for_preview = lambda sent: self._connection.client.list_bots(
            self._connection.budget_of_a_preview(), sent
        )
        self._warned: set[str] = set()
        self._preview_can_look_up = settings.api_key is not None

    # --- before anything is sent --------------------------------------------------------------------

    def check(
        self,
        declared: Mapping[str, Any],
        *,
        before: Mapping[str, Any],
        resource: Resource,
        adopt: Any = False,
        deleted_first: bool | None = False,
        retained: bool = False,
        others: Sequence[tuple[str, Resource, bool]] = (),
    ) -> list[str]:
        """All faults of a declared bot that can be known before it is written, one line each.

        :param declared: the properties; any may be :data:`~pulumi_poe.core.unknown.UNKNOWN`.
        :param before: the properties that the state has for this resource; empty for a bot that is new to
            the stack.
        :param resource: which of the program's resources it is.
        :param adopt: a bot of this handle that the account already has may be taken over; may be unknown.
        :param deleted_first: if this resource is replaced, its bot is deleted before the new one is created; None if
            that can't be known.
        :param retained: if this resource is replaced, its bot stays on Poe.
        :param others: the handles that the program declares, as far as is known, their resources, and whether they
            adopt.
        """
        handle = declared.get("handle")
        self._note_what_the_state_has(before, handle, resource, deleted_first=deleted_first)
        for announced, other, adopts in others:
            self._registry.announce(announced, other, adopts=adopts)
        # First of all, because another resource may give the bot up at this moment.
        holder = None
        named = handle if isinstance(handle, str) and canonical_handle(handle) else None
        if named is not None:
            holder = self._registry.claim(named, resource, self._proof.of_the_key_in_use)
            if retained:
                self._registry.retain(named)
            if holder is None and (adopt in (True, UNKNOWN) or self._settings.may_adopt(named)):
                self._registry.let_adopt(named)
        # What has not changed was checked when it came into the state.
        is_unchanged = bool(before) and not meaning.differing(declared, before)
        faults = [] if is_unchanged else self._faults_of(declared)
        if adopt is not UNKNOWN and not isinstance(adopt, bool):
            faults.append("adopt: must be true or false")
        if holder is not None:
            faults.append(
                f"handle: the resource {holder} of this program declares the bot {handle!r} too, and a bot "
                "belongs to one resource. Handles are compared without case, '-', '_' and '.'"
            )
        if named is None or holder is not None:
            return faults
        faults = faults + self._faults_of_the_handle(named, declared, before, deleted_first=deleted_first)
        if faults and not before and self._registry.may_adopt(named):
            self._registry.note_failure(named)  # it will not be: what it was to take over must not be given up
        return faults

    def _faults_of_the_handle(
        self, handle: str, declared: Mapping[str, Any], before: Mapping[str, Any], *, deleted_first: bool | None
    ) -> list[str]:
        """What is wrong with this resource having the bot, as far as this run knows."""
        self._warn_of_a_race(handle)
        if not before:
            # A replaced bot is checked a second time as if it were new. It is then known to be the stack's.
            is_own = self._registry.is_alive(handle)
            self._registry.let_go(handle)
            if is_own and deleted_first is False and not self._registry.may_adopt(handle):
                self._warn_once(
                    f"bot {handle!r} is to be replaced under its own handle. Poe has one bot of a handle, so `pulumi "
                    "up` will refuse it. To keep the bot and write it anew, set adopt=True; to delete it first and "
                    "lose its users, set delete_before_replace=True."
                )
            elif not is_own:
                return self._faults_seen_on_poe(handle, declared, deleted_first=deleted_first)
        return []

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

    def _note_what_the_state_has(
        self, before: Mapping[str, Any], handle: object, resource: Resource, *, deleted_first: bool | None
    ) -> None:
        has = before.get("handle")
        if not isinstance(has, str):
            return
        self._registry.own(has, resource.name)
        if deleted_first and isinstance(handle, str) and not same_handle(has, handle):
            self._registry.delete_first(has, resource)
            self._warn_of_a_race(has)

    def _warn_of_a_race(self, handle: str) -> None:
        """One resource deletes the bot before it is replaced, and another adopts it."""
        both = self._registry.handed_over(handle)
        if both is None:
            return
        leaver, adopter = both
        self._warn_once(
            f"bot {handle!r} goes from the resource {leaver}, which has delete_before_replace, to the resource "
            f"{adopter}, which adopts it. So it is not deleted; until that resource has it, no entry of the state does."
        )

    def _faults_seen_on_poe(self, handle: str, declared: Mapping[str, Any], *, deleted_first: bool | None) -> list[str]:
        """What a create would refuse, if Poe can be asked quickly."""
        if not self._preview_can_look_up:
            return []
        try:
            self._hide_secrets_of(declared)
            existing = self._snapshot.bot(handle, self._list_for_preview)
            if existing is not None:
                self._refuse_unless_adoptable(declared, existing)
                self._tell_of_the_adoption(handle, declared, existing)
        except RefusedError as error:
            if deleted_first is not False and isinstance(error, BotExistsError):
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

    def _tell_of_the_adoption(self, handle: str, declared: Mapping[str, Any], existing: Mapping[str, Any]) -> None:
        """What the preview's fields can't show: how the bot that is taken over differs from the program."""
        change = Change(_properties(declared), {})
        different = [
            path
            for path, value in change.written.items()
            if path != API_KEY and not meaning.same(path, value, at(existing, path))
        ]
        names = ", ".join(sorted(map(change.in_the_program, different)))
        self._warn_once(
            f"bot {handle!r} is there already and is taken over. "
            f"{f'This changes {names}.' if names else 'It is as the program declares it.'}"
        )

    def diff(self, handle: str, recorded: Mapping[str, Any], declared: Mapping[str, Any]) -> Difference:
        """What the program changes.

        :param handle: the bot's id: its handle as it was declared when it was created.
        :raises ElsewhereError: something changes, and the bot was last seen at another address.
        :raises NotProvenGoneError: the bot is declared in another account than the one that has it.
        """
        wanted = declared.get("handle")
        replaces = isinstance(wanted, str) and not same_handle(handle, wanted)
        change = Change(_properties(declared), _properties(recorded))
        difference = Difference(replaces or bool(meaning.differing(change.declared, change.recorded)), replaces)
        # A refresh asks for a difference too, and says nothing of the program.
        stays = not replaces and self._registry.claimed_by(handle) is not None
        is_elsewhere = self._proof.is_elsewhere(handle, recorded)
        if stays and is_elsewhere:
            self._registry.note_elsewhere(handle)
        with doing(f"change bot {handle!r}"):
            try:
                self._require_its_place(handle, recorded, difference)
            except PoeError:
                if stays:
                    self._registry.note_failure(handle)
                raise
        if stays and not is_elsewhere:
            self._registry.keep_alive(handle)
        if isinstance(wanted, str) and replaces:
            self._note_the_replacement(handle, wanted, recorded)
        elif isinstance(wanted, str) and wanted != recorded.get("handle"):
            logger.info(
                "bot %r is declared as %r. For Poe that is the same handle; how it is shown can only be "
                "changed on poe.com.",
                handle,
                wanted,
            )
        if difference.changed and not replaces and change.taken_out:
            self._tell_of_the_endpoints_key(handle, change)
        return difference

    def _note_the_replacement(self, handle: str, wanted: str, recorded: Mapping[str, Any]) -> None:
        # A bot with another Provider is deleted by the one that it had.
        if recorded.get(PROVIDER_NAME) == self._settings.provider:
            self._registry.replace(wanted, handle, recorded.get(FINGERPRINT))
        logger.warning(
            "bot %r is replaced by a new bot %r: users, picture and sharing stay with the old one, which %s. A "
            "handle can only be changed on poe.com.",
            handle,
            wanted,
            "stays on Poe, in no stack" if self._registry.is_retaining(wanted) else "is deleted",
        )

    def _require_its_place(self, handle: str, recorded: Mapping[str, Any], difference: Difference) -> None:
        """The bot is at the address and in the account in use, as far as it matters and is known."""
        # Even where nothing differs, the state would have it with the other Provider, and so perhaps in an account that
        # does not have it.
        moves = recorded.get(PROVIDER_NAME) != self._settings.provider
        if difference.changed or moves:
            self._proof.is_at_this_address(handle, recorded)
        if difference.replaces:
            return
        try:
            self._proof.require_the_account_of(handle, recorded, self._list_for_preview)
        except NotProvenGoneError:
            raise
        except PoeError as error:
            if moves:
                raise
            self._warn_once(f"Whether the account of the key in use has the bots could not be looked up: {error}")

    def _tell_of_the_endpoints_key(self, handle: str, change: Change) -> None:
        """The one write of something that the preview's fields do not show."""
        names = ", ".join(sorted(map(change.in_the_program, change.taken_out)))
        if at(change.declared, API_KEY) is None:
            self._warn_once(
                f"bot {handle!r}: to remove {names} from it, the whole bot has to be sent again, the endpoint's "
                "api_key included. It is not declared, so `pulumi up` will refuse this if Poe still has them."
            )
        else:
            self._warn_once(
                f"bot {handle!r}: to remove {names} from it, the whole bot is sent again, and with it the endpoint's "
                "api_key as the state and the program have it. A key that was set on poe.com is replaced."
            )

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
            with self._registry.turn(handle):
                try:
                    self._proof.require_the_account_of_the_replaced(handle, self._registry.predecessor_of(handle))
                    self._create_or_adopt(handle, _properties(declared))
                except PoeError as error:
                    self._registry.note_failure(handle)
                    if self._registry.is_left(handle):
                        raise error.with_more_advice(
                            f"No entry of the state has the bot {handle!r} now: this run left it to this resource. The "
                            "next `pulumi up` takes it over."
                        ) from error
                    raise
                self._registry.keep_alive(handle)
                return self._recorded(declared)

    def _create_or_adopt(self, handle: str, declared: Mapping[str, Any]) -> None:
        existing = self._snapshot.bot(handle)
        budget = self._connection.budget()
        if existing is not None and self._registry.is_deleted(handle):
            existing = self._writing.look_by_name(handle, budget)
        denied: PoeError | None = None
        for _ in range(_LOOKS):
            try:
                if existing is None:
                    if self._registry.may_adopt(handle):
                        logger.info("bot %r: there was nothing to adopt, so it is created.", handle)
                    self._writing.post(declared, budget)
                else:
                    self._refuse_unless_adoptable(declared, existing)
                    self._writing.change(handle, Change(declared, {}), budget)
                return
            except LookAgainError:
                with budget.paused():
                    existing = self._snapshot.bot(handle)
            except (NotFoundError, NotYoursError) as error:
                if existing is None:
                    if isinstance(error, NotYoursError):
                        raise error.with_more_advice("For a new bot choose another handle.") from error
                    raise
                denied, existing = error, self._writing.look_by_name(handle, budget)
        if denied is not None and existing is not None:
            raise denied  # it is shown, and can't be written
        raise RefusedError("the bot comes and goes while it is looked at", "Nothing was changed. Try again.")

    def read(self, handle: str, recorded: Mapping[str, Any]) -> dict[str, Any] | None:
        """What Poe has of the recorded properties, or None if the bot is proven to be gone.

        :returns: what to record.
        :raises ElsewhereError: it was last seen at another address.
        :raises NotProvenGoneError: Poe does not show it, and that proves nothing.
        """
        with self._operation("read", handle):
            if not self._proof.is_at_this_address(handle, recorded):
                return None
            self._hide_secrets_of(recorded)
            found = self._snapshot.bot(handle)
            if found is None:
                try:
                    found = self._connection.client.get_bot(handle, self._connection.budget())
                except (NotFoundError, NotYoursError) as error:
                    self._proof.require_that_gone(handle, recorded, error)
                    self._point_to_a_renamed_bot(handle, recorded)
                    return None
            self._registry.manage(handle)
            declared = meaning.projected(_properties(recorded), found)
            return self._recorded(declared, recorded, last=recorded.get(FINGERPRINT))

    def update(self, handle: str, recorded: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
        """Change what the preview showed; create the bot again if it is proven to be gone.

        :returns: what to record.
        :raises RefusedError: a property was taken out, and the endpoint's key, which Poe needs for that, is
            not declared.
        :raises ElsewhereError: it was last seen at another address.
        :raises NotProvenGoneError: Poe does not show it, and that proves nothing.
        """
        with self._operation("update", handle):
            if not self._proof.is_at_this_address(handle, recorded):
                return self.create(declared)
            change = Change(_properties(_valid(declared)), _properties(recorded))
            with self._registry.turn(handle):
                if not change.written and not change.taken_out:
                    self._registry.keep_alive(handle)
                    return self._recorded(change.declared, recorded, unseen=True)
                self._hide_secrets_of(recorded)
                self._hide_secrets_of(declared)
                budget = self._connection.budget()
                try:
                    self._writing.change(handle, change, budget)
                except (NotFoundError, NotYoursError) as error:
                    with budget.paused():
                        self._proof.require_that_gone(handle, recorded, error)
                    self._create_again(handle, change.declared, budget)
                else:
                    self._proof.tell_of_a_rotated_key(handle, recorded.get(FINGERPRINT))
                self._registry.keep_alive(handle)
                return self._recorded(change.declared, recorded)

    def _create_again(self, handle: str, declared: Mapping[str, Any], budget: Budget) -> None:
        try:
            self._writing.post(declared, budget)
        except LookAgainError:
            raise RefusedError(
                "the bot was gone, and one of this handle is there again",
                "It was not written. `pulumi up --refresh` shows how it differs from the program.",
            ) from None
        tell_that_created_again(handle)

    def delete(self, handle: str, recorded: Mapping[str, Any]) -> None:
        """Delete the bot for good. Not if another resource of this run manages it now, or will.

        :raises RefusedError: a create of this handle failed in this run, so the program still wants the bot.
        :raises ElsewhereError: it was last seen at another address.
        :raises NotProvenGoneError: Poe does not show it, and that proves nothing.
        """
        with self._operation("delete", handle):
            if not self._proof.is_at_this_address(handle, recorded):
                return
            with self._registry.turn(handle):
                if self._is_kept(handle, recorded):
                    return
                self._hide_secrets_of(recorded)
                try:
                    self._connection.client.delete_bot(handle, self._connection.budget())
                except (NotFoundError, NotYoursError) as error:
                    # Also after a lost answer: it says nothing of whose the bot is.
                    self._proof.require_that_gone(handle, recorded, error)
                else:
                    self._proof.tell_of_a_rotated_key(handle, recorded.get(FINGERPRINT))
                self._snapshot.remove(handle)
                self._registry.note_deletion(handle)

    def _is_kept(self, handle: str, recorded: Mapping[str, Any]) -> bool:
        """Whether the bot belongs to another resource of this run by now, or is left to one that declares it."""
        self._registry.wait_for_the_diff(handle, recorded.get(RESOURCE))
        if self._registry.is_elsewhere(handle):
            raise RefusedError(
                f"the resource {self._registry.claimed_by(handle)} of this program declares this bot too, and the "
                "state has it at another address",
                "It was not deleted. To let that resource have this one, run `pulumi refresh` and then `pulumi up`, "
                f"both with POE_MISSING_IS_GONE={handle} in the environment. The bot of the other address is then in "
                "no stack.",
            )
        if not self._registry.is_alive(handle):
            if self._registry.has_failed(handle):
                raise RefusedError(
                    "the program declares this bot under another resource, which failed in this run",
                    "It was not deleted. Mend what the error of that resource says, then run `pulumi up` again.",
                )
            adopter = self._registry.wait_for_the_adopter(handle, recorded.get(RESOURCE))
            if adopter is None:
                self._require_that_nobody_else_declares(handle, recorded)
                return False
            account = self._registry.account_of_the_adopter(handle, adopter)
            if account is None or not self._proof.is_of_the_key_in_use(account):
                raise RefusedError(
                    f"the resource {adopter} of this program adopts this bot with another Poe key, whose account "
                    "may not have it",
                    "It was not deleted. Let that resource take it over first: leave delete_before_replace out for one "
                    "run. A bot can't move between accounts.",
                )
            # What another account has is neither handed over in this one nor deleted.
            self._proof.require_the_account_of(handle, recorded)
            self._registry.leave(handle)
            logger.warning(
                "bot %r is not deleted: it is left to the resource %s, which adopts it. No entry of the state has it "
                "until then.",
                handle,
                adopter,
            )
            return True
        logger.warning(
            "bot %r is kept: another resource of this stack manages it now. Only its old entry in the state is "
            "removed.",
            handle,
        )
        return True

    def _require_that_nobody_else_declares(self, handle: str, recorded: Mapping[str, Any]) -> None:
        other = self._registry.other(handle, recorded.get(RESOURCE))
        if other is not None:
            raise RefusedError(
                f"the resource {other} of this program declares this bot too, and may not take it over",
                "It was not deleted. To hand it over with its users, set adopt=True on that resource; to have it "
                "deleted and made anew, leave that resource out of the program for one run.",
            )

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

    def _hide_secrets_of(self, bot: Mapping[str, Any]) -> None:
        """Whatever Poe answers, show no secret of a declared or recorded bot.

        ``extra`` may hold secrets, and which of its values are some, only the program knows.
        """
        self._connection.client.hide([at(bot, API_KEY), *_texts_in(bot.get("extra"))])

    def _refuse_unless_adoptable(self, declared: Mapping[str, Any], existing: Mapping[str, Any]) -> None:
        handle = declared["handle"]
        if not self._registry.may_adopt(handle):
            raise BotExistsError(
                f"this account already has a bot {existing.get('handle')!r}",
                f"{self._likeliest_way_out(handle)} All ways: docs/troubleshooting.md, 'The bot exists already'.",
            )
        # A bot that was declared without an endpoint may have been made by a run that was killed.
        if not meaning.is_api_bot(existing) and not meaning.has_nothing_beyond(existing, _properties(declared)):
            raise RefusedError(
                "this account has a bot of this handle that is no API bot (it has no api_bot_settings)",
                "If another resource of this stack made it so, give this one aliases=[pulumi.Alias(name='…')]; else "
                "choose another handle, or delete that bot on poe.com.",
            )

    def _likeliest_way_out(self, handle: str) -> str:
        """What to do about a bot that exists, for what this run has seen of it."""
        owner, claimed = self._registry.owner(handle), self._registry.claimed_by(handle)
        taking_over = self._settings.how_to_adopt(handle)
        if owner is not None and claimed is not None and owner == claimed.name:
            return (
                f"To replace it under its own handle, {taking_over}; or delete it first, with "
                "delete_before_replace=True."
            )
        if owner is not None:
            return (
                f"The resource {owner!r} of this stack has it, and goes to another handle in this run. To take it "
                f"over, {taking_over}."
            )
        lost = (
            ""
            if self._registry.has_owners()
            else " If the stack has lost its state, other bots of the program may be there too: POE_ADOPT='*' in the "
            "environment takes over all of them, for one run."
        )
        return (
            "If its resource was renamed in the program, give the new one aliases=[pulumi.Alias(name='…')]. To take "
            f"the bot over, as after a run that was killed, {taking_over}.{lost}"
        )

    def _point_to_a_renamed_bot(self, handle: str, recorded: Mapping[str, Any]) -> None:
        """A bot renamed on poe.com is missing under its old handle, and there under another."""
        alike = [
            bot["handle"]
            for bot in self._snapshot.bots()
            if not self._registry.is_managed(bot["handle"])
            and meaning.holds({**bot, "handle": handle}, _properties(recorded))
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

    def _recorded(
        self,
        declared: Mapping[str, Any],
        recorded: Mapping[str, Any] | None = None,
        *,
        last: object = None,
        unseen: bool = False,
    ) -> dict[str, Any]:
        """What goes into the state.

        :param declared: the bot's properties.
        :param recorded: what the state has.
        :param last: the fingerprint that may be kept, if it still holds.
        :param unseen: the bot was not looked at, so its fingerprint stays whatever it is.
        """
        recorded = recorded or {}
        claimed = self._registry.claimed_by(declared["handle"])
        beside = {
            FINGERPRINT: recorded.get(FINGERPRINT) if unseen else self._proof.renewed(last),
            RESOURCE: recorded.get(RESOURCE) if claimed is None else claimed.name,
            PROVIDER_NAME: self._settings.provider,
        }
        return {**_properties(declared), **{name: value for name, value in beside.items() if value is not None}}


def _valid(declared: Mapping[str, Any]) -> Mapping[str, Any]:
    """The declared bot, now that all of its values are known.

    :raises InvalidBotError: it has faults that a preview could not see yet.
    """
    from . import checks

    faults = [fault for fault in checks.faults(declared) if fault.is_error]
    if faults:
        raise InvalidBotError("; ".join(map(str, faults)), "Nothing was sent.")
    return declared


def _properties(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Only the properties of a bot, without what this provider records beside them."""
    return {name: value for name, value in bag.items() if name in PROPERTIES}


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts_in(inner)
