"""The pictures of the page in docs/pictures, and how long it takes to be shown."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page
from talking_endpoint import TalkingEndpoint

from pulumi_poe.emulator import Emulator

from .showing import QUESTION, TIMES, ask, keep, show

OpenPage = Callable[[], Page]
PICTURES = Path(__file__).parents[2] / "docs/pictures"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_of_the_page(
    open_page: OpenPage, page: Page, poe: Emulator, endpoint: TalkingEndpoint, scheme: str
) -> None:
    """Written anew where there is none; `PICTURES=1 make test-page` writes all of them."""
    page.emulate_media(color_scheme=scheme)
    show(poe, endpoint, pause=0.01)
    open_page()
    page.get_by_label("Effort").select_option("High")
    ask(page, QUESTION)
    keep(page, PICTURES / f"page-{scheme}.png", TIMES)


def test_how_long_it_takes_is_printed(
    context: BrowserContext, poe: Emulator, endpoint: TalkingEndpoint, record_property: Callable[[str, str], None]
) -> None:
    """A figure and no promise: whatever else runs here makes it slower."""
    show(poe, endpoint)
    page = context.new_page()
    page.goto(str(poe.page_url))
    times = []
    for _ in range(10):
        page.locator("#desk:not([aria-busy])").wait_for()
        times.append(page.evaluate("performance.getEntriesByName('shown')[0].startTime"))
        page.reload()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    shown = f"after {times[0]:.0f} ms in a new tab, and after {statistics.median(times):.0f} ms again; load {load}"
    record_property("the page shows its bots", shown)
