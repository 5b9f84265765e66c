"""Each row says "hello there": 3 tokens in, 25 out; mock-fine takes 37.5 and 150 nanos a token."""

import pytest

from conformance.mock.prices import MODELS, with_prices


@pytest.fixture
def lines_of(make_caller, make_row):
    def lines(*faults, rows=2):
        asked = [make_row(f"row-{index}", "mock-fine") for index in range(rows)]
        return make_caller(*faults).finished("complete", *asked)["pricing_lines"]

    return lines


@pytest.mark.parametrize(
    ("name", "nanos"),
    [
        (None, [226, 7500]),
        ("float-rounding-of-half-nanos", [224, 7500]),
        ("half-nanos-rounded-down", [224, 7500]),
        ("rows-rounded-up-to-micro-dollars", [2000, 8000]),
        ("row-amounts-rounded-up", [226, 7500]),
        ("equal-rows-billed-once", [113, 3750]),
        ("rows-of-a-cut-short-batch-billed-twice", [226, 7500]),
        ("last-row-left-unbilled", [113, 3750]),
        ("line-rounded-after-the-sum", [225, 7500]),
        ("a-line-for-every-row", [113, 3750, 113, 3750]),
    ],
)
def test_lines_of_two_rows_have_the_amounts_of_the_fault(lines_of, name, nanos):
    lines = lines_of(*filter(None, [name]))
    assert [line["line_nanos"] for line in lines] == nanos
    assert [line["line_cost_usd"] for line in lines] == [f"0.{n:09d}" for n in nanos]


@pytest.mark.parametrize(
    ("name", "nanos"),
    [
        ("float-rounding-of-half-nanos", 188),
        ("half-nanos-rounded-down", 187),
    ],
)
def test_only_some_half_nanos_fall_wrongly_in_floats(make_caller, make_row, name, nanos):
    five_tokens = make_row(model="mock-fine", input="x" * 20)
    body = make_caller(name).finished("complete", five_tokens)
    assert body["pricing_lines"][0]["line_nanos"] == nanos


def test_a_bill_of_wrongly_rounded_rows_adds_up_all_the_same(make_caller, make_row):
    caller = make_caller("float-rounding-of-half-nanos")
    body = caller.finished("complete", make_row(model="mock-fine"))
    total = sum(line["line_nanos"] for line in body["pricing_lines"])
    assert body["billing"]["cost_nanos"] == total


def test_a_line_rounded_after_the_sum_leaves_the_cost(make_caller, make_row):
    rows = make_row("a", "mock-fine"), make_row("b", "mock-fine")
    body = make_caller("line-rounded-after-the-sum").finished("complete", *rows)
    assert body["billing"]["cost_nanos"] == 226 + 7500


def test_the_only_row_of_an_output_file_is_billed(lines_of):
    lines = lines_of("last-row-left-unbilled", rows=1)
    assert [line["line_nanos"] for line in lines] == [113, 3750]


@pytest.mark.parametrize(
    ("faults", "line"),
    [
        ((), ("0.020000000", 60)),
        (("custom-price-ignored",), ("0.037500000", 113)),
    ],
)
def test_a_custom_price_is_ignored(make_caller, make_row, faults, line):
    caller = make_caller(*faults)
    own = [{"meter": "input_text_tokens", "price_per_unit": "0.02"}]
    caller.workspace.models["mock-fine"] = with_prices(MODELS["mock-fine"], own)
    shown = caller.finished("complete", make_row(model="mock-fine"))["pricing_lines"][0]
    assert (shown["unit_price_usd"], shown["line_nanos"]) == line


def test_two_currencies_are_nanos_of_a_dollar_beside_euros(lines_of):
    lines = lines_of("two-currencies")
    shown = [(line["line_nanos"], line["line_cost_usd"]) for line in lines]
    assert shown == [(226, "0.000000203"), (7500, "0.000006750")]


def test_line_texts_with_two_digits(make_caller, lines_of):
    texts = [line["line_cost_usd"] for line in lines_of("line-texts-with-two-digits")]
    voided = make_caller("line-texts-with-two-digits").finished("failed")
    assert texts == ["0.00", "0.00"]
    assert [line["total_usd_str"] for line in voided["pricing_lines"]] == ["0.00"]


@pytest.mark.parametrize(
    ("name", "nanos"),
    [
        ("row-amounts-rounded-up", 2),
        ("half-nanos-rounded-down", 1),
        ("free-model-billed", 1),
    ],
)
def test_a_quarter_of_a_nano_is_rounded_up_by_one_fault_alone(make_caller, make_row, name, nanos):
    caller = make_caller(name)
    prices = [{"meter": "input_text_tokens", "unit_size": 1_000_000, "price_per_unit": "0.00042"}]
    caller.workspace.models["mock-fine"] = with_prices(MODELS["mock-fine"], prices)
    first, _ = caller.finished("complete", make_row("a", "mock-fine"))["pricing_lines"]
    assert first["line_nanos"] == nanos


def test_free_model_billed(make_caller, make_row):
    asked = make_row("a", "mock-free")
    for name, amounts in ((None, [0, 0]), ("free-model-billed", [3, 25])):
        lines = make_caller(*filter(None, [name])).finished("complete", asked)["pricing_lines"]
        assert [line["line_nanos"] for line in lines] == amounts


def test_rows_of_a_cut_short_batch_billed_twice(make_caller):
    costs = [
        make_caller(*names).finished("expired_partial")["billing"]["cost_nanos"]
        for names in ((), ("rows-of-a-cut-short-batch-billed-twice",))
    ]
    assert costs[1] == 2 * costs[0] > 0
