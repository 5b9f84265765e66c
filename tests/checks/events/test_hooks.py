from typing import Any

import pytest

from conformance.checks.events import _hooks
from conformance.checks.events._clock import Moment
from conformance.event_views import calls, deliveries
from conformance.testing import batch, delivery, edge, message_data, observed
from conformance.testing_webhooks import created, webhook_state

URL = "https://hooks.example.com/hook"


def create_of(webhook: Any, state: Any = None):
    return observed(created(webhook, batch(webhook=state or webhook_state()))).creates[0]


@pytest.mark.parametrize(
    ("name", "phase"),
    [
        ("completed", "completed"),
        (" Completed ", "completed"),
        ("job.canceled", "cancelled"),
        ("BATCH.Cancelled", "cancelled"),
        ("batch.progress", "progress"),
        ("video.completed", None),
        ("job.deleted", None),
        ("batch.completed.v2", None),
        ("", None),
        (7, None),
    ],
)
def test_names_of_events_stand_for_phases(name: Any, phase: str | None) -> None:
    assert _hooks.phase_of(name) == phase


@pytest.mark.parametrize(
    ("webhook", "phases"),
    [
        ({"url": URL}, _hooks.FINAL),
        ({"url": URL, "events": []}, _hooks.FINAL),
        ({"url": URL, "events": None}, _hooks.FINAL),
        ({"url": URL, "events": ["nope", "created"]}, {"created"}),
        ({"url": URL, "events": 5}, set()),
        ({"endpoint_id": "whe_1"}, None),
        ("text", None),
    ],
)
def test_what_was_asked_for(webhook: Any, phases: Any) -> None:
    assert _hooks.asked(create_of(webhook)) == phases


def test_a_batch_is_subscribed_to_what_was_asked_and_shown() -> None:
    both = {"url": URL, "events": ["completed", "failed"]}
    told = observed(created(both, batch(webhook=webhook_state(events=["job.failed"]))))
    view = deliveries(told)[0]
    subscribed = [_hooks.subscribes(view, phase) for phase in ("failed", "completed", "created")]
    assert subscribed == [True, False, False]


@pytest.mark.parametrize(
    ("secret", "known"), [("whsec_1", "whsec_1"), (None, ""), ("  ", "  "), (7, None)]
)
def test_the_secret_is_what_was_sent(secret: Any, known: str | None) -> None:
    assert _hooks.secret_of(create_of({"url": URL, "secret": secret})) == known


def test_a_marker_is_no_secret() -> None:
    assert not _hooks.is_literal("{{webhook:1}}")
    assert not _hooks.is_literal("  ")
    assert _hooks.is_literal("whsec_1")


@pytest.mark.parametrize(
    ("steps", "watched"),
    [
        ([], False),
        ([edge("webhook_receiver_plan", path="/hook")], True),
        ([edge("webhook_receiver_plan", path="/another")], False),
        ([delivery(message_data())], True),
        ([delivery(message_data()), edge("webhook_receiver_closed", path="/hook")], False),
    ],
)
def test_silence_is_heard_only_where_somebody_listens(steps: Any, watched: Any) -> None:
    view = deliveries(observed(created({"url": URL}), *steps))[0]
    assert _hooks.is_watched(view) is watched


MANAGED = {"endpoint_id": "whe_1", "events": ["job.created"]}
MADE = edge("webhook_endpoint_made", endpoint="whe_1", url=URL, secret="{{webhook:1}}")
OTHER = edge("webhook_endpoint_made", endpoint="whe_2", url="https://x.example/", secret="other")


@pytest.mark.parametrize(
    ("steps", "webhook", "address", "secret"),
    [
        ([], MANAGED, None, None),
        ([OTHER], MANAGED, None, None),
        ([OTHER, MADE], MANAGED, URL, "{{webhook:1}}"),
        ([MADE, edge("webhook_secret_lost", endpoint="whe_1")], MANAGED, None, None),
        ([MADE, edge("webhook_secret_lost", endpoint="whe_2")], MANAGED, URL, "{{webhook:1}}"),
        ([MADE], {"url": "https://y.example/", "secret": "s"}, "https://y.example/", "s"),
        ([MADE], {"endpoint_id": 7}, None, None),
    ],
)
def test_a_managed_endpoint_is_known_by_the_edge_that_made_it(
    steps: Any, webhook: Any, address: Any, secret: Any
) -> None:
    told = observed(*steps, created(webhook), delivery(message_data()))
    [call] = calls(told)
    assert _hooks.address_of(call.creation, told) == address
    assert _hooks.secret_behind(call) == secret


def test_a_managed_endpoint_is_watched_where_its_address_is() -> None:
    plan = edge("webhook_receiver_plan", path="/hook")
    [view] = deliveries(observed(plan, MADE, created(MANAGED)))
    [lost] = deliveries(observed(plan, OTHER, created(MANAGED)))
    assert (_hooks.is_watched(view), _hooks.is_watched(lost)) == (True, False)
    assert _hooks.registered_secrets(view.observed) == {"{{webhook:1}}"}


def test_time_has_passed_when_the_clock_says_so() -> None:
    plan = edge("webhook_receiver_plan", path="/hook")
    later = edge("clock_advanced", by_ms=60_000)
    early = deliveries(observed(plan, created({"url": URL}), plan))[0]
    late = deliveries(observed(plan, created({"url": URL}), later, plan))[0]
    assert not _hooks.has_passed(early, Moment(2, 0))
    assert _hooks.has_passed(late, Moment(2, 0))


@pytest.mark.parametrize(
    ("data", "event", "ours"),
    [
        (message_data(), "batch.created", True),
        (message_data(kind="video"), "batch.created", True),
        (message_data(kind="video"), "created", False),
        (message_data(), "video.completed", False),
        ("text", "batch.created", True),
    ],
)
def test_videos_are_told_from_batches(data: Any, event: str, ours: Any) -> None:
    assert _hooks.is_of_batch(calls(observed(delivery(data, event)))[0]) is ours


def test_urls_that_are_none_have_neither_host_nor_path() -> None:
    assert [_hooks.host_of(one) for one in (URL, "http://[", 7)] == [
        "hooks.example.com", None, None,
    ]  # fmt: skip
    assert [_hooks.path_of(one) for one in (URL, "http://[", 7)] == ["/hook", None, None]


@pytest.mark.parametrize(
    ("key", "bucket"), [("batch.progress:40", 40), ("batch.progress", None), (None, None)]
)
def test_the_bucket_stands_in_the_key(key: str | None, bucket: int | None) -> None:
    assert _hooks.bucket_of(key) == bucket
