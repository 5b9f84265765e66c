"""The receiver's own log beside the gateway's record, and deliveries that all fail."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.testing import batch, delivery, edge, exchange, message_data
from conformance.transcript import Exchange, Step

KEY, PROGRESS = "batch.completed", "batch.progress:40"
ENTRY = "/webhook/attempts/0"
CREATE = exchange(
    "POST", "/batches", batch(), sent={"webhook": {"url": "http://receiver.test/hook"}}
)  # fmt: skip


def call(at: int = 10, attempt: int = 1, key: str = KEY, **answered: Any) -> Step:
    event, given = key.partition(":")[0], answered or {"status": 200}
    data = message_data(event.removeprefix("batch."))
    return delivery(data, event, key=key, attempt=attempt, at_ms=at, answered=given)


def entry(status: str = "delivered", attempt: int = 1, key: str = KEY) -> dict[str, Any]:
    return {"delivery_key": key, "attempt_number": attempt, "status": status}


def poll(*entries: Any, at: int = 20, status: str = "completed", **counted: Any) -> Exchange:
    failed = [one for one in entries if one["status"] != "delivered"]
    told = {
        "total_attempts": len(entries),
        "delivered_events": len(entries) - len(failed),
        "last_attempt_status": entries[-1]["status"] if entries else None,
        "last_failure_at": "2026-07-09T09:00:00.000Z" if failed else None,
        **counted,
    }
    webhook = {"delivery": told, "attempts": list(entries)}
    read = exchange("GET", "/batches/batch_1", batch(status, webhook=webhook), at_ms=at)
    return replace(read, ended_at_ms=at + 1)


FAILED = entry("scheduled_retry")


def test_every_2xx_is_a_delivered_attempt_and_the_reverse(found: Any) -> None:
    assert found("XCH-30", CREATE, call(), poll(entry())) == (2, [])
    assert found("XCH-30", CREATE, call(status=204), poll(entry())) == (2, [])


def test_a_2xx_on_record_as_failed_or_not_at_all_is_found(found: Any) -> None:
    assert found("XCH-30", CREATE, call(), poll(FAILED)) == (1, [f"{ENTRY}/status"])
    assert found("XCH-30", CREATE, call(), poll(at=2000)) == (1, ["/webhook/attempts"])
    other = entry(key=PROGRESS)
    steps = (CREATE, call(5, key=PROGRESS), call(), poll(other, at=2000))
    assert found("XCH-30", *steps) == (3, ["/webhook/attempts"])


@pytest.mark.parametrize(
    "steps",
    [
        (call(), poll(at=20)),
        (call(30), poll(FAILED)),
        (call(status=200, delay_ms=20_000), poll(FAILED, at=2000)),
        (call(status=500), poll(FAILED, at=2000)),
        (call(), poll(at=2000, total_attempts=11)),
        (call(), exchange("GET", "/batches/batch_1", batch("completed"), at_ms=2000)),
        (call(), poll(at=2000), edge("stored_batch_changed", batch="batch_1")),
    ],
)
def test_what_may_be_on_record_later_or_no_longer_is_not_missed(
    steps: tuple[Step, ...], found: Any
) -> None:
    assert found("XCH-30", CREATE, *steps) == (0, [])


@pytest.mark.parametrize(
    "calls",
    [
        (call(status=500),),
        (call(dropped=True),),
        (call(key=PROGRESS, status=500),),
        (call(5, attempt=2, status=500),),
    ],
)
def test_a_delivered_attempt_without_a_2xx_is_found(calls: tuple[Step, ...], found: Any) -> None:
    assert found("XCH-30", CREATE, *calls, poll(entry())) == (1, [ENTRY])


def test_a_followed_redirect_or_a_slow_2xx_may_be_a_delivery(found: Any) -> None:
    assert found("XCH-30", CREATE, call(status=307), poll(entry())) == (0, [])
    assert found("XCH-30", CREATE, call(status=200, delay_ms=900), poll(entry())) == (1, [])


def test_a_receiver_of_others_or_a_call_without_sense_proves_nothing(found: Any) -> None:
    assert found("XCH-30", CREATE, poll(entry())) == (0, [])
    odd = delivery("?", at_ms=5)
    assert found("XCH-30", CREATE, odd, poll(entry())) == (0, [])


def test_a_batch_whose_deliveries_all_fail_ends_and_shows_them(found: Any) -> None:
    steps = (CREATE, call(status=500), poll(FAILED))
    assert found("XCH-33", *steps) == (2, [])
    assert found("XCH-33", CREATE, call(dropped=True), poll(FAILED)) == (2, [])


def test_the_wrong_end_is_found_when_deliveries_fail(found: Any) -> None:
    steps = (CREATE, call(status=500), poll(FAILED, status="in_progress"))
    assert found("XCH-33", *steps) == (1, ["/status"])
    assert found("XCH-33", CREATE, call(status=500), poll(FAILED, status="failed"))[1] == [
        "/status"
    ]


@pytest.mark.parametrize(
    "read",
    [
        poll(entry(), at=2000),
        poll(at=2000),
        poll(FAILED, last_failure_at=None),
        poll(FAILED, delivered_events=1),
        poll(FAILED, last_attempt_status="delivered"),
        poll(FAILED, total_attempts="1", at=2000),
    ],
)
def test_failures_that_are_not_shown_are_found(read: Exchange, found: Any) -> None:
    assert found("XCH-33", CREATE, call(status=500), read) == (2, ["/webhook/delivery"])


def test_a_receiver_that_accepts_once_is_another_matter(found: Any) -> None:
    steps = (call(5, key=PROGRESS), call(status=500), poll(entry(key=PROGRESS), FAILED))
    assert found("XCH-33", CREATE, *steps) == (0, [])
    assert found("XCH-33", CREATE, call(status=307), poll(FAILED)) == (0, [])


def test_what_is_not_on_record_as_yet_is_not_missed(found: Any) -> None:
    assert found("XCH-33", CREATE, call(status=500), poll()) == (1, [])


def test_a_failure_event_of_an_expired_batch_is_right_in_one_profile(found: Any) -> None:
    event = call(key="batch.failed", status=500)
    steps = (CREATE, event, poll(entry("scheduled_retry", key="batch.failed"), status="expired"))
    assert found("XCH-33", *steps, profile="phaseo") == (2, [])
    assert found("XCH-33", *steps) == (2, ["/status"])


def test_with_nobody_at_the_receiver_the_batch_still_ends(found: Any) -> None:
    nobody = edge("webhook_receiver_closed", path="/hook")
    assert found("XCH-33", CREATE, nobody, poll(FAILED)) == (2, [])
    wrong = poll(entry())
    assert found("XCH-33", CREATE, nobody, wrong) == (2, ["/webhook/delivery"])
    assert found("XCH-33", CREATE, nobody, poll(status="in_progress")) == (0, [])
    assert found("XCH-33", CREATE, nobody, poll()) == (1, [])
