import json

import pytest

from conformance.mock.prices import (
    MODELS,
    BadPrice,
    Price,
    canonical_param,
    model_item,
    nanos_of,
    price_card,
    supports,
    with_prices,
)


def test_a_product_is_rounded_half_up_to_a_whole_nano():
    price = Price(37_500_000, 1_000_000)
    assert [price.of(units) for units in (7, 1, 2)] == [263, 38, 75]


def test_large_amounts_stay_exact():
    assert Price(4_000_000_000, 1_000_000).of(10**15 + 1) == 4 * 10**18 + 4_000


def test_a_model_item_shows_both_spellings_of_its_parameters():
    item = model_item(MODELS["mock-mini"])
    assert item["supported_params"] == item["supported_parameters"]
    assert item["supported_params_detail"] == item["supported_parameters_detail"]
    assert item["providers"][0]["supported_params"] == item["supported_params"]
    assert item["pricing"]["prices"][0] == {
        "dimension": "input_text_tokens",
        "unit_size": 1,
        "unit_price_usd": "0.000001000",
    }
    json.dumps(item)


def test_parameters_are_known_by_name_and_alias():
    assert canonical_param("window") == "completion_window"
    assert supports(MODELS["mock-mini"], ["request_endpoint", "window", "webhook"])
    assert not supports(MODELS["mock-free"], ["webhook"])
    assert not supports(MODELS["mock-mini"], ["unheard_of"])


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("0.0375", 37_500_000),
        ("0", 0),
        ("2", 2_000_000_000),
        ("0.0000000019999", 1),
        ("1.9999e-9", 2),
        ("1.5E-9", 2),
        ("1.4e-9", 1),
    ],
)
def test_a_price_text_is_cut_and_one_with_an_exponent_is_rounded(text, nanos):
    assert nanos_of(text) == nanos


@pytest.mark.parametrize("text", ["", "dear", "-1", "NaN", "Infinity", "1e99", None, 1])
def test_what_is_no_price_is_refused(text):
    with pytest.raises(BadPrice):
        nanos_of(text)


def test_the_card_has_every_price_as_text():
    assert price_card([MODELS["mock-fine"]]) == [
        {
            "meter": "input_text_tokens",
            "unit_size": 1_000_000,
            "price_per_unit": "0.037500000",
            "model": "mock-fine",
        },
        {
            "meter": "output_text_tokens",
            "unit_size": 1_000_000,
            "price_per_unit": "0.150000000",
            "model": "mock-fine",
        },
    ]


def test_own_prices_replace_those_they_name_and_keep_their_words_on_the_card():
    own = [{"meter": "input_text_tokens", "unit_size": 1_000, "price_per_unit": "1.25e-1"}]
    model = with_prices(MODELS["mock-fine"], own)
    assert model.prices["input_text_tokens"].of(2) == 250_000
    assert model.prices["output_text_tokens"] == MODELS["mock-fine"].prices["output_text_tokens"]
    assert [one["price_per_unit"] for one in price_card([model])] == ["1.25e-1", "0.150000000"]
    assert MODELS["mock-fine"].prices["input_text_tokens"].nanos == 37_500_000


@pytest.mark.parametrize(
    "prices",
    [
        None,
        [],
        ["0.1"],
        [{"meter": "unheard_of", "price_per_unit": "0.1"}],
        [{"meter": "input_text_tokens"}],
        [{"meter": "input_text_tokens", "price_per_unit": "0.1", "unit_size": 0}],
        [{"meter": "input_text_tokens", "price_per_unit": "0.1", "unit_size": True}],
    ],
)
def test_own_prices_that_make_no_sense_are_refused(prices):
    with pytest.raises(BadPrice):
        with_prices(MODELS["mock-mini"], prices)
