"""Who may ask the local Poe: by which name, and from which page."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from pulumi_poe.emulator import Emulator

ClientOf = Callable[..., httpx.Client]
PATHS = ["/bots", "/local-poe/bots", "/v1/models", "/local-poe/v1/models", "/", "/nowhere"]


def port_of(poe: Emulator) -> str:
    return poe.url.rpartition(":")[2]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:PORT",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1:" + "9" * 5000,
        "localhost",
        "x:y:z",
        "",
    ],
    ids=lambda host: host[:20],
)
def test_another_name_is_answered_421(poe: Emulator, mine: httpx.Client, path: str, host: str) -> None:
    response = mine.get(path, headers={"Host": host.replace("PORT", port_of(poe))})
    assert response.status_code == 421
    assert "--allow-host" in response.json()["error"]["message"]
    assert poe.requests == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LocalHost", "[::1]"])
def test_the_loopback_names_are_ours_with_the_port(poe: Emulator, mine: httpx.Client, host: str) -> None:
    for path in PATHS[:4]:
        assert mine.get(path, headers={"Host": f"{host}:{port_of(poe)}"}).status_code == 200


@pytest.mark.parametrize(
    ("allowed", "host", "status"),
    [
        ("poe.test", "poe.test", 200),
        ("Poe.test", "POE.test:9000", 200),
        ("poe.test:9000", "poe.test:9000", 200),
        ("poe.test:9000", "poe.test:9001", 421),
        ("poe.test", "poe.test.evil.example", 421),
    ],
)
def test_a_name_can_be_allowed(client_of: ClientOf, allowed: str, host: str, status: int) -> None:
    with Emulator(allowed_hosts=[allowed]) as poe:
        assert client_of(poe).get("/bots", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:1", "https://OWN"])
def test_a_foreign_page_is_answered_403(poe: Emulator, mine: httpx.Client, path: str, origin: str) -> None:
    response = mine.get(path, headers={"Origin": origin.replace("OWN", poe.url[7:])})
    assert (response.status_code, "web pages" in response.text) == (403, True)
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_an_own_page_may_ask(poe: Emulator, mine: httpx.Client) -> None:
    for path in PATHS[:4]:
        response = mine.get(path, headers={"Origin": poe.url})
        assert response.status_code == 200
        assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_allows_nothing(mine: httpx.Client, path: str) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    response = mine.options(path, headers=asked)
    assert response.status_code == 403
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "reset"), ("PUT", "bots"), ("POST", "faults"), ("PATCH", "options")]
)
@pytest.mark.parametrize("type_", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_what_changes_something_is_json(
    poe: Emulator, mine: httpx.Client, method: str, path: str, type_: str | None
) -> None:
    headers = {} if type_ is None else {"Content-Type": type_}
    response = mine.request(method, f"/local-poe/{path}", content=b"{}", headers=headers)
    assert (response.status_code, "application/json" in response.text) == (415, True)
    assert (poe.options.latency, list(poe.faults)) == (0, [])


@pytest.mark.parametrize("path", [*PATHS[:4], "/nowhere", "/page/main.js", "/local-poe/page/bots"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("mode", ["no-cors", "cors", "navigate"])
def test_what_a_browser_asks_for_another_page_is_answered_403(
    poe: Emulator, mine: httpx.Client, path: str, site: str, mode: str
) -> None:
    """As for an image, a script, a frame or a form, with which a browser sends no Origin."""
    response = mine.get(path, headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": "document"})
    assert (response.status_code, poe.requests) == (403, [])


@pytest.mark.parametrize(
    ("method", "dest", "status"), [("GET", "document", 200), ("GET", "iframe", 403), ("POST", "document", 403)]
)
def test_a_link_may_lead_to_the_page(mine: httpx.Client, method: str, dest: str, status: int) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": dest}
    assert mine.request(method, "/", headers=headers).status_code == status


@pytest.mark.parametrize("site", ["none", "same-origin"])
def test_what_a_browser_asks_for_nobody_else_is_answered(mine: httpx.Client, site: str) -> None:
    for path in PATHS[:4]:
        assert mine.get(path, headers={"Sec-Fetch-Site": site}).status_code == 200
