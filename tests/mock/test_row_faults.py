import json

from conformance.json_text import ABSENT
from conformance.mock.exchange import Answer, Call, json_answer
from conformance.mock.row_faults import (
    apply_row_faults,
    delivery_faults_of,
    message_faults_of,
    no_delivery_faults,
    no_message_faults,
    request_seen,
    row_faults_of,
)
from conformance.requirements import Case, Fault, Level, Requirement


def requirement(fault, table=()):
    return Requirement(
        "REST-X-01", Level.MUST, "A text.", ("seed",), ("ai-stats",), (), "free", "http", "error",
        "code", "", "", "keep", fault=fault, table=table,
    )  # fmt: skip


def patched(on, when, *patch, table=()):
    return requirement(Fault("a-fault", on, when, patch), table)


def test_without_rows_the_answer_is_untouched(caller):
    answer = json_answer(200, {"id": "x"})
    assert row_faults_of([])(Call("GET", "/batches/x"), answer, caller.home) is answer


def test_a_batch_body_is_edited_where_the_fault_applies(caller):
    row = patched("batch-body", "get", {"op": "remove", "path": "/status"})
    call = Call("GET", "/batches/x")
    answer = row_faults_of([row])(call, json_answer(200, {"id": "x", "status": "y"}), caller.home)
    assert answer.body == {"id": "x"}


def test_status_and_headers_can_be_edited_too(caller):
    row = patched(
        "error", "", {"op": "replace", "path": "/status", "value": 418},
        {"op": "remove", "path": "/headers/cache-control"},
    )  # fmt: skip
    answer = json_answer(404, {"error": "not_found"}, {"cache-control": "no-store"})
    edited = row_faults_of([row])(Call("GET", "/batches/x"), answer, caller.home)
    assert (edited.status, edited.headers) == (418, {"content-type": "application/json"})


def test_bytes_are_no_json_and_stay(caller):
    row = patched("answer", "", {"op": "replace", "path": "/status", "value": 201})
    request = request_seen(Call("GET", "/files/x/content"), caller.home)
    edited = apply_row_faults([row], request, Answer(200, b"{}", {}))
    assert (edited.status, edited.body) == (201, b"{}")


def test_credentials_are_seen_by_their_names(caller):
    tokens = {"b": caller.home.keys["b"].token, "revoked": caller.home.bad_tokens["revoked"]}
    seen = {
        name: request_seen(
            Call("GET", "/batches", headers={"authorization": f"Bearer {token}"}), caller.home
        ).credential
        for name, token in tokens.items()
    }
    assert seen == {"b": "b", "revoked": "revoked"}


def test_a_fault_of_a_table_row_applies_to_its_cases_alone(caller):
    case = Case("x", {"method": "GET", "path": "/batches", "query": "limit=0"}, {"status": [200]})
    row = patched("list", "table", {"op": "add", "path": "/body/x", "value": 1}, table=(case,))
    headers = {"authorization": f"Bearer {caller.token}"}
    bodies = [
        row_faults_of([row])(
            Call("GET", "/batches", query, headers), json_answer(200, {}), caller.home
        ).body
        for query in ("limit=0", "limit=1")
    ]
    assert bodies == [{"x": 1}, {}]


def test_the_request_shows_url_and_body(caller):
    request = request_seen(Call("POST", "/batches", "x=1", body=b"{}"), caller.home)
    assert (request.url, request.json) == ("http://127.0.0.1/v1/batches?x=1", {})
    assert request_seen(Call("GET", "/batches"), caller.home).json is ABSENT


def test_a_message_is_edited_by_the_faults_of_messages_alone():
    rows = [
        patched("message", "failed", {"op": "remove", "path": "/model"}),
        patched("message", "", {"op": "replace", "path": "/model", "value": "m"}),
        patched("batch-body", "", {"op": "remove", "path": "/status"}),
    ]
    text = '{"type":"job.updated","data":{"status":"completed","model":null}}'
    edited = message_faults_of(rows)(text)
    assert json.loads(edited)["data"] == {"status": "completed", "model": "m"}
    assert message_faults_of(rows)('{"type":"pong"}') == '{"type":"pong"}'
    assert message_faults_of(rows[2:]) is no_message_faults
    assert no_message_faults(text) is text


def test_requests_to_webhooks_are_edited_by_the_rows_about_them_in_their_order():
    first = patched("delivery", "", {"op": "replace", "path": "/method", "value": "PUT"})
    second = patched("delivery", "", {"op": "copy", "from": "/method", "path": "/headers/x"})
    other = patched("message", "", {"op": "remove", "path": "/method"})
    document = {"method": "POST", "headers": {}, "body": {}}
    edited = delivery_faults_of([first, other, second])(document)
    assert edited == {"method": "PUT", "headers": {"x": "PUT"}, "body": {}}


def test_without_such_rows_requests_to_webhooks_are_untouched():
    assert delivery_faults_of([patched("message", "")]) is no_delivery_faults
    document = {"method": "POST", "headers": {}, "body": {}}
    assert no_delivery_faults(document) is document
