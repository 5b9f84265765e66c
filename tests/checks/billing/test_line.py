"""Lines: texts, units, prices and hostile numbers."""

from typing import Any

import pytest

from conformance.json_text import dump, parse
from conformance.testing import batch, edge, exchange

PLACE = "/pricing_lines/0/line_nanos"


@pytest.mark.parametrize(
    ("requirement", "bent", "pointer"),
    [
        ("BILL-LINE-04", {"line_cost_usd": "0.0004"}, "line_cost_usd"),
        ("BILL-LINE-05", {"line_nanos": 400002}, "line_nanos"),
        ("BILL-LINE-08", {"billable_units": 401}, "billable_units"),
    ],
)
def test_a_line_that_does_not_add_up_is_found(
    requirement: str, bent: Any, pointer: str, read: Any, line: Any
) -> None:
    assert read(requirement, "completed", [line()]) == (1, [])
    bad = read(requirement, "completed", [line(), line(**bent)])
    assert bad == (2, [f"/pricing_lines/1/{pointer}"])


def test_a_second_line_of_one_meter_and_price_is_found(read: Any, line: Any) -> None:
    lines = [line(), line(unit_price_usd="0.000002000"), line()]
    assert read("BILL-LINE-09", "completed", lines) == (3, ["/pricing_lines/2"])


def test_included_quantities_are_phaseo_s_alone(read: Any, line: Any) -> None:
    lines = [line(billable_units=300)]
    assert read("BILL-LINE-08", "completed", lines, profile="phaseo") == (1, [])
    assert read("BILL-LINE-08", "completed", lines)[1] == ["/pricing_lines/0/billable_units"]


@pytest.mark.parametrize("amount", ["400000", None, True, 0.5, -1, 2**60, [], {}])
@pytest.mark.parametrize("requirement", ["BILL-LINE-04", "BILL-LINE-05", "BILL-LINE-09"])
def test_an_amount_of_any_kind_is_judged_or_skipped(
    requirement: str, amount: Any, read: Any, line: Any
) -> None:
    judged, broken = read(requirement, "completed", [line(line_nanos=amount)])
    assert len(broken) <= judged <= 1


@pytest.mark.parametrize(
    ("amount", "broken"),
    [(-1, [PLACE]), (2**53, [PLACE]), (2**53 - 1, []), (0.5, [PLACE])],
)
def test_an_amount_out_of_range_is_found_at_its_line(
    amount: Any, broken: list[str], read: Any, line: Any
) -> None:
    found = read("BILL-SHAPE-08", "completed", [line(line_nanos=amount)])
    assert found == (2, broken)


def test_ten_thousand_lines_are_judged_one_by_one(read: Any, line: Any) -> None:
    lines = [line(dimension=f"meter_{number}") for number in range(10_000)]
    assert read("BILL-LINE-09", "completed", lines) == (10_000, [])
    lines[-1] = lines[0]
    assert read("BILL-LINE-09", "completed", lines) == (10_000, ["/pricing_lines/9999"])


@pytest.mark.parametrize("price", [[], {}, 0.1, True, "0.2"])
def test_a_price_of_any_kind_is_compared_with_the_card(price: Any, found: Any, line: Any) -> None:
    card = [{"meter": "input_text_tokens", "unit_size": 1, "price_per_unit": "0.000001"}]
    body = batch("completed", pricing_lines=[line(unit_price_usd=price)], billing={})
    steps = [
        edge("price_card", prices=card),
        exchange("GET", "/batches/batch_1", body),
        exchange("GET", "/files/file_out/content", b"{}"),
    ]
    assert found("BILL-LINE-13", *steps) == (1, ["/pricing_lines/0/unit_price_usd"])


@pytest.mark.parametrize("requirement", ["BILL-SUM-01", "BILL-LINE-01"])
def test_a_null_beside_the_amount_is_no_amount(requirement: str, read: Any) -> None:
    summary = {"dimension": "batch_requests", "line_nanos": None, "total_nanos": 400001}
    wrong = read(requirement, "completed", [summary])
    assert wrong == (1, ["/pricing_lines"] if requirement == "BILL-SUM-01" else [])


def test_a_metered_line_has_its_text_where_a_summary_may_have_none(read: Any, line: Any) -> None:
    bad = read("BILL-LINE-04", "completed", [line(line_cost_usd=None)])
    assert bad == (1, ["/pricing_lines/0/line_cost_usd"])
    summary = {"dimension": "batch_requests", "total_nanos": 0, "total_usd_str": None}
    assert read("BILL-LINE-04", "completed", [summary]) == (0, [])


@pytest.mark.parametrize("units", ["1e400", "1e-400", "-1e400", "0." + "3" * 100_000])
def test_units_beyond_all_bounds_are_found(units: str, read: Any, line: Any) -> None:
    lines = [line(billable_units=parse(units))]
    assert read("BILL-LINE-08", "completed", lines)[1] == ["/pricing_lines/0/billable_units"]
    assert read("BILL-LINE-05", "completed", lines)[1] == [PLACE]


def test_lines_that_do_not_tell_their_price_are_no_second_ones(read: Any, line: Any) -> None:
    bare = {key: value for key, value in line().items() if key != "unit_price_usd"}
    assert read("BILL-LINE-09", "completed", [bare, bare]) == (0, [])


@pytest.mark.parametrize(
    ("price", "broken"),
    [("0.000001", []), ("0.01", [PLACE]), (0.000001, []), (0.01, [PLACE]), ("cheap", None)],
)
def test_a_price_of_other_digits_is_multiplied_too(
    price: Any, broken: Any, read: Any, line: Any
) -> None:
    judged = (0, []) if broken is None else (1, broken)
    assert read("BILL-LINE-05", "completed", [line(unit_price_usd=price)]) == judged


ROW = {
    "custom_id": "a",
    "response": {
        "status_code": 200,
        "body": {"model": "m", "usage": {"input_tokens": 400, "output_tokens": 0}},
    },
}


@pytest.mark.parametrize(
    ("members", "broken"),
    [
        ({}, []),
        ({"unit_price_usd": None, "unit_size": None}, []),
        ({"quantity": 0}, ["/pricing_lines"]),
        ({"line_nanos": 1}, ["/pricing_lines"]),
    ],
)
def test_what_has_no_price_may_be_measured_at_no_cost(
    members: Any, broken: list[str], found: Any, line: Any
) -> None:
    card = [{"meter": "input_text_tokens", "unit_size": 1, "price_per_unit": "0.000001"}]
    free = {"dimension": "requests", "unit_price_usd": "0.000000000", "line_nanos": 0}
    body = batch("completed", pricing_lines=[line(), line(**{**free, **members})], billing={})
    steps = [
        edge("price_card", prices=card),
        exchange("GET", "/batches/batch_1", {**body, "output_file_id": "file_out"}),
        exchange("GET", "/files/file_out/content", dump(ROW).encode()),
    ]
    assert found("BILL-LINE-06", *steps) == (1, broken)
    assert found("BILL-LINE-13", *steps) == (1, [])
