"""Nothing is sent about a bot that the suite did not make, nor more than it may send."""

from __future__ import annotations

import doctest
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from contract import asking, handles
from contract.guard import Cap, CapError, Guard, RefusedError
from contract.handles import Handles, Ledger, canonical
from contract.run import asker_of
from stacks import OTHER_POE_KEY, POE_KEY

from pulumi_poe.emulator import Emulator, Fault

URL = "http://127.0.0.1:9/poe"


class Nobody(httpx.BaseTransport):
    """In place of the network: remembers what has passed."""

    def __init__(self, status: int = 404) -> None:
        self.status = status
        self.passed: list[tuple[str, str]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.passed.append((request.method, request.url.path))
        return httpx.Response(self.status, json={})


def guarded(nobody: Nobody, handles: Handles, *, limit: int = 100, ledger: Ledger | None = None) -> httpx.Client:
    door = Guard(URL, POE_KEY, handles=handles, ledger=ledger or Ledger(), cap=Cap(limit), inner=nobody)
    return httpx.Client(base_url=URL, transport=door)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/bots/Somebodys-Bot", None),
        ("DELETE", "/bots/Somebodys-Bot", None),
        ("PATCH", "/bots/Somebodys-Bot", b'{"description": ""}'),
        ("PUT", "/bots/Somebodys-Bot", b"{}"),
        ("POST", "/bots", b'{"handle": "Somebodys-Bot"}'),
        ("POST", "/bots", b'{"handle": 7}'),
        ("POST", "/bots", b"{}"),
        ("POST", "/bots", b"no JSON"),
        ("POST", "/bots", b'["HANDLE"]'),
        ("POST", "/bots", b'{"handle": "Somebodys-Bot", "handle": "HANDLE"}'),
        ("PATCH", "/bots/HANDLE", b'{"handle": "Somebodys-Bot"}'),
        ("PUT", "/bots/HANDLE", b'{"handle": "Somebodys-Bot"}'),
        ("GET", "/bots/HANDLEx", None),
        ("GET", "/bots/HANDLE/../Somebodys-Bot", None),
        ("GET", "/bots/HANDLE%2F..%2FSomebodys-Bot", None),
        ("GET", "/bots/HANDLE/", None),
        ("GET", "/bots/", None),
        ("GET", "/bots/-", None),
        ("GET", "/bots?handle=Somebodys-Bot", None),
        ("GET", "/bots/HANDLE?to=Somebodys-Bot", None),
        ("DELETE", "/bots", None),
        ("PUT", "/bots", b'{"handle": "HANDLE"}'),
        ("POST", "/bots/HANDLE", b"{}"),
        ("HEAD", "/bots/HANDLE", None),
        ("GET", "/usage/current_balance", None),
        ("POST", "/v1/chat/completions", b'{"model": "HANDLE"}'),
        ("GET", "https://poe.example.com/poe/bots", None),
        ("GET", "http://127.0.0.1:8/poe/bots", None),
        ("GET", "http://127.0.0.1:9/bots", None),
    ],
)
def test_what_may_mean_another_bot_is_refused_and_not_sent(method: str, path: str, body: bytes | None) -> None:
    handles, nobody = Handles(), Nobody()
    handle = handles.new()
    content = None if body is None else body.replace(b"HANDLE", handle.encode())
    with guarded(nobody, handles) as client, pytest.raises(RefusedError):
        client.request(method, path.replace("HANDLE", handle), content=content)
    assert nobody.passed == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/bots", None),
        ("POST", "/bots", b'{"handle": "HANDLE"}'),
        ("GET", "/bots/HANDLE", None),
        ("PUT", "/bots/HANDLE", b"{}"),
        ("PATCH", "/bots/HANDLE", b"no JSON"),
        ("DELETE", "/bots/HANDLE", None),
    ],
)
def test_what_means_a_bot_that_was_made_up_passes_in_any_spelling(method: str, path: str, body: bytes | None) -> None:
    handles, nobody = Handles(), Nobody()
    handle = handles.new().upper().replace("-", "_")
    content = None if body is None else body.replace(b"HANDLE", handle.encode())
    with guarded(nobody, handles) as client:
        client.request(method, path.replace("HANDLE", handle), content=content)
    assert nobody.passed == [(method, "/poe" + path.replace("HANDLE", handle))]


def test_what_a_question_is_asked_with_goes_through_the_guard() -> None:
    nobody = Nobody(200)
    ask = asker_of(URL, POE_KEY, None, inner=nobody)
    for send in (ask.mine.remove, ask.bot, lambda handle: ask.new_bot(handle=handle), ask.mine.chat):
        with pytest.raises(RefusedError):
            send("Somebodys-Bot")
    assert nobody.passed == []


def test_two_runs_make_up_different_handles_that_poe_may_take() -> None:
    made = [Handles().new() for _ in range(100)]
    assert len({canonical(handle) for handle in made}) == 100
    assert all(4 <= len(handle) <= 20 for handle in made)


