import pytest

from conformance.mock.provider import ScriptedError


def refusal(answer):
    return answer.status, answer.body["error"], answer.body.get("reason")


def test_a_new_batch_echoes_what_was_asked(caller):
    batch = caller.created(
        metadata={"job": "nightly"}, session_id=" \u00e4 ", completion_window="24h"
    )
    assert (batch["status"], batch["object"], batch["provider"]) == (
        "validating",
        "batch",
        "openai",
    )
    assert (batch["metadata"], batch["session_id"]) == ({"job": "nightly"}, " \u00e4 ")
    assert batch["expires_at"] == batch["created_at"] + 86_400


def test_equal_creates_make_two_batches(caller):
    file_id = caller.upload({"custom_id": "a", "body": {"model": "mock-mini"}})
    body = {"endpoint": "responses", "input_file_id": file_id}
    one, other = (caller.post("/batches", body).body for _ in range(2))
    assert one["id"] != other["id"]
    assert one["request_id"] != other["request_id"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"webhook": 3}, "invalid_batch_webhook"),
        ({"webhook": {"url": "http://example.com"}, "endpoint": ""}, "invalid_batch_webhook"),
        ({"input_file_id": "x"}, "batch_missing_endpoint"),
        ({"endpoint": "   "}, "batch_missing_endpoint"),
        ({"endpoint": 7}, "batch_missing_endpoint"),
        ([], "batch_missing_endpoint"),
        ("x", "batch_missing_endpoint"),
        (5, "batch_missing_endpoint"),
        ({"endpoint": "/v1/rerank"}, "batch_unsupported_endpoint"),
        ({"endpoint": "/v1/Responses"}, "batch_unsupported_endpoint"),
        ({"endpoint": "responses"}, "batch_reservation_missing_input_file"),
        ({"endpoint": "responses", "input_file_id": 7}, "batch_reservation_missing_input_file"),
        ({"endpoint": "responses", "session_id": "x" * 257}, "batch_session_id_too_long"),
    ],
)
def test_requests_are_refused_in_the_order_of_checks(caller, body, reason):
    answer = caller.post("/batches", body)
    assert refusal(answer) == (400, "validation_error", reason)


def test_null_is_refused_like_an_empty_object(caller):
    answer = caller.call("POST", "/batches", body=b"null")
    assert refusal(answer) == (400, "validation_error", "batch_missing_endpoint")


def test_a_body_that_is_not_json_has_no_reason(caller):
    assert refusal(caller.call("POST", "/batches", body=b"{")) == (400, "invalid_json", None)


