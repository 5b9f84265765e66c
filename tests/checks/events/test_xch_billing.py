"""State of the bill and of the hold on poll, stream and webhook."""

from typing import Any

import pytest

from conformance.testing import batch, delivery, exchange, frame, message_bill, message_data, stream
from conformance.transcript import Exchange, Step, Stream

T0, T1 = "2026-07-09T09:00:00.000Z", "2026-07-09T09:10:00.000Z"
STATE = "/frames/0/data/billing/state"


def poll(status: str, at: int = 0, state: str | None = None, **members: Any) -> Exchange:
    shown = {"last_polled_at": T0, "polled_status": status}
    bill = {} if state is None else {"billing": {"billed": True, "state": state}}
    body = {**batch(status), **shown, **bill, **members}
    return exchange("GET", "/batches/batch_1", body, at_ms=at)


def told(status: str, state: str, at: int = 10, **members: Any) -> Stream:
    data = message_data(status, billing=message_bill(state), **members)
    return stream(frame("job.updated", data, at), at_ms=at)


@pytest.mark.parametrize(("status", "state"), [("completed", "settled"), ("failed", "void")])
def test_a_closed_bill_has_one_state(status: str, state: str, found: Any) -> None:
    other = "void" if state == "settled" else "settled"
    assert found("XCH-15", poll(status, 0, state), told(status, state)) == (1, [])
    assert found("XCH-15", poll(status, 0, state), told(status, other)) == (1, [STATE])
    assert found("XCH-15", poll(status, 20, state), told(status, other)) == (1, [STATE])


@pytest.mark.parametrize("finalized_at", [None, T0, T1])
def test_an_open_bill_may_be_called_either(finalized_at: str | None, found: Any) -> None:
    read = poll("completed", 0, "estimated", finalized_at=finalized_at)
    assert found("XCH-15", read, told("completed", "pending", finalized_at=T1)) == (0, [])


def test_a_message_of_the_same_or_a_later_time_knows_of_the_settlement(found: Any) -> None:
    read = poll("completed", 0, "settled", finalized_at=T1)
    fresh = told("completed", "pending", finalized_at=T1)
    assert found("XCH-15", read, fresh) == (1, [STATE])
    older = told("completed", "pending", finalized_at=None)
    assert found("XCH-15", read, older) == (0, [])
    assert found("XCH-15", read, told("completed", "pending", 2500, finalized_at=None)) == (
        1, [STATE],
    )  # fmt: skip


def test_bills_of_one_instant_before_and_after_a_settlement_are_not_told_apart(found: Any) -> None:
    reads = [poll("completed", at, state, finalized_at=T1)
             for at, state in ((0, "estimated"), (9, "settled"))]  # fmt: skip
    assert found("XCH-15", *reads, told("completed", "pending", finalized_at=T1)) == (0, [])


def test_a_bill_that_the_stream_showed_closed_stays_so_on_later_polls(found: Any) -> None:
    frames = told("completed", "settled")
    assert found("XCH-15", frames, poll("completed", 20, "estimated")) == (1, [STATE])
    assert found("XCH-15", poll("completed", 10, "estimated"), frames) == (0, [])


def test_states_of_running_batches_and_of_webhooks_are_not_compared(found: Any) -> None:
    running = told("in_progress", "estimated")
    event = delivery(message_data("completed", billing=message_bill("void")))
    assert found("XCH-15", poll("in_progress", 0, "pending"), running) == (0, [])
    assert found("XCH-15", poll("completed", 0, "settled"), event) == (0, [])
    assert found("XCH-15", poll("completed"), told("completed", "void")) == (0, [])


def held(reservation: Any = "res_1", status: Any = "held", **members: Any) -> dict[str, Any]:
    bill = message_bill("estimated", reservation_id=reservation, reservation_status=status)
    return message_data(
        "in_progress", reservation_id="res_1", reservation_status="held", billing=bill, **members
    )


HOLD = {"reservation_id": "res_1", "reservation_status": "held"}


def on_stream(data: Any, at: int = 10) -> Step:
    return stream(frame("job.updated", data, at), at_ms=at)


def test_a_message_tells_of_one_hold(found: Any) -> None:
    assert found("XCH-19", on_stream(held()), delivery(held(), "batch.progress")) == (4, [])
    assert found("XCH-19", on_stream(held("res_2", "released"))) == (
        2, ["/frames/0/data/reservation_id", "/frames/0/data/reservation_status"],
    )  # fmt: skip
    assert found("XCH-19", on_stream(held(None, None)), on_stream(message_data())) == (0, [])


def test_the_poll_tells_of_the_same_hold(found: Any) -> None:
    read = poll("in_progress", billing=HOLD)
    assert found("XCH-19", read, on_stream(held(None, None))) == (2, [])
    other = poll("in_progress", billing={**HOLD, "reservation_id": "res_2"})
    assert found("XCH-19", other, on_stream(held(None, None))) == (
        2, ["/frames/0/data/reservation_id"],
    )  # fmt: skip
    released = poll("in_progress", billing={**HOLD, "reservation_status": "released"})
    assert found("XCH-19", released, delivery(held(), "batch.progress", at_ms=10)) == (
        4, ["/data/reservation_status"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "read",
    [
        poll("completed", billing={**HOLD, "reservation_status": "captured"}),
        poll("in_progress", 20, billing={**HOLD, "reservation_status": "captured"}),
        poll("in_progress", last_polled_at=T1, billing={"reservation_status": "captured"}),
        poll("in_progress", billing={"reservation_id": None, "reservation_status": None}),
        poll("in_progress", billing=None),
        poll("in_progress", billing="none"),
    ],
)
def test_the_hold_of_another_record_is_not_compared(read: Exchange, found: Any) -> None:
    judged, broken = found("XCH-19", read, on_stream(held(None, None)))
    assert judged <= 1
    assert broken == []


def test_the_status_of_the_hold_is_compared_once_it_was_dealt_with(found: Any) -> None:
    captured = {**HOLD, "reservation_status": "captured"}
    done = {"reservation_status": "held", "billing": message_bill("settled")}
    read = poll("completed", billing=captured, finalized_at=T1)
    ended = {"reservation_id": "res_1", "polled_status": "completed", **done}
    late = on_stream(message_data("completed", finalized_at=T1, **ended))
    assert found("XCH-19", read, late) == (2, ["/frames/0/data/reservation_status"])
    early = on_stream(message_data("completed", finalized_at=None, **ended))
    assert found("XCH-19", read, early) == (1, [])
