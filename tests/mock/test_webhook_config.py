import pytest

from conformance.mock.webhook_config import (
    KEPT_ATTEMPTS,
    SHOWN_ATTEMPTS,
    BadWebhook,
    WebhookState,
    webhook_events,
    webhook_state,
)

DEFAULT = ("job.completed", "job.failed", "job.cancelled", "job.expired")


@pytest.mark.parametrize("written", [None, []])
def test_no_events_mean_the_four_ends(written):
    assert webhook_events(written) == DEFAULT


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (
            ["Batch.Completed", "failed", "job.canceled", "batch.completed"],
            ("batch.completed", "job.failed", "job.cancelled"),
        ),
        (
            ["completed", "JOB.completed", "job.canceled", "cancelled"],
            ("job.completed", "job.cancelled"),
        ),
        (["video.completed", "batch.failed", 1, None], ("batch.failed",)),
        ([" Completed "], ("job.completed",)),
    ],
)
def test_events_are_normalised_and_kept_once(written, kept):
    assert webhook_events(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        ["video.completed"],
        ["nope"],
        ["job."],
        ["job.deleted"],
        [1],
        ["batch.completed.v2"],
        "job.failed",
        {},
        7,
    ],
)
def test_events_without_a_usable_one_are_refused(written):
    with pytest.raises(BadWebhook):
        webhook_events(written)


@pytest.mark.parametrize("written", ["x", [], 3, True, {}, {"url": ""}, {"url": 7}])
def test_a_webhook_is_an_object_with_a_url(written):
    with pytest.raises(BadWebhook):
        webhook_state(written)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://localhost:8080/h", "http://localhost:8080/h"),
        ("http://127.0.0.1/h", "http://127.0.0.1/h"),
        ("http://[::1]:9/h", "http://[::1]:9/h"),
        ("https://Hooks.Example:443/h", "https://hooks.example/h"),
        ("https://172.15.0.1/h", "https://172.15.0.1/h"),
        ("https://172.32.0.1/h", "https://172.32.0.1/h"),
    ],
)
def test_public_https_and_http_to_this_machine_are_accepted(url, kept):
    assert webhook_state({"url": url}).url == kept


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.1",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "127.1",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::]",
        "[fd00::1]",
        "[fe80::1]",
        "[::ffff:10.0.0.1]",
        "localhost",
    ],
)
def test_https_to_a_private_host_is_refused(host):
    with pytest.raises(BadWebhook, match="private"):
        webhook_state({"url": f"https://{host}/h"})


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "javascript:alert(1)", "/h", "not a url", "   ", "http://10.0.0.1/h"],
)
def test_other_urls_are_refused(url):
    with pytest.raises(BadWebhook):
        webhook_state({"url": url})


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/h",
        "https://localhost/h",
        "https://10.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
    ],
)
def test_urls_that_deliveries_must_not_go_to_are_refused(url):
    with pytest.raises(BadWebhook):
        webhook_state({"url": url})


@pytest.mark.parametrize(
    ("secret", "kept"), [("  k  ", "k"), ("  ", None), (None, None), (7, None)]
)
def test_blanks_around_a_secret_are_cut(secret, kept):
    state = webhook_state({"url": "http://[::1]:9/h", "secret": secret})
    assert state == WebhookState("http://[::1]:9/h", DEFAULT, kept)


def test_null_is_no_webhook():
    assert webhook_state(None) is None


def test_the_public_state_before_the_first_attempt_is_empty_and_hides_the_secret():
    assert WebhookState("https://a.example/", ("job.failed",), "s3cret").public() == {
        "url": "https://a.example/",
        "events": ["job.failed"],
        "has_secret": True,
        "delivery": {
            "total_attempts": 0,
            "delivered_events": 0,
            "delivered_event_types": [],
            "pending_retries": 0,
            "next_retry_at": None,
            "last_attempt_at": None,
            "last_attempt_status": None,
            "last_response_status": None,
            "last_delivered_at": None,
            "last_failure_at": None,
            "last_error_message": None,
        },
        "attempts": [],
    }


def attempt(minute, status="delivered", key="batch.created", retry_at=None):
    at = f"2026-07-09T09:{minute:02d}:00.000Z"
    is_delivered = status == "delivered"
    return {
        "delivery_key": key,
        "status": status,
        "tried_at": at,
        "delivered_at": at if is_delivered else None,
        "next_retry_at": retry_at,
        "response_status": 200 if is_delivered else 503,
        "error_message": None if is_delivered else f"failed in minute {minute}",
    }


@pytest.fixture
def hook():
    return WebhookState("https://a.example/", DEFAULT, "s3cret")


def test_the_summary_follows_from_the_attempts(hook):
    later = "2026-07-09T10:00:00.000Z"
    hook.enter(attempt(1, "scheduled_retry", "batch.progress:40", later))
    hook.enter(attempt(2, "failed_permanently", "batch.progress:30"))
    hook.enter(attempt(3))
    assert hook.public()["delivery"] == {
        "total_attempts": 3,
        "delivered_events": 1,
        "delivered_event_types": ["batch.created"],
        "pending_retries": 1,
        "next_retry_at": later,
        "last_attempt_at": "2026-07-09T09:03:00.000Z",
        "last_attempt_status": "delivered",
        "last_response_status": 200,
        "last_delivered_at": "2026-07-09T09:03:00.000Z",
        "last_failure_at": "2026-07-09T09:02:00.000Z",
        "last_error_message": "failed in minute 2",
    }


def test_a_retry_waits_until_its_event_is_tried_again(hook):
    hook.enter(attempt(1, "scheduled_retry", retry_at="2026-07-09T09:02:00.000Z"))
    waiting = dict(hook.pending)
    hook.enter(attempt(2))
    assert waiting == {"batch.created": "2026-07-09T09:02:00.000Z"}
    assert (hook.pending, hook.delivered) == ({}, {"batch.created"})


def test_attempts_stand_in_time_order_however_they_came_in(hook):
    for minute in (5, 3, 4):
        hook.enter(attempt(minute))
    assert [one["tried_at"][14:16] for one in hook.attempts] == ["03", "04", "05"]


def test_the_last_attempts_are_kept_and_the_last_of_them_are_shown(hook):
    for minute in range(KEPT_ATTEMPTS + 3):
        hook.enter(attempt(minute))
    shown = hook.public()
    assert shown["delivery"]["total_attempts"] == KEPT_ATTEMPTS == 50
    assert shown["attempts"] == hook.attempts[-SHOWN_ATTEMPTS:]
    assert (len(shown["attempts"]), shown["attempts"][-1]["tried_at"][14:16]) == (10, "52")


def test_the_secret_is_no_part_of_what_a_log_would_show(hook):
    assert "s3cret" not in repr(hook)
