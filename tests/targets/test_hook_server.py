"""The server of webhooks: bytes as they came, answers as scripted, and no hang."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from conformance.errors import PortInUse
from conformance.targets.hook_server import (
    MAX_BODY_BYTES,
    Answer,
    Arrived,
    HookServer,
    bound_socket,
    is_local,
)

Talk = Callable[..., tuple[bytes, "Visitors"]]


@dataclass
class Visitors:
    """A guest that keeps what came and how it was settled."""

    answer: Answer = field(default_factory=Answer)
    came: list[Arrived] = field(default_factory=list)
    settled: list[bool] = field(default_factory=list)

    def arrive(self, arrived: Arrived) -> Answer:
        self.came.append(arrived)
        return self.answer if arrived.fault is None else Answer(413)

    def settle(self, _arrived: Arrived, *, answered: bool) -> None:
        self.settled.append(answered)


@pytest.fixture
def talk() -> Talk:
    """What a client reads that sends these bytes, and what the guest at /hook saw."""

    def run(sent: bytes, answer: Answer | None = None, *, read: int = -1) -> tuple[bytes, Visitors]:
        guest = Visitors(answer or Answer())

        async def go() -> bytes:
            server = HookServer(lambda target: guest if target == "/hook" else None)
            await server.start()
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            try:
                writer.write(sent)
                await writer.drain()
                if read < 0:
                    writer.write_eof()
                return await reader.read(read) if read >= 0 else await reader.read()
            except ConnectionResetError:
                return b"RESET"
            finally:
                writer.close()
                await server.close()

        return asyncio.run(asyncio.wait_for(go(), 10)), guest

    return run


def post(body: bytes, *headers: str, target: str = "/hook") -> bytes:
    lines = [f"POST {target} HTTP/1.1", "Host: h", *headers]
    if not any(one.lower().startswith(("content-length", "transfer-enc")) for one in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def test_a_request_arrives_byte_for_byte(talk: Talk) -> None:
    answer, guest = talk(post(b"\x1f\x8b\x00", "X-Sig: aB ", "content-encoding: gzip"))
    (came,) = guest.came
    assert (came.method, came.target, came.content, came.fault) == (
        "POST", "/hook", b"\x1f\x8b\x00", None,
    )  # fmt: skip
    assert came.headers[1:3] == (("X-Sig", "aB"), ("content-encoding", "gzip"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert guest.settled[0] is True


def test_pieces_are_put_together(talk: Talk) -> None:
    sent = post(b'2\r\n{"\r\n3\r\na"}\r\n0\r\n\r\n', "Transfer-Encoding: chunked")
    assert talk(sent)[1].came[0].content == b'{"a"}'


def test_other_paths_are_answered_404_and_call_upon_nobody(talk: Talk) -> None:
    answer, guest = talk(post(b"{}", target="/hook2"))
    assert (answer.startswith(b"HTTP/1.1 404 "), guest.came) == (True, [])


def test_one_connection_serves_several_requests(talk: Talk) -> None:
    answer, guest = talk(post(b"1") + post(b"2", target="/other") + post(b"3"))
    assert [one.content for one in guest.came] == [b"1", b"3"]
    assert [answer.count(b" %d " % status) for status in (200, 404)] == [2, 1]


def test_a_body_past_the_limit_is_cut_and_answered(talk: Talk) -> None:
    answer, guest = talk(post(b"x" * (MAX_BODY_BYTES + 1)))
    assert (guest.came[0].fault, len(guest.came[0].content)) == ("too-large", MAX_BODY_BYTES)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_of_just_the_limit_is_whole(talk: Talk) -> None:
    _, guest = talk(post(b"x" * MAX_BODY_BYTES))
    assert (guest.came[0].fault, len(guest.came[0].content)) == (None, MAX_BODY_BYTES)


def test_a_body_that_is_shorter_than_it_says_is_broken_and_not_answered(talk: Talk) -> None:
    answer, guest = talk(post(b"{}", "Content-Length: 9"))
    assert (guest.came[0].fault, guest.came[0].content) == ("broken", b"{}")
    assert (answer, guest.settled) == (b"", [False])


def test_a_body_that_is_longer_than_it_says_is_another_request(talk: Talk) -> None:
    answer, guest = talk(post(b"{}rest\r\n\r\n", "Content-Length: 2"))
    assert [one.content for one in guest.came] == [b"{}"]
    assert (answer.count(b" 200 "), answer.count(b" 400 ")) == (1, 1)


@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n", b"\x16\x03\x01\x00", b"POST /hook"])
def test_what_is_no_request_ends_the_connection(sent: bytes, talk: Talk) -> None:
    assert talk(sent)[1].came == []


def test_a_client_that_wants_to_be_asked_is_asked(talk: Talk) -> None:
    head = post(b"", "Content-Length: 2", "Expect: 100-continue")
    assert talk(head, read=100)[0].startswith(b"HTTP/1.1 100 ")


def test_an_answer_is_sent_as_scripted(talk: Talk) -> None:
    answer, _ = talk(post(b""), Answer(302, (("Location", "/x"), ("X", "1")), b"odd\x00"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert (head.split(b"\r\n")[0], body) == (b"HTTP/1.1 302 ", b"odd\x00")
    assert b"Location: /x\r\nX: 1\r\n" in head


def test_a_head_gets_no_body(talk: Talk) -> None:
    answer, _ = talk(b"HEAD /hook HTTP/1.1\r\nHost: h\r\n\r\n", Answer(200, (), b"body"))
    assert answer.endswith(b"\r\n\r\n")


def test_a_drop_resets_the_connection(talk: Talk) -> None:
    answer, guest = talk(post(b""), Answer(drop=True), read=100)
    assert (answer, guest.settled) == (b"RESET", [False])


def test_a_slow_answer_comes_late(talk: Talk) -> None:
    answer, guest = talk(post(b""), Answer(201, wait_s=0.02), read=100)
    assert (answer.startswith(b"HTTP/1.1 201 "), guest.settled[0]) == (True, True)


def test_a_sender_that_gives_up_on_a_slow_answer_is_not_answered(talk: Talk) -> None:
    answer, guest = talk(post(b""), Answer(wait_s=100.0))
    assert (answer, guest.settled) == (b"", [False])


def test_a_body_without_end_goes_on_until_the_sender_hangs_up(talk: Talk) -> None:
    answer, guest = talk(post(b""), Answer(endless=True), read=4000)
    assert b"ransfer-" in answer
    assert guest.settled[0] is True


def test_a_port_that_is_taken_is_named() -> None:
    sock = bound_socket()
    sock.listen()
    port = sock.getsockname()[1]
    with pytest.raises(PortInUse, match=rf"on 127\.0\.0\.1:{port} \(.*another --webhook-port$"):
        bound_socket(port)
    sock.close()


def test_an_address_that_is_not_ours_is_named() -> None:
    told = r"on 192\.0\.2\.1:0 \(.*another --webhook-bind$"
    with pytest.raises(PortInUse, match=told):
        bound_socket(0, "192.0.2.1")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_listens_where_it_is_told(host: str) -> None:
    with bound_socket(0, host) as sock:
        assert sock.getsockname()[0] == host


def test_only_loopback_is_this_machine_alone() -> None:
    hosts = ("127.0.0.1", "::1", "0.0.0.0", "::", "172.17.0.1")
    assert [is_local(host) for host in hosts] == [True, True, False, False, False]


def test_a_server_that_never_started_closes_too() -> None:
    async def go() -> Any:
        server = HookServer(lambda _target: None)
        await server.close()
        return await asyncio.open_connection("127.0.0.1", server.port)

    with pytest.raises(ConnectionRefusedError):
        asyncio.run(go())
