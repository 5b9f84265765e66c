import base64
import json
from pathlib import Path

import pytest

from conformance.mock.gateway import Gateway
from conformance.mock.gateway.hook_requests import signature
from conformance.mock.outbox import HookAnswer
from conformance.mock.webhook_config import Event, webhook_secret
from conformance.requirements import registry

VECTORS = Path(__file__).parents[3] / "docs" / "contract" / "vectors" / "lifecycle.json"
SIGNATURES = json.loads(VECTORS.read_bytes())["signatures"]
SECRET = "whsec_hïdden"
URL = "http://127.0.0.1:9/h"
FAILED = HookAnswer(503)


def body_of(vector):
    coded = vector.get("body_base64")
    return base64.b64decode(coded) if coded else vector["body"].encode()


@pytest.fixture
def created(caller):
    def creating(events=("job.created",), secret=SECRET, **fields):
        hook = {"url": URL, "events": list(events), "secret": secret}
        return caller.created(webhook=hook, **fields)

    return creating


@pytest.mark.parametrize("vector", SIGNATURES, ids=lambda vector: vector["name"])
def test_the_vectors_of_the_contract_are_reproduced(caller, vector):
    gateway, key = caller.gateway, webhook_secret(vector["secret"]).encode()
    signed = gateway.signed_bytes(vector["timestamp"], body_of(vector))
    assert signature(key, signed) == vector["signature"]


def test_a_delivery_has_the_body_of_the_contract_without_white_space(caller, created):
    batch = created()
    (request,) = caller.deliver()
    value = json.loads(request.body)
    assert request.body == json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    assert list(value) == ["id", "type", "created_at", "delivery", "data"]
    assert {name: value[name] for name in ("id", "type", "created_at", "delivery")} == {
        "id": f"evt_batch_{batch['id']}_batch_created",
        "type": "batch.created",
        "created_at": caller.home.clock.now_s,
        "delivery": {"key": "batch.created", "attempt": 1, "max_attempts": 4},
    }
    stored = caller.workspace.batches[batch["id"]]
    told = caller.gateway.message_data(stored, "http://127.0.0.1/v1")
    kept = value["data"].keys() - {"webhook", "updated_at", "last_webhook_dispatched_at"}
    assert value["data"].keys() == told.keys()
    assert {name: value["data"][name] for name in kept} == {name: told[name] for name in kept}


def test_headers_repeat_the_body_and_sign_its_very_bytes(caller, created):
    batch = created(session_id="añ\ud800")
    (request,) = caller.deliver()
    timestamp = str(caller.home.clock.now_s)
    assert dict(request.headers) == {
        "content-type": "application/json",
        "user-agent": "AI-Stats-Async-Webhook/1.0",
        "x-ai-stats-event-id": f"evt_batch_{batch['id']}_batch_created",
        "x-ai-stats-event-type": "batch.created",
        "x-ai-stats-delivery-key": "batch.created",
        "x-ai-stats-attempt": "1",
        "x-ai-stats-max-attempts": "4",
        "x-ai-stats-timestamp": timestamp,
        "x-ai-stats-signature": signature(
            SECRET.encode(), timestamp.encode() + b"." + request.body
        ),
    }
    assert (request.method, request.url, request.follow_redirects) == ("POST", URL, False)
    assert json.loads(request.body)["data"]["session_id"] == "añ\ud800"


def test_without_a_secret_there_is_neither_signature_nor_timestamp(caller, created):
    created(secret="  ")
    (request,) = caller.deliver()
    words = [name.removeprefix("x-ai-stats-") for name in request.headers]
    assert words[2:] == ["event-id", "event-type", "delivery-key", "attempt", "max-attempts"]


def test_a_later_attempt_has_the_same_id_and_key_and_is_signed_anew(caller, created):
    batch = created()
    (first,) = caller.deliver(FAILED)
    caller.act("clock_advanced", by_ms=60_000)
    caller.act("scheduled_job_tick")
    (second,) = caller.deliver()
    one, other = json.loads(first.body), json.loads(second.body)
    assert (one["id"], one["type"]) == (other["id"], other["type"])
    assert other["delivery"] == {"key": "batch.created", "attempt": 2, "max_attempts": 4}
    assert other["created_at"] - one["created_at"] >= 60
    assert second.headers["x-ai-stats-timestamp"] == str(other["created_at"])
    assert first.headers["x-ai-stats-signature"] != second.headers["x-ai-stats-signature"]
    assert other["data"]["webhook"]["delivery"]["total_attempts"] == 1
    assert (one["data"]["status"], other["data"]["status"]) == ("pending", "in_progress")
    assert other["data"]["id"] == batch["id"]


def test_progress_is_told_by_its_bucket_in_key_id_and_data(caller, created):
    caller.lives({"status": "in_progress", "completed": 1}, {"status": "completed", "completed": 3})
    batch_id = created(["batch.progress"])["id"]
    stored = caller.workspace.batches[batch_id]
    stored.shown |= {"status": "in_progress", "request_counts": {"total": 9, "completed": 4}}
    caller.gateway.after_look(caller.workspace, stored)
    (request,) = caller.deliver()
    value = json.loads(request.body)
    assert (value["type"], value["delivery"]["key"]) == ("batch.progress", "batch.progress:40")
    assert value["id"] == f"evt_batch_{batch_id}_batch_progress_40"
    assert (value["data"]["progress"], caller.gateway.message_progress(stored)) == (40, 44)


def test_an_event_id_is_clean_and_of_bounded_length(caller, created):
    created(["batch.created"])
    (request,) = caller.deliver()
    attempt = request.attempt
    attempt.batch.shown["id"] = "ü/:" + "x" * 200
    event_id = caller.gateway.event_id(attempt)
    assert (event_id[:12], len(event_id)) == ("evt_batch__x", 160)


def test_links_stand_on_the_base_of_the_create_also_when_nobody_calls(caller, created):
    batch_id = created(["job.completed"])["id"]
    caller.workspace.batches[batch_id].webhook.base = "https://public.example/v1"
    for _ in range(4):
        caller.act("scheduled_job_tick")
    (request,) = caller.deliver()
    links = json.loads(request.body)["data"]
    assert links["polling_url"] == f"https://public.example/v1/batches/{batch_id}"


def test_the_secret_is_shown_nowhere(caller, created):
    batch = created(["job.created", "job.completed"])
    requests = caller.deliver(HookAnswer(200, f"{SECRET} heard"))
    bodies = [caller.polled_to_end(batch["id"])]
    requests += caller.deliver()
    stored = caller.workspace.batches[batch["id"]]
    seen = f"{bodies}{stored!r}{requests!r}{[r.body.decode() for r in requests]}"
    assert "hïdden" not in seen
    assert (bodies[0]["webhook"]["attempts"][0]["response_body_preview"]) == "*** heard"


def test_faults_of_messages_are_part_of_what_is_signed(make_caller):
    row = next((one for one in registry() if one.fault and one.fault.on == "message"), None)
    if row is None:
        pytest.skip("no row has a fault of messages")
    caller = make_caller(row.fault.name)
    caller.created(webhook={"url": URL, "events": ["created"], "secret": "k"})
    (request,) = caller.deliver()
    signed = request.headers["x-ai-stats-timestamp"].encode() + b"." + request.body
    assert request.headers["x-ai-stats-signature"] == signature(b"k", signed)


def test_keys_of_other_events_have_no_bucket():
    assert Gateway.delivery_key(None, Event("failed")) == "batch.failed"
