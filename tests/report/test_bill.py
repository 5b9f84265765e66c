"""The tables of a bill: what is shown of each step, and what is said of it."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from conformance.json_text import ABSENT
from conformance.report.bill import BillTable, bill_table, brief, cell, number
from conformance.report.sayings import Sayings, sayings
from conformance.requirements import registry
from conformance.testing import batch
from conformance.verdicts import Finding, Judgement

LINE = {
    "dimension": "tokens", "quantity": 3, "billable_units": 3, "unit_size": 1,
    "unit_price_usd": "0.000000002", "line_nanos": 6,
}  # fmt: skip


def said(**findings: Any) -> Sayings:
    """The sayings of judged checks: `BILL_SUM_01=("/pointer", "expected")`, None when held."""
    rows = {one.replace("_", "-"): registry()[one.replace("_", "-")] for one in findings}
    judged = {
        one.replace("_", "-"): Judgement(
            1,
            (Finding(False, "1", told[1], told[0], 1),) if told else (),  # noqa: FBT003
        )
        for one, told in findings.items()
    }
    return sayings(rows, judged, 1, "")


def table(value: dict[str, Any], **findings: Any) -> BillTable:
    return bill_table(value, lambda pointer: f"f:1 {pointer}", said(**findings), "ai-stats", None)


def stated(found: BillTable) -> dict[str, tuple[str, str]]:
    return {step.cells[0]: (step.cells[1], step.mark) for step in found.stated}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("usd", "usd"),
        ("273000", "273000"),
        ("a\x1b[0m\n", '"a\\u001b[0m\\n"'),
        (ABSENT, "-"),
        (None, "null"),
        (True, "true"),
        (5, "5"),
        (Decimal("0.10"), "0.10"),
        ({"a": [1]}, '{"a":[1]}'),
        ("x" * 50, "x" * 39 + "…"),
    ],
)
def test_a_cell_shows_a_value_safely(value: Any, text: str) -> None:
    assert cell(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(5, 2), "2.5"),
        (-3, "-3"),
        (Fraction(1, 3), "~0.333333"),
        (Fraction(-1, 10**9), "~0"),
        (10**59, "1" + "0" * 59),
        (-(10**70), "-beyond 10^60"),
    ],
)
def test_a_number_is_exact_or_says_that_it_is_not(value: Fraction | int, text: str) -> None:
    assert number(value) == text


def test_a_long_text_is_cut() -> None:
    assert (brief("x" * 5, 5), brief("x" * 6, 5)) == ("x" * 5, "xxxx…")


def test_a_line_is_worked_out_beside_what_is_stated() -> None:
    found = table({"pricing_lines": [LINE]}, BILL_LINE_05=None)
    assert found.lines[0].cells == (
        "0", "tokens", "3", "1", "3", "0.000000002", "6", "6", "0",
    )  # fmt: skip
    assert found.lines[0].mark == "ok"


@pytest.mark.parametrize(
    ("changes", "findings", "mark"),
    [
        ({"line_nanos": 7}, {"BILL_LINE_05": None}, "ok, rounding of its rows"),
        ({"line_nanos": 7}, {}, "not judged"),
        ({"unit_price_usd": None}, {"BILL_LINE_05": None}, "not judged"),
        (
            {"line_nanos": 9},
            {"BILL_LINE_05": ("/pricing_lines/0/line_nanos", "6")},
            "line_nanos should be 6 (BILL-LINE-05)",
        ),
        (
            {},
            {"BILL_LINE_12": ("/pricing_lines/0/service_tier", "batch")},
            "service_tier better batch (BILL-LINE-12)",
        ),
        (
            {},
            {
                "BILL_LINE_01": ("/pricing_lines/0", "2"),
                "BILL_SHAPE_01": ("/pricing_lines/0", "2"),
                "BILL_SHAPE_08": ("/pricing_lines/0", ""),
            },
            "should be 2 (BILL-LINE-01, BILL-SHAPE-01); should be otherwise (BILL-SHAPE-08)",
        ),
    ],
)
def test_the_mark_of_a_line_is_what_the_checks_say(
    changes: dict[str, Any], findings: dict[str, Any], mark: str
) -> None:
    assert table({"pricing_lines": [{**LINE, **changes}]}, **findings).lines[0].mark == mark


def test_a_summary_line_and_what_is_no_line_are_shown_too() -> None:
    summary = {"dimension": "batch_requests", "units": 2, "total_nanos": 0}
    found = table({"pricing_lines": [summary, 5]}, BILL_LINE_01=None)
    assert [(step.cells[1], step.cells[4], step.cells[7], step.mark) for step in found.lines] == [
        ("batch_requests", "2", "0", "ok"), ("5", "-", "-", "not judged"),
    ]  # fmt: skip


def test_each_step_is_ok_only_where_a_check_has_judged() -> None:
    value = {"pricing_lines": [LINE], "billing": {"cost_nanos": 6, "cost_usd": None}}
    found = stated(table(value, BILL_SUM_01=None))
    assert found == {
        "Σ 1 lines": ("6", "ok"), "cost_nanos": ("6", "ok"), "cost_usd": ("null", ""),
    }  # fmt: skip
    assert stated(table(value))["cost_nanos"] == ("6", "not judged")


def test_what_stands_nowhere_in_the_tables_is_kept() -> None:
    found = table({"billing": {}}, BILL_SHAPE_02=("/billing", "billed"))
    assert [one.pointer for one in found.elsewhere] == ["/billing"]
    assert found.said == list(found.elsewhere)


@pytest.mark.parametrize(
    ("billing", "came"),
    [
        ({"reserved_nanos": 9, "billed": False}, {"hold still there": "9"}),
        (
            {"reserved_nanos": 9, "billed": True, "charged": True, "cost_nanos": 4},
            {"taken": "4", "of the hold came back": "5"},
        ),
        (
            {"reserved_nanos": 9, "billed": True, "charged": True, "cost_nanos": 10},
            {"taken": "10", "of the hold came back": "0", "taken beyond the hold": "1"},
        ),
        (
            {"reserved_nanos": 9, "billed": True, "charged": False, "cost_nanos": 4,
             "reason": "already_billed"},
            {"taken": "4", "of the hold came back": "5"},
        ),
        (
            {"reserved_nanos": 9, "billed": True, "charged": False, "cost_nanos": 0},
            {"taken": "0", "of the hold came back": "9"},
        ),
        ({"reserved_nanos": None, "billed": True}, {}),
    ],
)  # fmt: skip
def test_what_became_of_the_hold_is_told(billing: dict[str, Any], came: dict[str, str]) -> None:
    found = stated(table({"billing": billing}))
    labels = {"hold still there", "taken", "of the hold came back", "taken beyond the hold"}
    assert {label: found[label][0] for label in found if label in labels} == came


def test_the_title_says_batch_end_and_money() -> None:
    assert table(batch("failed")).title == "batch_1: failed, no cost (profile ai-stats)"
    paid = table(batch("completed", billing={"cost_nanos": 1}))
    assert paid.title == "batch_1: completed, 1 nanos, 0.000000001 USD (profile ai-stats)"
