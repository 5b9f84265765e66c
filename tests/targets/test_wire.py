"""The wire: one call as one exchange, bounded, redacted at capture, failures as values."""

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.cassette_format import Header
from conformance.cassettes import save
from conformance.json_text import ABSENT
from conformance.redact import Redactor
from conformance.targets.session import Session
from conformance.targets.wire import _KEPT_BYTES as KEPT_BYTES
from conformance.targets.wire import MAX_BODY_BYTES, Outgoing, Wire
from conformance.transcript import Body, Exchange, Failure, Part, Request

KEY = "aistats_v1_sk_0123456789abcdef_00ff11ee22dd33cc44bb55aa"
TOKEN = "hidden/header+value"
SECRETS = {"key:a": KEY, "header:X-Token": TOKEN}
AUTHORIZED = (("authorization", f"Bearer {KEY}"),)
LISTING = Outgoing("GET", "http://h/v1/batches", AUTHORIZED)
HEADER = Header({"kind": "gateway", "name": "h", "url": "http://h/v1"}, "ai-stats", "0.1.0",
                "sha256:" + "0" * 64)  # fmt: skip
Answer = Callable[[httpx.Request], httpx.Response]


def send(
    answer: Answer,
    outgoing: Outgoing = LISTING,
    extra: dict[str, str] | None = None,
    secrets: dict[str, str] = SECRETS,
) -> Exchange:
    async def once() -> Exchange:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await Wire(client, 30, extra or {}).send(outgoing, Redactor(secrets), 0.0)

    return asyncio.run(once())


def answered(*answers: httpx.Response) -> tuple[Answer, list[httpx.Request]]:
    """A transport that gives these answers in turn, and what it was asked."""
    asked: list[httpx.Request] = []
    left: Iterator[httpx.Response] = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return next(left)

    return answer, asked


def echo(request: httpx.Request) -> httpx.Response:
    """Sends every secret it was given back in every form that it can think of."""
    key = request.headers["authorization"].removeprefix("Bearer ")
    token = request.headers.get("x-token", "")
    forms = {
        key: [key, token],
        "json": {"deep": f"<{key}>{token}"},
        "percent": quote(f"{key} {token}", safe=""),
        "base64": base64.b64encode(f"user:{key}".encode()).decode(),
        "basic": base64.b64encode(f"{token}:".encode()).decode(),
        "hex": key.encode().hex(),
    }
    headers = [
        ("x-echo", f"{key};{token}"),
        ("location", f"http://h/?key={quote(key)}"),
        ("set-cookie", "sid=of-somebody"),
        ("www-authenticate", base64.b64encode(key.encode()).decode()),
    ]
    return httpx.Response(200, headers=headers, content=json.dumps(forms))


def test_an_answer_is_recorded_with_status_headers_and_bytes() -> None:
    answer, asked = answered(
        httpx.Response(418, headers=[("X-A", "1"), ("x-a", "2")], content=b"x")
    )
    outgoing = Outgoing("POST", "http://h/v1/batches", AUTHORIZED, b'{"a":1}', label="l")
    exchange = send(answer, outgoing)
    assert exchange.request == Request(
        "POST",
        "http://h/v1/batches",
        (("authorization", "Bearer {{key:a}}"),),
        Body(b'{"a":1}'),
    )
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body) == (418, Body(b"x"))
    assert [pair for pair in exchange.response.headers if pair[0] == "x-a"] == [
        ("x-a", "1"), ("x-a", "2"),
    ]  # fmt: skip
    assert (exchange.failure, exchange.label) == (None, "l")
    assert 0 <= exchange.at_ms <= exchange.ended_at_ms
    assert (asked[0].headers["authorization"], asked[0].content) == (f"Bearer {KEY}", b'{"a":1}')


def test_a_form_is_sent_and_recorded_in_parts() -> None:
    answer, asked = answered(httpx.Response(200))
    parts = (Part("purpose", b"batch"), Part("file", KEY.encode(), "in.jsonl", "application/jsonl"))
    exchange = send(answer, Outgoing("POST", "http://h/v1/files", parts=parts))
    kept = (parts[0], Part("file", b"{{key:a}}", "in.jsonl", "application/jsonl"))
    assert exchange.request.body == Body(parts=kept)
    assert KEY.encode() in asked[0].read()
    assert asked[0].headers["content-type"].startswith("multipart/form-data; boundary=")


def test_an_extra_header_is_sent_and_recorded_by_name_however_short() -> None:
    answer, asked = answered(httpx.Response(200))
    exchange = send(answer, extra={"X-Token": "abc"}, secrets={"header:X-Token": "abc"})
    assert exchange.request.headers[0] == ("X-Token", "{{header:X-Token}}")
    assert asked[0].headers["x-token"] == "abc"


