"""What is said where Poe can't be called, and what a local Poe is known by."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from chatting import NotLocal

from pulumi_poe.chat import calling
from pulumi_poe.chat.calling import Caller
from pulumi_poe.chat.notes import Said, said_of
from pulumi_poe.core.errors import AnswerError, UnreachableError
from pulumi_poe.core.poe.settings import Settings
from pulumi_poe.emulator import Emulator

KEY = "sk-poe-canary"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
Serving = Callable[[bytes], Caller]


@pytest.fixture
def serving() -> Iterator[Serving]:
    """A caller of a server that answers every request with these bytes, and closes."""
    listener = socket.create_server(("127.0.0.1", 0))
    made: list[Caller] = []

    def serve(answer: bytes) -> Caller:
        def loop() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        threading.Thread(target=loop, daemon=True).start()
        made.append(Caller(Settings(api_key=KEY, api_url=f"http://127.0.0.1:{listener.getsockname()[1]}"), 10))
        return made[-1]

    yield serve
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for caller in made:
        caller.close()


def test_only_this_machine_is_asked_whether_it_is_a_local_poe() -> None:
    caller = Caller(Settings(api_key=KEY, api_url="https://api.poe.example"), 10)
    assert not caller.is_local  # and nothing was sent: there is no such host
    caller.close()


def test_a_local_poe_is_known_by_its_control_api() -> None:
    with Emulator() as poe, NotLocal(poe.url) as real:
        for url, is_local in ((poe.url, True), (real.url, False)):
            caller = Caller(Settings(api_key=KEY, api_url=url), 10)
            assert caller.is_local is is_local
            caller.close()


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (b"", UnreachableError, "broke the connection off. Try again."),
        (HEAD + b"[]", AnswerError, "Poe answered 200 OK with a body that is no JSON object. Is http"),
        (HEAD + b"[" * 100_000, AnswerError, "Poe answered 200 OK with a body that is no JSON object."),
        (
            HEAD.replace(b"200", b"500") + b"x",
            AnswerError,
            "500 Internal Server Error, with a body that is not",
        ),
        (HEAD.replace(b"200", b"599") + b"x" * 2**21, AnswerError, "Poe answered 599, with a body that is not its own"),
        (
            HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n") + b"no gzip",
            UnreachableError,
            "the answer of 127.0.0.1:",
        ),
    ],
)
def test_an_answer_that_is_none_is_one_line(serving: Serving, answer: bytes, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as raised:
        serving(answer).models()
    assert said in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_an_answer_without_an_end_is_cut_off(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "_LONGEST_ANSWER", 2**20)
    with pytest.raises(UnreachableError, match=r"can't be read \(the answer is longer than 1 MB\)"):
        serving(HEAD + b"x" * 2**21).models()


def test_an_address_that_does_not_take_the_connection_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def connects(*_: Any, **__: Any) -> Any:
        raise httpx.ConnectTimeout("too slow")

    caller = Caller(Settings(api_key=KEY), 10)
    monkeypatch.setattr(caller._http, "stream", connects)
    with pytest.raises(UnreachableError, match=r"api\.poe\.com can't be reached in time"):
        caller.models()
    caller.close()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"<html>", Said()),
        (b'{"conversations": 3}', Said()),
        (b'{"conversations": [3, {"id": "other", "cost": "1"}]}', Said()),
        (b'{"conversations": [{"id": "mine", "cost": "0.5", "notes": ["a"]}]}', Said(Decimal("0.5"), ["a"])),
        (b'{"conversations": [{"id": "mine", "cost": "much", "notes": 3}]}', Said(None, [])),
        (b'{"conversations": [{"id": "mine", "cost": null}]}', Said(None, [])),
    ],
)
def test_what_a_local_poe_says_is_taken_as_far_as_it_makes_sense(serving: Serving, answer: bytes, said: Said) -> None:
    assert said_of(serving(HEAD + answer), "mine") == said
