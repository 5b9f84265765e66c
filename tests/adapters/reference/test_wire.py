import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from conformance.adapters.reference.wire import (
    Answer,
    AnswerTimeout,
    ConnectionFailed,
    Request,
    fetch,
)


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked; never, where the path says so."""

    def do_POST(self) -> None:
        if self.path == "/never":
            self.server.free.wait(20)  # type: ignore[attr-defined]
            return
        sent = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(201)
        self.send_header("content-length", str(len(sent)))
        self.send_header("x-target", self.path)
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def origin() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        server.free = threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.free.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


def test_a_request_goes_out_as_it_is_and_comes_back_whole(origin: str) -> None:
    answer = fetch(f"{origin}/a%2Fb/..?c=d", Request("POST", "", content=b'{"e": 1}'), 10.0)
    assert (answer.status, answer.is_good, answer.json) == (201, True, {"e": 1})
    assert answer.headers["x-target"] == "/a%2Fb/..?c=d"


def test_an_answer_is_not_waited_for_longer_than_it_may_take(origin: str) -> None:
    with pytest.raises(AnswerTimeout, match=r"no answer within 0\.05 s"):
        fetch(f"{origin}/never", Request("POST", "", content=b""), 0.05)


def test_a_port_at_which_nobody_listens_is_a_failed_connection() -> None:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        port = server.server_port
    with pytest.raises(ConnectionFailed):
        fetch(f"http://127.0.0.1:{port}/", Request("GET", ""), 10.0)


def test_a_request_goes_nowhere_but_to_http() -> None:
    with pytest.raises(ValueError, match="not to 'ftp://host/'"):
        fetch("ftp://host/", Request("GET", ""), 1.0)


@pytest.mark.parametrize(
    ("content", "shown"),
    [(b'\xef\xbb\xbf{"a": 1}', {"a": 1}), (b"<html>", "<html>"), (b"\xff", "\ufffd"), (b"", "")],
)
def test_a_body_is_shown_as_its_value_or_as_text(content: bytes, shown: Any) -> None:
    assert Answer(400, Message(), content).shown == shown


def test_a_target_is_path_and_query() -> None:
    targets = [Request("GET", "/a").target, Request("GET", "/a", "b=c").target]
    assert targets == ["/a", "/a?b=c"]
