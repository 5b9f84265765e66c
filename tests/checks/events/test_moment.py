"""Which polls show the record that a message shows."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.checks.events._moment import same_record, ticked
from conformance.event_views import messages
from conformance.testing import (
    batch,
    delivery,
    edge,
    exchange,
    frame,
    message_data,
    observed,
    stream,
)
from conformance.transcript import Edge, Exchange, Step, Stream

T0, T1 = "2026-07-09T09:00:00.000Z", "2026-07-09T09:00:00.001Z"
PATH = "/batches/batch_1"


def poll(status: str, at: int = 0, **members: Any) -> Exchange:
    body = {**batch(status), "last_polled_at": T0, "polled_status": status, **members}
    return replace(exchange("GET", PATH, body, at_ms=at), ended_at_ms=at + 1)


def bare(status: str, at: int) -> Exchange:
    return poll(status, at, last_polled_at=None)


def told(at: int = 10, **members: Any) -> Stream:
    return stream(frame("job.snapshot", message_data("in_progress", **members), at), at_ms=at)


def late_edge(action: str, at: int) -> Edge:
    return replace(edge(action), at_ms=at)


def found(*steps: Step) -> list[int]:
    """When the polls were asked for that show what the first message shows."""
    return [one.begin_ms for one in same_record(messages(observed(*steps))[0])]


@pytest.mark.parametrize("polled", [T0, "2026-07-09T11:00:00+02:00"])
def test_equal_marks_tell_the_record(polled: str) -> None:
    assert found(poll("in_progress"), told(last_polled_at=polled)) == [0]
    assert found(poll("in_progress", last_polled_at=T1), told(last_polled_at=polled)) == []


@pytest.mark.parametrize(("attempt", "shown"), [(1, [0, 20]), (2, [])])
def test_a_retry_may_show_what_the_first_attempt_showed(attempt: int, shown: Any) -> None:
    data = message_data("in_progress", last_polled_at=None)
    sent = delivery(data, "batch.created", attempt=attempt, at_ms=10)
    assert found(bare("in_progress", 0), sent, bare("in_progress", 20)) == shown


def test_the_word_of_the_provider_is_part_of_the_mark_where_both_have_it() -> None:
    assert found(poll("in_progress", polled_status=" IN_PROGRESS"), told()) == [0]
    assert found(poll("in_progress", polled_status="finalizing"), told()) == []
    assert found(poll("in_progress", polled_status=None), told()) == [0]
    assert found(poll("finalizing"), told(polled_status=None)) == [0]


def test_all_polls_of_one_mark_may_show_the_record_but_later_ones() -> None:
    item = batch("in_progress", last_polled_at=T0, polled_status="in_progress")
    listed = exchange("GET", "/batches", {"data": [item]}, at_ms=9)
    reads = (poll("in_progress"), poll("in_progress", 5), listed, poll("in_progress", 11))
    assert found(*reads, told()) == [0, 5, 9]


def test_the_poll_on_whose_way_the_message_came_may_show_its_record() -> None:
    assert found(replace(poll("in_progress", 5), ended_at_ms=50), told()) == [5]


@pytest.mark.parametrize(
    "disturbance",
    [
        late_edge("scheduled_job_tick", 5),
        late_edge("scheduled_job_tick", 12),
        exchange("GET", PATH, {}, status=503, at_ms=5),
        exchange("POST", f"{PATH}/cancel", batch("in_progress"), at_ms=5),
        Exchange(exchange("GET", PATH).request, None, None, 5, 20),
    ],
)
def test_a_record_that_may_have_changed_under_its_mark_is_not_told(disturbance: Step) -> None:
    assert found(poll("in_progress"), disturbance, told()) == []


@pytest.mark.parametrize(
    "harmless",
    [
        late_edge("scheduled_job_tick", 600),
        late_edge("webhook_receiver_plan", 5),
        exchange("GET", "/batches/batch_2", {}, status=404, at_ms=5),
        exchange("GET", PATH, {}, status=503, at_ms=20),
        exchange("GET", "/batches", {"data": []}, at_ms=5),
    ],
)
def test_what_cannot_change_a_record_leaves_its_mark_good(harmless: Step) -> None:
    assert found(poll("in_progress"), harmless, told()) == [0]


def test_a_job_that_ran_after_a_later_call_came_too_late() -> None:
    steps = (exchange("GET", "/batches/x", {}, at_ms=11), late_edge("scheduled_job_tick", 12))
    assert not ticked(observed(*steps), 0, 10)
    assert ticked(observed(*steps), 0, 11)


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        ([bare("in_progress", 0), bare("in_progress", 5000)], [0, 5000]),
        (
            [bare("in_progress", 0), bare("in_progress", 500), bare("in_progress", 5000)],
            [500, 5000],
        ),
        ([bare("validating", 0), bare("in_progress", 500), bare("in_progress", 5000)], [500, 5000]),
        ([bare("validating", 2500), bare("in_progress", 2900), bare("in_progress", 5000)], []),
        ([bare("in_progress", 0), bare("in_progress", 3000), bare("in_progress", 4000)], []),
        ([bare("in_progress", 0), bare("finalizing", 5000)], []),
        ([bare("in_progress", 0)], []),
        ([bare("in_progress", 5000)], []),
        ([], []),
    ],
)
def test_without_marks_a_message_between_equal_polls_shows_the_same(
    reads: list[Exchange], expected: list[int]
) -> None:
    assert found(*reads, told(3000)) == expected
    assert found(*reads, told(3000, last_polled_at=None)) == expected
