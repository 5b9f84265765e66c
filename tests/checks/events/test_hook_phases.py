from typing import Any

import pytest

from conformance.testing import batch, delivery, edge, exchange, message_data
from conformance.testing_webhooks import created, webhook_state

URL = "https://hooks.example.com/hook"
PLAN = edge("webhook_receiver_plan", path="/hook", answers=[200])
LATER = edge("clock_advanced", by_ms=60_000)
BROKEN = edge("database_next_call_fails", operation="settle")


def hook(*events: str, status: str = "validating") -> Any:
    webhook = {"url": URL, "events": list(events)} if events else {"url": URL}
    shown = {"events": list(events)} if events else {}
    return created(webhook, batch(status, webhook=webhook_state(**shown)))


def read(status: str) -> Any:
    return exchange("GET", "/batches/batch_1", batch(status))


def told(phase: str, status: str | None = None) -> Any:
    return delivery(message_data(status or phase), f"batch.{phase}")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([hook("batch.failed"), told("failed")], (1, [])),
        ([hook("batch.failed"), told("completed")], (1, ["/type"])),
        ([hook("job.completed"), told("completed")], (1, [])),
        ([hook(), told("created", "pending")], (1, ["/type"])),
        ([hook("video.completed", "batch.failed"), told("completed")], (1, ["/type"])),
        ([PLAN, hook("batch.failed"), read("completed")], (1, [])),
        ([hook("batch.failed"), read("completed")], (0, [])),
        ([told("completed")], (0, [])),
        ([hook("job.completed"), told("finalizing", "in_progress")], (1, ["/type"])),
        ([hook("job.completed"), told("status_changed", "in_progress")], (1, ["/type"])),
        ([hook("job.cancelled"), told("canceled", "cancelled")], (1, [])),
        ([hook("job.completed"), delivery(message_data(), "job.failed")], (0, [])),
    ],
)
def test_only_subscribed_phases_are_sent(steps: Any, expected: Any, found: Any) -> None:
    assert found("HOOK-BODY-15", *steps) == expected


def test_a_change_of_status_is_told_by_default_in_phaseo(found: Any) -> None:
    steps = (hook(), told("status_changed", "in_progress"))
    assert found("HOOK-BODY-15", *steps, profile="phaseo") == (0, [])


CREATED = hook("job.created")
CANCEL = exchange("POST", "/batches/batch_1/cancel", batch("cancelling"))


@pytest.mark.parametrize(
    ("number", "steps", "phase"),
    [
        ("BODY-16", [CREATED], "created"),
        ("BODY-17", [hook(), CANCEL, read("cancelled")], "cancelled"),
        ("BODY-18", [hook("batch.expired"), read("expired")], "expired"),
        ("ORDER-02", [hook(), read("completed")], "completed"),
        ("ORDER-08", [hook("job.failed", status="failed")], "failed"),
        ("ORDER-09", [hook(), BROKEN, read("completed")], "completed"),
    ],
)
def test_an_event_comes_or_is_missed(number: str, steps: Any, phase: str, found: Any) -> None:
    requirement = f"HOOK-{number}"
    status = "pending" if phase == "created" else phase
    assert found(requirement, *steps, told(phase, status)) == (1, [])
    assert found(requirement, PLAN, *steps, LATER, read("in_progress")) == (1, [""])
    assert found(requirement, PLAN, *steps, read("in_progress")) == (0, [])
    assert found(requirement, *steps, LATER, read("in_progress")) == (0, [])


@pytest.mark.parametrize(
    ("number", "steps"),
    [
        ("BODY-16", [hook()]),
        ("BODY-17", [hook(), read("cancelled")]),
        ("BODY-17", [hook(), BROKEN, CANCEL, read("cancelled")]),
        ("BODY-18", [hook("job.failed"), read("expired")]),
        ("ORDER-02", [hook("job.failed"), read("completed")]),
        ("ORDER-02", [hook(), read("in_progress")]),
        ("ORDER-02", [hook("job.failed", status="failed")]),
        ("ORDER-02", [hook(), BROKEN, read("completed")]),
        ("ORDER-08", [hook(), read("completed")]),
        ("ORDER-09", [hook(), read("completed")]),
    ],
)
def test_other_batches_are_not_waited_for(number: str, steps: Any, found: Any) -> None:
    assert found(f"HOOK-{number}", PLAN, *steps, LATER, exchange("GET", "/batches", {})) == (0, [])


def test_an_expired_batch_gets_no_event_of_another_end(found: Any) -> None:
    steps = [hook(), read("expired"), told("failed", "expired")]
    assert found("HOOK-BODY-18", *steps) == (1, ["/type"])


def test_revision_b_may_tell_of_an_expiry_as_a_failure(found: Any) -> None:
    steps = [PLAN, hook(), read("expired"), told("failed", "expired"), LATER, read("expired")]
    assert found("HOOK-ORDER-02", *steps, profile="phaseo") == (1, [])
    assert found("HOOK-ORDER-02", *steps) == (1, [""])


def test_failures_that_settlement_runs_into_are_told_apart(found: Any) -> None:
    content = edge("provider_next_error", match="content", status=500)
    gone = edge("stored_batch_deleted", batch="batch_1")
    for scripted in (content, gone):
        steps = [PLAN, hook(), scripted, read("completed"), LATER, read("completed")]
        assert found("HOOK-ORDER-02", *steps) == (0, [])
        assert found("HOOK-ORDER-09", *steps) == (1, [""])
