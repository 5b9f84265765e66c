from typing import Any

import pytest

from conformance.testing import batch, delivery, edge, message_data
from conformance.testing_webhooks import attempt, created, read, webhook_state

HOOK = created({"url": "https://hooks.example.com/hook"})
DONE = message_data("completed")
TICK = edge("scheduled_job_tick")
NO = {"status": 503}
WAITS = attempt(1, "scheduled_retry")
EARLY = {**WAITS, "next_retry_at": "2026-07-09T09:00:30.000Z"}
GONE = attempt(1, "failed_permanently")
STATED = edge("webhook_retry_waits", seconds=[60, 300, 900])


def passed(ms: int) -> Any:
    return edge("clock_advanced", by_ms=ms)


def sent(number: int = 1, answered: Any = None, at_ms: int = 0, **more: Any) -> Any:
    return delivery(DONE, attempt=number, answered=answered, at_ms=at_ms, **more)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([sent(), read("completed", attempt())], (1, 0)),
        ([sent(), read("completed", WAITS)], (1, 1)),
        ([sent(answered={"status": 299}), passed(61_000), sent(2)], (1, 1)),
        ([sent(), passed(361_000), TICK, read("completed")], (1, 0)),
        ([sent(), read("completed")], (0, 0)),
        ([sent(answered=NO), read("completed", WAITS)], (0, 0)),
    ],
)
def test_any_2xx_ends_the_event(steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-RETRY-01", HOOK, *steps)
    assert (judged, len(broken)) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([sent(answered={"status": 410}), passed(61_000), TICK, sent(2)], (1, 0)),
        ([sent(answered=NO), read("completed", GONE)], (1, 1)),
        ([sent(answered=NO), read("completed", attempt())], (1, 1)),
        ([sent(answered=NO), passed(70_000), TICK, read("completed", WAITS)], (1, 1)),
        ([sent(answered=NO), passed(30_000), TICK, read("completed", WAITS)], (0, 0)),
        ([sent(answered=NO), passed(70_000), TICK], (0, 0)),
        ([sent(answered=NO), read("completed", WAITS)], (0, 0)),
        ([sent(4, NO), passed(9_000_000), TICK, read("completed")], (0, 0)),
        ([sent(answered={"status": 302}), read("completed", GONE)], (0, 0)),
        ([sent(answered=NO), read("completed", WAITS, at_ms=430_000)], (1, 1)),
        ([sent(answered=NO), read("completed", WAITS, at_ms=410_000)], (0, 0)),
        ([sent(answered=NO), read("completed", at_ms=430_000)], (0, 0)),
        ([STATED, sent(answered=NO), read("completed", at_ms=430_000)], (1, 1)),
    ],
)
def test_any_other_answer_is_followed_by_a_retry(steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-RETRY-02", HOOK, *steps)
    assert (judged, len(broken)) == expected


def pair(ms: int, record: Any = WAITS, wall_ms: int = 0) -> list[Any]:
    """A failed attempt, its record, a move of the clock, the next attempt."""
    data = {**DONE, "webhook": webhook_state(record)}
    moves = [passed(ms)] if ms else []
    return [HOOK, sent(answered=NO), *moves, delivery(data, attempt=2, at_ms=wall_ms)]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (pair(60_000), (1, 0)),
        (pair(30_000), (1, 1)),
        (pair(30_000, EARLY), (1, 0)),
        (pair(0, WAITS, 60_500), (1, 0)),
        (pair(0, WAITS, 5_000), (1, 1)),
        ([HOOK, sent(answered=NO), sent(2)], (0, 0)),
    ],
)
def test_no_attempt_is_early(steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-RETRY-07", *steps)
    assert (judged, len(broken)) == expected


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        (pair(0, WAITS, 360_000), 0),
        (pair(0, WAITS, 500_000), 1),
        (pair(3_600_000, WAITS, 10), 0),
    ],
)
def test_a_due_retry_comes_with_the_next_sweep(steps: Any, broken: int, found: Any) -> None:
    judged, seen = found("HOOK-RETRY-08", *steps)
    assert (judged, len(seen)) == (1, broken)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([sent(answered=NO), sent(2)], (1, 0)),
        ([sent(answered=NO), sent(2, key="batch.completed:2")], (1, 1)),
        ([sent(answered=NO), delivery(DONE, "job.completed", key="batch.completed")], (1, 1)),
        ([sent(), delivery(message_data(), "batch.created")], (0, 0)),
    ],
)
def test_attempts_share_key_and_type(steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-RETRY-10", HOOK, *steps)
    assert (judged, len(broken)) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([HOOK, sent(1), sent(2), sent(3)], (3, 0)),
        ([HOOK, sent(1), sent(1)], (2, 1)),
        ([HOOK, sent(1), sent(3)], (2, 1)),
        ([HOOK, sent(2)], (1, 1)),
        ([HOOK, sent(2), read("completed", WAITS, attempt(2))], (1, 0)),
        ([sent(2), sent(3)], (1, 0)),
        ([HOOK, sent(10**12)], (1, 1)),
    ],
)
def test_attempts_are_counted_one_by_one(steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-RETRY-11", *steps)
    assert (judged, len(broken)) == expected


def test_attempts_stay_within_their_most(found: Any) -> None:
    assert found("HOOK-RETRY-12", sent(1), sent(4)) == (2, [])
    assert found("HOOK-RETRY-12", sent(5)) == (1, ["/delivery/max_attempts"])
    other = sent(2)
    bent = other.body.content.replace(b'"max_attempts":4', b'"max_attempts":9')
    changed = type(other)("POST", "/hook", other.headers, type(other.body)(bent))
    assert found("HOOK-RETRY-12", sent(1), changed) == (2, ["/delivery/max_attempts"])


@pytest.mark.parametrize(
    ("number", "steps", "expected"),
    [
        ("13", [sent(), read("completed")], (1, 0)),
        ("13", [sent(), TICK], (1, 0)),
        ("13", [sent(), sent()], (1, 1)),
        ("13", [sent()], (0, 0)),
        ("13", [sent(answered=NO), sent(2)], (0, 0)),
        ("14", [sent(4, NO), read("completed")], (1, 0)),
        ("14", [sent(4, NO), sent(5, NO)], (1, 1)),
        ("14", [sent(1, NO), sent(2, NO), read("completed", GONE)], (1, 1)),
        ("14", [sent(1, NO), sent(2, NO)], (0, 0)),
        ("14", [sent(4), sent(5, NO)], (0, 0)),
    ],
)
def test_what_is_over_is_not_sent_again(number: str, steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found(f"HOOK-RETRY-{number}", HOOK, *steps)
    assert (judged, len(broken)) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([sent(answered=NO), read("completed", WAITS)], (1, 0)),
        ([sent(answered=NO), read("completed", WAITS), sent(2)], (1, 1)),
        ([sent(answered=NO), read("completed", WAITS), passed(60_000), sent(2)], (1, 0)),
        ([sent(answered=NO), passed(61_000), read("completed", WAITS), sent(2)], (0, 0)),
        ([sent(answered=NO), read("completed")], (0, 0)),
    ],
)
def test_polling_does_not_hasten_a_retry(steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-RETRY-15", HOOK, *steps)
    assert (judged, len(broken)) == expected


EVENTS = ["job.progress", "job.completed"]
BOTH = created(
    {"url": "https://hooks.example.com/hook", "events": EVENTS},
    batch(webhook=webhook_state(events=EVENTS)),
)


def progress(number: int = 1, status: str = "in_progress", answered: Any = NO) -> Any:
    data = message_data(status)
    return delivery(
        data, "batch.progress", key="batch.progress:40", attempt=number, answered=answered
    )


END = read("completed")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([progress(), END, sent()], (1, 0)),
        ([progress(), END, passed(61_000), progress(2), sent()], (1, 1)),
        ([progress(), END, passed(61_000), END], (1, 1)),
        ([progress(), END], (0, 0)),
        ([progress(answered=None), END, sent()], (0, 0)),
        ([progress(), progress(2), END, sent()], (1, 0)),
    ],
)
def test_a_failing_event_holds_up_no_other(steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-RETRY-21", BOTH, *steps)
    assert (judged, len(broken)) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([progress(), END, passed(60_000), progress(2, "completed")], (1, [])),
        ([progress(), END, passed(60_000), progress(2)], (1, ["/data/status"])),
        ([progress(), END, progress(2)], (0, [])),
        ([progress(), passed(60_000), progress(2)], (0, [])),
    ],
)
def test_a_retry_carries_the_job_as_it_is(steps: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-RETRY-22", BOTH, *steps) == expected
