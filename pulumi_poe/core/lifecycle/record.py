"""What does a state record of a bot? The declared properties as they are on Poe, and three things beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ...tokens import SECRET_KEY
from ..bot import comparing, drift
from ..bot.fields import API_KEY
from ..bot.handles import same_handle
from ..poe.fingerprint import fingerprint
from ..poe.settings import Settings
from ..values.text import without_halves
from ..values.trees import Path, at, without

if TYPE_CHECKING:
    from .session import Session

FINGERPRINT: Final = "__fingerprint"
"""The recorded property that says at which address and with which key the bot was last seen."""

PROVIDER_NAME: Final = "__provider_name"
"""The recorded property that names the Provider that has the bot; none for that of the stack."""

RESOURCE: Final = "__resource"
"""The recorded property that says which of the program's resources has the bot. The engine never shows it."""

MOVES: Final = "__moves"
"""Beside a record whose words in the state are not those of the shell that reads it. In no state: whoever finds it has
the state written anew."""


def properties(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Only the properties of a bot, without what is recorded beside them: that has names which begin with ``_``."""
    return {name: value for name, value in bag.items() if not name.startswith("_")}


def recorded(
    session: Session,
    declared: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    *,
    last: object = None,
    unseen: bool = False,
) -> dict[str, Any]:
    """What goes into the state.

    :param declared: the bot's properties.
    :param before: what the state has.
    :param last: the fingerprint that may be kept, if it still holds.
    :param unseen: the bot was not looked at, so its fingerprint stays whatever it is.
    """
    before = before or {}
    claimed = session.registry.claimed_by(declared["handle"])
    beside = {
        FINGERPRINT: before.get(FINGERPRINT) if unseen else session.proof.renewed(last),
        RESOURCE: before.get(RESOURCE) if claimed is None else claimed.name,
        PROVIDER_NAME: session.settings.provider,
    }
    # Poe's JSON can spell half a character, and what carries a state can't.
    return without_halves(
        {**properties(declared), **{name: value for name, value in beside.items() if value is not None}}
    )


def recorded_as_seen(settings: Settings, declared: Mapping[str, Any]) -> dict[str, Any]:
    """What a state records of a bot that was just seen: so it can later be proven to be gone."""
    return {**declared, FINGERPRINT: fingerprint(settings.api_url, settings.require_key())}


# --- a state that is looked at from outside -----------------------------------------------------------


def held_in(state: Iterable[Mapping[str, Any]], handle: str) -> Mapping[str, Any] | None:
    """The recorded bot of this handle, in any spelling, among those of a state."""
    return next((one for one in state if same_handle(one.get("handle"), handle)), None)


def with_what_differs(record: Mapping[str, Any], bot: Mapping[str, Any]) -> list[tuple[Path, Any, Any]]:
    """Where Poe's bot differs from what a state recorded of it: the place, what the state says, and what Poe has.

    Only what was declared can differ, as in a refresh. Secrets can't: they are encrypted in the state.

    >>> with_what_differs({"handle": "Acme", "description": "a"}, {"handle": "acme", "description": "b", "new": 1})
    [(('description',), 'a', 'b')]
    """
    declared = without({name: _without_secrets(value) for name, value in properties(record).items()}, [API_KEY])
    on_poe = drift.projected(declared, bot)
    return [(path, at(declared, path), at(on_poe, path)) for path in comparing.differing(declared, on_poe)]


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return None if SECRET_KEY in value else {key: _without_secrets(inner) for key, inner in value.items()}
    return value
