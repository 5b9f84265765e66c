import pytest

from conformance.mock.webhook_config import (
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
