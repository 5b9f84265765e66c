import json
from pathlib import Path

import pytest

from conformance.mock.outbox import HookAnswer

VECTORS = Path(__file__).parents[3] / "docs" / "contract" / "vectors" / "lifecycle.json"
BUCKETS = json.loads(VECTORS.read_bytes())["progress_buckets"]
ALL = ["created", "progress", "completed", "failed", "cancelled", "expired"]
FAILED, SILENT = HookAnswer(503, "busy"), HookAnswer(failure="timeout")


@pytest.fixture
def created(caller, make_row):
    def creating(*events, rows=4, **fields):
        hook = {"url": "http://127.0.0.1:9/h", "events": list(events or ALL)}
        return caller.created(*[make_row(str(n)) for n in range(rows)], webhook=hook, **fields)[
            "id"
        ]

    return creating


@pytest.fixture
def keys(caller):
    """Carry out what waits; the answer is the keys that were tried."""
    return lambda *answers: [request.attempt.key for request in caller.deliver(*answers)]


@pytest.fixture
def retry(caller):
    """Let time pass and the scheduled job run, with all batches kept as they are."""

    def retrying(by_ms):
        caller.act("provider_hold", hold=True)
        caller.act("clock_advanced", by_ms=by_ms)
        caller.act("scheduled_job_tick")

    return retrying


def webhook_of(caller, batch_id):
    return caller.workspace.batches[batch_id].webhook.public()


def test_buckets_are_those_of_the_contract(caller):
    found = {str(percent): caller.gateway.progress_bucket(percent) for percent in range(101)}
    assert found == BUCKETS


@pytest.mark.parametrize(
    ("counts", "percent"),
    [
        ({"total": 200, "completed": 1}, 1),
        ({"total": 200, "completed": 0, "failed": 199}, 100),
        ({"total": 3, "completed": 9, "failed": 1}, 100),
        ({"total": 0, "completed": 1}, 0),
        (None, 0),
    ],
)
def test_percents_are_rounded_half_up_and_need_counts(caller, created, counts, percent):
    batch = caller.workspace.batches[created()]
    batch.shown["request_counts"] = counts
    assert caller.gateway.progress_percent(batch) == percent


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        ("complete", ["batch.created", "batch.progress:50", "batch.completed"]),
        ("partial", ["batch.created", "batch.progress:50", "batch.completed"]),
        ("all_failed", ["batch.created", "batch.completed"]),
        ("failed", ["batch.created", "batch.failed"]),
        ("expired", ["batch.created", "batch.expired"]),
        ("expired_partial", ["batch.created", "batch.progress:50", "batch.expired"]),
        ("cancelled", ["batch.created", "batch.progress:50", "batch.cancelled"]),
    ],
)
def test_a_polled_life_is_told_once_each(caller, created, keys, life, expected):
    batch_id = created(metadata={"mock_life": life})
    told = keys()
    for _ in range(8):
        caller.get(f"/batches/{batch_id}")
        told += keys()
    assert told == expected


def test_the_scheduled_job_tells_the_same_and_nothing_twice(caller, created, keys):
    batch_id = created()
    for _ in range(5):
        caller.act("scheduled_job_tick")
        caller.get(f"/batches/{batch_id}")
    assert keys() == ["batch.created", "batch.progress:50", "batch.completed"]


@pytest.mark.parametrize("events", [["job.completed"], ["batch.completed"], ["completed"] * 2])
def test_either_name_of_a_phase_subscribes_to_it_alone(caller, created, keys, events):
    caller.polled_to_end(created(*events))
    assert keys() == ["batch.completed"]


def test_nobody_is_told_of_what_was_not_subscribed_to(caller, created, keys):
    caller.polled_to_end(created("batch.failed"))
    caller.polled_to_end(caller.created()["id"])
    assert keys() == []


def test_a_list_and_a_read_of_a_held_batch_tell_nothing(caller, created, keys):
    batch_id = created("progress", "completed")
    caller.act("provider_hold", hold=True)
    caller.get("/batches")
    caller.get(f"/batches/{batch_id}")
    assert keys() == []


def test_progress_is_told_step_by_step(caller, created, keys):
    frames = [{"status": "in_progress", "completed": n} for n in (1, 1, 2, 3, 4)]
    caller.lives(*frames, {"status": "finalizing", "completed": 4})
    batch_id = created("progress")
    for _ in range(6):
        caller.get(f"/batches/{batch_id}")
    assert keys() == ["batch.progress:30", "batch.progress:50", "batch.progress:80"]


