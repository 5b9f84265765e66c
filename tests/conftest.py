"""Fixtures that several folders share: a server that answers what a test tells it."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conformance.resources import cassettes_dir

SECRET = "aistats_v1_sk_planted00_f00dfacef00dfacef00dfacef00dface"


@dataclass(frozen=True)
class Reply:
    """An answer: `body` is JSON data or bytes; `endless` goes on until the caller hangs up."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    missing_bytes: int = 0
    endless: bool = False
    hang: bool = False

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Scripted:
    """A loopback server whose answers are made by `answer(method, path)`; keeps the requests."""

    def __init__(self, answer: Callable[[str, str], Reply]) -> None:
        self.answer = answer
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def count(self, method: str, path: str) -> int:
        return sum((one[0], one[1]) == (method, path) for one in self.requests)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_: Any) -> None:
                pass

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def _reply(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                script.requests.append((self.command, self.path, headers))
                reply = script.answer(self.command, self.path)
                if reply.hang:
                    script.stopped.wait(30)
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                length = len(reply.content) + reply.missing_bytes
                for name, value in {"content-type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                if not reply.endless:
                    self.send_header("content-length", str(length))
                self.end_headers()
                self.wfile.write(reply.content)
                self.close_connection = bool(reply.endless or reply.missing_bytes)
                while reply.endless and not script.stopped.is_set():
                    self.wfile.write(b"x" * 2**16)

        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            setattr(Handler, f"do_{method}", Handler._reply)
        return Handler


@pytest.fixture
def reply() -> type[Reply]:
    """How a scripted server answers."""
    return Reply


@pytest.fixture
def scripted() -> Iterator[Callable[[Callable[[str, str], Reply]], Scripted]]:
    """Starts servers: `scripted(lambda method, path: reply(...))`."""
    started: list[Scripted] = []

    def start(answer: Callable[[str, str], Reply]) -> Scripted:
        server = Scripted(answer)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def cassettes_folder() -> Path:
    """The recordings that the package ships."""
    return cassettes_dir()


@pytest.fixture
def secret() -> str:
    """A key in the gateway's form, to be looked for where it must not be."""
    return SECRET
