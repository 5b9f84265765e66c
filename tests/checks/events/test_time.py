"""Time of the gateway, on a clock that may be moved."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.checks.events._time import (
    due_at,
    is_moved,
    most_between,
    most_passed,
    was_touched,
    written_ms,
)
from conformance.event_views import Message, messages
from conformance.testing import edge, exchange, frame, message_data, observed, stream
from conformance.transcript import Edge, Step


def moved(by_ms: Any, at_ms: int) -> Edge:
    return replace(edge("clock_advanced", by_ms=by_ms), at_ms=at_ms)


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ((), 1100),
        ((moved(600, 300),), 500),
        ((moved(5000, 300),), 300),
        ((moved(500, 300), moved(500, 350)), 350),
        ((moved(5000, 50),), 1100),
        ((moved(5000, 1200),), 1100),
        ((moved("much", 300), moved(by_ms=True, at_ms=300), moved(-5, 300)), 1100),
    ],
)
def test_a_wait_ends_with_real_time_or_when_the_clock_is_moved(
    edges: tuple[Edge, ...], expected: int
) -> None:
    assert due_at(observed(*edges), 100, 1000) == expected


def test_the_most_that_can_have_passed_counts_every_move_that_had_begun() -> None:
    begun = Edge("clock_advanced", {"by_ms": 600}, 120, 90)
    assert most_passed(observed(begun), 50, 100) == 650
    assert most_passed(observed(begun), 50, 80) == 30
    assert most_passed(observed(moved(600, 700)), 50, 300) == 850


def test_a_clock_is_moved_by_an_edge_that_says_by_how_much() -> None:
    assert is_moved(observed(moved(5, 1)))
    assert not is_moved(observed(moved("much", 1), edge("stored_batch_deleted", batch="b")))


def told(at_ms: int, *steps: Step, **members: Any) -> tuple[Message, Message]:
    first = frame("job.updated", message_data(updated_at=None, last_polled_at=None), 0)
    second = frame("job.updated", message_data(updated_at=None, **members), at_ms)
    one, two = messages(observed(stream(first, second), *steps))
    return one, two


def test_the_most_time_between_two_messages_counts_moves_of_the_clock() -> None:
    assert most_between(*told(40), 2500) == 40
    assert most_between(*told(40, moved(1000, 20)), 2500) == 1040
    assert most_between(*told(40, moved(1000, 400)), 2500) == 1040
    assert most_between(*told(40, moved(1000, 2000)), 2500) == 40


def test_what_the_gateway_wrote_tells_of_more_time_when_no_wait_explains_it() -> None:
    data = message_data(last_polled_at="2026-07-09T09:00:40.000Z", updated_at=None)
    first = frame("job.updated", message_data(updated_at=None), 0)
    one, two = messages(observed(stream(first, frame("job.updated", data, 5))))
    assert most_between(one, two, 2500) == 40_000
    assert most_between(one, two, 40_000) == 5


@pytest.mark.parametrize(
    "value", [None, 5, "soon", "9999-99-99T00:00:00Z", [], "0001-01-01T00:00:00+14:00"]
)
def test_what_is_no_instant_tells_nothing(value: Any) -> None:
    empty = {"updated_at": value, "last_polled_at": value}
    (one,) = messages(observed(stream(frame("job.updated", message_data(**empty)))))
    assert written_ms(one) is None or isinstance(value, str)


def test_an_exchange_or_an_edge_in_between_may_have_moved_a_batch() -> None:
    call = exchange("GET", "/batches/x", {}, at_ms=50)
    assert was_touched(observed(call), 40, 60)
    assert not was_touched(observed(call), 60, 90)
    assert not was_touched(observed(call), 10, 40)
    assert was_touched(observed(moved(1, 50)), 40, 60)
    assert not was_touched(observed(moved(1, 50)), 60, 90)
