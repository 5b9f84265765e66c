"""The public webhook state on all channels, and the final event beside the last frame."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.testing import (
    ORIGIN,
    batch,
    delivery,
    edge,
    exchange,
    frame,
    message_bill,
    message_data,
    stream,
)
from conformance.transcript import Edge, Exchange, Step, Stream

TRIED, LATER = "2026-07-09T09:00:01.000Z", "2026-07-09T09:05:00.000Z"
SHOWN = "/frames/0/data/webhook"


def state(total: Any = 1, last: Any = TRIED, **members: Any) -> dict[str, Any]:
    counted = {"total_attempts": total, "last_attempt_at": last, "pending_retries": 0, **members}
    shown = [{"delivery_key": "batch.completed"}] * (total if isinstance(total, int) else 0)
    return {"url": "http://r.test/hook", "events": [], "delivery": counted, "attempts": shown}


def poll(webhook: Any, at: int = 0, until: int | None = None, **members: Any) -> Exchange:
    body = batch("completed", webhook=webhook, **members)
    read = exchange("GET", "/batches/batch_1", body, at_ms=at)
    return replace(read, ended_at_ms=at if until is None else until)


def listed(webhook: Any, at: int = 10) -> Exchange:
    return exchange("GET", "/batches", {"data": [batch("completed", webhook=webhook)]}, at_ms=at)


def told(webhook: Any, at: int = 10, **members: Any) -> Stream:
    data = message_data("completed", webhook=webhook, **members)
    return stream(frame("job.updated", data, at), at_ms=at)


def late_edge(action: str, at: int) -> Edge:
    return replace(edge(action), at_ms=at)


def attempt(at: int) -> Step:
    return delivery(message_data("completed"), at_ms=at)


def test_the_state_of_as_many_attempts_is_one_on_all_channels(found: Any) -> None:
    assert found("XCH-09", poll(state()), told(state()), listed(state())) == (2, [])
    wrong = state(pending_retries=1)
    assert found("XCH-09", poll(state()), told(wrong)) == (1, [SHOWN])
    assert found("XCH-09", told(wrong, 0), poll(state(), 5)) == (1, [SHOWN])
    assert found("XCH-09", poll(state()), listed(wrong)) == (1, ["/data/0/webhook"])
    assert found("XCH-09", poll(state()), told({**state(), "url": None})) == (1, [SHOWN])


@pytest.mark.parametrize(
    "steps",
    [
        (poll(state(0)), told(state(1))),
        (poll(state(last=LATER)), told(state(pending_retries=1))),
        (poll(state()), attempt(5), told(state(pending_retries=1))),
        (poll(state()), late_edge("clock_advanced", 5), told(state(pending_retries=1))),
        (poll(state()), late_edge("scheduled_job_tick", 15), told(state(pending_retries=1))),
        (poll(state(), 0, 50), told(state(pending_retries=1))),
        (poll(state()), told(None)),
        (poll(None), told(state(pending_retries=1))),
        (poll("hook"), told(state("1"))),
        (poll(state(), id="batch_2"), told(state(pending_retries=1))),
        (poll(state()), delivery(message_data("completed", webhook=state(2)), at_ms=10)),
    ],
)
def test_states_that_may_have_an_attempt_between_are_not_compared(
    steps: tuple[Step, ...], found: Any
) -> None:
    assert found("XCH-09", *steps) == (0, [])


def test_unknown_members_of_the_state_do_not_count(found: Any) -> None:
    more = state(trace="x")
    more = {**more, "note": 1, "attempts": [{**more["attempts"][0], "note": 1}]}
    assert found("XCH-09", poll(state()), told(more), listed(more)) == (2, [])
    assert found("XCH-09", poll(state()), told({**state(), "attempts": None})) == (0, [])


def test_what_lies_between_equal_polls_is_the_same(found: Any) -> None:
    around = (poll(state(), 0), poll(state(), 5000))
    assert found("XCH-09", *around, told(state(), 3000)) == (1, [])
    assert found("XCH-09", *around, told(state(0), 3000)) == (1, [SHOWN])
    assert found("XCH-09", *around, listed(state(0))) == (1, ["/data/0/webhook"])


def test_a_cached_state_between_equal_polls_may_be_older(found: Any) -> None:
    reads = (poll(state(0), 0), poll(state(), 5), poll(state(), 20))
    assert found("XCH-09", *reads, told(state(0))) == (1, [])
    assert found("XCH-09", *reads, listed(state(0))) == (1, ["/data/0/webhook"])


def test_a_record_polled_later_is_not_from_the_cache(found: Any) -> None:
    reads = (
        poll(state(0), 0, last_polled_at="2026-07-09T09:00:00.000Z"),
        poll(state(), 5, last_polled_at=TRIED),
        poll(state(), 20, last_polled_at=LATER),
    )
    assert found("XCH-09", *reads, told(state(0), last_polled_at=TRIED)) == (1, [SHOWN])


def test_an_attempt_between_equal_polls_excuses(found: Any) -> None:
    around = (poll(state(), 0), attempt(2500), poll(state(), 5000))
    assert found("XCH-09", *around, told(state(0), 3000)) == (0, [])


@pytest.mark.parametrize(
    "name",
    [
        "next_webhook_retry_at",
        "last_webhook_progress",
        "last_webhook_progress_at",
        "last_webhook_dispatched_at",
    ],
)
def test_times_and_bucket_of_the_webhook_are_one(name: str, found: Any) -> None:
    same: dict[str, Any] = {name: 40}
    other: dict[str, Any] = {name: 30}
    none: dict[str, Any] = {name: None}
    assert found("XCH-25", poll(state(), **same), told(state(), **same)) == (1, [])
    assert found("XCH-25", poll(state()), told(state(), **none)) == (1, [])
    broken = (1, ["/frames/0/data"])
    assert found("XCH-25", poll(state(), **same), told(state(), **other)) == broken
    assert found("XCH-25", poll(state()), told(state(), **other)) == broken
    assert found("XCH-25", poll(state(0), **same), told(state(), **other)) == (0, [])


def event(at: int = 20, status: str = "completed", **members: Any) -> Step:
    return delivery(message_data(status, **members), f"batch.{status}", at_ms=at)


def last(status: str = "completed", **members: Any) -> Stream:
    first = frame("job.snapshot", message_data("in_progress"), 0)
    return stream(first, frame("job.updated", message_data(status, **members), 10))


def test_the_final_event_is_the_last_frame(found: Any) -> None:
    assert found("XCH-32", last(), event(), event(90)) == (2, [])
    assert found("XCH-32", last(), event(progress=99)) == (1, ["/data"])
    assert found("XCH-32", last(model="m"), event()) == (1, ["/data"])
    assert found("XCH-32", last(), last(key_source="byok"), event()) == (2, ["/data"])


@pytest.mark.parametrize(
    "members",
    [
        {"webhook": state()},
        {"updated_at": LATER},
        {"last_polled_at": LATER, "polled_status": "finalizing"},
        {"last_webhook_progress": 40, "last_webhook_dispatched_at": LATER},
        {"next_webhook_retry_at": LATER},
        {"finalized_at": LATER},
        {"polling_url": "https://public.test/v1/batches/batch_1"},
        {"billing": message_bill("settled", charge_reason="already_billed")},
        {"finalized_at": None, "billing": message_bill("pending")},
        {"served_by": "a worker"},
    ],
)
def test_what_belongs_to_its_time_may_differ(members: dict[str, Any], found: Any) -> None:
    judged = 0 if members.get("finalized_at", 1) is None else 1
    assert found("XCH-32", last(), event(**members)) == (judged, [])
    assert found("XCH-32", last(**members), event()) == (judged, [])


@pytest.mark.parametrize(
    "members",
    [
        {"polled_status": "finalizing"},
        {"polling_url": f"{ORIGIN}/v1/batch/batch_1"},
        {"billing": message_bill("void")},
        {"cancel_url": f"{ORIGIN}/v1/batches/batch_1/cancel"},
        {"request_counts": None},
    ],
)
def test_all_else_is_the_same(members: dict[str, Any], found: Any) -> None:
    assert found("XCH-32", last(), event(**members)) == (1, ["/data"])


@pytest.mark.parametrize(
    "steps",
    [
        (last("in_progress"), event(progress=99)),
        (last(), event(status="in_progress")),
        (last(id="batch_2"), event(progress=99)),
        (stream(), event(progress=99)),
        (last(), delivery([], "batch.completed")),
        (last(), delivery(message_data("completed", progress=40), "batch.progress", at_ms=20)),
        (last(), delivery(message_data("completed", progress=99), "batch.created", attempt=2)),
        (last(), event(progress=99), edge("stored_batch_changed", batch="batch_1")),
    ],
)
def test_other_messages_are_not_compared(steps: tuple[Step, ...], found: Any) -> None:
    assert found("XCH-32", *steps) == (0, [])
