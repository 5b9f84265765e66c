"""Stability: two reads of one batch."""

from typing import Any

import pytest

from conformance.testing import batch, exchange


def reads(*bodies: Any) -> list[Any]:
    return [exchange("GET", "/batches/batch_1", one, at_ms=at) for at, one in enumerate(bodies)]


@pytest.mark.parametrize(
    ("requirement", "bent", "broken"),
    [
        ("BILL-STABLE-01", {"billed": False}, ["/billing/billed"]),
        ("BILL-STABLE-02", {"cost_nanos": 1}, ["/billing/cost_nanos"]),
        ("BILL-STABLE-04", {"charged": False}, ["/billing/charged"]),
        ("BILL-STABLE-04", {"charged": False, "reason": "already_billed"}, []),
        ("BILL-STABLE-05", {"reason": "zero_cost"}, ["/billing/reason"]),
        ("BILL-STABLE-05", {"finalized_at": "2020-01-01T00:00:00Z"}, ["/billing/finalized_at"]),
        ("BILL-STABLE-06", {"reason": "already_billed"}, ["/billing/reason"]),
    ],
)
def test_a_later_read_that_differs_is_found(
    requirement: str, bent: Any, broken: list[str], found: Any, settled: Any
) -> None:
    assert found(requirement, *reads(settled(), settled()))[1] == []
    assert found(requirement, *reads(settled(), settled(**bent)))[1] == broken


def test_the_order_of_lines_is_free(found: Any, settled: Any, line: Any) -> None:
    other = line(dimension="requests")
    one, two = settled("completed", [line(), other]), settled("completed", [other, line()])
    assert found("BILL-STABLE-03", *reads(one, two)) == (1, [])
    less = settled("completed", [other])
    assert found("BILL-STABLE-03", *reads(one, less)) == (1, ["/pricing_lines"])


def test_an_unsettled_bill_may_still_change(found: Any, settled: Any) -> None:
    first = settled(reason="missing_usage")
    for number in range(1, 7):
        assert found(f"BILL-STABLE-0{number}", *reads(first, settled())) == (0, [])


def test_a_bill_that_is_gone_is_found_once(found: Any, settled: Any) -> None:
    steps = reads(settled(), batch("completed"))
    assert found("BILL-STABLE-01", *steps) == (1, ["/billing"])
    assert found("BILL-STABLE-02", *steps) == (0, [])


def test_members_that_the_contract_does_not_name_may_change(
    found: Any, settled: Any, line: Any
) -> None:
    sums = settled()["billing"]["pricing_breakdown"]
    one, two = (
        settled("completed", [line(trace=n)], pricing_breakdown={**sums, "took_ms": n})
        for n in (1, 2)
    )
    assert found("BILL-STABLE-02", *reads(one, two)) == (3, [])
    assert found("BILL-STABLE-03", *reads(one, two)) == (1, [])
    less = settled(pricing_breakdown={**sums, "total_cents": 1})
    gone = settled(pricing_breakdown=None)
    for other in (less, gone):
        broken = found("BILL-STABLE-02", *reads(one, other))[1]
        assert broken == ["/billing/pricing_breakdown"]


def test_a_stale_view_may_follow(found: Any, settled: Any) -> None:
    stale = {"charged": False, "reason": "stale_terminal_status"}
    for row in ("BILL-STABLE-04", "BILL-STABLE-05"):
        assert found(row, *reads(settled(), settled(**stale)))[1] == []
    uncharged = settled(charged=False)
    charged = settled(reason="stale_terminal_status")
    assert found("BILL-STABLE-04", *reads(uncharged, charged))[1] == ["/billing/charged"]
