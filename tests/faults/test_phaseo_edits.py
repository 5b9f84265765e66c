"""Rows that only phaseo has: their edits, over a settled batch as that profile shows it."""

import json

import pytest

from conformance.checks import judge
from conformance.edits import apply_to
from conformance.requirements import registry
from conformance.testing import batch, edge, exchange, transcript
from conformance.transcript import Body, Delivery

COST = {"cost_nanos": 400_000_000, "cost_usd": 0.4}
SETTLED = batch(
    "completed",
    request_counts={"total": 1, "completed": 1, "failed": 0},
    usage={
        "requests": 1,
        "input_tokens": 2,
        "output_tokens": 1,
        "total_tokens": 3,
        "currency": "USD",
        **COST,
    },
    billing={
        "billed": True,
        "charged": True,
        "reason": "charged:captured",
        "finalized_at": "2026-08-22T09:00:00.000Z",
        "pricing_breakdown": {
            "total_nanos": 400_000_000,
            "total_usd_str": "0.400000000",
            "total_cents": 40,
            "completed_requests": 1,
            "failed_requests": 0,
            "total_requests": 1,
        },
        **COST,
    },
)
LISTING = {"data": [{"custom_id": "a", **COST}], "has_more": False}
SHOWN = transcript(
    exchange("GET", "/batches/batch_1", SETTLED),
    exchange("GET", "/batches/batch_1/requests", LISTING, at_ms=10),
)


STATE = {
    "endpoint_id": "whe_1",
    "url": None,
    "events": [],
    "has_secret": True,
    "delivery": {},
    "attempts": [
        {
            "delivery_key": "batch.created",
            "attempt_number": 1,
            "status": "scheduled_retry",
            "response_status": 302,
        }
    ],
}
CALLED = {
    "id": "evt_1",
    "type": "batch.created",
    "delivery": {"key": "batch.created", "attempt": 1, "max_attempts": 4},
    "data": {"id": "batch_1", "kind": "batch"},
}
REFUSED = {"error": "validation_error", "reason": "batch_webhook_endpoint_not_found_or_inactive"}


def created(batch_id, sent, at_ms=0):
    answer = {**batch(), "id": batch_id, "webhook": STATE}
    request = {"input_file_id": "file-1", "endpoint": "/v1/responses", **sent}
    return exchange("POST", "/batches", answer, sent=request, at_ms=at_ms)


def table_refusal(name, reason):
    case = registry()[name].table[0]
    answer = {**REFUSED, "reason": reason}
    sent = {**case.request["body"], "input_file_id": "file-1"}
    return exchange("POST", "/batches", answer, status=400, sent=sent)


HOOKS = transcript(
    edge("webhook_receiver_plan", path="/hook", answers=[{"answer": 302, "location": "/other"}]),
    created("batch_1", {"webhook": {"endpoint_id": "whe_1"}}, 1),
    created("batch_2", {"webhook_endpoint_id": "whe_1"}, 2),
    Delivery(
        "POST",
        "/hook",
        (("x-phaseo-signature", "0" * 64),),
        Body(json.dumps(CALLED).encode()),
        at_ms=5,
        answered={"status": 302},
    ),
    exchange("GET", "/batches/batch_1", {**batch(), "webhook": STATE}, at_ms=10),
)


@pytest.mark.parametrize("name", ["HOOK-HEAD-13", "HOOK-RETRY-24", "HOOK-REG-35", "HOOK-REG-36"])
def test_an_edit_breaks_its_webhook_requirement(name):
    row = registry()[name]
    before, after = (judge([one], [row], "phaseo")[name] for one in (HOOKS, apply_to(row, HOOKS)))
    assert (before.judged > 0, before.broken) == (True, ())
    assert (bool(after.broken), after.crash) == (True, None)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("HOOK-REG-33", "batch_webhook_endpoint_required"), ("HOOK-REG-34", REFUSED["reason"])],
)
def test_an_edit_breaks_its_refusal(name, reason):
    row, shown = registry()[name], transcript(table_refusal(name, reason))
    before, after = (judge([one], [row], "phaseo")[name] for one in (shown, apply_to(row, shown)))
    assert (before.judged > 0, before.broken) == (True, ())
    assert (bool(after.broken), after.crash) == (True, None)


@pytest.mark.parametrize("name", ["BILL-SHAPE-09", "BILL-SHAPE-10", "BILL-SUM-04", "BILL-SUM-09"])
def test_an_edit_breaks_its_requirement_in_its_profile(name):
    row = registry()[name]
    before, after = (judge([one], [row], "phaseo")[name] for one in (SHOWN, apply_to(row, SHOWN)))
    assert (before.judged > 0, before.broken) == (True, ())
    assert (bool(after.broken), after.crash) == (True, None)