def test_an_ended_batch_makes_no_progress_whatever_its_counts(caller, created, keys):
    caller.lives({"status": "cancelled", "completed": 1})
    caller.get(f"/batches/{created('progress', 'cancelled')}")
    assert keys() == ["batch.cancelled"]


def test_a_cancel_that_ends_the_batch_at_once_tells_of_it(caller, created, keys):
    batch_id = created("cancelled", metadata={"mock_life": "cancel_immediate"})
    for _ in range(2):
        caller.post(f"/batches/{batch_id}/cancel")
    assert keys() == ["batch.cancelled"]


def test_a_usual_cancel_is_told_by_the_read_that_sees_the_end(caller, created, keys):
    batch_id = created("cancelled")
    caller.post(f"/batches/{batch_id}/cancel")
    early = keys()
    caller.polled_to_end(batch_id)
    assert (early, keys()) == ([], ["batch.cancelled"])


def test_a_batch_that_was_ended_when_it_was_made_still_gets_its_final_event(caller, created, keys):
    batch_id = created("completed", "failed")
    caller.workspace.batches[batch_id].shown["status"] = "failed"
    for _ in range(2):
        caller.get(f"/batches/{batch_id}")
    assert keys() == ["batch.failed"]


def test_the_final_event_waits_for_a_settlement_that_broke_off(caller, created, keys):
    batch_id = created("completed")
    caller.act("database_next_call_fails", operation="settle")
    caller.polled_to_end(batch_id)
    early = keys()
    caller.act("scheduled_job_tick")
    assert (early, keys()) == ([], ["batch.completed"])


def test_the_final_event_shows_the_end_and_its_bill(caller, created):
    body = caller.polled_to_end(created("completed"))
    (request,) = caller.deliver()
    data = json.loads(request.body)["data"]
    assert (data["status"], data["progress"]) == ("completed", 100)
    assert data["pricing_lines"] == body["pricing_lines"] != []
    assert data["billing"]["total_nanos"] == body["billing"]["total_nanos"]
    assert data["webhook"] == body["webhook"]


def test_a_delivered_attempt_has_twelve_members(caller, created):
    batch_id = created("created")
    caller.deliver(HookAnswer(204))
    assert webhook_of(caller, batch_id)["attempts"] == [
        {
            "id": "batch.created:1:2026-07-09T09:00:00.412Z",
            "delivery_key": "batch.created",
            "event_type": "batch.created",
            "status": "delivered",
            "attempt_number": 1,
            "max_attempts": 4,
            "tried_at": "2026-07-09T09:00:00.412Z",
            "delivered_at": "2026-07-09T09:00:00.412Z",
            "next_retry_at": None,
            "response_status": 204,
            "error_message": None,
            "response_body_preview": None,
        }
    ]


def test_a_failed_attempt_says_why_and_when_it_is_tried_again(caller, created):
    batch_id = created("created")
    caller.deliver(FAILED)
    state = webhook_of(caller, batch_id)
    names = ("status", "delivered_at", "next_retry_at", "response_status", "error_message")
    assert [state["attempts"][0][name] for name in (*names, "response_body_preview")] == [
        "scheduled_retry",
        None,
        "2026-07-09T09:01:00.412Z",
        503,
        "Webhook returned HTTP 503",
        "busy",
    ]
    body = caller.get(f"/batches/{batch_id}").body
    assert body["next_webhook_retry_at"] == body["webhook"]["delivery"]["next_retry_at"]
    assert body["last_webhook_dispatched_at"] == "2026-07-09T09:00:00.412Z"


@pytest.mark.parametrize("status", [301, 400, 404, 410, 429, 500])
def test_every_status_outside_2xx_is_tried_again(caller, created, keys, retry, status):
    created("created")
    keys(HookAnswer(status))
    retry(60_000)
    assert keys() == ["batch.created"]


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("timeout", "The webhook delivery timed out after 30 s."),
        ("connect", "The webhook could not be reached."),
        ("lost", "The connection to the webhook was lost."),
        ("redirects", "The webhook redirects without an end."),
    ],
)
def test_an_attempt_without_a_status_has_words_for_it(caller, created, failure, words):
    batch_id = created("created")
    caller.deliver(HookAnswer(failure=failure))
    (attempt,) = webhook_of(caller, batch_id)["attempts"]
    assert (attempt["response_status"], attempt["error_message"]) == (None, words)


def test_a_silent_receiver_takes_thirty_seconds_before_the_wait_begins(caller, created):
    batch_id = created("created")
    caller.deliver(SILENT)
    (attempt,) = webhook_of(caller, batch_id)["attempts"]
    assert attempt["next_retry_at"] == "2026-07-09T09:01:30.412Z"


