import pytest

from conformance.mock.refusals import (
    Flat,
    Nested,
    PassedOn,
    error_origin,
    error_type,
    flat_body,
    nested_answer,
    passed_on_answer,
)


@pytest.mark.parametrize(
    ("error", "kind", "origin"),
    [
        ("upstream_error", "system", "upstream"),
        ("gateway_error", "system", "gateway"),
        ("insufficient_funds", "system", "user"),
        ("validation_error", "user", "user"),
    ],
)
def test_type_and_origin_follow_the_error_word(error, kind, origin):
    assert (error_type(error), error_origin(error)) == (kind, origin)


def test_a_flat_body_is_complete():
    refusal = Flat(400, "validation_error", "a_reason", "Why.", {"endpoint": "/v1/x"})
    assert flat_body(refusal, "G-1", "ws_1") == {
        "error": "validation_error",
        "reason": "a_reason",
        "description": "Why.",
        "request_id": "G-1",
        "workspace_id": "ws_1",
        "endpoint": "/v1/x",
        "status_code": 400,
        "error_type": "user",
        "error_origin": "user",
        "generation_id": "G-1",
    }


def test_without_a_reason_or_a_caller_the_members_are_absent():
    body = flat_body(Flat(400, "invalid_json", None, "Why."), "G-1", None)
    assert body.keys().isdisjoint({"reason", "workspace_id"})


def test_a_nested_error_stands_in_error():
    answer = nested_answer(Nested(502, {"type": "upstream_error"}))
    assert (answer.status, answer.body) == (502, {"error": {"type": "upstream_error"}})


def test_a_provider_error_is_passed_on_with_billing_beside_it():
    passed_on = PassedOn(429, {"error": {"code": "x"}}, {"retry-after": "7"}, {"state": "void"})
    answer = passed_on_answer(passed_on)
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")
    assert answer.body == {"error": {"code": "x"}, "billing": {"state": "void"}}


@pytest.mark.parametrize("body", ["oops", None, [], {"message": "no error member"}])
def test_a_provider_answer_without_an_error_member_gets_one(body):
    assert passed_on_answer(PassedOn(500, body)).body["error"]["type"] == "upstream_error"
