"""What a program changes about a recorded bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.errors import ElsewhereError, RefusedError
from pulumi_poe.core.lifecycle.difference import Difference
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.lifecycle.record import MOVES
from pulumi_poe.core.values.trees import Path, without
from pulumi_poe.core.values.unknown import UNKNOWN
from pulumi_poe.emulator import Emulator

if TYPE_CHECKING:
    from tests.core.conftest import Run

from tests.core.lifecycle.life import BOT, PROMPT, SPELLINGS, changed, checked


def test_diff_needs_no_key(new_run: Run, recorded: dict[str, Any]) -> None:
    bots = new_run(api_key=None)
    assert bots.diff("Acme-Bot", recorded, BOT) == Difference()
    assert bots.diff("Acme-Bot", recorded, changed(PROMPT, "1")) == Difference([PROMPT])


@pytest.mark.parametrize("path", [("description",), ("is_private",), PROMPT, ("api_bot_settings", "api_key")])
def test_a_declared_property_that_changes_is_a_change(bots: Operations, recorded: dict[str, Any], path: Path) -> None:
    value = True if path == ("is_private",) else "9"
    assert bots.diff("Acme-Bot", recorded, changed(path, value)).changed


@pytest.mark.parametrize("path", [("description",), ("is_private",), PROMPT, ("api_bot_settings", "api_key")])
def test_a_property_that_is_no_longer_declared_is_a_change(
    bots: Operations, recorded: dict[str, Any], path: Path
) -> None:
    assert bots.diff("Acme-Bot", recorded, without(BOT, [path])).changed


def test_another_spelling_of_a_price_is_no_change(bots: Operations, recorded: dict[str, Any]) -> None:
    assert not bots.diff("Acme-Bot", recorded, changed(PROMPT, "0.000001")).changed


@pytest.mark.parametrize("spelling", SPELLINGS[1:])
def test_another_spelling_of_the_handle_is_no_change_and_a_note(
    bots: Operations, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture, spelling: str
) -> None:
    assert bots.diff("Acme-Bot", recorded, {**BOT, "handle": spelling}) == Difference()
    assert "can only be changed on poe.com" in warnings.text


def test_another_handle_is_another_bot_and_a_warning(
    bots: Operations, recorded: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    assert bots.diff("Acme-Bot", recorded, {**BOT, "handle": "Acme-Bot-2"}) == Difference([("handle",)], replaces=True)
    assert "users, picture and sharing stay with the old one" in warnings.text


def test_a_handle_that_is_unknown_yet_does_not_replace(bots: Operations, recorded: dict[str, Any]) -> None:
    assert bots.diff("Acme-Bot", recorded, {**BOT, "handle": UNKNOWN}) == Difference([("handle",)])


# --- a bot of the other shell ---------------------------------------------------------------------------


@pytest.fixture
def moving(recorded: dict[str, Any]) -> dict[str, Any]:
    """The same record, which the other shell has written."""
    return {**recorded, MOVES: True}


def test_a_bot_of_the_other_shell_is_changed_though_nothing_differs_and_nothing_is_sent(
    bots: Operations, poe: Emulator, moving: dict[str, Any], warnings: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        assert bots.diff("Acme-Bot", moving, BOT) == Difference(moves=True)
    assert bots.diff("Acme-Bot", moving, BOT).changed
    assert bots.update("Acme-Bot", moving, BOT)["__fingerprint"] == moving["__fingerprint"]
    assert list(poe.requests) == []
    assert warnings.text.count("bots move over from the other shell of pulumi-poe") == 1


def test_what_changes_too_is_sent_alone(bots: Operations, poe: Emulator, moving: dict[str, Any]) -> None:
    declared = changed(("description",), "new")
    assert bots.diff("Acme-Bot", moving, declared) == Difference([("description",)], moves=True)
    assert MOVES not in bots.update("Acme-Bot", moving, declared)
    assert [one.body for one in poe.requests if one.method != "GET"] == [{"description": "new"}]


@pytest.mark.parametrize("path", [("description",), ("is_private",), PROMPT, ("api_bot_settings", "api_key")])
def test_a_bot_does_not_move_without_all_that_the_state_has(
    bots: Operations, moving: dict[str, Any], path: Path
) -> None:
    with pytest.raises(RefusedError, match="move bot 'Acme-Bot' over: the state has ") as raised:
        bots.diff("Acme-Bot", moving, without(BOT, [path]))
    assert f"the state has {'.'.join(path)} of it, and the program does not. Nothing was changed" in str(raised.value)
    assert "CANARY" not in str(raised.value)


@pytest.mark.parametrize("name", ["api_bot_settings", "description"])
def test_what_is_not_known_yet_is_not_missing(bots: Operations, moving: dict[str, Any], name: str) -> None:
    assert bots.diff("Acme-Bot", moving, {**BOT, name: UNKNOWN}).moves


def test_another_handle_is_another_bot_of_the_other_shell_too(bots: Operations, moving: dict[str, Any]) -> None:
    assert bots.diff("Acme-Bot", moving, {"handle": "Other"}).replaces


def test_a_bot_that_does_not_move_is_not_given_up(bots: Operations, poe: Emulator, moving: dict[str, Any]) -> None:
    assert checked(bots, {"handle": "Acme-Bot"}, before=BOT) == []
    with pytest.raises(RefusedError, match="move bot"):
        bots.diff("Acme-Bot", moving, {"handle": "Acme-Bot"})
    with pytest.raises(RefusedError, match="declares this bot under another resource, which failed in this run"):
        bots.delete("Acme-Bot", moving)
    assert len(poe.bots()) == 1


def test_a_bot_of_another_address_does_not_move(at_another_address: Operations, moving: dict[str, Any]) -> None:
    with pytest.raises(ElsewhereError):
        at_another_address.diff("Acme-Bot", moving, BOT)
    with pytest.raises(ElsewhereError):
        at_another_address.update("Acme-Bot", moving, BOT)
