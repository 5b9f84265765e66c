from conformance.mock.exchange import Answer, Call, json_answer


def test_path_segments_are_decoded_after_they_are_cut():
    assert Call("GET", "/batches/a%2Fb/cancel").segments == ("batches", "a/b", "cancel")


def test_query_values_keep_order_repeats_and_blanks():
    call = Call("GET", "/batches", "status=a&x=1&status=&status=b%2Cc")
    assert call.query_values("status") == ["a", "", "b,c"]


def test_a_json_body_survives_lone_surrogates():
    answer = json_answer(200, {"session_id": "\ud800"}, {"x-a": "1"})
    assert answer.payload() == b'{"session_id":"\\ud800"}'
    assert answer.headers == {"content-type": "application/json", "x-a": "1"}


def test_bytes_go_out_as_they_are_and_none_is_no_body():
    assert [Answer(200, body).payload() for body in (b"\x00\r\n", None)] == [b"\x00\r\n", b""]
