"""State: what is there when, and the deadline of the user."""

from typing import Any

import pytest

from conformance.testing import batch, edge, exchange

HELD = {"reservation_id": "batch_hold:x", "reservation_status": "held", "state": "estimated"}


def get(body: Any, at_ms: int = 0) -> Any:
    return exchange("GET", "/batches/batch_1", body, at_ms=at_ms)


def test_a_line_before_the_end_is_found(found: Any, line: Any) -> None:
    running = get(batch("in_progress", pricing_lines=[line(line_nanos=0), line()]))
    assert found("BILL-STATE-02", running) == (1, ["/pricing_lines/1"])
    assert found("BILL-STATE-02", get(batch("in_progress"))) == (1, [])


def test_a_hold_is_shown_as_an_estimate(found: Any) -> None:
    shown = batch("in_progress", billing={**HELD, "estimated_nanos": 5})
    assert found("BILL-STATE-05", get(shown)) == (3, [])
    hidden = batch("in_progress", billing={**HELD, "state": "pending"})
    pointers = ["/billing/state", "/billing/estimated_nanos"]
    assert found("BILL-STATE-05", get(hidden)) == (3, pointers)


def test_a_skipped_hold_is_none(found: Any) -> None:
    body = batch("in_progress", billing={**HELD, "reservation_status": "skip_zero_cost"})
    assert found("BILL-STATE-05", get(body)) == (0, [])


def test_a_finalized_batch_without_its_bill_is_found(found: Any) -> None:
    body = batch("completed", finalized_at="2026-07-09T10:05:00Z")
    assert found("BILL-STATE-03", get(body)) == (1, [""])


@pytest.mark.parametrize(("leap_ms", "broken"), [(1000, []), (61000, [""])])
def test_the_deadline_runs_with_the_clock(leap_ms: int, broken: list[str], found: Any) -> None:
    done = batch("completed")
    leap = edge("clock_advanced", by_ms=leap_ms)
    steps = [edge("settlement_deadline", within_ms=60000), get(done), leap, get(done, 10)]
    assert found("BILL-STATE-04", *steps) == (len(broken), broken)
    assert found("BILL-STATE-04", *steps[1:]) == (0, [])


def test_the_times_of_batch_and_block_are_compared_as_instants(found: Any, settled: Any) -> None:
    same = {**settled(), "finalized_at": "2026-07-09T12:05:00+02:00"}
    assert found("BILL-STATE-11", get(same)) == (1, [])
    other = {**settled(), "finalized_at": "2026-07-09T12:05:00Z"}
    assert found("BILL-STATE-11", get(other)) == (1, ["/finalized_at"])


def test_a_bill_that_nobody_looked_for_in_time_is_not_late(found: Any, settled: Any) -> None:
    limit = edge("settlement_deadline", within_ms=60000)
    leap = edge("clock_advanced", by_ms=61000)
    late = [limit, get(batch("completed")), leap, get(settled(), 10)]
    assert found("BILL-STATE-04", *late) == (0, [])
    assert found("BILL-STATE-04", limit, get(settled()), leap) == (1, [])
