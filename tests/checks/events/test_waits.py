from conformance.checks.events._records import SKEW_MS
from conformance.checks.events._waits import Waits, latest_ms, waiting
from conformance.event_views import messages
from conformance.testing import delivery, edge, frame, message_data, observed, stream
from conformance.testing_webhooks import attempt, read, webhook_state

FIRST = attempt(1, "scheduled_retry")
SOON = attempt(1, "scheduled_retry", "batch.progress:40", next_retry_at="2026-07-09T09:00:30.000Z")
NINE = 1783587600000
DUE = {"batch.completed": NINE + 60_000, "batch.progress:40": NINE + 30_000}


def test_the_waiting_keys_follow_from_the_attempts() -> None:
    delivered = [FIRST, attempt(2)]
    assert waiting(webhook_state(SOON, *delivered)) == Waits(
        {"batch.progress:40": NINE + 30_000}, {}
    )
    assert waiting(webhook_state(*delivered)) == Waits({}, {})
    assert waiting(webhook_state(*[FIRST] * 11)) is None
    assert waiting(webhook_state({**FIRST, "next_retry_at": "soon"})) is None


def test_a_retry_that_is_due_may_have_begun() -> None:
    state = webhook_state(SOON, FIRST)
    assert waiting(state, NINE) == Waits(DUE, {})
    waits = waiting(state, NINE + 30_000)
    assert waits == Waits({"batch.completed": NINE + 60_000}, {"batch.progress:40": NINE + 30_000})
    assert [count for count in (None, 0, 1, 2, 3) if waits.may_be(count)] == [1, 2]
    wanted = [None, NINE, NINE + 30_000, NINE + 60_000]
    assert [due for due in wanted if waits.may_be_next(due)] == wanted[2:]


def test_without_a_sure_wait_none_may_be_next() -> None:
    assert [Waits({}, DUE).may_be_next(due) for due in (None, NINE + 60_000, 7)] == [
        True, True, False,
    ]  # fmt: skip
    assert not Waits({"a": 5}, {"b": 9}).may_be_next(9)


def test_the_clock_is_read_at_the_place_of_a_view() -> None:
    told = message_data()
    seen = observed(
        edge("clock_advanced", by_ms=1, gateway_now="2026-07-09T09:00:00Z"),
        stream(frame("job.snapshot", told, 10), frame("job.updated", told, 40)),
        read("in_progress", at_ms=20),
        edge("clock_advanced", by_ms=60_000),
        delivery(told, at_ms=40),
    )
    read_ms = latest_ms(seen, seen.bodies[0])
    assert read_ms == NINE + 20 + SKEW_MS
    assert [latest_ms(seen, message) for message in messages(seen)] == [
        NINE + 10 + SKEW_MS, NINE + 60_040 + SKEW_MS, NINE + 60_040 + SKEW_MS,
    ]  # fmt: skip


def test_without_a_clock_nothing_is_known() -> None:
    seen = observed(read("in_progress"))
    assert latest_ms(seen, seen.bodies[0]) is None
