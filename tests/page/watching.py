"""What no page of ours may do, whatever its bots are called and say."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request

_VIOLATIONS = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""


class Watching:
    """Watches every tab of a context.

    Attributes:
        all: what has happened.
        expected: beginnings of what may happen.
    """

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self.all: list[str] = []
        self.expected: tuple[str, ...] = ()
        context.add_init_script(_VIOLATIONS)

    @property
    def found(self) -> list[str]:
        """What has happened that must not."""
        return [one for one in self.all if not one.startswith(self.expected or "\0")]

    def new_page(self) -> Page:
        """A tab that is watched."""
        page = self._context.new_page()
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.all.append(f"error: {error}"))
        page.on("console", self._console)
        page.on("request", self._request)
        return page

    def _dialog(self, dialog: Dialog) -> None:
        self.all.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        # A refused request is the test's own matter.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.all.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).hostname not in ("127.0.0.1", "localhost"):
            self.all.append(f"request: {request.url}")
