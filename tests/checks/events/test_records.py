from dataclasses import replace
from typing import Any

import pytest

from conformance.checks.events import _records
from conformance.checks.events._clock import Span
from conformance.event_views import Deliveries, calls, deliveries
from conformance.testing import delivery, edge, message_data, observed, transcript
from conformance.testing_webhooks import attempt, created, read, webhook_state
from conformance.transcript import Body
from conformance.views import Observed

HOOK = created({"url": "https://hooks.example.com/hook"})
FAILED = delivery(message_data("completed"), answered={"status": 503}, at_ms=10)
MINUTE = edge("clock_advanced", by_ms=61_000)
TICK = edge("scheduled_job_tick")
WAITS = attempt(1, "scheduled_retry")


def view_of(*steps: Any) -> Deliveries:
    return deliveries(observed(*steps))[0]


def test_the_last_entry_of_an_attempt_is_its_record() -> None:
    view = view_of(HOOK, FAILED, read("completed", WAITS), read("completed", attempt(1)))
    entry = _records.entry_of(view, view.calls[0])
    assert entry is not None
    assert (entry.number, entry.pointer) == (4, "/webhook/attempts/0")
    assert entry.get("status") == "delivered"


def test_deliveries_show_records_too() -> None:
    data = message_data("completed", webhook=webhook_state(WAITS))
    view = view_of(HOOK, FAILED, delivery(data, attempt=2))
    assert _records.wait_after(view, view.calls[0]) == 60_000
    assert _records.wait_after(view, view.calls[1]) is None


@pytest.mark.parametrize(
    "bent", [{"delivery_key": 7}, {"attempt_number": True}, {"attempt_number": "1"}]
)
def test_an_entry_without_key_or_number_is_of_no_attempt(bent: Any) -> None:
    assert _records.latest(view_of(HOOK, read("completed", {**WAITS, **bent}))) == {}


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        ({"status": 200}, (True, True, False)),
        ({"status": 302}, (True, False, False)),
        ({"status": 410}, (True, False, True)),
        ({"status": 200, "late": True}, (False, False, False)),
        ({"dropped": True}, (False, False, True)),
    ],
)
def test_the_answer_decides_what_an_attempt_was(answered: Any, expected: Any) -> None:
    call = view_of(HOOK, delivery(message_data(), answered=answered)).calls[0]
    found = (_records.is_prompt(call), _records.is_delivered(call), _records.has_failed(call))
    assert found == expected


def test_a_state_is_whole_when_it_shows_all_that_it_counts() -> None:
    assert _records.is_whole(webhook_state(WAITS))
    assert not _records.is_whole(webhook_state(*[WAITS] * 11))
    assert not _records.is_whole({"attempts": 7, "delivery": None})


def test_a_body_is_fresh_a_second_after_the_delivery() -> None:
    soon, late = read("completed", at_ms=900), read("completed", at_ms=1_100)
    view = view_of(HOOK, FAILED, soon, late)
    assert [one.seen.number for one in _records.fresh_bodies(view, view.calls[0])] == [4]


def test_a_retry_is_overdue_when_a_sweep_found_it_due() -> None:
    early = view_of(HOOK, FAILED, TICK, MINUTE, read("completed"))
    swept = view_of(HOOK, FAILED, MINUTE, TICK, read("completed"))
    unseen = view_of(HOOK, FAILED, MINUTE, TICK)
    found = [_records.swept_after(one, one.calls[0], 60_000) for one in (early, swept, unseen)]
    assert found == [False, True, False]


def test_a_read_before_the_retry_is_due_is_a_poll() -> None:
    view = view_of(HOOK, FAILED, read("completed", at_ms=20))
    assert _records.polled_within(view, view.calls[0], 60_000)
    assert not _records.polled_within(view, view.calls[0], 5)


def test_the_most_time_is_no_less_than_what_the_gateway_says() -> None:
    first, second = (delivery(message_data(), attempt=number) for number in (1, 2))
    later = second.body.content.replace(b"1783587600", b"1783587640")
    view = view_of(HOOK, first, replace(second, body=Body(later)))
    assert _records.between(*view.calls) == Span(0, 41_000)


def test_what_stands_in_data_tells_how_far_the_clock_is() -> None:
    steps = transcript(HOOK, delivery(message_data(updated_at="2026-07-10T09:00:00Z")))
    told = Observed(replace(steps, started_at="2026-07-09T09:00:00Z"))
    assert _records.clock_at(calls(told)[0]) == (1783587600000, 1783674000000)
    assert _records.clock_at(view_of(HOOK, FAILED).calls[0]) is None


@pytest.mark.parametrize(
    ("seconds", "waits"),
    [
        ([1, 5], {1: 1_000, 2: 5_000}),
        ([60.0, 0.5], {1: 60_000, 2: 500}),
        ("1", None),
        ([1, True], None),
        ([1, -1], None),
        ([float("nan")], None),
        ([float("inf")], None),
    ],
)
def test_a_run_may_state_its_own_waits(seconds: Any, waits: Any) -> None:
    stated = edge("webhook_retry_waits", seconds=seconds)
    assert _records.stated_waits(view_of(HOOK, stated)) == waits


def test_a_run_need_not_state_any_waits() -> None:
    assert _records.stated_waits(view_of(HOOK)) is None