def test_no_secret_of_a_call_reaches_the_file_and_each_leak_leaves_its_marker(
    tmp_path: Path,
) -> None:
    async def drive() -> Path:
        async with httpx.AsyncClient(transport=httpx.MockTransport(echo)) as client:
            wire = Wire(client, 30, {"X-Token": TOKEN})
            session = Session("leaky", "http://h/v1", wire, {"a": KEY}, Redactor(SECRETS))
            await session.call("GET", f"/batches?key={KEY}", body={"key": KEY}, label=None)
            await session.call("GET", f"/{quote(TOKEN, safe='')}")
            await session.upload(f"{KEY} {TOKEN}".encode())
            return save(session.transcript(), HEADER, tmp_path)

    text = asyncio.run(drive()).read_text("utf-8")
    tail = KEY.rpartition("_")[2]
    spellings = [KEY, tail, TOKEN, json.dumps(TOKEN)[1:-1], quote(TOKEN, safe=""), "of-somebody",
                 base64.b64encode(f"user:{KEY}".encode()).decode()[8:-4], KEY.encode().hex(),
                 base64.b64encode(KEY.encode()).decode()]  # fmt: skip
    assert [one for one in spellings if one in text] == []
    assert text.count("{{key:a}}") >= 3 * 6
    assert text.count("{{header:X-Token}}") >= 3 * 4
    assert "{{masked}}" in text


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40))
@settings(max_examples=25, deadline=None)
def test_every_key_that_is_sent_back_is_recorded_as_its_marker(key: str) -> None:
    outgoing = Outgoing("GET", "http://h/v1", (("authorization", f"Bearer {key}"),))
    response = send(echo, outgoing, secrets={"key:a": key}).response
    assert response is not None
    seen = response.json
    assert seen["{{key:a}}"][0] == "{{key:a}}"
    assert seen["json"] == {"deep": "<{{key:a}}>"}
    assert seen["hex"] == "{{key:a}}"
    assert "{{key:a}}" in seen["base64"]
    assert response.header("x-echo") == "{{key:a}};"


def test_a_redirect_is_recorded_and_not_followed() -> None:
    answer, asked = answered(httpx.Response(307, headers={"location": "http://evil.test/"}))
    exchange = send(answer)
    assert exchange.response is not None
    assert exchange.response.status == 307
    assert [request.url.host for request in asked] == ["h"]


def test_a_throttled_call_is_sent_again_as_retry_after_says() -> None:
    throttled = [httpx.Response(429, headers={"retry-after": "0"}) for _ in range(2)]
    answer, asked = answered(*throttled, httpx.Response(200))
    exchange = send(answer)
    assert exchange.response is not None
    assert (exchange.response.status, len(asked)) == (200, 3)


def test_a_call_that_stays_throttled_is_given_up_after_four() -> None:
    answer, asked = answered(*(httpx.Response(429, headers={"retry-after": "0"})
                               for _ in range(9)))  # fmt: skip
    exchange = send(answer)
    assert exchange.response is not None
    assert (exchange.response.status, len(asked)) == (429, 4)


@pytest.mark.parametrize("headers", [{}, {"retry-after": "61"}, {"retry-after": "9" * 5000}])
def test_a_call_that_cannot_be_waited_out_is_recorded_as_throttled(
    headers: dict[str, str],
) -> None:
    answer, asked = answered(httpx.Response(429, headers=headers))
    exchange = send(answer)
    assert exchange.response is not None
    assert (exchange.response.status, len(asked)) == (429, 1)


def test_a_wait_in_other_words_doubles_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("conformance.targets.wire.asyncio.sleep", wait)
    words = ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1.5", "soon"]
    send(answered(*(httpx.Response(429, headers={"retry-after": one}) for one in words))[0])
    assert waited == [2.0, 4.0, 8.0]


def test_a_body_of_fifty_megabytes_is_cut_and_not_read_to_its_end() -> None:
    given_out: list[int] = []

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(50):
            given_out.append(2**20)
            yield b"x" * 2**20

    exchange = send(lambda _request: httpx.Response(200, content=chunks()))
    assert exchange.response is not None
    assert exchange.response.truncated
    assert exchange.response.body is not None
    assert len(exchange.response.body.content) == KEPT_BYTES
    assert sum(given_out) == MAX_BODY_BYTES + 2**20


def test_a_body_of_the_limit_is_whole() -> None:
    content = b"x" * MAX_BODY_BYTES
    response = send(lambda _request: httpx.Response(200, content=content)).response
    assert response is not None
    assert (response.truncated, response.body) == (False, Body(content))


