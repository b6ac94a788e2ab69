"""A real Chromium, a local Poe with bots, and the page of it.

`make test-page` installs what these tests need.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from talking_endpoint import TalkingEndpoint

from pulumi_poe.emulator import Emulator

from .watching import Watching

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",  # whoever is root, as in a container, has no sandbox
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
EVIL = "evil.example"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Figures are printed, and nothing is asserted of them."""
    for report in terminalreporter.getreports("passed"):
        for name, figure in report.user_properties:
            terminalreporter.write_line(f"{name} {figure}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert path, "there is no Chromium: `make test-page` installs Debian's"
    with sync_playwright() as playwright:
        rules = f"MAP {EVIL} 127.0.0.1"
        launched = playwright.chromium.launch(executable_path=path, args=[*QUIET, f"--host-resolver-rules={rules}"])
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    made.set_default_timeout(5000)
    yield made
    made.close()


@pytest.fixture
def poe() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def watching(context: BrowserContext) -> Iterator[Watching]:
    """Holds that nothing happens that no page of ours may do: requests to elsewhere, dialogs, errors, violations."""
    watched = Watching(context)
    yield watched
    assert watched.found == []


@pytest.fixture
def page(watching: Watching) -> Page:
    """An empty tab, in which nothing may go wrong."""
    return watching.new_page()


@pytest.fixture
def bot_of(poe: Emulator, endpoint: TalkingEndpoint) -> Callable[..., None]:
    """Puts a bot in: `bot_of("Acme", is_private=True, input_modalities=["image"])`."""

    def make(handle: str = "Acme-Bot", *, account: int = 0, controls: Any = None, **of: Any) -> None:
        own: dict[str, Any] = {name: of.pop(name) for name in ("description", "is_private") if name in of}
        settings = {
            "base_url": endpoint.url,
            "model_name": "acme/secret-model-70b",
            "api_key": "sk-endpoint-canary",
            "pricing": {"prompt": "0.000003", "completion": "0.00001", "input_cache_reads": "0.0000003"},
            **of,
        }
        bot: dict[str, Any] = {"handle": handle, "is_private": False, **own, "api_bot_settings": settings}
        if controls is not None:
            bot["parameter_controls"] = controls
        poe.seed(list(poe.accounts.values())[account], bot)

    return make


@pytest.fixture
def open_page(poe: Emulator, page: Page) -> Callable[[], Page]:
    """Opens the page with its token, and waits until it is shown."""

    def opened() -> Page:
        page.goto(str(poe.page_url))
        page.locator("#desk:not([aria-busy])").wait_for()
        return page

    return opened
