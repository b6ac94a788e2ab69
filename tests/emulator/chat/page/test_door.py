"""Who gets what of the page, and that nobody else gets it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

import pulumi_poe
from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator, Fault, Options

BotOf = Callable[..., None]
STATIC = Path(pulumi_poe.__file__).parent / "emulator/chat/page/static"
FILES = sorted(file.name for file in STATIC.iterdir())
ASKED = ["/local-poe/page/bots", "/local-poe/page/conversations/x", "/local-poe/page/nothing", "/local-poe/page/"]


# Its files.


def test_the_page_is_at_the_root(mine: httpx.Client) -> None:
    response = mine.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.content == (STATIC / "index.html").read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_to_whoever_has_no_key(poe: Emulator, name: str) -> None:
    response = httpx.get(f"{poe.url}/page/{name}", trust_env=False)
    types = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}
    assert response.status_code == 200
    assert response.content == (STATIC / name).read_bytes()
    assert response.headers["content-type"].partition(";")[0] == types[Path(name).suffix]


@pytest.mark.parametrize(
    "path",
    ["/page/", "/page/../door.py", "/page/%2e%2e/door.py", "/page/nothing.js", "/page//index.html", "/page/a/b.js"],
)
def test_no_other_file_is_served(mine: httpx.Client, path: str) -> None:
    assert mine.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/page/nothing.js", *ASKED])
def test_what_a_browser_is_told(mine: httpx.Client, path: str) -> None:
    headers = mine.get(path).headers
    policy = [one.strip() for one in headers["content-security-policy"].split(";")]
    assert {"default-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} <= set(policy)
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == headers["cross-origin-opener-policy"] == "same-origin"
    assert not [name for name in headers if name.startswith("access-control")]


def test_a_browser_may_keep_the_files_and_asks_each_time(mine: httpx.Client) -> None:
    response = mine.get("/page/main.js")
    assert response.headers["cache-control"] == "no-cache"
    again = mine.get("/page/main.js", headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert mine.get("/page/page.css", headers={"If-None-Match": response.headers["etag"]}).status_code == 200


def test_the_pages_markup_has_no_script_and_no_style_of_its_own() -> None:
    markup = (STATIC / "index.html").read_text()
    assert re.findall(r"<script(?! type=\"module\" src=\"/page/\w+\.js\"></script>)", markup) == []
    assert re.findall(r"\son\w+=|\sstyle=|<style", markup) == []
    assert set(re.findall(r"(?:src|href)=\"([^\"#]+)\"", markup)) <= {f"/page/{name}" for name in FILES}


def test_every_script_is_fetched_at_once() -> None:
    preloaded = re.findall(r"modulepreload\" href=\"/page/(\w+\.js)\"", (STATIC / "index.html").read_text())
    assert sorted([*preloaded, "early.js", "main.js"]) == [name for name in FILES if name.endswith(".js")]


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_no_script_can_make_markup_or_code_of_a_text(name: str) -> None:
    source = (STATIC / name).read_text()
    ways = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\b|Function\("
    )
    assert re.findall(ways, source) == []
    assert re.findall(r"https?://", source) == []
    assert source.startswith("// ")
    assert len(source.splitlines()) < 250


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/page/main.js", ASKED[0]])
def test_the_page_is_only_read(page: httpx.Client, method: str, path: str) -> None:
    assert page.request(method, path).status_code == 405


def test_the_page_is_in_no_log_meets_no_fault_and_counts_for_no_limit(poe: Emulator, page: httpx.Client) -> None:
    poe.options.requests_per_minute = 1
    poe.options.not_enabled_status = 401
    fault = poe.faults.add(Fault(status=500, times=None))
    assert [page.get(path).status_code for path in ("/", "/page/main.js", ASKED[0])] == [200] * 3
    assert (fault.met, poe.requests) == (0, [])


# What it asks for.


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("shown", [None, "", "wrong", API_KEY_1, "ä"])
def test_nothing_is_told_without_the_token(poe: Emulator, mine: httpx.Client, path: str, shown: str | None) -> None:
    headers: dict[bytes, bytes] = {} if shown is None else {b"Local-Poe-Token": shown.encode()}
    response = mine.get(path, headers=headers)
    assert response.status_code == 401
    assert "the address that the local Poe has printed" in response.json()["error"]["message"]
    assert response.headers["cache-control"] == "no-store"
    assert str(poe.page_url).partition("=")[2] not in response.text


@pytest.mark.parametrize("path", ASKED[1:])
def test_what_nobody_knows_is_404(page: httpx.Client, path: str) -> None:
    assert page.get(path).status_code == 404


@pytest.mark.usefixtures("bots")
def test_it_sees_the_bots_of_all_accounts(page: httpx.Client, bot_of: BotOf) -> None:
    bot_of("Their-Bot", API_KEY_2, is_private=True)
    response = page.get("/local-poe/page/bots")
    assert response.headers["cache-control"] == "no-store"
    assert [(bot["handle"], bot["account"], bot["is_private"], bot["path"]) for bot in response.json()["bots"]] == [
        ("Acme-Bot", "local-account-1", False, "/chat/completions"),
        ("Acme-Responder", "local-account-1", False, "/responses"),
        ("Their-Bot", "local-account-2", True, "/chat/completions"),
    ]


@pytest.mark.usefixtures("bots")
def test_no_key_of_anybody_reaches_the_page(page: httpx.Client) -> None:
    said = page.get("/local-poe/page/bots").text
    assert [key for key in ("sk-endpoint-canary", API_KEY_1, API_KEY_2) if key in said] == []


# Its conversations.


@pytest.mark.parametrize("account", [API_KEY_1, API_KEY_2])
def test_it_talks_to_every_bot_as_its_owner(poe: Emulator, page: httpx.Client, bot_of: BotOf, account: str) -> None:
    bot_of("Own", account, is_private=True)
    question = {"model": "own", "messages": [{"role": "user", "content": "Hi"}]}
    response = page.post("/local-poe/v1/chat/completions", json=question)
    assert response.status_code == 200
    record = page.get(f"/local-poe/page/conversations/{response.headers['x-request-id']}").json()
    assert record["model"] == "Own"
    assert poe.accounts[record["account"]] == account
    assert (record["prompt_tokens"], record["cached_tokens"], record["cost"]) == (1000, 400, "0.00195")


@pytest.mark.parametrize("model", ["Nobody", "\ud800", "a\nb"])
def test_a_bot_that_is_not_there_is_404(page: httpx.Client, model: str) -> None:
    body = b'{"model": "%s", "messages": []}' % model.encode("unicode_escape")
    response = page.post("/local-poe/v1/chat/completions", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 404


@pytest.mark.usefixtures("bots")
def test_the_token_is_good_for_nothing_else(page: httpx.Client) -> None:
    question = {"model": "Acme-Bot", "messages": [{"role": "user", "content": "Hi"}]}
    assert page.post("/v1/chat/completions", json=question).status_code == 401
    assert page.get("/bots").status_code == 401
    assert page.post("/bots", json={"handle": "Mine"}).status_code == 401


def test_its_conversations_meet_faults_and_count_for_the_limit_of_the_owner(
    poe: Emulator, page: httpx.Client, bot_of: BotOf
) -> None:
    bot_of("Own", API_KEY_2)
    poe.options.requests_per_minute = 1
    question = {"model": "Own", "messages": [{"role": "user", "content": "Hi"}]}
    assert [page.post("/local-poe/v1/chat/completions", json=question).status_code for _ in range(2)] == [200, 429]
    assert [record.status for record in poe.requests] == [200, 429]


@pytest.mark.usefixtures("bots")
@pytest.mark.parametrize("type_", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_question_has_to_be_json(page: httpx.Client, type_: str) -> None:
    response = page.post(
        "/local-poe/v1/chat/completions", content=b'{"model": "Acme-Bot"}', headers={"Content-Type": type_}
    )
    assert response.status_code == 415


# One start.


def test_each_start_has_a_token_of_its_own(client_of: Callable[..., httpx.Client]) -> None:
    poe = Emulator()
    assert poe.page_url is None
    addresses: set[str] = set()
    for _ in range(3):
        with poe:
            address, _, token = str(poe.page_url).partition("#token=")
            assert address == f"{poe.url}/"
            assert re.fullmatch(r"[\w-]{32}", token)
            earlier = [one.partition("=")[2] for one in addresses]
            client = client_of(poe)
            found = [client.get(ASKED[0], headers={"Local-Poe-Token": one}).status_code for one in [*earlier, token]]
            assert found == [401] * len(earlier) + [200]
            addresses.add(str(poe.page_url))
        assert poe.page_url is None
    assert len(addresses) == 3


def test_a_reset_keeps_the_token(poe: Emulator, page: httpx.Client) -> None:
    poe.reset()
    assert page.get(ASKED[0]).json() == {"bots": []}


@pytest.mark.parametrize("path", ["/", "/page/main.js", *ASKED])
def test_beyond_this_machine_there_is_no_page(client_of: Callable[..., httpx.Client], path: str) -> None:
    with Emulator(host="0.0.0.0") as poe:  # noqa: S104 -- this is what is tested
        assert poe.page_url is None
        response = client_of(poe).get(path)
    assert response.status_code == 403
    assert response.text == (
        "The page is off, because this local Poe listens beyond this machine; start it with --host 127.0.0.1\n"
    )


def test_no_option_of_the_local_poe_touches_the_page(client_of: Callable[..., httpx.Client]) -> None:
    with Emulator(options=Options(latency=30, not_enabled_status=404)) as poe:
        assert client_of(poe).get("/", timeout=5).status_code == 200
