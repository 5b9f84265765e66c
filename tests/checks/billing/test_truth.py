"""Truth: charged and billed beside cost, lines and counts."""

from typing import Any

import pytest

from conformance.testing import exchange


def test_a_charge_without_money_is_found(read: Any) -> None:
    assert read("BILL-TRUTH-01") == (2, [])
    found = read("BILL-TRUTH-01", "completed", [], cost_nanos=0)
    assert found == (2, ["/billing/cost_nanos", "/pricing_lines"])


@pytest.mark.parametrize("reason", ["already_billed", "missing_usage"])
def test_a_cost_that_was_charged_before_is_excused(reason: str, read: Any) -> None:
    assert read("BILL-TRUTH-03", charged=False, reason=reason) == (1, [])
    assert read("BILL-TRUTH-03", charged=False) == (1, ["/billing/charged"])


def test_nothing_done_costs_nothing(found: Any, settled: Any) -> None:
    from_zero = {**settled("failed"), "request_counts": {"total": 1, "completed": 0, "failed": 1}}
    assert found("BILL-TRUTH-04", *gets(from_zero)) == (1, ["/billing"])
    assert found("BILL-TRUTH-04", *gets(settled())) == (0, [])


def gets(body: Any) -> list[Any]:
    return [exchange("GET", "/batches/batch_1", body)]


def test_a_batch_cut_short_is_voided_by_ai_stats(read: Any) -> None:
    assert read("BILL-TRUTH-06", "cancelled") == (1, ["/billing"])
    void = {"charged": False, "cost_nanos": 0, "reason": "cancelled"}
    assert read("BILL-TRUTH-06", "cancelled", [], **void) == (1, [])
    assert read("BILL-TRUTH-06", "completed") == (0, [])


def test_a_free_bill_has_no_priced_line(read: Any) -> None:
    free = {"charged": False, "cost_nanos": 0, "reason": "zero_cost"}
    assert read("BILL-TRUTH-08", "completed", [], **free) == (1, [])
    assert read("BILL-TRUTH-08", "completed", **free) == (1, ["/pricing_lines/0"])


@pytest.mark.parametrize("flag", [1, 0, "true", None, [], {}])
def test_flags_of_another_kind_are_for_the_shape_to_find(flag: Any, read: Any) -> None:
    for number in ("01", "03", "06", "08"):
        assert read(f"BILL-TRUTH-{number}", "cancelled", charged=flag) == (0, [])
    assert read("BILL-TRUTH-02", charged=flag) == (0, [])


@pytest.mark.parametrize("cost", ["0", 0.5, [], True])
def test_a_cost_of_another_kind_is_for_the_shape_to_find(cost: Any, read: Any) -> None:
    void = {"charged": False, "cost_nanos": cost, "reason": "cancelled"}
    assert read("BILL-TRUTH-06", "cancelled", [], **void) == (0, [])


def test_a_stale_view_of_a_charged_bill_is_one(read: Any) -> None:
    stale = {"reason": "stale_terminal_status", "charged": False}
    assert read("BILL-TRUTH-03", **stale) == (1, [])
    assert read("BILL-TRUTH-08", **stale, cost_nanos=None) == (0, [])
