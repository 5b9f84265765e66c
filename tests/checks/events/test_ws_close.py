"""The end of a stream."""

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
    message_bill,
    message_data,
    said,
    stream,
)
from conformance.transcript import Close, Edge

ENDS = {
    "WS-CLOSE-01": "completed",
    "WS-CLOSE-02": "failed",
    "WS-CLOSE-03": "cancelled",
    "WS-CLOSE-04": "expired",
}
OPEN = "/async/batch/batch_1/ws?close_on_terminal=false&interval_ms=1000"
SNAPSHOT = frame("job.snapshot", message_data())
END = frame("job.updated", message_data("completed"), 100)
LATE = frame("job.snapshot", message_data("completed"), 100)
GONE = frame("job.deleted", {"id": "batch_1", "kind": "batch"}, 50)


@pytest.mark.parametrize(("requirement", "status"), ENDS.items())
def test_the_server_closes_after_each_end(requirement: str, status: str, found: Any) -> None:
    end = frame("job.updated", message_data(status), 100)
    assert found(requirement, stream(SNAPSHOT, end, close=closed(101))) == (1, [])
    kept = stream(SNAPSHOT, end, close=closed(9000, by="client"))
    assert found(requirement, kept) == (1, ["/close"])
    assert found(requirement, stream(SNAPSHOT, end, frame("pong", at_ms=9000))) == (1, ["/close"])


def test_an_end_that_nobody_waited_for_or_asked_to_close_is_not_judged(found: Any) -> None:
    left = stream(SNAPSHOT, END, close=closed(200, by="client"))
    kept = stream(SNAPSHOT, END, path=OPEN, close=closed(9000, by="client"))
    assert found("WS-CLOSE-01", left, kept, stream(SNAPSHOT), stream()) == (0, [])
    assert found("WS-CLOSE-02", stream(SNAPSHOT, END, close=closed(101))) == (0, [])


def test_the_last_data_before_the_close_is_final(found: Any) -> None:
    assert found("WS-CLOSE-05", stream(SNAPSHOT, END, close=closed(101))) == (1, [])
    early = stream(SNAPSHOT, close=closed(101))
    assert found("WS-CLOSE-05", early) == (1, ["/frames/0/data/status"])
    lost, deleted = stream(SNAPSHOT, close=closed(9, 1006)), stream(SNAPSHOT, GONE, close=closed(9))
    assert found("WS-CLOSE-05", lost, deleted, stream(close=closed())) == (0, [])


def test_a_late_watcher_gets_one_snapshot(found: Any) -> None:
    again = frame("job.updated", message_data("completed", progress=None), 100)
    assert found("WS-CLOSE-06", stream(LATE, close=closed(101))) == (1, [])
    assert found("WS-CLOSE-06", stream(LATE, again, close=closed(101))) == (1, ["/frames/1/data"])
    assert found("WS-CLOSE-06", stream(SNAPSHOT, END, close=closed(101))) == (0, [])


def test_an_end_that_only_a_poll_has_shown_must_be_told_before_a_close_of_any_code(
    found: Any,
) -> None:
    over = exchange("GET", "/batches/batch_1", batch("completed"), at_ms=400)
    early = stream(SNAPSHOT, close=closed(600, 4000))
    assert found("WS-CLOSE-05", over, early) == (1, ["/frames/0/data/status"])
    leaving = stream(SNAPSHOT, close=closed(600, 1001))
    assert found("WS-CLOSE-05", over, leaving) == (0, [])
    assert found("WS-CLOSE-05", early) == (0, [])


def test_who_comes_long_after_the_end_gets_no_older_state(found: Any) -> None:
    over = exchange("GET", "/batches/batch_1", batch("completed"), at_ms=50)
    old = frame("job.snapshot", message_data(), 5010)
    end = frame("job.updated", message_data("completed"), 5020)
    late = stream(old, end, at_ms=5000, close=closed(5030))
    assert found("WS-CLOSE-06", over, late) == (1, ["/frames/1/data"])
    soon = stream(old, end, at_ms=1000, close=closed(5030))
    assert found("WS-CLOSE-06", over, soon) == (0, [])


@pytest.mark.parametrize("code", [1001, 1011, 4000])
def test_a_close_by_the_server_has_code_1000(code: int, found: Any) -> None:
    assert found("WS-CLOSE-07", stream(SNAPSHOT, close=closed(9))) == (1, [])
    assert found("WS-CLOSE-07", stream(SNAPSHOT, close=closed(9, code))) == (1, ["/close/code"])
    client = stream(SNAPSHOT, close=closed(9, code, by="client"))
    assert found("WS-CLOSE-07", client) == (0, [])


@pytest.mark.parametrize("code", [1006, None])
def test_a_lost_connection_is_no_close_unless_one_was_due(code: Any, found: Any) -> None:
    assert found("WS-CLOSE-07", stream(SNAPSHOT, close=closed(9, code))) == (0, [])
    due = stream(SNAPSHOT, END, close=closed(101, code))
    assert found("WS-CLOSE-07", due) == (1, ["/close/code"])


def test_the_reason_is_the_word_closed(found: Any) -> None:
    assert found("WS-CLOSE-08", stream(LATE, close=closed(101))) == (1, [])
    bare = stream(LATE, close=Close(101, 1000, "", "server"))
    assert found("WS-CLOSE-08", bare) == (1, ["/close/reason"])