def test_four_attempts_are_made_after_60_300_and_900_seconds_and_never_before(
    caller, created, keys, retry
):
    batch_id = created("created")
    tried = [keys(FAILED)]
    for wait_ms in (60_000, 300_000, 900_000, 900_000):
        retry(wait_ms - 1)
        tried.append(keys(FAILED))
        retry(1)
        tried.append(keys(FAILED))
    once = ["batch.created"]
    assert tried == [once, [], once, [], once, [], once, [], []]
    state = webhook_of(caller, batch_id)
    statuses = [(one["attempt_number"], one["status"]) for one in state["attempts"]]
    again = "scheduled_retry"
    assert statuses == [(1, again), (2, again), (3, again), (4, "failed_permanently")]
    delivery = state["delivery"]
    assert (delivery["pending_retries"], delivery["next_retry_at"]) == (0, None)
    assert delivery["last_attempt_status"] == "failed_permanently"


def test_reads_and_time_alone_make_no_retry(caller, created, keys):
    batch_id = created("created")
    keys(FAILED)
    caller.act("clock_advanced", by_ms=3_600_000)
    for _ in range(3):
        caller.get(f"/batches/{batch_id}")
    assert keys() == []


def test_two_runs_of_the_job_make_one_attempt(caller, created, keys, retry):
    created("created")
    keys(FAILED)
    retry(60_000)
    retry(0)
    assert keys() == ["batch.created"]


def test_a_retry_that_arrives_ends_the_event(caller, created, keys, retry):
    batch_id = created("created")
    keys(FAILED)
    retry(60_000)
    keys()
    retry(900_000)
    assert keys() == []
    delivery = webhook_of(caller, batch_id)["delivery"]
    words = ("total_attempts", "pending_retries", "delivered_event_types", "last_error_message")
    found = [delivery[word] for word in words]
    assert found == [2, 0, ["batch.created"], "Webhook returned HTTP 503"]


def test_a_failing_event_does_not_hold_up_the_others(caller, created, keys):
    batch_id = created("progress", "completed")
    told = []
    for _ in range(3):
        caller.get(f"/batches/{batch_id}")
        told += keys(FAILED if not told else HookAnswer(200))
    assert told == ["batch.progress:50", "batch.completed"]
    body = caller.get(f"/batches/{batch_id}").body
    assert "last_webhook_progress" not in body
    assert body["webhook"]["delivery"]["delivered_event_types"] == ["batch.completed"]


def test_a_late_progress_event_keeps_its_bucket_beside_the_batch_of_then(caller, created, retry):
    batch_id = created("progress")
    caller.get(f"/batches/{batch_id}")
    caller.deliver(FAILED)
    caller.polled_to_end(batch_id)
    retry(60_000)
    (request,) = caller.deliver()
    value = json.loads(request.body)
    shown = (value["type"], value["data"]["status"], value["data"]["progress"])
    assert shown == ("batch.progress", "completed", 50)
    body = caller.get(f"/batches/{batch_id}").body
    assert body["last_webhook_progress"] == 50


def test_a_preview_has_at_most_500_characters(caller, created):
    batch_id = created("created")
    caller.deliver(HookAnswer(500, "é" * 2_000))
    (attempt,) = webhook_of(caller, batch_id)["attempts"]
    assert attempt["response_body_preview"] == "é" * 500


def test_an_attempt_changes_the_batch_for_those_who_watch_it(caller, created):
    batch_id = created("created")
    viewer = caller.watch(batch_id)
    caller.home.clock.advance(10_000)
    caller.deliver()
    shown = viewer.frames[-1]["data"]
    assert shown["webhook"]["delivery"]["total_attempts"] == 1
    assert shown["last_webhook_dispatched_at"] == "2026-07-09T09:00:10.412Z"


def test_a_batch_that_is_lost_is_told_of_no_more_and_stays_lost(caller, created):
    gone, left = created("created"), created("created")
    caller.act("stored_batch_deleted", batch=gone)
    assert [request.attempt.batch.id for request in caller.deliver()] == [left]
    assert list(caller.workspace.batches) == [left]


def test_a_batch_that_is_lost_during_an_attempt_stays_lost(caller, created):
    batch_id = created("created")
    (errand,) = caller.gateway.estate.outbox.take()
    request = caller.gateway.prepared(errand)
    caller.act("stored_batch_deleted", batch=batch_id)
    caller.gateway.record_attempt(errand, request, FAILED)
    assert caller.workspace.batches == {}
