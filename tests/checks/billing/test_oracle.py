"""The bill made once more: prices as texts, rows that count, rounding by the row."""

from typing import Any

import pytest

from conformance.checks.billing._oracle import price_nanos
from conformance.testing import batch, edge, exchange

CARD = {"meter": "input_text_tokens", "unit_size": 1000000, "price_per_unit": "0.0375"}


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("0.0000000875", 87),
        ("8.75e-8", 88),
        ("1", 10**9),
        ("NaN", None),
        ("1e999999", None),
        ("", None),
        (0.1, None),
    ],
)
def test_a_price_text_is_cut_or_rounded(text: Any, nanos: int | None) -> None:
    assert price_nanos(text) == nanos


def steps(usage: Any, line_nanos: int, **billing: Any) -> list[Any]:
    line = {
        "dimension": "input_text_tokens",
        "unit_size": 1000000,
        "unit_price_usd": "0.037500000",
        "line_nanos": line_nanos,
    }
    body = batch("completed", pricing_lines=[line], billing=billing)
    good = '{"response":{"status_code":200,"body":{"model":"m","usage":USAGE}}}'
    row = good.replace("USAGE", usage)
    bad = '{"response":{"status_code":400,"body":{"usage":{"input_tokens":9}}}}'
    content = f"{row}\n{row}\n{bad}\nno json".encode()
    return [
        edge("price_card", prices=[CARD, 7, {}]),
        exchange("GET", "/batches/batch_1", body),
        exchange("GET", "/files/file_out/content", content),
    ]


def test_rows_are_rounded_before_they_are_summed(found: Any) -> None:
    assert found("BILL-LINE-06", *steps('{"input_tokens":7}', 526)) == (1, [])
    together = found("BILL-LINE-06", *steps('{"input_tokens":7}', 525))
    assert together == (1, ["/pricing_lines"])
    assert found("BILL-LINE-13", *steps('{"input_tokens":7}', 526)) == (1, [])


def test_a_row_without_usage_stops_the_charge(found: Any) -> None:
    assert found("BILL-TRUTH-05", *steps("null", 0, charged=True)) == (1, ["/billing/charged"])
    assert found("BILL-TRUTH-05", *steps("null", 0, charged=False)) == (1, [])
    assert found("BILL-LINE-06", *steps("null", 0)) == (0, [])


def test_without_prices_nothing_is_made_again(found: Any) -> None:
    assert found("BILL-LINE-06", *steps('{"input_tokens":7}', 1)[1:]) == (0, [])
