"""Which events are told: each fault against the gateway as it should be."""

import json

import pytest

from conformance.mock.outbox import HookAnswer

URL = "http://127.0.0.1:9/h"
ALL = ("created", "progress", "completed", "failed", "cancelled", "expired")
TEN = [{"custom_id": f"row-{n}", "body": {"model": "mock-mini"}} for n in range(10)]


def running(completed):
    return {"status": "in_progress", "completed": completed}


def told(caller, *frames, events=ALL, answer=200, cancel=False):
    """The keys that a batch of ten rows is told of while its life is read to the end."""
    caller.lives(*frames)
    batch = caller.created(*TEN, webhook={"url": URL, "events": list(events), "secret": "key"})
    sent = caller.deliver(HookAnswer(answer))
    if cancel:
        caller.post(f"/batches/{batch['id']}/cancel")
    for _ in range(len(frames) or 1):
        caller.get(f"/batches/{batch['id']}")
        sent += caller.deliver(HookAnswer(answer))
    return [json.loads(one.body) for one in sent]


def keys(bodies):
    return [one["delivery"]["key"].removeprefix("batch.") for one in bodies]


DONE = {"status": "completed", "completed": 10}
LIFE = [running(1), running(1), running(7), DONE]


def test_without_a_fault_each_step_is_told_once(caller):
    assert keys(told(caller, *LIFE)) == ["created", "progress:10", "progress:70", "completed"]


@pytest.mark.parametrize(
    ("name", "frames", "expected"),
    [
        ("no-event-of-a-new-batch", [DONE], ["completed"]),
        ("no-event-of-a-completed-batch", [DONE], ["created"]),
        ("expiry-told-as-failure", [{"status": "expired"}], ["created", "failed"]),
        ("two-final-events", [DONE], ["created", "completed", "expired"]),
        ("progress-told-after-the-end", [DONE, DONE], ["created", "completed", "progress:30"]),
        ("progress-counts-down", [running(1)], ["created", "progress:90"]),
        ("bucket-told-at-every-read", [running(1)] * 2, ["created", "progress:10", "progress:10"]),
    ],
)  # fmt: skip
def test_a_fault_tells_otherwise(make_caller, name, frames, expected):
    assert keys(told(make_caller(name), *frames)) == expected


def test_no_event_of_a_cancelled_batch(make_caller, caller):
    frames = [running(0)]
    good = told(caller, *frames, cancel=True)
    bad = told(make_caller("no-event-of-a-cancelled-batch"), *frames, cancel=True)
    assert (keys(good), keys(bad)) == (["created", "cancelled"], ["created"])


def test_webhook_told_of_everything(make_caller):
    bodies = told(make_caller("webhook-told-of-everything"), *LIFE, events=["failed"])
    assert keys(bodies) == ["created", "progress:10", "progress:70", "completed"]


@pytest.mark.parametrize(
    ("percent", "bucket"), [(0, None), (4, 5), (8, 5), (19, 10), (99, 90), (100, None)]
)
def test_progress_bucket_rounded_down(make_caller, percent, bucket):
    gateway = make_caller("progress-bucket-rounded-down").gateway
    assert gateway.progress_bucket(percent) == bucket


def test_progress_event_shows_the_exact_share(make_caller, caller):
    gateways = (caller, make_caller("progress-event-shows-the-exact-share"))
    frame = {"status": "in_progress", "completed": 10, "failed": 4}
    shown = []
    for one in gateways:
        one.lives(frame)
        rows = [{"custom_id": f"row-{n}", "body": {"model": "mock-mini"}} for n in range(26)]
        batch = one.created(*rows, webhook={"url": URL, "events": ["progress"]})
        one.get(f"/batches/{batch['id']}")
        shown += [json.loads(sent.body)["data"]["progress"] for sent in one.deliver()]
    assert shown == [50, 54]


def ended_at_once(caller):
    body = {"id": "batch_failed", "object": "batch", "status": "failed"}
    caller.act("provider_next_error", match="create", status=200, body=body)
    return told(caller)


def test_end_in_the_create_answer_untold(make_caller, caller):
    found = [ended_at_once(caller), ended_at_once(make_caller("end-in-the-create-answer-untold"))]
    assert list(map(keys, found)) == [["created", "failed"], ["created"]]


def settled_late(caller):
    caller.workspace.failing["settle"] = 1
    return told(caller, DONE, DONE)


def test_failed_settlement_loses_the_event(make_caller, caller):
    found = [settled_late(caller), settled_late(make_caller("failed-settlement-loses-the-event"))]
    assert list(map(keys, found)) == [["created", "completed"], ["created"]]


def test_both_names_both_told(make_caller):
    events = ["job.completed", "batch.completed", "job.failed"]
    bodies = told(make_caller("both-names-both-told"), DONE, events=events)
    shown = [(one["delivery"]["key"], one["delivery"]["attempt"], one["type"]) for one in bodies]
    assert shown == [
        ("batch.completed", 1, "batch.completed"),
        ("job.completed", 1, "batch.completed"),
    ]


def test_webhook_secret_shown(make_caller, caller):
    webhook = {"url": URL, "secret": "whsec_1"}
    good, bad = (
        one.created(webhook=webhook)["webhook"]
        for one in (caller, make_caller("webhook-secret-shown"))
    )
    assert bad == {**good, "secret": "whsec_1"}
