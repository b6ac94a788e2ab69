"""One request, which always ends, and in whose failure no key is shown."""

from __future__ import annotations

import base64
import contextlib
import gzip
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from endpoints import ENDPOINT_KEY, Endpoint
from raw_server import RawServer

from pulumi_poe.core.endpoint import asking as module
from pulumi_poe.core.endpoint.asking import Asking
from pulumi_poe.core.endpoint.result import FailedError
from pulumi_poe.core.errors import EndpointError

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def asking(url: str, seconds: float = 5.0, key: str | None = ENDPOINT_KEY) -> Asking:
    return Asking(url, key, lambda: seconds)


def trickle(connection: socket.socket) -> None:
    """A byte now and then, so that no timeout of a read is met."""
    connection.sendall(OK + b"Content-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.05)


def silent(connection: socket.socket) -> None:
    connection.sendall(OK + b'\r\ndata: {"choices": []}\n\n')
    time.sleep(3)


def trickled_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-")
    while True:
        connection.sendall(b"a")
        time.sleep(0.05)


def endless(connection: socket.socket) -> None:
    connection.sendall(OK + b"\r\n")
    while True:
        connection.sendall(b'data: {"choices": []}\n\n' * 4000)


def broken_off(connection: socket.socket) -> None:
    connection.sendall(OK + b'Content-Length: 1000\r\n\r\n{"choices": [')


def broken_off_in_a_chunk(connection: socket.socket) -> None:
    connection.sendall(OK + b'Transfer-Encoding: chunked\r\n\r\n20\r\ndata: {"choices')


def no_http(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n" * 10)


def echoing_the_key(connection: socket.socket) -> None:
    connection.sendall(f"HTTP/1.1 200 Bearer {ENDPOINT_KEY}\x01\r\n{ENDPOINT_KEY}\r\n\r\n".encode())


@pytest.mark.parametrize(
    ("answer", "said", "cause"),
    [
        (trickle, "/models did not end its answer within 0.5 s", "late"),
        (silent, "/models did not end its answer within 0.5 s", "late"),
        (trickled_head, "/models did not answer within 0.5 s", "late"),
        (lambda _: time.sleep(3), "/models did not answer within 0.5 s", "late"),
        (endless, "/models answers without an end: more than 4 MB", ""),
        (broken_off, "/models breaks its answer off (", "starting"),
        (broken_off_in_a_chunk, "/models breaks its answer off (", "starting"),
        (no_http, "/models breaks its answer off (", "starting"),
        (lambda _: None, "/models breaks its answer off (", "starting"),
        (echoing_the_key, "/models breaks its answer off (", "starting"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_bad_server_ends_nobody_but_itself(answer: Callable[[socket.socket], object], said: str, cause: str) -> None:
    seconds = 0.5 if "0.5" in said else 10.0
    begun = time.monotonic()
    with RawServer(answer) as server, pytest.raises(FailedError) as raised:
        asking(server.url, seconds).answer("GET", "/models")
    # Endless answers take as long as 4 MB do.
    assert time.monotonic() - begun < seconds + 3
    assert raised.value.said.startswith(said)
    assert raised.value.cause == cause
    assert raised.value.advice
    assert ENDPOINT_KEY not in str(raised.value)


def test_what_is_compressed_is_not_asked_for_and_not_unpacked() -> None:
    bomb = gzip.compress(b"a" * 50_000_000)

    def answer(connection: socket.socket) -> None:
        connection.sendall(OK + f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode() + bomb)

    with RawServer(answer) as server:
        assert len(asking(server.url).answer("GET", "/models").text) <= len(bomb)


def test_a_stream_is_read_up_to_its_end_and_no_further() -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(OK + b"\r\ndata: 1\n\ndata: [DO")
        time.sleep(0.1)
        connection.sendall(b"NE]\n\n")
        time.sleep(5)

    begun = time.monotonic()
    with RawServer(answer) as server:
        answered = asking(server.url).answer("GET", "/a", ends=re.compile(rb"^data: \[DONE\]", re.MULTILINE))
    assert answered.text.endswith("[DONE]\n\n")
    assert time.monotonic() - begun < 4


def test_a_redirect_is_not_followed_and_the_key_goes_nowhere() -> None:
    with Endpoint(status=307) as endpoint:
        answer = asking(endpoint.url).answer("POST", "/chat/completions", {"a": 1})
        assert answer.status == 307
        assert answer.location
        assert [shown for *_, shown in endpoint.requests] == [f"Bearer {ENDPOINT_KEY}"]


def test_without_a_key_none_is_shown() -> None:
    with Endpoint() as endpoint:
        asking(endpoint.url, key=None).answer("GET", "/models")
        assert [shown for *_, shown in endpoint.requests] == [None]


def test_half_a_character_is_sent_as_another_one() -> None:
    with Endpoint() as endpoint:
        asking(endpoint.url).answer("POST", "/chat/completions", {"model": "a\ud800"})
        assert endpoint.requests[0][2] == {"model": "a\ufffd"}


def test_the_end_of_the_run_ends_a_request() -> None:
    over = threading.Timer(0.3, lambda: ended.append(True))
    ended: list[bool] = []

    def meanwhile() -> None:
        if ended:
            raise EndpointError("ended")

    begun = time.monotonic()
    over.start()
    with RawServer(lambda _: time.sleep(20)) as server, pytest.raises(EndpointError):
        Asking(server.url, None, lambda: 20.0, meanwhile).answer("GET", "/models")
    assert time.monotonic() - begun < 5


def test_a_name_that_takes_long_to_look_up_takes_no_longer_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    begun = time.monotonic()
    with pytest.raises(FailedError, match=r"DNS did not answer within 0\.2 s"):
        asking("https://llm.example.com/v1", 0.2).resolved()
    assert time.monotonic() - begun < 2


def test_a_port_at_which_nobody_speaks_tls() -> None:
    with Endpoint() as endpoint, pytest.raises(FailedError) as raised:
        asking(endpoint.url.replace("http:", "https:")).secured()
    assert raised.value.said.startswith("it does not speak TLS on port ")
    with RawServer(lambda _: time.sleep(5)) as silent, pytest.raises(FailedError) as raised:
        asking(silent.url.replace("http:", "https:"), 0.3).secured()
    assert raised.value.cause in ("late", "unreachable")


def test_a_certificate_has_to_be_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    who = ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *who, "-out", certificate, "-keyout", key]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def answer(connection: socket.socket) -> None:
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(OK + b"Content-Length: 2\r\n\r\n{}")

    with RawServer(answer, reads_first=False) as server:
        ours = asking(server.url.replace("http:", "https:"))
        with pytest.raises(FailedError) as raised:
            ours.secured()
        assert raised.value.said.startswith("its certificate is not trusted: ")
        with pytest.raises(FailedError):
            ours.answer("GET", "/models")
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        module._trust.cache_clear()
        try:
            assert ours.secured().startswith("TLS")
            assert ours.answer("GET", "/models").text == "{}"
        finally:
            module._trust.cache_clear()


def test_a_proxy_of_the_environment_is_asked_in_place_of_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert asking("https://llm.example.com/v1").by_a_proxy
    with pytest.raises(FailedError, match="/models can't be reached by the proxy of this environment"):
        asking("https://llm.example.com/v1").answer("GET", "/models")
    assert not asking("http://127.0.0.1:8000/v1").by_a_proxy
    monkeypatch.setenv("no_proxy", "example.com")
    assert not asking("https://llm.example.com/v1").by_a_proxy


def test_a_proxy_that_is_not_spoken_to_is_said_and_how_to_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "socksio", None)
    with pytest.raises(FailedError, match="which speaks SOCKS") as raised:
        asking("https://llm.example.com/v1").answer("GET", "/models")
    assert "`httpx[socks]`" in raised.value.advice


@pytest.mark.parametrize(
    "echoed",
    [
        ENDPOINT_KEY,
        f"Authorization: Bearer {ENDPOINT_KEY}",
        quote(ENDPOINT_KEY),
        base64.b64encode(f"Bearer {ENDPOINT_KEY}".encode()).decode(),
        ENDPOINT_KEY.upper(),
        "a" * 190 + ENDPOINT_KEY,
    ],
)
def test_an_endpoints_own_words_are_short_and_without_its_key(echoed: str) -> None:
    shown = asking("https://llm.example.com/v1").plain(f"bad\n\x1b[2J key {echoed} {'x' * 500}")
    assert len(shown) <= 201
    assert "\n" not in shown
    assert "\x1b" not in shown
    for piece in (ENDPOINT_KEY[3:], base64.b64encode(ENDPOINT_KEY.encode()).decode()[:10]):
        assert piece.lower() not in shown.lower()
