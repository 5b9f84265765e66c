"""The bill made once more: prices as texts, rows that count, rounding by the row."""

from typing import Any

import pytest

from conformance.json_text import dump, parse
from conformance.testing import batch, edge, exchange, upload

CARD = {"meter": "input_text_tokens", "unit_size": 1000000, "price_per_unit": "0.0375"}


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


INPUT, OUTPUT = "input_text_tokens", "output_text_tokens"


def price(meter: str, text: Any = "0.001", model: str | None = None) -> dict[str, Any]:
    return {"meter": meter, "unit_size": 1, "price_per_unit": text, "model": model}


def bill(card: Any, rows: list[Any], lines: Any, asked: str | None = None, **billing: Any) -> Any:
    """A completed batch with metered lines, given as (dimension, nanos), and its output rows."""
    shown = [
        {"dimension": name, "unit_size": 1, "unit_price_usd": "0.001000000", "line_nanos": nanos}
        for name, nanos in lines
    ]
    outputs = [
        {"custom_id": str(turn), "response": {"status_code": 200, "body": body}}
        for turn, body in enumerate(rows)
    ]
    inputs = [{"custom_id": str(turn), "body": {"model": asked}} for turn in range(len(rows))]
    sent = "\n".join(map(dump, inputs)).encode()
    told = [] if asked is None else [upload(sent, {"id": "file_1"})]
    return [
        *told,
        edge("price_card", prices=card),
        exchange(
            "GET", "/batches/batch_1", batch("completed", pricing_lines=shown, billing=billing)
        ),
        exchange("GET", "/files/file_out/content", "\n".join(map(dump, outputs)).encode()),
    ]


