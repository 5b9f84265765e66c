"""Rows that only phaseo has: their edits, over a settled batch as that profile shows it."""

import pytest

from conformance.checks import judge
from conformance.edits import apply_to
from conformance.requirements import registry
from conformance.testing import batch, exchange, transcript

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


@pytest.mark.parametrize("name", ["BILL-SHAPE-09", "BILL-SHAPE-10", "BILL-SUM-04", "BILL-SUM-09"])
def test_an_edit_breaks_its_requirement_in_its_profile(name):
    row = registry()[name]
    before, after = (judge([one], [row], "phaseo")[name] for one in (SHOWN, apply_to(row, SHOWN)))
    assert (before.judged > 0, before.broken) == (True, ())
    assert (bool(after.broken), after.crash) == (True, None)
