"""Webhook deliveries, one by one and by batch."""

from conformance.event_views import calls, deliveries
from conformance.testing import batch, delivery, exchange, message_data, observed
from conformance.transcript import Body, Delivery

DATA = message_data("completed")
WEBHOOK = {"webhook": {"url": "http://receiver.test/hook"}}


def test_a_delivery_is_read_by_its_body_and_headers() -> None:
    (one,) = calls(observed(delivery(DATA, "batch.progress", key="batch.progress:40", attempt=2)))
    assert (one.event_type, one.key, one.attempt, one.batch_id, one.accepted) == (
        "batch.progress",
        "batch.progress:40",
        2,
        "batch_1",
        True,
    )
    assert one.event_id == "evt_batch_batch_1_batch_progress_40"
    assert (one.event_header("attempt", "ai-stats"), one.header("Content-Type")) == (
        "2",
        "application/json",
    )
    assert one.event_header("attempt", "phaseo") is None


def test_a_delivery_that_is_no_json_has_nothing_to_tell() -> None:
    (one,) = calls(observed(Delivery("PUT", "/h", (), Body(b"\xff"), answered={"dropped": True})))
    assert (one.event_id, one.event_type, one.key, one.attempt) == (None, None, None, None)
    assert (one.batch_id, one.message, one.answered, one.accepted) == (None, None, None, False)
    assert one.plain == {"method": "PUT", "headers": {}}


def test_an_attempt_that_is_no_integer_is_none() -> None:
    body = Body(b'{"delivery":{"attempt":true,"key":5}}')
    (one,) = calls(observed(Delivery("POST", "/h", (), body)))
    assert (one.attempt, one.key) == (None, None)


def test_deliveries_are_gathered_by_batch_and_key() -> None:
    create = exchange("POST", "/batches", batch(), sent=WEBHOOK)
    silent = exchange("POST", "/batches", batch(id="batch_2"), sent=WEBHOOK)
    plain = exchange("POST", "/batches", batch(id="batch_3"), sent={})
    refused = exchange("POST", "/batches", batch(id="batch_4"), sent=WEBHOOK, status=400)
    stray = delivery({"id": "batch_5"})
    first, second = delivery(DATA, at_ms=1), delivery(DATA, attempt=2, at_ms=2)
    found = deliveries(observed(create, silent, plain, refused, first, second, stray))
    assert [(one.batch_id, len(one.calls), one.creation is not None) for one in found] == [
        ("batch_1", 2, True),
        ("batch_2", 0, True),
        ("batch_5", 1, False),
    ]
    assert [one.number for one in found] == [5, 2, 7]
    assert [call.attempt for call in found[0].by_key["batch.completed"]] == [1, 2]
    assert [body.seen.number for body in found[0].bodies] == [1]
