import pytest

from conformance.mock.input_rows import InputRow, NotJsonLines, read_rows


def test_blank_lines_and_crlf_are_skipped():
    rows = read_rows(b'\r\n{"custom_id":"a"}\r\n\n  \n{"custom_id":"b"}')
    assert [(row.line, row.custom_id) for row in rows] == [(2, "a"), (5, "b")]


@pytest.mark.parametrize("data", [b"not json", b'{"a":1}\n{', b"\xff\xfe", b"[" * 100_000])
def test_a_line_that_is_not_json_is_told(data):
    with pytest.raises(NotJsonLines):
        read_rows(data)


def test_body_and_url_may_stand_below_request():
    row = InputRow(1, {"request": {"url": "/v1/responses", "body": {"model": " m "}}})
    assert (row.url, row.body, row.model) == ("/v1/responses", {"model": " m "}, "m")


@pytest.mark.parametrize("value", [5, [], {"custom_id": 7, "body": "x"}])
def test_what_is_not_there_is_none(value):
    row = InputRow(1, value)
    assert (row.custom_id, row.body, row.model) == (None, None, None)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"temperature": 2.5}, "temperature"),
        ({"temperature": 2}, None),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"top_p": -1}, "top_p"),
        ({}, None),
    ],
)
def test_parameters_out_of_range_are_named(body, param):
    assert InputRow(1, {"body": body}).out_of_range() == param
