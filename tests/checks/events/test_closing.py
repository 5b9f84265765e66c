"""How streams end."""

from dataclasses import replace

import pytest

from conformance.checks.events import _closing
from conformance.event_views import OpenStream, streams
from conformance.testing import closed, edge, frame, message_data, observed, stream
from conformance.transcript import Close, Frame, Step

OPEN = "/async/batch/batch_1/ws?close_on_terminal=false&interval_ms=1000"
END = frame("job.snapshot", message_data("failed"), 100)


def opened(*frames: Frame, close: Close | None = None, steps: tuple[Step, ...] = ()) -> OpenStream:
    return streams(observed(stream(*frames, path=OPEN, close=close), *steps))[0]


def test_an_end_is_the_first_message_that_tells_of_one() -> None:
    assert _closing.ended(opened(END)) is not None
    assert _closing.ended(opened(END), "completed") is None
    assert _closing.ended(opened(frame("job.snapshot", message_data()))) is None


def test_a_close_is_shown_with_its_code_and_side() -> None:
    assert _closing.shown(closed(9, 1006)) == "close 1006 by the server"
    assert _closing.shown(None) == "no close"
    assert _closing.server_close(opened(close=closed(by="client"))) is None


def kept(stream_: OpenStream) -> list[bool]:
    return [finding.held for finding in _closing.stays_open(stream_)]


def test_a_stream_stays_open_when_it_is_watched_for_an_interval_after_the_end() -> None:
    assert kept(opened(END, close=closed(1100, by="client"))) == [True]
    assert kept(opened(END, close=closed(900, by="client"))) == []
    assert kept(opened(END, close=closed(101))) == [False]
    assert kept(opened(END, close=closed(1200, 1006))) == []
    deleted = frame("job.deleted", {}, 101)
    assert kept(opened(END, deleted, close=closed(102))) == []


@pytest.mark.parametrize("code", [1001, 1006, 1012])
def test_a_connection_that_breaks_as_the_end_is_told_was_closed_for_it(code: int) -> None:
    assert kept(opened(END, close=closed(101, code))) == [False]


def test_a_connection_that_breaks_long_after_the_end_is_no_close_for_it() -> None:
    late, slow = closed(60_000, 1006), closed(60_000)
    found = [list(_closing.closes_after(opened(END, close=one), 100, "")) for one in (late, slow)]
    assert [[finding.held for finding in one] for one in found] == [[False], [True]]


def test_a_server_is_mute_when_it_had_time_or_shut_the_stream_itself() -> None:
    shut, waited = opened(close=closed(5, 1011)), opened(close=closed(5000, by="client"))
    left, lost = opened(close=closed(5, by="client")), opened(close=closed(5, 1006))
    assert [_closing.is_mute(one) for one in (shut, waited, left, lost, opened(END))] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_time_that_was_skipped_counts() -> None:
    skipped = replace(edge("clock_advanced", by_ms=1000), at_ms=150)
    assert kept(opened(END, close=closed(200, by="client"), steps=(skipped,))) == [True]
