"""Price cards: texts of prices, what cannot be read, and which price holds for a model."""

from typing import Any

import pytest

from conformance.checks.billing._card import price_nanos, prices_of, tariff

INPUT = {"meter": "input_text_tokens", "unit_size": 1000, "price_per_unit": "0.5"}
OWN = {**INPUT, "model": "maker/own", "included_quantity": 10}


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


def test_an_included_quantity_is_phaseo_s_alone() -> None:
    assert [one.included for one in prices_of([INPUT, OWN], "ai-stats")] == [0, 0]
    assert [one.included for one in prices_of([INPUT, OWN], "phaseo")] == [0, 10]


@pytest.mark.parametrize("wrong", [{"unit_size": 0}, {"unit_size": "1"}, {"price_per_unit": 0.5}])
def test_one_price_that_cannot_be_read_spoils_the_card(wrong: dict[str, Any]) -> None:
    assert prices_of([INPUT, {**OWN, **wrong}], "ai-stats") == ()


@pytest.mark.parametrize("name", ["maker/own", "own", "own-2026-01-31", "other-maker/own"])
def test_a_model_is_known_by_its_dated_and_its_bare_name(name: str) -> None:
    prices = prices_of([OWN], "ai-stats")
    assert tariff(prices, (name,)) == prices


def test_a_card_that_leaves_the_price_open_gives_none() -> None:
    prices = prices_of([OWN, {**OWN, "model": "two", "price_per_unit": "7"}], "ai-stats")
    assert tariff(prices, ("maker/own", "two")) is None
    assert tariff(prices, ("unheard-of",)) == ()
