"""How much time passed for the gateway, on a clock that may be moved; all in milliseconds.

A clock that is moved stands still in between, or runs with the wall clock: nobody can tell from
a transcript. So too soon and too late are told by what holds for both.
"""

from itertools import pairwise
from typing import Any

from conformance.checks.billing._money import moment
from conformance.event_views import Message, OpenStream
from conformance.transcript import Edge, Exchange
from conformance.views import BatchBody, Observed

# A record may be read from a cache for that long.
CACHE_MS = 1000
# What network, load and scheduling may add on the way to the client.
SLACK_MS = 1000
# A record may be told of so long after it was written: the longest interval.
_MOST_WAITED_MS = 10_000
# An edge is written down when it is over: what it caused may have arrived before.
_EDGE_MS = 500


def _moves(observed: Observed) -> list[tuple[Edge, int]]:
    """The edges that moved the clock, and by how much."""
    found = []
    for _, edge in observed.transcript.edges("clock_advanced"):
        by_ms = edge.detail.get("by_ms")
        if isinstance(by_ms, int) and not isinstance(by_ms, bool) and by_ms > 0:
            found.append((edge, by_ms))
    return found


def is_moved(observed: Observed) -> bool:
    """Whether somebody moved the clock."""
    return bool(_moves(observed))


def runs_ahead(stream: OpenStream) -> bool:
    """Whether the gateway wrote times that its wall clock cannot have come to between two reads.

    Such a clock, of a mock that is driven by its reads, is nobody's measure of seconds.
    """
    bodies = stream.observed.histories.get(stream.batch_id, [])
    written = [(one.seen.exchange.ended_at_ms, written_ms(one)) for one in bodies]
    written += [(one.at_ms, written_ms(one)) for one in stream.messages]
    known = sorted((at_ms, wrote_ms) for at_ms, wrote_ms in written if wrote_ms is not None)
    return any(
        wrote_ms - before_ms > at_ms - since_ms + CACHE_MS + SLACK_MS + _MOST_WAITED_MS
        for (since_ms, before_ms), (at_ms, wrote_ms) in pairwise(known)
    )


def due_at(observed: Observed, since_ms: int, wait_ms: int) -> int:
    """The instant at which `wait_ms` have passed since then, moves of the clock counted."""
    left, now = wait_ms, since_ms
    for edge, by_ms in _moves(observed):
        at_ms = edge.at_ms
        if at_ms >= now:
            if at_ms - now >= left:
                break
            left -= at_ms - now + by_ms
            now = at_ms
            if left <= 0:
                return now
    return now + left


def written_ms(message: Message | BatchBody) -> int | None:
    """The latest instant that the gateway wrote into a record, None when it wrote none."""
    names = ("/last_polled_at", "/updated_at", "/finalized_at", "/last_webhook_dispatched_at")
    found = [_epoch_ms(message.get(name)) for name in names]
    return max((one for one in found if one is not None), default=None)


def _epoch_ms(value: Any) -> int | None:
    try:
        instant = moment(value)
        return None if instant is None else round(instant.timestamp() * 1000)
    except (OverflowError, ValueError):
        return None


def most_between(earlier: Message, later: Message, interval_ms: int) -> int:
    """The most time that can have passed between the sending of two messages of one stream."""
    first, last = earlier.at_ms, later.at_ms
    moves = _moves(earlier.observed)
    doubtful = _causes(earlier, [edge for edge, _ in moves])
    moved = sum(by for edge, by in moves if edge in doubtful or _is_between(edge, first, last))
    passed = later.at_ms - earlier.at_ms + moved
    jump = (written_ms(later) or 0) - (written_ms(earlier) or written_ms(later) or 0)
    # What was written may have waited for its tick. More than that no wall clock explains.
    return jump if jump > passed + interval_ms + CACHE_MS + SLACK_MS else passed


def most_passed(observed: Observed, first_ms: int, last_ms: int) -> int:
    """The most time that can have passed between two instants."""
    moves = [by for edge, by in _moves(observed) if _is_between(edge, first_ms, last_ms)]
    return last_ms - first_ms + sum(moves)


def _is_between(edge: Edge, first_ms: int, last_ms: int) -> bool:
    """Whether something was done after one instant, and may have been before another."""
    if edge.begun_at_ms is None:
        return first_ms - _EDGE_MS <= edge.at_ms <= last_ms + _EDGE_MS
    return first_ms <= edge.begun_at_ms <= last_ms


def _causes(message: Message, edges: list[Edge]) -> list[Edge]:
    """The moves of which any may have brought a message; none when there is but one of them."""
    reads = [body.seen.exchange.ended_at_ms for body in message.bodies]
    since_ms = max((one for one in reads if one <= message.at_ms), default=0)
    begun = [(edge, edge.begun_at_ms) for edge in edges if edge.begun_at_ms is not None]
    found = [edge for edge, at_ms in begun if since_ms <= at_ms < message.at_ms]
    return found if len(found) > 1 else []


def was_touched(observed: Observed, after_ms: int, before_ms: int) -> bool:
    """Whether anything but a stream can have moved a batch in between."""
    for step in observed.transcript.steps:
        if isinstance(step, Exchange):
            if step.at_ms <= before_ms and step.ended_at_ms >= after_ms:
                return True
        elif isinstance(step, Edge) and after_ms <= step.at_ms <= before_ms + SLACK_MS:
            return True
    return False
