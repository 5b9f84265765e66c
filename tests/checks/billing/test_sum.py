"""Sums: every total against every other, and what is no number is left to the shape."""

from typing import Any

import pytest

from conformance.json_text import dump, parse
from conformance.testing import exchange
from conformance.transcript import Body, Delivery

PLACE = "/billing/settled_user_cost"
BREAKDOWN = {"total_nanos": 400000, "total_usd_str": "0.000400000", "total_cents": 0}


@pytest.mark.parametrize(
    ("requirement", "bent", "pointer"),
    [
        ("BILL-SUM-01", {"cost_nanos": 400001}, "/pricing_lines"),
        ("BILL-SUM-02", {"cost_nanos": 400001}, "/billing/pricing_breakdown/total_nanos"),
        ("BILL-SUM-05", {"cost_usd": 0.04}, "/billing/cost_usd"),
        ("BILL-SUM-05", {"cost_usd": None}, "/billing/cost_usd"),
        (
            "BILL-SUM-06",
            {"pricing_breakdown": {**BREAKDOWN, "total_usd_str": "0.0004"}},
            "/billing/pricing_breakdown/total_usd_str",
        ),
        (
            "BILL-SUM-07",
            {"pricing_breakdown": {**BREAKDOWN, "total_cents": 1}},
            "/billing/pricing_breakdown/total_cents",
        ),
    ],
)
def test_a_total_that_differs_is_found(
    requirement: str, bent: Any, pointer: str, read: Any
) -> None:
    assert read(requirement) == (1, [])
    assert read(requirement, **bent) == (1, [pointer])


@pytest.mark.parametrize("cost", ["400000", True, 0.5, [], {}])
@pytest.mark.parametrize("requirement", ["BILL-SUM-01", "BILL-SUM-02", "BILL-SUM-05"])
def test_a_cost_that_is_no_whole_number_is_for_the_shape_to_find(
    requirement: str, cost: Any, read: Any
) -> None:
    assert read(requirement, cost_nanos=cost) == (0, [])


def test_no_line_adds_up_to_nothing(read: Any) -> None:
    assert read("BILL-SUM-01", "completed", [], cost_nanos=0) == (1, [])
    assert read("BILL-SUM-01", "completed", [], cost_nanos=1) == (1, ["/pricing_lines"])


@pytest.mark.parametrize(
    ("text", "broken"),
    [("0.00", []), ("0.01", [PLACE]), ("0.0004", [PLACE]), ("NaN", [PLACE]), ("-0.00", [PLACE])],
)
def test_a_display_cost_is_whole_cents_near_its_nanos(
    text: str, broken: list[str], read: Any
) -> None:
    assert read("BILL-SUM-08", settled_user_cost=text) == (1, broken)


@pytest.mark.parametrize("dollars", ["1e400", "-1e400", "1e999999999", "0.0004000006"])
def test_dollars_beyond_all_bounds_are_found(dollars: str, read: Any) -> None:
    assert read("BILL-SUM-05", cost_usd=parse(dollars)) == (1, ["/billing/cost_usd"])


@pytest.mark.parametrize("dollars", ["4e-4", "0.00040", "0.0004000000000000000001"])
def test_dollars_are_a_number_however_they_are_written(dollars: str, read: Any) -> None:
    assert read("BILL-SUM-05", cost_usd=parse(dollars)) == (1, [])


def test_a_lone_display_cost_agrees_with_itself(read: Any) -> None:
    assert read("BILL-SUM-08", settled_provider_cost="0.00") == (1, [])
    found = read("BILL-SUM-08", settled_provider_cost="0.00", settled_user_cost=None)
    assert found == (1, ["/billing/settled_provider_cost"])


@pytest.mark.parametrize("cost", [0.4, True, [], {}])
def test_a_display_cost_of_a_message_that_is_no_text_is_found(cost: Any, found: Any) -> None:
    data = {"id": "batch_1", "status": "completed", "billing": {"settled_user_cost": cost}}
    sent = Delivery("POST", "/hook", (), Body(dump({"data": data}).encode()))
    assert found("BILL-SUM-08", sent) == (1, ["/data/billing/settled_user_cost"])


def test_a_request_that_a_page_lists_twice_counts_twice(found: Any, settled: Any) -> None:
    row = {"custom_id": "1", "cost_nanos": 200000}
    body = exchange("GET", "/batches/batch_1", settled())

    def page(*rows: Any) -> Any:
        return exchange("GET", "/batches/batch_1/requests", {"data": rows, "has_more": False})

    other = {"custom_id": "2", "cost_nanos": 200000}
    for pages, broken in (
        ([page(row, other)], []),
        ([page(row, other), page(row, other)], []),
        ([page(row, other, row)], ["/data"]),
    ):
        assert found("BILL-SUM-09", body, *pages, profile="phaseo") == (1, broken)
