"""Replay: httpx code gets the recorded answers, in turn, and nothing else."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from conformance.cassette_format import Cassette, Header
from conformance.cassettes import save
from conformance.errors import CassetteError
from conformance.replay.client import Replay
from conformance.testing import batch, edge, exchange
from conformance.transcript import Exchange, Failure, Request, Response, Step, Transcript

HEADER = Header({"kind": "mock", "name": "m", "url": None}, "ai-stats", "0.1.0",
                "sha256:" + "0" * 64)  # fmt: skip
Record = Callable[..., Replay]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Saves steps as a cassette and loads it for replay."""

    def recorded(*steps: Step) -> Replay:
        made = Transcript("s", steps, "", "2026-11-24T12:00:00.000Z")
        return Replay.load(save(made, HEADER, tmp_path))

    return recorded


def test_each_call_gets_the_next_answer_of_its_route(record: Record) -> None:
    replay = record(
        exchange("GET", "/batches/b", batch("validating")),
        edge("waited"),
        exchange("GET", "/batches/b", batch("completed")),
        exchange("POST", "/batches", {"id": "b"}, status=201),
    )
    with replay.client() as client:
        assert client.post("/batches", json={}).status_code == 201
        statuses = [client.get("/batches/b").json()["status"] for _ in range(2)]
    assert statuses == ["validating", "completed"]


def test_a_call_too_many_names_cassette_and_route(record: Record) -> None:
    replay = record(exchange("GET", "/batches", {}))
    with replay.client() as client:
        client.get("/batches")
        with pytest.raises(CassetteError, match=r"s.json: GET /v1/batches: .* no further answer"):
            client.get("/batches")


@pytest.mark.parametrize("url", ["/files", "/batches?limit=2", "/batches?limit=1&limit=1"])
def test_a_call_that_was_not_recorded_is_refused(url: str, record: Record) -> None:
    with (
        record(
            exchange("GET", "/batches", {}), exchange("GET", "/batches?limit=1", {})
        ).client() as client,
        pytest.raises(AssertionError, match="not mocked"),
    ):
        client.get(url)


def test_queries_are_told_apart_and_their_order_does_not_matter(record: Record) -> None:
    replay = record(
        exchange("GET", "/batches", [0]),
        exchange("GET", "/batches?limit=1", [1]),
        exchange("GET", "/batches?limit=1&after=x", [2]),
        exchange("GET", "/batches?after=x&limit=1", [3]),
        exchange("GET", "/batches?after=", [4]),
    )
    urls = ["?after=x&limit=1", "?limit=1", "", "?limit=1&after=x", "?after="]
    with replay.client() as client:
        assert [client.get(f"/batches{url}").json() for url in urls] == [[2], [1], [0], [3], [4]]


def test_an_id_with_percent_escapes_is_found(record: Record) -> None:
    with record(exchange("GET", "/batches/a%20b%C3%A9", {"id": "a bé"})).client() as client:
        assert client.get("/batches/a%20b%C3%A9").json() == {"id": "a bé"}


def test_an_answer_keeps_status_headers_and_bytes(record: Record) -> None:
    headers = (("X-A", "1"), ("content-encoding", "gzip"), ("Content-Length", "99"))
    with record(exchange("GET", "/x", b"\xff", status=418, headers=headers)).client() as client:
        answer = client.get("/x")
    assert (answer.status_code, answer.content, answer.headers["x-a"]) == (418, b"\xff", "1")
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == "1"


def test_an_answer_without_a_body_is_empty(record: Record) -> None:
    with record(Exchange(Request("GET", "http://h/v1/x"), Response(204))).client() as client:
        assert client.get("/x").content == b""


def test_a_recorded_failure_is_raised_as_one_of_transport(record: Record) -> None:
    failed = Exchange(Request("GET", "http://h/v1/x"), None, Failure("timeout", "too late"))
    with (
        record(failed).client() as client,
        pytest.raises(httpx.TransportError, match="as recorded: too late"),
    ):
        client.get("/x")


def test_a_request_without_answer_or_failure_is_a_failure() -> None:
    made = Transcript("s", (Exchange(Request("GET", "http://h/v1/x")),))
    replay = Replay(record_of(made), Path("s.json"))
    with replay.client() as client, pytest.raises(httpx.TransportError, match="no answer"):
        client.get("/x")


def record_of(made: Transcript) -> Cassette:
    return Cassette(made, HEADER.target, "ai-stats", "0.1.0", HEADER.registry_digest)


def test_an_async_client_is_answered_as_well(record: Record) -> None:
    replay = record(exchange("GET", "/batches", {"data": []}))

    async def call() -> object:
        async with httpx.AsyncClient(transport=replay.transport()) as client:
            return (await client.get("http://any.host/v1/batches")).json()

    assert asyncio.run(call()) == {"data": []}


def test_every_router_begins_anew(record: Record) -> None:
    replay = record(exchange("GET", "/batches", {}))
    for _ in range(2):
        with replay.client("http://other.test/v1") as client:
            assert client.get("/batches").status_code == 200


def test_a_file_that_is_no_cassette_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("{}")
    with pytest.raises(CassetteError, match=r"x.json: cassette_version is None"):
        Replay.load(path)
