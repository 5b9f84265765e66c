import base64
from typing import Any
from urllib.parse import quote

import pytest

from conformance.json_text import ABSENT
from conformance.testing import (
    batch,
    closed,
    delivery,
    edge,
    exchange,
    frame,
    message_data,
    stream,
)
from conformance.testing_webhooks import attempt, created, read, webhook_state

URL = "https://hooks.example.com/hook"
SECRET = "whsec_äö/ü+1"
HOOK = created({"url": URL, "secret": SECRET})


def said(text: str) -> Any:
    return exchange("GET", "/batches/batch_1", batch(note=text))


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"it is {SECRET}!",
        base64.b64encode(SECRET.encode()).decode(),
        SECRET.encode().hex(),
        quote(SECRET, safe=""),
    ],
)
def test_a_secret_is_found_in_any_spelling(text: str, found: Any) -> None:
    assert found("HOOK-REG-22", HOOK, said(text)) == (1, [""])
    assert found("HOOK-REG-22", HOOK, said("nothing")) == (1, [])


def test_a_secret_is_found_on_every_channel(found: Any) -> None:
    leak = message_data(note=SECRET)
    assert found("HOOK-REG-22", HOOK, delivery(leak)) == (1, [""])
    opened = stream(frame("job.snapshot", leak), close=closed())
    assert found("HOOK-REG-22", HOOK, opened) == (1, ["/frames/0"])
    headers = (("x-debug", SECRET),)
    assert found("HOOK-REG-22", HOOK, exchange("GET", "/batches", {}, headers=headers)) == (1, [""])
    refused = exchange("POST", "/batches", {"error": SECRET}, status=400)
    assert found("HOOK-REG-22", HOOK, refused) == (1, [""])


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("{{webhook:1}}", 1),
        ("{{webhook:1:secret-part}}", 1),
        ("{{webhook:10}}", 0),
        ("{{key:a}}", 0),
    ],
)
def test_a_marker_is_looked_for_where_the_secret_is_hidden(
    text: str, broken: int, found: Any
) -> None:
    hook = created({"url": URL, "secret": "{{webhook:1}}"})
    judged, seen = found("HOOK-REG-22", hook, said(text))
    assert (judged, len(seen)) == (1, broken)


def test_secrets_that_chance_would_find_are_not_looked_for(found: Any) -> None:
    for secret in ("k", "  ", None, 7):
        hook = created({"url": URL, "secret": secret})
        assert found("HOOK-REG-22", hook, said("kkk")) == (0, [])


def made(secret: Any, *, has_secret: Any) -> Any:
    state = webhook_state(has_secret=has_secret)
    return created({"url": URL, "secret": secret}, batch(webhook=state))


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (made("whsec_1", has_secret=True), (1, 0)),
        (made("whsec_1", has_secret=False), (1, 1)),
        (made(None, has_secret=False), (1, 0)),
        (made("  ", has_secret=False), (1, 0)),
        (made("  ", has_secret=True), (1, 1)),
        (made("whsec_1", has_secret="yes"), (1, 1)),
        (made(7, has_secret=True), (0, 0)),
    ],
)
def test_has_secret_tells_of_signing(step: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-REG-23", step)
    assert (judged, len(broken)) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([created({"url": URL}), read("in_progress")], (2, 0)),
        ([created({"url": URL}), read("in_progress", attempt())], (2, 1)),
        ([created({"url": URL}), read("completed", attempt())], (1, 0)),
        ([created({"url": URL, "events": ["created"]}), read("in_progress", attempt())], (0, 0)),
        ([read("in_progress", attempt())], (0, 0)),
    ],
)
def test_the_state_is_empty_before_the_first_attempt(steps: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-REG-26", *steps)
    assert (judged, len(broken)) == expected


def bent(*attempts: Any, **members: Any) -> Any:
    """A read with other members of `webhook.delivery`, or without them."""
    state = webhook_state(*attempts)
    counters = {**state["delivery"], **members}
    state["delivery"] = {name: one for name, one in counters.items() if one is not ABSENT}
    return exchange("GET", "/batches/batch_1", batch("completed", webhook=state))


@pytest.mark.parametrize(
    "members",
    [{"total_attempts": None}, {"pending_retries": 1}, {"last_attempt_at": "x"}],
)
def test_every_counter_counts_before_the_first_attempt(members: Any, found: Any) -> None:
    state = webhook_state()
    state["delivery"] = {**state["delivery"], **members}
    hook = created({"url": URL}, batch(webhook=state))
    assert found("HOOK-REG-26", hook) == (1, ["/webhook/delivery"])


FAILED = [attempt(n, "scheduled_retry") for n in (1, 2, 3)]
MANY = [attempt(1, "scheduled_retry", f"batch.progress:{10 * n}") for n in range(1, 10)]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (read("completed", *FAILED), (2, 0)),
        (read("completed", *MANY, *FAILED), (2, 0)),
        (read("completed", *reversed(FAILED)), (2, 1)),
        (bent(*FAILED, total_attempts=4), (2, 1)),
        (bent(*MANY, FAILED[0], total_attempts=51), (2, 1)),
        (bent(*FAILED, total_attempts=ABSENT), (2, 1)),
        (bent(*FAILED, total_attempts="2"), (2, 1)),
        (read("completed"), (0, 0)),
    ],
)
def test_the_last_ten_attempts_are_shown(step: Any, expected: Any, found: Any) -> None:
    judged, broken = found("HOOK-REG-27", step)
    assert (judged, len(broken)) == expected


