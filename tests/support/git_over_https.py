"""Git repositories over https at an address of their own, for a CLI that takes no other.

The address has no port, as real ones, so the CLI comes by a proxy, which leads this one name to the server and all
others where they are.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

HOST: Final = "git.acme.test"


@contextmanager
def serving(repositories: Path, scratch: Path) -> Iterator[dict[str, str]]:
    """Serve the bare repositories of a folder; gives the environment in which a CLI reaches them.

    :param scratch: a folder for the certificate.
    """
    certificate, key = scratch / "certificate.pem", scratch / "key.pem"
    who = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "2"]
    files = ["-out", str(certificate), "-keyout", str(key)]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *who, *files]
    subprocess.run(made, check=True, capture_output=True)
    with _server(_git(repositories)) as git:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        git.socket = context.wrap_socket(git.socket, server_side=True)
        _start(git)
        with _server(_proxy({HOST: git.server_port})) as proxy:
            _start(proxy)
            address = f"http://127.0.0.1:{proxy.server_port}"
            trusted = scratch / "trusted.pem"
            known = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile or os.devnull
            trusted.write_text(Path(known).read_text() + certificate.read_text())
            yield {
                "HTTPS_PROXY": address,
                "NO_PROXY": "127.0.0.1,localhost",
                "SSL_CERT_FILE": str(trusted),
                "GIT_SSL_CAINFO": str(trusted),
            }


def publish(checkout: Path, repositories: Path, path: str, tag: str) -> None:
    """Make a bare repository of a folder, with one commit and its tag.

    :param path: of the repository, within ``repositories``.
    """
    git = ["git", "-c", "user.name=tests", "-c", "user.email=tests@acme.test", "-C", str(checkout)]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", tag], ["tag", tag]):
        subprocess.run([*git, *command], check=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", checkout, repositories / path], check=True)
    shutil.rmtree(checkout)


def _server(handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    return ThreadingHTTPServer(("127.0.0.1", 0), handler)


def _start(server: ThreadingHTTPServer) -> None:
    threading.Thread(target=server.serve_forever, daemon=True).start()


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Standard error is the tests'."""


def _git(repositories: Path) -> type[BaseHTTPRequestHandler]:
    """Git's own server, as a CGI."""

    class Git(_Quiet):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            variables = {
                "GIT_PROJECT_ROOT": str(repositories),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            done = subprocess.run(
                ["git", "http-backend"], input=body, env={**os.environ, **variables}, capture_output=True
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for name, value in {**fields, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

    return Git


def _proxy(led: dict[str, int]) -> type[BaseHTTPRequestHandler]:
    """A proxy for https. A name of ``led`` is a port here."""

    class Proxy(_Quiet):
        def do_CONNECT(self) -> None:
            host, _, port = self.path.rpartition(":")
            there = ("127.0.0.1", led[host]) if host in led else (host, int(port))
            with socket.create_connection(there) as target:
                self.send_response(200)
                self.end_headers()
                _carry(self.connection, target)
            self.close_connection = True

    return Proxy


def _carry(one: socket.socket, other: socket.socket) -> None:
    while True:
        for ready in select.select([one, other], [], [])[0]:
            data = ready.recv(65536)
            if not data:
                return
            (other if ready is one else one).sendall(data)