def test_an_unsupported_endpoint_is_shown_normalised_beside_the_supported_ones(caller):
    body = caller.post("/batches", {"endpoint": "rerank"}).body
    assert (body["endpoint"], len(body["supported_endpoints"])) == ("/v1/rerank", 8)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\n\n", "batch_reservation_empty_input_file"),
        (b"not json", "batch_reservation_input_unavailable"),
        (b'{"custom_id":"a"}', "batch_reservation_invalid_input_row"),
        (b'{"body":"x"}', "batch_reservation_invalid_input_row"),
        (b'{"body":{}}', "batch_reservation_missing_model"),
        (b'{"body":{"model":"gpt-unknown"}}', "batch_reservation_pricing_unavailable"),
        (b'{"url":"/v1/audio/speech","body":{"model":"mock-mini"}}',
         "batch_reservation_unsupported_endpoint"),
        (b'{"url":7,"body":{"model":"mock-mini"}}', "batch_reservation_unsupported_endpoint"),
        (b'{"url":"/v1/videos","body":{"model":"mock-video"}}',
         "batch_reservation_missing_video_duration"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_run_is_refused_without_a_trace(caller, data, reason):
    before = caller.wallet()
    file_id = caller.upload(data=data)
    answer = caller.post("/batches", {"endpoint": "/v1/responses", "input_file_id": file_id})
    assert refusal(answer) == (400, "validation_error", reason)
    assert (caller.get("/batches").body["data"], caller.wallet()) == ([], before)


def test_the_request_may_name_the_model_of_rows_without_one(caller, make_row):
    batch = caller.created(make_row(model=None), model="mock-mini")
    assert caller.polled_to_end(batch["id"])["billing"]["charged"] is True


@pytest.mark.parametrize("owner", ["nobody", "b"])
def test_a_file_of_nobody_or_somebody_else_is_not_found(caller, make_row, owner):
    other = caller.other("b")
    file_id = "file-nope" if owner == "nobody" else other.upload(make_row())
    answer = caller.post("/batches", {"endpoint": "responses", "input_file_id": file_id})
    assert refusal(answer) == (404, "not_found", "file_not_found_or_not_owned")
    assert caller.get(f"/files/{file_id}").status == 404


def test_without_credit_nothing_is_sent_or_held(caller):
    poor = caller.other("no_funds")
    answer = poor.create()
    assert refusal(answer) == (402, "insufficient_funds", "batch_reservation_insufficient_credits")
    assert answer.body["required_nanos"] == 2_051_000
    assert answer.body["reservation_status"] == "insufficient_funds"
    assert (answer.body["error_type"], answer.body["error_origin"]) == ("system", "user")
    assert (poor.wallet()["reserved_nanos"], caller.home.provider.batches) == (0, {})


def test_the_provider_gets_all_but_the_gateways_own_fields(caller):
    caller.created(
        session_id="s", sessionId="t", webhook={"url": "https://a.example"}, x_unknown={"a": 1}
    )
    sent = next(one.body for one in caller.home.provider.seen if one.path == "/v1/batches")
    assert sent.keys() == {"endpoint", "input_file_id", "x_unknown"}


def test_a_refusal_of_the_provider_is_passed_on_with_a_void_bill(caller):
    error = {"error": {"message": "no", "type": "x", "param": None, "code": None}}
    caller.home.provider.scripted_errors.append(
        ScriptedError("create", 429, error, {"retry-after": "7"})
    )
    answer = caller.create()
    billing = answer.body.pop("billing")
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (429, error, "7")
    assert billing == {
        "currency": "usd",
        "state": "void",
        "billed": True,
        "charged": False,
        "reason": "upstream_create_failed",
        "reservation_id": billing["reservation_id"],
        "reservation_status": "released",
        "estimated_nanos": 2_051_000,
        "reserved_nanos": 2_051_000,
        "settled_provider_cost": "0.00",
        "settled_user_cost": "0.00",
        "total_nanos": 0,
        "cost_nanos": 0,
        "cost_usd": 0,
    }
    assert caller.wallet()["reserved_nanos"] == 0


def test_a_refusal_without_a_hold_has_no_bill(caller, make_row):
    answer = caller.create(make_row(model="mock-free"), completion_window="7d")
    assert (answer.status, answer.body.keys()) == (400, {"error"})


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (ScriptedError("create", hangup=True),
         (500, "gateway_error", "batch_upstream_create_failed")),
        (ScriptedError("create", 200, {"object": "batch"}),
         (502, "upstream_error", "batch_upstream_missing_id")),
        (ScriptedError("create", 200, "text"),
         (502, "upstream_error", "batch_upstream_missing_id")),
        (ScriptedError("content", 500),
         (500, "gateway_error", "batch_reservation_input_unavailable")),
    ],
)  # fmt: skip
def test_a_failing_provider_leaves_no_hold(caller, script, expected):
    caller.home.provider.scripted_errors.append(script)
    assert refusal(caller.create()) == expected
    assert (caller.wallet()["reserved_nanos"], caller.get("/batches").body["data"]) == (0, [])


def test_a_failing_hold_is_a_gateway_error(caller):
    caller.workspace.failing["hold"] += 1
    answer = caller.create()
    assert refusal(answer) == (500, "gateway_error", "batch_reservation_unavailable")


def test_a_batch_that_cannot_be_stored_is_taken_back(caller):
    caller.workspace.failing["create"] += 1
    answer = caller.create()
    error = answer.body["error"]
    assert (answer.status, error["type"]) == (502, "async_job_persistence_failed")
    assert error["reservation_status"] == "released"
    assert caller.home.provider.batches[error["batch_id"]].status == "cancelling"
    assert (caller.wallet()["reserved_nanos"], caller.get("/batches").body["data"]) == (0, [])


def test_a_provider_answer_of_an_id_alone_is_enough(caller):
    caller.home.provider.scripted_errors.append(ScriptedError("create", 200, {"id": "batch_x"}))
    batch = caller.created()
    assert (batch["id"], batch["status"]) == ("batch_x", "validating")
    assert caller.get("/batches/batch_x").status == 404
