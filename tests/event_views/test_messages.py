"""Messages: what frames and deliveries tell of their batches."""

from typing import Any

import pytest

from conformance.event_views import messages
from conformance.testing import batch, delivery, exchange, frame, message_data, observed, stream

BILLED = {"billed": True, "cost_nanos": 5}
READ = exchange("GET", "/batches/batch_1", batch("completed", billing=BILLED))


def test_messages_come_from_frames_and_deliveries_in_the_order_of_steps() -> None:
    data = message_data()
    seen = observed(
        delivery(data, at_ms=9),
        stream(frame("job.snapshot", data), frame("pong"), frame("job.updated", data, 3)),
        delivery({"kind": "video", "id": "v"}),
        delivery(None),
    )
    assert [(one.number, one.pointer, one.channel) for one in messages(seen)] == [
        (1, "/data", "webhook"),
        (2, "/frames/0/data", "stream"),
        (2, "/frames/2/data", "stream"),
    ]


@pytest.mark.parametrize("kind", ["job.deleted", "pong"])
def test_a_deletion_and_a_pong_tell_nothing_of_the_job(kind: str) -> None:
    assert list(messages(observed(stream(frame(kind, message_data()))))) == []


def test_a_message_with_members_of_any_type_is_read() -> None:
    (one,) = messages(observed(delivery({"id": 5, "status": ["x"]})))
    assert (one.id, one.status, one.is_terminal, list(one.bodies)) == (None, None, False, [])


def test_canceled_is_the_end_of_a_batch() -> None:
    (one,) = messages(observed(delivery({"status": "canceled"})))
    assert (one.status, one.is_terminal) == ("cancelled", True)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [({}, False), ({"webhook": None}, False), ({"webhook": {}}, True), ([], True)],
)
def test_a_batch_may_have_a_webhook_unless_it_was_created_without(sent: Any, expected: Any) -> None:
    create = exchange("POST", "/batches", batch(), sent=sent)
    (known,) = messages(observed(create, delivery(message_data())))
    (unknown,) = messages(observed(delivery(message_data())))
    assert (known.may_have_webhook, unknown.may_have_webhook) == (expected, True)


def test_the_bill_beside_a_frame_is_an_earlier_one_and_beside_a_webhook_that_of_a_billed_one() -> (
    None
):
    billed = {"billed_at": "2026-07-09T09:10:00Z"}
    end = message_data("completed")
    steps = (
        # The first may have been on its way already when the answer came.
        stream(frame("job.snapshot", end, 5), frame("job.updated", end, 900)),
        delivery(end, at_ms=906),
        delivery(message_data("completed", billing=billed), at_ms=907),
    )
    assert [one.settled is not None for one in messages(observed(READ, *steps))] == [
        False,
        True,
        False,
        True,
    ]
    assert [one.settled for one in messages(observed(*steps))] == [None] * 4
