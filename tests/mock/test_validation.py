import pytest

from conformance.mock.refusals import Refused
from conformance.mock.validation import input_rows, json_body, session_id_of, usable_text


@pytest.mark.parametrize("data", [b"{", b"", b"\xff", b"NaN", b'{"a": Infinity}', b"[" * 100_000])
def test_what_is_not_json_is_refused_as_such(data):
    with pytest.raises(Refused) as caught:
        json_body(data)
    assert (caught.value.refusal.status, caught.value.refusal.error) == (400, "invalid_json")


@pytest.mark.parametrize(
    ("fields", "session_id"),
    [
        ({"session_id": "x", "sessionId": "y"}, "x"),
        ({"session_id": "", "sessionId": "y"}, None),
        ({"session_id": 7, "sessionId": "y"}, "y"),
        ({"session_id": 7}, None),
        ({"session_id": " \u00e4 "}, " \u00e4 "),
    ],
)
def test_the_session_id_wins_over_its_alias_when_it_is_a_string(fields, session_id):
    assert session_id_of(fields) == session_id


@pytest.mark.parametrize(("value", "text"), [(" x ", "x"), ("  ", None), (None, None), (7, None)])
def test_usable_text_is_a_string_that_is_not_blank(value, text):
    assert usable_text(value) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\n \n", "batch_reservation_empty_input_file"),
        (b"not json", "batch_reservation_input_unavailable"),
    ],
)
def test_a_file_without_usable_lines_is_refused(data, reason):
    with pytest.raises(Refused) as caught:
        input_rows(data)
    assert (caught.value.refusal.status, caught.value.refusal.reason) == (400, reason)
