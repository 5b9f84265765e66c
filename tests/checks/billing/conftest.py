"""A settled body to be bent."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.json_text import dump, parse
from conformance.testing import batch, exchange

LINE = {
    "dimension": "input_text_tokens",
    "quantity": 400,
    "billable_units": 400,
    "unit_size": 1,
    "unit_price_usd": "0.000001000",
    "line_cost_usd": "0.000400000",
    "line_nanos": 400000,
    "pricing_plan": "batch",
    "service_tier": "batch",
}
COMPACT = {
    "billed": True,
    "charged": True,
    "reason": "charged",
    "cost_nanos": 400000,
    "cost_usd": 0.0004,
    "finalized_at": "2026-07-09T10:05:00.000Z",
    "pricing_breakdown": {
        "total_nanos": 400000,
        "total_usd_str": "0.000400000",
        "total_cents": 0,
        "completed_requests": 2,
        "failed_requests": 0,
        "total_requests": 2,
    },
}


@pytest.fixture
def settled() -> Any:
    """Makes the body of a charged batch: members of the block by name, lines and status apart."""

    def make(status: str = "completed", lines: Any = None, **members: Any) -> dict[str, Any]:
        lines = [LINE] if lines is None else lines
        body = batch(status, pricing_lines=lines, billing={**COMPACT, **members})
        return dict(parse(dump(body)))

    return make


@pytest.fixture
def read(found: Callable[..., Any], settled: Any) -> Any:
    """Judges a settled body that was bent, as a GET shows it."""

    def look(requirement: str, *args: Any, profile: str = "ai-stats", **members: Any) -> Any:
        body = settled(*args, **members)
        return found(requirement, exchange("GET", "/batches/batch_1", body), profile=profile)

    return look


@pytest.fixture
def line() -> Any:
    """Makes a pricing line with some members changed."""
    return lambda **members: {**LINE, **members}
