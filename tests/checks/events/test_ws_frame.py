"""Frames: their order and their kinds."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.testing import batch, closed, edge, exchange, frame, message_data, said, stream
from conformance.transcript import Edge, Frame, Stream

SNAPSHOT = frame("job.snapshot", message_data())
PATH = "/async/batch/batch_1/ws?interval_ms=1000"


def updates(*statuses: str) -> list[Frame]:
    return [frame("job.updated", message_data(one), at) for at, one in enumerate(statuses, 1)]


@pytest.mark.parametrize(
    "first",
    [
        frame("job.updated", message_data()),
        frame("pong"),
        Frame("server", 0, "{"),
        Frame("server", 0, b"\0"),
    ],
)
def test_the_snapshot_comes_first(first: Frame, found: Any) -> None:
    assert found("WS-FRAME-03", stream(SNAPSHOT)) == (1, [])
    assert found("WS-FRAME-03", stream(first, SNAPSHOT)) == (1, ["/frames/0"])


def test_a_stream_without_a_frame_is_found_when_it_was_watched_or_shut(found: Any) -> None:
    watched, shut = stream(close=closed(9000, by="client")), stream(close=closed(5))
    left, lost = stream(close=closed(5, by="client")), stream(close=closed(5, 1006))
    assert found("WS-FRAME-03", watched, shut) == (2, ["/frames", "/frames"])
    assert found("WS-FRAME-03", left, lost, stream()) == (0, [])


def test_a_snapshot_that_waited_for_the_client_to_speak_is_not_unasked(found: Any) -> None:
    asked = stream(said("refresh", 7000), frame("job.snapshot", message_data(), 7050))
    prompt = stream(said("refresh", 10), frame("job.snapshot", message_data(), 7050))
    assert found("WS-FRAME-03", asked) == (1, ["/frames/1"])
    assert found("WS-FRAME-03", prompt) == (1, [])


def test_there_is_one_snapshot(found: Any) -> None:
    assert found("WS-FRAME-04", stream(SNAPSHOT, *updates("in_progress"))) == (1, [])
    assert found("WS-FRAME-04", stream(SNAPSHOT, SNAPSHOT)) == (1, ["/frames/1"])
    none = stream(frame("pong"), close=closed(6000, by="client"))
    assert found("WS-FRAME-04", none) == (1, ["/frames"])
    left = stream(frame("pong"), close=closed(60, by="client"))
    assert found("WS-FRAME-04", left, stream()) == (0, [])


def test_neighbours_differ_whatever_stands_between(found: Any) -> None:
    again = frame("job.updated", message_data(), 5)
    assert found("WS-FRAME-05", stream(SNAPSHOT, *updates("in_progress"), again)) == (2, [])
    assert found("WS-FRAME-05", stream(SNAPSHOT, frame("pong"), again)) == (1, ["/frames/2/data"])


def test_a_change_arrives_by_the_next_tick(found: Any) -> None:
    read = exchange("GET", "/batches/batch_1", batch("in_progress"), at_ms=50)
    news = frame("job.updated", message_data("in_progress"), 1000)
    assert found("WS-FRAME-06", stream(SNAPSHOT, news, path=PATH), read) == (1, [])
    silent = stream(SNAPSHOT, path=PATH, close=closed(4000, by="client"))
    assert found("WS-FRAME-06", silent, read) == (1, ["/frames"])


@pytest.mark.parametrize(
    ("statuses", "broken"),
    [
        (("in_progress", "in_progress", "completed", "completed"), []),
        (("in_progress", "pending"), ["/frames/2/data/status"]),
        (("failed", "completed"), ["/frames/2/data/status"]),
        (("completed", "in_progress"), ["/frames/2/data/status"]),
        (("mystery", "pending"), []),
        (("in_progress", "mystery", "pending"), ["/frames/3/data/status"]),
    ],
)
def test_the_status_moves_forward(statuses: Any, broken: list[str], found: Any) -> None:
    assert found("WS-FRAME-18", stream(SNAPSHOT, *updates(*statuses)))[1] == broken


def gone(at_ms: int = 500) -> Edge:
    return replace(edge("stored_batch_deleted", batch="batch_1"), at_ms=at_ms)


def deletion(**data: Any) -> Frame:
    return frame("job.deleted", data, 600)


def test_a_deletion_is_told_with_id_and_kind(found: Any) -> None:
    told = stream(SNAPSHOT, deletion(id="batch_1", kind="batch"), close=closed(601))
    assert found("WS-FRAME-37", told, gone()) == (1, [])
    assert found("WS-FRAME-37", told) == (1, [])
    for data in ({"id": "batch_1"}, {"id": "x", "kind": "batch"}, {"id": [], "kind": "batch"}):
        assert found("WS-FRAME-37", stream(deletion(**data))) == (1, ["/frames/0/data"])


def test_a_deletion_that_is_not_told_is_found(found: Any) -> None:
    silent = stream(SNAPSHOT, path=PATH, close=closed(9000, by="client"))
    shut = stream(SNAPSHOT, close=closed(700))
    assert found("WS-FRAME-37", silent, gone()) == (1, ["/frames"])
    assert found("WS-FRAME-37", shut, gone()) == (1, ["/frames"])
    left = stream(SNAPSHOT, close=closed(700, by="client"))
    assert found("WS-FRAME-37", left, stream(SNAPSHOT, close=closed(100)), gone()) == (0, [])


def test_a_stream_that_ended_otherwise_need_not_tell_of_a_deletion(found: Any) -> None:
    lost, leaving = (stream(SNAPSHOT, close=closed(700, code)) for code in (1006, 1012))
    over = stream(SNAPSHOT, *updates("completed"), close=closed(700))
    assert found("WS-FRAME-37", lost, leaving, over, gone()) == (0, [])


def test_a_deletion_of_a_batch_that_is_still_there_is_found(found: Any) -> None:
    told = stream(SNAPSHOT, deletion(id="batch_1", kind="batch"), close=closed(601))
    there = exchange("GET", "/batches/batch_1", batch(), at_ms=2000)
    cached = exchange("GET", "/batches/batch_1", batch(), at_ms=1000)
    assert found("WS-FRAME-37", told, there) == (1, ["/frames/1/data"])
    assert found("WS-FRAME-37", told, cached) == (1, [])


def test_a_deletion_has_no_further_member(found: Any) -> None:
    assert found("WS-FRAME-38", stream(deletion(id="batch_1", kind="batch"))) == (1, [])
    full = stream(deletion(id="batch_1", kind="batch", status="failed"))
    assert found("WS-FRAME-38", full)[1] == ["/frames/0/data"]


def seen(*statuses: str, batch_id: str = "batch_1") -> Stream:
    return stream(*updates(*statuses), path=f"/async/batch/{batch_id}/ws")


def test_two_streams_see_the_states_in_one_order(found: Any) -> None:
    whole = seen("pending", "pending", "in_progress", "completed")
    assert found("WS-FRAME-39", whole, seen("pending", "completed")) == (1, [])
    assert found("WS-FRAME-39", whole, seen("in_progress", "pending")) == (1, ["/frames"])
    other = seen("pending", "failed")
    assert found("WS-FRAME-39", whole, other) == (1, ["/frames"])
    assert found("WS-FRAME-39", whole, seen("in_progress", "pending", batch_id="b")) == (0, [])


def counted(*done: int) -> Stream:
    counts = [{"total": 9, "completed": one, "failed": 0} for one in done]
    told = [message_data("in_progress", request_counts=one) for one in counts]
    return stream(*[frame("job.updated", one, at) for at, one in enumerate(told)])


def test_a_stream_that_comes_back_to_a_state_has_no_one_order(found: Any) -> None:
    assert found("WS-FRAME-39", counted(2, 3), counted(3, 2)) == (1, ["/frames"])
    assert found("WS-FRAME-39", counted(2, 3, 2), counted(3, 2)) == (0, [])


def polled(*seconds: int, close: int = 90_000) -> Stream:
    frames = [
        frame(
            "job.updated",
            message_data(last_polled_at=f"2026-07-09T09:{one // 60:02}:{one % 60:02}.000Z"),
            1000 * one,
        )
        for one in seconds
    ]
    return stream(*frames, path=PATH, close=closed(close, by="client"))


def test_watching_asks_no_provider(found: Any) -> None:
    assert found("WS-FRAME-40", polled(0, 20)) == (1, [])
    assert found("WS-FRAME-40", polled(0, 20, 40)) == (1, ["/frames/2/data/last_polled_at"])
    read = exchange("GET", "/batches/batch_1", batch(), at_ms=38_500)
    assert found("WS-FRAME-40", polled(0, 20, 40), read) == (1, [])
    assert found("WS-FRAME-40", polled(0, close=10)) == (0, [])
    assert found("WS-FRAME-40", polled(0, close=10), edge("clock_advanced", by_ms=2500)) == (1, [])