def test_a_cut_through_a_secret_leaves_no_piece_of_it() -> None:
    secret = KEY.encode()
    content = (b"x" * (KEPT_BYTES - 20) + secret).ljust(MAX_BODY_BYTES - 20, b"x") + secret
    response = send(lambda _request: httpx.Response(200, content=content)).response
    assert response is not None
    assert response.body is not None
    assert response.body.content.strip(b"x") == b"{{key:a}}"


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (httpx.ConnectError("refused"), Failure("connect", "refused")),
        (httpx.ConnectTimeout("slow"), Failure("timeout", "slow")),
        (httpx.ReadTimeout(""), Failure("timeout", "ReadTimeout")),
        (httpx.RemoteProtocolError("no HTTP"), Failure("protocol", "no HTTP")),
        (httpx.ReadError(f"after {KEY}"), Failure("protocol", "after {{key:a}}")),
        (httpx.DecodingError("not gzip"), Failure("protocol", "not gzip")),
    ],
)  # fmt: skip
def test_a_failure_is_recorded_by_its_kind(error: httpx.HTTPError, failure: Failure) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    exchange = send(fail)
    assert (exchange.response, exchange.failure) == (None, failure)


def test_an_answer_that_says_gzip_and_is_not_is_a_failure() -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"},
                              stream=httpx.ByteStream(b"plain"))  # fmt: skip

    exchange = send(answer)
    assert exchange.failure is not None
    assert exchange.failure.kind == "protocol"


@pytest.mark.parametrize(
    "url",
    ["http://[::1", "http://h:port/", "http://xn--/", "http://h/\ud800", "http://h/\n", "ftp://h/"],
    ids=ascii,
)
def test_an_address_that_cannot_be_called_is_a_failure(url: str) -> None:
    async def once() -> Exchange:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await Wire(client).send(Outgoing("GET", url), Redactor({}), 0.0)

    exchange = asyncio.run(once())
    assert exchange.failure is not None
    assert exchange.failure.kind == "protocol"
    assert (exchange.request.url, exchange.response) == (url, None)


def test_a_bug_of_ours_is_no_failure_of_the_target() -> None:
    def broken(_request: httpx.Request) -> httpx.Response:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        send(broken)


async def live(url: str, total_timeout_s: float = 10.0) -> Exchange:
    async with httpx.AsyncClient(trust_env=False) as client:
        wire = Wire(client, total_timeout_s)
        return await wire.send(Outgoing("GET", url, AUTHORIZED), Redactor(SECRETS), 0.0)


@asynccontextmanager
async def speaking(reply: bytes | None) -> AsyncIterator[int]:
    """The port of a server that says these bytes to whoever comes; None says nothing, ever."""
    silence = asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if reply is None:
            await silence.wait()
        else:
            writer.write(reply)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        silence.set()
        server.close()
        await server.wait_closed()


def call(reply: bytes | None, scheme: str = "http", total_timeout_s: float = 10.0) -> Failure:
    async def once() -> Exchange:
        async with speaking(reply) as port:
            return await live(f"{scheme}://127.0.0.1:{port}/v1/batches", total_timeout_s)

    failure = asyncio.run(once()).failure
    assert failure is not None
    return failure


def test_a_closed_port_is_a_failure_to_connect() -> None:
    async def once() -> Exchange:
        async with speaking(None) as port:
            pass
        return await live(f"http://127.0.0.1:{port}/v1")

    failure = asyncio.run(once()).failure
    assert failure is not None
    assert failure.kind == "connect"


def test_a_server_without_tls_is_a_failure_of_tls() -> None:
    assert call(b"HTTP/1.1 400 no\r\n\r\n", "https").kind == "tls"


def test_a_server_that_does_not_speak_http_is_a_failure_of_protocol() -> None:
    assert call(b"SSH-2.0-x\r\n").kind == "protocol"


def test_an_answer_that_ends_early_is_a_failure_of_protocol() -> None:
    assert call(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx").kind == "protocol"


def test_an_answer_that_takes_too_long_is_a_timeout() -> None:
    assert call(None, total_timeout_s=0.05) == Failure("timeout", "no whole answer within 0.05 s")


def test_an_answer_without_json_has_none() -> None:
    response = send(lambda _request: httpx.Response(200, content=b"\xff")).response
    assert response is not None
    assert response.json is ABSENT


def test_the_kind_is_read_off_the_cause_of_a_broken_handshake() -> None:
    def fail(_request: httpx.Request) -> Any:
        inner = OSError("wrapped")
        inner.__cause__ = ssl.SSLError(1, "wrong version")
        raise httpx.ConnectError("closed") from inner

    assert send(fail).failure == Failure("tls", "closed")
