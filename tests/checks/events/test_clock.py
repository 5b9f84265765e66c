from dataclasses import replace

import pytest

from conformance.checks.events._clock import Moment, Span, end_of, has_clock, millis, now, span
from conformance.testing import batch, delivery, edge, exchange, transcript

READ = exchange("GET", "/batches/batch_1", batch(), at_ms=10)


def moved(by_ms: object = 60_000, **detail: object):
    return edge("clock_advanced", by_ms=by_ms, **detail)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01.500Z", 1_500),
        ("1970-01-01T00:00:01+00:00", 1_000),
        ("1970-01-01T00:00:01", None),
        ("1970-01-01", None),
        ("soon", None),
        (7, None),
    ],
)
def test_only_a_date_time_with_its_zone_is_an_instant(text: object, expected: int | None) -> None:
    assert millis(text) == expected


def test_without_moves_time_is_wall_time() -> None:
    told = transcript(READ, READ)
    assert not has_clock(told)
    assert span(told, Moment(1, 10), Moment(2, 510)) == Span(500, 500)


def test_a_clock_that_was_moved_may_stand_still_in_between() -> None:
    told = transcript(READ, moved(), READ)
    assert span(told, Moment(1, 10), Moment(3, 510)) == Span(60_000, 60_500)
    assert span(told, Moment(2, 10), Moment(3, 510)) == Span(0, 500)


def test_a_move_that_caused_a_delivery_may_stand_behind_it() -> None:
    told = transcript(READ, delivery({}), moved(), READ)
    assert span(told, Moment(1, 10), Moment(2, 10)) == Span(0, 60_000)
    assert span(told, Moment(1, 10), Moment(4, 10)) == Span(60_000, 60_000)


def test_moves_that_are_no_whole_numbers_move_nothing() -> None:
    told = transcript(READ, moved("much"), moved(-5), moved(None), READ)
    assert span(told, Moment(1, 10), Moment(5, 10)) == Span(0, 0)


def test_a_clock_that_was_set_back_tells_no_span() -> None:
    assert span(transcript(READ, edge("clock_reset"), READ), Moment(1, 0), Moment(3, 9)) is None


def test_the_time_follows_the_start_and_the_moves() -> None:
    told = replace(transcript(moved(), READ), started_at="1970-01-01T00:00:10Z")
    assert now(told, Moment(2, 500)) == (70_000, 70_500)
    assert now(transcript(READ), Moment(1, 10)) is None


def test_the_time_follows_what_the_gateway_said_last() -> None:
    told = replace(
        transcript(moved(gateway_now="1970-01-01T01:00:00Z"), READ),
        started_at="1970-01-01T00:00:00Z",
    )
    assert now(told, Moment(2, 40)) == (3_600_000, 3_600_040)


def test_the_end_is_when_the_last_answer_had_come() -> None:
    assert end_of(transcript(READ, replace(READ, ended_at_ms=90))) == Moment(2, 90)
    assert end_of(transcript()) == Moment(0, 0)
