"""The recorder: what arrives is on record byte by byte, and the script answers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from conformance.targets.raw_http import RawRequest
from conformance.targets.recorder import (
    JSON,
    OTHER,
    OWN,
    ClosedPort,
    Endpoint,
    Reply,
    Script,
    always,
)
from conformance.transcript import Body, Edge, Exchange, Request

KEY = "aistats_v1_sk_0123456789abcdef_00ff11ee22dd33cc44bb55aa"
GET = b"GET /v1/batches/b HTTP/1.1\r\nHost: h\r\n\r\n"
CLOSING = GET.replace(b"Host: h", b"Connection: close")
Work = Callable[[Endpoint], Awaitable[Any]]
Run = Callable[..., Any]


@pytest.fixture
def run(record: Any) -> Run:
    """Work with an endpoint that answers by a script."""

    def go(script: Script, work: Work) -> Any:
        async def whole() -> Any:
            endpoint = Endpoint(record, script, record)
            await endpoint.start()
            try:
                return await work(endpoint)
            finally:
                await endpoint.close()

        return asyncio.run(whole())

    return go


async def talk(origin: str, data: bytes) -> bytes:
    """What comes back for these bytes until the endpoint has closed."""
    port = int(origin.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    writer.write_eof()
    try:
        return await reader.read()
    finally:
        writer.close()


def exchanges(record: Any) -> list[Exchange]:
    return [step for step in record.steps if isinstance(step, Exchange)]


def test_a_request_is_on_record_byte_by_byte(run: Run, record: Any) -> None:
    head = b"POST /v1/..//a%2fb?x=\xfc HTTP/1.1\r\nHOST: h\r\nX-a: 1\r\nx-A: 2\r\nContent-Length: 2"

    async def work(endpoint: Endpoint) -> str:
        await talk(endpoint.origin, head + b"\r\n\r\n\xff\x00")
        return endpoint.origin

    origin = run(always(Reply(201, b"{}")), work)
    [seen] = exchanges(record)
    assert seen.request == Request(
        "POST",
        f"{origin}/v1/..//a%2fb?x=\xfc",
        (("HOST", "h"), ("X-a", "1"), ("x-A", "2"), ("Content-Length", "2")),
        Body(b"\xff\x00"),
    )
    assert seen.response is not None
    assert (seen.response.status, seen.response.body) == (201, Body(b"{}"))
    assert seen.response.headers == (*JSON, ("content-length", "2"))


def test_a_request_without_a_body_has_none(run: Run, record: Any) -> None:
    data = b"POST /x HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
    run(always(Reply()), lambda endpoint: talk(endpoint.origin, data))
    assert exchanges(record)[0].request.body is None


def test_requests_of_one_connection_are_answered_one_after_the_other(run: Run, record: Any) -> None:
    def script(request: RawRequest) -> Reply:
        return Reply(body=request.target.encode(), headers=())

    both = GET + GET.replace(b"batches/b", b"batches/c")
    answers = run(script, lambda endpoint: talk(endpoint.origin, both))
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n"
    assert answers == answer + b"/v1/batches/b" + answer + b"/v1/batches/c"
    assert len(exchanges(record)) == 2


def test_who_wants_no_second_request_gets_no_second_answer(run: Run, record: Any) -> None:
    run(always(Reply()), lambda endpoint: talk(endpoint.origin, CLOSING + GET))
    assert len(exchanges(record)) == 1


def test_secrets_are_markers_on_record_and_not_in_the_script(run: Run, record: Any) -> None:
    seen: list[RawRequest] = []

    def script(request: RawRequest) -> Reply:
        seen.append(request)
        return Reply(body=KEY.encode())

    data = f"POST /{KEY} HTTP/1.1\r\nA: Bearer {KEY}\r\nContent-Length: {len(KEY)}\r\n\r\n{KEY}"
    answer = run(script, lambda endpoint: talk(endpoint.origin, data.encode()))
    assert (seen[0].content.decode(), answer.endswith(KEY.encode())) == (KEY, True)
    [kept] = exchanges(record)
    assert KEY not in str(kept)
    assert kept.request.headers[0] == ("A", "Bearer {{key:a}}")
    assert kept.request.body == Body(b"{{key:a}}", exact=False)
    assert kept.request.url.endswith("/{{key:a}}")


@pytest.mark.parametrize(("place", "other"), [(OWN, False), (OTHER, True)])
def test_a_redirect_leads_to_the_same_host_or_to_the_other_one(
    place: str, run: Run, record: Any, *, other: bool
) -> None:
    async def work(endpoint: Endpoint) -> tuple[str, str]:
        await talk(endpoint.origin, GET)
        await talk(endpoint.other_origin, GET)
        return endpoint.origin, endpoint.other_origin

    own, beside = run(always(Reply(302, b"", (), to=f"{place}/x")), work)
    assert (own.startswith("http://127.0.0.1:"), beside.startswith("http://localhost:")) == (
        True, True,
    )  # fmt: skip
    first, second = exchanges(record)
    assert first.response is not None
    assert first.response.header("location") == f"{beside if other else own}/x"
    assert (first.request.origin, second.request.origin) == (own, beside)


def test_a_cut_connection_is_no_answer(run: Run, record: Any) -> None:
    async def work(endpoint: Endpoint) -> None:
        with pytest.raises(ConnectionError):
            await talk(endpoint.origin, GET)

    run(always(Reply(cut=True)), work)
    [seen] = exchanges(record)
    assert seen.response is None
    assert seen.failure is not None
    assert (seen.failure.kind, "cut" in seen.failure.message) == ("protocol", True)


def test_who_hangs_up_before_the_answer_is_known(run: Run, record: Any) -> None:
    run(always(Reply(wait_s=60)), lambda endpoint: talk(endpoint.origin, GET))
    [seen] = exchanges(record)
    assert seen.failure is not None
    assert (seen.response, seen.failure.kind) == (None, "timeout")
    assert "hung up" in seen.failure.message


def test_an_unanswered_request_is_on_record_when_the_endpoint_closes(run: Run, record: Any) -> None:
    arrived = asyncio.Event()

    def script(request: RawRequest) -> Reply:
        arrived.set()
        return Reply(wait_s=60)

    async def work(endpoint: Endpoint) -> None:
        port = int(endpoint.origin.rpartition(":")[2])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        await arrived.wait()
        writer.close()

    run(script, work)
    assert [one.response for one in exchanges(record)] == [None]


def test_an_exchange_has_the_label_of_its_time(run: Run, record: Any) -> None:
    async def work(endpoint: Endpoint) -> None:
        for endpoint.label in ("first", None):
            await talk(endpoint.origin, GET)

    run(always(Reply()), work)
    assert [one.label for one in exchanges(record)] == ["first", None]


def test_what_is_no_request_is_on_record_as_such(run: Run, record: Any) -> None:
    async def work(endpoint: Endpoint) -> tuple[str, bytes]:
        return endpoint.origin, await talk(endpoint.origin, f"\x16\x03 {KEY}".encode())

    origin, answer = run(always(Reply()), work)
    assert answer.startswith(b"HTTP/1.1 400 ")
    [edge] = record.steps
    detail = {"origin": origin, "head": "\x16\x03 {{key:a}}"}
    assert (edge.action, edge.detail) == ("unreadable_request", detail)
    assert isinstance(edge, Edge)


def test_a_script_may_take_its_time_and_a_broken_one_is_remembered(run: Run, record: Any) -> None:
    async def later(request: RawRequest) -> Reply:
        await asyncio.sleep(0)
        if request.target == "/break":
            raise KeyError(request.target)
        return Reply(body=b"later")

    async def work(endpoint: Endpoint) -> tuple[bytes, Exception | None]:
        answer = await talk(endpoint.origin, GET)
        await talk(endpoint.origin, b"GET /break HTTP/1.1\r\n\r\n")
        return answer, endpoint.crash

    answer, crash = run(later, work)
    assert answer.endswith(b"later")
    assert isinstance(crash, KeyError)


def test_nobody_listens_at_a_closed_port() -> None:
    port = ClosedPort()

    async def call() -> None:
        with pytest.raises(ConnectionError):
            await talk(port.origin, GET)

    try:
        asyncio.run(call())
    finally:
        port.close()
