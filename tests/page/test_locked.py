"""The page is locked to the desk: by its name, its origin, and the token of this start."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from pulumi_poe.emulator import Emulator

from .conftest import EVIL
from .watching import Watching

BotOf = Callable[..., None]
OpenPage = Callable[[], Page]
READ = [
    "/",
    "/page/main.js",
    "/local-poe/bots",
    "/local-poe/page/bots",
    "/local-poe/conversations",
    "/v1/models",
    "/bots",
]
WRITES = [
    ("POST", "/local-poe/reset"),
    ("PUT", "/local-poe/bots"),
    ("PATCH", "/local-poe/options"),
    ("DELETE", "/local-poe/requests"),
    ("POST", "/local-poe/faults"),
    ("POST", "/local-poe/v1/chat/completions"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/bots"),
    ("DELETE", "/bots/Acme-Bot"),
]
REFUSED = ("console: ", "request: http://evil.example")


@contextmanager
def foreign_server() -> Iterator[ThreadingHTTPServer]:
    """Serves an empty page on this machine, at a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>foreign</title><body></body>")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def port_of(poe: Emulator) -> str:
    return poe.url.rpartition(":")[2]


# By its name: DNS rebinding. In this browser evil.example leads to this machine.


@pytest.mark.parametrize("path", READ)
def test_a_page_of_another_name_that_leads_here_is_answered_421(
    poe: Emulator, page: Page, watching: Watching, bot_of: BotOf, path: str
) -> None:
    watching.expected = REFUSED
    bot_of()
    response = page.goto(f"http://{EVIL}:{port_of(poe)}{path}")
    assert response
    assert response.status == 421
    assert "Acme" not in page.content()


def test_a_page_whose_name_leads_here_afterwards_is_answered_421(context: BrowserContext) -> None:
    """Its own server was at this very name and port a moment ago, so for the browser all of it is one origin."""
    page = context.new_page()
    with foreign_server() as server:
        port = server.server_port
        page.goto(f"http://{EVIL}:{port}/")
    with Emulator(port=port) as poe:
        poe.seed(poe.api_key, {"handle": "Acme-Bot"})
        for path in READ:
            assert page.evaluate("async (path) => (await fetch(path)).status", path) == 421
        for method, path in WRITES:
            of = f"{{method: '{method}', headers: {{'Content-Type': 'application/json'}}, body: '{{}}'}}"
            assert page.evaluate(f"async (path) => (await fetch(path, {of})).status", path) == 421
        assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]
        assert poe.requests == []


def test_a_name_that_is_allowed_has_the_page(context: BrowserContext, endpoint: Any) -> None:
    page = context.new_page()
    with Emulator(allowed_hosts=[EVIL]) as poe:
        poe.seed(poe.api_key, {"handle": "Acme", "api_bot_settings": {"base_url": endpoint.url}})
        page.goto(str(poe.page_url).replace("127.0.0.1", EVIL))
        page.get_by_label("Your question").fill("Hi")
        page.get_by_label("Your question").press("Enter")
        page.locator(".figures").wait_for()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_it_works_by_both_of_its_names(poe: Emulator, page: Page, bot_of: BotOf, name: str) -> None:
    bot_of()
    page.goto(str(poe.page_url).replace("127.0.0.1", name))
    page.get_by_label("Your question").fill("Hi")
    page.get_by_label("Your question").press("Enter")
    page.locator(".figures").wait_for()


# By its origin.


@pytest.fixture
def stranger(context: BrowserContext, poe: Emulator, bot_of: BotOf) -> Iterator[Page]:
    """A page of somebody else, on this machine and at another port. Whatever it tries, nothing is changed by it."""
    bot_of()
    page = context.new_page()
    with foreign_server() as server:
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        yield page
    page.wait_for_timeout(200)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]
    assert (list(poe.conversations), poe.requests, poe.options.latency, list(poe.faults)) == ([], [], 0, [])


@pytest.mark.parametrize("path", READ)
def test_a_foreign_page_reads_nothing(stranger: Page, poe: Emulator, path: str) -> None:
    program = "async (url) => { try { return await (await fetch(url)).text(); } catch (error) { return error.name; } }"
    assert stranger.evaluate(program, f"{poe.url}{path}") == "TypeError"
    as_image = """(url) => new Promise((done) => {
      const it = Object.assign(new Image(), {src: url, onload: () => done('loaded'), onerror: () => done('refused')});
      document.body.append(it);
    })"""
    assert stranger.evaluate(as_image, f"{poe.url}{path}") == "refused"
    as_script = as_image.replace("new Image()", "document.createElement('script')")
    assert stranger.evaluate(as_script, f"{poe.url}{path}") == "refused"
    as_style = as_image.replace("new Image(), {src:", "document.createElement('link'), {rel: 'stylesheet', href:")
    assert stranger.evaluate(as_style, f"{poe.url}{path}") == "refused"


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("type_", ["application/json", "text/plain"])
def test_a_foreign_page_writes_nothing(stranger: Page, poe: Emulator, method: str, path: str, type_: str) -> None:
    body = '{"model": "Acme-Bot", "messages": [], "handle": "Bad", "latency": 3}'
    program = """async ([url, method, type, body]) => {
      const of = {method, body, headers: {'Content-Type': type, Authorization: 'Bearer local-poe-key-1'}};
      try { await fetch(url, of); return 'answered'; } catch (error) { return error.name; }
    }"""
    assert stranger.evaluate(program, [f"{poe.url}{path}", method, type_, body]) == "TypeError"


