from typing import Any

import pytest

from conformance.testing import (
    batch,
    delivery,
    edge,
    exchange,
    frame,
    message_data,
    stream,
)
from conformance.testing_webhooks import attempt, created, read, webhook_state

HOOK = created({"url": "https://hooks.example.com/hook"})
DONE = message_data("completed")
NO, CUT = {"status": 503}, {"dropped": True}
WAITS = attempt(1, "scheduled_retry")
LOST = {**WAITS, "response_status": None}
GONE = attempt(4, "failed_permanently")
MINUTE = edge("clock_advanced", by_ms=61_000)


def sent(number: int = 1, answered: Any = None, at_ms: int = 0, **more: Any) -> Any:
    return delivery(DONE, attempt=number, answered=answered, at_ms=at_ms, **more)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([sent(answered=CUT), read("completed", LOST)], (1, [])),
        ([sent(answered=CUT), read("completed", attempt())], (1, ["/webhook/attempts/0"])),
        ([sent(answered=CUT), read("completed", WAITS)], (1, ["/webhook/attempts/0"])),
        (
            [sent(answered=CUT), read("completed", {**LOST, "error_message": ""})],
            (1, ["/webhook/attempts/0"]),
        ),
        ([sent(answered=CUT), sent(2)], (1, [])),
        ([sent(answered=CUT)], (0, [])),
        ([sent(answered=NO), read("completed", WAITS)], (0, [])),
    ],
)
def test_no_answer_is_a_failed_attempt(steps: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-RETRY-03", HOOK, *steps) == expected


NOWHERE = created({"url": "https://nobody.invalid/hook"})
CLOSED = edge("webhook_receiver_closed", path="/hook")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([NOWHERE, read("completed", LOST)], (1, [])),
        ([NOWHERE, read("completed", attempt())], (1, ["/webhook/attempts/0"])),
        ([CLOSED, HOOK, read("completed", LOST)], (1, [])),
        ([CLOSED, HOOK, read("completed"), MINUTE, read("completed")], (1, [""])),
        ([CLOSED, HOOK, read("completed"), read("completed")], (0, [])),
        ([HOOK, read("completed", LOST)], (0, [])),
    ],
)
def test_a_receiver_out_of_reach_is_a_failed_attempt(steps: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-RETRY-04", *steps) == expected


def due(number: int, at: str) -> dict[str, Any]:
    return attempt(number, "scheduled_retry", next_retry_at=f"2026-07-09T{at}Z")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([MINUTE, read("completed", WAITS)], (1, 0)),
        ([MINUTE, read("completed", due(1, "09:00:30.000"))], (1, 1)),
        ([MINUTE, read("completed", due(1, "09:01:40.000"))], (1, 0)),
        ([MINUTE, sent(answered=NO), read("completed", due(1, "09:01:40.000"))], (1, 1)),
        ([MINUTE, read("completed", due(2, "09:06:00.300"))], (1, 0)),
        ([MINUTE, read("completed", due(3, "09:11:00.000"))], (1, 1)),
        ([MINUTE, read("completed", attempt())], (0, 0)),
        ([read("completed", due(1, "09:00:30.000"))], (0, 0)),
        (
            [edge("webhook_retry_waits", seconds=[30]), read("completed", due(1, "09:00:30.000"))],
            (1, 0),
        ),
        ([edge("webhook_retry_waits", seconds=[30]), read("completed", WAITS)], (1, 0)),
        ([edge("webhook_retry_waits", seconds=[300]), read("completed", WAITS)], (1, 1)),
    ],
)
def test_the_waits_are_those_of_the_contract(steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-RETRY-06", HOOK, *steps)
    assert (judged, len(broken)) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([sent(answered=NO), read("completed", WAITS)], (1, [])),
        ([sent(answered=CUT), read("completed", LOST)], (1, [])),
        ([sent(4, NO), read("completed", GONE)], (1, [])),
        (
            [sent(answered=NO), read("completed", attempt(1, "failed_permanently"))],
            (1, ["/webhook/attempts/0"]),
        ),
        (
            [sent(answered=NO), read("completed", {**WAITS, "next_retry_at": None})],
            (1, ["/webhook/attempts/0"]),
        ),
        (
            [sent(4, NO), read("completed", {**GONE, "next_retry_at": "2026-07-09T10:00:00Z"})],
            (1, ["/webhook/attempts/0"]),
        ),
        ([sent(answered=NO), read("completed", at_ms=1_500)], (1, ["/webhook/attempts"])),
        ([sent(answered=NO), read("completed", at_ms=500)], (0, [])),
        ([sent(), read("completed", at_ms=1_500)], (0, [])),
    ],
)
def test_failed_attempts_are_on_record(steps: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-RETRY-16", HOOK, *steps) == expected


OTHER = {**WAITS, "delivery_key": "batch.progress:40", "next_retry_at": "2026-07-09T09:00:30Z"}


EVENT_WAITS = {**OTHER, "next_retry_at": "2026-07-09T09:06:00Z"}


def claimed(*attempts: Any) -> Any:
    """A read while the retry of the first attempt is under way."""
    state = webhook_state(*attempts)
    due = attempts[1]["next_retry_at"] if len(attempts) > 1 else None
    state["delivery"].update(pending_retries=len(attempts) - 1, next_retry_at=due)
    answer = batch("completed", webhook=state, next_webhook_retry_at=due)
    return exchange("GET", "/batches/batch_1", answer)


@pytest.mark.parametrize(
    ("step", "broken"),
    [
        (read("completed", OTHER, WAITS), 0),
        (read("completed", WAITS, attempt(2)), 0),
        (read("completed", WAITS, next_webhook_retry_at=None), 1),
        (read("completed", OTHER, WAITS, next_webhook_retry_at=WAITS["next_retry_at"]), 1),
        (read("completed", attempt(), next_webhook_retry_at=WAITS["next_retry_at"]), 1),
    ],
)
def test_the_next_retry_is_the_earliest(step: Any, broken: int, found: Any) -> None:
    judged, seen = found("HOOK-RETRY-17", step)
    assert (judged, len(seen)) == (1, broken)


def test_messages_tell_the_next_retry_too(found: Any) -> None:
    state = webhook_state(WAITS)
    fine = message_data("completed", webhook=state, next_webhook_retry_at=WAITS["next_retry_at"])
    bad = message_data("completed", webhook=state)
    place = "/data/next_webhook_retry_at"
    assert found("HOOK-RETRY-17", delivery(fine)) == (1, [])
    assert found("HOOK-RETRY-17", delivery(bad)) == (1, [place])
    assert found("HOOK-RETRY-17", stream(frame("job.snapshot", bad)))[0] == 1


def test_in_revision_b_a_poll_does_not_tell_the_times(found: Any) -> None:
    bare = read("completed", WAITS, next_webhook_retry_at=None, last_webhook_dispatched_at=None)
    for number in ("17", "19"):
        assert found(f"HOOK-RETRY-{number}", bare, profile="phaseo") == (0, [])
        assert len(found(f"HOOK-RETRY-{number}", bare)[1]) == 1


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([sent(answered=NO), sent(2), read("completed", WAITS, attempt(2), at_ms=1_500)], (1, 0)),
        ([sent(answered=NO), sent(2), read("completed", WAITS, at_ms=1_500)], (1, 1)),
        ([sent(answered=NO), sent(2), read("completed", WAITS, at_ms=500)], (0, 0)),
        ([sent(), read("completed", attempt(), at_ms=1_500)], (0, 0)),
        ([sent(answered=NO), sent(2, NO), read("completed", WAITS, at_ms=1_500)], (0, 0)),
    ],
)
def test_nothing_waits_after_the_retry(steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-RETRY-18", HOOK, *steps)
    assert (judged, len(broken)) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (read("completed", WAITS, attempt(2)), (1, 0)),
        (read("completed", WAITS), (1, 0)),
        (read("completed", WAITS, last_webhook_dispatched_at=None), (1, 1)),
        (
            read("completed", WAITS, attempt(2), last_webhook_dispatched_at=WAITS["tried_at"]),
            (1, 1),
        ),
        (read("completed"), (0, 0)),
    ],
)
def test_the_last_dispatch_is_the_last_attempt(step: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-RETRY-19", step)
    assert (judged, len(broken)) == expected


@pytest.mark.parametrize(
    ("preview", "broken"), [(None, 0), ("busy", 0), ("x" * 500, 0), ("x" * 501, 1), ("", 1), (7, 1)]
)
def test_a_preview_is_short(preview: Any, broken: int, found: Any) -> None:
    step = read("completed", {**WAITS, "response_body_preview": preview})
    assert found("HOOK-RETRY-20", step) == (
        1,
        ["/webhook/attempts/0/response_body_preview"] * broken,
    )
    assert found("HOOK-RETRY-20", read("completed", LOST)) == (0, [])


def told(at: str | None, *attempts: Any, total: int | None = None) -> Any:
    """A read with another time of dispatch, and perhaps more attempts than are shown."""
    state = webhook_state(*attempts)
    state["delivery"]["total_attempts"] = len(attempts) if total is None else total
    answer = batch("completed", webhook=state, last_webhook_dispatched_at=at)
    return exchange("GET", "/batches/batch_1", answer)


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        ([told("2026-07-09T09:00:00.007Z", attempt())], 0),
        ([told("2026-07-09T09:00:00Z", WAITS)], 0),
        ([told("2026-07-09T09:00:20Z", WAITS)], 0),
        ([told("2026-07-09T09:00:20Z", attempt())], 1),
        ([told("2026-07-09T08:59:00Z", attempt())], 1),
        ([told(None, attempt())], 1),
        ([sent(answered=NO), sent(2), told("2026-07-09T09:05:00Z", WAITS)], 0),
        ([sent(answered=NO), sent(2), told("2026-07-09T09:05:00Z", WAITS, total=2)], 1),
    ],
)
def test_the_time_of_dispatch_lies_within_an_attempt(steps: Any, broken: int, found: Any) -> None:
    _, seen = found("HOOK-RETRY-19", *steps)
    assert seen == ["/last_webhook_dispatched_at"] * broken


DUE = edge("clock_advanced", by_ms=61_000, gateway_now="2026-07-09T09:01:01Z")


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        ([DUE, read("completed", WAITS)], 0),
        ([DUE, claimed(WAITS)], 0),
        ([DUE, claimed(WAITS, EVENT_WAITS)], 0),
        ([claimed(WAITS)], 1),
        ([edge("clock_advanced", by_ms=9, gateway_now="2026-07-09T09:00:09Z"), claimed(WAITS)], 1),
    ],
)
def test_a_retry_under_way_waits_no_more(steps: Any, broken: int, found: Any) -> None:
    judged, seen = found("HOOK-RETRY-17", *steps)
    assert (judged, len(seen)) == (1, broken)


def test_states_that_are_none_are_left_alone(found: Any) -> None:
    for state in (7, {"delivery": 7}, {"attempts": [7, None]}, {"delivery": {}, "attempts": {}}):
        step = exchange("GET", "/batches/batch_1", batch("completed", webhook=state))
        for number in ("16", "18", "20"):
            assert found(f"HOOK-RETRY-{number}", HOOK, sent(answered=NO), step) == (0, [])
