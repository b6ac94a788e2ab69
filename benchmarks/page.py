"""How soon the local Poe's page shows its bots, in a Chromium of this machine."""

from __future__ import annotations

import os
import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from pulumi_poe.emulator import Emulator

from .report import Section, verdict

SHOWN = 200.0
"""Milliseconds after which the bots shall be there."""

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

_BOT: dict[str, Any] = {
    "is_private": False,
    "api_bot_settings": {
        "base_url": "http://127.0.0.1:9/v1",
        "pricing": {"prompt": "0.000003", "completion": "0.00001"},
        "param_definitions": [{"param_name": "effort", "default_value": 5}],
    },
    "parameter_controls": {
        "api_version": "2",
        "sections": [
            {
                "controls": [
                    {
                        "control": "slider",
                        "label": "Effort",
                        "parameter_name": "effort",
                        "min_value": 0,
                        "max_value": 9,
                        "step": 1,
                    }
                ]
            }
        ],
    },
}


def measure(times: int) -> Section:
    """Open it so many times, each in a new tab, and load it anew there; with 1 and with 100 bots.

    :param times: how often each.
    """
    title = "The local Poe's page"
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        return Section(title, "Not measured: there is no Chromium on PATH. `make test-page` gets one.", ["page"], [])
    rows = []
    with _browser(path) as browser:
        for bots in (1, 100):
            opened, again = (statistics.median(found) for found in zip(*_shown(browser, bots, times), strict=True))
            figures = [f"{opened:.0f}", f"{again:.0f}", f"{SHOWN:.0f}", verdict(opened, SHOWN)]
            rows.append([f"{bots} bot{'s' if bots > 1 else ''}, ms", *figures])
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return Section(
        title,
        f"From the address to the bots on the page, medians of {times}. A new tab is a new process of the browser's."
        f" Load {load} on {os.cpu_count()} processors.",
        ["", "new tab", "again", "limit", ""],
        rows,
    )


@contextmanager
def _browser(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield browser
        browser.close()


def _shown(browser: Browser, bots: int, times: int) -> Iterator[tuple[float, float]]:
    """Milliseconds until they are, in a new tab and then in the same one."""
    context = browser.new_context()
    with Emulator() as poe:
        for number in range(bots):
            poe.seed(poe.api_key, {"handle": f"Bot-{number}", **_BOT})
        for _ in range(times):
            page = context.new_page()
            page.goto(str(poe.page_url))
            opened = _time(page)
            page.reload()
            yield opened, _time(page)
            page.close()
    context.close()


def _time(page: Page) -> float:
    page.locator("#desk:not([aria-busy])").wait_for()
    time: float = page.evaluate("performance.getEntriesByName('shown')[0].startTime")
    return time
