import json

from conformance.mock.prices import MODELS, Price, canonical_param, model_item, supports


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
