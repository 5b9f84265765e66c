"""What one channel has shown binds the others afterwards."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.testing import (
    batch,
    closed,
    delivery,
    edge,
    exchange,
    frame,
    message_data,
    refused,
    stream,
)
from conformance.transcript import Edge, Exchange, Frame, Step, Stream

PATH = "/batches/batch_1"
EARLY, LATE = "2026-07-09T09:00:00.000Z", "2026-07-09T09:05:00.000Z"


def poll(status: str, at: int, until: int | None = None, **members: Any) -> Exchange:
    read = exchange("GET", PATH, batch(status, **members), at_ms=at)
    return replace(read, ended_at_ms=at if until is None else until)


def told(*said: tuple[str, int], **members: Any) -> Stream:
    frames = [frame("job.updated", message_data(status, **members), at) for status, at in said]
    return stream(*frames, at_ms=said[0][1] if said else 0, close=closed(9_000_000))


def event(phase: str, at: int, status: str | None = None, **members: Any) -> Step:
    return delivery(message_data(status or phase, **members), f"batch.{phase}", at_ms=at)


def late_edge(action: str, at: int, **detail: Any) -> Edge:
    return replace(edge(action, **detail), at_ms=at)


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled", "expired"])
def test_a_get_after_the_final_event_shows_the_end(end: str, found: Any) -> None:
    assert found("XCH-21", event(end, 10), poll(end, 11), poll("validating", 12)) == (1, [])
    running = poll("in_progress", 11)
    assert found("XCH-21", event(end, 10), running) == (1, ["/lifecycle_status"])


def test_a_get_within_the_same_millisecond_or_on_its_way_tells_nothing(found: Any) -> None:
    steps = (poll("in_progress", 5, 20), poll("in_progress", 10), event("completed", 10))
    assert found("XCH-21", *steps) == (0, [])
    assert found("XCH-21", *steps, poll("completed", 30)) == (1, [])


def test_events_that_are_not_final_or_of_another_batch_bind_no_get(found: Any) -> None:
    other = event("completed", 10, id="batch_2")
    steps = (event("created", 10, "pending"), event("progress", 10, "in_progress"), other)
    assert found("XCH-21", *steps, poll("in_progress", 20)) == (0, [])


def test_the_event_of_an_expired_batch_may_be_that_of_a_failure_in_one_profile(found: Any) -> None:
    steps = (event("failed", 10, "expired"), poll("expired", 20))
    assert found("XCH-21", *steps, profile="phaseo") == (1, [])
    assert found("XCH-21", *steps) == (1, ["/lifecycle_status"])


def test_nothing_goes_back_after_the_end_on_polls(found: Any) -> None:
    assert found("XCH-22", poll("completed", 0), poll("completed", 1)) == (1, [])
    assert found("XCH-22", poll("completed", 0), poll("in_progress", 1)) == (1, ["/status"])
    listed = exchange("GET", "/batches", {"data": [batch("in_progress")]}, at_ms=5)
    assert found("XCH-22", poll("completed", 0), listed) == (1, ["/data/0/status"])


@pytest.mark.parametrize("end", [told(("completed", 10)), event("completed", 10)])
def test_an_end_shown_by_a_message_binds_the_polls(end: Step, found: Any) -> None:
    assert found("XCH-22", poll("in_progress", 9), end, poll("completed", 11)) == (1, [])
    assert found("XCH-22", poll("in_progress", 9), end, poll("in_progress", 11)) == (
        1, ["/status"],
    )  # fmt: skip


def test_overlapping_calls_and_equal_milliseconds_are_not_ordered(found: Any) -> None:
    slow, same = poll("in_progress", 5, 50), poll("in_progress", 10)
    assert found("XCH-22", poll("completed", 3, 10), slow, same) == (0, [])


def test_a_stream_may_lag_by_its_cache(found: Any) -> None:
    end = poll("completed", 0)
    assert found("XCH-22", end, told(("in_progress", 1500))) == (0, [])
    assert found("XCH-22", end, told(("in_progress", 2500))) == (1, ["/frames/0/data/status"])
    assert found("XCH-22", end, told(("completed", 2500))) == (1, [])


def test_a_stream_does_not_go_back_itself(found: Any) -> None:
    back = told(("completed", 10), ("in_progress", 10))
    assert found("XCH-22", back) == (1, ["/frames/1/data/status"])


def test_a_record_of_a_later_poll_is_no_lag(found: Any) -> None:
    end = poll("completed", 0, last_polled_at=EARLY)
    later = told(("in_progress", 5), last_polled_at=LATE)
    assert found("XCH-22", end, later) == (1, ["/frames/0/data/status"])
    assert found("XCH-22", end, told(("in_progress", 5), last_polled_at=EARLY)) == (0, [])
    late_event = event("progress", 5, "in_progress", last_polled_at=LATE)
    assert found("XCH-22", end, late_event) == (1, ["/data/status"])


def test_events_of_earlier_phases_may_come_late(found: Any) -> None:
    late = (event("created", 90_000, "pending"), event("progress", 90_000, "in_progress"))
    assert found("XCH-22", poll("completed", 0), *late) == (0, [])
    false_end = event("completed", 90_000, "in_progress")
    assert found("XCH-22", poll("completed", 0), false_end) == (1, ["/data/status"])


@pytest.mark.parametrize(
    "disturbance",
    [
        late_edge("database_next_call_fails", 0, operation="refresh"),
        late_edge("stored_batch_changed", 0, batch="batch_1"),
    ],
)
def test_what_could_not_be_kept_may_go_back(disturbance: Step, found: Any) -> None:
    steps = (disturbance, poll("completed", 1), poll("in_progress", 5))
    assert found("XCH-22", *steps) == (0, [])


def test_other_batches_go_their_own_ways(found: Any) -> None:
    nameless = exchange("GET", PATH, batch(None), at_ms=5)
    assert found("XCH-22", poll("completed", 0), poll("in_progress", 5, id="batch_2")) == (0, [])
    assert found("XCH-22", poll("completed", 0), nameless) == (0, [])


def test_a_get_after_the_last_frame_confirms_it(found: Any) -> None:
    frames = told(("in_progress", 5), ("completed", 10))
    assert found("XCH-23", frames, poll("completed", 20)) == (4, [])
    wrong = poll("failed", 20, request_counts={"total": 2, "completed": 1, "failed": 1})
    pointers = ["/status", "/request_counts", "/output_file_id"]
    assert found("XCH-23", frames, wrong) == (4, pointers)
    other = poll("completed", 20, error_file_id="file_err")
    assert found("XCH-23", frames, other) == (4, ["/error_file_id"])


@pytest.mark.parametrize(
    "steps",
    [
        (told(("in_progress", 10)), poll("completed", 20)),
        (told(("completed", 10)), poll("failed", 10)),
        (told(("completed", 10)), poll("failed", 20, id="batch_2")),
        (told(("completed", 10)), late_edge("provider_step", 15), poll("failed", 20)),
        (stream(frame("pong")), poll("failed", 20)),
        (stream(), poll("failed", 20)),
    ],
)
def test_a_last_frame_that_is_not_final_or_not_before_is_not_compared(
    steps: tuple[Step, ...], found: Any
) -> None:
    assert found("XCH-23", *steps) == (0, [])


def test_american_and_british_ends_are_one(found: Any) -> None:
    frames = told(("cancelled", 10))
    assert found("XCH-23", frames, poll("canceled", 20, lifecycle_status="cancelled")) == (4, [])


OFF = edge("batch_switch", enabled=False)
REFUSED = refused(501, "not_implemented_yet", "batch_api_temporarily_disabled")


def read(status: int = 501, answer: Any = REFUSED, key: str | None = "a") -> Exchange:
    return exchange("GET", PATH, answer, status=status, key=key)


def test_the_stream_stays_up_while_polls_are_switched_off(found: Any) -> None:
    unknown = stream(status=404, answer=refused())
    assert found("XCH-34", OFF, read(), told(("pending", 1)), unknown) == (3, [])
    assert found("XCH-34", OFF, stream(status=501, answer=REFUSED)) == (1, [""])
    assert found("XCH-34", OFF, read(200, batch()), unknown) == (2, [""])
    assert found("XCH-34", OFF, read(answer=b"off"), unknown) == (2, [""])


def test_only_what_happens_while_it_is_off_is_judged(found: Any) -> None:
    on = edge("batch_switch", enabled=True)
    assert found("XCH-34", read(200, batch()), stream(status=500)) == (0, [])
    assert found("XCH-34", OFF, on, read(200, batch()), stream(status=500)) == (0, [])
    assert found("XCH-34", OFF, read(500)) == (0, [])


def test_calls_that_fail_for_another_reason_do_not_tell_of_the_switch(found: Any) -> None:
    plain = exchange("GET", "/async/batch/batch_1/ws", {}, status=426)
    strange = stream(status=401, key=None)
    odd = stream(status=400, path="/async/job/batch_1/ws")
    assert found("XCH-34", OFF, plain, strange, odd, read(401, key=None)) == (0, [])


def test_frames_without_sense_are_no_end(found: Any) -> None:
    raw = stream(Frame("server", 5, b"\xff"), Frame("server", 6, "{}"), close=closed(9))
    assert found("XCH-22", poll("completed", 0), raw) == (0, [])
    assert found("XCH-23", raw, poll("completed", 20)) == (0, [])
