"""Messages, alone and beside the REST body."""

from typing import Any

import pytest

from conformance.checks.billing.wshook import _KEYS
from conformance.json_text import dump
from conformance.testing import exchange
from conformance.transcript import Body, Delivery

FINAL = {
    **dict.fromkeys(_KEYS),
    "currency": "usd",
    "state": "settled",
    "billable": True,
    "charged": True,
    "charge_reason": "charged",
    "total_nanos": 400000,
    "billed_at": "2026-07-09T10:05:00Z",
}


def sent(status: str, lines: Any, billing: Any) -> Delivery:
    data = {"id": "batch_1", "status": status, "pricing_lines": lines, "billing": billing}
    return Delivery("POST", "/hook", (), Body(dump({"data": data}).encode()), at_ms=10)


@pytest.mark.parametrize(
    ("number", "bent", "pointer"),
    [
        ("03", {"total_nanos": 1}, "total_nanos"),
        ("04", {"currency": "eur"}, "currency"),
        ("05", {"charge_reason": "zero_cost"}, "charge_reason"),
        ("06", {"billable": False}, "billable"),
        ("07", {"state": "void"}, "state"),
        ("09", {"billed_at": "today"}, "billed_at"),
    ],
)
def test_a_member_that_is_wrong_is_found(
    number: str, bent: Any, pointer: str, found: Any, settled: Any, line: Any
) -> None:
    read = exchange("GET", "/batches/batch_1", settled())
    fine = found(f"BILL-WSHOOK-{number}", read, sent("completed", [line()], FINAL))
    assert (fine[0] > 0, fine[1]) == (True, [])
    bad = found(f"BILL-WSHOOK-{number}", read, sent("completed", [line()], {**FINAL, **bent}))
    assert bad[1] == [f"/data/billing/{pointer}"] or number == "09"
    assert number != "09" or bad[1] == ["/data/billing/billed_at"]


def test_lines_that_differ_from_rest_are_found(found: Any, settled: Any, line: Any) -> None:
    read = exchange("GET", "/batches/batch_1", settled())
    assert found("BILL-WSHOOK-02", read, sent("completed", [line()], FINAL)) == (1, [])
    assert found("BILL-WSHOOK-02", read, sent("completed", [], FINAL)) == (
        1,
        ["/data/pricing_lines"],
    )


def test_a_charge_before_the_end_is_found(found: Any) -> None:
    early = sent("in_progress", [], {"charged": True, "billable": False})
    assert found("BILL-WSHOOK-08", early) == (1, ["/data/billing"])


@pytest.mark.parametrize("billing", [None, [], "x", 7])
def test_a_final_message_without_a_bill_is_found(billing: Any, found: Any) -> None:
    message = sent("completed", [], billing)
    assert found("BILL-WSHOOK-01", message) == (1, ["/data/billing"])
    for number in range(2, 10):
        assert found(f"BILL-WSHOOK-0{number}", message)[1] == []


@pytest.mark.parametrize("line_sent", [7, None, [], "line_nanos", {"line_nanos": None}])
def test_a_line_of_any_kind_is_compared(line_sent: Any, found: Any, settled: Any) -> None:
    read = exchange("GET", "/batches/batch_1", settled())
    bad = found("BILL-WSHOOK-02", read, sent("completed", [line_sent], FINAL))
    assert bad == (1, ["/data/pricing_lines"])


def test_a_list_that_calls_an_unsettled_batch_billed_is_no_settlement(
    found: Any, settled: Any, line: Any
) -> None:
    unsettled = settled("completed", [], reason="missing_usage", charged=False, cost_nanos=1)
    listed = exchange("GET", "/batches", {"data": [unsettled]})
    for number in ("02", "03", "05"):
        assert found(f"BILL-WSHOOK-{number}", listed, sent("completed", [line()], FINAL)) == (0, [])
