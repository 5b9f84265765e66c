from typing import Any

import pytest

from conformance.testing import exchange, frame, stream
from conformance.testing_sdk import returned, wire
from conformance.transcript import Frame, Stream

GIVEN = "batch_9"
PATH = f"/async/batch/{GIVEN}/ws"
HERE = f"ws://gateway.test/v1{PATH}"
BATCH = {
    "id": GIVEN,
    "polling_url": f"https://gateway.test/v1/batches/{GIVEN}",
    "websocket_url": f"wss://gateway.test/v1{PATH}",
}


def create(**members: Any) -> Any:
    sent = wire("POST /v1/batches", {}, answer={**BATCH, **members})
    return returned("createBatch", sent, request={})


def url(value: Any = HERE, batch_id: Any = GIVEN, **options: Any) -> Any:
    return returned("batches.websocketUrl", value=value, batch_id=batch_id, options=options)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([create(), url()], (1, 0)),
        ([create(), url("ws://127.0.0.1:8123/elsewhere" + PATH)], (1, 0)),
        ([create(), url("ws://127.0.0.1:8123/v1/async/batches/batch_9/ws")], (1, 1)),
        ([create(websocket_url="wss://gateway.test/v1/async/batch/x/ws"), url()], (1, 1)),
        ([create(websocket_url=None), url()], (0, 0)),
        ([create(polling_url="https://gateway.test/v1/batches/x"), url()], (0, 0)),
        ([create(), url(interval_ms=1)], (0, 0)),
        ([create(), url(batch_id="other")], (0, 0)),
        ([url()], (0, 0)),
    ],
)
def test_a_url_is_that_of_the_gateway(calls: Any, expected: Any, count: Any) -> None:
    assert count("URL-14", *calls) == expected


def test_what_the_gateway_told_the_suite_counts_too(count: Any) -> None:
    told = exchange("GET", f"/batches/{GIVEN}", BATCH)
    assert count("URL-14", url(), beside=[told]) == (1, 0)
    assert count("URL-14", url(HERE.replace("batch_9", "x")), beside=[told]) == (1, 1)


SNAPSHOT = frame("job.snapshot", {"id": GIVEN})


@pytest.mark.parametrize(
    ("dialled", "expected"),
    [
        (stream(SNAPSHOT, path=PATH), (1, 0)),
        (stream(frame("job.snapshot", {"id": "x"}), path=PATH), (1, 1)),
        (stream(frame("job.updated", {"id": GIVEN}), path=PATH), (1, 1)),
        (stream(path=PATH), (1, 1)),
        (stream(path=PATH, status=404, answer={}), (1, 1)),
        (stream(SNAPSHOT, path=PATH, key="b"), (0, 0)),
        (stream(SNAPSHOT, path="/async/batch/other/ws"), (0, 0)),
    ],
)
def test_a_url_opens_the_stream(dialled: Stream, expected: Any, count: Any) -> None:
    assert count("URL-16", create(), url(), beside=[dialled]) == expected


def test_only_batches_that_were_created_can_be_dialled(count: Any) -> None:
    dialled = stream(SNAPSHOT, path=PATH)
    assert count("URL-16", url(), beside=[dialled]) == (0, 0)
    assert count("URL-16", create(), url(batch_id={}), beside=[dialled]) == (0, 0)


def test_a_batch_that_the_suite_created_with_that_key_can_be_dialled(count: Any) -> None:
    dialled = stream(SNAPSHOT, path=PATH)
    for key, expected in (("a", (1, 0)), ("b", (0, 0))):
        told = exchange("POST", "/batches", BATCH, key=key)
        assert count("URL-16", url(), beside=[told, dialled]) == expected


def test_bytes_that_are_no_text_are_no_snapshot(count: Any) -> None:
    dialled = stream(Frame("server", 1, b"\xff"), path=PATH)
    assert count("URL-16", create(), url(), beside=[dialled]) == (1, 1)
