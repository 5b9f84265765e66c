import pytest

from conformance.mock.billing import reported_usage
from conformance.mock.ids import Ids
from conformance.mock.input_rows import InputRow
from conformance.mock.results import json_lines, refused, succeeded, told_otherwise, unfinished


def line_of(url, *, usage=True, **body):
    row = InputRow(1, {"custom_id": "a", "url": url, "body": {"model": "mock-mini", **body}})
    return succeeded(row, "/v1/responses", "", Ids("x"), usage=usage)


@pytest.mark.parametrize(
    ("url", "body", "usage"),
    [
        (
            "/v1/responses",
            {"input": "hello there"},
            {"input_text_tokens": 3, "output_text_tokens": 25},
        ),
        (
            "/v1/chat/completions",
            {"max_tokens": 7},
            {"input_text_tokens": 1, "output_text_tokens": 7},
        ),
        (
            "/v1/completions",
            {"prompt": "x" * 8},
            {"input_text_tokens": 2, "output_text_tokens": 25},
        ),
        ("/v1/embeddings", {"input": "x"}, {"input_text_tokens": 1, "output_text_tokens": 0}),
        ("/v1/moderations", {"input": "x"}, {"requests": 1}),
        ("/v1/images/generations", {"n": 2}, {"output_image": 2}),
        ("/v1/videos", {"seconds": 8}, {"output_video_seconds": 8}),
    ],
)
def test_each_target_answers_with_what_it_used(url, body, usage):
    response = line_of(url, **body)["response"]
    assert (response["status_code"], response["body"]["model"]) == (200, "mock-mini")
    assert reported_usage(response["body"], url) == usage


def test_usage_can_be_left_out():
    assert "usage" not in line_of("/v1/responses", usage=False)["response"]["body"]


def test_a_refused_row_names_the_parameter():
    line = refused(InputRow(1, {"custom_id": "a", "body": {"temperature": 9}}), Ids("x"))
    assert (line["custom_id"], line["response"]["status_code"]) == ("a", 400)
    assert line["response"]["body"]["error"]["param"] == "temperature"


def test_an_unfinished_row_has_no_response():
    line = unfinished(InputRow(1, {"custom_id": "a"}), Ids("x"), "batch_expired")
    assert (line["response"], line["error"]["code"]) == (None, "batch_expired")


def test_lines_end_with_a_line_feed():
    assert json_lines([{"a": 1}, {"b": "\u00e4"}]) == b'{"a": 1}\n{"b": "\\u00e4"}\n'


@pytest.mark.parametrize(
    ("model", "named"), [("", "mock-mini"), ("another", "another"), (None, "nobody")]
)
def test_another_model_can_have_answered_or_none(model, named):
    body = told_otherwise(line_of("/v1/responses"), model)["response"]["body"]
    assert body.get("model", "nobody") == named
