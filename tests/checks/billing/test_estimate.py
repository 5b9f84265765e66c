"""The estimate of a hold, from rows as they were uploaded."""

from typing import Any

from conformance.json_text import dump
from conformance.testing import batch, edge, exchange, upload

CARD = [
    {"meter": "input_text_tokens", "unit_size": 1, "price_per_unit": "0.000001"},
    {"meter": "output_text_tokens", "unit_size": 1, "price_per_unit": "0.000004"},
]
ROW = {"body": {"model": "m", "input": "x" * 42, "max_output_tokens": 50}}


def steps(held: int, row: Any = ROW) -> list[Any]:
    content = f"{dump(row)}\n{dump(row)}".encode()
    body = batch("validating", billing={"reserved_nanos": held})
    return [
        edge("price_card", prices=CARD),
        upload(content, {"id": "file_1"}),
        exchange("POST", "/batches", body),
    ]


def test_ai_stats_counts_a_quarter_of_the_characters(found: Any) -> None:
    assert found("BILL-RES-08", *steps(422_000)) == (1, [])
    assert found("BILL-RES-08", *steps(422_001)) == (1, ["/billing/reserved_nanos"])


def test_phaseo_counts_bytes_and_adds_a_tenth(found: Any) -> None:
    size = len(dump(ROW["body"]).encode()) + 16
    held = 2 * -(-(size * 1000 + 200_000) * 11 // 10)
    assert found("BILL-RES-08", *steps(held), profile="phaseo") == (1, [])


def test_rows_of_another_kind_are_not_estimated(found: Any) -> None:
    for row in (7, {}, {"body": {"input": ["a"]}}, {"body": {"messages": [{"content": []}]}}):
        assert found("BILL-RES-08", *steps(1, row)) == (0, [])
