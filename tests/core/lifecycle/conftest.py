"""What an earlier run recorded, and what is said beside errors."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_poe.core.lifecycle.operations import Operations
from pulumi_poe.emulator import Emulator

if TYPE_CHECKING:
    from tests.core.conftest import Line, Run

from tests.core.lifecycle.life import BOT


@pytest.fixture
def recorded(poe: Emulator, new_run: Run) -> dict[str, Any]:
    """What an earlier run recorded when it created the bot, which is on Poe."""
    created = new_run().create(BOT).record
    poe.requests.clear()
    return created


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is said to the user beside errors."""
    logging.getLogger("pulumi_poe").propagate = True
    caplog.set_level(logging.INFO, "pulumi_poe")
    return caplog


@pytest.fixture
def at_another_address(new_run: Run, line: Line) -> Operations:
    """A run at an address that answers as the right one does, and even has a bot of the same handle."""
    return new_run(api_url=line.url, accept_address=None)
