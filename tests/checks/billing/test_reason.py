"""Reasons beside the rest of the body."""

from typing import Any

import pytest

from conformance.testing import exchange

FREE = {"charged": False, "cost_nanos": 0, "reason": "zero_cost"}


def test_a_paid_reason_needs_both_flags_and_a_cost(read: Any) -> None:
    assert read("BILL-REASON-03") == (3, [])
    found = read("BILL-REASON-03", billed=False, charged=False, cost_nanos=0)
    assert found == (3, ["/billing/billed", "/billing/charged", "/billing/cost_nanos"])


def test_a_free_reason_needs_a_free_bill_of_a_completed_batch(read: Any) -> None:
    assert read("BILL-REASON-04", "completed", [], **FREE) == (5, [])
    found = read("BILL-REASON-04", "failed", **{**FREE, "charged": True})
    assert found == (5, ["/status", "/billing/charged", "/pricing_lines/0"])


def test_a_void_reason_names_the_end(read: Any) -> None:
    void = {**FREE, "reason": "expired"}
    assert read("BILL-REASON-05", "expired", [], **void) == (5, [])
    assert read("BILL-REASON-05", "failed", [], **void) == (5, ["/status"])


@pytest.mark.parametrize("reason", ["charged_partial_success", "partial_success_zero_cost"])
def test_a_partial_success_needs_a_failed_row(reason: str, read: Any) -> None:
    assert read("BILL-REASON-10", reason=reason) == (1, ["/billing/reason"])
    assert read("BILL-REASON-10") == (1, [])


def test_a_void_is_no_end_of_a_batch_with_rows_of_both_kinds(settled: Any, found: Any) -> None:
    bill = {"charged": False, "reason": "cancelled", "cost_nanos": 0}
    body = settled("cancelled", lines=[], **bill)
    for counts, broken in (((1, 1), ["/billing/reason"]), ((2, 0), []), ((0, 2), [])):
        body["request_counts"] = {"total": 2, "completed": counts[0], "failed": counts[1]}
        step = exchange("GET", "/batches/batch_1", body)
        assert found("BILL-REASON-10", step)[1] == broken


@pytest.mark.parametrize("reason", [None, 7, True, "", [], {}, "charged\n", "x" * 9999])
def test_a_reason_of_no_family_is_not_judged_by_it(reason: Any, read: Any) -> None:
    for number in ("03", "04", "05", "10", "11"):
        assert read(f"BILL-REASON-{number}", reason=reason) == (0, [])


def test_the_grammar_is_the_profile_s(read: Any) -> None:
    assert read("BILL-REASON-02", reason="charged:already_captured")[1] == ["/billing/reason"]
    found = read("BILL-REASON-02", reason="charged:already_captured", profile="phaseo")
    assert found == (1, [])


@pytest.mark.parametrize(
    ("billed", "broken"), [(False, ["/status", "/billing/billed"]), (True, [])]
)
def test_a_free_reason_before_the_end_is_found_once(
    billed: Any, broken: list[str], read: Any
) -> None:
    free = {"reason": "zero_cost", "charged": False, "cost_nanos": 0}
    found = read("BILL-REASON-04", "in_progress", [], billed=billed, **free)
    assert found[1] == broken


@pytest.mark.parametrize(
    ("held", "status", "reason", "broken"),
    [
        ("batch_hold:1", "captured", "charged:captured", 0),
        ("batch_hold:1", "captured", "charged", 1),
        ("batch_hold:1", None, "charged", 1),
        (None, "captured", "charged:captured", 1),
        (None, None, "charged", 0),
    ],
)
def test_a_paid_reason_has_a_suffix_exactly_with_a_hold(
    held: Any, status: Any, reason: str, broken: int, read: Any
) -> None:
    found = read("BILL-REASON-11", reservation_id=held, reservation_status=status, reason=reason)
    assert found == (1, ["/billing/reason"] * broken)
