"""Print how fast bills are judged: one long bill, and that the time grows with its lines."""

import statistics
import time
from typing import Any

from conformance.checks import judge_observed
from conformance.requirements import Requirement, registry
from conformance.testing import batch, exchange, transcript
from conformance.transcript import Transcript
from conformance.verdicts import Judgement
from conformance.views import Observed

LINE = {
    "quantity": 400,
    "billable_units": 400,
    "unit_size": 1,
    "unit_price_usd": "0.000001000",
    "line_cost_usd": "0.000400000",
    "line_nanos": 400_000,
    "pricing_plan": "batch",
    "service_tier": "batch",
}


def bill(lines: int) -> dict[str, Any]:
    """A completed batch with the long block of 21 keys and so many metered lines."""
    nanos = lines * 400_000
    dollars, digits = divmod(nanos, 10**9)
    cents = f"{(nanos + 5_000_000) // 10_000_000 / 100:.2f}"
    costs = ("estimated_provider", "estimated_user", "settled_provider", "settled_user")
    unsampled = ("estimation_truncated", "estimation_sample_size", "estimation_total_rows")
    block = {
        "billed": True,
        "charged": True,
        "reason": "charged:captured",
        "currency": "usd",
        "state": "settled",
        "reservation_id": "batch_hold:G-01JZQ4T9W6M3X8E2B7K5N1RCDV",
        "reservation_status": "captured",
        **{f"{name}_cost": cents for name in costs},
        **dict.fromkeys(("estimated_nanos", "reserved_nanos", "total_nanos", "cost_nanos"), nanos),
        **dict.fromkeys(unsampled),
        "cost_usd": nanos / 10**9,
        "finalized_at": "2026-07-09T10:05:00.000Z",
        "pricing_breakdown": {
            "total_nanos": nanos,
            "total_usd_str": f"{dollars}.{digits:09d}",
            "total_cents": nanos // 10_000_000,
            "completed_requests": 2,
            "failed_requests": 0,
            "total_requests": 2,
        },
    }
    metered = [{"dimension": f"meter_{number}", **LINE} for number in range(lines)]
    return batch("completed", pricing_lines=metered, billing=block)


def timed(shown: Transcript, rows: list[Requirement]) -> tuple[float, dict[str, Judgement]]:
    """Seconds for all checks over one body that is read already, and what they say."""
    observed = Observed(shown)
    began = time.perf_counter()
    found = judge_observed(observed, rows, "ai-stats")
    return time.perf_counter() - began, found


def main() -> None:
    rows = [row for row in registry().masters("ai-stats") if row.family == "billing"]
    print(f"{len(rows)} billing rows over one conforming body, the long block of 21 keys")
    for lines, times in ((1, 2000), (3, 2000), (1000, 10), (10_000, 5)):
        shown = transcript(exchange("GET", "/batches/batch_1", bill(lines)))
        _, found = timed(shown, rows)
        broken = [name for name, one in found.items() if one.broken or one.crash]
        spent = [timed(shown, rows)[0] * 1000 for _ in range(times)]
        judged = sum(one.judged for one in found.values())
        print(
            f"{lines:>6} lines: {judged:>7} judgements, broken {broken or 'none'},"
            f" median {statistics.median(spent):.3f} ms, best {min(spent):.3f} ms"
        )


if __name__ == "__main__":
    main()
