"""What is tried again: each fault against the gateway as it should be."""

import pytest

from conformance.mock.outbox import HookAnswer

URL = "http://127.0.0.1:9/h"
GOOD = HookAnswer(200)
WAITS_MS = (61_000, 301_000, 901_000)


def created(caller, answer, *events):
    """A batch whose created event got this answer; its webhook."""
    caller.lives({"status": "completed", "completed": 1})
    hook = {"url": URL, "events": list(events or ["created"])}
    batch = caller.workspace.batches[caller.created(webhook=hook)["id"]]
    caller.deliver(answer)
    return batch.webhook


def job(caller, answer=GOOD, by_ms=0):
    """How many attempts one run of the scheduled job makes."""
    caller.act("provider_hold")
    caller.act("clock_advanced", by_ms=by_ms)
    caller.act("scheduled_job_tick")
    return len(caller.deliver(answer))


@pytest.mark.parametrize(
    ("name", "answer", "good", "bad"),
    [
        ("only-200-is-delivered", HookAnswer(204), "delivered", "scheduled_retry"),
        ("no-retry-after-4xx", HookAnswer(410), "scheduled_retry", "failed_permanently"),
        ("no-retry-after-4xx", HookAnswer(500), "scheduled_retry", "scheduled_retry"),
        ("silence-is-consent", HookAnswer(failure="timeout"), "scheduled_retry", "delivered"),
        ("silence-is-consent", HookAnswer(failure="connect"), "scheduled_retry", "scheduled_retry"),
        (
            "unreachable-webhook-counts-as-told",
            HookAnswer(failure="connect"), "scheduled_retry", "delivered",
        ),
    ],
)  # fmt: skip
def test_what_an_attempt_comes_to(make_caller, caller, name, answer, good, bad):
    states = [created(one, answer).attempts[-1]["status"] for one in (caller, make_caller(name))]
    assert states == [good, bad]


def test_retries_every_ten_seconds(make_caller, caller):
    faulty = make_caller("retries-every-ten-seconds")
    for one in (caller, faulty):
        created(one, HookAnswer(500))
    sent = [job(faulty, HookAnswer(500), by_ms=10_000) for _ in range(4)]
    assert (job(caller, by_ms=10_000), sent) == (0, [1, 1, 1, 0])


def test_retries_before_they_are_due(make_caller, caller):
    faulty = make_caller("retries-before-they-are-due")
    for one in (caller, faulty):
        created(one, HookAnswer(500))
    assert (job(caller), job(faulty)) == (0, 1)


def test_delivered_event_sent_again(make_caller, caller):
    faulty = make_caller("delivered-event-sent-again")
    for one in (caller, faulty):
        created(one, HookAnswer(200))
    assert (job(caller), job(faulty)) == (0, 1)


def test_failed_event_started_again(make_caller, caller):
    faulty = make_caller("failed-event-started-again")
    sent = []
    for one in (caller, faulty):
        created(one, HookAnswer(500))
        sent.append([job(one, HookAnswer(500), by_ms) for by_ms in (*WAITS_MS, 0)])
    assert sent == [[1, 1, 1, 0], [1, 1, 1, 1]]


def read(caller, answer, *events):
    """How many attempts a GET of a batch makes whose first event got this answer."""
    created(caller, answer, *events)
    caller.get(f"/batches/{next(iter(caller.workspace.batches))}")
    return len(caller.deliver())


def test_a_read_repeats_the_attempt(make_caller, caller):
    faulty = make_caller("a-read-repeats-the-attempt")
    assert (read(caller, HookAnswer(500)), read(faulty, HookAnswer(500))) == (0, 1)
    assert read(make_caller("a-read-repeats-the-attempt"), HookAnswer(200)) == 0


def test_waiting_retry_holds_up_the_rest(make_caller, caller):
    events = ("created", "completed")
    faulty = make_caller("waiting-retry-holds-up-the-rest")
    sent = [read(one, HookAnswer(500), *events) for one in (caller, faulty)]
    assert sent == [1, 0]


def test_answer_preview_uncut(make_caller, caller):
    answer = HookAnswer(200, "x" * 501)
    faulty = make_caller("answer-preview-uncut")
    kept = [created(one, answer).attempts[0]["response_body_preview"] for one in (caller, faulty)]
    assert list(map(len, kept)) == [500, 501]
