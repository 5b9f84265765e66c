"""Requests as bytes: what arrives stands there as it came, and what is none is said to be none."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from conformance.targets.raw_http import (
    RawConnection,
    RawRequest,
    Unreadable,
    answer_bytes,
    framed,
    head_of,
)

Arrive = Callable[..., list[RawRequest]]


class Written:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def arrive(written: Written) -> Arrive:
    """The requests of a connection on which these pieces arrive."""

    def read(*pieces: bytes) -> list[RawRequest]:
        async def go() -> list[RawRequest]:
            reader = asyncio.StreamReader()
            writer: Any = written
            connection = RawConnection(reader, writer)
            for piece in pieces:
                reader.feed_data(piece)
            reader.feed_eof()
            found = []
            while (request := await connection.request()) is not None:
                found.append(request)
            return found

        return asyncio.run(go())

    return read


@pytest.mark.parametrize(
    "target",
    ["/v1/../batches//a%2Fb/./x", "/b/batch 123", "*", "http://h/x", "/a?b#c", "/\xc3\xbc"],
)
def test_a_target_is_kept_as_it_came(target: str) -> None:
    assert head_of(f"GET {target} HTTP/1.1".encode("latin-1")).target == target


def test_headers_keep_order_spelling_and_what_is_no_header() -> None:
    head = head_of(b"POST /x HTTP/1.0\r\nX-A:  1\t\r\nx-a:2\r\nno header\r\n: nameless")
    assert head.headers == (("X-A", "1"), ("x-a", "2"), ("no header", ""), (": nameless", ""))
    assert (head.method, head.version, head.header("x-A")) == ("POST", "HTTP/1.0", "1")


def test_a_line_that_was_cut_by_an_id_is_still_read() -> None:
    head = head_of(b"GET /v1/batches/a\r\nX-Injected: y HTTP/1.1\r\nHost: h")
    assert (head.target, head.version) == ("/v1/batches/a", "")
    assert head.headers[0] == ("X-Injected", "y HTTP/1.1")


@pytest.mark.parametrize(
    "line", [b"", b"\x16\x03\x01", b"get /x HTTP/1.1", b"GET", b" /x HTTP/1.1"]
)
def test_what_is_no_request_line_is_unreadable(line: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        head_of(line)
    assert caught.value.head == line


@pytest.mark.parametrize(
    ("version", "connection", "closes"),
    [("1.1", "", False), ("1.1", "Close", True), ("1.0", "", True), ("1.0", "Keep-Alive", False)],
)
def test_who_wants_no_second_request_is_known(
    version: str, connection: str, *, closes: bool
) -> None:
    assert RawRequest("GET", "/", f"HTTP/{version}", (("Connection", connection),)).closes is closes


def test_the_path_is_the_target_without_its_query() -> None:
    assert RawRequest("GET", "/a/..?b=c?d", "HTTP/1.1", ()).path == "/a/.."


def test_requests_follow_each_other_however_their_bytes_are_cut(arrive: Arrive) -> None:
    data = (
        b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nab\r\n\r"
        b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"
        b"GET /c HTTP/1.1\r\n\r\n"
    )
    whole = arrive(data)
    assert [(one.target, one.content) for one in whole] == [
        ("/a", b"ab\r\n\r"), ("/b", b"abc0123456789"), ("/c", b""),
    ]  # fmt: skip
    assert arrive(*(data[place : place + 1] for place in range(len(data)))) == whole


@pytest.mark.parametrize(
    "data",
    [
        b"GET /a HTTP/1.1\r\nHost: h\r\n",
        b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc",
        b"POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /a HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n",
        b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
        b"x" * 300_000,
        b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 300_000,
    ],
)
def test_what_is_not_whole_is_unreadable(data: bytes, arrive: Arrive) -> None:
    with pytest.raises(Unreadable):
        arrive(data)


def test_who_waits_to_be_asked_for_the_body_is_asked(arrive: Arrive, written: Written) -> None:
    data = b"POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx"
    assert [one.content for one in arrive(data)] == [b"x"]
    assert written.data == b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize("late", [b"", b"more"])
def test_who_hangs_up_while_it_is_waited_does_not_stay(late: bytes, written: Written) -> None:
    async def go() -> tuple[bool, bool]:
        reader = asyncio.StreamReader()
        writer: Any = written
        connection = RawConnection(reader, writer)
        reader.feed_data(late)
        stays = await connection.stays_for(0.001)
        reader.feed_eof()
        return stays, await connection.stays_for(60)

    assert asyncio.run(go()) == (True, False)


def test_an_answer_has_these_headers_and_no_others() -> None:
    assert answer_bytes(404, framed(404, (("X-a", "b"),), b"no"), b"no") == (
        b"HTTP/1.1 404 Not Found\r\nX-a: b\r\ncontent-length: 2\r\n\r\nno"
    )
    assert answer_bytes(299, (), b"x", head_only=True) == b"HTTP/1.1 299 \r\n\r\n"


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_no_length(status: int) -> None:
    assert framed(status, (("a", "b"),), b"") == (("a", "b"),)
