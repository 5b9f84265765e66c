"""A bill as aligned text."""

from typing import Any

from conformance.report.bill import BillTable, Step
from conformance.report.bill_text import bill_lines
from conformance.report.sayings import Said
from conformance.requirements import registry
from conformance.verdicts import Finding


def told(one: str, pointer: str, expected: str = "2") -> Said:
    return Said(registry()[one], Finding(False, "1", expected, pointer), pointer)  # noqa: FBT003


def line(index: int, mark: str = "ok", *said: Said) -> Step:
    return Step((str(index), "tokens", "3", "1", "3", "0.1", "6", "6", "0"), mark, said)


def table(**more: Any) -> BillTable:
    parts: dict[str, Any] = {
        "title": "b: completed",
        "locate": lambda pointer: f"f:1 {pointer}".rstrip(),
        "cost_nanos": 6,
        "lines": (line(0),),
        "from_rows": None,
        "stated": (Step(("cost_nanos", "6"), "ok"), Step(("x", "usd"), "")),
        "elsewhere": (),
    }
    return BillTable(**{**parts, **more})


def test_columns_fit_their_widest_cell_and_numbers_stand_right() -> None:
    assert list(bill_lines(table())) == [
        "b: completed",
        "at f:1",
        "",
        "line  dimension  quantity  unit size  units  unit price  units x price  amount"
        "  difference",
        "   0  tokens            3          1      3         0.1              6       6           0"
        "  ok",
        "",
        "stated",
        "cost_nanos  6    ok",
        "x           usd",
        "",
        "adds up",
    ]


def test_the_first_wrong_place_is_named_with_all_who_say_so() -> None:
    first = told("BILL-LINE-05", "/pricing_lines/0/line_nanos")
    also = told("BILL-SHAPE-08", "/pricing_lines/0/line_nanos", "")
    last = told("BILL-SUM-01", "/pricing_lines")
    advice = told("BILL-LINE-12", "/pricing_lines/0/service_tier")
    steps = (line(0, "bad", advice, first, also),)
    lines = list(bill_lines(table(lines=steps, elsewhere=(last,))))
    assert lines[-6:] == [
        "BILL-SUM-01 (MUST) at /pricing_lines: seen 1, expected 2",
        "does not add up, first at f:1 /pricing_lines/0/line_nanos:",
        "  seen 1, expected 2 (BILL-LINE-05, BILL-SHAPE-08)",
        "also broken: BILL-SUM-01",
        "advice not followed: BILL-LINE-12",
        "more: conformance explain BILL-LINE-05",
    ]


def test_advice_alone_makes_no_bill_wrong() -> None:
    step = line(0, "x", told("BILL-LINE-12", "/pricing_lines/0"))
    assert list(bill_lines(table(lines=(step,))))[-3:] == [
        "adds up", "advice not followed: BILL-LINE-12", "more: conformance explain BILL-LINE-12",
    ]  # fmt: skip


def test_what_could_not_be_judged_is_counted() -> None:
    assert list(bill_lines(table(lines=(line(0, "not judged"),))))[-1] == (
        "adds up; steps that could not be judged: 1"
    )
    assert list(bill_lines(table(cost_nanos=None)))[-1] == "nothing is wrong; no cost is stated"


def test_of_many_lines_head_wrong_ones_and_tail_are_shown() -> None:
    wrong = told("BILL-LINE-05", "/pricing_lines/20/line_nanos")
    steps = tuple(line(i, "ok", *((wrong,) if i in range(20, 50) else ())) for i in range(100))
    lines = list(bill_lines(table(lines=steps)))
    shown = [text.split()[0] for text in lines if "tokens" in text]
    assert shown == [str(i) for i in (*range(10), *range(20, 40), *range(95, 100))]
    assert [text for text in lines if text.startswith("…")] == [
        "… 10 more", "… 55 more, 10 of them wrong",
    ]  # fmt: skip


def test_lines_made_of_output_rows_have_a_table_of_their_own() -> None:
    again = (Step(("tokens", "1", "0.1", "6", "6"), ""), Step(("a row lacks", "usage"), "?"))
    lines = list(bill_lines(table(from_rows=again)))
    begin = lines.index("from output rows  unit size  unit price  amount  billed")
    assert lines[begin + 1 : begin + 3] == [
        "tokens                    1         0.1       6       6", "a row lacks  usage  ?",
    ]  # fmt: skip


def test_of_much_else_that_is_wrong_twenty_are_shown() -> None:
    elsewhere = tuple(told("BILL-SUM-01", f"/x/{i}") for i in range(25))
    lines = list(bill_lines(table(elsewhere=elsewhere)))
    assert len([text for text in lines if text.startswith("BILL-SUM-01 (MUST) at ")]) == 20
    assert "…and 5 more" in lines
