"""Recordings for whatever httpx client there is in this process."""

import asyncio
from collections.abc import Callable, Iterator
from importlib import metadata

import httpx
import pytest
import respx

from conformance.cassette_format import Cassette
from conformance.replay.in_httpx import InHttpx, can_be_served, uses_httpx
from conformance.testing import batch, exchange, stream
from conformance.transcript import Exchange, Failure, Request, Step, Transcript

BATCH = "/batches/batch_1"
Recording = Callable[..., Cassette]


@pytest.fixture
def recording() -> Recording:
    """Steps as a cassette."""

    def make(*steps: Step) -> Cassette:
        made = Transcript("s", steps, "", "2026-11-24T12:00:00.000Z")
        return Cassette(made, {"kind": "mock"}, "ai-stats", "0.1.0", "sha256:0")

    return make


@pytest.fixture
def inside() -> Iterator[InHttpx]:
    with InHttpx() as inside:
        yield inside


def status_at(url: str) -> str:
    return str(httpx.get(url).json()["status"])


def test_each_call_gets_the_next_answer_and_a_read_stays_at_the_last(
    inside: InHttpx, recording: Recording
) -> None:
    made = recording(
        exchange("GET", BATCH, batch("validating")), exchange("GET", BATCH, batch("completed"))
    )
    replay = inside.serve(made)
    assert [status_at(replay.url + BATCH) for _ in range(2)] == ["validating", "completed"]
    assert (replay.left, status_at(replay.url + BATCH)) == ([], "completed")


def test_what_was_not_recorded_is_refused_with_what_was(
    inside: InHttpx, recording: Recording
) -> None:
    replay = inside.serve(recording(exchange("GET", BATCH, batch())), strict=True)
    refusal = httpx.get(replay.url + "/files")
    assert (refusal.status_code, refusal.json()) == (
        501,
        {
            "error": "not_recorded",
            "description": "GET /v1/files is not in the recording",
            "expected": {"step": 1, "method": "GET", "path": f"/v1{BATCH}"},
        },
    )
    httpx.get(replay.url + BATCH)
    assert httpx.get(replay.url + BATCH).json()["expected"] is None


def test_several_recordings_lie_apart_and_async_clients_see_them_too(
    inside: InHttpx, recording: Recording
) -> None:
    first = inside.serve(recording(exchange("GET", BATCH, batch("failed"))))
    second = inside.serve(recording(exchange("GET", BATCH, batch("expired"))))

    async def read(url: str) -> str:
        async with httpx.AsyncClient(base_url=url) as client:
            return str((await client.get(BATCH)).json()["status"])

    assert asyncio.run(read(second.url)) == "expired"
    assert (len(first.left), second.left, status_at(first.url + BATCH)) == (1, [], "failed")


def test_an_answer_that_never_came_is_an_error_of_the_transport(
    inside: InHttpx, recording: Recording
) -> None:
    lost = Exchange(Request("GET", f"http://h/v1{BATCH}"), None, Failure("timeout", "no answer"))
    replay = inside.serve(recording(lost))
    with pytest.raises(httpx.TransportError, match=f"GET /v1{BATCH}: as recorded: no answer"):
        httpx.get(replay.url + BATCH)


def test_links_are_led_to_the_recording_where_that_is_wanted(
    inside: InHttpx, recording: Recording
) -> None:
    link = "https://gateway.test/v1/batches/batch_1"
    made = recording(exchange("GET", BATCH, {"polling_url": link}))
    led, left = inside.serve(made, rewrite_urls=True), inside.serve(made)
    assert httpx.get(led.url + BATCH).json() == {"polling_url": led.url + BATCH}
    assert httpx.get(left.url + BATCH).json() == {"polling_url": link}


def test_other_hosts_are_reached_and_routes_of_the_user_go_first(
    inside: InHttpx, recording: Recording, scripted: Callable[..., object], reply: object
) -> None:
    server = scripted(lambda method, path: reply(200, {"by": "the server"}))
    inside.serve(recording(exchange("GET", BATCH, batch())))
    assert httpx.get(server.url + BATCH).json() == {"by": "the server"}
    with respx.mock:
        respx.get(server.url + BATCH).respond(json={"by": "the user"})
        assert httpx.get(server.url + BATCH).json() == {"by": "the user"}
    assert httpx.get(server.url + BATCH).json() == {"by": "the server"}


def test_a_recording_with_a_stream_is_not_for_httpx(recording: Recording) -> None:
    assert can_be_served(recording(exchange("GET", BATCH, batch())))
    assert not can_be_served(recording(exchange("GET", BATCH, batch()), stream()))


@pytest.mark.parametrize(
    ("needed", "expected"),
    [
        (["httpx>=0.23,<1", "pydantic"], True),
        (["HTTPX[http2] (>=0.23)"], True),
        (["httpx"], True),
        (["httpx-aiohttp>=0.1", "httpx2", "httpx_sse"], False),
        (['httpx; extra == "fast"'], False),
        (None, False),
    ],
    ids=["plain", "extras", "bare", "others", "optional", "nothing"],
)
def test_an_sdk_uses_httpx_when_its_distribution_needs_it(
    needed: list[str] | None, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "requires", lambda name: needed)
    assert uses_httpx("acme") is expected


def test_what_is_not_installed_does_not_use_httpx() -> None:
    assert (uses_httpx("respx"), uses_httpx("acme-that-is-nowhere")) == (True, False)