@pytest.mark.parametrize(
    ("usage", "lines"),
    [
        ({"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}, [(INPUT, 3), (OUTPUT, 2)]),
        ({"prompt_tokens": 3, "completion_tokens": 2}, [(INPUT, 3), (OUTPUT, 2)]),
        ({"prompt_tokens": 3, "input_tokens": 3, "completion_tokens": None}, [(INPUT, 3)]),
        ({"prompt_tokens": 3, "total_tokens": 3}, [(INPUT, 3)]),
        ({INPUT: 3, OUTPUT: 0}, [(INPUT, 3)]),
        (
            {"output_tokens": 2, "output_tokens_details": {"reasoning_tokens": 1}},
            [(OUTPUT, 2)],
        ),
    ],
)
def test_usage_of_every_shape_is_billed(usage: Any, lines: Any, found: Any) -> None:
    card = [price(INPUT), price(OUTPUT)]
    right = [(name, quantity * 10**6) for name, quantity in lines]
    assert found("BILL-LINE-06", *bill(card, [{"usage": usage}], right)) == (1, [])
    wrong = [(name, nanos + 1) for name, nanos in right]
    assert found("BILL-LINE-06", *bill(card, [{"usage": usage}], wrong)) == (1, ["/pricing_lines"])


def test_an_embedding_has_a_meter_of_its_own(found: Any) -> None:
    usage = {"usage": {"prompt_tokens": 8, "total_tokens": 8}}
    steps = bill([price("embedding_tokens")], [usage], [("embedding_tokens", 8 * 10**6)])
    assert found("BILL-LINE-06", *steps) == (1, [])


@pytest.mark.parametrize(
    "usage",
    [
        {"input_tokens": 3, "input_tokens_details": {"cached_tokens": 2}},
        {"input_tokens": 3, "cache_read_input_tokens": 2},
        {"input_tokens": 3, "prompt_tokens": 4},
        {"total_tokens": 9},
        {"input_tokens": "3"},
        {"input_tokens": True},
        {"input_tokens": [], "output_tokens": {}},
    ],
)
def test_what_cannot_be_split_over_the_meters_is_not_judged(usage: Any, found: Any) -> None:
    steps = bill([price(INPUT), price(OUTPUT)], [{"usage": usage}], [(INPUT, 1)])
    assert found("BILL-LINE-06", *steps) == (0, [])


@pytest.mark.parametrize("count", ["1e999999999", "1e-999999999", "9" * 400, "-1", "0.5", "1e400"])
def test_a_hostile_count_is_a_number_like_any_other(count: str, found: Any) -> None:
    usage = parse(f'{{"input_tokens":{count}}}')
    steps = bill([price(INPUT)], [{"usage": usage}], [(INPUT, 1)])
    assert found("BILL-LINE-06", *steps) == (1, ["/pricing_lines"])


@pytest.mark.parametrize(
    ("named", "asked", "found_by"),
    [
        ("maker/m", None, "maker/m"),
        ("m-2025-04-14", None, "maker/m"),
        ("other", "maker/m", "maker/m"),
        (None, "m", "m"),
        (None, "m", "maker/m"),
    ],
)
def test_a_model_is_found_by_its_other_names(
    named: Any, asked: Any, found_by: str, found: Any
) -> None:
    row = {"model": named, "usage": {"input_tokens": 3}}
    card = [price(INPUT, model=found_by), price(INPUT, "7", model="dear")]
    steps = bill(card, [row], [(INPUT, 3 * 10**6)], asked, charged=True)
    assert found("BILL-LINE-06", *steps) == (1, [])
    assert found("BILL-TRUTH-05", *steps) == (0, [])


def test_a_model_that_nobody_asked_for_by_name_may_have_a_price(found: Any) -> None:
    row = {"model": "somebody-s", "usage": {"input_tokens": 3}}
    card = [price(INPUT, model="m")]
    assert found("BILL-TRUTH-05", *bill(card, [row], [], charged=True)) == (0, [])
    asked = bill(card, [row], [], "of-nobody", charged=True)
    assert found("BILL-TRUTH-05", *asked) == (1, ["/billing/charged"])


def test_a_model_of_two_prices_is_not_judged(found: Any) -> None:
    row = {"model": "a", "usage": {"input_tokens": 3}}
    card = [price(INPUT, model="a"), price(INPUT, "7", model="b")]
    assert found("BILL-LINE-06", *bill(card, [row], [(INPUT, 1)], "b")) == (0, [])


@pytest.mark.parametrize("text", [0.001, None, "dear", "1e999999999", "-1", "NaN", "1" * 200])
def test_a_card_that_cannot_be_read_tells_nothing(text: Any, found: Any) -> None:
    card = [price(INPUT), price(OUTPUT, text)]
    steps = bill(card, [{"usage": {"input_tokens": 3}}], [(INPUT, 1)])
    assert found("BILL-LINE-06", *steps) == (0, [])


@pytest.mark.parametrize("size", [0, -1, "1", None, True, []])
def test_a_unit_size_that_divides_nothing_tells_nothing(size: Any, found: Any) -> None:
    card = [{**price(INPUT), "unit_size": size}]
    steps = bill(card, [{"usage": {"input_tokens": 3}}], [(INPUT, 1)])
    assert found("BILL-LINE-06", *steps) == (0, [])


def test_pictures_are_counted_without_a_usage(found: Any) -> None:
    steps = bill([price("output_image")], [{"data": [1]}], [("output_image", 1)], charged=True)
    assert found("BILL-TRUTH-05", *steps) == (0, [])
    assert found("BILL-LINE-06", *steps) == (0, [])


def test_a_line_of_nothing_may_be_left_out_and_one_without_price_is_judged_by_its_meter(
    found: Any,
) -> None:
    rows = [{"usage": {"input_tokens": 3, "output_tokens": 2}}]
    free = [price(INPUT), price(OUTPUT, "0")]
    assert found("BILL-LINE-06", *bill(free, rows, [(INPUT, 3 * 10**6)])) == (1, [])
    for nanos, broken in ((3 * 10**6, []), (3 * 10**6 + 1, ["/pricing_lines"])):
        steps = bill([price(INPUT)], rows, [(INPUT, nanos)])
        lines = [{"dimension": INPUT, "unit_price_usd": None, "line_nanos": nanos}]
        body = batch("completed", pricing_lines=lines, billing={})
        steps[1] = exchange("GET", "/batches/batch_1", body)
        assert found("BILL-LINE-06", *steps) == (1, broken)


@pytest.mark.parametrize(
    ("reason", "judged"),
    [("zero_cost", 1), ("already_billed", 1), ("missing_usage", 0), (None, 0)],
)
def test_a_settled_bill_without_its_lines_is_found(reason: Any, judged: int, found: Any) -> None:
    flags = {"billed": True, "charged": False, "reason": reason}
    steps = bill([price(INPUT)], [{"usage": {"input_tokens": 3}}], [], **flags)
    assert found("BILL-LINE-06", *steps) == (judged, ["/pricing_lines"] * judged)


def test_ten_thousand_rows_without_a_model_are_read_once(found: Any) -> None:
    rows = [{"usage": {"input_tokens": 1}}] * 10_000
    steps = bill([price(INPUT, model="m")], rows, [(INPUT, 10**10)], "m")
    assert found("BILL-LINE-06", *steps) == (1, [])
