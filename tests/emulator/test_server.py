"""Starting, stopping and looking into the local Poe."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from ports import free_port

from pulumi_poe.emulator import (
    ACCOUNT_1,
    ACCOUNT_2,
    API_KEY_1,
    API_KEY_2,
    DEFAULT_ACCOUNTS,
    Emulator,
    Options,
    server,
)

ClientOf = Callable[..., httpx.Client]


def port_of(poe: Emulator) -> int:
    return int(poe.url.rpartition(":")[2])


# Starting.


def test_it_answers_as_soon_as_it_has_started(client_of: ClientOf) -> None:
    with Emulator() as poe:
        assert client_of(poe).get("/bots").status_code == 200


def test_port_0_takes_a_free_port_each() -> None:
    with Emulator() as one, Emulator() as two:
        assert port_of(one) not in {0, port_of(two)}
        assert one.url == f"http://127.0.0.1:{port_of(one)}"


def test_two_emulators_share_nothing(client_of: ClientOf) -> None:
    with Emulator() as one, Emulator() as two:
        client_of(one).post("/bots", json={"handle": "Acme"})
        assert two.bots() == []


def test_start_gives_the_emulator(client_of: ClientOf) -> None:
    poe = Emulator().start()
    try:
        assert client_of(poe).get("/bots").status_code == 200
    finally:
        poe.stop()


def test_a_second_start_is_refused(poe: Emulator) -> None:
    with pytest.raises(RuntimeError, match="running already"):
        poe.start()


def test_a_port_in_use_is_refused(poe: Emulator) -> None:
    with pytest.raises(OSError, match="in use"):
        Emulator(port=port_of(poe)).start()


def test_a_database_that_cannot_be_opened_frees_the_port(tmp_path: Path) -> None:
    (tmp_path / "poe.db").mkdir()
    port = free_port()
    with pytest.raises(Exception, match="database"):
        Emulator(tmp_path / "poe.db", port=port).start()
    with Emulator(port=port):
        pass


def test_it_listens_on_another_host_if_told_so(client_of: ClientOf) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    with Emulator(host="::1") as poe:
        assert poe.url.startswith("http://[::1]:")
        assert client_of(poe).get("/bots").status_code == 200


def test_all_addresses_are_reached_by_the_loopback_one(client_of: ClientOf) -> None:
    with Emulator(host="0.0.0.0") as poe:  # noqa: S104 -- this is what is tested
        assert poe.url.startswith("http://127.0.0.1:")
        assert client_of(poe).get("/bots").status_code == 200


# Stopping.


def test_after_stop_nobody_answers(client_of: ClientOf) -> None:
    with Emulator() as poe:
        pass
    with pytest.raises(httpx.ConnectError):
        client_of(poe).get("/bots")


def test_stop_is_quick_with_open_connections(client_of: ClientOf) -> None:
    with Emulator() as poe:
        for _ in range(5):
            client_of(poe).get("/bots")
        started = time.monotonic()
    assert time.monotonic() - started < 0.2


def test_stop_answers_what_is_in_flight_without_the_rest_of_its_latency(client_of: ClientOf) -> None:
    answers: list[httpx.Response] = []
    with Emulator(options=Options(latency=30)) as poe:
        client = client_of(poe)
        asking = threading.Thread(target=lambda: answers.append(client.get("/bots", timeout=10)))
        asking.start()
        while not poe.requests:
            time.sleep(0.001)
        started = time.monotonic()
    asking.join()
    assert time.monotonic() - started < 2
    assert [each.status_code for each in answers] == [200]


def test_stop_does_not_wait_for_a_client_that_never_finishes(caplog: pytest.LogCaptureFixture) -> None:
    with Emulator(allowed_hosts=["poe"]) as poe, socket.create_connection(("127.0.0.1", port_of(poe))) as client:
        client.sendall(b"POST /bots HTTP/1.1\r\nHost: poe\r\nContent-Length: 9\r\n\r\n{")
        time.sleep(0.05)
        started = time.monotonic()
        poe.stop()
        assert time.monotonic() - started < 2
    assert caplog.text == ""


def test_stop_leaves_nothing_open(client_of: ClientOf) -> None:
    threads = threading.active_count()
    with Emulator() as poe:
        client_of(poe).get("/bots")
    # Anything unclosed would warn, and warnings are errors here.
    gc.collect()
    assert threading.active_count() == threads


def test_a_second_stop_does_nothing(poe: Emulator) -> None:
    poe.stop()
    poe.stop()


def test_stop_without_start_does_nothing() -> None:
    Emulator().stop()


def test_a_program_that_forgets_to_stop_it_still_ends(tmp_path: Path) -> None:
    program = "from pulumi_poe.emulator import Emulator; Emulator('poe.db').start()"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=10, cwd=tmp_path)


# Restarting.


def test_bots_survive_a_restart_on_the_same_file(tmp_path: Path, client_of: ClientOf) -> None:
    bot = {
        "handle": "Acme",
        "description": "kept",
        "is_private": False,
        "api_bot_settings": {"api_key": "endpoint-key", "model_name": "m"},
    }
    with Emulator(tmp_path / "poe.db") as poe:
        client_of(poe).post("/bots", json=bot)
    with Emulator(tmp_path / "poe.db") as poe:
        assert poe.bots() == [bot]
        assert client_of(poe).get("/bots/acme").json()["description"] == "kept"
        assert client_of(poe, API_KEY_2).get("/bots/acme").status_code == 404


def test_another_emulator_can_take_the_same_port_at_once(client_of: ClientOf) -> None:
    with Emulator() as first:
        client_of(first).get("/bots")
        port = port_of(first)
    with Emulator(port=port) as second:
        assert client_of(second).get("/bots").status_code == 200


def test_a_stopped_emulator_starts_again_on_its_port(tmp_path: Path, client_of: ClientOf) -> None:
    poe = Emulator(tmp_path / "poe.db")
    with poe:
        url = poe.url
        poe.seed(API_KEY_1, {"handle": "Acme"})
    with poe:
        assert poe.url == url
        assert client_of(poe).get("/bots/Acme").status_code == 200


def test_a_bot_stays_with_its_account_when_the_key_changes(tmp_path: Path, client_of: ClientOf) -> None:
    with Emulator(tmp_path / "poe.db", accounts={"me": "old-key"}) as poe:
        client_of(poe, "old-key").post("/bots", json={"handle": "Acme"})
    with Emulator(tmp_path / "poe.db", accounts={"me": "new-key"}) as poe:
        assert client_of(poe, "new-key").get("/bots/Acme").status_code == 200


def test_a_temporary_database_is_gone_after_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Emulator() as poe:
        poe.seed(API_KEY_1, {"handle": "Acme"})
        assert list(tmp_path.rglob("poe.db"))
    assert list(tmp_path.iterdir()) == []


def test_the_database_holds_no_key_of_poe(tmp_path: Path, client_of: ClientOf) -> None:
    with Emulator(tmp_path / "poe.db") as poe:
        client_of(poe).post("/bots", json={"handle": "Acme"})
    assert API_KEY_1.encode() not in (tmp_path / "poe.db").read_bytes()


# Accounts.


def test_there_are_two_accounts_by_default(poe: Emulator) -> None:
    assert poe.accounts == DEFAULT_ACCOUNTS == {ACCOUNT_1: API_KEY_1, ACCOUNT_2: API_KEY_2}
    assert poe.api_key == API_KEY_1


def test_accounts_can_be_given(client_of: ClientOf) -> None:
    with Emulator(accounts={"me": "my-key"}) as poe:
        assert poe.api_key == "my-key"
        assert client_of(poe, "my-key").get("/bots").status_code == 200
        assert client_of(poe, API_KEY_1).get("/bots").status_code == 401


def test_a_key_can_be_withdrawn_while_it_runs(poe: Emulator, mine: httpx.Client) -> None:
    assert mine.get("/bots").status_code == 200
    poe.accounts[ACCOUNT_1] = "new-key"
    assert mine.get("/bots").status_code == 401


@pytest.mark.parametrize("accounts", [{}, {"one": "key", "two": "key"}])
def test_each_account_needs_a_key_of_its_own(accounts: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="accounts"):
        Emulator(accounts=accounts)


# Looking in: requests, bots, seed.


def test_requests_are_recorded_in_their_order(poe: Emulator, mine: httpx.Client) -> None:
    before = time.monotonic()
    mine.post("/bots", json={"handle": "Acme Bot", "api_bot_settings": {"api_key": "k"}})
    mine.get("/bots/Acme%20Bot?x=1")
    mine.delete("/bots/Nobody")
    assert [(each.method, each.path, each.status) for each in poe.requests] == [
        ("POST", "/bots", 201),
        ("GET", "/bots/Acme%20Bot", 200),
        ("DELETE", "/bots/Nobody", 404),
    ]
    assert [each.body for each in poe.requests] == [
        {"handle": "Acme Bot", "api_bot_settings": {"api_key": "k"}},
        None,
        None,
    ]
    assert before <= poe.requests[0].received <= poe.requests[1].received <= time.monotonic()


def test_refused_requests_are_recorded_too(poe: Emulator, mine: httpx.Client) -> None:
    mine.get("/bots", headers={"Authorization": "Bearer wrong"})
    mine.put("/bots/Acme", content=b"{malformed")
    mine.get("/nowhere")
    assert [(each.status, each.body) for each in poe.requests] == [(401, None), (400, None), (404, None)]


def test_a_record_does_not_print_the_body(poe: Emulator, mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme", "api_bot_settings": {"api_key": "sk-canary"}})
    assert "sk-canary" not in repr(poe.requests)


def test_only_the_last_requests_are_kept(poe: Emulator, mine: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_REQUESTS", 3)
    for number in range(5):
        mine.get(f"/bots/Bot{number}")
    assert [each.path for each in poe.requests] == ["/bots/Bot2", "/bots/Bot3", "/bots/Bot4"]


def test_requests_are_kept_by_stop(client_of: ClientOf) -> None:
    with Emulator() as poe:
        client_of(poe).get("/bots")
    assert len(poe.requests) == 1


def test_a_seeded_bot_is_there_unchecked(poe: Emulator, mine: httpx.Client) -> None:
    poe.seed(API_KEY_1, {"handle": "Acme", "later_field": 1, "api_bot_settings": {"api_type": "new_kind"}})
    assert mine.get("/bots/Acme").json() == {
        "handle": "Acme",
        "description": "",
        "is_private": True,
        "later_field": 1,
        "api_bot_settings": {"api_type": "new_kind"},
    }


def test_seeding_a_handle_again_replaces_the_bot_and_its_owner(poe: Emulator) -> None:
    poe.seed(API_KEY_1, {"handle": "Acme-Bot"})
    poe.seed(API_KEY_2, {"handle": "acmebot"})
    assert poe.bots(API_KEY_1) == []
    assert [bot["handle"] for bot in poe.bots(API_KEY_2)] == ["acmebot"]


def test_seeding_needs_a_known_key_and_a_handle(poe: Emulator) -> None:
    with pytest.raises(ValueError, match="no account"):
        poe.seed("wrong", {"handle": "Acme"})
    with pytest.raises(ValueError, match="handle"):
        poe.seed(API_KEY_1, {})


def test_bots_of_all_accounts_hold_their_keys(poe: Emulator) -> None:
    poe.seed(API_KEY_1, {"handle": "One", "api_bot_settings": {"api_key": "k"}})
    poe.seed(API_KEY_2, {"handle": "Two"})
    assert poe.bots() == [
        {"handle": "One", "description": "", "is_private": True, "api_bot_settings": {"api_key": "k"}},
        {"handle": "Two", "description": "", "is_private": True},
    ]


def test_what_is_returned_is_a_copy(poe: Emulator) -> None:
    poe.seed(API_KEY_1, {"handle": "Acme"})
    poe.bots()[0]["handle"] = "Other"
    assert poe.bots()[0]["handle"] == "Acme"


def test_a_stopped_emulator_cannot_be_looked_into() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        Emulator().bots()


# Quiet and quick.


def test_nothing_is_printed_or_logged(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, client_of: ClientOf
) -> None:
    with Emulator() as poe:
        client_of(poe).get("/bots")
        client_of(poe).get("/nowhere")
    assert capfd.readouterr() == ("", "")
    assert [each for each in caplog.records if each.name.startswith("uvicorn")] == []


def test_a_write_is_answered_without_the_40_ms_of_a_delayed_acknowledgement(mine: httpx.Client) -> None:
    mine.post("/bots", json={"handle": "Acme"})
    started = time.monotonic()
    for number in range(20):
        mine.patch("/bots/Acme", json={"description": str(number)})
    assert (time.monotonic() - started) / 20 < 0.02
