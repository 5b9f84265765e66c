import re

import pytest

ROUTES = [
    ("POST", "/batches"),
    ("GET", "/batches"),
    ("GET", "/batches/models"),
    ("GET", "/batches/batch_x"),
    ("POST", "/batches/batch_x/cancel"),
    ("POST", "/files"),
    ("GET", "/files"),
    ("GET", "/files/file-x"),
    ("GET", "/files/file-x/content"),
    ("GET", "/credits"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_needs_a_key(caller, method, path):
    caller.token = None
    answer = caller.call(method, path)
    assert (answer.status, answer.body["error"]) == (401, "unauthorised")
    assert answer.body["reason"] == "missing_or_invalid_authorization_header"
    assert "workspace_id" not in answer.body
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("header", ["Basic {}", "bearer {}", "BEARER {}", "{}", "Bearer "])
def test_only_a_bearer_token_is_a_credential(caller, header):
    answer = caller.call("GET", "/batches", headers={"authorization": header.format(caller.token)})
    assert answer.body["reason"] == "missing_or_invalid_authorization_header"


@pytest.mark.parametrize("where", ["x-api-key", "query"])
def test_a_key_elsewhere_is_none(caller, where):
    token, caller.token = caller.token, None
    if where == "query":
        assert caller.get(f"/batches?api_key={token}").status == 401
    else:
        assert caller.call("GET", "/batches", headers={where: token}).status == 401


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("revoked", "key_not_found_or_revoked"),
        ("unknown", "key_not_found_or_revoked"),
        ("expired", "key_expired"),
        ("wrong-secret", "invalid_secret"),
    ],
)
def test_bad_keys_are_told_apart(caller, kind, reason):
    caller.token = caller.home.bad_tokens[kind]
    answer = caller.get("/batches")
    assert (answer.status, answer.body["reason"]) == (401, reason)
    assert caller.token.rpartition("_")[2] not in str(answer.body)


@pytest.mark.parametrize("token", ["nonsense", "aistats_v2_sk_abc123_s", "aistats_v1_sk_abc_s"])
def test_a_malformed_key_is_called_that(caller, token):
    caller.token = token
    assert caller.get("/batches").body["reason"] == "invalid_key_format"


def test_request_ids_are_fresh_ulids(caller):
    bodies = [caller.get("/batches/nope").body for _ in range(2)]
    assert bodies[0]["request_id"] != bodies[1]["request_id"]
    assert all(re.fullmatch(r"G-[0-9A-HJKMNP-TV-Z]{26}", body["request_id"]) for body in bodies)
    assert all(body["generation_id"] == body["request_id"] for body in bodies)


def test_a_flat_error_is_complete(caller):
    answer = caller.get("/batches/nope")
    body = answer.body
    assert (answer.status, body["status_code"]) == (404, 404)
    assert body["reason"] == "batch_not_found_or_not_owned"
    assert (body["batch_id"], body["workspace_id"]) == ("nope", caller.workspace.id)
    assert isinstance(body["description"], str)


def test_a_preflight_needs_no_key_and_any_origin_may_read(caller):
    caller.token = None
    preflight, refused = caller.call("OPTIONS", "/batches"), caller.get("/batches")
    assert (preflight.status, preflight.body) == (204, None)
    assert preflight.headers.keys() >= {
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-max-age",
    }
    origins = [answer.headers["access-control-allow-origin"] for answer in (preflight, refused)]
    assert origins == ["*", "*"]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_switched_off_api_says_so_before_it_asks_for_a_key(caller, method, path):
    caller.home.batch_api_on = False
    caller.token = None
    answer = caller.call(method, path)
    if path.startswith("/batches"):
        assert (answer.status, answer.body["error"]) == (501, "not_implemented_yet")
        assert answer.body["reason"] == "batch_api_temporarily_disabled"
        assert isinstance(answer.body["message"], str)
    else:
        assert answer.status == 401
