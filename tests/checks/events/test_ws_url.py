"""The address of a stream, as a batch answer gives it."""

from typing import Any

from conformance.testing import STREAM_ORIGIN, batch, edge, exchange, frame, message_data, stream

URL = f"{STREAM_ORIGIN}/v1/async/batch/batch_1/ws"
OWN = exchange("POST", "/batches", batch(websocket_url=URL), sent={})
SNAPSHOT = frame("job.snapshot", message_data())


def test_the_address_opens_the_stream_of_its_batch(found: Any) -> None:
    assert found("WS-URL-11", OWN, stream(SNAPSHOT)) == (2, [])
    assert found("WS-URL-11", OWN, stream(path="/async/batch/batch_1/ws?interval_ms=5")) == (1, [])


def test_an_address_that_does_not_open_or_opens_another_is_found(found: Any) -> None:
    other = stream(frame("job.snapshot", message_data(id="batch_2")))
    assert found("WS-URL-11", OWN, stream(status=404)) == (1, [""])
    assert found("WS-URL-11", OWN, other) == (2, ["/frames/0/data/id"])


def test_an_address_is_asked_as_it_stands_whatever_its_path_and_query(found: Any) -> None:
    for url in (f"{URL}?token=1", f"{STREAM_ORIGIN}/v1/watch/batch_1"):
        own = exchange("POST", "/batches", batch(websocket_url=url), sent={})
        path = url.removeprefix(f"{STREAM_ORIGIN}/v1")
        assert found("WS-URL-11", own, stream(SNAPSHOT, path=path)) == (2, [])
        assert found("WS-URL-11", own, stream(path=path, status=404)) == (1, [""])


def test_other_addresses_strangers_and_lost_batches_are_not_judged(found: Any) -> None:
    bare = exchange("POST", "/batches", batch(websocket_url=None), sent={})
    assert found("WS-URL-11", bare, stream(status=404)) == (0, [])
    assert found("WS-URL-11", OWN, stream(status=404, key="b")) == (0, [])
    assert found("WS-URL-11", OWN, stream(path="/async/batch/x/ws", status=404)) == (0, [])
    gone = edge("stored_batch_deleted", batch="batch_1")
    assert found("WS-URL-11", OWN, gone, stream(status=404)) == (0, [])