def test_a_handle_that_no_run_makes_up_is_not_taken_from_the_file() -> None:
    for handle in ("Somebodys-Bot", "Pp-short", ""):
        with pytest.raises(ValueError, match="no run makes up"):
            Handles().admit(handle)


def test_beyond_the_cap_only_deletes_of_what_was_made_are_sent() -> None:
    handles, nobody = Handles(), Nobody(201)
    handle, ledger = handles.new(), Ledger()
    with guarded(nobody, handles, limit=12, ledger=ledger) as client:
        client.post("/bots", json={"handle": handle})
        while len(nobody.passed) < 6:
            client.get("/bots")
        with pytest.raises(CapError):
            client.get("/bots")
        nobody.status = 200
        client.delete(f"/bots/{handle}")
    assert nobody.passed[-1] == ("DELETE", f"/poe/bots/{handle}")
    assert len(nobody.passed) <= 12
    assert len(ledger) == 0


def test_a_run_that_meets_its_cap_has_sent_no_more_and_leaves_nothing() -> None:
    with Emulator(accounts={"ours": POE_KEY, "theirs": OTHER_POE_KEY}) as poe:
        ask = asker_of(poe.url, POE_KEY, OTHER_POE_KEY, requests=30)
        with pytest.raises(CapError):
            _ = [ask.new_bot(account) for account in [ask.mine, ask.other] * 10]
        assert poe.bots() != []
        assert ask.end() == []
        assert poe.bots() == []
        assert len(poe.requests) <= 30


def test_a_handle_is_in_the_file_before_its_bot_may_be_there_and_until_it_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "live" / "handles"
    with Emulator(accounts={"ours": POE_KEY}) as poe:
        lost = poe.faults.add(Fault("POST", "/bots", moment="after", drop=True))
        ask = asker_of(poe.url, POE_KEY, None, ledger=Ledger(file))
        with pytest.raises(httpx.TransportError):
            ask.new_bot()
        ask.mine.close()
        assert (lost.met, len(poe.bots())) == (1, 1)
        assert poe.bots()[0]["handle"] in file.read_text()

        after = asker_of(poe.url, POE_KEY, None, ledger=Ledger(file))
        assert after.end() == []
        assert poe.bots() == []
    assert file.read_text() == ""


@pytest.mark.parametrize("status", [500, 502, 408, 302])
def test_a_bot_that_may_be_there_after_all_is_removed(status: int) -> None:
    with Emulator(accounts={"ours": POE_KEY}) as poe:
        ask = asker_of(poe.url, POE_KEY, None)
        poe.faults.add(Fault("POST", moment="after", status=status, body={"error": {"message": "no"}}))
        ask.mine.request("POST", None, {"handle": ask.mine.handles.new()})
        assert len(poe.bots()) == 1
        assert ask.remove_all() == []
        assert poe.bots() == []
        ask.end()


def test_what_was_refused_or_is_deleted_already_is_not_deleted() -> None:
    with Emulator(accounts={"ours": POE_KEY}) as poe:
        ask = asker_of(poe.url, POE_KEY, None)
        ask.mine.request("POST", None, {"handle": ask.mine.handles.new(), "is_private": "yes"})
        ask.mine.request("DELETE", ask.new_bot())
        ask.remove_all()
        assert [record.method for record in poe.requests] == ["POST", "POST", "DELETE"]
        ask.end()


def test_what_another_account_has_left_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "handles"
    with Emulator(accounts={"ours": POE_KEY, "theirs": OTHER_POE_KEY}) as poe:
        first = asker_of(poe.url, OTHER_POE_KEY, None, ledger=Ledger(file))
        first.new_bot()
        first.mine.close()
        asker_of(poe.url, POE_KEY, None, ledger=Ledger(file)).end()
        assert len(poe.bots()) == 1
        assert {record.method for record in poe.requests} == {"POST", "GET"}


def test_the_file_holds_no_key(tmp_path: Path) -> None:
    file = tmp_path / "handles"
    Ledger(file).add(Handles().new(), URL, POE_KEY)
    assert POE_KEY not in file.read_text()


def test_a_delete_that_poe_fails_to_do_is_tried_again_and_told_if_it_is_in_vain() -> None:
    with Emulator(accounts={"ours": POE_KEY}) as poe:
        ask = asker_of(poe.url, POE_KEY, None, sleep=lambda _: None)
        handle = ask.new_bot()
        poe.faults.add(Fault("DELETE", status=500, times=2))
        assert ask.remove_all() == []

        handle = ask.new_bot()
        poe.faults.add(Fault("DELETE", status=500, times=None))
        assert ask.end() == [handle]


@pytest.mark.parametrize("module", [asking, handles])
def test_the_examples_in_the_docstrings_give_what_they_say(module: ModuleType) -> None:
    tried = doctest.testmod(module)
    assert (tried.failed, tried.attempted > 0) == (0, True)