def test_a_deletion_closes_the_stream_whatever_the_option(found: Any) -> None:
    assert found("WS-CLOSE-09", stream(SNAPSHOT, GONE, path=OPEN, close=closed(60))) == (1, [])
    odd = stream(SNAPSHOT, GONE, close=closed(60, 1001))
    assert found("WS-CLOSE-09", odd) == (1, ["/close/code"])
    kept = stream(SNAPSHOT, GONE, path=OPEN, close=closed(9000, by="client"))
    assert found("WS-CLOSE-09", kept) == (1, ["/close"])
    assert found("WS-CLOSE-09", stream(SNAPSHOT, close=closed())) == (0, [])


def test_a_close_of_the_client_is_answered_and_nothing_follows(found: Any) -> None:
    done = stream(SNAPSHOT, close=closed(100, by="client"))
    assert found("WS-CLOSE-10", done) == (1, [])
    silent = stream(SNAPSHOT, close=closed(100, 1006, by="client"))
    assert found("WS-CLOSE-10", silent) == (1, ["/close"])
    late = stream(SNAPSHOT, frame("pong", at_ms=1200), close=closed(100, by="client"))
    assert found("WS-CLOSE-10", late) == (1, ["/frames/1"])
    assert found("WS-CLOSE-10", stream(SNAPSHOT, close=closed(100)), stream()) == (0, [])


def test_a_quiet_stream_of_a_running_batch_stays_open(found: Any) -> None:
    quiet = stream(SNAPSHOT, close=closed(13_000, by="client"))
    assert found("WS-CLOSE-11", quiet) == (1, [])
    assert found("WS-CLOSE-11", stream(SNAPSHOT, close=closed(5000))) == (1, ["/close"])
    assert found("WS-CLOSE-11", stream(SNAPSHOT, close=closed(5000, 1006))) == (1, ["/close"])


def test_a_close_with_another_cause_is_not_one_for_being_quiet(found: Any) -> None:
    shut, leaving = stream(SNAPSHOT, close=closed(5000)), stream(SNAPSHOT, close=closed(5000, 1012))
    over = exchange("GET", "/batches/batch_1", batch("completed"), at_ms=4000)
    gone = edge("stored_batch_deleted", batch="batch_1")
    assert found("WS-CLOSE-11", leaving, stream(SNAPSHOT, close=closed(50))) == (0, [])
    assert found("WS-CLOSE-11", shut, over) == (0, [])
    assert found("WS-CLOSE-11", shut, gone) == (0, [])


def test_a_close_that_arrives_before_the_move_of_the_clock_is_over_is_found(found: Any) -> None:
    moved = Edge("clock_advanced", {"by_ms": 2500}, 57, 45)
    assert found("WS-CLOSE-11", stream(SNAPSHOT, close=closed(56)), moved) == (1, ["/close"])
    assert found("WS-CLOSE-11", stream(SNAPSHOT, close=closed(44)), moved) == (0, [])


def test_a_close_for_what_the_client_said_is_not_one_for_being_quiet(found: Any) -> None:
    shut = stream(SNAPSHOT, said(b"x", 9000), close=closed(9010, 1003))
    assert found("WS-CLOSE-11", shut) == (0, [])


def attempts(number: int, at_ms: int) -> Any:
    state = {"delivery": {"total_attempts": number}}
    return frame("job.updated", message_data("completed", webhook=state), at_ms)


def test_an_attempt_after_the_end_is_told_while_closing_is_off(found: Any) -> None:
    call = delivery(message_data("completed"), at_ms=500, answered={"status": 503})
    told = stream(SNAPSHOT, attempts(0, 100), attempts(1, 1100), path=OPEN)
    assert found("WS-CLOSE-12", told, call) == (1, [])
    silent = stream(SNAPSHOT, attempts(0, 100), frame("pong", at_ms=9000), path=OPEN)
    assert found("WS-CLOSE-12", silent, call) == (1, ["/frames"])
    left = stream(SNAPSHOT, attempts(0, 100), said("ping", 600), path=OPEN)
    closing = stream(SNAPSHOT, attempts(0, 100), frame("pong", at_ms=9000))
    assert found("WS-CLOSE-12", left, closing, call) == (0, [])
    slow = replace(call, answered={"status": 200, "delay_ms": 20_000})
    assert found("WS-CLOSE-12", silent, slow) == (0, [])


def test_a_settlement_after_the_end_is_told_while_closing_is_off(found: Any) -> None:
    billed = batch("completed", billing={"billed": True, "state": "settled"})
    read = exchange("GET", "/batches/batch_1", billed, at_ms=500)
    open_bill = message_bill("estimated", estimated_nanos=5)
    end = frame("job.updated", message_data("completed", billing=open_bill), 100)
    later = frame("job.updated", message_data("completed"), 1100)
    silent = stream(SNAPSHOT, end, frame("pong", at_ms=9000), path=OPEN)
    assert found("WS-CLOSE-12", stream(SNAPSHOT, end, later, path=OPEN), read) == (1, [])
    assert found("WS-CLOSE-12", silent, read) == (1, ["/frames"])
    known = stream(SNAPSHOT, END, frame("pong", at_ms=9000), path=OPEN)
    assert found("WS-CLOSE-12", known, read) == (0, [])
