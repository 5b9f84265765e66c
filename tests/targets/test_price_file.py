"""The price file: both forms become one card, and what is no price is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import ConfigError
from conformance.targets.price_file import dearest_nanos, free_models, read_prices

LISTED = {"meter": "input_text_tokens", "unit_size": 1_000_000, "price_per_unit": "0.0375"}


def written(folder: Path, data: Any, name: str = "prices.json") -> str:
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    return str(path)


def refusal(folder: Path, data: Any) -> str:
    path = written(folder, data)
    with pytest.raises(ConfigError) as found:
        read_prices(path)
    return str(found.value).removeprefix(f"--prices {path}: ")


def test_nanos_per_token_become_decimal_prices_of_one_token(tmp_path: Path) -> None:
    path = written(tmp_path, {"m": {"input_nanos": 3, "output_nanos": 1_000_000_007}})
    assert read_prices(path) == (
        {"meter": "input_text_tokens", "unit_size": 1, "price_per_unit": "0.000000003",
         "model": "m"},
        {"meter": "output_text_tokens", "unit_size": 1, "price_per_unit": "1.000000007",
         "model": "m"},
    )  # fmt: skip


@pytest.mark.parametrize("more", [{}, {"included_quantity": 0}, {"price_per_unit": "1.5e-7"}])
def test_a_listed_price_stays_as_it_is_written(more: dict[str, Any], tmp_path: Path) -> None:
    price = {**LISTED, **more}
    assert read_prices(written(tmp_path, {"m": [price]})) == ({**price, "model": "m"},)


def test_toml_says_the_same(tmp_path: Path) -> None:
    text = """
    per-token = { input_nanos = 3 }
    [["listed.model"]]
    meter = "input_text_tokens"
    unit_size = 1000000
    price_per_unit = "0.0375"
    """
    found = read_prices(written(tmp_path, text, "prices.toml"))
    assert [(one["model"], one["price_per_unit"]) for one in found] == [
        ("per-token", "0.000000003"),
        ("listed.model", "0.0375"),
    ]


@pytest.mark.parametrize(
    ("text", "name"), [('{"m": {"input_nanos": 3}}', "p.json"), ("m.input_nanos = 3", "p.toml")]
)
def test_a_byte_order_mark_does_no_harm(text: str, name: str, tmp_path: Path) -> None:
    found = read_prices(written(tmp_path, "\ufeff" + text, name))
    assert [(one["model"], one["price_per_unit"]) for one in found] == [("m", "0.000000003")]


def test_a_name_with_dots_that_stands_without_quotes_is_said_to_be_one(tmp_path: Path) -> None:
    path = written(tmp_path, "[gpt-5.1]\ninput_nanos = 3", "prices.toml")
    with pytest.raises(ConfigError, match="gpt-5: it has 1 inside; in TOML a name with dots stan"):
        read_prices(path)


def test_a_model_is_free_when_all_of_its_prices_are_nought(tmp_path: Path) -> None:
    free = {**LISTED, "price_per_unit": "0.00"}
    half = [free, {**LISTED, "meter": "output_text_tokens"}]
    said = {"paid": {"input_nanos": 1}, "half": half, "free": [free], "none": {"input_nanos": 0}}
    assert free_models(read_prices(written(tmp_path, said))) == ["free", "none"]


def test_without_a_file_there_is_no_price() -> None:
    assert read_prices(None) == ()


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("{", "cannot be read: "),
        ("[" * 100_000, "cannot be read: "),
        ("[]", "expected model → prices, and at least one model"),
        ({}, "expected model → prices, and at least one model"),
        ('{"m": {"input_nanos": 1}, "m": {}}', "'m' stands twice"),
        ({"m": 5}, "m: expected whole numbers input_nanos and output_nanos, or a list of meter,"),
        ({"m": []}, "m: expected whole numbers input_nanos and output_nanos, or a list of meter,"),
        ({"m": {}}, "m: expected input_nanos and output_nanos, not nothing"),
        ({"m": {"input": 1}}, "m: expected input_nanos and output_nanos, not input"),
        ({"m": {"input_nanos": 0.5}}, "m: input_nanos is 0.5, not a whole number from 0; write"),
        ({"m": {"input_nanos": -1}}, "m: input_nanos is -1, not a whole number from 0"),
        ({"m": {"input_nanos": True}}, "m: input_nanos is True, not a whole number from 0"),
        ({"m": ["dear"]}, "m: 'dear' is no price with meter, unit_size and price_per_unit"),
        ({"m": [LISTED, LISTED]}, "m: input_text_tokens has two prices"),
        ({"m": [{**LISTED, "usd": 1}]}, "m: a price does not know usd; it has meter, unit_size"),
        ({"m": [{"meter": "x", "unit_size": 1}]}, "m: a price lacks price_per_unit; it has"),
        ({"m": [{**LISTED, "meter": ""}]}, "m: '' is no name of a meter"),
        ({"m": [{**LISTED, "meter": 5}]}, "m: 5 is no name of a meter"),
        ({"m": [{**LISTED, "unit_size": 0}]}, "m: unit_size is 0, not a whole number from 1"),
        ({"m": [{**LISTED, "unit_size": "1"}]}, "m: unit_size is '1', not a whole number from 1"),
        ({"m": [{**LISTED, "included_quantity": -1}]}, "m: included_quantity is -1, not a whole"),
        ({"m": [{**LISTED, "price_per_unit": "-1"}]}, "m: price_per_unit is '-1', not decimal te"),
        ({"m": [{**LISTED, "price_per_unit": "NaN"}]}, "m: price_per_unit is 'NaN', not decimal"),
        ({"m": [{**LISTED, "price_per_unit": None}]}, "m: price_per_unit is None, not decimal te"),
    ],
)  # fmt: skip
def test_what_is_no_price_is_named_in_one_line(data: Any, cause: str, tmp_path: Path) -> None:
    found = refusal(tmp_path, data)
    assert found.startswith(cause)
    assert "\n" not in found


@pytest.mark.parametrize(
    ("number", "text"), [("0.10", "0.10"), ("1e-7", "0.0000001"), ("2", "2"), ("NaN", "nan")]
)
def test_money_as_a_number_is_refused_with_the_text_to_write(
    number: str, text: str, tmp_path: Path
) -> None:
    data = '{"m": [{"meter": "x", "unit_size": 1, "price_per_unit": ' + number + "}]}"
    assert refusal(tmp_path, data) == (
        f'm: price_per_unit is a number; write the amount of USD as text: "{text}"'
    )


@pytest.mark.parametrize(
    ("said", "nanos"),
    [
        ({"input_nanos": 3, "output_nanos": 7}, 4 * 64 * 10),
        ([LISTED], 9_600),
        ([{**LISTED, "price_per_unit": "0.0375000001"}], 9_601),
        ([{**LISTED, "meter": "requests", "unit_size": 1}], 4 * 37_500_000),
    ],
)
def test_the_most_that_requests_cost_is_rounded_up(said: Any, nanos: int, tmp_path: Path) -> None:
    card = read_prices(written(tmp_path, {"m": said}))
    assert dearest_nanos(card, "m", 4, 64) == nanos
    assert dearest_nanos(card, "other", 4, 64) is None
