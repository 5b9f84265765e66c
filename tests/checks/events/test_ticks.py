"""The interval of a stream, and whether looks at the job keep to it."""

from decimal import Decimal
from typing import Any

import pytest

from conformance.checks.events._ticks import (
    Interval,
    interval_of,
    is_refresh,
    latency,
    patience_ms,
    spacing,
    state_of,
)
from conformance.event_views import OpenStream, streams
from conformance.testing import batch, exchange, frame, message_data, observed, said, stream
from conformance.transcript import Edge, Frame, Step

PATH = "/async/batch/batch_1/ws?interval_ms=1000"
RUNNING, ENDED = message_data("in_progress"), message_data("completed")
SNAPSHOT = frame("job.snapshot", message_data())
READ = exchange("GET", "/batches/batch_1", batch("in_progress"), at_ms=100)


@pytest.mark.parametrize(
    ("text", "kind", "ms"),
    [
        (None, "default", 2500),
        ("1500", "given", 1500),
        ("999", "small", 1000),
        ("-5", "small", 1000),
        ("10001", "large", 10_000),
        ("1999.9", "form", 1999),
        ("5000.", "form", 5000),
        (".5", "form", 1000),
        (" 1500 ", "form", 1500),
        ("1e4", "form", 10_000),
        ("0x7d0", "form", 2000),
        ("1e-99", "form", 1000),
        ("", "odd", 2500),
        ("NaN", "odd", 2500),
        ("Infinity", "odd", 2500),
        ("9" * 500, "odd", 2500),
    ],
)
def test_an_interval_is_read_as_the_contract_says(text: Any, kind: str, ms: int) -> None:
    assert interval_of(text) == Interval(kind, ms)


def opened(*frames: Frame, steps: tuple[Step, ...] = (), path: str = PATH) -> OpenStream:
    return streams(observed(stream(*frames, path=path), *steps))[0]


def test_patience_is_the_longest_where_the_interval_is_not_sure() -> None:
    assert patience_ms(opened()) == 2000
    assert patience_ms(opened(path="/async/batch/batch_1/ws?interval_ms=x")) == 11_000


@pytest.mark.parametrize(
    ("content", "expected"), [("refresh", True), ("ping", False), (b"refresh", False)]
)
def test_a_refresh_is_a_text_that_says_so(content: Any, expected: Any) -> None:
    assert is_refresh(content) is expected


def updates(*at_ms: int) -> list[Frame]:
    return [frame("job.updated", message_data("in_progress", progress=at), at) for at in at_ms]


def held(findings: Any) -> list[bool]:
    return [finding.held for finding in findings]


def test_two_updates_within_the_interval_are_found_but_not_after_the_snapshot() -> None:
    assert held(spacing(opened(SNAPSHOT, *updates(5, 1005, 1500)), 1000)) == [True, False]
    assert held(spacing(opened(SNAPSHOT, *updates(5, 720)), 1000)) == [True]


def test_in_earnest_a_late_frame_may_stand_closer_to_the_next_than_where_the_clock_is_moved() -> (
    None
):
    near = (SNAPSHOT, *updates(5, 650))
    moved = Edge("clock_advanced", {"by_ms": 1}, 3000)
    assert held(spacing(opened(*near), 1000)) == [True]
    assert held(spacing(opened(*near, steps=(moved,)), 1000)) == [False]


def test_an_update_that_a_refresh_brought_is_no_timed_one() -> None:
    before, after = updates(5, 300)
    assert held(spacing(opened(SNAPSHOT, before, said("refresh", 200), after), 1000)) == []
    assert held(spacing(opened(SNAPSHOT, said("refresh", 1), before, after), 1000)) == []


@pytest.mark.parametrize(
    ("status", "counts", "expected"),
    [
        ("finalizing", {"completed": 1, "failed": 2}, (1, 3)),
        ("canceled", None, (2, 0)),
        ("in_progress", {"completed": Decimal("1.0"), "failed": 0}, (1, 1)),
        ("queued", {"completed": True, "failed": 1}, (0, 0)),
        ("unheard", {}, None),
        (5, {}, None),
    ],
)
def test_the_state_of_a_batch_is_its_phase_and_its_finished_rows(
    status: Any, counts: Any, expected: Any
) -> None:
    assert state_of(status, counts) == expected


def test_a_change_that_arrives_in_time_holds() -> None:
    told = opened(SNAPSHOT, frame("job.updated", RUNNING, 1100), steps=(READ,))
    assert held(latency(told, 1000)) == [True]


@pytest.mark.parametrize("late", [frame("job.updated", RUNNING, 3200), frame("pong", at_ms=3200)])
def test_a_change_that_is_late_or_never_told_is_found(late: Frame) -> None:
    assert held(latency(opened(SNAPSHOT, late, steps=(READ,)), 1000)) == [False]


def test_a_stream_that_was_left_early_shows_nothing() -> None:
    assert held(latency(opened(SNAPSHOT, frame("pong", at_ms=2000), steps=(READ,)), 1000)) == []


def test_a_new_poll_alone_need_not_be_told_but_may() -> None:
    polled = batch("validating", last_polled_at="2026-07-09T09:00:01.000Z")
    read = exchange("GET", "/batches/batch_1", polled, at_ms=100)
    news = message_data(last_polled_at="2026-07-09T09:00:01.000Z")
    silent = opened(SNAPSHOT, frame("pong", at_ms=9000), steps=(read,))
    told = opened(SNAPSHOT, frame("job.updated", news, 900), steps=(read,))
    assert (held(latency(silent, 1000)), held(latency(told, 1000))) == ([], [True])


def test_a_result_file_that_is_shown_as_null_is_a_change_to_be_told() -> None:
    ended = exchange("GET", "/batches/batch_1", batch("completed"), at_ms=100)
    first = frame("job.snapshot", message_data("completed", output_file_id=None))
    silent = opened(first, frame("pong", at_ms=9000), steps=(ended,))
    told = opened(first, frame("job.updated", ENDED, 900), steps=(ended,))
    assert (held(latency(silent, 1000)), held(latency(told, 1000))) == ([False], [True])


def test_a_later_state_tells_of_an_earlier_one_too() -> None:
    told = opened(SNAPSHOT, frame("job.updated", ENDED, 900), steps=(READ,))
    assert held(latency(told, 1000)) == [True]