DONE = [attempt(1, "delivered", "batch.progress:40"), attempt()]


@pytest.mark.parametrize(
    ("keys", "broken"),
    [
        (["batch.completed", "batch.progress:40"], 0),
        (["batch.completed", "batch.created", "batch.progress:40"], 0),
        (["batch.progress:40", "batch.completed"], 1),
        (["batch.completed", "batch.completed", "batch.progress:40"], 1),
        (["batch.completed", "batch.progress"], 1),
        (["batch.completed", "job.completed", "batch.progress:40"], 1),
        (["batch.completed"], 1),
        ([{}, 7], 1),
    ],
)
def test_delivered_keys_are_listed_once_and_sorted(keys: Any, broken: int, found: Any) -> None:
    judged, seen = found("HOOK-REG-28", bent(*DONE, delivered_event_types=keys))
    assert (judged, len(seen)) == (1, broken)
    assert found("HOOK-REG-28", read("completed", FAILED[0])) == (0, [])


@pytest.mark.parametrize(
    ("attempts", "keys", "broken"),
    [
        (DONE, ABSENT, 1),
        (DONE, None, 1),
        (FAILED, ["batch.completed"], 1),
        ([FAILED[0], attempt(2)], ["batch.completed"], 0),
        ([*MANY, *FAILED], ["batch.completed", "batch.progress:40"], 0),
    ],
)
def test_what_was_delivered_is_listed_and_nothing_else(
    attempts: Any, keys: Any, broken: int, found: Any
) -> None:
    judged, seen = found("HOOK-REG-28", bent(*attempts, delivered_event_types=keys))
    assert (judged, len(seen)) == (1, broken)


PENDING = "/webhook/delivery/pending_retries"


@pytest.mark.parametrize(
    ("step", "broken"),
    [
        (read("completed", *DONE, FAILED[0]), []),
        (bent(*DONE, delivered_events=1), ["delivered_events"]),
        (bent(*DONE, delivered_events=True), ["delivered_events"]),
        (bent(FAILED[0], pending_retries=0), ["pending_retries"]),
        (bent(attempt(4, "failed_permanently"), pending_retries=1), ["pending_retries"]),
        (bent(*FAILED, pending_retries=3), ["pending_retries"]),
    ],
)
def test_counters_count(step: Any, broken: Any, found: Any) -> None:
    expected = (2, [f"/webhook/delivery/{name}" for name in broken])
    assert found("HOOK-REG-29", step) == expected


def test_a_retry_that_is_due_may_wait_or_be_under_way(found: Any) -> None:
    late = edge("clock_advanced", by_ms=70_000, gateway_now="2026-07-09T09:01:10Z")
    for pending, broken in ((0, []), (1, []), (2, [PENDING])):
        assert found("HOOK-REG-29", late, bent(FAILED[0], pending_retries=pending)) == (2, broken)
    soon = edge("clock_advanced", by_ms=10_000, gateway_now="2026-07-09T09:00:10Z")
    assert found("HOOK-REG-29", soon, bent(FAILED[0], pending_retries=0)) == (2, [PENDING])


def test_a_counter_that_is_not_there_counts_nothing(found: Any) -> None:
    assert found("HOOK-REG-29", bent(FAILED[0], pending_retries=ABSENT)) == (2, [PENDING])


def test_waits_are_not_counted_where_not_all_attempts_are_shown(found: Any) -> None:
    crowded = bent(*MANY, *FAILED, pending_retries=99)
    assert found("HOOK-REG-29", crowded) == (1, [])
