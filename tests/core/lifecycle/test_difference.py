"""What a program changes about a recorded bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.lifecycle.difference import Difference
from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.core.values.trees import Path, without
from pulumi_poe.core.values.unknown import UNKNOWN

if TYPE_CHECKING:
    from tests.core.conftest import Run

from tests.core.lifecycle.life import BOT, PROMPT, SPELLINGS, changed


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
