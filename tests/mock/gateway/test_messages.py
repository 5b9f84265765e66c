import json

import pytest

BASE = "https://h:8443/v1"
KEYS = """
id object kind status lifecycle_status progress request_id session_id app_id native_id provider
model polling_url websocket_url cancel_url endpoint completion_window input_file_id output_file_id
error_file_id key_source byok_key_id reservation_id reservation_status pricing_lines
next_webhook_retry_at last_webhook_progress last_webhook_progress_at last_webhook_dispatched_at
last_polled_at polled_status finalized_at request_counts upstream_error
provider_failure_diagnostics failure_sample routing_diagnostics provider_enablement
provider_candidate_diagnostics billing created_at updated_at
"""
BILLING_KEYS = """
currency estimated_provider_cost estimated_user_cost settled_provider_cost settled_user_cost state
billable total_nanos estimated_nanos reserved_nanos estimation_truncated estimation_sample_size
estimation_total_rows reservation_id reservation_status charge_reason charged
"""


@pytest.fixture
def data_of(caller):
    def data(batch_id):
        return caller.gateway.message_data(caller.workspace.batches[batch_id], BASE)

    return data


def test_a_fresh_batch_has_all_members_and_no_webhook(caller, data_of):
    batch = caller.created(session_id="run-1")
    data = data_of(batch["id"])
    assert list(data) == KEYS.split()
    assert list(data["billing"]) == BILLING_KEYS.split()
    assert (data["status"], data["lifecycle_status"], data["progress"]) == ("pending", "pending", 0)
    assert (data["request_id"], data["session_id"]) == (batch["request_id"], "run-1")
    assert data["native_id"] == data["id"] == batch["id"]
    assert data["created_at"] == data["updated_at"] == "2026-07-09T09:00:00.412+00:00"


def test_urls_stand_on_the_given_base(caller, data_of):
    batch_id = caller.created()["id"]
    data = data_of(batch_id)
    assert data["polling_url"] == f"https://h:8443/v1/batches/{batch_id}"
    assert data["websocket_url"] == f"wss://h:8443/v1/async/batch/{batch_id}/ws"
    assert data["cancel_url"] == f"https://h:8443/v1/batches/{batch_id}/cancel"


def test_the_webhook_is_the_one_of_reads_and_never_shows_its_secret(caller, data_of):
    hook = {"url": "https://r.example/h", "secret": "whsec_hidden"}
    batch = caller.created(webhook=hook)
    data = data_of(batch["id"])
    assert data["webhook"] == batch["webhook"]
    assert "whsec_hidden" not in json.dumps(data)


def test_deliveries_are_summed_up_alike_in_messages_and_reads(caller, data_of):
    batch_id = caller.created(webhook={"url": "https://r.example/h"})["id"]
    webhook = caller.workspace.batches[batch_id].webhook
    told = {"event_type": "batch.progress", "response_status": 200, "error_message": None}
    key, at, later = "batch.progress:40", "2026-07-09T08:10:02.100Z", "2026-07-09T08:11:02.400Z"
    webhook.attempts += [
        {**told, "status": "delivered", "delivery_key": key, "tried_at": at, "delivered_at": at},
        {
            **told,
            "status": "scheduled_retry",
            "delivery_key": "batch.progress:90",
            "tried_at": later,
        },
    ]
    webhook.pending["batch.progress:90"] = "2026-07-09T08:12:02.400Z"
    members = {
        "next_webhook_retry_at": "2026-07-09T08:12:02.400Z",
        "last_webhook_progress": 40,
        "last_webhook_progress_at": at,
        "last_webhook_dispatched_at": later,
    }
    body = caller.get(f"/batches/{batch_id}").body
    assert {name: data_of(batch_id)[name] for name in members} == members
    assert {name: body[name] for name in members} == members