@pytest.mark.parametrize("path", [path for method, path in WRITES if method == "POST"])
def test_a_foreign_page_changes_nothing_by_what_needs_no_leave(stranger: Page, poe: Emulator, path: str) -> None:
    program = """async ([url, body]) => {
      await fetch(url, {method: 'POST', mode: 'no-cors', body});
      navigator.sendBeacon(url, body);
      const frame = Object.assign(document.createElement('iframe'), {name: 'there'});
      const form = Object.assign(document.createElement('form'),
        {action: url, method: 'post', enctype: 'text/plain', target: 'there'});
      form.append(Object.assign(document.createElement('input'), {name: '{"latency": 3, "x": "', value: '"}'}));
      document.body.append(frame, form);
      form.submit();
    }"""
    stranger.evaluate(program, [f"{poe.url}{path}", '{"latency": 3}'])


@pytest.mark.parametrize("path", READ)
def test_no_page_has_it_in_a_frame(stranger: Page, poe: Emulator, path: str) -> None:
    program = """(url) => new Promise((done) => {
      const frame = Object.assign(document.createElement('iframe'), {src: url, onload: done, onerror: done});
      document.body.append(frame);
    })"""
    stranger.evaluate(f"async (url) => {{ await ({program})(url); }}", f"{poe.url}{path}")
    (frame,) = (one for one in stranger.frames if one != stranger.main_frame)
    assert "Acme" not in frame.content()
    assert frame.locator("#desk").count() == 0


def test_a_page_that_is_opened_by_another_one_has_no_token(
    stranger: Page, poe: Emulator, context: BrowserContext
) -> None:
    with context.expect_page() as opened:
        stranger.evaluate("(url) => { window.there = window.open(url); }", f"{poe.url}/")
    page = opened.value
    expect(page.get_by_role("alert")).to_contain_text("This page needs the address that the local Poe printed")
    # It is cut off from who opened it.
    assert stranger.evaluate("window.there.closed") is True
    assert page.evaluate("window.opener") is None


# By its token.


def test_the_token_leaves_the_address_and_stays_in_the_tab(
    open_page: OpenPage, poe: Emulator, bot_of: BotOf, watching: Watching
) -> None:
    bot_of()
    page = open_page()
    assert page.url == f"{poe.url}/"
    page.reload()
    expect(page.get_by_role("button", name="Acme-Bot")).to_be_visible()
    other = watching.new_page()
    other.goto(poe.url)
    expect(other.get_by_role("alert")).to_contain_text("This page needs the address that the local Poe printed")
    assert page.evaluate("Object.keys(localStorage).length + document.cookie.length") == 0


def test_without_the_token_it_says_what_to_do(poe: Emulator, page: Page, bot_of: BotOf) -> None:
    bot_of()
    page.goto(poe.url)
    expect(page.get_by_role("alert")).to_contain_text("with its #token=…: open that one")
    assert "Acme-Bot" not in page.content()


def test_a_wrong_token_is_one_of_an_earlier_start(poe: Emulator, page: Page, bot_of: BotOf) -> None:
    bot_of()
    page.goto(f"{poe.url}/#token=wrong")
    expect(page.get_by_role("alert")).to_contain_text("This page is of an earlier start of the local Poe")
    assert "Acme-Bot" not in page.content()


def test_after_another_start_it_says_so_and_takes_the_new_address(
    open_page: OpenPage, poe: Emulator, bot_of: BotOf
) -> None:
    bot_of()
    page = open_page()
    poe.stop()
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("alert")).to_contain_text("The local Poe cannot be reached. Start it again")
    page.get_by_label("Your question").fill("Hi")
    page.get_by_label("Your question").press("Enter")
    expect(page.locator(".answer .trouble")).to_contain_text("The local Poe cannot be reached")
    poe.start()
    bot_of()
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("alert").first).to_contain_text("This page is of an earlier start of the local Poe")
    page.get_by_label("Your question").press("Enter")
    expect(page.locator(".answer .trouble").nth(1)).to_contain_text("This page is of an earlier start")
    # In the same tab, where it is another fragment of the same address.
    page.goto(str(poe.page_url))
    expect(page.locator("#trouble")).to_be_empty()
    assert page.url == f"{poe.url}/"
    page.get_by_label("Your question").press("Enter")
    page.locator(".figures").wait_for()


def test_beyond_this_machine_the_page_is_off_and_says_so(page: Page) -> None:
    with Emulator(host="0.0.0.0") as poe:  # noqa: S104 -- this is what is tested
        response = page.goto(poe.url)
        assert response
        assert response.status == 403
        expect(page.locator("body")).to_have_text(
            "The page is off, because this local Poe listens beyond this machine; start it with --host 127.0.0.1"
        )
