"""Options in the query of a stream."""

from typing import Any

import pytest

from conformance.testing import batch, closed, exchange, frame, message_data, stream
from conformance.transcript import Edge, Frame, Stream

OWN = exchange("POST", "/batches", batch(), sent={})
SNAPSHOT = frame("job.snapshot", message_data())
END = frame("job.updated", message_data("completed"), 100)
# Requirement, query, interval that is kept.
KEPT = [
    ("WS-OPT-01", "", 2500),
    ("WS-OPT-02", "?interval_ms=1500", 1500),
    ("WS-OPT-03", "?interval_ms=0", 1000),
    ("WS-OPT-04", "?interval_ms=60000", 10_000),
    ("WS-OPT-05", "?interval_ms=abc", 2500),
    ("WS-OPT-06", "?interval_ms=0x7d0", 2000),
]
WITH_HANDSHAKE = {"WS-OPT-03", "WS-OPT-04", "WS-OPT-05", "WS-OPT-06"}


def opened(query: str, *frames: Frame, **more: Any) -> Stream:
    return stream(*frames, path=f"/async/batch/batch_1/ws{query}", **more)


def news(status: str, at_ms: int) -> Frame:
    return frame("job.updated", message_data(status, finalized_at=None), at_ms)


@pytest.mark.parametrize(("requirement", "query", "ms"), KEPT)
def test_changes_come_within_the_interval(
    requirement: str, query: str, ms: int, found: Any
) -> None:
    read = exchange("GET", "/batches/batch_1", batch("in_progress"), at_ms=50)
    prompt = opened(query, SNAPSHOT, news("in_progress", 50 + ms))
    silent = opened(query, SNAPSHOT, close=closed(ms + 2100, by="client"))
    assert found(requirement, prompt, read) == (1, [])
    assert found(requirement, silent, read) == (1, ["/frames"])


@pytest.mark.parametrize(("requirement", "query", "ms"), KEPT)
def test_updates_keep_the_interval(requirement: str, query: str, ms: int, found: Any) -> None:
    far = opened(query, SNAPSHOT, news("in_progress", 50), news("completed", 50 + ms))
    near = opened(query, SNAPSHOT, news("in_progress", 50), news("completed", ms // 2))
    assert found(requirement, far) == (1, [])
    assert found(requirement, near) == (1, ["/frames/2/data"])
    assert found("WS-OPT-12", far)[1] == []


def test_updates_are_never_closer_than_the_interval(found: Any) -> None:
    near = opened("", SNAPSHOT, news("in_progress", 50), news("completed", 500))
    assert found("WS-OPT-12", near) == (1, ["/frames/2/data"])
    odd = opened("?interval_ms=x", SNAPSHOT, news("in_progress", 50), news("completed", 500))
    assert found("WS-OPT-12", odd, opened("", SNAPSHOT, END)) == (0, [])


@pytest.mark.parametrize(("requirement", "query", "ms"), KEPT)
def test_what_the_query_says_does_not_fail_the_handshake(
    requirement: str, query: str, ms: int, found: Any
) -> None:
    refused = opened(query, status=400)
    expected = (1, [""]) if requirement in WITH_HANDSHAKE else (0, [])
    assert found(requirement, OWN, refused) == expected
    assert found(requirement, OWN, opened(query, status=404, key="b")) == (0, [])
    assert ms > 0


@pytest.mark.parametrize(
    ("requirement", "value"),
    [("WS-OPT-08", "false"), *(("WS-OPT-09", one) for one in ("0", "NO", "%20off%20", "False"))],
)
def test_a_stream_that_is_not_to_close_stays_open(requirement: str, value: str, found: Any) -> None:
    query = f"?close_on_terminal={value}"
    kept = opened(query, SNAPSHOT, END, close=closed(5000, by="client"))
    shut = opened(query, SNAPSHOT, END, close=closed(101))
    assert found(requirement, kept) == (1, [])
    assert found(requirement, shut) == (1, ["/close"])
    other = "WS-OPT-09" if requirement == "WS-OPT-08" else "WS-OPT-08"
    assert found(other, shut, opened("", SNAPSHOT, END, close=closed(101))) == (0, [])


@pytest.mark.parametrize("value", ["", "maybe", "2"])
def test_any_other_value_leaves_closing_on(value: str, found: Any) -> None:
    query = f"?close_on_terminal={value}"
    assert found("WS-OPT-10", opened(query, SNAPSHOT, END, close=closed(101))) == (1, [])
    kept = opened(query, SNAPSHOT, END, close=closed(9000, by="client"))
    assert found("WS-OPT-10", kept) == (1, ["/close"])
    plain = opened("?close_on_terminal=true", SNAPSHOT, END, close=closed(9000, by="client"))
    assert found("WS-OPT-10", plain) == (0, [])


def test_an_unknown_parameter_does_not_fail_the_handshake(found: Any) -> None:
    query = "?x=1&interval_ms=1500"
    assert found("WS-OPT-11", OWN, opened(query)) == (1, [])
    assert found("WS-OPT-11", OWN, opened(query, status=400)) == (1, [""])
    assert found("WS-OPT-11", OWN, opened("?interval_ms=1500", status=400)) == (0, [])
    assert found("WS-OPT-11", OWN, opened("?x=1&interval_ms=abc", status=400)) == (0, [])


def moved(begun_at_ms: int, by_ms: int) -> Edge:
    return Edge("clock_advanced", {"by_ms": by_ms}, begun_at_ms + 5, begun_at_ms)


def test_a_move_of_the_clock_counts_when_it_is_begun_between_two_updates(found: Any) -> None:
    told = opened("", SNAPSHOT, news("in_progress", 52), news("completed", 72))
    first, read = moved(50, 2500), exchange("GET", "/batches/batch_1", batch(), at_ms=60)
    assert found("WS-OPT-12", told, first, read, moved(70, 500)) == (1, ["/frames/2/data"])
    assert found("WS-OPT-12", told, first, read, moved(70, 2500)) == (1, [])


def test_an_update_that_two_moves_may_have_brought_is_not_dated(found: Any) -> None:
    told = opened("", SNAPSHOT, news("in_progress", 52), news("completed", 72))
    assert found("WS-OPT-12", told, moved(40, 2500), moved(50, 2500), moved(70, 500)) == (1, [])


def polled(second: int, at_ms: int) -> Frame:
    """An update that says when the batch was last asked for."""
    written = f"2026-07-09T10:00:{second:02d}.000Z"
    data = message_data("in_progress", finalized_at=None, last_polled_at=written)
    return frame("job.updated", data, at_ms)


def test_a_clock_that_runs_ahead_of_ours_does_not_measure_the_interval(found: Any) -> None:
    near = (polled(40, 90), polled(40, 120))
    assert found("WS-OPT-12", opened("", polled(0, 50), *near)) == (0, [])
    assert found("WS-OPT-12", opened("", polled(39, 50), *near)) == (1, ["/frames/2/data"])