@pytest.mark.parametrize(
    ("stored", "status", "lifecycle"),
    [
        ("validating", "pending", "pending"),
        ("in_progress", "in_progress", "running"),
        ("finalizing", "in_progress", "running"),
        ("cancelling", "in_progress", "running"),
        ("canceled", "cancelled", "cancelled"),
        ("expired", "expired", "expired"),
        ("anything else", "pending", "pending"),
    ],
)
def test_the_stored_word_becomes_a_public_one(caller, data_of, stored, status, lifecycle):
    batch_id = caller.created()["id"]
    caller.workspace.batches[batch_id].shown["status"] = stored
    data = data_of(batch_id)
    assert (data["status"], data["lifecycle_status"]) == (status, lifecycle)


@pytest.mark.parametrize(
    ("total", "completed", "failed", "progress"),
    [(8, 3, 1, 50), (200, 1, 0, 1), (3, 5, 0, 100), (0, 0, 0, 0), (8, 1, 0, 13), (4, 4, 0, 100)],
)
def test_progress_is_in_whole_percent_with_halves_up(
    caller, data_of, total, completed, failed, progress
):
    batch_id = caller.created()["id"]
    counts = {"total": total, "completed": completed, "failed": failed}
    shown = {"status": "in_progress", "request_counts": counts}
    caller.workspace.batches[batch_id].shown.update(shown)
    data = data_of(batch_id)
    assert (data["progress"], data["request_counts"]) == (progress, counts)


def test_counts_that_the_provider_never_gave_are_null(caller, data_of):
    batch_id = caller.created()["id"]
    caller.workspace.batches[batch_id].shown["request_counts"] = None
    assert (data_of(batch_id)["request_counts"], data_of(batch_id)["progress"]) == (None, 0)


def test_a_settled_batch_tells_the_bill_of_the_poll(caller, data_of):
    body = caller.finished("complete")
    data, bill = data_of(body["id"]), body["billing"]
    assert list(data["billing"]) == [*BILLING_KEYS.split(), "billed_at"]
    assert (data["billing"]["state"], data["billing"]["billable"]) == ("settled", True)
    assert data["billing"]["charge_reason"] == bill["reason"]
    assert data["pricing_lines"] == body["pricing_lines"]
    assert data["finalized_at"] == body["finalized_at"]
    assert data["cancel_url"] is None
    assert data["output_file_id"] == body["output_file_id"]
    shared = data["billing"].keys() & bill.keys()
    assert {name: data["billing"][name] for name in shared} == {n: bill[n] for n in shared}


@pytest.mark.parametrize(
    ("life", "state", "billable", "charged"),
    [
        ("failed", "void", False, False),
        ("expired_partial", "void", True, True),
        ("all_failed", "pending", False, False),
    ],
)
def test_the_state_of_other_ends_follows_the_order_for_messages(
    caller, data_of, life, state, billable, charged
):
    bill = data_of(caller.finished(life)["id"])["billing"]
    assert (bill["state"], bill["billable"], bill["charged"]) == (state, billable, charged)


def test_before_the_end_a_known_estimate_is_shown_and_a_lost_one_is_pending(caller, data_of):
    batch_id = caller.created()["id"]
    assert data_of(batch_id)["billing"]["state"] == "estimated"
    caller.act("stored_hold_fields_removed", batch=batch_id)
    data = data_of(batch_id)
    assert (data["billing"]["state"], data["billing"]["estimated_nanos"]) == ("pending", None)
    assert (data["reservation_id"], data["reservation_status"]) == (None, None)


def test_a_batch_that_failed_in_validation_names_the_error(caller, data_of, make_row):
    batch = caller.created(make_row("a"), make_row("a"))
    caller.polled_to_end(batch["id"])
    assert data_of(batch["id"])["upstream_error"] == {
        "code": "duplicate_custom_id",
        "type": None,
        "message": "custom_id a occurs twice.",
        "description": None,
        "param": "custom_id",
        "status": None,
    }


def test_a_fault_of_a_registry_row_reaches_the_wire(make_caller):
    caller = make_caller("message-without-reservation")
    frame = caller.watch(caller.created()["id"]).frames[0]
    assert "reservation_id" in frame["data"]
    assert "reservation_id" not in frame["data"]["billing"]
