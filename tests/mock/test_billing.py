import pytest

from conformance.mock.billing import (
    Wallet,
    breakdown,
    estimated_usage,
    metered_lines,
    reported_usage,
    summary_line,
    usage_nanos,
)
from conformance.mock.input_rows import InputRow
from conformance.mock.prices import MODELS


def test_rows_are_rounded_one_by_one_before_they_are_added():
    rows = [(MODELS["mock-fine"], {"input_text_tokens": 7})] * 1_000
    (line,) = metered_lines(rows)
    assert (line["quantity"], line["line_nanos"]) == (7_000, 263_000)
    assert line["line_cost_usd"] == "0.000263000"
    assert sum(usage_nanos(model, usage) for model, usage in rows) == line["line_nanos"]


def test_a_metered_line_has_nine_members():
    usage = {"input_text_tokens": 27, "output_text_tokens": 0}
    assert metered_lines([(MODELS["mock-mini"], usage)]) == [
        {
            "dimension": "input_text_tokens",
            "quantity": 27,
            "billable_units": 27,
            "unit_size": 1,
            "unit_price_usd": "0.000001000",
            "line_cost_usd": "0.000027000",
            "line_nanos": 27_000,
            "pricing_plan": "batch",
            "service_tier": "batch",
        }
    ]


def test_one_dimension_at_two_prices_makes_two_lines():
    usage = {"input_text_tokens": 1}
    lines = metered_lines(
        [(MODELS[name], usage) for name in ("mock-mini", "mock-large", "mock-mini")]
    )
    assert [line["quantity"] for line in lines] == [2, 1]


def test_cents_are_cut_and_counts_are_named():
    counts = {"completed": 2, "failed": 1, "total": 3}
    assert breakdown(19_999_999, counts) == {
        "total_nanos": 19_999_999,
        "total_usd_str": "0.019999999",
        "total_cents": 1,
        "completed_requests": 2,
        "failed_requests": 1,
        "total_requests": 3,
    }


def test_a_summary_line_has_seven_members():
    assert summary_line("/v1/responses", 1, 0) == {
        "dimension": "batch_requests",
        "pricing_plan": "batch",
        "service_tier": "batch",
        "endpoint": "/v1/responses",
        "units": 1,
        "total_nanos": 0,
        "total_usd_str": "0.000000000",
    }


@pytest.mark.parametrize(
    ("url", "body", "usage"),
    [
        (None, {"input": "hello there"}, {"input_text_tokens": 3, "output_text_tokens": 1024}),
        ("/v1/embeddings", {"input": "hello there"}, {"input_text_tokens": 3}),
        ("moderations", {}, {"requests": 1}),
        ("/v1/images/edits", {"n": 2}, {"output_image": 2}),
        ("/v1/videos", {"seconds": 8}, {"output_video_seconds": 8}),
    ],
)
def test_the_estimate_counts_what_the_target_measures(url, body, usage):
    value = {"body": body} if url is None else {"url": url, "body": body}
    assert estimated_usage(InputRow(1, value), "/v1/responses") == usage


@pytest.mark.parametrize(
    ("endpoint", "body", "usage"),
    [
        ("/v1/responses", {"usage": {"input_tokens": 3, "output_tokens": 4}}, (3, 4)),
        ("/v1/embeddings", {"usage": {"prompt_tokens": 3, "total_tokens": 3}}, (3, 0)),
        ("/v1/chat/completions", {"usage": {"prompt_tokens": 3, "completion_tokens": 4}}, (3, 4)),
    ],
)
def test_tokens_are_read_under_both_names(endpoint, body, usage):
    found = reported_usage(body, endpoint)
    assert found == dict(zip(("input_text_tokens", "output_text_tokens"), usage, strict=True))


@pytest.mark.parametrize(
    ("endpoint", "body", "usage"),
    [
        ("/v1/responses", {}, None),
        ("/v1/moderations", {}, {"requests": 1}),
        ("/v1/images/generations", {"data": [1, 2]}, {"output_image": 2}),
        ("/v1/videos", {"seconds": "8"}, {"output_video_seconds": 8}),
    ],
)
def test_usage_is_needed_only_where_tokens_are_paid(endpoint, body, usage):
    assert reported_usage(body, endpoint) == usage


def test_a_wallet_reserves_only_what_is_available():
    wallet = Wallet(100)
    assert [wallet.reserve(60), wallet.reserve(41), wallet.reserve(40)] == [True, False, True]
    wallet.release(60)
    wallet.charge(10)
    assert wallet.as_json() == {"balance_nanos": 90, "reserved_nanos": 40, "available_nanos": 50}
